/*
 * An ICE exchange for tests: two agents in an rtc of their own, and STUN
 * messages by hand.
 */
#ifndef TESTS_MADE_ICE_H
#define TESTS_MADE_ICE_H

#include <stdlib.h>

#include "sniffer/call/rtc.h"

#define MS 1000000ull
#define S  1000000000ull

static const struct seed made_seed = {1, 2};

static inline struct addr made_ip(uint8_t last, uint16_t port)
{
	const uint8_t ip[4] = {192, 0, 2, last};

	return addr_v4(ip, port);
}

/* "candidate:..." as in a description. */
static inline void made_candidate(struct ice_table *t, struct ice_agent *a,
				  const char *text)
{
	struct sdp_candidate c;

	if (!sdp_candidate_parse(slice_str(text), &c))
		abort();
	ice_agent_candidate(t, a, &c);
}

static inline struct stun_msg made_stun(enum stun_class class, uint8_t tid)
{
	struct stun_msg m = {.class = class, .method = STUN_BINDING};

	m.tid[0] = tid;
	m.tid[1] = 1;
	return m;
}

#endif
