/*
 * Open calls as the API shows them: rows of a snapshot as JSON. Pure.
 */
#ifndef WEB_LIVE_PUT_H
#define WEB_LIVE_PUT_H

#include "sniffer/snapshot.h"
#include "storage/outbuf.h"

/* How numbers are shown: so many digits stay; UINT64_MAX = all. */
#define LIVE_ALL_DIGITS UINT64_MAX

/* What changes while a call runs, all but its age: members of an object,
 * after a comma each. */
void live_put_running(struct outbuf *b, const struct snapshot_row *row);
/* The rest of them, after "uid". */
void live_put_fixed(struct outbuf *b, const struct snapshot_row *row,
		    uint64_t digits);
/* A row of GET /live. */
void live_put_row(struct outbuf *b, const struct snapshot_row *row,
		  uint64_t now_ns, uint64_t digits);

/* The body of GET /live; s NULL: there is no capture, now_ns is the machine's
 * time. */
void live_put(struct outbuf *b, const struct snapshot *s, uint64_t now_ns,
	      size_t limit, uint64_t digits);

/* Members that tell what is shown: "now" ... "shown". */
void live_put_head(struct outbuf *b, const struct snapshot *s, uint64_t now_ns,
		   size_t shown);

#endif
