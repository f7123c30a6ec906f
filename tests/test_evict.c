/*
 * Full tables of calls: who goes, what is recorded of them, and what no flood
 * takes; and the shares of the ceiling of memory.
 */
#include <stdio.h>
#include <string.h>

#include "made_calls.h"
#include "sniffer/setup_memory.h"

#define FLOOD "10.9.0.1"

/* start: the first line; to_tag 0 is none. */
static void message(unsigned ms, const char *src, const char *dst,
		    const char *start, unsigned id, unsigned to_tag,
		    const char *cseq)
{
	char text[512], tag[16] = "";

	if (to_tag)
		snprintf(tag, sizeof(tag), ";tag=b%u", to_tag);
	snprintf(text, sizeof(text),
		 "%s\r\n" VIA("%u%c") "From: <sip:a@x>;tag=a%u\r\n"
				      "To: <sip:b@x>%s\r\nCall-ID: "
				      "call-%u\r\nCSeq: %s\r\n"
				      "Content-Length: 0\r\n\r\n",
		 start, id, *cseq, id, tag, id, cseq);
	made_say(ms, src, dst, slice_str(text));
}

static void invite(unsigned ms, const char *src, unsigned id)
{
	message(ms, src, B, "INVITE sip:b@x SIP/2.0", id, 0, "1 INVITE");
}

static void answer(unsigned ms, const char *start, unsigned id)
{
	message(ms, B, A, start, id, 1, "1 INVITE");
}

static bool is_open(unsigned id)
{
	char text[32];

	snprintf(text, sizeof(text), "call-%u", id);
	return calls_find(made.calls, slice_str(text)) != NULL;
}

static uint64_t counted(const char *name)
{
	return counters_get(&made.counters, name);
}

static const struct cdr_diagnosis *finding(const struct cdr *cdr,
					   const char *code)
{
	for (size_t i = 0; i < cdr->call.diagnoses_n; i++)
		if (!strcmp(cdr->call.diagnoses[i].code, code))
			return &cdr->call.diagnoses[i];
	return NULL;
}

/* --- who goes ----------------------------------------------------------- */

/* Two calls fill the table, then a third comes. What is 0 stays outside. */
static const struct {
	const char *name;
	const char *first, *second; /* responses to them; NULL: none */
	unsigned gone;		    /* 1 or 2; 3: the new one */
	const char *counter, *state;
} rows[] = {
	{"the oldest silent", NULL, NULL, 1, "call.evicted", "interrupted"},
	{"not the answered", "SIP/2.0 200 OK", NULL, 2, "call.evicted",
	 "interrupted"},
	{"not one that rings", "SIP/2.0 180 Ringing", NULL, 2, "call.evicted",
	 "interrupted"},
	{"the refused", "SIP/2.0 180 Ringing", "SIP/2.0 486 Busy Here", 2,
	 "call.closed_early", "failed"},
	{"the challenged", "SIP/2.0 200 OK", "SIP/2.0 407 Proxy", 2,
	 "call.closed_early", "failed"},
	{"nobody", "SIP/2.0 200 OK", "SIP/2.0 180 Ringing", 3, "call.limit",
	 NULL},
};

START_TEST(who_goes)
{
	made.calls->cfg.max_calls = 2;
	made.calls->cfg.flood_records = 10;
	invite(0, A, 1);
	invite(10, A, 2);
	if (rows[_i].first)
		answer(20, rows[_i].first, 1);
	if (rows[_i].second)
		answer(30, rows[_i].second, 2);
	invite(40, A, 3);
	for (unsigned id = 1; id <= 3; id++)
		ck_assert_msg(is_open(id) == (id != rows[_i].gone), "%s: %u",
			      rows[_i].name, id);
	ck_assert_uint_eq(counted(rows[_i].counter), 1);
	ck_assert_uint_eq(made.got_n, rows[_i].state != NULL);
	if (rows[_i].state)
		ck_assert_str_eq(made.got[0]->call.state, rows[_i].state);
}
END_TEST

START_TEST(again_is_silent_and_media_is_not)
{
	made.calls->cfg.max_calls = 2;
	invite(0, A, 1);
	invite(500, A, 1);
	invite(510, A, 2);
	invite(520, A, 3);
	ck_assert(!is_open(1));
	made.media_ns = made.now;
	invite(530, A, 4);
	ck_assert(is_open(2) && is_open(3) && !is_open(4));
	ck_assert_uint_eq(counted("call.limit"), 1);
}
END_TEST

