/*
 * The feed for billers: a folder of CSV files, a line for each chargeable
 * call, closed by the hour. docs/BILLING.md describes what a biller sees.
 *
 * A batch is a transaction: its lines are written to the unfinished file and
 * synced, then the state is committed, which says how much of the file counts
 * and which number comes next. So a kill at any moment neither skips a number
 * nor uses one twice; records that come again make no line.
 */
#ifndef STORAGE_FEED_H
#define STORAGE_FEED_H

#include "storage/sink.h"

struct feed_config {
	const char *dir;
	/* Hours are those of the clock, and what is older than the memory is
	 * forgotten; else hours are those of the packets. */
	bool live;
	uint64_t memory_ns;
	uint64_t (*now_ns)(void); /* NULL = the machine's clock */
};

/* The feed_sink, with a clock for tests. */
int feed_open(struct sink **out, const struct feed_config *cfg,
	      char why[SINK_WHY]);

#endif
