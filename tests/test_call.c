/* Calls as their messages tell them: state, times, parties, offers, groups,
 * registrations and other transactions. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "sniffer/call/call_cdr.h"
#include "sniffer/call/calls.h"
#include "tests/run_suite.h"

#define MS 1000000ull
#define S  1000000000ull
#define T0 (1700000000ull * S)

#define A "10.0.0.1"
#define P "10.0.0.5"
#define B "10.0.0.9"

static struct calls *calls;
static struct timers timers;
static struct counters counters;
static struct cdr *got[16];
static size_t got_n;
static uint64_t now, media_ns;

/* --- the world around -------------------------------------------------- */

static void on_message(void *arg, struct call *c)
{
	(void)arg;
	(void)c;
}

static uint64_t last_media(void *arg, struct call *c)
{
	(void)arg;
	(void)c;
	return media_ns;
}

static void on_record(void *arg, struct cdr *cdr)
{
	(void)arg;
	ck_assert_uint_lt(got_n, 16);
	got[got_n++] = cdr;
}

static void on_over(void *arg, struct call *c)
{
	struct cdr *cdr = cdr_new(CDR_CALL);

	call_cdr(c, now, cdr);
	cdr_conclude(cdr);
	on_record(arg, cdr);
}

static void on_described(void *arg, struct call *c, enum call_side by,
			 const struct sdp *sdp, bool offer, bool fragment)
{
	(void)arg;
	(void)c;
	(void)by;
	(void)sdp;
	(void)offer;
	(void)fragment;
}

static const struct calls_ops ops = {on_message, on_described, on_message,
				     last_media, on_over,      on_record};

static void setup(void)
{
	static const struct slice headers[] = {SLICE_INIT("X-CID")};
	struct calls_config cfg = {
		.sensor = SLICE("test"),
		.max_calls = 100,
		.max_registrations = 100,
		.max_transactions = 100,
		.call_bytes = 1 << 18,
		.linger_ns = 5 * S,
		.retry_ns = 32 * S,
		.unanswered_ns = 200 * S,
		.media_silence_ns = 300 * S,
		.silence_ns = 14400 * S,
		.leg_headers = headers,
		.leg_headers_n = 1,
		.session_id = true,
	};

	got_n = 0;
	now = T0;
	media_ns = 0;
	memset(&counters, 0, sizeof(counters));
	timers_init(&timers, NULL);
	calls = calls_new(&cfg, (struct seed){1, 2}, &ops, NULL, &timers,
			  &counters);
	ck_assert_ptr_nonnull(calls);
}

static void teardown(void)
{
	calls_free(calls);
	timers_close(&timers);
	for (size_t i = 0; i < got_n; i++)
		cdr_free(got[i]);
}

static struct addr at(const char *ip, uint16_t port)
{
	struct addr a;

	ck_assert(addr_parse_ip(slice_str(ip), &a));
	a.port = port;
	return a;
}

/* One message from src to dst, ms after the start. */
static void say_bytes(unsigned ms, const char *src, const char *dst,
		      struct slice text)
{
	struct sip_msg m;
	struct sip_seen seen = {.ts_ns = T0 + ms * MS,
				.src = at(src, 5060),
				.dst = at(dst, 5060),
				.transport = "udp"};

	now = seen.ts_ns;
	timers_run(&timers, now);
	ck_assert_int_eq(sip_parse(text, SIP_DATAGRAM, &m), PARSE_OK);
	calls_on_sip(calls, &m, &seen);
}

#define SDP(ip, port, more)                                                    \
	"v=0\r\no=- 1 7 IN IP4 " ip "\r\ns=-\r\nc=IN IP4 " ip                  \
	"\r\nt=0 0\r\nm=audio " port " RTP/AVP 8 101\r\n"                      \
	"a=rtpmap:101 telephone-event/8000\r\n" more

/* start line, branch list, to tag, cseq and method, further headers, body */
static void say(unsigned ms, const char *src, const char *dst,
		const char *start, const char *vias, const char *from,
		const char *to, const char *cseq, const char *more,
		const char *body)
{
	char text[4096];
	int n = snprintf(text, sizeof(text),
			 "%s\r\n%sFrom: \"Alice\" <sip:alice@a.example>%s\r\n"
			 "To: <sip:bob@b.example>%s\r\nCall-ID: c1\r\n"
			 "CSeq: %s\r\n%sContent-Type: application/sdp\r\n"
			 "Content-Length: %zu\r\n\r\n%s",
			 start, vias, from, to, cseq, more, strlen(body), body);

	say_bytes(ms, src, dst, slice_of(text, (size_t)n));
}

#define VIA(b)	    "Via: SIP/2.0/UDP h;branch=z9hG4bK" b "\r\n"
#define FA	    ";tag=a"
#define TB	    ";tag=b"
#define INVITE_LINE "INVITE sip:bob@b.example SIP/2.0"

static void invite(unsigned ms)
{
	say(ms, A, B, INVITE_LINE, VIA("1"), FA, "", "1 INVITE",
	    "User-Agent: ua-a\r\n", SDP(A, "4000", ""));
}

static void ring(unsigned ms)
{
	say(ms, B, A, "SIP/2.0 180 Ringing", VIA("1"), FA, TB, "1 INVITE", "",
	    "");
}