START_TEST(a_second_try_is_alive)
{
	made.calls->cfg.max_calls = 1;
	invite(0, A, 1);
	answer(10, "SIP/2.0 401 Unauthorized", 1);
	message(20, A, B, "INVITE sip:b@x SIP/2.0", 1, 0, "2 INVITE");
	invite(30, A, 2);
	ck_assert(is_open(1) && !is_open(2));
}
END_TEST

START_TEST(given_up_and_answered)
{
	made.calls->cfg.max_calls = 1;
	made.calls->cfg.flood_records = 10;
	invite(0, A, 1);
	invite(10, A, 2);
	ck_assert_str_eq(made.got[0]->partial, "end");
	ck_assert_ptr_nonnull(finding(made.got[0], "evicted"));
	answer(20, "SIP/2.0 200 OK", 1);
	ck_assert(is_open(1) && !is_open(2));
	made_calls_end();
	ck_assert_uint_eq(made.got_n, 3);
	ck_assert_str_eq(made.got[2]->partial, "both");
}
END_TEST

/* --- one source --------------------------------------------------------- */

START_TEST(one_source_pushes_itself_out)
{
	made.calls->cfg.source_waiting = 2;
	made.calls->cfg.flood_records = 10;
	invite(0, A, 1);
	for (unsigned i = 0; i < 5; i++)
		invite(10 + i, FLOOD, 10 + i);
	ck_assert(is_open(1) && is_open(13) && is_open(14));
	ck_assert_uint_eq(calls_open(made.calls), 3);
	ck_assert_uint_eq(counted("call.evicted"), 3);
	ck_assert_uint_eq(calls_others(made.calls).hosts, 2);
}
END_TEST

START_TEST(an_ipv6_network_is_one)
{
	made.calls->cfg.source_waiting = 1;
	invite(0, "2001:db8::1", 1);
	invite(1, "2001:db8::2:3", 2);
	invite(2, "2001:db8:0:1::1", 3);
	ck_assert(!is_open(1) && is_open(2) && is_open(3));
}
END_TEST

/* --- records ------------------------------------------------------------ */

static void flood(unsigned ms, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		invite(ms + i, FLOOD, 1000 + ms + i);
}

START_TEST(records_are_bounded)
{
	const struct cdr_diagnosis *d;

	made.calls->cfg.source_waiting = 1;
	made.calls->cfg.flood_records = 2;
	flood(0, 10);
	ck_assert_uint_eq(made.got_n, 2);
	ck_assert_uint_eq(counted("call.evicted"), 9);
	ck_assert_uint_eq(counted("call.unrecorded"), 6);
	/* The minute is over. */
	flood(60100, 1);
	ck_assert_uint_eq(made.got_n, 4);
	d = finding(made.got[2], "flood");
	ck_assert_ptr_nonnull(d);
	ck_text(d->detail, "6 more calls of " FLOOD
			   ", of one message each, were given up like this "
			   "one and have no record");
	ck_assert_ptr_null(finding(made.got[3], "flood"));
}
END_TEST

START_TEST(the_end_tells_what_was_left_out)
{
	made.calls->cfg.max_calls = 1;
	made.calls->cfg.flood_records = 0;
	flood(0, 5);
	ck_assert_uint_eq(made.got_n, 0);
	made_calls_end();
	ck_assert_uint_eq(made.got_n, 2);
	ck_assert_ptr_nonnull(finding(made.got[1], "flood"));
}
END_TEST

START_TEST(bytes_are_a_limit_too)
{
	invite(0, A, 1);
	made.calls->cfg.max_bytes =
		calls_memory(made.calls).calls + made.calls->open * 4096;
	for (unsigned i = 2; i < 20; i++)
		invite(i, A, i);
	ck_assert_uint_lt(calls_open(made.calls), 5);
	ck_assert_uint_gt(counted("call.evicted"), 10);
}
END_TEST

/* --- registrations and transactions ------------------------------------- */

