/* The engine as a whole, on packets made here: whose media is whose, time,
 * what is RTP and what is not, SIP over TCP, order and limits. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/made_signal.h"
#include "tests/run_suite.h"

#define MS MADE_MS
#define S  MADE_S
#define T0 MADE_T0

/* phones, and where they say that they take media */
#define A     "10.0.0.1"
#define B     "10.0.0.2"
#define A_RTP 4000
#define B_RTP 4002

enum {
	TEXT = MADE_TEXT,
};

static struct made_engine m;

static struct engine_config usual(void)
{
	struct engine_config cfg = made_engine_config();

	cfg.adopt_ns = 10 * S;
	return cfg;
}

static void setup(void)
{
	struct engine_config cfg = usual();

	made_engine_begin(&m, &cfg);
}

static void forget(void)
{
	made_engine_free(&m);
}

/* --- packets ----------------------------------------------------------- */

static void put16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static struct addr at(const char *ip, uint16_t port)
{
	struct addr a;

	ck_assert(addr_parse_ip(slice_str(ip), &a));
	a.port = port;
	return a;
}

static void udp(uint64_t ms, const char *from, uint16_t from_port,
		const char *to, uint16_t to_port, struct slice data)
{
	made_udp(&m, ms, at(from, from_port), at(to, to_port), data);
}

/* A segment from A, with any number. */
static void tcp(uint64_t ms, uint32_t seq, struct slice data)
{
	struct made_tcp t = {{at(A, 5060), at(B, 5060)}, {seq, 0}};

	made_tcp_send(&m, ms, &t, 0, data);
}

struct rtp_run {
	const char *from, *to;
	uint16_t from_port, to_port;
	uint32_t ssrc;
	uint16_t seq; /* of the first */
	unsigned n;
};

/* A packet each 20 ms from ms on. */
static void rtp(uint64_t ms, const struct rtp_run *r)
{
	struct made_rtp run = {at(r->from, r->from_port),
			       at(r->to, r->to_port),
			       r->ssrc,
			       r->seq,
			       r->n,
			       8};

	made_rtp(&m, ms, &run);
}

/* --- signalling -------------------------------------------------------- */

struct party {
	const char *ip;
	uint16_t port;
};

static size_t sip(char out[TEXT], const char *start, const char *id,
		  const char *cseq, const char *to_tag,
		  const struct party *media)
{
	char sdp[512] = "";

	if (media)
		snprintf(sdp, sizeof(sdp),
			 "v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\n"
			 "t=0 0\r\nm=audio %u RTP/AVP 8\r\n",
			 media->ip, media->ip, media->port);
	return (size_t)snprintf(
		out, TEXT,
		"%s\r\nVia: SIP/2.0/UDP " A ";branch=z9hG4bK%s%.1s\r\n"
		"From: <sip:a@x>;tag=a\r\nTo: <sip:b@x>%s\r\nCall-ID: %s\r\n"
		"CSeq: %s\r\n%sContent-Length: %zu\r\n\r\n%s",
		start, id, cseq, to_tag, id, cseq,
		media ? "Content-Type: application/sdp\r\n" : "", strlen(sdp),
		sdp);
}

static void say(uint64_t ms, bool from_a, const char *start, const char *id,
		const char *cseq, const char *to_tag, const struct party *media)
{
	char text[TEXT];
	size_t n = sip(text, start, id, cseq, to_tag, media);

	udp(ms, from_a ? A : B, 5060, from_a ? B : A, 5060, slice_of(text, n));
}

static const struct party a_media = {A, A_RTP}, b_media = {B, B_RTP};

static void invite(uint64_t ms, const char *id, const struct party *media)
{
	say(ms, true, "INVITE sip:b@x SIP/2.0", id, "1 INVITE", "", media);
}

static void answer(uint64_t ms, const char *id)
{
	say(ms, false, "SIP/2.0 200 OK", id, "1 INVITE", ";tag=b", &b_media);
}

static void bye(uint64_t ms, const char *id)
{
	say(ms, true, "BYE sip:b@x SIP/2.0", id, "2 BYE", ";tag=b", NULL);
	say(ms + 1, false, "SIP/2.0 200 OK", id, "2 BYE", ";tag=b", NULL);
}

