/*
 * Three receivers of one stream, simulated from arrival times alone: a fixed
 * jitter buffer of 50 ms, one of 200 ms, and an adaptive one of up to 500 ms.
 *
 * Each measures delay against the least transit of the last 5 to 10 seconds,
 * so that clock skew does not add up. A packet that comes later than its
 * buffer allows is lost for that receiver. When delay has stepped up for good
 * (or the sender's timestamps did), a receiver starts anew from there.
 */
#ifndef MEDIA_JITTERBUF_H
#define MEDIA_JITTERBUF_H

#include <stdbool.h>
#include <stdint.h>

enum {
	JITTERBUF_RECEIVERS = 3,
	JITTERBUF_BINS = 8,
};

struct jitterbuf {
	uint64_t window_end_ns;
	int32_t peak_us, peak_before_us; /* furthest behind: this window,
					    the one before */
	struct jitterbuf_receiver {
		int32_t low_us, low_before_us; /* least transit: this window,
						  the one before */
		int32_t delay_us;
		int32_t late_us; /* transit when it began to be late */
		uint32_t late;	 /* in a row */
	} r[JITTERBUF_RECEIVERS];
};

/* With the stream's first packet. */
void jitterbuf_init(struct jitterbuf *j, uint64_t now_ns, int32_t transit_us);

/* One packet: transit is arrival less timestamp, on any common origin.
 * fresh: it begins a talk spurt or follows a jump of the timestamps, so that
 * it cannot be late. Answers which receivers have it too late (bit 0: 50 ms,
 * 1: 200 ms, 2: adaptive); *delay_us is how far it is behind the least
 * transit. */
unsigned jitterbuf_put(struct jitterbuf *j, uint64_t now_ns, int32_t transit_us,
		       bool fresh, int32_t *delay_us);

/* Bins of that delay: below 50, 70, 90, 120, 150, 200, 300 ms, and above. */
unsigned jitterbuf_bin(int32_t delay_us);

#endif
