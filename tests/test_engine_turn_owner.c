/* Allocations through the engine: what becomes of them, and whose they are. */
#include <check.h>

#include "tests/made_signal.h"
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

/* --- allocations that lead nowhere ---------------------------------------- */

START_TEST(allocation_alone)
{
	made_turn_init(&turn, &m, MADE_INDICATIONS);
	made_turn_allocate(&turn);
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
	made_turn_init(&turn, &m, MADE_INDICATIONS);
	made_turn_ask(&turn, false);
	made_turn_refuse(&turn, TURN_ALLOCATE, 401);
	made_turn_ask(&turn, true);
	made_turn_refuse(&turn, TURN_ALLOCATE, refusals[_i].code);
	made_engine_end(&m);
	ck_assert_uint_eq(made_only(&m)->call.turn[0].error,
			  refusals[_i].error);
	ck_assert_str_eq(m.got[0]->call.state, refusals[_i].state);
	ck_assert_uint_eq(m.got[0]->call.turn[0].created, 0);
}
END_TEST

/* Given back, and asked for again from the same port. */
START_TEST(one_after_the_other)
{
	const struct cdr_call *s;

	made_turn_begin(&turn);
	made_turn_refresh(&turn, 0);
	turn.relayed.port = 50002;
	made_turn_begin(&turn);
	made_engine_end(&m);
	s = &made_only(&m)->call;
	ck_assert_uint_eq(s->turn_n, 2);
	ck_assert_uint_ne(s->turn[0].closed, 0);
	ck_assert_uint_eq(s->turn[0].relayed.port, 50000);
	ck_assert_uint_eq(s->turn[1].closed, 0);
	ck_assert_uint_eq(s->turn[1].relayed.port, 50002);
}
END_TEST

/* A refresh that is refused is no end; one that is granted lasts. */
START_TEST(refreshed)
{
	struct stun_bytes s;

	made_turn_begin(&turn);
	made_turn_request(&turn, &s, TURN_REFRESH, true);
	made_turn_carry(&turn, true, &s);
	made_turn_refuse(&turn, TURN_REFRESH, 438);
	made_turn_refresh(&turn, 300);
	made_engine_end(&m);
	ck_assert_uint_eq(made_only(&m)->call.turn[0].error, CDR_NO_U32);
	ck_assert_uint_eq(m.got[0]->call.turn[0].lifetime_s, 300);
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

	made_sip(&m, turn.ms, &s);
	s = (struct made_sip){made_at(2, 5060),
			      made_at(1, 5060),
			      "SIP/2.0 200 OK",
			      "c1",
			      "1 INVITE",
			      ";tag=b",
			      &b};
	made_sip(&m, turn.ms + 5, &s);
	turn.ms += 10;
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

	made_tcp_open(&m, turn.ms, &t, made_at(1, 40000), made_at(8, 80));
	made_ws_open(&m, turn.ms, &t);
	made_json(text, "offer", &a);
	made_ws_text(&m, turn.ms, &t, 0, text);
	turn.ms += 10;
}

/* t TURN, s signalling, c checks, m media */
static const char *const orders[] = {"tscm", "stcm", "tcsm", "tcms"};

#define ORDERS ((int)(sizeof(orders) / sizeof(orders[0])))

static void play(const char *order, void (*say)(void))
{
	made_turn_init(&turn, &m, MADE_CHANNEL);
	for (const char *k = order; *k; k++) {
		if (*k == 't')
			made_turn_begin(&turn);
		else if (*k == 's')
			say();
		else if (*k == 'c')
			made_turn_check(&turn);
		else
			made_turn_talk(&turn, 10, 0);
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

	made_turn_init(&turn, &m, MADE_INDICATIONS);
	if (_i)
		made_turn_allocate(&turn);
	made_tcp_open(&m, turn.ms, &t, made_at(1, 40000), made_at(8, 80));
	made_ws_open(&m, turn.ms, &t);
	made_json(text, "offer", &a);
	made_ws_text(&m, turn.ms, &t, 0, text);
	if (!_i)
		made_turn_allocate(&turn);
	made_engine_end(&m);
	ck_assert_uint_eq(made_only(&m)->call.turn_n, 1);
}
END_TEST

/* ICE shows the client's own address: by a check, or a description. */
START_TEST(same_socket)
{
	struct made_check c = {turn.client, made_at(2, 6002),
			       "aaaa",	    "bbbb",
			       NULL,	    false,
			       true,	    77};
	struct made_party a = {.id = "1111111111",
			       .version = 1,
			       .ufrag = "aaaa",
			       .pwd = "0123456789abcdefghijkl",
			       .more = "a=candidate:1 1 udp 2130706431 "
				       "10.0.0.1 5000 typ host\r\n"};
	struct made_tcp t;
	char text[MADE_TEXT];

	if (_i) {
		/* not from that host */
		made_tcp_open(&m, 0, &t, made_at(3, 40000), made_at(8, 80));
		made_ws_open(&m, 0, &t);
		made_json(text, "offer", &a);
		made_ws_text(&m, 0, &t, 0, text);
	} else {
		made_check(&m, 0, &c);
	}
	turn.ms = 20000; /* long after */
	made_turn_allocate(&turn);
	made_engine_end(&m);
	ck_assert_uint_eq(made_only(&m)->call.turn_n, 1);
	ck_assert_uint_eq(m.got[0]->call.ice_n, !_i);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
	Suite *s = suite_create("engine_turn_owner");
	TCase *t = tcase_create("engine_turn_owner");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, allocation_alone);
	tcase_add_loop_test(t, refused, 0, COUNT(refusals));
	tcase_add_test(t, one_after_the_other);
	tcase_add_test(t, refreshed);
	tcase_add_loop_test(t, with_sip, 0, ORDERS);
	tcase_add_loop_test(t, with_json, 0, ORDERS);
	tcase_add_loop_test(t, same_host_same_time, 0, 2);
	tcase_add_loop_test(t, same_socket, 0, 2);
	suite_add_tcase(s, t);
	return run_suite(s);
}
