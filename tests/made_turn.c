#include "tests/made_turn.h"

void made_turn_init(struct made_turn *t, struct made_engine *m,
		    enum made_way way)
{
	*t = (struct made_turn){
		.m = m,
		.way = way,
		.client = made_at(1, 5000),
		.server = made_at(9, 3478),
		.relayed = made_at(9, 50000),
		.peer = made_at(2, 6000),
		.tid = 1000,
		.seq = 100,
	};
}

/* --- between client and server -------------------------------------------- */

/* Over TCP in two segments, cut anywhere. */
void made_turn_carry(struct made_turn *t, bool up, const struct stun_bytes *s)
{
	struct slice b = stun_bytes_slice(s);
	size_t cut = b.len / 3;

	if (t->way < MADE_TCP_INDICATIONS) {
		made_udp(t->m, t->ms, up ? t->client : t->server,
			 up ? t->server : t->client, b);
		return;
	}
	made_tcp_send(t->m, t->ms, &t->tcp, !up, slice_head(b, cut));
	made_tcp_send(t->m, t->ms, &t->tcp, !up, slice_from(b, cut));
}

static void later(struct made_turn *t, bool up, const struct stun_bytes *s)
{
	t->ms += 5;
	made_turn_carry(t, up, s);
}

void made_turn_request(struct made_turn *t, struct stun_bytes *s,
		       uint16_t method, bool authenticated)
{
	stun_bytes_begin(s, STUN_REQUEST, method, ++t->tid);
	if (!authenticated)
		return;
	stun_bytes_attr(s, STUN_ATTR_USERNAME, SLICE("lab"));
	stun_bytes_attr(s, STUN_ATTR_REALM, SLICE("example.org"));
	stun_bytes_attr(s, STUN_ATTR_NONCE, SLICE("n1"));
}

static void success(struct made_turn *t, struct stun_bytes *s, uint16_t method)
{
	stun_bytes_begin(s, STUN_SUCCESS, method, t->tid);
}

void made_turn_refuse(struct made_turn *t, uint16_t method, unsigned code)
{
	struct stun_bytes s;

	stun_bytes_begin(&s, STUN_ERROR, method, t->tid);
	stun_bytes_error(&s, code);
	if (code == 401)
		stun_bytes_attr(&s, STUN_ATTR_REALM, SLICE("example.org"));
	later(t, false, &s);
}

void made_turn_ask(struct made_turn *t, bool authenticated)
{
	struct stun_bytes s;

	made_turn_request(t, &s, TURN_ALLOCATE, authenticated);
	stun_bytes_u32(&s, STUN_ATTR_REQUESTED_TRANSPORT, 17u << 24);
	later(t, true, &s);
}

void made_turn_grant(struct made_turn *t)
{
	struct stun_bytes s;

	success(t, &s, TURN_ALLOCATE);
	stun_bytes_addr(&s, STUN_ATTR_XOR_RELAYED_ADDRESS, &t->relayed);
	stun_bytes_addr(&s, STUN_ATTR_XOR_MAPPED_ADDRESS, &t->client);
	stun_bytes_u32(&s, STUN_ATTR_LIFETIME, 600);
	stun_bytes_attr(&s, STUN_ATTR_SOFTWARE, SLICE("relay/1"));
	later(t, false, &s);
}

void made_turn_permit(struct made_turn *t, uint16_t method)
{
	struct stun_bytes s;

	made_turn_request(t, &s, method, true);
	if (method == TURN_CHANNEL_BIND)
		stun_bytes_u32(&s, STUN_ATTR_CHANNEL_NUMBER, 0x40000000);
	stun_bytes_addr(&s, STUN_ATTR_XOR_PEER_ADDRESS, &t->peer);
	later(t, true, &s);
	success(t, &s, method);
	later(t, false, &s);
}

void made_turn_refresh(struct made_turn *t, uint32_t lifetime_s)
{
	struct stun_bytes s;

	made_turn_request(t, &s, TURN_REFRESH, true);
	stun_bytes_u32(&s, STUN_ATTR_LIFETIME, lifetime_s);
	later(t, true, &s);
	success(t, &s, TURN_REFRESH);
	stun_bytes_u32(&s, STUN_ATTR_LIFETIME, lifetime_s);
	later(t, false, &s);
}

void made_turn_allocate(struct made_turn *t)
{
	if (t->way >= MADE_TCP_INDICATIONS)
		made_tcp_open(t->m, t->ms, &t->tcp, t->client, t->server);
	made_turn_ask(t, false);
	made_turn_refuse(t, TURN_ALLOCATE, 401);
	made_turn_ask(t, true);
	made_turn_grant(t);
}

void made_turn_begin(struct made_turn *t)
{
	made_turn_allocate(t);
	made_turn_permit(t, TURN_CREATE_PERMISSION);
	if (made_turn_channels(t))
		made_turn_permit(t, TURN_CHANNEL_BIND);
}

/* --- through the relay ---------------------------------------------------- */

void made_turn_inside(struct made_turn *t, bool up, struct slice data)
{
	struct stun_bytes s;

	if (made_turn_channels(t)) {
		stun_bytes_channel(&s, 0x4000, data,
				   t->way == MADE_TCP_CHANNEL);
	} else {
		stun_bytes_begin(&s, STUN_INDICATION,
				 up ? TURN_SEND : TURN_DATA, ++t->tid);
		stun_bytes_addr(&s, STUN_ATTR_XOR_PEER_ADDRESS, &t->peer);
		stun_bytes_attr(&s, STUN_ATTR_DATA, data);
	}
	made_turn_carry(t, up, &s);
}

void made_turn_pass(struct made_turn *t, bool up, struct slice data, bool lost)
{
	if (up)
		made_turn_inside(t, true, data);
	else if (t->far_side)
		made_udp(t->m, t->ms, t->peer, t->relayed, data);
	t->ms += t->stays_ms;
	if (up && t->far_side && !lost)
		made_udp(t->m, t->ms, t->relayed, t->peer, data);
	else if (!up && !lost)
		made_turn_inside(t, false, data);
}

void made_turn_check(struct made_turn *t)
{
	struct made_check c = {.from = t->relayed,
			       .to = t->peer,
			       .sender = "aaaa",
			       .receiver = "bbbb",
			       .use = true,
			       .tid = ++t->tid};
	struct stun_bytes s;

	made_check_request(&s, &c);
	made_turn_pass(t, true, stun_bytes_slice(&s), false);
	made_check_answer(&s, &c);
	t->ms += 5;
	made_turn_pass(t, false, stun_bytes_slice(&s), false);
}

void made_turn_talk(struct made_turn *t, unsigned n, unsigned lost)
{
	struct made_rtp up = {t->relayed, t->peer, 0xa1, t->seq, 0, 111};
	struct made_rtp down = {t->peer, t->relayed, 0xb1, t->seq, 0, 111};
	uint8_t p[172];

	t->seq = (uint16_t)(t->seq + n);
	for (unsigned i = 0; i < n; i++) {
		made_turn_pass(t, true, slice_of(p, made_rtp_packet(&up, i, p)),
			       false);
		made_turn_pass(t, false,
			       slice_of(p, made_rtp_packet(&down, i, p)),
			       i && i <= lost);
		t->ms += 20;
	}
}
