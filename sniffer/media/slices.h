/*
 * Ten-second slices of one stream, aligned to UTC; only those in which a
 * packet came, or feedback about the stream. Arrivals go into the slice of
 * their time; losses, which have no time, into the slice in which their number
 * was due.
 */
#ifndef MEDIA_SLICES_H
#define MEDIA_SLICES_H

#include "sniffer/media/outcome.h"

#define SLICE_NS 10000000000ull

struct slices {
	struct slices_row {
		uint32_t start; /* tens of seconds since 1970 */
		uint32_t first; /* low half of the first number due */
		uint32_t packets, bytes;
		float jitter_ms_max, delta_ms_max;
		uint16_t duplicates, lost[VIEWS], runs[VIEWS];
		uint16_t frames; /* of video */
		/* RTCP feedback about the stream */
		uint16_t nack, pli, fir;
		uint32_t nack_numbers, remb_kbps; /* remb: the last; 0 = none */
	} * v;
	uint32_t n, size;
	uint64_t end_ns; /* of the last row */
	uint32_t due;	 /* the row of the numbers that become final now */
};

/* The row of an arrival, made when there is none; NULL at the limit of max
 * rows or without memory: nothing is counted then. ext: the highest number
 * so far. An arrival before the last row (time went back) goes there too. */
struct slices_row *slices_at(struct slices *s, uint64_t now_ns, uint64_t ext,
			     uint32_t max);
/* The last row when the time lies in it, NULL when it does not: cheap. */
static inline struct slices_row *slices_now(const struct slices *s,
					    uint64_t now_ns)
{
	return s->n && now_ns < s->end_ns ? &s->v[s->n - 1] : NULL;
}
struct slices_row *slices_search(const struct slices *s, uint64_t ts_ns);

/* The existing row of a time, NULL without: nearly always the last. */
static inline struct slices_row *slices_find(const struct slices *s,
					     uint64_t ts_ns)
{
	if (s->n && ts_ns + SLICE_NS >= s->end_ns)
		return &s->v[s->n - 1];
	return slices_search(s, ts_ns);
}
/* A number is final: lost for these views, in runs that begin (bits). */
void slices_lost(struct slices *s, uint64_t ext, unsigned lost, unsigned runs);
void slices_free(struct slices *s);

#endif
