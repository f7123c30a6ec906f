/* Sessions that nobody signalled: known from the checks of ICE alone. */
#include <check.h>

#include "tests/made_engine.h"
#include "tests/run_suite.h"

static struct made_engine m;

static void setup(void)
{
	struct engine_config cfg = made_engine_config();

	made_engine_begin(&m, &cfg);
}

static void teardown(void)
{
	made_engine_free(&m);
}

#define A made_at(1, 5000)
#define B made_at(2, 6000)

static struct made_check check_of(const char *sender, const char *receiver,
				  uint32_t tid)
{
	return (struct made_check){.from = A,
				   .to = B,
				   .sender = sender,
				   .receiver = receiver,
				   .tid = tid};
}

static void check(uint64_t ms, struct addr from, struct addr to,
		  const char *sender, const char *receiver, bool use)
{
	static uint32_t tid;
	struct made_check c = {.from = from,
			       .to = to,
			       .sender = sender,
			       .receiver = receiver,
			       .use = use,
			       .tid = ++tid};

	c.controlled = sender[0] == 'b';
	made_check(&m, ms, &c);
}

/* Both ways, and a nominates. */
static void connect(uint64_t ms, const char *a, const char *b)
{
	check(ms, A, B, a, b, false);
	check(ms + 20, B, A, b, a, false);
	check(ms + 40, A, B, a, b, true);
}

static void talk(uint64_t ms, struct addr from, struct addr to, uint32_t ssrc,
		 uint16_t seq, unsigned n)
{
	struct made_rtp r = {from, to, ssrc, seq, n, 111};

	made_rtp(&m, ms, &r);
}

/* --- one session ---------------------------------------------------------- */

START_TEST(checks_make_a_session)
{
	const struct cdr_call *s;
	const struct cdr_ice_pair *p;

	connect(0, "aaaa", "bbbb");
	made_engine_end(&m);
	ck_assert_int_eq(made_only(&m)->kind, CDR_SESSION);
	s = &m.got[0]->call;
	ck_assert_str_eq(s->kind, "webrtc");
	ck_assert_ptr_null(s->signalling);
	ck_assert_uint_eq(s->start, MADE_T0);
	ck_assert_uint_eq(s->ice_n, 1);
	ck_assert(slice_eq(s->ice[0].a, SLICE("aaaa")));
	ck_assert_str_eq(s->ice[0].controlling, "a");
	ck_assert_str_eq(s->ice[0].result, "connected");
	ck_assert_int_eq(s->ice[0].connect_us, 50000);
	ck_assert_uint_eq(s->ice[0].candidates_n, 2);
	ck_assert_uint_eq(s->ice[0].pairs_n, 1);
	p = &s->ice[0].pairs[0];
	ck_assert_uint_eq(p->local.port, 5000);
	ck_assert_uint_eq(p->remote.port, 6000);
	ck_assert_str_eq(p->state, "succeeded");
	ck_assert(p->nominated);
	ck_assert(!p->selected); /* no media */
	ck_assert_uint_eq(p->ab.requests, 2);
	ck_assert_uint_eq(p->ab.responses, 2);
	ck_assert_uint_eq(p->ba.responses, 1);
	ck_assert_double_eq_tol(p->ab.rtt_ms_mean, 10, 1e-9);
	ck_assert_uint_eq(engine_stats(m.engine)->stun, 6);
}
END_TEST

START_TEST(media_selects_the_pair)
{
	const struct cdr_call *s;

	check(0, A, made_at(3, 6000), "aaaa", "bbbb", false);
	connect(5, "aaaa", "bbbb");
	talk(100, A, B, 1, 10, 20);
	talk(105, B, A, 2, 10, 30);
	made_engine_end(&m);
	s = &made_only(&m)->call;
	ck_assert_uint_eq(s->ice[0].pairs_n, 2);
	ck_assert(!s->ice[0].pairs[0].selected);
	ck_assert(s->ice[0].pairs[1].selected);
	ck_assert_uint_eq(s->streams_n, 2);
	ck_assert_str_eq(s->streams[0].sender, "a");
	ck_assert_uint_eq(s->streams[0].packets, 20);
	ck_assert_str_eq(s->streams[1].sender, "b");
	ck_assert_uint_eq(s->streams[1].packets, 30);
	ck_assert_uint_eq(engine_stats(m.engine)->rtp, 50);
}
END_TEST

/* It came before its checks did, as where the capture begins late. */
START_TEST(media_before_its_checks)
{
	const struct cdr_call *s;

	talk(0, A, B, 1, 10, 3);
	connect(100, "aaaa", "bbbb");
	talk(200, A, B, 1, 13, 20);
	made_engine_end(&m);
	s = &made_only(&m)->call;
	ck_assert_uint_eq(s->streams_n, 1);
	ck_assert_uint_eq(s->streams[0].packets, 23);
	ck_assert_str_eq(s->kind, "webrtc");
	ck_assert_uint_eq(engine_stats(m.engine)->rtp, 23);
}
END_TEST

