/*
 * Repair: who repairs whom, and how many lost packets come back: RTX, RED,
 * parity; with and without keys.
 */
#include <check.h>
#include <stdio.h>

#include "sniffer/media/stream_extra.h"
#include "tests/hex.h"
#include "tests/media_feed.h"
#include "tests/run_suite.h"

#define ROWS(a)	 ((int)(sizeof(a) / sizeof((a)[0])))
#define STEP	 960 /* of audio */
#define UNKNOWN	 UINT64_MAX
#define MAIN	 1u
#define REPAIR	 2u
#define OTHER	 3u
#define MAIN_PT	 96
#define RTX_PT	 97
#define RED_PT	 63
#define FEC_PT	 117
#define FLEX_PT	 118
#define FLEX3_PT 119

/* Video with everything that may repair it, and Opus with RED. */
static struct media_desc all(void)
{
	return (struct media_desc){
		.lines_n = 1,
		.line = {{NULL, "0", 0}},
		.n = 8,
		.pt = {{"VP8", "", 90000, MAIN_PT, 0},
		       {"rtx", "apt=96", 90000, RTX_PT, 0},
		       {"red", "", 90000, 116, 0},
		       {"ulpfec", "", 90000, FEC_PT, 0},
		       {"flexfec", "", 90000, FLEX_PT, 0},
		       {"flexfec-03", "", 90000, FLEX3_PT, 0},
		       {"opus", "", 48000, 111, 0},
		       {"red", "111/111", 48000, RED_PT, 0}},
		.ext = {.id = {[RTP_HDREXT_RID] = 2,
			       [RTP_HDREXT_REPAIRED_RID] = 3}},
	};
}

static void put(struct feed *f, uint32_t ssrc, uint8_t pt, uint32_t number,
		uint32_t ts, struct slice payload)
{
	struct feed_rtp r = {.at_ns = (uint64_t)ts * 1000000 / 90,
			     .ts = ts,
			     .ssrc = ssrc,
			     .seq = (uint16_t)number,
			     .pt = pt,
			     .payload = payload};

	feed_rtp(f, &r);
}

/* Number n of the stream; one packet a frame of 33 ms. */
static void media(struct feed *f, uint32_t ssrc, uint32_t number)
{
	put(f, ssrc, MAIN_PT, number, number * 3000, SLICE("\x10\1\0\0\0"));
}

/* A retransmission of number osn. */
static void rtx(struct feed *f, uint32_t ssrc, uint32_t number, uint32_t osn)
{
	uint8_t payload[] = {(uint8_t)(osn >> 8),
			     (uint8_t)osn,
			     0x10,
			     0,
			     0,
			     0,
			     0x9d,
			     1,
			     0x2a,
			     0x40,
			     1,
			     0xf0,
			     0};

	put(f, ssrc, RTX_PT, number, osn * 3000,
	    slice_of(payload, sizeof(payload)));
}

/* Numbers 0 to 99 without 10, 20, 30 and 31; what comes again: 10 twice, 20,
 * 30, and 50, which was there. */
static void lossy(struct feed *f,
		  void (*again)(struct feed *f, uint32_t n, uint32_t osn))
{
	static const uint32_t come[] = {10, 20, 10, 30, 50};
	uint32_t n = 0;

	for (uint32_t i = 0; i < 100; i++) {
		if (i != 10 && i != 20 && i != 30 && i != 31)
			media(f, MAIN, i);
		if (again && i % 12 == 11 && n < 5 && i > come[n]) {
			again(f, n, come[n]);
			n++;
		}
	}
	for (; again && n < 5; n++)
		again(f, n, come[n]);
}

static void rtx_beside(struct feed *f, uint32_t n, uint32_t osn)
{
	rtx(f, REPAIR, 500 + n, osn);
}

static void begin(struct feed *f, const struct media_desc *d)
{
	feed_begin_web(f);
	media_flow_describe(f->flow, 0, d);
}

/* --- RTX ------------------------------------------------------------------ */

static const struct {
	const char *name, *srtp;
	bool announced;
	uint64_t lost_after;
} rtxs[] = {
	{"announced as a group", NULL, true, 1},
	{"by its payload type", NULL, false, 1},
	{"encrypted, announced", "unknown", true, UNKNOWN},
	{"encrypted, by payload type", "unknown", false, UNKNOWN},
};

