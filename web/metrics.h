/*
 * Figures as Prometheus reads them: text format 0.0.4, each name once with
 * what it means, its samples behind it. Pure.
 */
#ifndef WEB_METRICS_H
#define WEB_METRICS_H

#include "sniffer/stats.h"
#include "storage/outbuf.h"

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* All samples of several lists. */
void metrics_put(struct outbuf *b, const struct stats *const *lists, size_t n);

#endif
