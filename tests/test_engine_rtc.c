/* WebRTC in SIP calls: media that is not where c= says, trickle in INFO,
 * forks, restarts, other signalling of the same media; and limits. */
#include <check.h>
#include <stdio.h>

#include "tests/made_signal.h"
#include "tests/run_suite.h"

static struct made_engine m;
static uint64_t ms; /* now */

static void begin(const struct engine_config *cfg)
{
	made_engine_begin(&m, cfg);
	ms = 0;
}

static void setup(void)
{
	struct engine_config cfg = made_engine_config();

	begin(&cfg);
}

static void teardown(void)
{
	made_engine_free(&m);
}

#define PWD  "0123456789abcdefghijkl"
#define A    made_at(1, 5000)
#define B    made_at(2, 6000)
#define HOST "a=candidate:1 1 udp 2130706431 10.0.0."

static struct made_party party(const char *id, const char *ufrag)
{
	return (struct made_party){.id = id,
				   .version = 1,
				   .ufrag = ufrag,
				   .pwd = ufrag ? PWD : NULL};
}

static void say(bool from_a, const char *start, const char *id,
		const char *cseq, const char *tag, const struct made_party *p)
{
	const struct made_sip s = {
		.from = made_at(from_a ? 1 : 2, 5060),
		.to = made_at(from_a ? 2 : 1, 5060),
		.start = start,
		.id = id,
		.cseq = cseq,
		.to_tag = tag,
		.media = p,
	};

	made_sip(&m, ms, &s);
	ms += 10;
}

static void invite(const struct made_party *p)
{
	say(true, "INVITE sip:b@x SIP/2.0", "c1", "1 INVITE", "", p);
}

static void answer(const struct made_party *p)
{
	say(false, "SIP/2.0 200 OK", "c1", "1 INVITE", ";tag=b", p);
}

static void check_at(struct addr from, struct addr to, const char *sender,
		     const char *receiver)
{
	static uint32_t tid;
	struct made_check c = {from, to,    sender, receiver,
			       PWD,  false, true,   ++tid};

	made_check(&m, ms, &c);
	ms += 20;
}

static void talk_at(struct addr from, struct addr to, uint32_t ssrc, unsigned n)
{
	struct made_rtp r = {from, to, ssrc, (uint16_t)ms, n, 111};

	made_rtp(&m, ms, &r);
}

static void talk(void)
{
	talk_at(A, B, 0xa1, 10);
	talk_at(B, A, 0xb1, 10);
	ms += 300;
}

static const struct cdr_call *only_call(void)
{
	made_engine_end(&m);
	ck_assert_int_eq(made_only(&m)->kind, CDR_CALL);
	return &m.got[0]->call;
}

/* --- where media is found ------------------------------------------------- */

/* The c= line names what the NAT's outside looks like; both are inside. With
 * checks, and without. */
START_TEST(host_pair_behind_reflexive_line)
{
	struct made_party a = party("1111111111", _i ? "aaaa" : NULL);
	struct made_party b = party("2222222222", _i ? "bbbb" : NULL);
	const struct cdr_call *c;

	a.ip = b.ip = "203.0.113.1";
	a.port = 30000;
	b.port = 30002;
	a.more = HOST "1 5000 typ host\r\n";
	b.more = HOST "2 6000 typ host\r\n";
	invite(&a);
	answer(&b);
	if (_i)
		check_at(A, B, "aaaa", "bbbb");
	talk();
	c = only_call();
	ck_assert_uint_eq(c->streams_n, 2);
	ck_assert_str_eq(c->streams[0].sender, "caller");
	ck_assert(slice_eq(c->streams[0].codec, SLICE("opus")));
	ck_assert_str_eq(c->streams[1].sender, "callee");
	ck_assert_uint_eq(c->streams[1].packets, 10);
}
END_TEST

/* RFC 8840: candidates come in INFO. */
static void info(bool from_a, unsigned cseq, const char *ufrag,
		 const char *candidate)
{
	char body[512], text[1024];
	int n = snprintf(body, sizeof(body),
			 "a=ice-ufrag:%s\r\na=ice-pwd:" PWD "\r\n"
			 "m=audio 9 RTP/AVP 0\r\na=mid:0\r\na=%s\r\n",
			 ufrag, candidate);

	n = snprintf(
		text, sizeof(text),
		"INFO sip:x SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKi%u"
		"\r\nFrom: <sip:x>;tag=%s\r\nTo: <sip:y>;tag=%s\r\n"
		"Call-ID: c1\r\nCSeq: %u INFO\r\n"
		"Info-Package: trickle-ice\r\n"
		"Content-Type: application/trickle-ice-sdpfrag\r\n"
		"Content-Length: %d\r\n\r\n%s",
		cseq, from_a ? "a" : "b", from_a ? "b" : "a", cseq, n, body);
	made_udp(&m, ms, made_at(from_a ? 1 : 2, 5060),
		 made_at(from_a ? 2 : 1, 5060), slice_of(text, (size_t)n));
	ms += 10;
}