static void answer(unsigned ms)
{
	say(ms, B, A, "SIP/2.0 200 OK", VIA("1"), FA, TB, "1 INVITE",
	    "Server: ua-b\r\n", SDP(B, "5000", ""));
}

static void ack(unsigned ms)
{
	say(ms, A, B, "ACK sip:bob@b.example SIP/2.0", VIA("2"), FA, TB,
	    "1 ACK", "", "");
}

static void bye_by_callee(unsigned ms)
{
	say(ms, B, A, "BYE sip:alice@a.example SIP/2.0", VIA("3"), TB, FA,
	    "1 BYE", "Reason: Q.850;cause=16;text=\"bye\"\r\n", "");
	say(ms + 1, A, B, "SIP/2.0 200 OK", VIA("3"), TB, FA, "1 BYE", "", "");
}

static void finish(void)
{
	calls_end(calls, now);
}

static const struct cdr_call *only_call(void)
{
	ck_assert_uint_eq(got_n, 1);
	ck_assert_int_eq(got[0]->kind, CDR_CALL);
	return &got[0]->call;
}

#define ck_text(s, lit)                                                        \
	ck_assert_msg(slice_eq((s), slice_str(lit)), "%.*s, not %s",           \
		      SLICE_ARG(s), (lit))

/* --- calls ------------------------------------------------------------- */

START_TEST(plain_call)
{
	const struct cdr_call *c;

	invite(0);
	ring(200);
	answer(1200);
	ack(1210);
	bye_by_callee(11200);
	finish();
	c = only_call();
	ck_assert_str_eq(c->state, "completed");
	ck_assert_uint_eq(c->status, 200);
	ck_text(c->reason, "OK");
	ck_assert_str_eq(c->ended_by, "callee");
	ck_assert_uint_eq(c->q850, 16);
	ck_text(c->caller.user, "alice");
	ck_text(c->caller.name, "Alice");
	ck_text(c->callee.host, "b.example");
	ck_text(c->caller.agent, "ua-a");
	ck_text(c->callee.agent, "ua-b");
	ck_assert_int_eq(c->pdd_us, 200000);
	ck_assert_int_eq(c->setup_us, 1200000);
	ck_assert_int_eq(c->connect_us, 10000000);
	ck_assert_int_eq(c->duration_us, 11200000);
	ck_assert_uint_eq(c->dialogs_n, 1);
	ck_assert_uint_eq(c->dialogs[0].status, 200);
	ck_assert_uint_eq(c->messages_n, 6);
	ck_assert_uint_eq(c->offers_n, 1);
	ck_assert(c->offers[0].answered);
	ck_assert_uint_eq(c->offers[0].version, 7);
	ck_assert_str_eq(c->offers[0].by, "caller");
	ck_text(c->offers[0].media[0].codecs.v[0], "PCMA/8000");
	ck_assert_ptr_null(got[0]->partial);
}
END_TEST

/* The record comes by itself, linger_ns after the last message, and what
 * still trickles in makes no second one. */
START_TEST(ends_by_itself)
{
	invite(0);
	answer(10);
	bye_by_callee(1000);
	timers_run(&timers, T0 + 5 * S);
	ck_assert_uint_eq(got_n, 0);
	timers_run(&timers, T0 + 7 * S);
	ck_assert_uint_eq(got_n, 1);
	bye_by_callee(8000);
	finish();
	ck_assert_uint_eq(got_n, 1);
	ck_assert_uint_eq(counters_get(&counters, "call.late_message"), 2);
}
END_TEST

START_TEST(challenge_is_one_attempt)
{
	const struct cdr_call *c;

	invite(0);
	say(20, B, A, "SIP/2.0 407 Auth", VIA("1"), FA, ";tag=x", "1 INVITE",
	    "", "");
	say(25, A, B, "ACK sip:bob@b.example SIP/2.0", VIA("1"), FA, ";tag=x",
	    "1 ACK", "", "");
	say(40, A, B, INVITE_LINE, VIA("4"), FA, "", "2 INVITE", "",
	    SDP(A, "4000", ""));
	say(90, B, A, "SIP/2.0 180 Ringing", VIA("4"), FA, TB, "2 INVITE", "",
	    "");
	say(540, B, A, "SIP/2.0 200 OK", VIA("4"), FA, TB, "2 INVITE", "",
	    SDP(B, "5000", ""));
	finish();
	c = only_call();
	ck_assert_uint_eq(c->status, 200);
	ck_assert_int_eq(c->setup_us, 540000);
	ck_assert_int_eq(c->pdd_us, 90000);
	ck_assert_uint_eq(c->dialogs_n, 1);
	ck_assert_str_eq(c->state, "active");
	ck_assert_str_eq(got[0]->partial, "end");
}
END_TEST

START_TEST(only_challenged)
{
	invite(0);
	say(20, B, A, "SIP/2.0 407 Auth please", VIA("1"), FA, ";tag=x",
	    "1 INVITE", "", "");
	finish();
	ck_assert_uint_eq(only_call()->status, 407);
	ck_assert_str_eq(only_call()->state, "failed");
	ck_text(only_call()->reason, "Auth please");
	ck_assert_ptr_null(only_call()->ended_by);
}
END_TEST

