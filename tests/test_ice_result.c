/* What a passive observer may say of an exchange, and what not: consent,
 * roles, one direction only, several pairs, candidates of every kind. */
#include <check.h>
#include <stdio.h>

#include "tests/made_ice.h"
#include "tests/run_suite.h"

static struct counters counters;
static struct ice_table table;
static struct rtc *rtc;
static struct ice_agent *x, *y;
static struct ice *ice;
static struct ice_view view;
static struct arena *mem;
static struct cdr_ice out;

static void setup(void)
{
	counters = (struct counters){0};
	view = (struct ice_view){.now_ns = 1000 * S};
	ck_assert_int_eq(ice_table_init(&table, made_seed, &counters), 0);
	rtc = rtc_new(1 << 20);
	x = ice_agent_get(&table, rtc, SLICE("xxxx"), 0);
	y = ice_agent_get(&table, rtc, SLICE("yyyy"), 1);
	ice = ice_new(&table, x, y);
	ck_assert_ptr_nonnull(ice);
	mem = arena_new(1024, 0);
}

static void teardown(void)
{
	arena_free(mem);
	rtc_free(rtc, &table);
	ice_table_close(&table);
}

static const struct cdr_ice *result(void)
{
	ice_result(ice, &view, mem, &out);
	return &out;
}

static struct ice_pair *pair_at(struct addr a, struct addr b)
{
	return ice_pair_get(&table, ice, &a, &b, false, false);
}

static struct ice_pair *pair(void)
{
	return pair_at(made_ip(1, 5000), made_ip(2, 6000));
}

static void put(struct ice_pair *p, enum ice_end sender, enum stun_class class,
		uint8_t tid, uint64_t at_ms)
{
	struct stun_msg m = made_stun(class, tid);

	m.error_code = 487;
	ice_pair_stun(&table, p, sender, &m, NULL, S + at_ms * MS);
}

static void request(struct ice_pair *p, enum ice_end by, uint8_t tid,
		    uint64_t at_ms)
{
	put(p, by, STUN_REQUEST, tid, at_ms);
}

/* Of a request of the other end. */
static void answer(struct ice_pair *p, enum ice_end by, uint8_t tid,
		   uint64_t at_ms)
{
	put(p, by, STUN_SUCCESS, tid, at_ms);
}

static void describe(struct ice_agent *a, const char *const *texts)
{
	a->described = true;
	for (; *texts; texts++)
		made_candidate(&table, a, *texts);
}

/* --- consent -------------------------------------------------------------- */

/* A pair that worked at 1 s; then so many requests without an answer, so far
 * apart (RFC 7675, 5.1: 30 s). */
static const struct {
	const char *name;
	unsigned n, each_ms;
	bool media, lost;
} silences[] = {
	{"long enough, often enough", 7, 5000, false, true},
	{"30 s are not over", 6, 5000, false, false},
	{"a request each 30 s proves little", 3, 30000, false, false},
	{"many in a short time", 50, 100, false, false},
	/* Browsers close before consent runs out. */
	{"media was there, and it gave up", 9, 1000, true, true},
	{"the same without media", 9, 1000, false, false},
	{"it gave up too early to tell", 9, 900, true, false},
	{"too few to tell", 7, 2000, true, false},
};

START_TEST(silence)
{
	struct ice_pair *p = pair();

	request(p, ICE_A, 1, 0);
	answer(p, ICE_B, 1, 20);
	if (silences[_i].media)
		p->media_ns = 2 * S;
	for (unsigned n = 0; n < silences[_i].n; n++)
		request(p, ICE_A, (uint8_t)(2 + n),
			1000 + n * silences[_i].each_ms);
	ck_assert_msg(result()->pairs[0].consent_lost == silences[_i].lost,
		      "%s", silences[_i].name);
}
END_TEST

START_TEST(an_answer_keeps_consent)
{
	struct ice_pair *p = pair();

	request(p, ICE_A, 1, 0);
	answer(p, ICE_B, 1, 20);
	for (unsigned n = 0; n < 40; n++) {
		request(p, ICE_A, (uint8_t)(2 + n), 1000 + n * 5000);
		if (n % 5 == 4)
			answer(p, ICE_B, (uint8_t)(2 + n), 1020 + n * 5000);
	}
	ck_assert(!result()->pairs[0].consent_lost);
	ck_assert_uint_eq(out.pairs[0].ab.requests, 41);
	ck_assert_uint_eq(out.pairs[0].ab.responses, 9);
}
END_TEST

