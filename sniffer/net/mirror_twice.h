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

/* Asked of every datagram, so it is cheap. RTP and RTCP are chosen by their
 * beginning, which differs; all else by the digest, later. */
static inline bool twice_wants(const struct pkt *p)
{
	uint64_t a, b;

	if (p->payload.len < TWICE_HEAD)
		return false;
	if (p->payload.p[0] < 0x80)
		return true;
	memcpy(&a, p->payload.p, 8);
	memcpy(&b, p->payload.p + 8, 8);
	a = (a ^ b << 1 ^ p->ip_id) * TWICE_MIX;
	return a >> 56 < 256 / TWICE_SAMPLE;
}

/* One that is wanted. */
void twice_look(struct mirror_twice *t, const struct pkt *p);

/* A window ends. Where there is enough the verdict is renewed. True: there was
 * for some interface. */
bool twice_judge(struct mirror_twice *t, struct mirror *out);

#endif
