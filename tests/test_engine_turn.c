/* TURN through the engine: what is inside is found in whatever way it goes,
 * and belongs to the session that it is part of. */
#include <check.h>
#include <stdio.h>

#include "tests/made_signal.h"
#include "tests/run_suite.h"

static struct made_engine m;
static uint64_t ms; /* now */
static uint32_t tid;
static uint16_t seq; /* of the next RTP packets */

static void setup(void)
{
	struct engine_config cfg = made_engine_config();

	made_engine_begin(&m, &cfg);
	ms = 0;
	tid = 1000;
	seq = 100;
}

static void teardown(void)
{
	made_engine_free(&m);
}

#define CLIENT	made_at(1, 5000)
#define SERVER	made_at(9, 3478)
#define RELAYED made_at(9, 50000)
#define PEER	made_at(2, 6000)

/* --- between client and server -------------------------------------------- */

enum way {
	INDICATIONS, /* Send and Data, over UDP */
	CHANNEL,
	TCP_INDICATIONS,
	TCP_CHANNEL,
	WAYS,
};

static const char *const way_names[] = {
	"indications", "channel", "indications over TCP", "channel over TCP"};

static enum way way;
static struct made_tcp tcp;

/* Over TCP in two segments, cut anywhere. */
static void carry(bool up, const struct stun_bytes *s)
{
	struct slice b = stun_bytes_slice(s);
	size_t cut = b.len / 3;

	if (way < TCP_INDICATIONS) {
		made_udp(&m, ms, up ? CLIENT : SERVER, up ? SERVER : CLIENT, b);
		return;
	}
	made_tcp_send(&m, ms, &tcp, !up, slice_head(b, cut));
	made_tcp_send(&m, ms, &tcp, !up, slice_from(b, cut));
}

static void request(struct stun_bytes *s, uint16_t method, bool authenticated)
{
	stun_bytes_begin(s, STUN_REQUEST, method, ++tid);
	if (!authenticated)
		return;
	stun_bytes_attr(s, STUN_ATTR_USERNAME, SLICE("lab"));
	stun_bytes_attr(s, STUN_ATTR_REALM, SLICE("example.org"));
	stun_bytes_attr(s, STUN_ATTR_NONCE, SLICE("n1"));
}

static void success(struct stun_bytes *s, uint16_t method)
{
	stun_bytes_begin(s, STUN_SUCCESS, method, tid);
}

static void refuse(uint16_t method, unsigned code)
{
	struct stun_bytes s;

	stun_bytes_begin(&s, STUN_ERROR, method, tid);
	stun_bytes_error(&s, code);
	if (code == 401)
		stun_bytes_attr(&s, STUN_ATTR_REALM, SLICE("example.org"));
	ms += 5;
	carry(false, &s);
}

static void ask(bool authenticated)
{
	struct stun_bytes s;

	request(&s, TURN_ALLOCATE, authenticated);
	stun_bytes_u32(&s, STUN_ATTR_REQUESTED_TRANSPORT, 17u << 24);
	ms += 5;
	carry(true, &s);
}

static void allocate(void)
{
	struct stun_bytes s;
	struct addr relayed = RELAYED, mapped = CLIENT;

	if (way >= TCP_INDICATIONS)
		made_tcp_open(&m, ms, &tcp, CLIENT, SERVER);
	ask(false);
	refuse(TURN_ALLOCATE, 401);
	ask(true);
	success(&s, TURN_ALLOCATE);
	stun_bytes_addr(&s, STUN_ATTR_XOR_RELAYED_ADDRESS, &relayed);
	stun_bytes_addr(&s, STUN_ATTR_XOR_MAPPED_ADDRESS, &mapped);
	stun_bytes_u32(&s, STUN_ATTR_LIFETIME, 600);
	stun_bytes_attr(&s, STUN_ATTR_SOFTWARE, SLICE("relay/1"));
	ms += 5;
	carry(false, &s);
}

static void permit(uint16_t method)
{
	struct stun_bytes s;
	struct addr peer = PEER;

	request(&s, method, true);
	if (method == TURN_CHANNEL_BIND)
		stun_bytes_u32(&s, STUN_ATTR_CHANNEL_NUMBER, 0x40000000);
	stun_bytes_addr(&s, STUN_ATTR_XOR_PEER_ADDRESS, &peer);
	ms += 5;
	carry(true, &s);
	success(&s, method);
	ms += 5;
	carry(false, &s);
}

