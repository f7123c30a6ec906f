/*
 * What of the capture, the store and the recordings is worth a warning, as
 * elements of a JSON array: a code, and a sentence that says what to do.
 */
#ifndef SNIFFER_HEALTH_WARN_H
#define SNIFFER_HEALTH_WARN_H

#include "sniffer/health.h"

void health_warn(struct outbuf *b, const struct health *h);

/* Milliseconds since the oldest record that waits; 0 = none does. */
uint64_t health_lag_ms(const struct snapshot_store *s, uint64_t now_ms);

#endif