/* A tap that sees one direction never saw consent. */
START_TEST(one_direction_loses_no_consent)
{
	struct ice_pair *p = pair();

	for (unsigned n = 0; n < 20; n++)
		request(p, ICE_A, (uint8_t)n, n * 5000);
	ck_assert(!result()->pairs[0].consent_lost);
	ck_assert_str_eq(out.pairs[0].state, "unknown");
	ck_assert_str_eq(out.result, "unknown");
}
END_TEST

/* --- one direction -------------------------------------------------------- */

static bool hears_all(void *arg, const struct addr *a)
{
	(void)arg;
	return !addr_is_any(a);
}

/* What shows that an answer would have been seen. */
static const struct {
	const char *name;
	bool here, other_port, other_exchange, elsewhere;
	bool relayed; /* the other pair is inside of TURN */
	const char *state;
} views[] = {
	{"nothing", false, false, false, false, false, "unknown"},
	{"the same path", true, false, false, false, false, "failed"},
	{"another pair towards that host", false, true, false, false, false,
	 "failed"},
	{"inside of TURN is another path", false, true, false, false, true,
	 "unknown"},
	{"an earlier exchange", false, false, true, false, false, "failed"},
	{"answers of a STUN server", false, false, false, true, false,
	 "failed"},
};

START_TEST(sees_the_way_back)
{
	struct ice_pair *p = pair(), *o;
	struct addr a = made_ip(1, 5002), b = made_ip(3, 6000);

	request(p, ICE_A, 1, 0);
	if (views[_i].here)
		request(p, ICE_B, 2, 10);
	if (views[_i].elsewhere)
		view.hears = hears_all;
	o = ice_pair_get(&table, ice, &a, &b, views[_i].relayed, false);
	if (views[_i].other_port)
		request(o, ICE_B, 3, 10);
	if (views[_i].other_exchange) {
		struct ice *before = ice_new(
			&table, ice_agent_get(&table, rtc, SLICE("x0"), 0),
			ice_agent_get(&table, rtc, SLICE("y0"), 1));

		o = ice_pair_get(&table, before, &a, &b, false, false);
		request(o, ICE_B, 3, 10);
	}
	result();
	ck_assert_msg(!strcmp(out.pairs[0].state, views[_i].state), "%s: %s",
		      views[_i].name, out.pairs[0].state);
}
END_TEST

/* --- roles ---------------------------------------------------------------- */

static void checked(struct ice_pair *p, enum ice_end by, uint8_t tid,
		    enum stun_role role, uint64_t at_ms)
{
	struct stun_msg m = made_stun(STUN_REQUEST, tid);

	m.role = role;
	ice_pair_stun(&table, p, by, &m, NULL, S + at_ms * MS);
}

/* RFC 8445, 7.3.1.1: both say that they control; one gives way. */
START_TEST(conflict_resolved)
{
	struct ice_pair *p = pair();

	checked(p, ICE_A, 1, STUN_CONTROLLING, 0);
	checked(p, ICE_B, 2, STUN_CONTROLLING, 5);
	put(p, ICE_B, STUN_ERROR, 1, 10);
	checked(p, ICE_A, 3, STUN_CONTROLLED, 20);
	answer(p, ICE_B, 3, 30);
	result();
	ck_assert_uint_eq(out.role_conflicts, 1);
	ck_assert_str_eq(out.controlling, "b");
	ck_assert_str_eq(out.pairs[0].state, "succeeded");
	ck_assert_uint_eq(out.pairs[0].ab.errors, 1);
}
END_TEST

