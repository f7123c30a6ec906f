/* Registrations and other transactions, as their messages tell them. */
#include <stdio.h>

#include "tests/made_calls.h"
#include "tests/run_suite.h"

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

	made_say(ms, request ? A : B, request ? B : A,
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
	ck_assert_uint_eq(made.got_n, 0);
	reg(20, true, REGISTER, "2", CONTACT);
	reg(35, false, "SIP/2.0 200 OK", "2", CONTACT);
	ck_assert_uint_eq(made.got_n, 1);
	ck_assert_int_eq(made.got[0]->kind, CDR_REGISTRATION);
	ck_assert_str_eq(made.got[0]->registration.state, "registered");
	ck_assert_uint_eq(made.got[0]->registration.status, 200);
	ck_assert_uint_eq(made.got[0]->registration.expires, 60);
	ck_assert_int_eq(made.got[0]->registration.rtt_us, 15000);
	ck_text(made.got[0]->registration.aor, "sip:alice@a.example");
	reg(30000, true, REGISTER, "3", CONTACT);
	reg(30010, false, "SIP/2.0 200 OK", "3", CONTACT);
	ck_assert_uint_eq(made.got_n, 1);
	timers_run(&made.timers, T0 + 200 * S);
	ck_assert_uint_eq(made.got_n, 2);
	ck_assert_str_eq(made.got[1]->registration.state, "expired");
	ck_assert_uint_eq(made.got[1]->registration.refreshes, 1);
	ck_assert_str_eq(made.got[1]->uid, made.got[0]->uid);
}
END_TEST

START_TEST(unregistered)
{
	reg(0, true, REGISTER, "1", CONTACT);
	reg(5, false, "SIP/2.0 200 OK", "1", CONTACT);
	reg(900, true, REGISTER, "2", "Contact: *\r\nExpires: 0\r\n");
	reg(905, false, "SIP/2.0 200 OK", "2", "");
	made_calls_end();
	ck_assert_uint_eq(made.got_n, 2);
	ck_assert_str_eq(made.got[1]->registration.state, "unregistered");
}
END_TEST

START_TEST(registration_fails)
{
	reg(0, true, REGISTER, "1", CONTACT);
	reg(10, false, "SIP/2.0 403 Forbidden", "1", "");
	made_calls_end();
	ck_assert_uint_eq(made.got_n, 1);
	ck_assert_str_eq(made.got[0]->registration.state, "failed");
	ck_assert_uint_eq(made.got[0]->registration.status, 403);
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
	made_calls_end();
	ck_assert_uint_eq(made.got_n, 1);
	ck_assert_str_eq(made.got[0]->registration.state, "registered");
	ck_assert_uint_eq(made.got[0]->registration.refreshes, 0);
	ck_assert_int_eq(made.got[0]->registration.rtt_us, 1000);
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
	made_say(5, B, P, slice_str(ask));
	made_say(15, P, B, slice_str(ok));
	reg(20, false, "SIP/2.0 200 OK", "1", CONTACT);
	made_calls_end();
	ck_assert_uint_eq(made.got_n, 2);
	for (size_t i = 0; i < 2; i++)
		ck_assert_str_eq(made.got[i]->registration.state, "registered");
	ck_assert_int_eq(made.got[0]->registration.rtt_us, 10000);
	ck_assert_int_eq(made.got[1]->registration.rtt_us, 20000);
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
	made_calls_end();
	ck_assert_uint_eq(made.got_n, 2);
	ck_text(made.got[0]->registration.call_id, "g1");
	ck_assert_str_eq(made.got[0]->registration.state, "registered");
	ck_text(made.got[1]->registration.call_id, "g2");
	ck_assert_str_eq(made.got[1]->registration.state, "failed");
	ck_assert_uint_eq(made.got[1]->registration.status, 401);
	ck_assert_str_ne(made.got[0]->uid, made.got[1]->uid);
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
	made_calls_end();
	ck_assert_uint_eq(made.got_n, 1);
	ck_assert_str_eq(made.got[0]->registration.state, "registered");
	ck_assert_uint_eq(made.got[0]->registration.expires, 600);
	ck_text(made.got[0]->registration.contact, "sip:alice@10.0.0.1:6300");
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

	made_say(ms, request ? A : B, request ? B : A,
		 slice_of(text, (size_t)n));
}

START_TEST(transaction)
{
	options(0, true, "OPTIONS sip:b.example SIP/2.0");
	options(500, true, "OPTIONS sip:b.example SIP/2.0");
	options(520, false, "SIP/2.0 200 OK");
	made_calls_end();
	ck_assert_uint_eq(made.got_n, 1);
	ck_assert_int_eq(made.got[0]->kind, CDR_TRANSACTION);
	ck_text(made.got[0]->transaction.method, "OPTIONS");
	ck_assert_uint_eq(made.got[0]->transaction.status, 200);
	ck_assert_int_eq(made.got[0]->transaction.rtt_us, 520000);
}
END_TEST

START_TEST(transaction_without_answer)
{
	options(0, true, "OPTIONS sip:b.example SIP/2.0");
	timers_run(&made.timers, T0 + 40 * S);
	ck_assert_uint_eq(made.got_n, 1);
	ck_assert_uint_eq(made.got[0]->transaction.status, CDR_NO_U32);
	ck_assert_int_eq(made.got[0]->transaction.rtt_us, CDR_NO_US);
	ck_assert_ptr_null(made.got[0]->partial);
}
END_TEST

START_TEST(transaction_half_seen)
{
	options(0, _i == 0,
		_i ? "SIP/2.0 200 OK" : "OPTIONS sip:b.example SIP/2.0");
	made_calls_end();
	ck_assert_uint_eq(made.got_n, 1);
	ck_assert_str_eq(made.got[0]->partial, _i ? "start" : "end");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("register");
	TCase *t = tcase_create("register");

	tcase_add_checked_fixture(t, made_calls_setup, made_calls_teardown);
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
	suite_add_tcase(s, t);
	return run_suite(s);
}
