/* What descriptions and trickled candidates make of a session's agents, and
 * two sessions that turn out to be one. */
#include <check.h>
#include <stdio.h>

#include "sniffer/call/turn.h"
#include "tests/made_ice.h"
#include "tests/made_sdp.h"
#include "tests/run_suite.h"

static struct counters counters;
static struct ice_table table;
static struct turn_table turns;
static struct rtc *rtc, *other;
static struct cdr *cdr;

static void setup(void)
{
	counters = (struct counters){0};
	cdr = NULL;
	ck_assert_int_eq(ice_table_init(&table, made_seed, &counters), 0);
	ck_assert_int_eq(turn_table_init(&turns, made_seed, &counters), 0);
	rtc = rtc_new(1 << 20);
	other = rtc_new(1 << 20);
	ck_assert_ptr_nonnull(rtc);
	ck_assert_ptr_nonnull(other);
}

static void let_go(struct rtc **r)
{
	if (*r)
		turn_forget(&turns, *r);
	rtc_free(*r, &table);
	*r = NULL;
}

static void teardown(void)
{
	cdr_free(cdr);
	let_go(&rtc);
	let_go(&other);
	ck_assert_uint_eq(table.agents.count, 0);
	ck_assert_uint_eq(table.exchanges.count, 0);
	ck_assert_uint_eq(table.addresses.count, 0);
	ck_assert_uint_eq(turns.clients.count, 0);
	ck_assert_uint_eq(turns.relayed.count, 0);
	turn_table_close(&turns);
	ice_table_close(&table);
}

#define LINE "m=audio 9 UDP/TLS/RTP/SAVPF 111\n"
#define ICE(ufrag)                                                             \
	"a=ice-ufrag:" ufrag "\na=ice-pwd:" ufrag "-0123456789abcdefghij\n"
#define PRINT(hash, value) "a=fingerprint:" hash " " value "\n"
#define HOST(ip, port)                                                         \
	"a=candidate:1 1 udp 2130706431 " ip " " port " typ host\n"

static bool describe(struct rtc *r, unsigned party, const char *text,
		     bool offer)
{
	return rtc_describe(r, &table, party, made_sdp(text), offer);
}

static struct ice_agent *agent(const struct rtc *r, const char *ufrag)
{
	for (struct ice_agent *a = r->agents; a; a = a->next)
		if (slice_eq(a->ufrag, slice_str(ufrag)))
			return a;
	return NULL;
}

static const struct cdr_call *result(void)
{
	struct ice_view v = {.now_ns = 1000 * S};

	cdr_free(cdr);
	cdr = cdr_new(CDR_SESSION);
	rtc_result(rtc, &v, cdr);
	return &cdr->call;
}

/* --- descriptions --------------------------------------------------------- */

START_TEST(an_agent_for_each_ufrag)
{
	const struct ice_agent *a, *b;

	ck_assert(describe(rtc, 1,
			   SDP_HEAD("1") "a=ice-lite\n" LINE ICE("one1")
				   HOST("192.0.2.7", "5000") LINE ICE("two2"),
			   true));
	ck_assert_uint_eq(rtc->agents_n, 2);
	a = agent(rtc, "one1");
	b = agent(rtc, "two2");
	ck_assert(slice_eq(a->pwd, SLICE("one1-0123456789abcdefghij")));
	ck_assert(a->described && a->offerer && a->lite && a->party == 1);
	ck_assert_uint_eq(a->candidates_n, 1);
	ck_assert_uint_eq(b->candidates_n, 0);
	ck_assert(b->described && b->party == 1);
}
END_TEST

/* BUNDLE: all lines have the same, and it may stand above them. */
START_TEST(one_for_all_lines)
{
	ck_assert(describe(rtc, 0,
			   SDP_HEAD("1") ICE("sess")
				   LINE HOST("192.0.2.7", "5"
							  "000")
					   LINE HOST("192.0.2.7", "5000"),
			   false));
	ck_assert_uint_eq(rtc->agents_n, 1);
	ck_assert_uint_eq(agent(rtc, "sess")->candidates_n, 1);
	ck_assert(!agent(rtc, "sess")->offerer);
}
END_TEST

START_TEST(no_ice)
{
	ck_assert(!describe(rtc, 0, SDP_HEAD("1") LINE PRINT("sha-1", "AA:BB"),
			    true));
	ck_assert_ptr_null(rtc->agents);
	ck_assert_uint_eq(rtc->fingerprints_n, 1);
}
END_TEST