START_TEST(trickled_in_info)
{
	struct made_party a = party("1111111111", "aaaa");
	struct made_party b = party("2222222222", "bbbb");
	const struct cdr_call *c;

	invite(&a);
	answer(&b);
	info(true, 2, "aaaa",
	     "candidate:1 1 udp 2130706431 10.0.0.1 5000 typ host");
	info(false, 2, "bbbb",
	     "candidate:1 1 udp 2130706431 10.0.0.2 6000 typ host");
	check_at(A, B, "aaaa", "bbbb");
	talk();
	c = only_call();
	ck_assert_uint_eq(c->ice_n, 1);
	ck_assert_uint_eq(c->ice[0].candidates_n, 2);
	ck_assert_str_eq(c->ice[0].candidates[0].type, "host");
	ck_assert_str_eq(c->ice[0].candidates[1].type, "host");
	ck_assert_uint_eq(c->offers_n, 1);
	ck_assert_uint_eq(c->streams_n, 2);
}
END_TEST

/* --- several exchanges ---------------------------------------------------- */

/* Both forks check: one offer, one generation, two exchanges. */
START_TEST(forked)
{
	struct made_party a = party("1111111111", "aaaa");
	struct made_party b = party("2222222222", "bbbb");
	struct made_party c = party("3333333333", "cccc");
	const struct cdr_call *call;

	invite(&a);
	say(false, "SIP/2.0 183 Progress", "c1", "1 INVITE", ";tag=c", &c);
	check_at(A, made_at(3, 6000), "aaaa", "cccc");
	answer(&b);
	check_at(A, B, "aaaa", "bbbb");
	talk();
	call = only_call();
	ck_assert_uint_eq(call->ice_n, 2);
	ck_assert_uint_eq(call->ice[0].generation, 1);
	ck_assert_uint_eq(call->ice[1].generation, 1);
	ck_assert(slice_eq(call->ice[1].b, SLICE("bbbb")));
	ck_assert(call->ice[1].pairs[0].selected);
	ck_assert(!call->ice[0].pairs[0].selected);
}
END_TEST

START_TEST(restart_by_reinvite)
{
	struct made_party a = party("1111111111", "aaaa");
	struct made_party b = party("2222222222", "bbbb");
	const struct cdr_call *c;

	invite(&a);
	answer(&b);
	check_at(A, B, "aaaa", "bbbb");
	talk();
	a.ufrag = "a222";
	b.ufrag = "b222";
	a.version = b.version = 2;
	say(true, "INVITE sip:b@x SIP/2.0", "c1", "2 INVITE", ";tag=b", &a);
	say(false, "SIP/2.0 200 OK", "c1", "2 INVITE", ";tag=b", &b);
	check_at(A, B, "a222", "b222");
	talk();
	c = only_call();
	ck_assert_uint_eq(c->ice_n, 2);
	ck_assert_str_eq(c->ice[0].result, "restarted");
	ck_assert_uint_eq(c->ice[1].generation, 2);
	ck_assert_str_eq(c->ice[1].result, "connected");
	ck_assert_uint_eq(c->streams_n, 2);
	ck_assert_uint_eq(c->streams[0].packets, 20);
	ck_assert_uint_eq(c->offers[1].version, 2);
}
END_TEST

/* A gateway: the browser's leg is signalled in JSON, the phone's in SIP. Both
 * name the same agent: it is the call's. */
START_TEST(call_and_json)
{
	struct made_party a = party("1111111111", "aaaa");
	struct made_party b = party("2222222222", "bbbb");
	struct made_tcp t;
	char text[MADE_TEXT];
	const struct cdr_call *c;

	made_tcp_open(&m, ms, &t, made_at(1, 40000), made_at(9, 80));
	made_ws_open(&m, ms, &t);
	made_json(text, "offer", &a);
	if (!_i)
		made_ws_text(&m, ms, &t, 0, text);
	ms += 10;
	invite(&a);
	answer(&b);
	if (_i)
		made_ws_text(&m, ms, &t, 0, text);
	ms += 10;
	check_at(A, B, "aaaa", "bbbb");
	talk();
	c = only_call();
	ck_assert_uint_eq(c->ice_n, 1);
	ck_assert_uint_eq(c->streams_n, 2);
	ck_assert_str_eq(c->streams[0].sender, "caller");
}
END_TEST

/* A proxy that makes a call of its own and lets ICE pass: both calls name the
 * same agents. Media is in one of them, and nothing is counted twice. */
