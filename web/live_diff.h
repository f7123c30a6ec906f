/*
 * What one client knows of the open calls, so that it is told only what has
 * changed. Bounded by the rows of a snapshot. One owner, no locks.
 */
#ifndef WEB_LIVE_DIFF_H
#define WEB_LIVE_DIFF_H

#include "sniffer/snapshot.h"
#include "storage/outbuf.h"

struct live_known {
	char uid[CDR_UID];
	uint64_t hash; /* of what was told last */
	uint32_t row;  /* of the snapshot at hand */
};

struct live_diff {
	/* Sorted by uid. */
	struct live_known known[SNAPSHOT_ROWS], next[SNAPSHOT_ROWS];
	size_t n;
	uint64_t number; /* of the last snapshot */
	bool begun, ended;
};

/*
 * The object of an event "calls": "upsert" has new rows whole, and of rows
 * that are known what runs; "gone" those that are over; "hidden" those that
 * newer ones have pushed out of the list; "records" what that of each that
 * is over says. False: nothing has changed, nothing is written. s NULL: there
 * is no capture.
 */
bool live_diff_put(struct live_diff *d, struct outbuf *b,
		   const struct snapshot *s, uint64_t now_ns, size_t limit,
		   uint64_t digits);

#endif