START_TEST(retransmissions)
{
	const struct cdr_stream *s, *r;
	struct media_desc d = all();
	struct feed f;

	d.srtp = rtxs[_i].srtp;
	d.ssrcs_n = rtxs[_i].announced ? 2 : 0;
	d.ssrc[0] = (struct media_ssrc){MAIN, 0, 0};
	d.ssrc[1] = (struct media_ssrc){REPAIR, MAIN, 0};
	begin(&f, &d);
	lossy(&f, rtx_beside);
	feed_close(&f);
	s = feed_stream(&f, MAIN);
	r = feed_stream(&f, REPAIR);
	ck_assert_uint_eq(s->lost, 4);
	ck_assert_uint_eq(s->repair.lost_after, rtxs[_i].lost_after);
	ck_assert_uint_eq(s->repair.rtx, 5);
	ck_assert_uint_eq(s->repair.red + s->repair.fec, 0);
	ck_assert(!s->has_repairs && !s->is_repair && s->has_video);
	/* what came again was a key frame, where it can be read */
	ck_assert_uint_eq(s->video.keyframes, rtxs[_i].srtp ? UINT64_MAX : 3);
	ck_assert(r->has_repairs && r->is_repair && !r->has_video);
	ck_assert_uint_eq(r->repairs, MAIN);
	ck_assert_str_eq(r->media, "video");
	ck_assert(slice_eq(r->codec, SLICE("rtx")));
	ck_assert(isnan(r->jitter_ms.max));
	ck_assert_uint_eq(r->repair.rtx, 0);
	feed_end(&f);
}
END_TEST

/* Two layers, each with its RTX: RIDs tell. */
START_TEST(retransmissions_by_rid)
{
	static const struct {
		uint32_t ssrc;
		uint8_t pt;
		struct slice ext;
	} first[] = {
		{MAIN, MAIN_PT, SLICE_INIT("\x21hi")},
		{OTHER, MAIN_PT, SLICE_INIT("\x21lo")},
		{REPAIR, RTX_PT, SLICE_INIT("\x31lo")},
		{9, RTX_PT, SLICE_INIT("\x31hi")},
	};
	struct media_desc d = all();
	struct feed f;

	begin(&f, &d);
	for (int i = 0; i < ROWS(first); i++) {
		struct feed_rtp r = {.ssrc = first[i].ssrc,
				     .pt = first[i].pt,
				     .ext = first[i].ext,
				     .payload = SLICE("\0\0\x10\0")};

		feed_rtp(&f, &r);
	}
	lossy(&f, NULL);
	rtx(&f, 9, 1, 10);
	feed_close(&f);
	ck_assert_uint_eq(feed_stream(&f, REPAIR)->repairs, OTHER);
	ck_assert_uint_eq(feed_stream(&f, 9)->repairs, MAIN);
	ck_assert(slice_eq(feed_stream(&f, MAIN)->rid, SLICE("hi")));
	ck_assert(slice_eq(feed_stream(&f, OTHER)->rid, SLICE("lo")));
	ck_assert_ptr_null(feed_stream(&f, 9)->rid.p);
	ck_assert_uint_eq(feed_stream(&f, MAIN)->repair.lost_after, 3);
	feed_end(&f);
}
END_TEST

/* Two streams of one payload type, and nothing says whose it is: the numbers
 * do, as soon as three lost ones came again. What was named before counts. */
START_TEST(retransmissions_by_number)
{
	struct media_desc d = all();
	struct feed f;

	begin(&f, &d);
	for (uint32_t i = 0; i < 100; i++) {
		media(&f, OTHER, 30000 + i);
		if (i % 20 != 5)
			media(&f, MAIN, i);
	}
	for (uint32_t i = 0; i < 4; i++)
		rtx(&f, REPAIR, i, 5 + 20 * i);
	feed_close(&f);
	ck_assert_uint_eq(feed_stream(&f, REPAIR)->repairs, MAIN);
	ck_assert_uint_eq(feed_stream(&f, MAIN)->lost, 5);
	ck_assert_uint_eq(feed_stream(&f, MAIN)->repair.lost_after, 1);
	ck_assert_uint_eq(feed_stream(&f, OTHER)->repair.rtx, 0);
	ck_assert_uint_eq(feed_stream(&f, OTHER)->repair.lost_after, 0);
	feed_end(&f);
}
END_TEST