static const struct {
	const char *start;
	const char *state;
	const char *by;
	unsigned status;
	bool cancel;
} failures[] = {
	{"SIP/2.0 486 Busy Here", "failed", "callee", 486, false},
	{"SIP/2.0 408 Timeout", "failed", "network", 408, false},
	{"SIP/2.0 503 Unavailable", "failed", "network", 503, false},
	{"SIP/2.0 603 Decline", "failed", "callee", 603, false},
	{"SIP/2.0 302 Moved", "redirected", NULL, 302, false},
	{"SIP/2.0 487 Terminated", "cancelled", "caller", 487, true},
	{"SIP/2.0 480 Gone", "failed", "callee", 480, true},
};

START_TEST(failed_call)
{
	const struct cdr_call *c;

	invite(0);
	ring(100);
	if (failures[_i].cancel)
		say(900, A, B, "CANCEL sip:bob@b.example SIP/2.0", VIA("1"), FA,
		    "", "1 CANCEL", "", "");
	say(1000, B, A, failures[_i].start, VIA("1"), FA, TB, "1 INVITE", "",
	    "");
	finish();
	c = only_call();
	ck_assert_str_eq(c->state, failures[_i].state);
	ck_assert_uint_eq(c->status, failures[_i].status);
	if (failures[_i].by)
		ck_assert_str_eq(c->ended_by, failures[_i].by);
	else
		ck_assert_ptr_null(c->ended_by);
	ck_assert_int_eq(c->duration_us, 1000000);
	ck_assert_int_eq(c->connect_us, CDR_NO_US);
}
END_TEST

START_TEST(cancel_crosses_200)
{
	invite(0);
	say(500, A, B, "CANCEL sip:bob@b.example SIP/2.0", VIA("1"), FA, "",
	    "1 CANCEL", "", "");
	answer(501);
	ack(510);
	say(520, A, B, "BYE sip:bob@b.example SIP/2.0", VIA("5"), FA, TB,
	    "2 BYE", "", "");
	finish();
	ck_assert_str_eq(only_call()->state, "completed");
	ck_assert_uint_eq(only_call()->status, 200);
	ck_assert_str_eq(only_call()->ended_by, "caller");
}
END_TEST

/* A fork: one branch is busy, another rings, a third answers. */
START_TEST(forked)
{
	const struct cdr_call *c;

	invite(0);
	say(50, B, A, "SIP/2.0 180 Ringing", VIA("1"), FA, ";tag=b1",
	    "1 INVITE", "", "");
	say(60, B, A, "SIP/2.0 180 Ringing", VIA("1"), FA, ";tag=b2",
	    "1 INVITE", "", "");
	say(400, B, A, "SIP/2.0 200 OK", VIA("1"), FA, ";tag=b2", "1 INVITE",
	    "", SDP(B, "5000", ""));
	say(450, B, A, "SIP/2.0 200 OK", VIA("1"), FA, ";tag=b1", "1 INVITE",
	    "", SDP(B, "5002", ""));
	say(460, A, B, "BYE sip:bob@b.example SIP/2.0", VIA("8"), FA, ";tag=b1",
	    "2 BYE", "", "");
	ck_assert_uint_eq(got_n, 0);
	say(5400, A, B, "BYE sip:bob@b.example SIP/2.0", VIA("9"), FA,
	    ";tag=b2", "3 BYE", "", "");
	finish();
	c = only_call();
	ck_assert_uint_eq(c->dialogs_n, 2);
	ck_text(c->callee.tag, "b2");
	ck_assert_int_eq(c->connect_us, 5000000);
	ck_assert_str_eq(c->dialogs[0].ended_by, "caller");
}
END_TEST

/* The same messages at two hops of the path count once. */
START_TEST(two_hops)
{
	const struct cdr_call *c;

	say(0, A, P, INVITE_LINE, VIA("1"), FA, "", "1 INVITE", "",
	    SDP(A, "4000", ""));
	say(2, P, B, INVITE_LINE, VIA("2") VIA("1"), FA, "", "1 INVITE", "",
	    SDP(P, "6000", ""));
	say(300, B, P, "SIP/2.0 200 OK", VIA("2") VIA("1"), FA, TB, "1 INVITE",
	    "", SDP(B, "5000", ""));
	say(302, P, A, "SIP/2.0 200 OK", VIA("1"), FA, TB, "1 INVITE", "",
	    SDP(P, "6002", ""));
	finish();
	c = only_call();
	ck_assert_uint_eq(c->messages_n, 4);
	ck_assert_uint_eq(c->messages[0].copy_of, CDR_NO_U32);
	ck_assert_uint_eq(c->messages[1].copy_of, 0);
	ck_assert_uint_eq(c->messages[2].copy_of, CDR_NO_U32);
	ck_assert_uint_eq(c->messages[3].copy_of, 2);
	ck_assert(!c->messages[1].retransmission);
	ck_assert_uint_eq(c->offers_n, 1);
	ck_assert_int_eq(c->setup_us, 300000);
	ck_assert(addr_eq(&c->caller.addr, &(struct addr){0}) == false);
	ck_assert_uint_eq(c->callee.addr.ip[15], 9);
}
END_TEST