START_TEST(requests_make_room)
{
	made.calls->cfg.max_transactions = 2;
	for (unsigned i = 0; i < 4; i++)
		message(i, A, B, "OPTIONS sip:b@x SIP/2.0", i + 1, 0,
			"1 OPTIONS");
	ck_assert_uint_eq(calls_others(made.calls).transactions, 2);
	ck_assert_uint_eq(counted("transaction.evicted"), 2);
	message(10, B, A, "SIP/2.0 200 OK", 3, 1, "1 OPTIONS");
	message(11, B, A, "SIP/2.0 200 OK", 4, 1, "1 OPTIONS");
	message(12, A, B, "OPTIONS sip:b@x SIP/2.0", 5, 0, "1 OPTIONS");
	ck_assert_uint_eq(counted("transaction.closed_early"), 1);
	ck_assert_uint_eq(made.got_n, 2);
}
END_TEST

START_TEST(registrations_make_room)
{
	made.calls->cfg.max_registrations = 2;
	message(0, A, B, "REGISTER sip:x SIP/2.0", 1, 0, "1 REGISTER");
	message(1, B, A, "SIP/2.0 200 OK", 1, 1, "1 REGISTER");
	for (unsigned i = 2; i < 5; i++)
		message(i, FLOOD, B, "REGISTER sip:x SIP/2.0", i, 0,
			"1 REGISTER");
	ck_assert_uint_eq(calls_others(made.calls).registrations, 2);
	ck_assert_uint_eq(counted("registration.evicted"), 2);
	ck_assert_uint_eq(made.got_n, 1);
	ck_assert_str_eq(made.got[0]->registration.state, "registered");
}
END_TEST

/* --- the ceiling -------------------------------------------------------- */

static struct engine_config shares(uint64_t limit, size_t set)
{
	struct config cfg = {.memory_limit = limit, .spool_queue_bytes = 1};
	struct engine_config ec = {
		.calls.max_bytes = set,
		.max_flows = set,
		.media.max_streams = set,
	};

	setup_memory(&cfg, &ec);
	return ec;
}

START_TEST(shares_lower_and_never_raise)
{
	struct engine_config none = shares(0, 7), low = shares(1 << 30, 7);
	struct engine_config high = shares(1 << 30, SIZE_MAX);
	struct engine_config half = shares(1 << 29, SIZE_MAX);

	ck_assert_uint_eq(none.max_flows, 7);
	ck_assert_uint_eq(none.rtc_bytes, 0);
	ck_assert_uint_eq(low.max_flows, 7);
	ck_assert_uint_gt(low.rtc_bytes, 1 << 20);
	ck_assert_uint_lt(high.max_flows, 1000000);
	ck_assert_uint_lt(half.max_flows, high.max_flows);
	ck_assert_uint_lt(high.calls.max_bytes + high.media.record.max_bytes +
				  high.media.max_streams * 2600 +
				  high.max_flows * 300 + high.tcp.total_bytes,
			  (size_t)1 << 30);
}
END_TEST

START_TEST(files_have_no_ceiling)
{
	struct config cfg = {.spool_queue_bytes = 1 << 26};

	ck_assert_uint_eq(setup_memory_limit(&cfg), 0);
	ck_assert_uint_eq(setup_memory_queue(&cfg), 1 << 26);
	cfg.interfaces.n = 1;
	ck_assert_uint_gt(setup_memory_limit(&cfg), 0);
	cfg.memory_limit = 128 << 20;
	ck_assert_uint_eq(setup_memory_limit(&cfg), 128 << 20);
	ck_assert_uint_lt(setup_memory_queue(&cfg), 1 << 26);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("evict");
	TCase *t = tcase_create("calls");
	SRunner *run;
	int failed;

	tcase_add_checked_fixture(t, made_calls_setup, made_calls_teardown);
	tcase_add_loop_test(t, who_goes, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(t, again_is_silent_and_media_is_not);
	tcase_add_test(t, a_second_try_is_alive);
	tcase_add_test(t, given_up_and_answered);
	tcase_add_test(t, one_source_pushes_itself_out);
	tcase_add_test(t, an_ipv6_network_is_one);
	tcase_add_test(t, records_are_bounded);
	tcase_add_test(t, the_end_tells_what_was_left_out);
	tcase_add_test(t, bytes_are_a_limit_too);
	tcase_add_test(t, requests_make_room);
	tcase_add_test(t, registrations_make_room);
	suite_add_tcase(s, t);
	t = tcase_create("ceiling");
	tcase_add_test(t, shares_lower_and_never_raise);
	tcase_add_test(t, files_have_no_ceiling);
	suite_add_tcase(s, t);
	run = srunner_create(s);
	srunner_run_all(run, CK_NORMAL);
	failed = srunner_ntests_failed(run);
	srunner_free(run);
	return failed != 0;
}