/* The same without keys: nobody can say whose loss it was. */
START_TEST(retransmissions_of_whom)
{
	struct media_desc d = all();
	struct feed f;

	d.srtp = "unknown";
	begin(&f, &d);
	media(&f, OTHER, 30000);
	lossy(&f, rtx_beside);
	feed_close(&f);
	ck_assert(!feed_stream(&f, REPAIR)->has_repairs);
	ck_assert(feed_stream(&f, REPAIR)->is_repair);
	ck_assert_uint_eq(feed_stream(&f, MAIN)->repair.lost_after, UNKNOWN);
	ck_assert_uint_eq(feed_stream(&f, OTHER)->repair.lost_after, 0);
	feed_end(&f);
}
END_TEST

/* Nobody described anything: numbers tell here too, and probes with numbers
 * that were seen do not disturb. Other payloads are no RTX. */
START_TEST(nobody_described_it)
{
	struct media_desc d = {.guess = true};
	struct feed f;

	begin(&f, &d);
	for (uint32_t i = 0; i < 200; i++) {
		if (i % 20 != 5)
			media(&f, MAIN, i);
		if (i % 20 == 8)
			rtx(&f, REPAIR, i, i - 3);
		if (i % 20 == 10)
			rtx(&f, REPAIR, i, i - 4);
		put(&f, OTHER, 111, i, i * 3000, SLICE("\xfc\xff\xfe\0"));
	}
	feed_close(&f);
	ck_assert_uint_eq(feed_stream(&f, REPAIR)->repairs, MAIN);
	ck_assert_uint_eq(feed_stream(&f, MAIN)->repair.lost_after, 0);
	ck_assert_uint_eq(feed_stream(&f, MAIN)->repair.rtx, 20);
	ck_assert(!feed_stream(&f, OTHER)->is_repair);
	feed_end(&f);
}
END_TEST

/* Encrypted, and nobody described it: RTX goes back to timestamps of another
 * stream. One that does not go back, that shares the payload type, or that
 * has a time of its own is a stream by itself. */
static const struct {
	const char *name;
	uint8_t pt;
	uint32_t ts; /* of its own */
	bool back, repairs;
} unread[] = {
	{"rtx", RTX_PT, 0, true, true},
	{"the same picture again", RTX_PT, 0, false, false},
	{"a layer", MAIN_PT, 0, true, false},
	{"another time", RTX_PT, 1u << 30, true, false},
};

START_TEST(nobody_can_read_it)
{
	struct media_desc d = {.guess = true, .srtp = "unknown"};
	const struct cdr_stream *s, *r;
	uint32_t n = 0;
	struct feed f;

	begin(&f, &d);
	for (uint32_t i = 0; i < 200; i++) {
		uint32_t back = unread[_i].back && i % 20 == 8 ? 30000 : 0;

		if (i % 20 != 5)
			media(&f, MAIN, i);
		if (i % 5 == 3) {
			struct feed_rtp p = {.at_ns = i * 100000000ull / 3,
					     .ts = unread[_i].ts + i * 3000 -
						   back,
					     .ssrc = REPAIR,
					     .seq = (uint16_t)n++,
					     .pt = unread[_i].pt,
					     .payload = SLICE("abcde")};

			feed_rtp(&f, &p);
		}
	}
	feed_close(&f);
	s = feed_stream(&f, MAIN);
	r = feed_stream(&f, REPAIR);
	ck_assert_int_eq(r->has_repairs, unread[_i].repairs);
	ck_assert_int_eq(r->is_repair, unread[_i].repairs);
	ck_assert_uint_eq(s->repair.rtx, unread[_i].repairs ? 40 : 0);
	ck_assert_uint_eq(s->lost, 10);
	ck_assert_uint_eq(s->repair.lost_after,
			  unread[_i].repairs ? UNKNOWN : 10);
	ck_assert(!s->is_repair && s->has_video);
	ck_assert_int_eq(isnan(r->jitter_ms.max), unread[_i].repairs);
	feed_end(&f);
}
END_TEST

