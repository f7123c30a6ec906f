/*
 * Records of one direction that wait for their keys, first in, first out. The
 * bytes are counted in the struct tls_mem that all connections share.
 */
#ifndef NET_TLS_HOLD_H
#define NET_TLS_HOLD_H

#include "sniffer/net/tls_plain.h"

struct tls_held {
	struct tls_held *next;
	uint64_t order;	 /* of coming, over both directions */
	uint64_t number; /* among the protected records of its direction */
	uint64_t ts_ns;
	unsigned missing; /* so many records may be missing before it */
	bool gap;	  /* something is */
	size_t len;
	uint8_t bytes[];
};

/* All zero is empty. */
struct tls_hold {
	struct tls_held *first, *last;
	size_t bytes, count;
};

/* Keeps a copy of the record as like says (next, len and bytes apart). For
 * want of room the oldest of this direction go; false when it was not kept.
 * What was dropped is counted. */
bool tls_hold_put(struct tls_hold *h, struct tls_mem *m,
		  const struct tls_held *like, struct slice record);

/* The oldest, which the caller frees; NULL when there is none. */
struct tls_held *tls_hold_take(struct tls_hold *h, struct tls_mem *m);
void tls_hold_clear(struct tls_hold *h, struct tls_mem *m);

#endif
