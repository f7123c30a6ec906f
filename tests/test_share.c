/* Whose media is it: whole calls through the engine, packet by packet. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "sniffer/base/frame.h"
#include "sniffer/engine/engine.h"
#include "tests/run_suite.h"
#include "tests/small_engine.h"

#define S	 1000000000ull
#define T0	 (1700000000ull * S)
#define LINK_RAW 101
#define ALICE	 "10.0.0.1"
#define BOB	 "10.0.0.2"

static struct engine *engine;
static struct cdr *got[64];
static size_t got_n;

static void on_record(void *arg, struct cdr *cdr)
{
	(void)arg;
	ck_assert_uint_lt(got_n, 64);
	got[got_n++] = cdr;
}

static void setup(void)
{
	struct engine_config cfg = small_engine();
	struct engine_out out = {.record = on_record};

	got_n = 0;
	engine = engine_new(&cfg, &out);
	ck_assert_ptr_nonnull(engine);
}

static void teardown(void)
{
	engine_free(engine);
	for (size_t i = 0; i < got_n; i++)
		cdr_free(got[i]);
}

static void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* One datagram between 10.0.0.from and 10.0.0.to. */
static void udp(unsigned ms, const char *from, unsigned sport, const char *to,
		unsigned dport, const void *data, size_t len)
{
	static uint16_t id;
	uint8_t b[2048] = {0x45, [8] = 64, 17, [12] = 10, [16] = 10};
	struct frame f = {
		.ts_ns = T0 + ms * 1000000ull,
		.data = slice_of(b, 28 + len),
		.wire_len = (uint32_t)(28 + len),
		.linktype = LINK_RAW,
		.ts_digits = 6,
	};

	put16(b + 2, (unsigned)(28 + len));
	put16(b + 4, ++id);
	b[15] = (uint8_t)atoi(from + 7);
	b[19] = (uint8_t)atoi(to + 7);
	put16(b + 20, sport);
	put16(b + 22, dport);
	put16(b + 24, (unsigned)(8 + len));
	memcpy(b + 28, data, len);
	engine_feed(engine, &f, 1);
}

/* n packets of 20 ms. */
static void rtp(unsigned ms, const char *from, unsigned sport, const char *to,
		unsigned dport, uint8_t ssrc, unsigned seq, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		uint8_t b[172] = {0x80, 8, [11] = ssrc};

		put16(b + 2, seq + i);
		put16(b + 5, (seq + i) * 160 >> 8);
		b[7] = (uint8_t)((seq + i) * 160);
		udp(ms + 20 * i, from, sport, to, dport, b, sizeof(b));
	}
}

/* A message of call n; the body is an SDP that names port, 0: none. */
static void sip(unsigned ms, unsigned n, bool by_callee, const char *start,
		const char *cseq, const char *sdp_host, unsigned port)
{
	char sdp[200] = "", text[800];
	int len;

	if (port)
		snprintf(sdp, sizeof(sdp),
			 "v=0\r\no=x 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\n"
			 "t=0 0\r\nm=audio %u RTP/AVP 8\r\n",
			 sdp_host, sdp_host, port);
	len = snprintf(text, sizeof(text),
		       "%s\r\nVia: SIP/2.0/UDP " ALICE
		       ";branch=z9hG4bK%u.%c\r\n"
		       "From: <sip:a@x>;tag=a%u\r\nTo: <sip:b@x>%s\r\n"
		       "Call-ID: call-%u\r\nCSeq: %s\r\n%s"
		       "Content-Length: %zu\r\n\r\n%s",
		       start, n, cseq[0], n,
		       strncmp(start, "INVITE", 6) != 0 ? ";tag=b" : "", n,
		       cseq, port ? "Content-Type: application/sdp\r\n" : "",
		       strlen(sdp), sdp);
	udp(ms, by_callee ? BOB : ALICE, 5060, by_callee ? ALICE : BOB, 5060,
	    text, (size_t)len);
}

/* Call n is up; the media ports of both sides are as given. */
static void up(unsigned ms, unsigned n, unsigned a_port, unsigned b_port)
{
	sip(ms, n, false, "INVITE sip:b@x SIP/2.0", "1 INVITE", ALICE, a_port);
	sip(ms + 5, n, true, "SIP/2.0 200 OK", "1 INVITE", BOB, b_port);
	sip(ms + 9, n, false, "ACK sip:b@x SIP/2.0", "1 ACK", "", 0);
}

static void down(unsigned ms, unsigned n)
{
	sip(ms, n, false, "BYE sip:b@x SIP/2.0", "2 BYE", "", 0);
	sip(ms + 5, n, true, "SIP/2.0 200 OK", "2 BYE", "", 0);
}

static const struct cdr_call *the_call(unsigned n)
{
	char id[16];

	snprintf(id, sizeof(id), "call-%u", n);
	for (size_t i = 0; i < got_n; i++)
		if (got[i]->kind == CDR_CALL &&
		    slice_eq(got[i]->call.call_id, slice_str(id)))
			return &got[i]->call;
	ck_abort_msg("no record of call %u", n);
}