/* Browsers send RTX of RED, with a payload type of its own. */
START_TEST(red_again)
{
	struct media_desc d = all();
	struct feed f;

	snprintf(d.pt[1].fmtp, sizeof(d.pt[1].fmtp), "apt=116");
	begin(&f, &d);
	for (uint32_t i = 0; i < 10; i++)
		if (i != 5)
			put(&f, MAIN, 116, i, i * 3000,
			    SLICE("\x60\x10\1\0\0"));
	put(&f, REPAIR, RTX_PT, 1, 5 * 3000,
	    SLICE("\0\5\x60\x10\0\0\0\x9d\1\x2a\x40\1\xf0\0"));
	feed_close(&f);
	ck_assert(slice_eq(feed_stream(&f, MAIN)->codec, SLICE("VP8")));
	ck_assert_uint_eq(feed_stream(&f, MAIN)->video.keyframes, 1);
	ck_assert_uint_eq(feed_stream(&f, MAIN)->video.width, 320);
	ck_assert_uint_eq(feed_stream(&f, MAIN)->repair.lost_after, 0);
	feed_end(&f);
}
END_TEST

/* Probes of padding only say nothing, and hide nothing. */
START_TEST(padding_only)
{
	struct media_desc d = all();
	struct feed f;

	begin(&f, &d);
	lossy(&f, rtx_beside);
	put(&f, REPAIR, RTX_PT, 600, 0, SLICE(""));
	feed_close(&f);
	ck_assert_uint_eq(feed_stream(&f, MAIN)->repair.rtx, 6);
	ck_assert_uint_eq(feed_stream(&f, MAIN)->repair.lost_after, 1);
	feed_end(&f);
}
END_TEST

/* The repaired stream was not seen: its name is known from signalling. */
START_TEST(only_the_repair)
{
	struct media_desc d = all();
	struct feed f;

	d.ssrcs_n = 1;
	d.ssrc[0] = (struct media_ssrc){REPAIR, 77, 0};
	begin(&f, &d);
	rtx(&f, REPAIR, 1, 5);
	feed_close(&f);
	ck_assert_uint_eq(feed_stream(&f, REPAIR)->repairs, 77);
	feed_end(&f);
}
END_TEST

/* What came again belongs to numbers before the sender began anew. */
START_TEST(restart)
{
	struct media_desc d = all();
	struct feed f;

	begin(&f, &d);
	for (uint32_t i = 0; i < 10; i++)
		if (i != 5)
			media(&f, MAIN, i);
	rtx(&f, REPAIR, 1, 5);
	for (uint32_t i = 30000; i < 30010; i++)
		if (i != 30005)
			media(&f, MAIN, i);
	feed_close(&f);
	ck_assert_uint_eq(feed_stream(&f, MAIN)->lost, 2);
	ck_assert_uint_eq(feed_stream(&f, MAIN)->repair.lost_after, 1);
	feed_end(&f);
}
END_TEST

/* Long ago: the number is final, and stays lost. */
START_TEST(too_late)
{
	struct media_desc d = all();
	struct feed f;

	begin(&f, &d);
	for (uint32_t i = 0; i < 2000; i++)
		if (i != 5 && i != 1500)
			media(&f, MAIN, i);
	rtx(&f, REPAIR, 1, 5);
	rtx(&f, REPAIR, 2, 1500);
	feed_close(&f);
	ck_assert_uint_eq(feed_stream(&f, MAIN)->repair.lost_after, 1);
	feed_end(&f);
}
END_TEST

/* --- keys that come late -------------------------------------------------- */

/* A retransmission is counted when it comes, and read when there is a key: by
 * then its number may be final, and it is not known what it was worth. */
static const struct {
	const char *name;
	uint32_t lost, seen_until;
	uint64_t lost_after;
} lates[] = {
	{"in time", 50, 200, 0},
	{"long after", 50, 2000, UNKNOWN},
};

static struct stream *stream_of(struct stream_env *env, struct descs *descs,
				struct stream **all, uint32_t ssrc)
{
	struct stream *s = stream_new(env, descs, 0, ssrc, FEED_START_NS);

	s->siblings = all;
	s->next = *all;
	*all = s;
	return s;
}

