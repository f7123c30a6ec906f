/*
 * The line that a live capture writes now and then: KEY=VALUE pairs, to be
 * searched for by grep and read by programs (docs/METRICS.md).
 */
#ifndef SNIFFER_MINUTE_H
#define SNIFFER_MINUTE_H

#include "sniffer/snapshot.h"

enum {
	MINUTE_LINE = 512
};

/* Where the last line ended; all zero before the first. */
struct minute {
	uint64_t ms, packets, bytes, ended;
	uint64_t kernel, ring, workers, limit, skipped;
	uint64_t cpu_ns[SNAPSHOT_THREADS];
};

/* What happened since then, and that it was told. memory: bytes resident. */
void minute_line(struct minute *since, const struct snapshot *now,
		 uint64_t memory, char out[MINUTE_LINE]);

#endif
