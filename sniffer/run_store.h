/*
 * The database of a run behind its queue, as the configuration says.
 */
#ifndef SNIFFER_RUN_STORE_H
#define SNIFFER_RUN_STORE_H

#include "sniffer/config.h"
#include "storage/store.h"

/* Is any database named? */
bool run_store_wanted(const struct config *cfg);

/* *out is NULL without a database. 0 or -errno with why. */
int run_store_open(struct store **out, const struct config *cfg,
		   store_say_fn *say, void *arg, char why[SINK_WHY]);

/* Likewise the feed for billers, with a queue of its own. Its folder must
 * exist. */
int run_feed_open(struct store **out, const struct config *cfg,
		  store_say_fn *say, void *arg, char why[SINK_WHY]);

#endif
