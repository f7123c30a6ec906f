/*
 * What a run tells its user besides the table: what is recorded, what was
 * wrong with the input, what was found and where it lies.
 */
#ifndef SNIFFER_SAY_H
#define SNIFFER_SAY_H

#include <stdio.h>

#include "sniffer/capture/source.h"
#include "sniffer/config.h"
#include "sniffer/engine/engine.h"

struct spool;

struct say {
	FILE *out;
	const struct config *cfg;
	const struct source *source;
	struct engine *engine;
	const struct spool *spool; /* NULL: nothing was recorded */
	uint64_t begin_us;	   /* progress_clock_us() at the start */
};

/* At the start of a live capture: what will be kept, and how to end it. */
void say_live(const struct say *s);
/* Files left out and damaged inputs, on standard error. */
void say_faults(const struct say *s);
/* The closing lines; why there are no calls, if there are none. */
void say_end(const struct say *s);

#endif
