/*
 * A frame without what stands between its link header and its IP header, and
 * between IPv6 and its transport: what a BPF program expects.
 */
#ifndef CAPTURE_PEEL_H
#define CAPTURE_PEEL_H

#include "sniffer/base/frame.h"

#define PEEL_ROOM 2048 /* bytes of the bare frame; programs look no further */

enum {
	PEEL_LINK = 1, /* VLAN tags, PPPoE, MPLS labels, pseudowires */
	PEEL_IP6 = 2,  /* extension headers */
};

struct peeled {
	size_t len;	     /* of the bare frame; 0 = nothing to take off */
	uint16_t linktype;   /* of the bare frame */
	uint32_t removed;    /* bytes taken off */
	bool later_fragment; /* an IP fragment that does not begin at 0 */
	/* What the innermost IP header carries, behind extension headers;
	 * empty: there is none. */
	uint8_t proto;
	struct slice transport;
};

/* Writes at most PEEL_ROOM bytes to bare, if anything. */
struct peeled peel(const struct frame *f, unsigned layers, uint8_t *bare);

#endif
