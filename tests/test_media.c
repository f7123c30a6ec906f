/*
 * Groups and flows: what RTCP says of streams, round trips on both sides of
 * the tap, moving, limits, what is left behind.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/media_feed.h"
#include "tests/run_suite.h"

#define ROWS(a)		((int)(sizeof(a) / sizeof((a)[0])))
#define NEAR(a, b, tol) ck_assert_double_eq_tol(a, b, tol)

#define A_SSRC 0x11223344u /* sends in direction 0 */
#define B_SSRC 0x55667788u

static void put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* A sender report with one block; NTP seconds are 0x83aa0000 + ms / 1000. */
static void report(struct feed *f, unsigned dir, unsigned ms, uint32_t ntp,
		   uint32_t lsr, double dlsr_ms)
{
	uint8_t p[52] = {0x81, 200, 0, 12};

	put32(p + 4, dir ? B_SSRC : A_SSRC);
	put32(p + 8, ntp >> 16);
	put32(p + 12, ntp << 16);
	put32(p + 28, dir ? A_SSRC : B_SSRC);
	put32(p + 32, 0x40fffffe); /* a quarter, -2 in all */
	put32(p + 40, 80);
	put32(p + 44, lsr);
	put32(p + 48, (uint32_t)(dlsr_ms * 65.536 + 0.5));
	feed_rtcp(f, dir, ms * FEED_MS, slice_of(p, sizeof(p)));
}

static void both_ways(struct feed *f)
{
	for (uint32_t i = 0; i < 100; i++) {
		struct feed_rtp r = {.at_ns = i * 20 * FEED_MS,
				     .ts = i * 160,
				     .seq = (uint16_t)i,
				     .pt = 8,
				     .dir = (uint8_t)(i % 2),
				     .ssrc = i % 2 ? B_SSRC : A_SSRC};

		r.seq /= 2;
		feed_rtp(f, &r);
	}
}

static const struct cdr_stream *by_ssrc(const struct feed *f, uint32_t ssrc)
{
	for (size_t i = 0; i < f->result.streams_n; i++)
		if (f->result.streams[i].ssrc == ssrc)
			return &f->result.streams[i];
	ck_abort_msg("no stream %x", ssrc);
	return NULL;
}

/*
 * A is 10 ms from the tap, B 30 ms. A's report passes at 100, B has it at
 * 130 and answers 50 ms later: it passes at 210, A has it at 220 and answers
 * 20 ms later: it passes at 250.
 */
START_TEST(round_trips)
{
	const struct cdr_stream *a, *b;
	struct feed f;

	feed_begin(&f, true);
	both_ways(&f);
	report(&f, 0, 100, 1000, 0, 0);
	report(&f, 1, 210, 2000, 1000, 50);
	report(&f, 0, 250, 3000, 2000, 20);
	feed_close(&f);
	a = by_ssrc(&f, A_SSRC);
	b = by_ssrc(&f, B_SSRC);
	/* a is the half of the stream's sender, b that of its receiver. */
	NEAR(a->rtcp.rtt_b_ms, 60, 0.02);
	NEAR(a->rtcp.rtt_a_ms, 20, 0.02);
	NEAR(b->rtcp.rtt_a_ms, 60, 0.02);
	NEAR(b->rtcp.rtt_b_ms, 20, 0.02);
	NEAR(a->rtcp.rtt_ms_mean, 80, 0.04);
	NEAR(a->rtcp.rtt_ms_max, 80, 0.04);
	NEAR(b->rtcp.rtt_ms_mean, 80, 0.04);
	ck_assert_uint_eq(a->rtcp.sr, 2);
	ck_assert_uint_eq(a->rtcp.rr, 1);
	ck_assert_uint_eq(b->rtcp.sr, 1);
	ck_assert_uint_eq(b->rtcp.rr, 2);
	NEAR(a->rtcp.fraction_lost_max, 25, 1e-9);
	ck_assert_int_eq(a->rtcp.lost_reported, -2);
	NEAR(a->rtcp.jitter_ms_max, 10, 1e-9);
	ck_assert_uint_eq(f.result.packets, 103);
	feed_end(&f);
}
END_TEST

