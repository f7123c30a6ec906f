/*
 * Which files and folders a live capture or the viewer works with, out of the
 * settings: those that it must be able to write to, and all that Landlock is
 * to leave it.
 */
#ifndef SNIFFER_RUN_REACH_H
#define SNIFFER_RUN_REACH_H

#include "sniffer/config.h"
#include "sniffer/landlock.h"
#include "sniffer/log.h"

#define RUN_REACH_DIRS 4

struct run_reach {
	const char *dirs[RUN_REACH_DIRS]; /* written to; NULL at the end */
	struct landlock_path *paths;
	size_t n, size;
	struct arena *mem; /* of the texts */
	bool wanted;	   /* Landlock, by its setting */
};

/* Of zeros. 0 or -ENOMEM. */
int run_reach_fill(struct run_reach *r, const struct config *cfg);
/* Nothing else can be reached from now on, where the kernel can do that. */
void run_reach_enter(const struct run_reach *r, struct log *log);
void run_reach_free(struct run_reach *r);

#endif