static void begin(void)
{
	allocate();
	permit(TURN_CREATE_PERMISSION);
	if (way == CHANNEL || way == TCP_CHANNEL)
		permit(TURN_CHANNEL_BIND);
}

/* Data between relayed address and peer. */
static void inside(bool up, struct slice data)
{
	struct stun_bytes s;
	struct addr peer = PEER;

	if (way == CHANNEL || way == TCP_CHANNEL) {
		stun_bytes_channel(&s, 0x4000, data, way == TCP_CHANNEL);
	} else {
		stun_bytes_begin(&s, STUN_INDICATION,
				 up ? TURN_SEND : TURN_DATA, ++tid);
		stun_bytes_addr(&s, STUN_ATTR_XOR_PEER_ADDRESS, &peer);
		stun_bytes_attr(&s, STUN_ATTR_DATA, data);
	}
	carry(up, &s);
}

/* The same on the relay's other side, so much earlier or later. */
static bool far_side;
static unsigned stays_ms;

static void pass(bool up, struct slice data, bool lost)
{
	if (up)
		inside(true, data);
	else if (far_side)
		made_udp(&m, ms, PEER, RELAYED, data);
	ms += stays_ms;
	if (up && far_side && !lost)
		made_udp(&m, ms, RELAYED, PEER, data);
	else if (!up && !lost)
		inside(false, data);
}

/* --- what is inside ------------------------------------------------------- */

static void check(void)
{
	struct made_check c = {RELAYED, PEER,  "aaaa", "bbbb",
			       NULL,	false, true,   ++tid};
	struct stun_bytes s;

	made_check_request(&s, &c);
	pass(true, stun_bytes_slice(&s), false);
	made_check_answer(&s, &c);
	ms += 5;
	pass(false, stun_bytes_slice(&s), false);
}

static void talk(unsigned n, unsigned lost)
{
	struct made_rtp up = {RELAYED, PEER, 0xa1, seq, 0, 111};
	struct made_rtp down = {PEER, RELAYED, 0xb1, seq, 0, 111};
	uint8_t p[172];

	seq = (uint16_t)(seq + n);
	for (unsigned i = 0; i < n; i++) {
		pass(true, slice_of(p, made_rtp_packet(&up, i, p)), false);
		pass(false, slice_of(p, made_rtp_packet(&down, i, p)),
		     i && i <= lost);
		ms += 20;
	}
}

static void ck_turn(const struct cdr_turn *t, const char *name)
{
	ck_assert_msg(t->client.port == 5000, "%s", name);
	ck_assert_msg(t->relayed.port == 50000, "%s", name);
	ck_assert_uint_eq(t->server.port, 3478);
	ck_assert_str_eq(t->transport, way < TCP_INDICATIONS ? "udp" : "tcp");
	ck_assert(slice_eq(t->realm, SLICE("example.org")));
	ck_assert(slice_eq(t->username, SLICE("lab")));
	ck_assert(slice_eq(t->software, SLICE("relay/1")));
	ck_assert_uint_eq(t->error, CDR_NO_U32);
	ck_assert_uint_eq(t->permissions_n, 1);
	ck_assert_uint_eq(t->channels_n, way == CHANNEL || way == TCP_CHANNEL);
}

