/*
 * Does the mirror show datagrams twice? Of every eighth datagram, chosen by
 * its bytes, a digest is kept for a moment; the same addresses, IP ID and
 * payload again are a copy. What a host sends anew has another ID, or comes
 * later. Bounded; packet time.
 */
#ifndef NET_MIRROR_TWICE_H
#define NET_MIRROR_TWICE_H

#include "sniffer/base/mirror.h"
#include "sniffer/net/pkt.h"

enum {
	TWICE_SLOTS = 2048,
	TWICE_SAMPLE = 8,  /* one of so many */
	TWICE_ENOUGH = 64, /* of them for a verdict */
};

struct mirror_twice {
	struct twice_slot {
		uint64_t digest, ts_ns;
		uint16_t tap;
		uint8_t ttl;
	} slot[TWICE_SLOTS];
	struct twice_tally {
		uint64_t looked, copies, crossed, hops;
	} tap[MIRROR_TAPS];
};

void twice_look(struct mirror_twice *t, const struct pkt *p);

/* A window ends. Where there is enough the verdict is renewed. True: there was
 * for some interface. */
bool twice_judge(struct mirror_twice *t, struct mirror *out);

#endif
