/*
 * The settings of a live capture, read again while packets come. What can
 * change at once does; of the rest it is said by name that it waits for a
 * restart. A file that is wrong changes nothing.
 */
#ifndef SNIFFER_RUN_RELOAD_H
#define SNIFFER_RUN_RELOAD_H

#include "sniffer/run_priv.h"

/* Settings that were read again stay as long as the run: what came out of
 * them is in use. */
struct reload {
	struct old_rules *rules;
	struct config **read;
	size_t n;
};

/* Reads again and applies; files that are appended to are opened anew. */
void reload_run(struct reload *l, struct run *r, const struct run_env *env);
/* When nothing uses them any more. */
void reload_free(struct reload *l);

#endif