static const struct rtp_run a_talks = {A, B, A_RTP, B_RTP, 0xa1, 100, 20};
static const struct rtp_run b_talks = {B, A, B_RTP, A_RTP, 0xb1, 500, 30};

static const struct cdr_call *call_of(const char *id)
{
	for (size_t i = 0; i < m.got_n; i++)
		if (m.got[i]->kind == CDR_CALL &&
		    slice_eq(m.got[i]->call.call_id, slice_str(id)))
			return &m.got[i]->call;
	ck_abort_msg("no call %s", id);
	return NULL;
}

/* --- whose media ------------------------------------------------------- */

START_TEST(early_media_is_adopted)
{
	struct rtp_run later = a_talks;

	rtp(0, &a_talks);
	rtp(0, &b_talks);
	invite(2000, "c1", &a_media);
	answer(2100, "c1");
	later.seq = 120;
	rtp(2200, &later);
	bye(3000, "c1");
	made_engine_end(&m);
	ck_assert_uint_eq(m.got_n, 1);
	ck_assert_uint_eq(m.got[0]->call.streams_n, 2);
	ck_assert_uint_eq(m.got[0]->call.a.packets, 40);
	ck_assert_uint_eq(m.got[0]->call.a.lost, 0);
	ck_assert_uint_eq(m.got[0]->call.b.packets, 30);
	ck_assert_uint_eq(engine_stats(m.engine)->rtp, 70);
	ck_assert_uint_eq(engine_stats(m.engine)->sessions, 0);
}
END_TEST

START_TEST(media_too_early_is_not)
{
	rtp(0, &a_talks);
	invite(15000, "c1", &a_media);
	answer(15100, "c1");
	made_engine_end(&m);
	ck_assert_uint_eq(m.got_n, 2);
	ck_assert_uint_eq(call_of("c1")->streams_n, 0);
	ck_assert_int_eq(m.got[1]->kind, CDR_SESSION);
	ck_assert_uint_eq(m.got[1]->call.streams[0].packets, 20);
}
END_TEST

START_TEST(ports_are_used_again)
{
	struct rtp_run second = a_talks;

	invite(0, "c1", &a_media);
	answer(100, "c1");
	rtp(200, &a_talks);
	bye(1000, "c1");
	invite(1500, "c2", &a_media);
	answer(1600, "c2");
	second.ssrc = 0xa2;
	second.n = 25;
	rtp(1700, &second);
	bye(3000, "c2");
	made_engine_end(&m);
	ck_assert_uint_eq(m.got_n, 2);
	ck_assert_uint_eq(call_of("c1")->streams_n, 1);
	ck_assert_uint_eq(call_of("c1")->a.packets, 20);
	ck_assert_uint_eq(call_of("c2")->streams_n, 1);
	ck_assert_uint_eq(call_of("c2")->a.packets, 25);
}
END_TEST

/* What the SDP says is not where the packets come from. */
START_TEST(symmetric_rtp)
{
	static const struct party hidden = {"192.168.0.9", A_RTP};
	static const struct rtp_run out = {A, B, 6000, B_RTP, 0xa1, 1, 20};
	static const struct rtp_run back = {B, A, B_RTP, 6000, 0xb1, 1, 10};

	invite(0, "c1", &hidden);
	answer(100, "c1");
	rtp(200, &out);
	rtp(210, &back);
	bye(2000, "c1");
	made_engine_end(&m);
	ck_assert_uint_eq(m.got_n, 1);
	ck_assert_uint_eq(m.got[0]->call.a.packets, 20);
	ck_assert_uint_eq(m.got[0]->call.b.packets, 10);
}
END_TEST

START_TEST(media_after_the_bye)
{
	struct rtp_run late = b_talks;

	invite(0, "c1", &a_media);
	answer(100, "c1");
	rtp(200, &b_talks);
	bye(900, "c1");
	late.seq = 530;
	late.n = 10;
	rtp(950, &late);
	made_engine_end(&m);
	ck_assert_uint_eq(m.got_n, 1);
	ck_assert_uint_eq(m.got[0]->call.b.packets, 40);
}
END_TEST

