/*
 * What became of the numbers of a stream, taken in order as they become
 * final: losses on the network and behind each of the three receivers, runs
 * of losses, bursts and gaps (RFC 3611, 4.7.2). Good packets cost one
 * addition.
 */
#ifndef MEDIA_OUTCOME_H
#define MEDIA_OUTCOME_H

#include "sniffer/media/seq.h"

enum outcome_view {
	VIEW_NETWORK,
	VIEW_F1,
	VIEW_F2,
	VIEW_ADAPTIVE,
	VIEWS,
};

#define OUTCOME_RUNS 10
#define OUTCOME_GMIN 16 /* RFC 3611, 4.7.2 */

struct outcome {
	struct outcome_loss {
		uint64_t lost, runs, next; /* next: where a run goes on */
	} view[VIEWS];
	uint32_t run; /* of the network's losses: the one not yet counted */
	uint32_t loss_runs[OUTCOME_RUNS]; /* 1 .. 9, 10 and more */
	/* The adaptive receiver's losses with less than Gmin good between
	 * them: a burst when there are two or more. */
	uint64_t first, last, cluster;
	uint64_t bursts, burst_len, burst_lost;
	uint64_t n; /* numbers so far; last: stream.h */
};

/* Which views lost it, as bits; each begun run as a bit of *runs. */
unsigned outcome_put(struct outcome *o, uint8_t flags, unsigned *runs);
void outcome_end(struct outcome *o);

/* Mean run of losses over that of random loss (ITU-T G.107, 7.5); at least
 * 1, also without losses. */
double outcome_burst_r(uint64_t n, uint64_t lost, uint64_t runs);

struct outcome_burst {
	double gap_loss_pct, burst_loss_pct;
	double burst_len, gap_len; /* mean, packets */
};

void outcome_bursts(const struct outcome *o, struct outcome_burst *out);

#endif