/* Whoever checks first, the session has the same name. */
START_TEST(named_by_its_ufrags)
{
	char first[CDR_UID];

	check(0, A, B, "aaaa", "bbbb", false);
	made_engine_end(&m);
	memcpy(first, made_only(&m)->uid, sizeof(first));
	teardown();
	setup();
	check(0, B, A, "bbbb", "aaaa", false);
	made_engine_end(&m);
	ck_assert_str_eq(made_only(&m)->uid, first);
}
END_TEST

START_TEST(nothing_comes_back)
{
	struct stun_bytes s;

	for (uint32_t n = 0; n < 10; n++) {
		struct made_check c = check_of("aaaa", "bbbb", 100 + n);

		made_check_request(&s, &c);
		made_udp(&m, n * 500, A, B, stun_bytes_slice(&s));
	}
	made_engine_end(&m);
	ck_assert_str_eq(made_only(&m)->call.ice[0].result, "unknown");
	ck_assert_str_eq(m.got[0]->call.ice[0].pairs[0].state, "unknown");
}
END_TEST

/* The same, where the tap hears a STUN server answer to that host. */
START_TEST(nothing_comes_back_and_would_be_seen)
{
	struct addr server = made_at(9, 3478), seen = made_at(77, 7777);
	struct stun_bytes s;

	stun_bytes_begin(&s, STUN_REQUEST, STUN_BINDING, 1);
	made_udp(&m, 0, A, server, stun_bytes_slice(&s));
	stun_bytes_begin(&s, STUN_SUCCESS, STUN_BINDING, 1);
	stun_bytes_addr(&s, STUN_ATTR_XOR_MAPPED_ADDRESS, &seen);
	made_udp(&m, 10, server, A, stun_bytes_slice(&s));
	for (uint32_t n = 0; n < 10; n++) {
		struct made_check c = check_of("aaaa", "bbbb", 100 + n);

		made_check_request(&s, &c);
		made_udp(&m, 100 + n * 1000, A, B, stun_bytes_slice(&s));
	}
	made_engine_end(&m);
	ck_assert_str_eq(made_only(&m)->call.ice[0].result, "failed");
	ck_assert_str_eq(m.got[0]->call.state, "failed");
	ck_assert_uint_eq(m.got[0]->call.nat_n, 1);
	ck_assert_uint_eq(m.got[0]->call.nat[0].mapped.port, 7777);
}
END_TEST

/* RFC 6544: behind a length each, on a connection. */
START_TEST(over_tcp)
{
	struct made_check c = check_of("aaaa", "bbbb", 1);
	struct made_rtp r = {A, B, 7, 1, 10, 111};
	struct made_tcp t;
	struct stun_bytes s;
	uint8_t b[400];

	made_tcp_open(&m, 0, &t, A, B);
	for (unsigned n = 0; n < 12; n++) {
		size_t len = 0;

		if (n == 0)
			made_check_request(&s, &c);
		else if (n == 1)
			made_check_answer(&s, &c);
		if (n < 2) {
			len = s.len;
			memcpy(b + 2, s.b, len);
		} else {
			len = made_rtp_packet(&r, n - 2, b + 2);
		}
		b[0] = (uint8_t)(len >> 8);
		b[1] = (uint8_t)len;
		made_tcp_send(&m, n * 20, &t, n == 1, slice_of(b, len + 2));
	}
	made_engine_end(&m);
	ck_assert_str_eq(made_only(&m)->call.ice[0].pairs[0].transport, "tcp");
	ck_assert(m.got[0]->call.ice[0].pairs[0].selected);
	ck_assert_uint_eq(m.got[0]->call.streams_n, 1);
	ck_assert_uint_eq(m.got[0]->call.streams[0].packets, 10);
}
END_TEST

/* --- several -------------------------------------------------------------- */

/* A media server takes all of its clients on one port. */
START_TEST(two_sessions_on_one_port)
{
	struct addr other = made_at(3, 5000);

	check(0, A, B, "aaaa", "bbbb", true);
	check(5, other, B, "cccc", "dddd", true);
	talk(50, A, B, 1, 10, 20);
	talk(50, other, B, 2, 10, 30);
	made_engine_end(&m);
	ck_assert_uint_eq(m.got_n, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct cdr_call *s = &m.got[i]->call;

		ck_assert(slice_eq(s->ice[0].a,
				   i ? SLICE("cccc") : SLICE("aaaa")));
		ck_assert_uint_eq(s->streams_n, 1);
		ck_assert_uint_eq(s->streams[0].packets, i ? 30 : 20);
	}
}
END_TEST

/* Two tabs of one browser share address and port with one server: the flow is
 * the same, the later exchange takes it over. */