START_TEST(no_rtcp)
{
	const struct cdr_stream *s;
	struct feed f;

	feed_begin(&f, true);
	feed_pcma(&f, 1, 0);
	s = feed_close(&f);
	ck_assert(isnan(s->rtcp.fraction_lost_max) &&
		  isnan(s->rtcp.jitter_ms_max) && isnan(s->rtcp.rtt_a_ms) &&
		  isnan(s->rtcp.rtt_ms_mean));
	ck_assert_int_eq(s->rtcp.lost_reported, CDR_NO_US);
	feed_end(&f);
}
END_TEST

/* Reports that come before the first packet of their stream. */
START_TEST(rtcp_first)
{
	struct feed f;

	feed_begin(&f, true);
	report(&f, 0, 0, 1000, 0, 0);
	both_ways(&f);
	feed_close(&f);
	ck_assert_uint_eq(by_ssrc(&f, A_SSRC)->rtcp.sr, 1);
	ck_assert_uint_eq(by_ssrc(&f, B_SSRC)->rtcp.rr, 1);
	ck_assert_uint_eq(by_ssrc(&f, A_SSRC)->rtcp.rr, 0);
	feed_end(&f);
}
END_TEST

/* On a flow of its own (port + 1), also through a second hop: a relay sends
 * the same SSRC on, and each report belongs to its own side. */
START_TEST(rtcp_beside)
{
	const uint8_t ip[3][4] = {
		{192, 0, 2, 1}, {192, 0, 2, 2}, {192, 0, 2, 3}};
	struct addr to = addr_v4(ip[2], 6000), from = addr_v4(ip[1], 5002);
	struct addr rtcp[2] = {addr_v4(ip[1], 5003), addr_v4(ip[2], 6001)};
	struct feed f;
	struct media_flow *rtp;

	feed_begin(&f, true);
	feed_pcma(&f, 1, 0);
	rtp = f.flow;
	f.flow = media_flow_open(f.group, &from, &to);
	feed_pcma(&f, 1, 1000);
	f.flow = media_flow_open(f.group, &rtcp[0], &rtcp[1]);
	report(&f, 0, 50, 1000, 0, 0);
	f.flow = rtp;
	feed_close(&f);
	ck_assert_uint_eq(f.result.streams_n, 2);
	ck_assert_uint_eq(f.result.streams[0].rtcp.sr, 0);
	ck_assert_uint_eq(f.result.streams[1].rtcp.sr, 1);
	ck_assert(addr_eq(&f.result.streams[1].dst, &to));
	feed_end(&f);
}
END_TEST

/* A relay passes a key on: it was pressed once. */
START_TEST(key_passed_on)
{
	const uint8_t ip[2][4] = {{192, 0, 2, 2}, {192, 0, 2, 3}};
	struct addr from = addr_v4(ip[0], 5002), to = addr_v4(ip[1], 6000);
	static const uint8_t key[] = {7, 0x8a, 0x03, 0x20};
	struct media_flow *hop[2];
	struct feed f;

	feed_begin(&f, true);
	hop[0] = f.flow;
	hop[1] = media_flow_open(f.group, &from, &to);
	for (uint32_t i = 0; i < 4; i++) {
		struct feed_rtp r = {.at_ns = i / 2 * 300 * FEED_MS + i % 2,
				     .ts = i / 2 * 2400,
				     .seq = (uint16_t)(i / 2),
				     .pt = 101,
				     .payload = {key, sizeof(key)}};

		f.flow = hop[i % 2];
		feed_rtp(&f, &r);
	}
	feed_close(&f);
	ck_assert_uint_eq(f.result.streams_n, 2);
	ck_assert_uint_eq(f.result.dtmf_n, 2);
	ck_assert_uint_eq(f.result.dtmf[0].time, FEED_START_NS);
	ck_assert_uint_eq(f.result.dtmf[1].time, FEED_START_NS + 300 * FEED_MS);
	feed_end(&f);
}
END_TEST

#define A "\x11\x22\x33\x44"
#define B "\x55\x66\x77\x88"

