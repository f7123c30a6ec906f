/*
 * Spans added up, and written as the answer of GET /stats.
 */
#ifndef WEB_STATS_TOTAL_H
#define WEB_STATS_TOTAL_H

#include "storage/outbuf.h"
#include "web/stats_part.h"

/* Spans of a dashboard, the oldest first, without gaps: those before from_ms
 * are there for calls that were up already. */
struct stats_spans {
	struct stats_part **v;
	size_t n;
	uint64_t from_ms, to_ms, step_ms;
	uint64_t covered_ms; /* all from there on was read */
	bool complete;
};

/* q: what is searched for besides, to be repeated in the links. 0 or
 * -ENOMEM. */
int stats_total_put(struct outbuf *b, const struct stats_spans *s,
		    const char *q);

#endif