START_TEST(another_exchange_on_the_same_flow)
{
	connect(0, "aaaa", "bbbb");
	talk(100, A, B, 1, 10, 20);
	connect(1000, "a222", "b222");
	talk(1100, A, B, 1, 30, 20);
	made_engine_end(&m);
	ck_assert_uint_eq(made_only(&m)->call.ice_n, 2);
	ck_assert_uint_eq(m.got[0]->call.ice[0].generation, 1);
	ck_assert_str_eq(m.got[0]->call.ice[0].result, "restarted");
	ck_assert_uint_eq(m.got[0]->call.ice[1].generation, 2);
	ck_assert_str_eq(m.got[0]->call.ice[1].result, "connected");
	ck_assert(m.got[0]->call.ice[0].pairs[0].selected);
	ck_assert(m.got[0]->call.ice[1].pairs[0].selected);
	ck_assert_uint_eq(m.got[0]->call.streams_n, 1);
	ck_assert_uint_eq(m.got[0]->call.streams[0].packets, 40);
}
END_TEST

/* The client has moved to another network: new address, new ufrags, the same
 * SSRC goes on (or does not). */
static const struct {
	const char *name;
	uint32_t ssrc;
	uint16_t seq;
	uint8_t server;
	size_t records;
} moves[] = {
	{"goes on", 1, 30, 2, 1},
	{"another SSRC", 2, 30, 2, 2},
	{"a number that is far away", 1, 9000, 2, 2},
	{"another server", 1, 30, 4, 2},
};

START_TEST(restart_elsewhere)
{
	struct addr moved = made_at(3, 5555),
		    to = made_at(moves[_i].server, 6000);

	check(0, A, B, "aaaa", "bbbb", true);
	talk(100, A, B, 1, 10, 20);
	check(1000, moved, to, "a222", "b222", true);
	talk(1100, moved, to, moves[_i].ssrc, moves[_i].seq, 20);
	made_engine_end(&m);
	ck_assert_msg(m.got_n == moves[_i].records, "%s: %zu records",
		      moves[_i].name, m.got_n);
	if (m.got_n > 1)
		return;
	ck_assert_uint_eq(m.got[0]->call.ice_n, 2);
	ck_assert(slice_eq(m.got[0]->call.ice[0].a, SLICE("aaaa")));
	ck_assert_str_eq(m.got[0]->call.ice[0].result, "restarted");
	ck_assert_uint_eq(m.got[0]->call.ice[1].generation, 2);
	ck_assert_uint_eq(m.got[0]->call.streams_n, 2);
}
END_TEST

/* --- what is no check ----------------------------------------------------- */

START_TEST(damaged)
{
	struct made_check c = check_of("aaaa", "bbbb", 1);
	struct stun_bytes s;

	made_check_request(&s, &c);
	s.b[s.len - 1] ^= 1;
	made_udp(&m, 0, A, B, stun_bytes_slice(&s));
	made_engine_end(&m);
	ck_assert_uint_eq(m.got_n, 0);
	ck_assert_uint_eq(made_counted(&m, "stun.bad_fingerprint"), 1);
}
END_TEST

/* Of a STUN server with credentials, a keepalive, an answer to nobody. */
static const struct {
	const char *name;
	enum stun_class class;
	const char *username, *realm;
	bool priority;
} others[] = {
	{"a plain request", STUN_REQUEST, NULL, NULL, false},
	{"a user with a colon, long-term", STUN_REQUEST, "1700000000:lab",
	 "example.org", false},
	{"no sign of ICE", STUN_REQUEST, "aaaa:bbbb", NULL, false},
	{"no sender", STUN_REQUEST, "aaaa:", NULL, true},
	{"the same twice", STUN_REQUEST, "aaaa:aaaa", NULL, true},
	{"a keepalive", STUN_INDICATION, NULL, NULL, false},
	{"an answer to nobody", STUN_SUCCESS, NULL, NULL, false},
};

START_TEST(no_check)
{
	struct stun_bytes s;

	stun_bytes_begin(&s, others[_i].class, STUN_BINDING, 1);
	if (others[_i].username)
		stun_bytes_attr(&s, STUN_ATTR_USERNAME,
				slice_str(others[_i].username));
	if (others[_i].realm)
		stun_bytes_attr(&s, STUN_ATTR_REALM,
				slice_str(others[_i].realm));
	if (others[_i].priority)
		stun_bytes_u32(&s, STUN_ATTR_PRIORITY, 7);
	stun_bytes_fingerprint(&s);
	made_udp(&m, 0, A, B, stun_bytes_slice(&s));
	made_engine_end(&m);
	ck_assert_msg(!m.got_n, "%s", others[_i].name);
	ck_assert_uint_eq(engine_stats(m.engine)->stun, 1);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
	Suite *s = suite_create("engine_ice");
	TCase *t = tcase_create("engine_ice");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, checks_make_a_session);
	tcase_add_test(t, media_selects_the_pair);
	tcase_add_test(t, media_before_its_checks);
	tcase_add_test(t, named_by_its_ufrags);
	tcase_add_test(t, nothing_comes_back);
	tcase_add_test(t, nothing_comes_back_and_would_be_seen);
	tcase_add_test(t, over_tcp);
	tcase_add_test(t, two_sessions_on_one_port);
	tcase_add_test(t, another_exchange_on_the_same_flow);
	tcase_add_loop_test(t, restart_elsewhere, 0, COUNT(moves));
	tcase_add_test(t, damaged);
	tcase_add_loop_test(t, no_check, 0, COUNT(others));
	suite_add_tcase(s, t);
	return run_suite(s);
}