static void put_stream(struct stream *s, uint32_t number, uint8_t pt)
{
	static const uint8_t bytes[40];
	struct rtp rtp = {.seq = (uint16_t)number,
			  .ts = number * 3000,
			  .pt = pt,
			  .payload = {bytes, sizeof(bytes)}};
	struct media_pkt p = {.ts_ns = FEED_START_NS + number * 33 * FEED_MS,
			      .payload = {bytes, sizeof(bytes)},
			      .payload_wire = sizeof(bytes),
			      .vlan = CDR_NO_U32};

	stream_put(s, &p, &rtp);
}

START_TEST(read_later)
{
	static struct counters counters;
	struct stream_env env = {.counters = &counters, .slices_max = 100};
	struct stream_arrival a = {.ns = FEED_START_NS + 60 * 33 * FEED_MS,
				   .ext = 0x10000 + 60};
	struct rtp rtp = {.seq = 60, .ts = 150000, .pt = RTX_PT};
	struct stream *first = NULL, *s, *r;
	struct arena *mem = arena_new(4096, 0);
	struct media_desc d = all();
	struct descs descs = {{NULL}};
	struct cdr_stream out;

	d.srtp = "unknown";
	descs.dir[0] = desc_new(&d);
	pool_init(&env.streams, sizeof(struct stream));
	s = stream_of(&env, &descs, &first, MAIN);
	r = stream_of(&env, &descs, &first, REPAIR);
	for (uint32_t i = 0; i < lates[_i].seen_until; i++) {
		if (i != lates[_i].lost)
			put_stream(s, i, MAIN_PT);
		if (i == 60 || i == 100)
			put_stream(r, i == 60 ? 60 : 61, RTX_PT);
	}
	stream_extra_payload(r, &a, &rtp, SLICE("\0\x32\x10"));
	a.ns += 33 * FEED_MS;
	stream_extra_payload(r, &a, &rtp, SLICE(""));
	stream_result(s, mem, &out);
	ck_assert_uint_eq(out.lost, 1);
	ck_assert_uint_eq(out.repair.rtx, 2);
	ck_assert_uint_eq(out.repair.lost_after, lates[_i].lost_after);
	stream_free(s);
	stream_free(r);
	descs_free(&descs);
	pool_close(&env.streams);
	arena_free(mem);
}
END_TEST

/* --- RED ------------------------------------------------------------------ */

/* Opus in RED: the packets one and two before it ride along, of 4 bytes. */
static void red(struct feed *f, uint32_t i, bool empty)
{
	struct hex h;
	struct slice in =
		empty ? hex(&h, "ef1e0000 ef0f0000 6f aabbccdd")
		      : hex(&h, "ef1e0004 ef0f0004 6f 11111111 22222222 aabb");
	struct feed_rtp r = {.at_ns = i * 20 * FEED_MS,
			     .ts = i * STEP,
			     .ssrc = MAIN,
			     .seq = (uint16_t)i,
			     .pt = RED_PT,
			     .payload = in};

	feed_rtp(f, &r);
}

static const struct {
	const char *name, *srtp;
	bool empty, fmtp;
	uint32_t run; /* so many are lost at once, five times */
	uint64_t lost_after;
} reds[] = {
	{"one lost", NULL, false, true, 1, 0},
	{"two lost", NULL, false, true, 2, 0},
	{"three lost", NULL, false, true, 3, 5},
	{"without fmtp", NULL, false, false, 1, 0},
	{"empty blocks", NULL, true, true, 1, 5},
	{"encrypted", "unknown", false, true, 1, UNKNOWN},
};

START_TEST(redundant_audio)
{
	const struct cdr_stream *s;
	struct media_desc d = all();
	struct feed f;

	d.srtp = reds[_i].srtp;
	d.line[0].media = "audio";
	if (!reds[_i].fmtp)
		d.pt[7].fmtp[0] = '\0';
	begin(&f, &d);
	for (uint32_t i = 0; i < 100; i++)
		if (i % 20 < 10 || i % 20 >= 10 + reds[_i].run)
			red(&f, i, reds[_i].empty);
	s = feed_close(&f);
	ck_assert_uint_eq(s->lost, 5 * reds[_i].run);
	ck_assert_uint_eq(s->repair.lost_after, reds[_i].lost_after);
	ck_assert_uint_eq(s->repair.red, 100 - s->lost);
	ck_assert(slice_eq(s->codec, SLICE("opus")));
	ck_assert_uint_eq(s->payload_type, RED_PT);
	ck_assert(slice_eq(s->codecs[0].codec, SLICE("red")));
	ck_assert_str_eq(s->mos.scale, "FB");
	ck_assert_double_eq_tol(s->jitter_ms.max, 0, 1e-6);
	ck_assert(!s->is_repair && !s->has_video);
	feed_end(&f);
}
END_TEST

