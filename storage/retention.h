/*
 * How long records stay in a store: by the machine's clock, and for live
 * captures only. Called by the thread that owns the sink.
 */
#ifndef STORAGE_RETENTION_H
#define STORAGE_RETENTION_H

#include "storage/sink.h"

/* One of these for each sink. */
struct retention {
	uint64_t keep_ms; /* 0 = for ever */
	uint64_t next_ms; /* UNIX time; 0 = at once */
};

/*
 * Between batches: when an hour is over since the last time, deletes what is
 * old and makes the next days; says what went, in a line to cfg->say. A sink
 * without expire keeps everything. 0, or as its expire(): then it is tried
 * again in a minute.
 */
int retention_run(struct retention *r, const struct sink_ops *ops,
		  struct sink *sink, const struct sink_config *cfg,
		  uint64_t now_ms, char why[SINK_WHY]);

#endif
