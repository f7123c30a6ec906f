/*
 * How the program is: /health and what is to be warned of, /readyz. Pure: the
 * caller has asked the clock and the store.
 */
#ifndef SNIFFER_HEALTH_H
#define SNIFFER_HEALTH_H

#include "sniffer/snapshot.h"
#include "storage/outbuf.h"

struct health {
	const char *version, *sensor;
	uint64_t uptime_s;
	const struct snapshot *capture; /* NULL: there is none */
	uint64_t age_ms;		/* of it */
	uint64_t now_ms;		/* UNIX time */
	/* Without a capture: the queue that another process fills, if there is
	 * one. */
	const struct snapshot_store *queue;
	bool store_wanted;     /* by the viewer */
	const char *store_why; /* it cannot be read now; NULL: it can */
};

/* The body of GET /health: one JSON object. */
void health_put(struct outbuf *b, const struct health *h);

/* The lines of /readyz: what is up, and what is not. True: ready. */
bool health_ready(struct outbuf *b, const struct health *h);

#endif
