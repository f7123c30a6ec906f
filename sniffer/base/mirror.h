/*
 * What the packets tell of the mirror port that they came from
 * (docs/SPAN.md), a row for each interface. Plain values.
 */
#ifndef BASE_MIRROR_H
#define BASE_MIRROR_H

#include <stdbool.h>
#include <stdint.h>

/* Interfaces that are told apart; later ones count as the last. */
#define MIRROR_TAPS 16

struct mirror_tap {
	bool one_way;	   /* one direction only */
	uint8_t one_pct;   /* of what has another direction for sure */
	bool twice;	   /* datagrams come twice */
	uint8_t twice_pct; /* copies, of all datagrams */
	bool crossed;	   /* most copies come from another interface */
	bool hops;	   /* most have another TTL: mirrored at two hops */
};

struct mirror {
	uint64_t judged; /* times that there was enough to judge */
	struct mirror_tap tap[MIRROR_TAPS];
};

static inline bool mirror_one_way(const struct mirror *m)
{
	for (unsigned i = 0; i < MIRROR_TAPS; i++)
		if (m->tap[i].one_way)
			return true;
	return false;
}

static inline bool mirror_twice(const struct mirror *m)
{
	for (unsigned i = 0; i < MIRROR_TAPS; i++)
		if (m->tap[i].twice)
			return true;
	return false;
}

#endif