START_TEST(unwrapped)
{
	const struct cdr_call *s;
	const struct cdr_stream *st;

	way = (enum way)_i;
	far_side = false;
	stays_ms = 0;
	begin();
	check();
	talk(20, 0);
	made_engine_end(&m);
	ck_assert_msg(m.got_n == 1, "%s: %zu records", way_names[_i], m.got_n);
	s = &m.got[0]->call;
	ck_assert_uint_eq(s->turn_n, 1);
	ck_turn(&s->turn[0], way_names[_i]);
	ck_assert_uint_eq(s->turn[0].packets_up, 21);
	ck_assert_uint_eq(s->turn[0].packets_down, 21);
	ck_assert(isnan(s->turn[0].delay_ms));
	ck_assert_uint_eq(s->ice_n, 1);
	ck_assert_uint_eq(s->ice[0].pairs_n, 1);
	ck_assert(s->ice[0].pairs[0].via_relay);
	ck_assert(s->ice[0].pairs[0].selected);
	ck_assert_uint_eq(s->ice[0].pairs[0].local.port, 50000);
	ck_assert_uint_eq(s->ice[0].pairs[0].remote.port, 6000);
	ck_assert_str_eq(s->ice[0].pairs[0].local_type, "relay");
	ck_assert_uint_eq(s->streams_n, 2);
	for (size_t i = 0; i < 2; i++) {
		st = &s->streams[i];
		ck_assert_str_eq(st->sender, i ? "b" : "a");
		ck_assert_uint_eq(st->packets, 20);
		ck_assert(st->has_turn);
		ck_assert_uint_eq(st->turn.client.port, 5000);
		ck_assert_uint_eq(st->turn.relayed.port, 50000);
		ck_assert_uint_eq(st->turn.peer.port, 6000);
		ck_assert_uint_eq(st->src.port, i ? 3478 : 5000);
		ck_assert_uint_eq(st->dst.port, i ? 5000 : 3478);
	}
	ck_assert_uint_eq(engine_stats(m.engine)->rtp, 0);
	ck_assert_uint_ge(engine_stats(m.engine)->turn, 40);
}
END_TEST

/* Both sides of the relay: one session, each stream at two hops, and what
 * the relay adds. */
START_TEST(both_sides)
{
	const struct cdr_call *s;

	way = (enum way)_i;
	far_side = true;
	stays_ms = 3;
	begin();
	check();
	talk(50, 5);
	made_engine_end(&m);
	ck_assert_msg(m.got_n == 1, "%s: %zu records", way_names[_i], m.got_n);
	s = &m.got[0]->call;
	ck_turn(&s->turn[0], way_names[_i]);
	ck_assert_double_eq_tol(s->turn[0].delay_ms, 3, 1e-6);
	ck_assert_uint_eq(s->turn[0].lost, 5);
	ck_assert_uint_eq(s->ice_n, 1);
	ck_assert_uint_eq(s->ice[0].pairs_n, 1);
	ck_assert_uint_eq(s->ice[0].pairs[0].ab.requests, 1);
	ck_assert_uint_eq(s->streams_n, 4);
	for (size_t i = 0; i < 4; i++) {
		const struct cdr_stream *st = &s->streams[i];
		bool from_a = st->ssrc == 0xa1;

		ck_assert_str_eq(st->sender, from_a ? "a" : "b");
		/* the client's side is nearer to a */
		ck_assert_uint_eq(st->hop, st->has_turn == from_a ? 1 : 2);
		ck_assert_uint_eq(st->packets,
				  !from_a && st->has_turn ? 45 : 50);
	}
}
END_TEST

/* --- allocations that lead nowhere ---------------------------------------- */

START_TEST(allocation_alone)
{
	way = INDICATIONS;
	allocate();
	made_engine_end(&m);
	ck_assert_uint_eq(made_only(&m)->call.turn_n, 1);
	ck_assert_int_eq(m.got[0]->kind, CDR_SESSION);
	ck_assert_uint_eq(engine_stats(m.engine)->turn, 4);
}
END_TEST

static const struct {
	unsigned code;
	bool authenticated;
	const char *state;
	uint32_t error;
} refusals[] = {
	{401, true, "failed", 401}, {441, true, "failed", 441},
	{486, true, "failed", 486}, {508, true, "failed", 508},
	{300, true, "failed", 300},
};

START_TEST(refused)
{
	way = INDICATIONS;
	ask(false);
	refuse(TURN_ALLOCATE, 401);
	ask(true);
	refuse(TURN_ALLOCATE, refusals[_i].code);
	made_engine_end(&m);
	ck_assert_uint_eq(made_only(&m)->call.turn[0].error,
			  refusals[_i].error);
	ck_assert_str_eq(m.got[0]->call.state, refusals[_i].state);
	ck_assert_uint_eq(m.got[0]->call.turn[0].created, 0);
}
END_TEST

/* The flow is silent for minutes: as long as the allocation holds it stays,
 * and no longer. */
