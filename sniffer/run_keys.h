/*
 * The key files of the settings, read once into an engine: for what goes over
 * recordings again.
 */
#ifndef SNIFFER_RUN_KEYS_H
#define SNIFFER_RUN_KEYS_H

#include "sniffer/config.h"
#include "sniffer/engine/engine.h"

struct run_keys {
	const struct config *cfg;
	void (*say)(void *arg, const char *why); /* what is wrong with them */
	void *arg;
};

/* arg: struct run_keys. 0 or -errno, said. */
int run_keys(void *arg, struct engine *e);

#endif