START_TEST(two_calls_with_the_same_agents)
{
	struct made_party a = party("1111111111", "aaaa");
	struct made_party b = party("2222222222", "bbbb");
	size_t streams = 0;

	invite(&a);
	say(true, "INVITE sip:b@x SIP/2.0", "c2", "1 INVITE", "", &a);
	say(false, "SIP/2.0 200 OK", "c2", "1 INVITE", ";tag=b", &b);
	answer(&b);
	check_at(A, B, "aaaa", "bbbb");
	talk();
	made_engine_end(&m);
	ck_assert_uint_eq(m.got_n, 2);
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(m.got[i]->kind, CDR_CALL);
		streams += m.got[i]->call.streams_n;
	}
	ck_assert_uint_eq(streams, 2);
	ck_assert_uint_eq(engine_stats(m.engine)->rtp, 20);
}
END_TEST

/* --- limits --------------------------------------------------------------- */

START_TEST(pending_limit)
{
	struct engine_config cfg = made_engine_config();
	struct stun_bytes s;
	struct made_check c = {A, B, "aaaa", "bbbb", NULL, false, false, 1};

	teardown();
	cfg.max_pending = 0;
	begin(&cfg);
	made_check_request(&s, &c);
	made_udp(&m, 0, A, B, stun_bytes_slice(&s));
	stun_bytes_begin(&s, STUN_REQUEST, TURN_ALLOCATE, 2);
	made_udp(&m, 1, A, made_at(9, 3478), stun_bytes_slice(&s));
	made_engine_end(&m);
	ck_assert_uint_eq(m.got_n, 0);
	ck_assert_uint_eq(made_counted(&m, "media.pending_limit"), 2);
	ck_assert_uint_eq(engine_stats(m.engine)->stun, 2);
}
END_TEST

/* Checks from ever new ports, which some NATs and floods look like. */
START_TEST(many_pairs)
{
	const struct cdr_call *s;

	for (uint16_t n = 0; n < 400; n++)
		check_at(made_at(1, (uint16_t)(1000 + n)), B, "aaaa", "bbbb");
	made_engine_end(&m);
	s = &made_only(&m)->call;
	ck_assert_uint_eq(s->ice[0].pairs_n, 128);
	ck_assert_uint_eq(s->ice[0].candidates_n, 64);
	ck_assert_uint_gt(made_counted(&m, "ice.limit"), 0);
	ck_assert_uint_eq(made_counted(&m, "media.flow_limit"), 400 - 256);
}
END_TEST

/* Restart upon restart. */
START_TEST(many_generations)
{
	char x[16], y[16];

	for (unsigned n = 0; n < 50; n++) {
		snprintf(x, sizeof(x), "a%03u", n);
		snprintf(y, sizeof(y), "b%03u", n);
		check_at(A, B, x, y);
	}
	made_engine_end(&m);
	ck_assert_uint_eq(made_only(&m)->call.ice_n, 32);
	ck_assert_uint_gt(made_counted(&m, "ice.limit"), 0);
}
END_TEST

/* So many sessions that hosts, agents and flows come and go. */
START_TEST(many_sessions)
{
	char x[16], y[16];

	for (unsigned n = 0; n < 60; n++) {
		snprintf(x, sizeof(x), "a%03u", n);
		snprintf(y, sizeof(y), "b%03u", n);
		ms = n * 1000;
		check_at(made_at(1, (uint16_t)(2000 + n)),
			 made_at(2, (uint16_t)(3000 + n)), x, y);
		talk_at(made_at(1, (uint16_t)(2000 + n)),
			made_at(2, (uint16_t)(3000 + n)), n, 20);
	}
	made_engine_end(&m);
	ck_assert_uint_eq(m.got_n, 60);
	for (size_t i = 0; i < 60; i++) {
		snprintf(x, sizeof(x), "a%03u", (unsigned)i);
		ck_assert(slice_eq(m.got[i]->call.ice[0].a, slice_str(x)));
		ck_assert_uint_eq(m.got[i]->call.streams[0].packets, 20);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("engine_rtc");
	TCase *t = tcase_create("engine_rtc");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, host_pair_behind_reflexive_line, 0, 2);
	tcase_add_test(t, trickled_in_info);
	tcase_add_test(t, forked);
	tcase_add_test(t, restart_by_reinvite);
	tcase_add_loop_test(t, call_and_json, 0, 2);
	tcase_add_test(t, two_calls_with_the_same_agents);
	tcase_add_test(t, pending_limit);
	tcase_add_test(t, many_pairs);
	tcase_add_test(t, many_generations);
	tcase_add_test(t, many_sessions);
	suite_add_tcase(s, t);
	return run_suite(s);
}