START_TEST(silence)
{
	way = CHANNEL;
	far_side = false;
	stays_ms = 0;
	begin();
	check();
	talk(5, 0);
	ms = 500 * 1000;
	talk(5, 0);
	ms = 2000 * 1000; /* long after its end */
	made_udp(&m, ms, made_at(7, 1), made_at(8, 1), SLICE("x"));
	made_udp(&m, ms + 1, made_at(7, 1), made_at(8, 1), SLICE("x"));
	ck_assert_uint_eq(m.got_n, 1);
	ck_assert_uint_eq(made_only(&m)->call.streams_n, 2);
	ck_assert_uint_eq(m.got[0]->call.streams[0].packets, 10);
	made_engine_end(&m);
	made_only(&m);
}
END_TEST

/* The capture began later: the channel's peer is not known. */
START_TEST(channel_that_nobody_bound)
{
	const struct cdr_stream *st;

	way = CHANNEL;
	far_side = false;
	stays_ms = 0;
	allocate();
	talk(10, 0);
	made_engine_end(&m);
	ck_assert_uint_eq(made_only(&m)->call.streams_n, 2);
	st = &m.got[0]->call.streams[0];
	ck_assert_uint_eq(st->packets, 10);
	ck_assert_uint_eq(st->turn.relayed.port, 50000);
	ck_assert_uint_eq(m.got[0]->call.turn[0].packets_up, 10);
}
END_TEST

/* Nor was the allocation seen. What begins like no packet of ours is nothing
 * of ours. */
START_TEST(channel_without_allocation)
{
	const struct cdr_call *s;

	way = CHANNEL;
	far_side = false;
	stays_ms = 0;
	if (_i) {
		inside(true, SLICE("something else"));
		made_engine_end(&m);
		ck_assert_uint_eq(m.got_n, 0);
		ck_assert_uint_eq(engine_stats(m.engine)->other, 1);
		return;
	}
	talk(10, 0);
	made_engine_end(&m);
	s = &made_only(&m)->call;
	ck_assert_uint_eq(s->streams_n, 2);
	ck_assert_uint_eq(s->streams[0].packets, 10);
	ck_assert_uint_eq(s->turn_n, 1);
	ck_assert_uint_eq(s->turn[0].created, 0);
	ck_assert_uint_eq(s->turn[0].relayed.port, 0);
	ck_assert_uint_eq(s->turn[0].client.port, 5000);
	ck_assert_uint_eq(s->turn[0].packets_down, 10);
	ck_assert_uint_eq(engine_stats(m.engine)->turn, 20);
}
END_TEST

/* What is inside of what is inside stays where it is. */
START_TEST(turn_inside_of_turn)
{
	struct stun_bytes s;
	struct addr peer = made_at(4, 4);
	uint8_t p[172];
	struct made_rtp r = {RELAYED, PEER, 0xa1, 100, 0, 111};

	way = CHANNEL;
	begin();
	for (unsigned i = 0; i < 10; i++) {
		stun_bytes_begin(&s, STUN_INDICATION, TURN_SEND, ++tid);
		stun_bytes_addr(&s, STUN_ATTR_XOR_PEER_ADDRESS, &peer);
		stun_bytes_attr(&s, STUN_ATTR_DATA,
				slice_of(p, made_rtp_packet(&r, i, p)));
		inside(true, stun_bytes_slice(&s));
	}
	made_engine_end(&m);
	for (size_t i = 0; i < m.got_n; i++)
		ck_assert_uint_eq(m.got[i]->call.streams_n, 0);
}
END_TEST

/* --- with signalling ------------------------------------------------------ */

#define RELAY_CANDIDATE                                                        \
	"a=candidate:1 1 udp 41885439 10.0.0.9 50000 typ relay raddr "         \
	"10.0.0.1 rport 5000\r\n"

static void sip(void)
{
	struct made_party a = {.id = "1111111111",
			       .version = 1,
			       .ip = "10.0.0.9",
			       .port = 50000,
			       .ufrag = "aaaa",
			       .pwd = "0123456789abcdefghijkl",
			       .more = RELAY_CANDIDATE};
	struct made_party b = {.id = "2222222222",
			       .version = 1,
			       .ip = "10.0.0.2",
			       .port = 6000,
			       .ufrag = "bbbb",
			       .pwd = "0123456789abcdefghijkl"};
	struct made_sip s = {made_at(1, 5060),
			     made_at(2, 5060),
			     "INVITE sip:b@x SIP/2.0",
			     "c1",
			     "1 INVITE",
			     "",
			     &a};

	made_sip(&m, ms, &s);
	s = (struct made_sip){made_at(2, 5060),
			      made_at(1, 5060),
			      "SIP/2.0 200 OK",
			      "c1",
			      "1 INVITE",
			      ";tag=b",
			      &b};
	made_sip(&m, ms + 5, &s);
	ms += 10;
}