static void ck_stream(const struct cdr_call *c, uint32_t ssrc,
		      const char *sender, unsigned packets)
{
	for (size_t i = 0; i < c->streams_n; i++) {
		const struct cdr_stream *s = &c->streams[i];

		if (s->ssrc != ssrc || strcmp(s->sender, sender) != 0)
			continue;
		ck_assert_uint_eq(s->packets, packets);
		ck_assert_uint_eq(s->lost, 0);
		return;
	}
	ck_abort_msg("no stream %u of the %s", ssrc, sender);
}

/* SIPp's rtp_stream: all calls have one port at each end, and one SSRC for
 * both directions. Call 1 ends while the others talk. */
START_TEST(one_port_for_all)
{
	for (unsigned t = 0; t < 6000; t += 20)
		for (unsigned n = 1; n <= 3; n++) {
			if (t == n * 1000)
				up(t, n, 6000, 7000);
			if (t == n * 1000 + 2020)
				down(t, n);
			if (t < n * 1000 + 20 || t >= n * 1000 + 2020)
				continue;
			rtp(t, ALICE, 6000, BOB, 7000, (uint8_t)n, t / 20, 1);
			rtp(t, BOB, 7000, ALICE, 6000, (uint8_t)n, t / 20, 1);
		}
	engine_end(engine);
	ck_assert_uint_eq(got_n, 3);
	for (unsigned n = 1; n <= 3; n++) {
		ck_assert_uint_eq(the_call(n)->streams_n, 2);
		ck_stream(the_call(n), n, "caller", 100);
		ck_stream(the_call(n), n, "callee", 100);
	}
}
END_TEST

/* The next call has the ports of the last one, which still sends a little. */
START_TEST(ports_again)
{
	up(0, 1, 6000, 7000);
	rtp(20, ALICE, 6000, BOB, 7000, 1, 100, 50);
	rtp(20, BOB, 7000, ALICE, 6000, 2, 100, 50);
	down(1000, 1);
	up(1050, 2, 6000, 7000);
	rtp(1100, ALICE, 6000, BOB, 7000, 1, 150, 10);
	rtp(1110, ALICE, 6000, BOB, 7000, 3, 500, 50);
	rtp(1120, BOB, 7000, ALICE, 6000, 2, 9000, 50);
	engine_end(engine);
	ck_assert_uint_eq(the_call(1)->streams_n, 2);
	ck_stream(the_call(1), 1, "caller", 60);
	ck_stream(the_call(1), 2, "callee", 50);
	ck_assert_uint_eq(the_call(2)->streams_n, 2);
	ck_stream(the_call(2), 3, "caller", 50);
	ck_stream(the_call(2), 2, "callee", 50);
}
END_TEST

/* The same SSRC in each call, and the BYE of the first was not seen. */
START_TEST(one_ssrc_no_bye)
{
	up(0, 1, 6000, 7000);
	rtp(20, ALICE, 6000, BOB, 7000, 1, 100, 50);
	up(3000, 2, 6000, 7000);
	rtp(3100, ALICE, 6000, BOB, 7000, 1, 150, 50);
	rtp(6000, ALICE, 6000, BOB, 7000, 1, 200, 50);
	down(8000, 2);
	engine_end(engine);
	ck_stream(the_call(1), 1, "caller", 50);
	ck_stream(the_call(2), 1, "caller", 100);
}
END_TEST

/* Two legs of one conversation name the same media; a new SSRC much later
 * stays with the leg that has the flow. */
START_TEST(two_legs_one_media)
{
	const struct cdr_call *with;

	up(0, 1, 6000, 7000);
	up(50, 2, 6000, 7000);
	rtp(100, ALICE, 6000, BOB, 7000, 1, 100, 400);
	rtp(8200, ALICE, 6000, BOB, 7000, 9, 100, 50);
	down(9500, 1);
	down(9600, 2);
	engine_end(engine);
	with = the_call(the_call(1)->streams_n ? 1 : 2);
	ck_assert_uint_eq(with->streams_n, 2);
	ck_stream(with, 1, "caller", 400);
	ck_stream(with, 9, "caller", 50);
	ck_assert_uint_eq(the_call(1)->streams_n + the_call(2)->streams_n, 2);
}
END_TEST

/* Taps on both sides of a NAT: what comes out of it is a hop further. A phone
 * that moves to another port is not. */
START_TEST(hops_of_a_nat)
{
	const struct cdr_call *c;

	up(0, 1, 6000, 7000);
	for (unsigned i = 0; i < 50; i++) {
		rtp(20 + i * 20, ALICE, 6000, BOB, 7000, 1, 100 + i, 1);
		rtp(21 + i * 20, "10.0.0.3", 9000, BOB, 7000, 1, 100 + i, 1);
	}
	rtp(1020, ALICE, 6000, BOB, 7000, 2, 100, 20);
	rtp(1420, "10.0.0.3", 9000, BOB, 7000, 2, 120, 20);
	down(2000, 1);
	engine_end(engine);
	c = the_call(1);
	ck_assert_uint_eq(c->streams_n, 4);
	for (size_t i = 0; i < 4; i++)
		ck_assert_uint_eq(c->streams[i].hop, i == 1 ? 2 : 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("share");
	TCase *tc = tcase_create("media of several calls");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, one_port_for_all);
	tcase_add_test(tc, ports_again);
	tcase_add_test(tc, one_ssrc_no_bye);
	tcase_add_test(tc, two_legs_one_media);
	tcase_add_test(tc, hops_of_a_nat);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
