/*
 * One run: from the sources through the engine to the stores.
 */
#ifndef SNIFFER_RUN_H
#define SNIFFER_RUN_H

#include <stdatomic.h>
#include <stdbool.h>

#include "sniffer/config.h"

/* Exit status, DESIGN.md 4. */
enum run_status {
	RUN_OK = 0,
	RUN_NOT_STARTED = 1,
	RUN_INPUT_DAMAGED = 2,
	RUN_STORE_BEHIND = 3,
};

/* What a run is told from outside. */
struct run_env {
	atomic_bool *stop;  /* set by a signal: it ends in order */
	atomic_bool *again; /* by another: files are read again */
	int argc;	    /* the command line, to be read with them */
	char **argv;
	/* Set at the end: a thread waits for a database that does not answer,
	 * so that the process is to end by _exit(). */
	bool *hasty;
};

/* Until the input ends or *stop is set. Messages go to standard error, the
 * table and the closing lines to standard output, or to standard error too
 * when the report goes to standard output. */
enum run_status run(const struct config *cfg, const struct run_env *env);

#endif