static void web(void)
{
	struct made_party a = {.id = "1111111111",
			       .version = 1,
			       .ufrag = "aaaa",
			       .pwd = "0123456789abcdefghijkl",
			       .more = RELAY_CANDIDATE};
	struct made_tcp t;
	char text[MADE_TEXT];

	made_tcp_open(&m, ms, &t, made_at(1, 40000), made_at(8, 80));
	made_ws_open(&m, ms, &t);
	made_json(text, "offer", &a);
	made_ws_text(&m, ms, &t, 0, text);
	ms += 10;
}

/* t TURN, s signalling, c checks, m media */
static const char *const orders[] = {"tscm", "stcm", "tcsm", "tcms"};

#define ORDERS ((int)(sizeof(orders) / sizeof(orders[0])))

static void play(const char *order, void (*say)(void))
{
	way = CHANNEL;
	far_side = false;
	stays_ms = 0;
	for (const char *k = order; *k; k++) {
		if (*k == 't')
			begin();
		else if (*k == 's')
			say();
		else if (*k == 'c')
			check();
		else
			talk(10, 0);
	}
	made_engine_end(&m);
	ck_assert_msg(m.got_n == 1, "%s: %zu records", order, m.got_n);
	ck_assert_msg(m.got[0]->call.turn_n == 1, "%s: turn", order);
	ck_assert_msg(m.got[0]->call.ice_n == 1, "%s: ice", order);
	ck_assert_msg(m.got[0]->call.streams_n == 2, "%s: streams", order);
	ck_assert_uint_eq(m.got[0]->call.streams[0].packets, 10);
	ck_assert(m.got[0]->call.streams[0].has_turn);
}

START_TEST(with_sip)
{
	play(orders[_i], sip);
	ck_assert_int_eq(m.got[0]->kind, CDR_CALL);
	ck_assert_str_eq(m.got[0]->call.streams[0].sender, "caller");
	ck_assert_str_eq(m.got[0]->call.ice[0].pairs[0].local_type, "relay");
}
END_TEST

START_TEST(with_json)
{
	play(orders[_i], web);
	ck_assert_str_eq(m.got[0]->call.signalling, "json");
	ck_assert_str_eq(m.got[0]->call.streams[0].sender, "a");
}
END_TEST

/* Nothing but the host and the time ties them together. */
START_TEST(same_host_same_time)
{
	struct made_party a = {.id = "1111111111",
			       .version = 1,
			       .ufrag = "aaaa",
			       .pwd = "0123456789abcdefghijkl"};
	struct made_tcp t;
	char text[MADE_TEXT];

	way = INDICATIONS;
	if (_i)
		allocate();
	made_tcp_open(&m, ms, &t, made_at(1, 40000), made_at(8, 80));
	made_ws_open(&m, ms, &t);
	made_json(text, "offer", &a);
	made_ws_text(&m, ms, &t, 0, text);
	if (!_i)
		allocate();
	made_engine_end(&m);
	ck_assert_uint_eq(made_only(&m)->call.turn_n, 1);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
	Suite *s = suite_create("engine_turn");
	TCase *t = tcase_create("engine_turn");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, unwrapped, 0, WAYS);
	tcase_add_loop_test(t, both_sides, 0, WAYS);
	tcase_add_test(t, allocation_alone);
	tcase_add_loop_test(t, refused, 0, COUNT(refusals));
	tcase_add_test(t, silence);
	tcase_add_test(t, channel_that_nobody_bound);
	tcase_add_loop_test(t, channel_without_allocation, 0, 2);
	tcase_add_test(t, turn_inside_of_turn);
	tcase_add_loop_test(t, with_sip, 0, ORDERS);
	tcase_add_loop_test(t, with_json, 0, ORDERS);
	tcase_add_loop_test(t, same_host_same_time, 0, 2);
	suite_add_tcase(s, t);
	return run_suite(s);
}