/* --- time -------------------------------------------------------------- */

/* Two packets an hour later: the call has expired in between. */
START_TEST(jump_confirmed)
{
	invite(0, "c1", &a_media);
	answer(100, "c1");
	rtp(200, &a_talks);
	udp(3600000, A, 9, B, 9, SLICE("x"));
	udp(3600001, A, 9, B, 9, SLICE("x"));
	made_engine_settle(&m);
	ck_assert_uint_eq(m.got_n, 1);
	ck_assert_str_eq(m.got[0]->call.state, "expired");
	ck_assert_uint_eq(made_counted(&m, "time.jump_clamped"), 0);
	made_engine_end(&m);
}
END_TEST

/* One packet an hour later, then those of now: a clock went wrong. */
START_TEST(jump_clamped)
{
	invite(0, "c1", &a_media);
	answer(100, "c1");
	rtp(200, &a_talks);
	udp(3600000, A, 9, B, 9, SLICE("x"));
	udp(700, A, 9, B, 9, SLICE("x"));
	bye(800, "c1");
	made_engine_end(&m);
	ck_assert_uint_eq(m.got_n, 1);
	ck_assert_str_eq(m.got[0]->call.state, "completed");
	ck_assert_int_eq(m.got[0]->call.duration_us, 800000);
	ck_assert_uint_eq(made_counted(&m, "time.jump_clamped"), 1);
}
END_TEST

/* --- what is RTP ------------------------------------------------------- */

static const struct {
	const char *name;
	unsigned n, streams, sessions; /* packets, SSRCs that take turns */
	int step;
} runs[] = {
	{"one packet", 1, 1, 0, 1},
	{"one too few", 4, 1, 0, 1},
	{"enough", 5, 1, 1, 1},
	{"always the same packet", 50, 1, 0, 0},
	{"numbers that leap", 50, 1, 0, 1000},
	{"with gaps", 8, 1, 1, 3},
	{"two in turn", 10, 2, 1, 1},
	{"three in turn, too few", 12, 3, 0, 1},
};

START_TEST(session_from)
{
	struct rtp_run r = {A, B, 7000, 7002, 1, 0, 1};

	for (unsigned i = 0; i < runs[_i].n; i++) {
		r.ssrc = 0x1000 + i % runs[_i].streams;
		r.seq = (uint16_t)((int)(i / runs[_i].streams) * runs[_i].step);
		rtp(i * 10, &r);
	}
	made_engine_end(&m);
	ck_assert_msg(m.got_n == runs[_i].sessions, "%s: %zu sessions",
		      runs[_i].name, m.got_n);
	if (!m.got_n)
		return;
	ck_assert_int_eq(m.got[0]->kind, CDR_SESSION);
	ck_assert_str_eq(m.got[0]->call.kind, "rtp");
	ck_assert_uint_eq(m.got[0]->call.streams_n, runs[_i].streams);
	ck_assert_uint_eq(engine_stats(m.engine)->rtp, runs[_i].n);
}
END_TEST

START_TEST(random_bytes_are_no_rtp)
{
	uint8_t p[160];
	uint32_t x = 12345;

	for (unsigned i = 0; i < 5000; i++) {
		for (size_t j = 0; j < sizeof(p); j++) {
			x = x * 1664525 + 1013904223;
			p[j] = (uint8_t)(x >> 24);
		}
		udp(i * 5, A, 7000, B, 7002, slice_of(p, sizeof(p)));
	}
	made_engine_end(&m);
	ck_assert_uint_eq(m.got_n, 0);
	ck_assert_uint_eq(engine_stats(m.engine)->rtp, 0);
}
END_TEST