static const struct {
	const char *name;
	struct slice packet; /* from A */
	uint64_t nack, pli, fir, remb, twcc, xr, bye;
} feedback[] = {
	{"nack", SLICE_INIT("\x81\xcd\x00\x03" A B "\0\1\0\0"), .nack = 1},
	{"twcc", SLICE_INIT("\x8f\xcd\x00\x04" A B "\0\1\0\0\0\0\0\0"),
	 .twcc = 1},
	{"pli", SLICE_INIT("\x81\xce\x00\x02" A B), .pli = 1},
	{"fir", SLICE_INIT("\x84\xce\x00\x04" A "\0\0\0\0" B "\1\0\0\0"),
	 .fir = 1},
	{"remb",
	 SLICE_INIT("\x8f\xce\x00\x05" A "\0\0\0\0"
		    "REMB\1\0\0\1" B),
	 .remb = 1},
	{"xr", SLICE_INIT("\x80\xcf\x00\x05" A "\7\0\0\1" B "\6\0\0\1" B),
	 .xr = 1},
	{"bye of A", SLICE_INIT("\x81\xcb\x00\x01" A), .bye = 1},
};

START_TEST(feedback_counts)
{
	const struct cdr_rtcp *a, *b;
	struct feed f;

	feed_begin(&f, true);
	both_ways(&f);
	feed_rtcp(&f, 0, 2000 * FEED_MS, feedback[_i].packet);
	feed_close(&f);
	a = &by_ssrc(&f, A_SSRC)->rtcp;
	b = &by_ssrc(&f, B_SSRC)->rtcp;
	ck_assert_uint_eq(b->nack, feedback[_i].nack);
	ck_assert_uint_eq(b->twcc, feedback[_i].twcc);
	ck_assert_uint_eq(b->pli, feedback[_i].pli);
	ck_assert_uint_eq(b->fir, feedback[_i].fir);
	ck_assert_uint_eq(b->remb, feedback[_i].remb);
	ck_assert_uint_eq(b->xr, feedback[_i].xr);
	ck_assert_uint_eq(a->bye, feedback[_i].bye);
	ck_assert_uint_eq(a->nack + a->twcc + a->pli + a->fir + a->remb, 0);
	feed_end(&f);
}
END_TEST

/* A compound with bytes too many at its end says what it can. */
START_TEST(damaged_rtcp)
{
	struct feed f;

	feed_begin(&f, true);
	both_ways(&f);
	feed_rtcp(&f, 0, 0,
		  SLICE("\x80\xc9\x00\x01" A "\x81\xcb\x00\x01" A "xx"));
	feed_rtcp(&f, 0, 0, SLICE("\x81\xcb\x00\x01" A "\x81\xca\x00\x09" A));
	feed_close(&f);
	ck_assert_uint_eq(by_ssrc(&f, A_SSRC)->rtcp.bye, 2);
	ck_assert_uint_eq(counters_get(&f.counters, "rtcp.unreadable"), 0);
	feed_end(&f);
}
END_TEST

/* What cannot be read is counted, and says nothing of anybody. */
START_TEST(encrypted_rtcp)
{
	struct feed f;

	feed_begin(&f, true);
	both_ways(&f);
	feed_rtcp(&f, 0, 0,
		  SLICE("\x81\xc9\x00\x07" A
			"................................xxxx"));
	feed_rtcp(&f, 0, 0, SLICE("\x81\xc9\x00\x07" A));
	feed_close(&f);
	ck_assert_uint_eq(counters_get(&f.counters, "rtcp.unreadable"), 1);
	ck_assert_uint_eq(counters_get(&f.counters, "rtcp.bad_header"), 1);
	ck_assert_uint_eq(f.result.packets, 101);
	feed_end(&f);
}
END_TEST

/* The group that loses its last flow is gone; counts go on. */
START_TEST(move)
{
	struct media_group *to;
	const struct cdr_stream *s;
	struct feed f;
	bool gone;

	feed_begin(&f, true);
	for (uint32_t i = 0; i < 50; i++)
		feed_pcma(&f, i, 0);
	to = media_group_new(f.media);
	ck_assert_uint_eq(media_group_first_ns(to), 0);
	media_flow_move(f.flow, to, &gone);
	ck_assert(gone);
	f.group = to;
	ck_assert_uint_eq(media_group_first_ns(to), FEED_START_NS);
	ck_assert_uint_eq(media_group_last_ns(to),
			  FEED_START_NS + 980 * FEED_MS);
	media_flow_move(f.flow, to, &gone);
	ck_assert(!gone);
	for (uint32_t i = 51; i < 100; i++)
		feed_pcma(&f, i, 0);
	ck_assert_uint_eq(media_flow_last_ns(f.flow),
			  FEED_START_NS + 1980 * FEED_MS);
	s = feed_close(&f);
	ck_assert_uint_eq(s->packets, 99);
	ck_assert_uint_eq(s->lost, 1);
	ck_assert_uint_eq(f.result.packets, 99);
	ck_assert_uint_eq(f.result.last_packet, FEED_START_NS + 1980 * FEED_MS);
	feed_end(&f);
}
END_TEST