START_TEST(conflict_for_good)
{
	struct ice_pair *p = pair();

	checked(p, ICE_A, 1, STUN_CONTROLLING, 0);
	put(p, ICE_B, STUN_ERROR, 1, 10);
	checked(p, ICE_A, 2, STUN_CONTROLLING, 20);
	put(p, ICE_B, STUN_ERROR, 2, 30);
	result();
	ck_assert_uint_eq(out.role_conflicts, 2);
	ck_assert_str_eq(out.pairs[0].state, "failed");
	ck_assert(slice_eq(out.pairs[0].reason, SLICE("487")));
	ck_assert_str_eq(out.result, "failed");
}
END_TEST

START_TEST(nobody_said_a_role)
{
	request(pair(), ICE_A, 1, 0);
	ck_assert_ptr_null(result()->controlling);
	ck_assert_ptr_null(out.nomination);
}
END_TEST

/* By agent: x, y; y made the offer: it is a. */
static const struct {
	bool x, y;
	const char *lite;
} lites[] = {
	{false, false, NULL},
	{true, false, "b"},
	{false, true, "a"},
	{true, true, "both"},
};

START_TEST(lite)
{
	x->lite = lites[_i].x;
	y->lite = lites[_i].y;
	y->offerer = true;
	result();
	if (lites[_i].lite)
		ck_assert_str_eq(out.lite, lites[_i].lite);
	else
		ck_assert_ptr_null(out.lite);
}
END_TEST

/* --- transactions --------------------------------------------------------- */

/* More checks under way than are remembered: the first are forgotten. */
START_TEST(many_under_way)
{
	struct ice_pair *p = pair();

	for (uint8_t n = 0; n < 8; n++)
		request(p, ICE_A, n, n);
	for (uint8_t n = 0; n < 8; n++) {
		struct stun_msg m = made_stun(STUN_SUCCESS, n);

		ck_assert(ice_pair_waits(p, ICE_B, &m) == (n >= 2));
		ck_assert(!ice_pair_waits(p, ICE_A, &m));
		answer(p, ICE_B, n, 20);
		ck_assert(!ice_pair_waits(p, ICE_B, &m));
	}
	result();
	ck_assert_uint_eq(out.pairs[0].ab.requests, 8);
	ck_assert_uint_eq(out.pairs[0].ab.responses, 6);
}
END_TEST

/* Keepalives (RFC 8445, 11) show a path, no more. */
START_TEST(indications)
{
	struct ice_pair *p = pair();

	put(p, ICE_B, STUN_INDICATION, 9, 0);
	request(p, ICE_A, 1, 100);
	result();
	ck_assert_uint_eq(out.pairs[0].ba.requests, 0);
	ck_assert_str_eq(out.pairs[0].state, "failed");
	ck_assert(slice_eq(out.pairs[0].reason, SLICE("no-answer")));
	ck_assert_uint_eq(out.pairs[0].first, S + 100 * MS);
}
END_TEST

/* The answer's frame comes behind its request, with an earlier time. */
START_TEST(times_go_back)
{
	struct ice_pair *p = pair();

	request(p, ICE_A, 1, 500);
	answer(p, ICE_B, 1, 400);
	request(p, ICE_A, 2, 300);
	answer(p, ICE_B, 2, 520);
	result();
	ck_assert_double_eq_tol(out.pairs[0].ab.rtt_ms_mean, 10, 1e-9);
	ck_assert_uint_eq(out.pairs[0].first, S + 500 * MS);
	ck_assert_uint_eq(out.pairs[0].last, S + 500 * MS);
	ck_assert_int_eq(out.connect_us, 0);
}
END_TEST

/* Both sides checked, one had answers only. */
START_TEST(one_sided)
{
	struct ice_pair *p = pair();

	request(p, ICE_A, 1, 0);
	answer(p, ICE_B, 1, 10);
	request(p, ICE_B, 2, 20);
	result();
	ck_assert_str_eq(out.pairs[0].state, "succeeded");
	ck_assert(slice_eq(out.pairs[0].reason, SLICE("no-answer")));
	view = (struct ice_view){.now_ns = 2 * S, .input_ended = true};
	result();
	ck_assert_uint_eq(out.pairs[0].reason.len, 0);
}
END_TEST

/* --- several pairs -------------------------------------------------------- */

