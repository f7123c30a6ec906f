/* Calls as their messages tell them: state, times, parties, offers, groups. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/made_calls.h"
#include "tests/run_suite.h"

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

	made_say(ms, src, dst, slice_of(text, (size_t)n));
}

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

static const struct cdr_call *only_call(void)
{
	ck_assert_uint_eq(made.got_n, 1);
	ck_assert_int_eq(made.got[0]->kind, CDR_CALL);
	return &made.got[0]->call;
}

/* --- calls ------------------------------------------------------------- */

START_TEST(plain_call)
{
	const struct cdr_call *c;

	invite(0);
	ring(200);
	answer(1200);
	ack(1210);
	bye_by_callee(11200);
	made_calls_end();
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
	ck_assert_ptr_null(made.got[0]->partial);
}
END_TEST

/* The record comes by itself, linger_ns after the last message, and what
 * still trickles in makes no second one. */
START_TEST(ends_by_itself)
{
	invite(0);
	answer(10);
	bye_by_callee(1000);
	timers_run(&made.timers, T0 + 5 * S);
	ck_assert_uint_eq(made.got_n, 0);
	timers_run(&made.timers, T0 + 7 * S);
	ck_assert_uint_eq(made.got_n, 1);
	bye_by_callee(8000);
	made_calls_end();
	ck_assert_uint_eq(made.got_n, 1);
	ck_assert_uint_eq(counters_get(&made.counters, "call.late_message"), 2);
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
	made_calls_end();
	c = only_call();
	ck_assert_uint_eq(c->status, 200);
	ck_assert_int_eq(c->setup_us, 540000);
	ck_assert_int_eq(c->pdd_us, 90000);
	ck_assert_uint_eq(c->dialogs_n, 1);
	ck_assert_str_eq(c->state, "active");
	ck_assert_str_eq(made.got[0]->partial, "end");
}
END_TEST

START_TEST(only_challenged)
{
	invite(0);
	say(20, B, A, "SIP/2.0 407 Auth please", VIA("1"), FA, ";tag=x",
	    "1 INVITE", "", "");
	made_calls_end();
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
	made_calls_end();
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
	made_calls_end();
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
	ck_assert_uint_eq(made.got_n, 0);
	say(5400, A, B, "BYE sip:bob@b.example SIP/2.0", VIA("9"), FA,
	    ";tag=b2", "3 BYE", "", "");
	made_calls_end();
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
	made_calls_end();
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
	made_calls_end();
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
	made_calls_end();
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
	made_calls_end();
	ck_assert_str_eq(made.got[0]->partial, "start");
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
	timers_run(&made.timers, T0 + 100000 * S);
	c = only_call();
	ck_assert_str_eq(made.got[0]->partial, "gap");
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
	made_calls_end();
	c = only_call();
	ck_assert_ptr_null(made.got[0]->partial);
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
	made_calls_end();
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
	made_calls_end();
	ck_assert_str_eq(only_call()->state, "failed");
	ck_assert_uint_eq(only_call()->status, 486);
	ck_assert_str_eq(made.got[0]->partial, "start");
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
	timers_run(&made.timers, T0 + 100000 * S);
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
	made.media_ns = T0 + 60 * S;
	timers_run(&made.timers, T0 + 350 * S);
	ck_assert_uint_eq(made.got_n, 0);
	timers_run(&made.timers, T0 + 661 * S);
	c = only_call();
	ck_assert_str_eq(c->state, "expired");
	ck_assert_ptr_null(c->ended_by);
}
END_TEST

START_TEST(nobody_answers)
{
	invite(0);
	timers_run(&made.timers, T0 + 201 * S);
	ck_assert_str_eq(only_call()->state, "unanswered");
	ck_assert_uint_eq(only_call()->status, CDR_NO_U32);
}
END_TEST

START_TEST(info_digits)
{
	const struct cdr_call *c;

	invite(0);
	answer(100);
	made_say(500, A, B,
		 SLICE("INFO sip:bob@b.example SIP/2.0\r\n" VIA(
			 "7") "From: <sip:alice@a.example>;tag=a\r\n"
			      "To: <sip:bob@b.example>;tag=b\r\nCall-ID: c1\r\n"
			      "CSeq: 2 INFO\r\n"
			      "Content-Type: application/dtmf-relay\r\n"
			      "Content-Length: 26\r\n\r\n"
			      "Signal= 5\r\nDuration= 160\r\n"));
	made_calls_end();
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

	made_say(ms, A, B, slice_of(text, (size_t)n));
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
	made_calls_end();
	ck_assert_uint_eq(made.got_n, 5);
	ck_text(made.got[0]->call.group_id, made.got[0]->uid);
	ck_text(made.got[1]->call.group_id, made.got[0]->uid);
	ck_text(made.got[2]->call.group_id, made.got[2]->uid);
	ck_text(made.got[3]->call.group_id, made.got[2]->uid);
	ck_assert_ptr_null(made.got[4]->call.group_id.p);
}
END_TEST

START_TEST(same_uid_again)
{
	char uid[CDR_UID];

	invite(0);
	made_calls_end();
	memcpy(uid, made.got[0]->uid, sizeof(uid));
	made_calls_teardown();
	made_calls_setup();
	invite(0);
	made_calls_end();
	ck_assert_str_eq(made.got[0]->uid, uid);
	ck_assert_uint_eq(strlen(uid), 26);
}
END_TEST

START_TEST(escaped_user)
{
	made_say(0, A, B,
		 SLICE("INVITE sip:bob@b.example SIP/2.0\r\n" VIA(
			 "1") "From: <sip:%2B49%2030@a.example>;tag=a\r\n"
			      "To: <sip:bob@b.example>\r\nCall-ID: c1\r\n"
			      "CSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"));
	made_calls_end();
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
	ck_assert_uint_eq(calls_open(made.calls), 100);
	ck_assert_uint_eq(counters_get(&made.counters, "call.evicted"), 1);
}
END_TEST

START_TEST(name_without_quoted_pairs)
{
	made_say(0, A, B,
		 SLICE("INVITE sip:b@b.example SIP/2.0\r\n" VIA(
			 "q") "From: \"Al \\\"The\\\" \\\\ One\" "
			      "<sip:a@a.example>"
			      ";tag=q\r\nTo: <sip:b@b.example>\r\n"
			      "Call-ID: quoted\r\nCSeq: 1 INVITE\r\n\r\n"));
	made_calls_end();
	ck_assert_uint_eq(made.got_n, 1);
	ck_text(made.got[0]->call.caller.name, "Al \"The\" \\ One");
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

	tcase_add_checked_fixture(t, made_calls_setup, made_calls_teardown);
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
	tcase_add_test(t, repair_is_no_side);
	suite_add_tcase(s, t);
	return run_suite(s);
}