/* Two at once on one flow, and a third after them: by first packet. */
/* Whatever a group has left goes with it: its flows too. */
START_TEST(take)
{
	struct media_group *to;
	struct feed f;

	feed_begin(&f, false);
	feed_pcma(&f, 1, 0);
	to = media_group_new(f.media);
	if (_i) {
		const uint8_t ip[4] = {192, 0, 2, 3};
		struct addr a = addr_v4(ip, 1), b = addr_v4(ip, 2);

		f.flow = media_flow_open(to, &a, &b);
		feed_pcma(&f, 7, 0);
	}
	media_group_take(to, f.group);
	f.group = to;
	feed_close(&f);
	ck_assert_uint_eq(f.result.streams_n, 1 + (unsigned)_i);
	ck_assert_uint_eq(f.result.packets, 1 + (unsigned)_i);
	ck_assert_uint_eq(media_memory(f.media).streams, 0);
	feed_end(&f);
}
END_TEST

START_TEST(several_ssrcs)
{
	struct feed f;

	feed_begin(&f, true);
	for (uint32_t i = 0; i < 300; i++) {
		struct feed_rtp r = {.at_ns = i * 10 * FEED_MS,
				     .ts = i / 2 * 160,
				     .seq = (uint16_t)(i / 2),
				     .pt = 8,
				     .ssrc = i < 200 ? 1 + i % 2 : 3};

		feed_rtp(&f, &r);
	}
	feed_close(&f);
	ck_assert_uint_eq(f.result.streams_n, 3);
	for (uint32_t i = 0; i < 3; i++) {
		ck_assert_uint_eq(f.result.streams[i].ssrc, i + 1);
		ck_assert_uint_eq(f.result.streams[i].lost, 0);
	}
	ck_assert_uint_eq(f.result.streams[0].packets, 100);
	ck_assert_uint_eq(f.result.streams[1].packets, 100);
	ck_assert_uint_eq(f.result.streams[2].packets, 50);
	ck_assert_uint_eq(f.result.streams[2].duplicates, 50);
	feed_end(&f);
}
END_TEST

/* A flow has room for four. */
START_TEST(stream_limit)
{
	struct feed f;

	feed_begin(&f, true);
	for (uint32_t i = 0; i < 6; i++) {
		struct feed_rtp r = {.ssrc = i + 1, .pt = 8};

		feed_rtp(&f, &r);
	}
	feed_close(&f);
	ck_assert_uint_eq(f.result.streams_n, 4);
	ck_assert_uint_eq(f.result.packets, 6);
	ck_assert_uint_eq(counters_get(&f.counters, "media.stream_limit"), 2);
	feed_end(&f);
}
END_TEST

/* A byte less than the fixed header; a header cut by the snap length. */
START_TEST(short_packets)
{
	static const uint8_t cut[] = {0x92, 8, 0, 1, 0, 0, 0, 0,
				      1,    2, 3, 4, 0, 0, 0, 0};
	struct media_pkt p = {.ts_ns = FEED_START_NS,
			      .payload = {cut, 11},
			      .payload_wire = 11,
			      .vlan = 5};
	const struct cdr_stream *s;
	struct feed f;

	feed_begin(&f, true);
	ck_assert(!media_flow_rtp(f.flow, 0, &p));
	ck_assert_uint_eq(counters_get(&f.counters, "rtp.bad_header"), 1);
	p.payload.len = p.payload_wire = sizeof(cut);
	ck_assert(!media_flow_rtp(f.flow, 0, &p));
	p.payload_wire = 200;
	ck_assert(media_flow_rtp(f.flow, 0, &p));
	s = feed_close(&f);
	ck_assert_uint_eq(f.result.streams_n, 1);
	ck_assert_uint_eq(s->packets, 1);
	ck_assert_uint_eq(s->vlan, 5);
	feed_end(&f);
}
END_TEST