START_TEST(retransmissions)
{
	const struct cdr_call *c;

	invite(0);
	invite(500);
	ring(600);
	answer(1000);
	answer(1500);
	ack(1501);
	finish();
	c = only_call();
	ck_assert(!c->messages[0].retransmission);
	ck_assert(c->messages[1].retransmission);
	ck_assert(c->messages[4].retransmission);
	ck_assert_int_eq(c->pdd_us, 600000);
	ck_assert_uint_eq(c->offers_n, 1);
}
END_TEST

/* Hold by re-INVITE: a second offer, no second answer time. */
START_TEST(hold)
{
	const struct cdr_call *c;

	invite(0);
	answer(100);
	ack(101);
	say(2000, A, B, "INVITE sip:bob@b.example SIP/2.0", VIA("6"), FA, TB,
	    "2 INVITE", "", SDP(A, "4000", "a=sendonly\r\n"));
	say(2100, B, A, "SIP/2.0 200 OK", VIA("6"), FA, TB, "2 INVITE", "",
	    SDP(B, "5000", "a=recvonly\r\n"));
	bye_by_callee(5000);
	finish();
	c = only_call();
	ck_assert_int_eq(c->setup_us, 100000);
	ck_assert_uint_eq(c->offers_n, 2);
	ck_assert_str_eq(c->offers[1].media[0].direction, "sendonly");
	ck_assert(c->offers[1].answered);
}
END_TEST

START_TEST(up_before_the_capture)
{
	say(0, A, B, "INVITE sip:bob@b.example SIP/2.0", VIA("6"), FA, TB,
	    "2 INVITE", "", SDP(A, "4000", ""));
	say(100, B, A, "SIP/2.0 200 OK", VIA("6"), FA, TB, "2 INVITE", "",
	    SDP(B, "5000", ""));
	bye_by_callee(5000);
	finish();
	ck_assert_str_eq(got[0]->partial, "start");
	ck_assert_uint_eq(only_call()->start, 0);
	ck_assert_str_eq(only_call()->state, "completed");
}
END_TEST

/* The answer to a BYE, an ACK and a response to a re-INVITE tell of what the
 * tap missed in between. */
START_TEST(missed_in_between)
{
	const struct cdr_call *c;

	invite(0);
	if (_i != 1) {
		answer(100);
		ack(110);
	}
	if (_i == 0)
		say(5000, A, B, "SIP/2.0 200 OK", VIA("3"), TB, FA, "1 BYE", "",
		    "");
	else if (_i == 1)
		ack(110);
	else
		say(5000, B, A, "SIP/2.0 200 OK", VIA("7"), FA, TB, "2 INVITE",
		    "", SDP(B, "5000", ""));
	timers_run(&timers, T0 + 100000 * S);
	c = only_call();
	ck_assert_str_eq(got[0]->partial, "gap");
	if (_i > 0)
		return;
	ck_assert_str_eq(c->state, "completed");
	ck_assert_str_eq(c->ended_by, "callee");
	ck_assert_int_eq(c->duration_us, 5000000);
	ck_assert_str_eq(c->dialogs[0].ended_by, "callee");
}
END_TEST

/* Two taps, one for each direction: answers are seen before what they
 * answer, yet nothing is missing. */
START_TEST(answers_come_first)
{
	const struct cdr_call *c;

	say(8, B, A, "SIP/2.0 180 Ringing", VIA("1"), FA, TB, "1 INVITE", "",
	    "");
	invite(10);
	ack(98);
	answer(100);
	say(4990, A, B, "SIP/2.0 200 OK", VIA("3"), TB, FA, "1 BYE", "", "");
	bye_by_callee(5000);
	finish();
	c = only_call();
	ck_assert_ptr_null(got[0]->partial);
	ck_assert_str_eq(c->state, "completed");
	ck_assert_str_eq(c->ended_by, "callee");
	ck_assert_int_eq(c->setup_us, 90000);
	ck_assert_int_eq(c->connect_us, 4900000);
	ck_assert(c->dialogs[0].end == c->end);
}
END_TEST

/* The caller gives up by BYE while it rings (RFC 3261, 15). */
START_TEST(bye_while_ringing)
{
	const struct cdr_call *c;

	invite(0);
	say(10, B, A, "SIP/2.0 180 Ringing", VIA("1"), FA, TB, "1 INVITE", "",
	    "");
	say(2000, A, B, "BYE sip:bob@b.example SIP/2.0", VIA("2"), FA, TB,
	    "2 BYE", "", "");
	say(2010, B, A, "SIP/2.0 200 OK", VIA("2"), FA, TB, "2 BYE", "", "");
	say(2020, B, A, "SIP/2.0 487 Terminated", VIA("1"), FA, TB, "1 INVITE",
	    "", "");
	finish();
	c = only_call();
	ck_assert_str_eq(c->state, "cancelled");
	ck_assert_str_eq(c->ended_by, "caller");
	ck_assert_uint_eq(c->status, 487);
	ck_assert_int_eq(c->duration_us, 2000000);
}
END_TEST