/* Bytes that are no RED hide what they may have brought. */
START_TEST(damaged_red)
{
	const struct cdr_stream *s;
	struct media_desc d = all();
	struct feed f;

	begin(&f, &d);
	red(&f, 0, false);
	put(&f, MAIN, RED_PT, 2, 2 * STEP, SLICE("\xef"));
	s = feed_close(&f);
	ck_assert_uint_eq(s->repair.lost_after, UNKNOWN);
	feed_end(&f);
}
END_TEST

/* --- parity --------------------------------------------------------------- */

enum where {
	IN_RED,	 /* of the same SSRC, as browsers do with ULPFEC */
	INSIDE,	 /* a payload type of the same SSRC */
	APART,	 /* ULPFEC of its own SSRC */
	FLEX,	 /* RFC 8627: CSRC names the stream */
	FLEX_03, /* its draft: the payload does */
};

/* Protects base, base + 1, base + 2 and base + 3. */
static void parity(struct feed *f, enum where where, uint32_t number,
		   uint16_t base)
{
	static const char *const form[] = {
		"75 0060 %04x 00000000 0000 0010 f000",
		"0060 %04x 00000000 0000 0010 f000",
		"0060 %04x 00000000 0000 0010 f000",
		"0060 0000 00000000 %04x 7800",
		"0060 0000 00000000 01000000 00000001 %04x f800",
	};
	static const uint8_t pt[] = {116, FEC_PT, FEC_PT, FLEX_PT, FLEX3_PT};
	struct feed_rtp r = {.at_ns = (uint64_t)base * 100000000 / 3,
			     .ts = base * 3000u,
			     .ssrc = where < APART ? MAIN : REPAIR,
			     .seq = (uint16_t)number,
			     .pt = pt[where],
			     .csrc = where == FLEX ? MAIN : 0};
	char text[128];
	struct hex h;

	snprintf(text, sizeof(text), form[where], base);
	r.payload = hex(&h, text);
	feed_rtp(f, &r);
}

static const struct {
	const char *name, *srtp;
	enum where where;
} parities[] = {
	{"ulpfec in RED", NULL, IN_RED},
	{"ulpfec beside media", NULL, INSIDE},
	{"ulpfec apart", NULL, APART},
	{"flexfec", NULL, FLEX},
	{"flexfec draft", NULL, FLEX_03},
	{"ulpfec, encrypted", "unknown", INSIDE},
	{"in RED, encrypted", "unknown", IN_RED},
	{"flexfec draft, encrypted", "unknown", FLEX_03},
};

/* Four packets, one that protects them: with one lost it comes back, with
 * two it does not. */
START_TEST(parity_packets)
{
	bool inside = parities[_i].where < APART;
	const struct cdr_stream *s;
	struct media_desc d = all();
	uint32_t n = 0;
	struct feed f;

	d.srtp = parities[_i].srtp;
	begin(&f, &d);
	for (uint32_t i = 0; i < 25; i++) {
		uint16_t base = (uint16_t)n;

		for (uint32_t k = 0; k < 4; k++, n++)
			if (!(k == 1 && i % 10 == 3) && !(k == 2 && i == 13) &&
			    !(k == 0 && i == 3))
				media(&f, MAIN, n);
		parity(&f, parities[_i].where, inside ? n : i, base);
		n += inside;
	}
	feed_close(&f);
	s = feed_stream(&f, MAIN);
	ck_assert_uint_eq(s->lost, 5);
	ck_assert_uint_eq(
		s->repair.fec,
		parities[_i].where == IN_RED && parities[_i].srtp ? 0 : 25);
	ck_assert_uint_eq(s->repair.red, parities[_i].where == IN_RED ? 25 : 0);
	ck_assert_uint_eq(s->repair.lost_after,
			  parities[_i].srtp ? UNKNOWN : 4);
	ck_assert(!s->is_repair);
	if (!inside) {
		ck_assert(feed_stream(&f, REPAIR)->is_repair);
		ck_assert_uint_eq(feed_stream(&f, REPAIR)->repairs, MAIN);
	}
	feed_end(&f);
}
END_TEST