static const struct {
	const char *name, *srtp;
	uint32_t wire;
	uint64_t bytes;
} pads[] = {
	{"clear", NULL, 20, 4},
	{"encrypted", "AES_CM_128_HMAC_SHA1_80", 20, 8},
	{"cut by the snap length", NULL, 30, 18},
};

/* Eight bytes of payload, four of them padding. */
START_TEST(padding)
{
	static const uint8_t bytes[] = {0xa0, 8,   0, 1, 0, 0,	 0,
					0,    0,   0, 0, 7, 'a', 'b',
					'c',  'd', 0, 0, 0, 4};
	struct media_pkt p = {.ts_ns = FEED_START_NS,
			      .payload = {bytes, sizeof(bytes)},
			      .payload_wire = pads[_i].wire,
			      .vlan = CDR_NO_U32};
	struct media_desc d = {.sender = "caller",
			       .srtp = pads[_i].srtp,
			       .lines_n = 1,
			       .line = {{.media = "audio", .mid = "0"}}};
	const struct cdr_stream *s;
	struct feed f;

	feed_begin(&f, true);
	media_flow_describe(f.flow, 0, &d);
	media_flow_rtp(f.flow, 0, &p);
	s = feed_close(&f);
	ck_assert_uint_eq(s->bytes, pads[_i].bytes);
	ck_assert_str_eq(s->sender, "caller");
	ck_assert_str_eq(s->media, "audio");
	ck_assert(slice_eq(s->mid, SLICE("0")));
	if (pads[_i].srtp)
		ck_assert_str_eq(s->srtp, pads[_i].srtp);
	else
		ck_assert_ptr_null(s->srtp);
	feed_end(&f);
}
END_TEST

/* The same packets have the same name, others another. */
START_TEST(stream_uids)
{
	char uid[3][CDR_UID];

	for (int i = 0; i < 3; i++) {
		struct feed_rtp r = {.pt = 8, .ssrc = i == 2 ? 9 : 8};
		struct feed f;

		feed_begin(&f, true);
		feed_rtp(&f, &r);
		memcpy(uid[i], feed_close(&f)->stream_uid, CDR_UID);
		feed_end(&f);
	}
	ck_assert_str_eq(uid[0], uid[1]);
	ck_assert_str_ne(uid[0], uid[2]);
	ck_assert_mem_eq(uid[0], uid[2], 10); /* the time */
}
END_TEST

/* Three minutes of an ordinary stream; nothing is left at the end. */
START_TEST(memory)
{
	struct media_memory before, with;
	struct feed f;

	feed_begin(&f, true);
	before = media_memory(f.media);
	for (uint32_t i = 0; i < 9000; i++)
		feed_pcma(&f, i, 0);
	with = media_memory(f.media);
	ck_assert_uint_gt(with.streams, before.streams + 1000);
	ck_assert_uint_lt(with.streams, before.streams + 3000);
	feed_close(&f);
	ck_assert_uint_eq(media_memory(f.media).streams, 0);
	feed_end(&f);
}
END_TEST

/* No room for the result: it is empty, not half. */
START_TEST(result_without_memory)
{
	struct feed f;

	for (unsigned n = 1; n < 12; n++) {
		feed_begin(&f, true);
		both_ways(&f);
		arena_fail_at(n);
		feed_close(&f);
		arena_fail_at(0);
		ck_assert_uint_le(f.result.streams_n, 2);
		feed_end(&f);
	}
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("media");
	TCase *t = tcase_create("media");

	tcase_add_test(t, round_trips);
	tcase_add_test(t, no_rtcp);
	tcase_add_test(t, rtcp_first);
	tcase_add_test(t, rtcp_beside);
	tcase_add_test(t, key_passed_on);
	tcase_add_loop_test(t, feedback_counts, 0, ROWS(feedback));
	tcase_add_test(t, damaged_rtcp);
	tcase_add_test(t, encrypted_rtcp);
	tcase_add_test(t, move);
	tcase_add_loop_test(t, take, 0, 2);
	tcase_add_test(t, several_ssrcs);
	tcase_add_test(t, stream_limit);
	tcase_add_test(t, short_packets);
	tcase_add_loop_test(t, padding, 0, ROWS(pads));
	tcase_add_test(t, stream_uids);
	tcase_add_test(t, memory);
	tcase_add_test(t, result_without_memory);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
