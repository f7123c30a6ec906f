/*
 * Does the mirror show both directions? Counted is only what proves that
 * there was something in the other direction: a response, an ACK, credentials
 * of SIP; a report block of RTCP; TCP that goes on. Media and requests alone
 * prove nothing: an announcement is one-way, a dead host answers nothing.
 * Hosts are told apart without their ports, since answers may go to others.
 * Bounded; packet order only.
 */
#ifndef NET_MIRROR_SIDES_H
#define NET_MIRROR_SIDES_H

#include "dissectors/sip.h"
#include "sniffer/base/mirror.h"
#include "sniffer/net/pkt.h"

enum {
	SIDES_PAIRS = 1024, /* slots for pairs of hosts */
	SIDES_ENOUGH = 20,  /* proofs that a verdict needs */
	SIDES_TCP_AT = 16,  /* packets of a connection, then it is looked at */
};

struct sides_pair {
	uint8_t lo[16], hi[16];
	uint32_t proofs;
	uint16_t tap;
	uint8_t seen, before; /* a bit for each direction: now; last window */
	uint8_t invited;      /* an INVITE went that way */
	bool used;
};

struct mirror_sides {
	struct sides_pair pair[SIDES_PAIRS];
	uint64_t one[MIRROR_TAPS], both[MIRROR_TAPS]; /* connections */
};

void sides_sip(struct mirror_sides *s, const struct pkt *p,
	       const struct sip_msg *m);
/* Media was sent there; from time to time is enough. */
void sides_media(struct mirror_sides *s, const struct pkt *p);
void sides_rtcp(struct mirror_sides *s, const struct pkt *p);
/* A connection after SIDES_TCP_AT packets; other: those against p. */
void sides_tcp(struct mirror_sides *s, const struct pkt *p, uint64_t other);

/* A window ends. Where there is enough the verdict is renewed. True: there was
 * for some interface. */
bool sides_judge(struct mirror_sides *s, struct mirror *out);

#endif
