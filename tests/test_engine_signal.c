/* One session, one record: whatever signalled it, and whether that was seen
 * before, between or after its checks and media. */
#include <check.h>
#include <stdio.h>

#include "tests/made_signal.h"
#include "tests/run_suite.h"

static struct made_engine m;
static uint64_t ms; /* now */
static struct made_tcp ws[2];
static bool open_[2];

static void setup(void)
{
	struct engine_config cfg = made_engine_config();

	made_engine_begin(&m, &cfg);
	ms = 0;
	open_[0] = open_[1] = false;
}

static void teardown(void)
{
	made_engine_free(&m);
}

#define PWD_A "aaaa-0123456789abcdefgh"
#define PWD_B "bbbb-0123456789abcdefgh"
#define A     made_at(1, 5000)
#define B     made_at(2, 6000)

static struct made_party alice = {.id = "1111111111",
				  .version = 1,
				  .ufrag = "aaaa",
				  .pwd = PWD_A,
				  .setup = "actpass"};
static struct made_party bob = {.id = "2222222222",
				.version = 1,
				.ufrag = "bbbb",
				.pwd = PWD_B,
				.setup = "active"};

static void checks_of(const char *a, const char *b, const char *pwd_a,
		      const char *pwd_b)
{
	struct made_check c = {A, B, a, b, pwd_b, false, true, 1 + m.frames};

	made_check(&m, ms, &c);
	c = (struct made_check){B, A, b, a, pwd_a, true, false, 2 + m.frames};
	made_check(&m, ms + 5, &c);
}

static void checks(void)
{
	checks_of("aaaa", "bbbb", PWD_A, PWD_B);
}

/* The answerer is faster. */
static void checks_by_bob(void)
{
	struct made_check c = {B,     A,    "bbbb", "aaaa",
			       PWD_A, true, false,  1 + m.frames};

	made_check(&m, ms, &c);
	ms += 20;
	checks();
}

static void media(void)
{
	static const uint32_t ssrc[2] = {0xa1, 0xb1};
	struct made_rtp a = {A, B, ssrc[0], (uint16_t)ms, 10, 111};
	struct made_rtp b = {B, A, ssrc[1], (uint16_t)ms, 10, 111};

	made_rtp(&m, ms, &a);
	made_rtp(&m, ms + 5, &b);
}

/* --- WebSocket ------------------------------------------------------------ */

#define SERVER made_at(9, 80)

static struct made_tcp *ws_of(unsigned party)
{
	struct addr client = made_at(party ? 2 : 1, (uint16_t)(40000 + party));

	if (!open_[party]) {
		made_tcp_open(&m, ms, &ws[party], client, SERVER);
		made_ws_open(&m, ms, &ws[party]);
		open_[party] = true;
	}
	return &ws[party];
}

/* To the server, and on to the other party. */
static void both_legs(unsigned from, const char *text)
{
	made_ws_text(&m, ms, ws_of(from), 0, text);
	made_ws_text(&m, ms + 1, ws_of(!from), 1, text);
}

/* Only that party's own connection is seen. */
static void one_leg(unsigned from, const char *text)
{
	made_ws_text(&m, ms, ws_of(0), from, text);
}

static void json(bool both, unsigned from)
{
	char text[MADE_TEXT];

	made_json(text, from ? "answer" : "offer", from ? &bob : &alice);
	if (both)
		both_legs(from, text);
	else
		one_leg(from, text);
}

static void ws_both(unsigned from)
{
	json(true, from);
}

static void ws_one(unsigned from)
{
	json(false, from);
}

/* --- HTTP and SIP --------------------------------------------------------- */

/* RFC 9725: the offer is posted, the answer comes back. */
static void whip(unsigned from)
{
	char sdp[MADE_TEXT], text[MADE_TEXT + 256];
	int n;

	if (!open_[0])
		made_tcp_open(&m, ms, &ws[0], made_at(1, 40000), SERVER);
	open_[0] = true;
	made_description(sdp, from ? &bob : &alice);
	n = snprintf(text, sizeof(text),
		     "%sContent-Type: application/sdp\r\n"
		     "Content-Length: %zu\r\n\r\n%s",
		     from ? "HTTP/1.1 201 Created\r\nLocation: /r/1\r\n"
			  : "POST /whip HTTP/1.1\r\nHost: h\r\n",
		     strlen(sdp), sdp);
	made_tcp_send(&m, ms, &ws[0], from, slice_of(text, (size_t)n));
}

static void sip(unsigned from)
{
	const struct made_sip s = {
		.from = made_at(from ? 2 : 1, 5060),
		.to = made_at(from ? 1 : 2, 5060),
		.start = from ? "SIP/2.0 200 OK" : "INVITE sip:b@x SIP/2.0",
		.id = "c1",
		.cseq = "1 INVITE",
		.to_tag = from ? ";tag=b" : "",
		.media = from ? &bob : &alice,
	};

	made_sip(&m, ms, &s);
}

/* --- orders --------------------------------------------------------------- */