/* A checked agent is described later: what was learned becomes known. */
START_TEST(checks_came_first)
{
	struct ice_agent *a = ice_agent_get(&table, rtc, SLICE("one1"), 0);
	struct addr at = made_ip(7, 5000);

	ice_learn(&table, a, &at, NULL, 1862270975, false);
	describe(rtc, 1,
		 SDP_HEAD("1") LINE ICE("one1") HOST("192.0.2.7", "5000"),
		 true);
	ck_assert_uint_eq(rtc->agents_n, 1);
	ck_assert(a->described && a->offerer && a->party == 1);
	ck_assert_uint_eq(a->candidates_n, 1);
	ck_assert(!a->candidates->learned);
	ck_assert_int_eq(a->candidates->type, SDP_CAND_HOST);
	ck_assert_uint_eq(a->candidates->priority, 2130706431);
	ck_assert_ptr_eq(ice_agent_at(&table, &at), a);
}
END_TEST

/* An offer that is repeated in an answer's place is the same agent's. */
START_TEST(who_offered_first_stays_the_offerer)
{
	describe(rtc, 0, SDP_HEAD("1") LINE ICE("one1"), true);
	describe(rtc, 0, SDP_HEAD("2") LINE ICE("one1"), false);
	ck_assert(agent(rtc, "one1")->offerer);
}
END_TEST

START_TEST(last_said_of_roles)
{
	ck_assert_int_eq(rtc->setup[0], SDP_SETUP_NONE);
	describe(rtc, 0, SDP_HEAD("1") LINE "a=setup:actpass\n", true);
	describe(rtc, 1, SDP_HEAD("1") LINE "a=setup:active\n", false);
	describe(rtc, 0, SDP_HEAD("2") LINE, true);
	ck_assert_int_eq(rtc->setup[0], SDP_SETUP_ACTPASS);
	ck_assert_int_eq(rtc->setup[1], SDP_SETUP_ACTIVE);
}
END_TEST

/* The same again is one; of another line, hop or agent it is another. */
START_TEST(fingerprints)
{
	const char *const text = SDP_HEAD("1") LINE ICE("one1")
		PRINT("sha-256", "AA:BB") PRINT("sha-1", "CC:DD");

	describe(rtc, 0, text, true);
	describe(rtc, 0, text, true);
	ck_assert_uint_eq(rtc->fingerprints_n, 2);
	ck_assert_uint_eq(rtc->fingerprints->promise,
			  rtc->fingerprints->next->promise);
	describe(rtc, 0,
		 SDP_HEAD("1") LINE ICE("one1") PRINT("SHA-256", "aa:bb"),
		 true);
	ck_assert_uint_eq(rtc->fingerprints_n, 2);
	describe(rtc, 0, SDP_HEAD("1") LINE ICE("two2") PRINT("sha-256", "AA"),
		 true);
	describe(rtc, 1,
		 SDP_HEAD("1") LINE ICE("one1") PRINT("sha-256", "AA:BB"),
		 true);
	ck_assert_uint_eq(rtc->fingerprints_n, 4);
	for (unsigned n = 0; n < 100; n++) {
		char more[512];

		snprintf(more, sizeof(more), "%s%sa=fingerprint:sha-256 %02X\n",
			 SDP_HEAD("1"), LINE, n);
		describe(rtc, 0, more, true);
	}
	ck_assert_uint_eq(rtc->fingerprints_n, 64);
}
END_TEST

/* --- trickle -------------------------------------------------------------- */

static void trickle(unsigned party, const char *ufrag, const char *text)
{
	struct sdp_candidate c;

	ck_assert(sdp_candidate_parse(slice_str(text), &c));
	rtc_trickle(rtc, &table, party, slice_str(ufrag), &c);
}

#define CAND(port) "candidate:1 1 udp 1 192.0.2.7 " port " typ host"

static const struct {
	const char *name, *ufrag, *text, *agent; /* that it goes to */
	unsigned party;
} trickles[] = {
	{"named beside it", "a111", CAND("1"), "a111", 0},
	{"named in it", "", CAND("1") " ufrag b111", "b111", 0},
	{"beside it counts more", "a111", CAND("1") " ufrag b111", "a111", 0},
	{"the party's latest", "", CAND("1"), "a222", 0},
	{"the other party's", "", CAND("1"), "b111", 1},
	{"nobody's", "zzzz", CAND("1"), NULL, 0},
};

