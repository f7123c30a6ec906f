/*
 * Records of one direction that wait for their keys. The bytes are counted
 * in the struct tls_mem that all connections share.
 */
#ifndef NET_TLS_HOLD_H
#define NET_TLS_HOLD_H

#include "sniffer/base/list.h"
#include "sniffer/net/tls_plain.h"

struct tls_held {
	struct list list;
	uint64_t order;	 /* of coming, over both directions */
	uint64_t number; /* among the protected records of its direction */
	uint64_t ts_ns;
	unsigned missing; /* so many records may be missing before it */
	bool gap;	  /* something is */
	size_t len;
	uint8_t bytes[];
};

struct tls_hold {
	struct list list;
	size_t bytes, count;
};

void tls_hold_init(struct tls_hold *h);
void tls_hold_clear(struct tls_hold *h, struct tls_mem *m);

/* Keeps a copy of the record as like says (list and bytes apart). For want of
 * room the oldest of this direction go; false when it was not kept. What was
 * dropped is counted. */
bool tls_hold_put(struct tls_hold *h, struct tls_mem *m,
		  const struct tls_held *like, struct slice record);

/* The oldest, NULL when there is none; it stays until dropped. */
struct tls_held *tls_hold_first(const struct tls_hold *h);
void tls_hold_drop(struct tls_hold *h, struct tls_mem *m, struct tls_held *e);
/* To the end of another list, whatever its room. */
void tls_hold_move(struct tls_hold *from, struct tls_hold *to,
		   struct tls_held *e);

#endif