/* Only the end of a failed attempt was seen. */
START_TEST(failure_without_its_invite)
{
	say(0, B, A, "SIP/2.0 486 Busy", VIA("1"), FA, TB, "1 INVITE", "", "");
	finish();
	ck_assert_str_eq(only_call()->state, "failed");
	ck_assert_uint_eq(only_call()->status, 486);
	ck_assert_str_eq(got[0]->partial, "start");
}
END_TEST

static const struct cdr_billing *only_bill(void)
{
	return &only_call()->billing;
}

/* What makes a bill doubtful, and a call without BYE or media. */
static const struct {
	bool ack, foreign_ack, bye;
	unsigned answer_ms, ack_ms;
	int64_t billable_us;
	const char *flags;
} bills[] = {
	{true, false, true, 100, 110, 4900000, ""},
	{true, false, true, 100, 90, 4900000, ""}, /* seen before the answer */
	{false, false, true, 100, 0, 4900000, "no-ack"},
	{false, true, true, 100, 110, 4900000, "no-ack"}, /* of a failure */
	{false, true, true, 100, 90, 4900000, "no-ack"},
	{true, false, false, 100, 110, CDR_NO_US, "no-bye no-media"},
	{false, false, false, 100, 0, CDR_NO_US, "no-ack no-bye no-media"},
	{true, false, true, 5010, 5020, 0, "early-bye"},
};

START_TEST(bill)
{
	bool first = bills[_i].ack_ms < bills[_i].answer_ms;
	bool early = bills[_i].answer_ms > 5000;

	invite(0);
	for (int i = 0; i < 2; i++) {
		if (early && !i)
			bye_by_callee(5000);
		if ((i == 0) == first && bills[_i].ack)
			ack(bills[_i].ack_ms);
		if ((i == 0) == first && bills[_i].foreign_ack)
			say(bills[_i].ack_ms, A, B,
			    "ACK sip:bob@b.example SIP/2.0", VIA("1"), FA,
			    ";tag=b0", "1 ACK", "", "");
		if ((i == 0) != first)
			answer(bills[_i].answer_ms);
	}
	if (bills[_i].bye && !early)
		bye_by_callee(5000);
	timers_run(&timers, T0 + 100000 * S);
	ck_assert_int_eq(only_bill()->billable_us, bills[_i].billable_us);
	ck_text(only_bill()->flags, bills[_i].flags);
	ck_assert_uint_eq(only_bill()->end, bills[_i].bye ? T0 + 5000 * MS : 0);
}
END_TEST

START_TEST(expires_when_media_stops)
{
	const struct cdr_call *c;

	invite(0);
	answer(100);
	ack(101);
	media_ns = T0 + 60 * S;
	timers_run(&timers, T0 + 350 * S);
	ck_assert_uint_eq(got_n, 0);
	timers_run(&timers, T0 + 661 * S);
	c = only_call();
	ck_assert_str_eq(c->state, "expired");
	ck_assert_ptr_null(c->ended_by);
}
END_TEST

START_TEST(nobody_answers)
{
	invite(0);
	timers_run(&timers, T0 + 201 * S);
	ck_assert_str_eq(only_call()->state, "unanswered");
	ck_assert_uint_eq(only_call()->status, CDR_NO_U32);
}
END_TEST

START_TEST(info_digits)
{
	const struct cdr_call *c;

	invite(0);
	answer(100);
	say_bytes(
		500, A, B,
		SLICE("INFO sip:bob@b.example SIP/2.0\r\n" VIA(
			"7") "From: <sip:alice@a.example>;tag=a\r\n"
			     "To: <sip:bob@b.example>;tag=b\r\nCall-ID: c1\r\n"
			     "CSeq: 2 INFO\r\n"
			     "Content-Type: application/dtmf-relay\r\n"
			     "Content-Length: 26\r\n\r\n"
			     "Signal= 5\r\nDuration= 160\r\n"));
	finish();
	c = only_call();
	ck_assert_uint_eq(c->dtmf_n, 1);
	ck_text(c->dtmf[0].digit, "5");
	ck_assert_int_eq(c->dtmf[0].duration_us, 160000);
	ck_assert_str_eq(c->dtmf[0].via, "info");
}
END_TEST

static void leg(unsigned ms, const char *call_id, const char *more)
{
	char text[1024];
	int n = snprintf(
		text, sizeof(text),
		"INVITE sip:bob@b.example SIP/2.0\r\n" VIA(
			"1") "From: <sip:alice@a.example>;tag=%s\r\n"
			     "To: <sip:bob@b.example>\r\nCall-ID: %s\r\n"
			     "CSeq: 1 INVITE\r\n%sContent-Length: 0\r\n\r\n",
		call_id, call_id, more);

	say_bytes(ms, A, B, slice_of(text, (size_t)n));
}

START_TEST(legs_share_a_group)
{
	leg(0, "x1", "X-CID: one\r\n");
	leg(10, "x2", "X-CID: one\r\n");
	leg(20, "x3",
	    "Session-ID: ab30317f1a784dc48ff824d0d3715d86;"
	    "remote=47755a9de7794ba387653f2099600ef2\r\n");
	leg(30, "x4",
	    "Session-ID: 47755a9de7794ba387653f2099600ef2;"
	    "remote=ab30317f1a784dc48ff824d0d3715d86\r\n");
	leg(40, "x5", "");
	finish();
	ck_assert_uint_eq(got_n, 5);
	ck_text(got[0]->call.group_id, got[0]->uid);
	ck_text(got[1]->call.group_id, got[0]->uid);
	ck_text(got[2]->call.group_id, got[2]->uid);
	ck_text(got[3]->call.group_id, got[2]->uid);
	ck_assert_ptr_null(got[4]->call.group_id.p);
}
END_TEST

