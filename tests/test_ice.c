#include <check.h>
#include <stdio.h>

#include "tests/made_ice.h"
#include "tests/run_suite.h"

static struct counters counters;
static struct ice_table table;
static struct rtc *rtc;
static struct ice_agent *x, *y;
static struct ice *ice;
static struct arena *mem;
static struct cdr_ice out;

static void setup(void)
{
	counters = (struct counters){0};
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

static const struct cdr_ice *result_at(uint64_t now_ns, bool ended)
{
	struct ice_view v = {.now_ns = now_ns, .input_ended = ended};

	ice_result(ice, &v, mem, &out);
	return &out;
}

static struct ice_pair *pair_of(uint8_t a, uint8_t b)
{
	struct addr from = made_ip(a, 5000), to = made_ip(b, 6000);

	return ice_pair_get(&table, ice, &from, &to, false, false);
}

/* --- names --------------------------------------------------------------- */

static const struct {
	const char *text, *receiver, *sender; /* NULL: not of that form */
} usernames[] = {
	{"abcd:efgh", "abcd", "efgh"}, {"a+b/:c", "a+b/", "c"},
	{"abcd", NULL, NULL},	       {":efgh", NULL, NULL},
	{"abcd:", NULL, NULL},	       {"", NULL, NULL},
};

START_TEST(username)
{
	struct slice r, s;
	bool ok = ice_username(slice_str(usernames[_i].text), &r, &s);

	ck_assert(ok == (usernames[_i].receiver != NULL));
	if (!ok)
		return;
	ck_assert(slice_eq(r, slice_str(usernames[_i].receiver)));
	ck_assert(slice_eq(s, slice_str(usernames[_i].sender)));
}
END_TEST

START_TEST(found_by_either_order)
{
	ck_assert_ptr_eq(ice_find(&table, SLICE("xxxx"), SLICE("yyyy")), ice);
	ck_assert_ptr_eq(ice_find(&table, SLICE("yyyy"), SLICE("xxxx")), ice);
	ck_assert_ptr_null(ice_find(&table, SLICE("xxxx"), SLICE("xxxx")));
	ck_assert_ptr_null(ice_find(&table, SLICE("xxxx"), SLICE("zzzz")));
	ck_assert_ptr_eq(ice_agent_find(&table, SLICE("yyyy")), y);
	ck_assert_ptr_null(ice_agent_next(y));
}
END_TEST

START_TEST(generations)
{
	struct ice_agent *x2 = ice_agent_get(&table, rtc, SLICE("x222"), 0);
	struct ice_agent *y2 = ice_agent_get(&table, rtc, SLICE("y222"), 1);
	struct ice_agent *z = ice_agent_get(&table, rtc, SLICE("zzzz"), 1);

	/* a fork answers the same offer; new ufrags of both are a restart */
	ck_assert_uint_eq(ice_new(&table, x, z)->generation, 1);
	ck_assert_uint_eq(ice_new(&table, x2, y2)->generation, 2);
	ck_assert_str_eq(result_at(S, true)->result, "restarted");
}
END_TEST

/* --- checks -------------------------------------------------------------- */

enum what {
	REQUEST,
	USE, /* with USE-CANDIDATE */
	SUCCESS,
	CONFLICT, /* 487 */
	REFUSED,  /* 403 */
	END,
};

/* sender: 0 a, 1 b; a's answers have sender 0 too. */
struct event {
	uint64_t at_ms;
	enum what what;
	uint8_t sender, tid;
	uint8_t via;
};

static const struct row {
	const char *name;
	struct event v[12];
	uint64_t now_ms;
	bool ended;
	const char *state, *reason, *result;
	bool nominated;
	uint64_t ab_requests, ab_responses, ab_retransmissions, ba_requests,
		ba_responses;
	int64_t connect_us; /* CDR_NO_US: not connected */
	uint64_t conflicts;
} rows[] = {
	{.name = "answered and nominated",
	 .v = {{0, REQUEST, 0, 1},
	       {20, SUCCESS, 1, 1},
	       {30, REQUEST, 1, 2},
	       {45, SUCCESS, 0, 2},
	       {50, USE, 0, 3},
	       {70, SUCCESS, 1, 3},
	       {0, END}},
	 .now_ms = 9000,
	 .state = "succeeded",
	 .result = "connected",
	 .nominated = true,
	 .ab_requests = 2,
	 .ab_responses = 2,
	 .ba_requests = 1,
	 .ba_responses = 1,
	 .connect_us = 70000},
	{.name = "answered, nobody nominated",
	 .v = {{0, REQUEST, 0, 1}, {20, SUCCESS, 1, 1}, {0, END}},
	 .now_ms = 9000,
	 .state = "succeeded",
	 .result = "connected",
	 .ab_requests = 1,
	 .ab_responses = 1,
	 .connect_us = 20000},
	{.name = "nominating, and that was never answered",
	 .v = {{0, REQUEST, 0, 1},
	       {20, SUCCESS, 1, 1},
	       {30, USE, 0, 2},
	       {0, END}},
	 .now_ms = 90000,
	 .state = "succeeded",
	 .result = "unknown",
	 .ab_requests = 2,
	 .ab_responses = 1,
	 .connect_us = CDR_NO_US},
	{.name = "retransmitted, then answered",
	 .v = {{0, REQUEST, 0, 1},
	       {500, REQUEST, 0, 1},
	       {520, SUCCESS, 1, 1},
	       {0, END}},
	 .now_ms = 9000,
	 .state = "succeeded",
	 .result = "connected",
	 .ab_requests = 1,
	 .ab_responses = 1,
	 .ab_retransmissions = 1,
	 .connect_us = 520000},
	{.name = "the mirror's copy is none",
	 .v = {{0, REQUEST, 0, 1},
	       {1, REQUEST, 0, 1},
	       {20, SUCCESS, 1, 1},
	       {21, SUCCESS, 1, 1},
	       {0, END}},
	 .now_ms = 9000,
	 .state = "succeeded",
	 .result = "connected",
	 .ab_requests = 1,
	 .ab_responses = 1,
	 .connect_us = 20000},
	{.name = "another hop shows the same",
	 .v = {{0, REQUEST, 0, 1, 1},
	       {40, REQUEST, 0, 1, 2},
	       {60, SUCCESS, 1, 1, 2},
	       {90, SUCCESS, 1, 1, 1},
	       {0, END}},
	 .now_ms = 9000,
	 .state = "succeeded",
	 .result = "connected",
	 .ab_requests = 1,
	 .ab_responses = 1,
	 .connect_us = 90000},
	{.name = "the same transaction nominates after its answer",
	 .v = {{0, REQUEST, 0, 1},
	       {20, SUCCESS, 1, 1},
	       {60, USE, 0, 1},
	       {80, SUCCESS, 1, 1},
	       {0, END}},
	 .now_ms = 9000,
	 .state = "succeeded",
	 .result = "connected",
	 .nominated = true,
	 .ab_requests = 1,
	 .ab_responses = 1,
	 .ab_retransmissions = 1,
	 .connect_us = 80000},
	{.name = "no answer, and the way back is seen",
	 .v = {{0, REQUEST, 0, 1},
	       {50, REQUEST, 1, 2},
	       {100, REQUEST, 0, 3},
	       {0, END}},
	 .now_ms = 90000,
	 .state = "failed",
	 .reason = "no-answer",
	 .result = "failed",
	 .ab_requests = 2,
	 .ba_requests = 1,
	 .connect_us = CDR_NO_US},
	{.name = "no answer, one direction seen",
	 .v = {{0, REQUEST, 0, 1}, {500, REQUEST, 0, 2}, {0, END}},
	 .now_ms = 90000,
	 .state = "unknown",
	 .result = "unknown",
	 .ab_requests = 2,
	 .connect_us = CDR_NO_US},
	{.name = "the input ended too early",
	 .v = {{0, REQUEST, 0, 1}, {10, REQUEST, 1, 2}, {0, END}},
	 .now_ms = 500,
	 .ended = true,
	 .state = "in-progress",
	 .result = "unknown",
	 .ab_requests = 1,
	 .ba_requests = 1,
	 .connect_us = CDR_NO_US},
	{.name = "role conflict, then well",
	 .v = {{0, REQUEST, 0, 1},
	       {20, CONFLICT, 1, 1},
	       {40, REQUEST, 0, 2},
	       {60, SUCCESS, 1, 2},
	       {0, END}},
	 .now_ms = 9000,
	 .state = "succeeded",
	 .result = "connected",
	 .ab_requests = 2,
	 .ab_responses = 1,
	 .conflicts = 1,
	 .connect_us = 60000},
	{.name = "refused",
	 .v = {{0, REQUEST, 0, 1}, {20, REFUSED, 1, 1}, {0, END}},
	 .now_ms = 9000,
	 .state = "failed",
	 .reason = "403",
	 .result = "failed",
	 .ab_requests = 1,
	 .connect_us = CDR_NO_US},
	{.name = "an answer that nobody asked for",
	 .v = {{0, REQUEST, 0, 1}, {20, SUCCESS, 1, 9}, {0, END}},
	 .now_ms = 90000,
	 .state = "failed",
	 .reason = "no-answer",
	 .result = "failed",
	 .ab_requests = 1,
	 .connect_us = CDR_NO_US},
	/* b gets answers, which may be lost behind the tap; a, which would
	 * have to nominate, gets none. */
	{.name = "the controlling side is never answered",
	 .v = {{0, REQUEST, 0, 1},
	       {10, REQUEST, 1, 2},
	       {20, SUCCESS, 0, 2},
	       {500, REQUEST, 0, 3},
	       {0, END}},
	 .now_ms = 90000,
	 .state = "succeeded",
	 .reason = "no-answer",
	 .result = "failed",
	 .ab_requests = 2,
	 .ba_requests = 1,
	 .ba_responses = 1,
	 .connect_us = 20000},
};

static void play(struct ice_pair *p, const struct event *e)
{
	static const int hops[4];

	for (; e->what != END; e++) {
		bool request = e->what == REQUEST || e->what == USE;
		struct stun_msg m =
			made_stun(request	       ? STUN_REQUEST
				  : e->what == SUCCESS ? STUN_SUCCESS
						       : STUN_ERROR,
				  e->tid);

		m.use_candidate = e->what == USE;
		m.error_code = e->what == CONFLICT ? 487 : 403;
		if (request)
			m.role = e->sender == 0 ? STUN_CONTROLLING
						: STUN_CONTROLLED;
		ice_pair_stun(&table, p, e->sender, &m, &hops[e->via],
			      S + e->at_ms * MS);
	}
}

START_TEST(checks)
{
	const struct row *r = &rows[_i];
	const struct cdr_ice *i;
	const struct cdr_ice_pair *p;

	play(pair_of(1, 2), r->v);
	i = result_at(S + r->now_ms * MS, r->ended);
	ck_assert_uint_eq(i->pairs_n, 1);
	p = &i->pairs[0];
	ck_assert_msg(!strcmp(p->state, r->state), "%s: %s", r->name, p->state);
	ck_assert_msg(slice_eq(p->reason, slice_str(r->reason)), "%s: %.*s",
		      r->name, SLICE_ARG(p->reason));
	ck_assert_msg(!strcmp(i->result, r->result), "%s: %s", r->name,
		      i->result);
	ck_assert_msg(p->nominated == r->nominated, "%s", r->name);
	ck_assert_uint_eq(p->ab.requests, r->ab_requests);
	ck_assert_uint_eq(p->ab.responses, r->ab_responses);
	ck_assert_uint_eq(p->ab.retransmissions, r->ab_retransmissions);
	ck_assert_uint_eq(p->ba.requests, r->ba_requests);
	ck_assert_uint_eq(p->ba.responses, r->ba_responses);
	ck_assert_msg(i->connect_us == r->connect_us, "%s: %lld", r->name,
		      (long long)i->connect_us);
	ck_assert_uint_eq(i->role_conflicts, r->conflicts);
	ck_assert_str_eq(i->controlling, "a");
}
END_TEST

START_TEST(round_trip)
{
	static const struct event v[] = {{0, REQUEST, 0, 1},
					 {10, SUCCESS, 1, 1},
					 {50, REQUEST, 0, 2},
					 {80, SUCCESS, 1, 2},
					 {0, END}};

	play(pair_of(1, 2), v);
	ck_assert_double_eq_tol(result_at(S, true)->pairs[0].ab.rtt_ms_mean, 20,
				1e-9);
	ck_assert(isnan(out.pairs[0].ba.rtt_ms_mean));
}
END_TEST

START_TEST(regular_or_aggressive)
{
	static const struct event regular[] = {{0, REQUEST, 0, 1},
					       {10, SUCCESS, 1, 1},
					       {50, USE, 0, 2},
					       {60, SUCCESS, 1, 2},
					       {0, END}};
	static const struct event aggressive[] = {
		{0, USE, 0, 1}, {10, SUCCESS, 1, 1}, {0, END}};

	play(pair_of(1, 2), _i ? aggressive : regular);
	ck_assert_str_eq(result_at(9 * S, false)->nomination,
			 _i ? "aggressive" : "regular");
}
END_TEST

/* RFC 7675, 5.1: 30 s without an answer. */
START_TEST(consent_runs_out)
{
	struct ice_pair *p = pair_of(1, 2);
	static const struct event v[] = {
		{0, USE, 0, 1}, {10, SUCCESS, 1, 1}, {0, END}};
	struct event late[] = {{0, REQUEST, 0, 2}, {0, END}};

	play(p, v);
	for (unsigned n = 0; n < 6; n++) {
		ck_assert(!p->consent_lost);
		late[0].at_ms = 5000 + n * 6000;
		late[0].tid = (uint8_t)(10 + n);
		play(p, late);
	}
	ck_assert(p->consent_lost);
}
END_TEST

START_TEST(selected_is_what_media_used_last)
{
	struct ice_pair *one = pair_of(1, 2), *other = pair_of(1, 3);
	static const struct event v[] = {
		{0, USE, 0, 1}, {10, SUCCESS, 1, 1}, {0, END}};

	play(one, v);
	play(other, v);
	one->media_ns = 2 * S;
	other->media_ns = 3 * S;
	result_at(4 * S, false);
	ck_assert(!out.pairs[0].selected);
	ck_assert(out.pairs[1].selected);
}
END_TEST

/* --- candidates ---------------------------------------------------------- */

#define HOST_A "candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host"
#define SRFLX_A                                                                \
	"candidate:2 1 udp 1694498815 198.51.100.1 7000 typ srflx raddr "      \
	"192.0.2.1 rport 5000"
#define HOST_B	"candidate:1 1 UDP 2130706431 192.0.2.2 6000 typ host"
#define HOST_B2 "candidate:1 2 UDP 2130706430 192.0.2.2 6001 typ host"
#define TCP_B	"candidate:3 1 TCP 1518280447 192.0.2.2 9 typ host tcptype active"
#define NAME_B	"candidate:4 1 udp 2130706431 1b2c-3d.local 6000 typ host"

static void describe(struct ice_agent *a, const char *const *texts)
{
	a->described = true;
	for (; *texts; texts++)
		made_candidate(&table, a, *texts);
}

START_TEST(pairs_that_were_never_tried)
{
	static const char *const of_a[] = {HOST_A, SRFLX_A, HOST_A, NULL};
	static const char *const of_b[] = {HOST_B, HOST_B2, TCP_B, NULL};

	describe(x, of_a);
	describe(y, of_b);
	ck_assert_uint_eq(x->candidates_n, 2); /* the same one only once */
	result_at(S, true);
	ck_assert_uint_eq(out.candidates_n, 5);
	/* both candidates of a with b's of the same component and transport */
	ck_assert_uint_eq(out.pairs_n, 2);
	for (size_t n = 0; n < 2; n++) {
		ck_assert_str_eq(out.pairs[n].state, "not-tried");
		ck_assert_uint_eq(out.pairs[n].component, 1);
		ck_assert_str_eq(out.pairs[n].remote_type, "host");
	}
	ck_assert_str_eq(out.pairs[0].local_type, "host");
	ck_assert_str_eq(out.pairs[1].local_type, "srflx");
	ck_assert_str_eq(out.result, "unknown");
}
END_TEST

/* Outside of a's NAT its checks come from the reflexive address: the pair
 * from the base is the same. */
START_TEST(base_and_mapped_are_one_pair)
{
	static const char *const of_a[] = {HOST_A, SRFLX_A, NULL};
	static const char *const of_b[] = {HOST_B, NULL};
	const struct addr b = made_ip(2, 6000);

	describe(x, of_a);
	describe(y, of_b);
	ice_pair_get(&table, ice, &x->candidates->next->addr, &b, false, false);
	result_at(S, true);
	ck_assert_uint_eq(out.pairs_n, 1);
	ck_assert_str_eq(out.pairs[0].local_type, "srflx");
}
END_TEST

START_TEST(peer_reflexive)
{
	static const char *const of_a[] = {HOST_A, NULL};
	static const char *const of_b[] = {HOST_B, NULL};
	struct stun_msg m = made_stun(STUN_REQUEST, 1);

	describe(x, of_a);
	describe(y, of_b);
	m.priority = 1862270975;
	ice_pair_stun(&table, pair_of(7, 2), ICE_A, &m, NULL, S);
	result_at(S, true);
	ck_assert_uint_eq(out.candidates_n, 3);
	ck_assert_str_eq(out.candidates[1].type, "prflx");
	ck_assert(slice_eq(out.candidates[1].addr, SLICE("192.0.2.7:5000")));
	ck_assert_uint_eq(out.candidates[1].priority, 1862270975);
	ck_assert_str_eq(out.pairs[0].local_type, "prflx");
}
END_TEST

/* A NAT that an inside tap does not see shows in the answer. */
START_TEST(mapped_by_the_answer)
{
	static const char *const of_a[] = {HOST_A, NULL};
	static const char *const of_b[] = {HOST_B, NULL};
	struct ice_pair *p = pair_of(1, 2);
	struct stun_msg m = made_stun(STUN_REQUEST, 1);

	describe(x, of_a);
	describe(y, of_b);
	ice_pair_stun(&table, p, ICE_A, &m, NULL, S);
	m.class = STUN_SUCCESS;
	m.has_mapped = true;
	m.mapped = made_ip(99, 1234);
	ice_pair_stun(&table, p, ICE_B, &m, NULL, S);
	result_at(S, true);
	ck_assert_uint_eq(out.candidates_n, 3);
	ck_assert(slice_eq(out.candidates[1].addr, SLICE("192.0.2.99:1234")));
	ck_assert(slice_eq(out.candidates[1].related, SLICE("192.0.2.1:5000")));
	ck_assert_str_eq(out.candidates[1].type, "prflx");
}
END_TEST

START_TEST(a_name_is_resolved_by_its_check)
{
	static const char *const of_a[] = {HOST_A, NULL};
	static const char *const of_b[] = {NAME_B, NULL};
	struct stun_msg m = made_stun(STUN_REQUEST, 1);

	describe(x, of_a);
	describe(y, of_b);
	result_at(S, true);
	ck_assert(
		slice_eq(out.candidates[1].addr, SLICE("1b2c-3d.local:6000")));
	ck_assert_uint_eq(out.candidates[1].resolved.port, 0);
	ck_assert_uint_eq(out.pairs_n, 0);
	ice_pair_stun(&table, pair_of(1, 2), ICE_B, &m, NULL, S);
	result_at(S, true);
	ck_assert_uint_eq(out.candidates_n, 2);
	ck_assert(
		slice_eq(out.candidates[1].addr, SLICE("1b2c-3d.local:6000")));
	ck_assert(
		addr_eq(&out.candidates[1].resolved,
			&(struct addr){.ip = {[10] = 0xff, 0xff, 192, 0, 2, 2},
				       .port = 6000}));
	ck_assert_str_eq(out.pairs[0].remote_type, "host");
}
END_TEST

START_TEST(found_by_address)
{
	static const char *const of_a[] = {HOST_A, NULL};
	struct addr a = made_ip(1, 5000), other = made_ip(1, 5001);

	describe(x, of_a);
	ck_assert_ptr_eq(ice_agent_at(&table, &a), x);
	ck_assert_ptr_null(ice_agent_at(&table, &other));
	ice_forget(&table, rtc);
	ck_assert_ptr_null(ice_agent_at(&table, &a));
	ck_assert_ptr_null(ice_agent_find(&table, SLICE("xxxx")));
}
END_TEST

/* a is who made the offer, whoever checked first. */
START_TEST(the_offerer_is_a)
{
	struct ice_pair *p = pair_of(1, 2);
	struct stun_msg m = made_stun(STUN_REQUEST, 1);

	m.role = STUN_CONTROLLING;
	y->offerer = true;
	ice_pair_stun(&table, p, ICE_B, &m, NULL, S);
	result_at(S, true);
	ck_assert(slice_eq(out.a, SLICE("yyyy")));
	ck_assert(slice_eq(out.b, SLICE("xxxx")));
	ck_assert_str_eq(out.controlling, "a");
	ck_assert_uint_eq(out.pairs[0].local.port, 6000);
	ck_assert_uint_eq(out.pairs[0].ab.requests, 1);
}
END_TEST

/* --- limits --------------------------------------------------------------- */

START_TEST(limits)
{
	for (unsigned n = 0; n < 300; n++) {
		struct addr a = made_ip(1, (uint16_t)(1000 + n));
		struct addr b = made_ip(2, 6000);
		char name[16];

		snprintf(name, sizeof(name), "u%u", n);
		ice_agent_get(&table, rtc, slice_str(name), 0);
		ice_pair_get(&table, ice, &a, &b, false, false);
		ice_learn(&table, x, &a, NULL, 0, false);
	}
	ck_assert_uint_eq(rtc->agents_n, 64);
	ck_assert_uint_eq(ice->pairs_n, 128);
	ck_assert_uint_eq(x->candidates_n, 64);
	ck_assert_uint_eq(counters_get(&counters, "ice.limit"),
			  (300 - 62) + (300 - 128) + (300 - 64));
	ck_assert_ptr_nonnull(result_at(S, true)->pairs);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
	Suite *s = suite_create("ice");
	TCase *t = tcase_create("ice");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, username, 0, COUNT(usernames));
	tcase_add_test(t, found_by_either_order);
	tcase_add_test(t, generations);
	tcase_add_loop_test(t, checks, 0, COUNT(rows));
	tcase_add_test(t, round_trip);
	tcase_add_loop_test(t, regular_or_aggressive, 0, 2);
	tcase_add_test(t, consent_runs_out);
	tcase_add_test(t, selected_is_what_media_used_last);
	tcase_add_test(t, pairs_that_were_never_tried);
	tcase_add_test(t, base_and_mapped_are_one_pair);
	tcase_add_test(t, peer_reflexive);
	tcase_add_test(t, mapped_by_the_answer);
	tcase_add_test(t, a_name_is_resolved_by_its_check);
	tcase_add_test(t, found_by_address);
	tcase_add_test(t, the_offerer_is_a);
	tcase_add_test(t, limits);
	suite_add_tcase(s, t);
	return run_suite(s);
}