static const struct {
	const char *name;
	void (*say)(unsigned from);
	const char *signalling; /* NULL: a call */
} ways[] = {
	{"JSON on both connections", ws_both, "json"},
	{"JSON on one connection", ws_one, "json"},
	{"WHIP", whip, "whip"},
	{"SIP", sip, NULL},
};

/* offer, answer, checks, media; C: the answerer checks first */
static const char *const orders[] = {
	"oacm",	  "ocam", "coam", "ocma", "comam", "cmoa",
	"cmomam", "oaCm", "oCam", "Coam", "Cmoa",  "CmomaCm",
};

#define ORDERS (sizeof(orders) / sizeof(orders[0]))

static void play(const char *order, void (*say)(unsigned from))
{
	for (const char *k = order; *k; k++, ms += 300) {
		if (*k == 'o')
			say(0);
		else if (*k == 'a')
			say(1);
		else if (*k == 'c')
			checks();
		else if (*k == 'C')
			checks_by_bob();
		else if (*k == 'm')
			media();
	}
}

static void ck_stream(const char *what, const struct cdr_stream *s,
		      const char *sender, uint64_t packets)
{
	ck_assert_msg(!strcmp(s->sender, sender), "%s: %s", what, s->sender);
	ck_assert_msg(slice_eq(s->codec, SLICE("opus")), "%s: %.*s", what,
		      SLICE_ARG(s->codec));
	ck_assert_msg(s->packets == packets, "%s: %u", what,
		      (unsigned)s->packets);
}

START_TEST(one_record)
{
	const char *order = orders[(size_t)_i % ORDERS];
	bool call = !ways[(size_t)_i / ORDERS].signalling;
	char what[128];
	uint64_t packets = 0;
	const struct cdr_call *s;

	snprintf(what, sizeof(what), "%s, %s", ways[(size_t)_i / ORDERS].name,
		 order);
	play(order, ways[(size_t)_i / ORDERS].say);
	for (const char *k = order; *k; k++)
		packets += *k == 'm' ? 10 : 0;
	made_engine_end(&m);
	ck_assert_msg(m.got_n == 1, "%s: %zu records", what, m.got_n);
	ck_assert_int_eq(m.got[0]->kind, call ? CDR_CALL : CDR_SESSION);
	s = &m.got[0]->call;
	if (!call)
		ck_assert_str_eq(s->signalling,
				 ways[(size_t)_i / ORDERS].signalling);
	ck_assert_msg(s->ice_n == 1, "%s: %zu exchanges", what, s->ice_n);
	ck_assert(slice_eq(s->ice[0].a, SLICE("aaaa")));
	ck_assert_str_eq(s->ice[0].controlling, "a");
	ck_assert_str_eq(s->ice[0].result, "connected");
	ck_assert_uint_eq(s->ice[0].pairs_n, 1);
	ck_assert(s->ice[0].pairs[0].selected);
	ck_assert_msg(s->offers_n == 1, "%s: %zu offers", what, s->offers_n);
	ck_assert_str_eq(s->offers[0].state, "answered");
	ck_assert_str_eq(s->offers[0].by, call ? "caller" : "a");
	ck_assert_str_eq(s->offers[0].media[0].bundled, "true");
	ck_assert_msg(s->streams_n == 2, "%s: %zu streams", what, s->streams_n);
	ck_stream(what, &s->streams[0], call ? "caller" : "a", packets);
	ck_stream(what, &s->streams[1], call ? "callee" : "b", packets);
	ck_assert_uint_eq(made_counted(&m, "stun.bad_integrity"), 0);
	ck_assert_uint_eq(engine_stats(m.engine)->rtp, 2 * packets);
}
END_TEST

/* --- sessions that were only signalled ------------------------------------ */

START_TEST(nobody_answers)
{
	ws_one(0);
	made_engine_end(&m);
	ck_assert_str_eq(made_only(&m)->call.state, "unanswered");
	ck_assert_str_eq(m.got[0]->call.offers[0].state, "pending");
	ck_assert_str_eq(m.got[0]->call.kind, "webrtc");
}
END_TEST

/* Its record does not wait for the end of the input. */
START_TEST(given_up_after_a_while)
{
	ws_one(0);
	ms = 200000;
	made_udp(&m, ms, A, B, SLICE("x"));
	made_udp(&m, ms + 1, A, B, SLICE("x"));
	made_engine_settle(&m);
	ck_assert_uint_eq(m.got_n, 1);
	made_engine_end(&m);
	made_only(&m);
}
END_TEST

START_TEST(two_sessions_apart)
{
	struct made_party carol = bob;
	char text[MADE_TEXT];

	play("oacm", ws_one);
	carol.id = "3333333333";
	carol.ufrag = "cccc";
	made_json(text, "offer", &carol);
	made_ws_text(&m, ms, ws_of(0), 1, text);
	made_engine_end(&m);
	ck_assert_uint_eq(m.got_n, 2);
	ck_assert_uint_eq(m.got[0]->call.offers_n, 1);
	ck_assert_uint_eq(m.got[1]->call.offers_n, 1);
	ck_assert_str_eq(m.got[1]->call.offers[0].state, "pending");
}
END_TEST