START_TEST(same_uid_again)
{
	char uid[CDR_UID];

	invite(0);
	finish();
	memcpy(uid, got[0]->uid, sizeof(uid));
	teardown();
	setup();
	invite(0);
	finish();
	ck_assert_str_eq(got[0]->uid, uid);
	ck_assert_uint_eq(strlen(uid), 26);
}
END_TEST

START_TEST(escaped_user)
{
	say_bytes(0, A, B,
		  SLICE("INVITE sip:bob@b.example SIP/2.0\r\n" VIA(
			  "1") "From: <sip:%2B49%2030@a.example>;tag=a\r\n"
			       "To: <sip:bob@b.example>\r\nCall-ID: c1\r\n"
			       "CSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"));
	finish();
	ck_text(only_call()->caller.user, "+49 30");
	ck_text(only_call()->caller.uri, "sip:%2B49%2030@a.example");
}
END_TEST

START_TEST(call_limit)
{
	char id[32];

	for (int i = 0; i < 101; i++) {
		snprintf(id, sizeof(id), "limit-%d", i);
		leg(1, id, "");
	}
	ck_assert_uint_eq(calls_open(calls), 100);
	ck_assert_uint_eq(counters_get(&counters, "call.limit"), 1);
}
END_TEST

START_TEST(name_without_quoted_pairs)
{
	say_bytes(0, A, B,
		  SLICE("INVITE sip:b@b.example SIP/2.0\r\n" VIA(
			  "q") "From: \"Al \\\"The\\\" \\\\ One\" "
			       "<sip:a@a.example>"
			       ";tag=q\r\nTo: <sip:b@b.example>\r\n"
			       "Call-ID: quoted\r\nCSeq: 1 INVITE\r\n\r\n"));
	finish();
	ck_assert_uint_eq(got_n, 1);
	ck_text(got[0]->call.caller.name, "Al \"The\" \\ One");
}
END_TEST

/* --- registrations ----------------------------------------------------- */

static void reg_of(unsigned ms, const char *id, bool request, const char *start,
		   const char *cseq, const char *more)
{
	char text[1024];
	int n = snprintf(
		text, sizeof(text),
		"%s\r\n" VIA("r") "From: <sip:alice@a.example>"
				  ";tag=r\r\nTo: <sip:alice@a.example>\r\n"
				  "Call-ID: %s\r\nCSeq: %s REGISTER\r\n%s"
				  "Content-Length: 0\r\n\r\n",
		start, id, cseq, more);

	say_bytes(ms, request ? A : B, request ? B : A,
		  slice_of(text, (size_t)n));
}

static void reg(unsigned ms, bool request, const char *start, const char *cseq,
		const char *more)
{
	reg_of(ms, "reg1", request, start, cseq, more);
}

#define REGISTER "REGISTER sip:a.example SIP/2.0"
#define CONTACT	 "Contact: <sip:alice@10.0.0.1>;expires=60\r\n"

START_TEST(registration)
{
	reg(0, true, REGISTER, "1", CONTACT);
	reg(10, false, "SIP/2.0 401 Unauthorized", "1", "");
	ck_assert_uint_eq(got_n, 0);
	reg(20, true, REGISTER, "2", CONTACT);
	reg(35, false, "SIP/2.0 200 OK", "2", CONTACT);
	ck_assert_uint_eq(got_n, 1);
	ck_assert_int_eq(got[0]->kind, CDR_REGISTRATION);
	ck_assert_str_eq(got[0]->registration.state, "registered");
	ck_assert_uint_eq(got[0]->registration.status, 200);
	ck_assert_uint_eq(got[0]->registration.expires, 60);
	ck_assert_int_eq(got[0]->registration.rtt_us, 15000);
	ck_text(got[0]->registration.aor, "sip:alice@a.example");
	reg(30000, true, REGISTER, "3", CONTACT);
	reg(30010, false, "SIP/2.0 200 OK", "3", CONTACT);
	ck_assert_uint_eq(got_n, 1);
	timers_run(&timers, T0 + 200 * S);
	ck_assert_uint_eq(got_n, 2);
	ck_assert_str_eq(got[1]->registration.state, "expired");
	ck_assert_uint_eq(got[1]->registration.refreshes, 1);
	ck_assert_str_eq(got[1]->uid, got[0]->uid);
}
END_TEST

START_TEST(unregistered)
{
	reg(0, true, REGISTER, "1", CONTACT);
	reg(5, false, "SIP/2.0 200 OK", "1", CONTACT);
	reg(900, true, REGISTER, "2", "Contact: *\r\nExpires: 0\r\n");
	reg(905, false, "SIP/2.0 200 OK", "2", "");
	finish();
	ck_assert_uint_eq(got_n, 2);
	ck_assert_str_eq(got[1]->registration.state, "unregistered");
}
END_TEST

