/*
 * Does the mirror show datagrams twice? Of every sixteenth datagram, chosen by
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
	TWICE_SAMPLE = 16, /* one of so many */
	TWICE_HEAD = 16,   /* shorter ones are not looked at */
	TWICE_ENOUGH = 48, /* of them for a verdict */
};

#define TWICE_MIX UINT64_C(0x9e3779b97f4a7c15)

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

/* It is one of every sixteenth, by what a copy has, too. Cheap, for it is asked
 * of every datagram: beginnings of RTP differ; of text a piece of the middle
 * is looked at. */
static inline bool twice_wants(const struct pkt *p)
{
	size_t len = p->payload.len;
	uint64_t a, b;

	if (len < TWICE_HEAD)
		return false;
	memcpy(&a, p->payload.p, 8);
	memcpy(&b, p->payload.p + (a >> 7 & 1 ? 8 : len / 2), 8);
	a = (a ^ b << 1 ^ p->ip_id ^ p->tcp_seq) * TWICE_MIX;
	return a >> 56 < 256 / TWICE_SAMPLE;
}

/* One that is wanted. */
void twice_look(struct mirror_twice *t, const struct pkt *p);

/* A window ends. Where there is enough the verdict is renewed. True: there was
 * for some interface. */
bool twice_judge(struct mirror_twice *t, struct mirror *out);

#endif