#define A1 "candidate:1 1 udp 9 192.0.2.1 5000 typ host"
#define A2 "candidate:1 2 udp 8 192.0.2.1 5001 typ host"
#define B1 "candidate:1 1 udp 9 192.0.2.2 6000 typ host"
#define B2 "candidate:1 2 udp 8 192.0.2.2 6001 typ host"

/* RTP and RTCP without mux: each has its own. */
START_TEST(selected_by_component)
{
	static const char *const of_a[] = {A1, A2, NULL};
	static const char *const of_b[] = {B1, B2, NULL};

	describe(x, of_a);
	describe(y, of_b);
	pair_at(made_ip(1, 5000), made_ip(2, 6000))->media_ns = 5 * S;
	pair_at(made_ip(1, 5001), made_ip(2, 6001))->media_ns = 4 * S;
	pair_at(made_ip(9, 5000), made_ip(2, 6000))->media_ns = 3 * S;
	result();
	ck_assert_uint_eq(out.pairs[0].component, 1);
	ck_assert_uint_eq(out.pairs[1].component, 2);
	ck_assert(out.pairs[0].selected);
	ck_assert(out.pairs[1].selected);
	ck_assert(!out.pairs[2].selected);
	ck_assert_str_eq(out.result, "connected");
}
END_TEST

START_TEST(rows_of_what_was_not_tried_are_bounded)
{
	char text[96];

	x->described = y->described = true;
	for (unsigned n = 0; n < 20; n++) {
		snprintf(text, sizeof(text),
			 "candidate:1 1 udp 9 192.0.2.1 %u typ host", 100 + n);
		made_candidate(&table, x, text);
		made_candidate(&table, y, text);
	}
	ck_assert_uint_eq(result()->pairs_n, 64);
	ck_assert_uint_eq(out.candidates_n, 40);
}
END_TEST

/* --- candidates ----------------------------------------------------------- */

/* Of a, of b: whether there is a pair that was not tried. */
static const struct {
	const char *name, *a, *b;
	bool pair;
} fits[] = {
	{"hosts", A1, B1, true},
	{"components differ", A1, B2, false},
	{"families differ", A1, "candidate:1 1 udp 9 2001:db8::2 6000 typ host",
	 false},
	{"IPv6", "candidate:1 1 udp 9 2001:db8::1 5000 typ host",
	 "candidate:1 1 udp 9 2001:db8::2 6000 typ host", true},
	{"transports differ", A1,
	 "candidate:1 1 tcp 9 192.0.2.2 6000 typ host tcptype passive", false},
	{"TCP, active and passive (RFC 6544, 6.2)",
	 "candidate:1 1 tcp 9 192.0.2.1 9 typ host tcptype active",
	 "candidate:1 1 tcp 9 192.0.2.2 6000 typ host tcptype passive", false},
	{"a name", A1, "candidate:1 1 udp 9 0a.local 6000 typ host", false},
	{"a relayed one", A1, "candidate:1 1 udp 9 192.0.2.9 7000 typ relay",
	 true},
	/* Checks leave from the base. */
	{"both reflexive",
	 "candidate:1 1 udp 9 198.51.100.1 7000 typ srflx raddr 0.0.0.0 rport "
	 "0",
	 "candidate:1 1 udp 9 198.51.100.2 7000 typ srflx raddr 0.0.0.0 rport "
	 "0",
	 false},
};

START_TEST(could_have_been)
{
	const char *const of_a[] = {fits[_i].a, NULL};
	const char *const of_b[] = {fits[_i].b, NULL};

	describe(x, of_a);
	describe(y, of_b);
	ck_assert_msg((result()->pairs_n == 1) == fits[_i].pair, "%s",
		      fits[_i].name);
}
END_TEST

/* Which names an address that shows up may stand for: the port is not
 * hidden. */