START_TEST(registration_fails)
{
	reg(0, true, REGISTER, "1", CONTACT);
	reg(10, false, "SIP/2.0 403 Forbidden", "1", "");
	finish();
	ck_assert_uint_eq(got_n, 1);
	ck_assert_str_eq(got[0]->registration.state, "failed");
	ck_assert_uint_eq(got[0]->registration.status, 403);
}
END_TEST

/* A second tap is 5 ms behind: the earlier REGISTER comes after the later one
 * and its answer, and nothing is refreshed. */
START_TEST(registration_seen_twice)
{
	for (unsigned ms = 0; ms <= 5; ms += 5) {
		reg(ms, true, REGISTER, "1", CONTACT);
		reg(ms + 1, false, "SIP/2.0 401 Unauthorized", "1", "");
		reg(ms + 2, true, REGISTER, "2", CONTACT);
		reg(ms + 3, false, "SIP/2.0 200 OK", "2", CONTACT);
	}
	finish();
	ck_assert_uint_eq(got_n, 1);
	ck_assert_str_eq(got[0]->registration.state, "registered");
	ck_assert_uint_eq(got[0]->registration.refreshes, 0);
	ck_assert_int_eq(got[0]->registration.rtt_us, 1000);
}
END_TEST

/* An SBC asks in its own name, but keeps Call-ID and CSeq: each answer is for
 * the one that it is sent to. */
START_TEST(registration_through_sbc)
{
	static const char ask[] =
		REGISTER "\r\n" VIA("s") "From: <sip:alice@a.example>;tag=r\r\n"
					 "To: <sip:alice@a.example>\r\n"
					 "Call-ID: reg1\r\nCSeq: 1 REGISTER\r\n"
					 "Contact: <sip:sbc@10.0.0.2>\r\n"
					 "Content-Length: 0\r\n\r\n";
	static const char ok[] = "SIP/2.0 200 OK\r\n" VIA(
		"s") "From: <sip:alice@a.example>;tag=r\r\n"
		     "To: <sip:alice@a.example>\r\n"
		     "Call-ID: reg1\r\nCSeq: 1 REGISTER\r\n"
		     "Content-Length: 0\r\n\r\n";

	reg(0, true, REGISTER, "1", CONTACT);
	say_bytes(5, B, P, slice_str(ask));
	say_bytes(15, P, B, slice_str(ok));
	reg(20, false, "SIP/2.0 200 OK", "1", CONTACT);
	finish();
	ck_assert_uint_eq(got_n, 2);
	for (size_t i = 0; i < 2; i++)
		ck_assert_str_eq(got[i]->registration.state, "registered");
	ck_assert_int_eq(got[0]->registration.rtt_us, 10000);
	ck_assert_int_eq(got[1]->registration.rtt_us, 20000);
}
END_TEST

/* Two guessers of one password, each with its Call-ID: one is right. */
START_TEST(registrations_side_by_side)
{
	reg_of(0, "g1", true, REGISTER, "1", CONTACT);
	reg_of(1, "g2", true, REGISTER, "1", CONTACT);
	reg_of(2, "g1", false, "SIP/2.0 401 Unauthorized", "1", "");
	reg_of(3, "g2", false, "SIP/2.0 401 Unauthorized", "1", "");
	reg_of(4, "g1", true, REGISTER, "2", CONTACT);
	reg_of(5, "g2", true, REGISTER, "2", CONTACT);
	reg_of(6, "g1", false, "SIP/2.0 200 OK", "2", CONTACT);
	reg_of(7, "g2", false, "SIP/2.0 401 Unauthorized", "2", "");
	finish();
	ck_assert_uint_eq(got_n, 2);
	ck_text(got[0]->registration.call_id, "g1");
	ck_assert_str_eq(got[0]->registration.state, "registered");
	ck_text(got[1]->registration.call_id, "g2");
	ck_assert_str_eq(got[1]->registration.state, "failed");
	ck_assert_uint_eq(got[1]->registration.status, 401);
	ck_assert_str_ne(got[0]->uid, got[1]->uid);
}
END_TEST

START_TEST(registration_moves)
{
	reg(0, true, REGISTER, "1", CONTACT);
	reg(10, false, "SIP/2.0 401 Unauthorized", "1", "");
	reg(20, true, REGISTER, "2", "Contact: <sip:alice@10.0.0.1:6300>\r\n");
	reg(30, false, "SIP/2.0 200 OK", "2",
	    "Contact: <sip:alice@10.0.0.1:6300>;expires=600\r\n");
	reg(90, true, REGISTER, "3", "Contact: <sip:alice@10.0.0.1:6300>\r\n");
	finish();
	ck_assert_uint_eq(got_n, 1);
	ck_assert_str_eq(got[0]->registration.state, "registered");
	ck_assert_uint_eq(got[0]->registration.expires, 600);
	ck_text(got[0]->registration.contact, "sip:alice@10.0.0.1:6300");
}
END_TEST

/* --- other transactions ------------------------------------------------ */