START_TEST(trickled)
{
	describe(rtc, 0, SDP_HEAD("1") LINE ICE("a111"), true);
	describe(rtc, 1, SDP_HEAD("1") LINE ICE("b111"), false);
	describe(rtc, 0, SDP_HEAD("2") LINE ICE("a222"), true);
	ice_agent_get(&table, rtc, SLICE("c333"), 0); /* nobody described it */
	trickle(trickles[_i].party, trickles[_i].ufrag, trickles[_i].text);
	for (const struct ice_agent *a = rtc->agents; a; a = a->next) {
		bool here = trickles[_i].agent &&
			    slice_eq(a->ufrag, slice_str(trickles[_i].agent));

		ck_assert_msg(a->candidates_n == here, "%s: %u of %.*s",
			      trickles[_i].name, a->candidates_n,
			      SLICE_ARG(a->ufrag));
	}
}
END_TEST

/* --- merging -------------------------------------------------------------- */

static struct ice *exchange(struct rtc *r, const char *x, const char *y,
			    uint64_t first_s)
{
	struct ice_agent *a = ice_agent_get(&table, r, slice_str(x), 0);
	struct ice_agent *b = ice_agent_get(&table, r, slice_str(y), 1);
	struct ice *i = ice_new(&table, a, b);

	i->first_ns = first_s * S;
	return i;
}

static void merge(void)
{
	rtc_merge(rtc, other, &table);
	other = NULL;
}

/* "1:a111-b111 2:..." */
static const char *listed(const struct cdr_call *call)
{
	static char out[256];
	size_t at = 0;

	out[0] = '\0';
	for (size_t n = 0; n < call->ice_n; n++)
		at += (size_t)snprintf(
			out + at, sizeof(out) - at, "%s%u:%.*s-%.*s",
			n ? " " : "", call->ice[n].generation,
			SLICE_ARG(call->ice[n].a), SLICE_ARG(call->ice[n].b));
	return out;
}

/* Which of them stays says nothing of which was first. */
START_TEST(generations_by_time)
{
	exchange(rtc, "a111", "b111", _i ? 90 : 10);
	exchange(rtc, "a222", "b222", _i ? 95 : 20);
	exchange(other, "a333", "b333", 50);
	merge();
	ck_assert_str_eq(listed(result()),
			 _i ? "1:a333-b333 2:a111-b111 3:a222-b222"
			    : "1:a111-b111 2:a222-b222 3:a333-b333");
	ck_assert_uint_eq(rtc->generation, 3);
	ck_assert_str_eq(cdr->call.ice[0].result, "restarted");
	ck_assert_ptr_nonnull(ice_find(&table, SLICE("b333"), SLICE("a333")));
}
END_TEST

/* a222 was answered twice: both are of the second generation. */
START_TEST(fork_of_a_later_generation)
{
	exchange(rtc, "a111", "b111", 10);
	exchange(rtc, "a222", "b222", 20);
	exchange(other, "a222", "c222", 21);
	merge();
	ck_assert_str_eq(listed(result()),
			 "1:a111-b111 2:a222-b222 2:a222-c222");
	ck_assert_uint_eq(rtc->generation, 2);
	ck_assert_uint_eq(rtc->agents_n, 5);
	ck_assert_ptr_eq(rtc->exchanges->next->agent[ICE_A],
			 rtc->exchanges->next->next->agent[ICE_A]);
}
END_TEST

/* The fork is known to whom it restarts from. */
START_TEST(later_generation_of_a_fork)
{
	exchange(rtc, "a222", "b222", 20);
	exchange(other, "a111", "b111", 10);
	exchange(other, "a222", "c222", 21);
	merge();
	ck_assert_str_eq(listed(result()),
			 "1:a111-b111 2:a222-b222 2:a222-c222");
	ck_assert_uint_eq(rtc->generation, 2);
}
END_TEST

static struct ice_candidate *at_port(const struct ice_agent *a, uint16_t port)
{
	struct ice_candidate *c = a->candidates;

	while (c && c->addr.port != port)
		c = c->next;
	return c;
}

