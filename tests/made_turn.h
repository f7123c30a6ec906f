/*
 * A TURN client and its server for tests of the engine, and what goes through
 * the relay between a relayed address and a peer.
 */
#ifndef TESTS_MADE_TURN_H
#define TESTS_MADE_TURN_H

#include "tests/made_engine.h"

enum made_way {
	MADE_INDICATIONS, /* Send and Data, over UDP */
	MADE_CHANNEL,
	MADE_TCP_INDICATIONS,
	MADE_TCP_CHANNEL,
	MADE_WAYS,
};

struct made_turn {
	struct made_engine *m;
	uint64_t ms; /* now */
	enum made_way way;
	struct addr client, server, relayed, peer;
	bool far_side;	   /* what the peer sees is seen, too */
	unsigned stays_ms; /* in the relay, then */
	uint32_t tid;	   /* of the last request */
	uint16_t seq;	   /* of the next RTP packets */
	struct made_tcp tcp;
};

/* 10.0.0.1:5000 at 10.0.0.9:3478, relayed as port 50000, to 10.0.0.2:6000. */
void made_turn_init(struct made_turn *t, struct made_engine *m,
		    enum made_way way);

static inline bool made_turn_channels(const struct made_turn *t)
{
	return t->way == MADE_CHANNEL || t->way == MADE_TCP_CHANNEL;
}

/* One message of either. */
void made_turn_carry(struct made_turn *t, bool up, const struct stun_bytes *s);
void made_turn_request(struct made_turn *t, struct stun_bytes *s,
		       uint16_t method, bool authenticated);
/* An Allocate, and answers to the last request. */
void made_turn_ask(struct made_turn *t, bool authenticated);
void made_turn_grant(struct made_turn *t);
void made_turn_refuse(struct made_turn *t, uint16_t method, unsigned code);
/* CreatePermission or ChannelBind for the peer, granted. */
void made_turn_permit(struct made_turn *t, uint16_t method);
/* Refresh with a lifetime, granted. */
void made_turn_refresh(struct made_turn *t, uint32_t lifetime_s);
/* Challenged and allocated; and all that the way needs. */
void made_turn_allocate(struct made_turn *t);
void made_turn_begin(struct made_turn *t);

/* Data between relayed address and peer. */
void made_turn_inside(struct made_turn *t, bool up, struct slice data);
void made_turn_pass(struct made_turn *t, bool up, struct slice data, bool lost);
/* A check of "aaaa" at the relayed address to "bbbb", and its answer. */
void made_turn_check(struct made_turn *t);
/* So many RTP packets each way, 20 ms apart: SSRC 0xa1 up, 0xb1 down. Of
 * those that go down so many stay in the relay. */
void made_turn_talk(struct made_turn *t, unsigned n, unsigned lost);

#endif
