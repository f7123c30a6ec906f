/*
 * Packets on a byte stream, each behind its length (RFC 4571): RTP, RTCP,
 * STUN and DTLS of ICE over TCP (RFC 6544, 3). Pure.
 */
#ifndef DISSECTORS_RFC4571_H
#define DISSECTORS_RFC4571_H

#include "dissectors/parse.h"

enum {
	RFC4571_HEAD = 2,
	RFC4571_MAX = RFC4571_HEAD + 0xffff, /* bytes of one frame */
};

/* Takes one packet off the front; used counts its head too. An empty packet
 * is legal and means nothing. Never BAD: any bytes are a frame. */
enum parse rfc4571_parse(struct slice in, struct slice *packet, size_t *used);

#endif