/* Checks made an agent here, signalling described it there. */
START_TEST(what_was_described_is_taken)
{
	struct ice_agent *a = ice_agent_get(&table, rtc, SLICE("one1"), 0);
	struct addr host = made_ip(7, 5000), seen = made_ip(8, 6000);

	ice_learn(&table, a, &host, NULL, 5, false);
	ice_learn(&table, a, &seen, NULL, 6, false);
	describe(other, 0,
		 SDP_HEAD("1") "a=ice-lite\n" LINE ICE("one1") HOST("192.0.2.7",
								    "5000")
			 HOST("192.0.2.7",
			      "5002") "a=candidate:2 1 udp 99 0b.local 5004 "
				      "typ host\n"
				      "a=candidate:3 1 tcp 98 192.0.2.7 9 typ "
				      "host tcptype active\n",
		 true);
	merge();
	ck_assert_ptr_eq(ice_agent_find(&table, SLICE("one1")), a);
	ck_assert_ptr_null(ice_agent_next(a));
	ck_assert(a->described && a->offerer && a->lite);
	ck_assert(slice_eq(a->pwd, SLICE("one1-0123456789abcdefghij")));
	ck_assert_uint_eq(a->candidates_n, 5);
	ck_assert_int_eq(at_port(a, 5000)->type, SDP_CAND_HOST);
	ck_assert(!at_port(a, 5000)->learned);
	ck_assert_uint_eq(at_port(a, 5000)->priority, 2130706431);
	ck_assert(at_port(a, 6000)->learned);
	ck_assert_int_eq(at_port(a, 5002)->type, SDP_CAND_HOST);
	ck_assert(slice_eq(at_port(a, 5004)->name, SLICE("0b.local")));
	ck_assert(at_port(a, 9)->tcp);
	ck_assert_ptr_eq(ice_agent_at(&table, &host), a);
}
END_TEST

/* The other way: what is described stays, what checks showed is added. */
START_TEST(what_was_learned_is_added)
{
	struct ice_agent *b = ice_agent_get(&table, other, SLICE("one1"), 0);
	struct addr host = made_ip(7, 5000), seen = made_ip(8, 6000);
	struct ice_agent *a;

	describe(rtc, 0,
		 SDP_HEAD("1") LINE ICE("one1") HOST("192.0.2.7", "5000"),
		 true);
	a = agent(rtc, "one1");
	ice_learn(&table, b, &host, NULL, 5, false);
	ice_learn(&table, b, &seen, &host, 0, false);
	merge();
	ck_assert_uint_eq(rtc->agents_n, 1);
	ck_assert_uint_eq(a->candidates_n, 2);
	ck_assert_int_eq(at_port(a, 5000)->type, SDP_CAND_HOST);
	ck_assert_int_eq(at_port(a, 6000)->type, SDP_CAND_PRFLX);
	ck_assert(addr_eq(&at_port(a, 6000)->related, &host));
	ck_assert(a->described && a->offerer);
}
END_TEST

/* The other session began with its second party. */
START_TEST(parties_swapped)
{
	describe(rtc, 0, SDP_HEAD("1") LINE ICE("one1"), true);
	describe(other, 1, SDP_HEAD("1") LINE ICE("one1"), true);
	describe(other, 0,
		 SDP_HEAD("1") LINE ICE("two2") "a=setup:passive\n" PRINT(
			 "sha-256", "AA:BB"),
		 false);
	ck_assert(rtc_turned(rtc, other));
	merge();
	ck_assert_uint_eq(agent(rtc, "one1")->party, 0);
	ck_assert_uint_eq(agent(rtc, "two2")->party, 1);
	ck_assert_uint_eq(rtc->fingerprints->party, 1);
	ck_assert_int_eq(rtc->setup[1], SDP_SETUP_PASSIVE);
	ck_assert_int_eq(rtc->setup[0], SDP_SETUP_NONE);
}
END_TEST

START_TEST(turned)
{
	struct rtc_dtls *d = rtc_dtls_new(rtc, &counters, NULL);

	d->party[0] = 1;
	describe(rtc, 0,
		 SDP_HEAD("1") LINE ICE("one1") "a=setup:passive\n" PRINT(
			 "sha-256", "AA"),
		 true);
	describe(rtc, 1, SDP_HEAD("1") LINE ICE("two2"), false);
	rtc_turn(rtc);
	ck_assert_uint_eq(agent(rtc, "one1")->party, 1);
	ck_assert_uint_eq(agent(rtc, "two2")->party, 0);
	ck_assert_int_eq(d->party[0], 0);
	ck_assert_int_eq(d->party[1], -1);
	ck_assert_uint_eq(rtc->fingerprints->party, 1);
	ck_assert_int_eq(rtc->setup[1], SDP_SETUP_PASSIVE);
	ck_assert_int_eq(rtc->setup[0], SDP_SETUP_NONE);
}
END_TEST

START_TEST(nothing_in_common_is_not_turned)
{
	describe(rtc, 0, SDP_HEAD("1") LINE ICE("one1"), true);
	describe(other, 1, SDP_HEAD("1") LINE ICE("two2"), true);
	ck_assert(!rtc_turned(rtc, other));
	merge();
	ck_assert_uint_eq(agent(rtc, "two2")->party, 1);
}
END_TEST

