/*
 * One look at the run from a handler: the last snapshot, held for as long as
 * an answer is made, the clocks, and what the server knows itself.
 */
#ifndef WEB_LIVE_LOOK_H
#define WEB_LIVE_LOOK_H

#include "sniffer/health.h"
#include "web/request.h"

struct look {
	struct web *web;
	const struct snapshot *snapshot; /* NULL: there is no capture */
	struct snapshot_store queue;	 /* without one: what another fills */
	bool queued;
	char store_why[DB_WHY];
	uint64_t now_ms, clock_ms; /* UNIX time; of a steady clock */
};

uint64_t look_clock_ms(void); /* of that clock, now */
void look_begin(struct look *l, struct web *w);
void look_end(struct look *l);

/* Borrows from the look. */
struct health look_health(struct look *l);
/* What the snapshot has not: the server's own, and how old that is. */
void look_stats(const struct look *l, struct stats *out);

/* How many digits of a number the one who asks sees. */
uint64_t look_digits(const struct web_request *rq);

#endif