/* Keys that nobody announced (RFC 4733, on a dynamic payload type). */
START_TEST(session_with_keys)
{
	uint8_t p[16] = {0x80, 101, 0, 0, 0, 0, 0, 1, 0, 0, 0, 9, 7, 10, 0, 0};

	for (unsigned i = 0; i < 8; i++) {
		put16(p + 2, i);
		p[13] = i < 5 ? 10 : 0x8a; /* the end, three times */
		put16(p + 14, (i < 5 ? i : 5) * 160);
		udp(i * 20, A, 7000, B, 7002, slice_of(p, sizeof(p)));
	}
	made_engine_end(&m);
	ck_assert_uint_eq(m.got_n, 1);
	ck_assert_uint_eq(m.got[0]->call.dtmf_n, 1);
	ck_assert(slice_eq(m.got[0]->call.dtmf[0].digit, SLICE("7")));
}
END_TEST

/* --- SIP that is none, SIP over TCP ------------------------------------ */

START_TEST(icmp_quotes_no_sip)
{
	uint8_t error[8 + MADE_UDP_HEAD + TEXT] = {3, 3};
	char text[TEXT];
	size_t n = sip(text, "INVITE sip:b@x SIP/2.0", "c1", "1 INVITE", "",
		       &a_media);

	n = made_udp_bytes(error + 8, at(A, 5060), at(B, 5060),
			   slice_of(text, n));
	made_ip(&m, 0, at(B, 0), at(A, 0), 1, slice_of(error, 8 + n));
	made_engine_end(&m);
	ck_assert_uint_eq(m.got_n, 0);
	ck_assert_uint_eq(engine_stats(m.engine)->sip, 0);
}
END_TEST

/* Three requests, all in one. */
static size_t three(char out[3 * TEXT])
{
	size_t n = sip(out, "INVITE sip:b@x SIP/2.0", "c1", "1 INVITE", "",
		       &a_media);

	n += sip(out + n, "INVITE sip:b@x SIP/2.0", "c2", "1 INVITE", "",
		 &a_media);
	n += sip(out + n, "CANCEL sip:b@x SIP/2.0", "c1", "1 CANCEL", "", NULL);
	return n;
}

/* Whole, and in pieces of 1, 2, 3 ... bytes. */
START_TEST(tcp_pieces)
{
	char text[3 * TEXT];
	size_t n = three(text), piece = _i ? (size_t)_i * _i : n;

	for (size_t i = 0; i < n; i += piece) {
		size_t len = n - i < piece ? n - i : piece;

		tcp(i, (uint32_t)(0xfffffe00u + i), slice_of(text + i, len));
	}
	made_engine_end(&m);
	ck_assert_uint_eq(engine_stats(m.engine)->sip, 3);
	ck_assert_uint_eq(m.got_n, 2);
	ck_assert_uint_eq(call_of("c1")->messages_n, 2);
	ck_assert_str_eq(call_of("c1")->transport, "tcp");
	ck_assert_uint_eq(call_of("c2")->messages_n, 1);
}
END_TEST

/* The first message comes last: the others wait for it, as they do at the
 * receiver. Does it never come, they keep their own times. */
START_TEST(tcp_hole)
{
	char text[3 * TEXT];
	size_t n = three(text), first, second;
	bool filled = _i;

	first = sip((char[TEXT]){0}, "INVITE sip:b@x SIP/2.0", "c1", "1 INVITE",
		    "", &a_media);
	second = n - first;
	tcp(0, 1000, SLICE("\r\n\r\n"));
	tcp(100, (uint32_t)(1004 + first), slice_of(text + first, second));
	if (filled)
		tcp(1500, 1004, slice_of(text, first));
	else
		tcp(5000, (uint32_t)(1004 + n), SLICE("\r\n\r\n"));
	made_engine_end(&m);
	ck_assert_uint_eq(engine_stats(m.engine)->sip, filled ? 3 : 2);
	ck_assert_uint_eq(call_of("c2")->start,
			  T0 + (filled ? 1500 : 100) * MS);
	ck_assert_uint_eq(made_counted(&m, "tcp.gap"), !filled);
}
END_TEST

/* --- order and limits -------------------------------------------------- */