/* Promises of both are told apart. */
START_TEST(promises_stay_apart)
{
	describe(rtc, 0, SDP_HEAD("1") LINE PRINT("sha-256", "AA"), true);
	describe(other, 0, SDP_HEAD("1") LINE PRINT("sha-256", "BB"), true);
	describe(other, 1, SDP_HEAD("1") LINE PRINT("sha-256", "CC"), true);
	merge();
	describe(rtc, 1, SDP_HEAD("1") LINE PRINT("sha-256", "DD"), true);
	ck_assert_uint_eq(rtc->fingerprints_n, 4);
	for (const struct rtc_fingerprint *f = rtc->fingerprints; f;
	     f = f->next)
		for (const struct rtc_fingerprint *g = f->next; g; g = g->next)
			ck_assert_uint_ne(f->promise, g->promise);
}
END_TEST

START_TEST(allocations_and_associations)
{
	struct addr client = made_ip(1, 5000), server = made_ip(9, 3478);
	struct turn_alloc *t[2];
	struct rtc_dtls *d[2];

	t[0] = turn_alloc_new(&turns, rtc, &client, &server, "udp");
	client.port++;
	t[1] = turn_alloc_new(&turns, other, &client, &server, "tcp");
	d[0] = rtc_dtls_new(rtc, &counters, NULL);
	d[1] = rtc_dtls_new(other, &counters, NULL);
	d[1]->party[0] = 1;
	d[1]->party[1] = 0;
	describe(rtc, 0, SDP_HEAD("1") LINE ICE("one1"), true);
	describe(other, 1, SDP_HEAD("1") LINE ICE("one1"), true);
	merge();
	ck_assert_ptr_eq(rtc->turns, t[0]);
	ck_assert_ptr_eq(t[0]->next, t[1]);
	ck_assert_ptr_eq(t[1]->rtc, rtc);
	ck_assert_ptr_eq(rtc->dtls, d[0]);
	ck_assert_ptr_eq(d[0]->next, d[1]);
	ck_assert_ptr_eq(d[1]->rtc, rtc);
	ck_assert_uint_eq(rtc->dtls_n, 2);
	ck_assert_int_eq(d[1]->party[0], 0);
	ck_assert_int_eq(d[1]->party[1], 1);
	ck_assert_ptr_eq(turn_first_of(&turns, &client), t[1]);
}
END_TEST

/* --- limits --------------------------------------------------------------- */

START_TEST(memory_limit)
{
	struct rtc *small = rtc_new(4096);

	for (unsigned n = 0; n < 100; n++) {
		char text[512];

		snprintf(text, sizeof(text),
			 "%sm=audio 9 RTP/AVP 0\na=ice-ufrag:long-ufrag-%u\n"
			 "a=ice-pwd:0123456789abcdefghijkl\n"
			 "a=fingerprint:sha-256 %02X\n"
			 "a=candidate:1 1 udp 1 192.0.2.1 %u typ host\n",
			 SDP_HEAD("1"), n, n, n + 1);
		describe(small, 0, text, true);
	}
	ck_assert_uint_gt(small->agents_n, 0);
	ck_assert_uint_lt(small->agents_n, 64);
	ck_assert_uint_gt(counters_get(&counters, "ice.limit"), 0);
	let_go(&small);
}
END_TEST

static void add_merging(Suite *s)
{
	TCase *t = tcase_create("merging");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, generations_by_time, 0, 2);
	tcase_add_test(t, fork_of_a_later_generation);
	tcase_add_test(t, later_generation_of_a_fork);
	tcase_add_test(t, what_was_described_is_taken);
	tcase_add_test(t, what_was_learned_is_added);
	tcase_add_test(t, parties_swapped);
	tcase_add_test(t, turned);
	tcase_add_test(t, nothing_in_common_is_not_turned);
	tcase_add_test(t, promises_stay_apart);
	tcase_add_test(t, allocations_and_associations);
	tcase_add_test(t, memory_limit);
	suite_add_tcase(s, t);
}

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
	Suite *s = suite_create("rtc");
	TCase *t = tcase_create("descriptions");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, an_agent_for_each_ufrag);
	tcase_add_test(t, one_for_all_lines);
	tcase_add_test(t, no_ice);
	tcase_add_test(t, checks_came_first);
	tcase_add_test(t, who_offered_first_stays_the_offerer);
	tcase_add_test(t, last_said_of_roles);
	tcase_add_test(t, fingerprints);
	tcase_add_loop_test(t, trickled, 0, COUNT(trickles));
	suite_add_tcase(s, t);
	add_merging(s);
	return run_suite(s);
}
