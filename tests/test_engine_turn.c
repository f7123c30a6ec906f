/* TURN through the engine: what is inside is found in whatever way it goes. */
#include <check.h>

#include "tests/made_turn.h"
#include "tests/run_suite.h"

static struct made_engine m;
static struct made_turn turn;

static void setup(void)
{
	struct engine_config cfg = made_engine_config();

	made_engine_begin(&m, &cfg);
	made_turn_init(&turn, &m, MADE_CHANNEL);
}

static void teardown(void)
{
	made_engine_free(&m);
}

static const char *const way_names[] = {
	"indications", "channel", "indications over TCP", "channel over TCP"};

static void ck_turn(const struct cdr_turn *t, const char *name)
{
	ck_assert_msg(t->client.port == 5000, "%s", name);
	ck_assert_msg(t->relayed.port == 50000, "%s", name);
	ck_assert_uint_eq(t->server.port, 3478);
	ck_assert_str_eq(t->transport,
			 turn.way < MADE_TCP_INDICATIONS ? "udp" : "tcp");
	ck_assert(slice_eq(t->realm, SLICE("example.org")));
	ck_assert(slice_eq(t->username, SLICE("lab")));
	ck_assert(slice_eq(t->software, SLICE("relay/1")));
	ck_assert_uint_eq(t->error, CDR_NO_U32);
	ck_assert_uint_eq(t->permissions_n, 1);
	ck_assert_uint_eq(t->channels_n, made_turn_channels(&turn));
}

START_TEST(unwrapped)
{
	const struct cdr_call *s;
	const struct cdr_stream *st;

	made_turn_init(&turn, &m, (enum made_way)_i);
	made_turn_begin(&turn);
	made_turn_check(&turn);
	made_turn_talk(&turn, 20, 0);
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

	made_turn_init(&turn, &m, (enum made_way)_i);
	turn.far_side = true;
	turn.stays_ms = 3;
	made_turn_begin(&turn);
	made_turn_check(&turn);
	made_turn_talk(&turn, 50, 5);
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

/* The same without ICE: the far side shows the relayed address. */
START_TEST(both_sides_without_checks)
{
	const struct cdr_call *s;

	made_turn_init(&turn, &m, (enum made_way)_i);
	turn.far_side = true;
	turn.stays_ms = 3;
	made_turn_begin(&turn);
	made_turn_talk(&turn, 50, 5);
	made_engine_end(&m);
	ck_assert_msg(m.got_n == 1, "%s: %zu records", way_names[_i], m.got_n);
	s = &m.got[0]->call;
	ck_assert_uint_eq(s->turn_n, 1);
	ck_assert_double_eq_tol(s->turn[0].delay_ms, 3, 1e-6);
	ck_assert_uint_eq(s->turn[0].lost, 5);
	ck_assert_uint_eq(s->streams_n, 4);
	for (size_t i = 0; i < 4; i++) {
		const struct cdr_stream *st = &s->streams[i];

		ck_assert_str_eq(st->sender, st->ssrc == 0xa1 ? "a" : "b");
	}
}
END_TEST

/* The peer speaks first: on both sides it is a. */
START_TEST(the_far_side_first)
{
	struct made_rtp r = {turn.peer, turn.relayed, 0xb1, 90, 1, 111};

	made_turn_begin(&turn);
	made_rtp(&m, turn.ms++, &r);
	turn.far_side = true;
	turn.stays_ms = 3;
	made_turn_talk(&turn, 50, 0);
	made_engine_end(&m);
	ck_assert_uint_eq(made_only(&m)->call.streams_n, 4);
	for (size_t i = 0; i < 4; i++) {
		const struct cdr_stream *st = &m.got[0]->call.streams[i];

		ck_assert_str_eq(st->sender, st->ssrc == 0xb1 ? "a" : "b");
	}
}
END_TEST

/* --- odd ways ------------------------------------------------------------- */

/* The flow is silent for minutes: as long as the allocation holds it stays,
 * and no longer. */
START_TEST(silence)
{
	made_turn_init(&turn, &m, MADE_CHANNEL);
	made_turn_begin(&turn);
	made_turn_check(&turn);
	made_turn_talk(&turn, 5, 0);
	turn.ms = 500 * 1000;
	made_turn_talk(&turn, 5, 0);
	turn.ms = 2000 * 1000; /* long after its end */
	made_udp(&m, turn.ms, made_at(7, 1), made_at(8, 1), SLICE("x"));
	made_udp(&m, turn.ms + 1, made_at(7, 1), made_at(8, 1), SLICE("x"));
	made_engine_settle(&m);
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

	made_turn_init(&turn, &m, MADE_CHANNEL);
	made_turn_allocate(&turn);
	made_turn_talk(&turn, 10, 0);
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

	made_turn_init(&turn, &m, MADE_CHANNEL);
	if (_i) {
		made_turn_inside(&turn, true, SLICE("something else"));
		made_engine_end(&m);
		ck_assert_uint_eq(m.got_n, 0);
		ck_assert_uint_eq(engine_stats(m.engine)->other, 1);
		return;
	}
	made_turn_talk(&turn, 10, 0);
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
	struct made_rtp r = {turn.relayed, turn.peer, 0xa1, 100, 0, 111};

	made_turn_init(&turn, &m, MADE_CHANNEL);
	made_turn_begin(&turn);
	for (unsigned i = 0; i < 10; i++) {
		stun_bytes_begin(&s, STUN_INDICATION, TURN_SEND, ++turn.tid);
		stun_bytes_addr(&s, STUN_ATTR_XOR_PEER_ADDRESS, &peer);
		stun_bytes_attr(&s, STUN_ATTR_DATA,
				slice_of(p, made_rtp_packet(&r, i, p)));
		made_turn_inside(&turn, true, stun_bytes_slice(&s));
	}
	made_engine_end(&m);
	for (size_t i = 0; i < m.got_n; i++)
		ck_assert_uint_eq(m.got[i]->call.streams_n, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("engine_turn");
	TCase *t = tcase_create("engine_turn");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, unwrapped, 0, MADE_WAYS);
	tcase_add_loop_test(t, both_sides, 0, MADE_WAYS);
	tcase_add_loop_test(t, both_sides_without_checks, 0, MADE_WAYS);
	tcase_add_test(t, the_far_side_first);
	tcase_add_test(t, silence);
	tcase_add_test(t, channel_that_nobody_bound);
	tcase_add_loop_test(t, channel_without_allocation, 0, 2);
	tcase_add_test(t, turn_inside_of_turn);
	suite_add_tcase(s, t);
	return run_suite(s);
}