START_TEST(names)
{
	static const char *const of_b[] = {
		"candidate:1 1 udp 9 0a.local 6000 typ host",
		"candidate:2 1 udp 9 0b.local 6002 typ host", NULL};
	struct addr first = made_ip(2, 6000), second = made_ip(2, 6002);
	struct addr again = made_ip(3, 6000);

	describe(y, of_b);
	ice_learn(&table, y, &second, NULL, 0, false);
	ice_learn(&table, y, &first, NULL, 0, false);
	ice_learn(&table, y, &again, NULL, 0, false);
	result();
	ck_assert_uint_eq(out.candidates_n, 3);
	ck_assert(addr_eq(&out.candidates[0].resolved, &first));
	ck_assert(addr_eq(&out.candidates[1].resolved, &second));
	ck_assert(slice_eq(out.candidates[1].addr, SLICE("0b.local:6002")));
	ck_assert_str_eq(out.candidates[2].type, "prflx");
	ck_assert(slice_eq(out.candidates[2].addr, SLICE("192.0.2.3:6000")));
}
END_TEST

static enum sdp_candidate_type a_relay(void *arg, const struct addr *a)
{
	(void)arg;
	return a->port == 7000 ? SDP_CAND_RELAY : SDP_CAND_OTHER;
}

/* Nobody described them: what else is known of the addresses tells. */
START_TEST(types_from_elsewhere)
{
	struct addr relay = made_ip(9, 7000), host = made_ip(1, 5000);

	view.type_of = a_relay;
	ice_learn(&table, x, &relay, NULL, 0, false);
	ice_learn(&table, x, &host, NULL, 0, false);
	result();
	ck_assert_str_eq(out.candidates[0].type, "relay");
	ck_assert_ptr_null(out.candidates[1].type);
	ck_assert_uint_eq(out.candidates[0].component, CDR_NO_U32);
	ck_assert_uint_eq(out.candidates[0].priority, CDR_NO_U32);
}
END_TEST

/* What checks came from is a host where its own description says so. */
START_TEST(learned_then_trickled)
{
	struct addr at = made_ip(1, 5000);

	x->described = true;
	ice_learn(&table, x, &at, NULL, 7, false);
	ck_assert_str_eq(result()->candidates[0].type, "prflx");
	made_candidate(&table, x, A1);
	ck_assert_uint_eq(result()->candidates_n, 1);
	ck_assert_str_eq(out.candidates[0].type, "host");
	ck_assert_uint_eq(out.candidates[0].priority, 9);
}
END_TEST

/* One and the same address over UDP and over TCP are two. */
START_TEST(tcp_is_another_candidate)
{
	static const char *const of_a[] = {
		A1,
		"candidate:1 1 tcp 9 192.0.2.1 5000 typ host tcptype "
		"passive",
		NULL};
	struct addr a = made_ip(1, 5000), b = made_ip(2, 40000);

	describe(x, of_a);
	ice_pair_get(&table, ice, &a, &b, false, true);
	ice_pair_get(&table, ice, &a, &b, false, false);
	result();
	ck_assert_uint_eq(out.candidates_n, 2);
	ck_assert_uint_eq(out.pairs_n, 2);
	ck_assert_str_eq(out.pairs[0].transport, "tcp");
	ck_assert_str_eq(out.pairs[1].transport, "udp");
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static void add_candidates(Suite *s)
{
	TCase *t = tcase_create("pairs and candidates");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, selected_by_component);
	tcase_add_test(t, rows_of_what_was_not_tried_are_bounded);
	tcase_add_loop_test(t, could_have_been, 0, COUNT(fits));
	tcase_add_test(t, names);
	tcase_add_test(t, types_from_elsewhere);
	tcase_add_test(t, learned_then_trickled);
	tcase_add_test(t, tcp_is_another_candidate);
	suite_add_tcase(s, t);
}

int main(void)
{
	Suite *s = suite_create("ice_result");
	TCase *t = tcase_create("checks");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, silence, 0, COUNT(silences));
	tcase_add_test(t, an_answer_keeps_consent);
	tcase_add_test(t, one_direction_loses_no_consent);
	tcase_add_loop_test(t, sees_the_way_back, 0, COUNT(views));
	tcase_add_test(t, conflict_resolved);
	tcase_add_test(t, conflict_for_good);
	tcase_add_test(t, nobody_said_a_role);
	tcase_add_loop_test(t, lite, 0, COUNT(lites));
	tcase_add_test(t, many_under_way);
	tcase_add_test(t, indications);
	tcase_add_test(t, times_go_back);
	tcase_add_test(t, one_sided);
	suite_add_tcase(s, t);
	add_candidates(s);
	return run_suite(s);
}