/* Two were missing when the parity came; one of them comes late, or again. */
static const struct {
	const char *name;
	bool rtx, end;
	uint64_t lost, lost_after;
} waits[] = {
	{"overtaken", false, false, 1, 0},
	{"retransmitted", true, false, 2, 0},
	{"retransmitted, then the end", true, true, 2, 0},
};

START_TEST(parity_waits)
{
	const struct cdr_stream *s;
	struct media_desc d = all();
	struct feed f;

	begin(&f, &d);
	for (uint32_t i = 0; i < 8; i++)
		if (i != 5 && i != 6)
			media(&f, MAIN, i);
	parity(&f, FLEX_03, 1, 4);
	if (waits[_i].rtx)
		rtx(&f, OTHER, 1, 5);
	else
		media(&f, MAIN, 5);
	for (uint32_t i = 8; i < (waits[_i].end ? 10 : 1500); i++)
		media(&f, MAIN, i);
	feed_close(&f);
	s = feed_stream(&f, MAIN);
	ck_assert_uint_eq(s->lost, waits[_i].lost);
	ck_assert_uint_eq(s->repair.lost_after, waits[_i].lost_after);
	feed_end(&f);
}
END_TEST

/* More that wait than there is room for. */
START_TEST(parity_limit)
{
	struct media_desc d = all();
	struct feed f;

	begin(&f, &d);
	for (uint32_t i = 0; i < 160; i++)
		if (i % 4 != 1 && i % 4 != 2)
			media(&f, MAIN, i);
	for (uint32_t i = 0; i < 40; i++)
		parity(&f, FLEX_03, i, (uint16_t)(i * 4));
	for (uint32_t i = 0; i < 40; i++)
		media(&f, MAIN, i * 4 + 1);
	feed_close(&f);
	ck_assert_uint_eq(feed_stream(&f, MAIN)->lost, 40);
	ck_assert_uint_eq(feed_stream(&f, MAIN)->repair.lost_after, 40 - 16);
	ck_assert_uint_eq(counters_get(&f.counters, "media.parity_limit"),
			  40 - 16);
	feed_end(&f);
}
END_TEST

/* Nothing repairs it: what was lost stays lost. */
START_TEST(no_repair)
{
	const struct cdr_stream *s;
	struct feed f;

	feed_begin(&f, true);
	for (uint32_t i = 0; i < 50; i++)
		if (i % 10 != 5)
			feed_pcma(&f, i, 0);
	s = feed_close(&f);
	ck_assert_uint_eq(s->lost, 5);
	ck_assert_uint_eq(s->repair.lost_after, 5);
	ck_assert_uint_eq(s->repair.rtx + s->repair.red + s->repair.fec, 0);
	feed_end(&f);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("stream_repair");
	TCase *t = tcase_create("stream_repair");

	tcase_add_loop_test(t, retransmissions, 0, ROWS(rtxs));
	tcase_add_test(t, retransmissions_by_rid);
	tcase_add_test(t, retransmissions_by_number);
	tcase_add_test(t, retransmissions_of_whom);
	tcase_add_test(t, nobody_described_it);
	tcase_add_loop_test(t, nobody_can_read_it, 0, ROWS(unread));
	tcase_add_test(t, red_again);
	tcase_add_test(t, padding_only);
	tcase_add_test(t, only_the_repair);
	tcase_add_test(t, restart);
	tcase_add_test(t, too_late);
	tcase_add_loop_test(t, read_later, 0, ROWS(lates));
	tcase_add_loop_test(t, redundant_audio, 0, ROWS(reds));
	tcase_add_test(t, damaged_red);
	tcase_add_loop_test(t, parity_packets, 0, ROWS(parities));
	tcase_add_loop_test(t, parity_waits, 0, ROWS(waits));
	tcase_add_test(t, parity_limit);
	tcase_add_test(t, no_repair);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
