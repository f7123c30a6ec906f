/*
 * Recognises STUN (RFC 8489, and the classic RFC 3489) and TURN channel data
 * (RFC 8656, 12.4) among the packets of a UDP flow. Pure.
 */
#ifndef DISSECTORS_STUN_H
#define DISSECTORS_STUN_H

#include "dissectors/parse.h"

#define STUN_COOKIE 0x2112a442u

/* A whole STUN message: length right and a multiple of four, and the magic
 * cookie, or a Binding message of RFC 3489. */
bool stun_looks(struct slice in);
/* ChannelData with a length that fits, padding allowed. Only believable on a
 * flow that carried a TURN allocation. */
bool stun_channel_looks(struct slice in);
/* A method of TURN (Allocate ... ChannelBind); in looks like STUN. */
bool stun_is_turn(struct slice in);

#endif