static void options(unsigned ms, bool request, const char *start)
{
	char text[1024];
	int n = snprintf(
		text, sizeof(text),
		"%s\r\n" VIA(
			"o") "From: <sip:x@a.example>;tag=o\r\n"
			     "To: <sip:y@b.example>\r\nCall-ID: opt\r\n"
			     "CSeq: 9 OPTIONS\r\nContent-Length: 0\r\n\r\n",
		start);

	say_bytes(ms, request ? A : B, request ? B : A,
		  slice_of(text, (size_t)n));
}

START_TEST(transaction)
{
	options(0, true, "OPTIONS sip:b.example SIP/2.0");
	options(500, true, "OPTIONS sip:b.example SIP/2.0");
	options(520, false, "SIP/2.0 200 OK");
	finish();
	ck_assert_uint_eq(got_n, 1);
	ck_assert_int_eq(got[0]->kind, CDR_TRANSACTION);
	ck_text(got[0]->transaction.method, "OPTIONS");
	ck_assert_uint_eq(got[0]->transaction.status, 200);
	ck_assert_int_eq(got[0]->transaction.rtt_us, 520000);
}
END_TEST

START_TEST(transaction_without_answer)
{
	options(0, true, "OPTIONS sip:b.example SIP/2.0");
	timers_run(&timers, T0 + 40 * S);
	ck_assert_uint_eq(got_n, 1);
	ck_assert_uint_eq(got[0]->transaction.status, CDR_NO_U32);
	ck_assert_int_eq(got[0]->transaction.rtt_us, CDR_NO_US);
	ck_assert_ptr_null(got[0]->partial);
}
END_TEST

START_TEST(transaction_half_seen)
{
	options(0, _i == 0,
		_i ? "SIP/2.0 200 OK" : "OPTIONS sip:b.example SIP/2.0");
	finish();
	ck_assert_uint_eq(got_n, 1);
	ck_assert_str_eq(got[0]->partial, _i ? "start" : "end");
}
END_TEST

/* What only repairs another stream is nobody's side, no later hop and no
 * finding, however much of it there is. */
START_TEST(repair_is_no_side)
{
	const uint8_t ip[3][4] = {
		{192, 0, 2, 1}, {192, 0, 2, 2}, {192, 0, 2, 3}};
	struct cdr_stream v[3] = {{.sender = "caller",
				   .media = "audio",
				   .codec = SLICE("opus"),
				   .ssrc = 1,
				   .src = addr_v4(ip[0], 4000),
				   .dst = addr_v4(ip[1], 4000),
				   .first = S,
				   .last = 9 * S,
				   .packets = 100}};
	struct cdr *cdr = cdr_new(CDR_CALL);

	v[1] = v[2] = v[0];
	v[1].ssrc = 2;
	v[1].packets = 1000;
	v[1].loss_pct = 50;
	v[1].is_repair = v[2].is_repair = true;
	v[2].src = addr_v4(ip[1], 5000);
	v[2].dst = addr_v4(ip[2], 5000);
	v[2].ssrc = 3;
	cdr->call.streams = v;
	cdr->call.streams_n = 3;
	cdr_conclude(cdr);
	ck_assert_uint_eq(cdr->call.a.packets, 100);
	ck_assert_uint_eq(v[0].hop, 1);
	ck_assert_uint_eq(v[1].hop, 1);
	ck_assert_uint_eq(v[2].hop, 2); /* of the repair before it */
	ck_assert_uint_eq(cdr->call.diagnoses_n, 0);
	cdr_free(cdr);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("call");
	TCase *t = tcase_create("calls");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, plain_call);
	tcase_add_test(t, ends_by_itself);
	tcase_add_test(t, challenge_is_one_attempt);
	tcase_add_test(t, only_challenged);
	tcase_add_loop_test(t, failed_call, 0,
			    sizeof(failures) / sizeof(failures[0]));
	tcase_add_test(t, cancel_crosses_200);
	tcase_add_test(t, forked);
	tcase_add_test(t, two_hops);
	tcase_add_test(t, retransmissions);
	tcase_add_test(t, hold);
	tcase_add_test(t, up_before_the_capture);
	tcase_add_test(t, answers_come_first);
	tcase_add_test(t, bye_while_ringing);
	tcase_add_loop_test(t, missed_in_between, 0, 3);
	tcase_add_test(t, failure_without_its_invite);
	tcase_add_loop_test(t, bill, 0, sizeof(bills) / sizeof(bills[0]));
	tcase_add_test(t, expires_when_media_stops);
	tcase_add_test(t, nobody_answers);
	tcase_add_test(t, info_digits);
	tcase_add_test(t, legs_share_a_group);
	tcase_add_test(t, same_uid_again);
	tcase_add_test(t, escaped_user);
	tcase_add_test(t, call_limit);
	tcase_add_test(t, name_without_quoted_pairs);
	tcase_add_test(t, registration);
	tcase_add_test(t, unregistered);
	tcase_add_test(t, registration_fails);
	tcase_add_test(t, registration_seen_twice);
	tcase_add_test(t, registration_through_sbc);
	tcase_add_test(t, registrations_side_by_side);
	tcase_add_test(t, registration_moves);
	tcase_add_test(t, transaction);
	tcase_add_test(t, transaction_without_answer);
	tcase_add_loop_test(t, transaction_half_seen, 0, 2);
	tcase_add_test(t, repair_is_no_side);
	suite_add_tcase(s, t);
	return run_suite(s);
}
