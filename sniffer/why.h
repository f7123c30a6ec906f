/*
 * Why a run saw no calls: sentences made of what was counted.
 */
#ifndef SNIFFER_WHY_H
#define SNIFFER_WHY_H

#include <stdio.h>

#include "sniffer/capture/source.h"
#include "sniffer/engine/engine.h"

struct why {
	const struct source_stats *source;
	const struct engine_stats *engine;
	const struct decode_stats *decode;
	const struct counters *counters;
	const char *filter; /* NULL without */
};

void why_no_calls(FILE *to, const struct why *w);

#endif