START_TEST(end_in_order)
{
	struct engine_config cfg = usual();
	char id[32];

	forget();
	cfg.seed = (struct seed){(uint64_t)_i * 77, (uint64_t)_i};
	made_engine_begin(&m, &cfg);
	for (int i = 0; i < 20; i++) {
		snprintf(id, sizeof(id), "order-%d", i * 7 % 20);
		invite((uint64_t)i, id, NULL);
	}
	made_engine_end(&m);
	ck_assert_uint_eq(m.got_n, 20);
	for (int i = 0; i < 20; i++) {
		snprintf(id, sizeof(id), "order-%d", i * 7 % 20);
		ck_assert(slice_eq(m.got[i]->call.call_id, slice_str(id)));
	}
}
END_TEST

/* Three calls, and three flows of RTP that go on side by side. */
static void three_of_all(void)
{
	struct rtp_run r = {A, B, 7000, 7002, 1, 0, 1};
	char id[32];

	for (unsigned i = 0; i < 3; i++) {
		snprintf(id, sizeof(id), "limit-%u", i);
		invite(i, id, NULL);
	}
	for (unsigned i = 0; i < 24; i++) {
		r.from_port = (uint16_t)(7000 + i % 3 * 10);
		r.seq = (uint16_t)(i / 3);
		rtp(10 + i, &r);
	}
}

static const struct {
	const char *name, *counter;
	size_t calls, flows, pending, streams;
	size_t want; /* records */
} limits[] = {
	{"none", NULL, 9, 9, 9, 9, 6},
	{"calls", "call.evicted", 2, 9, 9, 9, 6},
	{"flows", "flow.evicted", 9, 3, 9, 9, 6},
	{"flows of media", "flow.limit", 9, 2, 9, 9, 5},
	{"pending", "media.pending_limit", 9, 9, 2, 9, 5},
	{"streams", "media.stream_limit", 9, 9, 9, 2, 6},
};

START_TEST(limited)
{
	struct engine_config cfg = usual();

	forget();
	cfg.calls.max_calls = limits[_i].calls;
	cfg.max_flows = limits[_i].flows;
	cfg.max_pending = limits[_i].pending;
	cfg.media.max_streams = limits[_i].streams;
	made_engine_begin(&m, &cfg);
	three_of_all();
	made_engine_end(&m);
	ck_assert_msg(m.got_n == limits[_i].want, "%s: %zu records",
		      limits[_i].name, m.got_n);
	/* Of workers one may lag until another one's streams are over. */
	if (limits[_i].streams < 9 && getenv("TEST_WORKERS"))
		return;
	if (limits[_i].counter)
		ck_assert_uint_gt(made_counted(&m, limits[_i].counter), 0);
	else
		ck_assert_uint_eq(engine_counters(m.engine)->len, 0);
}
END_TEST

static void add_media(Suite *s)
{
	TCase *t = tcase_create("media");

	tcase_add_checked_fixture(t, setup, forget);
	tcase_add_test(t, early_media_is_adopted);
	tcase_add_test(t, media_too_early_is_not);
	tcase_add_test(t, ports_are_used_again);
	tcase_add_test(t, symmetric_rtp);
	tcase_add_test(t, media_after_the_bye);
	tcase_add_loop_test(t, session_from, 0, sizeof(runs) / sizeof(*runs));
	tcase_add_test(t, random_bytes_are_no_rtp);
	tcase_add_test(t, session_with_keys);
	suite_add_tcase(s, t);
}

static void add_rest(Suite *s)
{
	TCase *t = tcase_create("time, TCP, limits");

	tcase_add_checked_fixture(t, setup, forget);
	tcase_add_test(t, jump_confirmed);
	tcase_add_test(t, jump_clamped);
	tcase_add_test(t, icmp_quotes_no_sip);
	tcase_add_loop_test(t, tcp_pieces, 0, 30);
	tcase_add_loop_test(t, tcp_hole, 0, 2);
	tcase_add_loop_test(t, end_in_order, 0, 5);
	tcase_add_loop_test(t, limited, 0, sizeof(limits) / sizeof(*limits));
	suite_add_tcase(s, t);
}

int main(void)
{
	Suite *s = suite_create("engine");

	add_media(s);
	add_rest(s);
	return run_suite(s);
}