/* --- trickle -------------------------------------------------------------- */

#define CAND_A "candidate:1 1 udp 2130706431 10.0.0.1 5000 typ host"
#define CAND_B "candidate:1 1 udp 2130706431 10.0.0.2 6000 typ host"
#define CAND_X "candidate:2 1 udp 2113929471 0a-1b.local 5002 typ host"

static void trickle(unsigned from, const char *candidate, const char *ufrag)
{
	char text[MADE_TEXT];

	made_json_candidate(text, candidate, ufrag);
	one_leg(from, text);
	ms += 10;
}

/* Port 9 in the descriptions; candidates with and without their ufrag. */
START_TEST(trickled)
{
	const struct cdr_ice *i;

	ws_one(0);
	trickle(0, CAND_A, _i ? "aaaa" : NULL);
	trickle(0, CAND_X, _i ? "aaaa" : NULL);
	ws_one(1);
	trickle(1, CAND_B, _i ? "bbbb" : NULL);
	trickle(1, CAND_B, _i ? "bbbb" : NULL);
	checks();
	media();
	made_engine_end(&m);
	i = &made_only(&m)->call.ice[0];
	ck_assert_uint_eq(i->candidates_n, 3);
	for (size_t n = 0; n < 3; n++)
		ck_assert_str_eq(i->candidates[n].type, "host");
	ck_assert_str_eq(i->candidates[2].side, "b");
	ck_assert(slice_eq(i->candidates[1].addr, SLICE("0a-1b.local:5002")));
	ck_assert_uint_eq(i->pairs_n, 1);
	ck_assert_uint_eq(m.got[0]->call.streams_n, 2);
}
END_TEST

START_TEST(stray_candidate)
{
	trickle(0, CAND_A, "zzzz");
	made_engine_end(&m);
	ck_assert_uint_eq(m.got_n, 0);
	ck_assert_uint_eq(made_counted(&m, "signal.stray_candidate"), 1);
}
END_TEST

/* --- restarts ------------------------------------------------------------- */

/* RFC 8839, 5.4: other ufrags. o= tells that it is the same session, before
 * and after its checks. */
START_TEST(signalled_restart)
{
	struct made_party a2 = alice, b2 = bob;
	char text[MADE_TEXT];
	const struct cdr_call *s;

	play("oacm", _i ? ws_both : ws_one);
	a2.version = b2.version = 2;
	a2.ufrag = "a222";
	b2.ufrag = "b222";
	made_json(text, "offer", &a2);
	one_leg(0, text);
	ms += 20;
	made_json(text, "answer", &b2);
	one_leg(1, text);
	ms += 20;
	checks_of("a222", "b222", PWD_A, PWD_B);
	ms += 100;
	media();
	made_engine_end(&m);
	s = &made_only(&m)->call;
	ck_assert_uint_eq(s->ice_n, 2);
	ck_assert_str_eq(s->ice[0].result, "restarted");
	ck_assert_uint_eq(s->ice[1].generation, 2);
	ck_assert_str_eq(s->ice[1].result, "connected");
	ck_assert_uint_eq(s->offers_n, 2);
	ck_assert_str_eq(s->offers[1].state, "answered");
	ck_assert_uint_eq(s->offers[1].version, 2);
	ck_assert_uint_eq(s->streams_n, 2);
	ck_assert_uint_eq(s->streams[0].packets, 20);
}
END_TEST

/* --- authentication ------------------------------------------------------- */

/* Somebody who does not know the password of whom he checks. */
START_TEST(wrong_password)
{
	ws_one(0);
	ws_one(1);
	ms += 50;
	checks_of("aaaa", "bbbb", PWD_A, "guessed");
	made_engine_end(&m);
	ck_assert_uint_eq(made_counted(&m, "stun.bad_integrity"), 2);
}
END_TEST

/* The offer is seen only; a check brings the other ufrag, and proves by the
 * password that it is about this session. */
START_TEST(half_signalled)
{
	ws_one(0);
	ms += 50;
	checks();
	media();
	made_engine_end(&m);
	ck_assert_str_eq(made_only(&m)->call.signalling, "json");
	ck_assert_uint_eq(m.got[0]->call.ice_n, 1);
	ck_assert(slice_eq(m.got[0]->call.ice[0].b, SLICE("bbbb")));
	ck_assert_uint_eq(m.got[0]->call.streams_n, 2);
	ck_assert_str_eq(m.got[0]->call.streams[0].sender, "a");
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
	Suite *s = suite_create("engine_signal");
	TCase *t = tcase_create("engine_signal");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, one_record, 0, COUNT(ways) * (int)ORDERS);
	tcase_add_test(t, nobody_answers);
	tcase_add_test(t, given_up_after_a_while);
	tcase_add_test(t, two_sessions_apart);
	tcase_add_loop_test(t, trickled, 0, 2);
	tcase_add_test(t, stray_candidate);
	tcase_add_loop_test(t, signalled_restart, 0, 2);
	tcase_add_test(t, wrong_password);
	tcase_add_test(t, half_signalled);
	suite_add_tcase(s, t);
	return run_suite(s);
}
