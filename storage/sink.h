/*
 * Where finished records go: the JSON lines, a database. All calls to one
 * sink come from one thread. A sink never keeps a record: it is good until
 * put() returns.
 */
#ifndef STORAGE_SINK_H
#define STORAGE_SINK_H

#include "sniffer/cdr.h"

struct sink;

/* Room for one sentence that says what went wrong and names the file. */
#define SINK_WHY 512

struct sink_config {
	const char *path; /* of the file; "-" = standard output (jsonl) */
	struct slice sensor;
	/* The machine's clock tells how old records are (-i). */
	bool live;
	/* Of the feed: how long it knows a call for corrections. */
	uint64_t feed_memory_ns;
};

/* What can fail answers 0 or -errno and then writes why. */
struct sink_ops {
	const char *name;
	int (*open)(struct sink **out, const struct sink_config *cfg,
		    char why[SINK_WHY]);
	int (*put)(struct sink *s, const struct cdr *cdr, char why[SINK_WHY]);
	/* End of a batch: what was put is safe in the store, or none of it
	 * is. */
	int (*flush)(struct sink *s, char why[SINK_WHY]);
	/* Completes and frees; NULL is fine. What was not flushed may be
	 * lost. */
	int (*close)(struct sink *s, char why[SINK_WHY]);
};

extern const struct sink_ops jsonl_sink;
extern const struct sink_ops sqlite_sink;
extern const struct sink_ops feed_sink; /* path: of its folder */

#endif
