/*
 * Video: frames and bitrate from headers alone, key frames, sizes and layers
 * from payloads and header extensions; feedback by ten seconds.
 */
#include <check.h>
#include <stdio.h>

#include "tests/hex.h"
#include "tests/media_feed.h"
#include "tests/run_suite.h"

#define ROWS(a)		((int)(sizeof(a) / sizeof((a)[0])))
#define NEAR(a, b, tol) ck_assert_double_eq_tol(a, b, tol)

#define VP8_KEY	  "10 706700 9d012a 4201f200" /* 322 x 242 */
#define VP8_INTER "10 716700 0000 0000"
#define VP8_MORE  "00 00000000"

static void describe(struct feed *f, const char *codec, const char *srtp)
{
	struct media_desc d = {
		.srtp = srtp,
		.lines_n = 1,
		.line = {{"video", "1", 0}},
		.n = 1,
		.pt = {{"", "", 90000, 96, 1}},
		.ext = {.id = {[RTP_HDREXT_DEPENDENCY_DESCRIPTOR] = 5,
			       [RTP_HDREXT_FRAME_MARKING] = 6}}};

	snprintf(d.pt[0].codec, sizeof(d.pt[0].codec), "%s", codec);
	media_flow_describe(f->flow, 0, &d);
}

/* One packet of 1000 bytes that begins as text says. */
static void packet(struct feed *f, uint32_t number, uint32_t frame,
		   const char *text, struct slice ext)
{
	uint8_t buf[1000] = {0};
	struct hex h;
	struct slice head = hex(&h, text);
	struct feed_rtp r = {.at_ns = frame * 40 * FEED_MS,
			     .ts = frame * 3600,
			     .seq = (uint16_t)number,
			     .pt = 96,
			     .payload = {buf, sizeof(buf)},
			     .ext = ext};

	memcpy(buf, head.p, head.len);
	feed_rtp(f, &r);
}

/* Frames of three packets, 25 a second; a key frame each four seconds. */
static void frames(struct feed *f, uint32_t n)
{
	for (uint32_t i = 0; i < 3 * n; i++)
		packet(f, i, i / 3,
		       i % 3	     ? VP8_MORE
		       : i % 300 < 3 ? VP8_KEY
				     : VP8_INTER,
		       (struct slice){0});
}

START_TEST(readable)
{
	const struct cdr_stream *s;
	struct feed f;

	feed_begin_web(&f);
	describe(&f, "VP8", NULL);
	frames(&f, 250);
	s = feed_close(&f);
	ck_assert(s->has_video);
	ck_assert_uint_eq(s->video.frames, 250);
	NEAR(s->video.fps, 25, 1e-6);
	ck_assert_uint_eq(s->video.keyframes, 3);
	ck_assert_uint_eq(s->video.width, 322);
	ck_assert_uint_eq(s->video.height, 242);
	NEAR(s->video.bitrate_kbps.mean, 750 * 8 / 9.96, 1e-6);
	NEAR(s->video.bitrate_kbps.max, 25 * 3 * 8, 3);
	ck_assert_uint_eq(s->video.spatial_layers, CDR_NO_U32);
	ck_assert_uint_eq(s->slices[0].frames, 250);
	ck_assert(isnan(s->ptime_ms) && isnan(s->mos.f1));
	feed_end(&f);
}
END_TEST

/* Frames and bitrate need no key, the rest is not known. */
START_TEST(encrypted)
{
	const struct cdr_stream *s;
	struct feed f;

	feed_begin_web(&f);
	describe(&f, "VP8", "unknown");
	frames(&f, 250);
	s = feed_close(&f);
	ck_assert_uint_eq(s->video.frames, 250);
	NEAR(s->video.fps, 25, 1e-6);
	NEAR(s->video.bitrate_kbps.max, 600, 3);
	ck_assert_uint_eq(s->video.keyframes, UINT64_MAX);
	ck_assert_uint_eq(s->video.width, CDR_NO_U32);
	ck_assert_uint_eq(s->video.height, CDR_NO_U32);
	feed_end(&f);
}
END_TEST

/* Described after 60 packets: those are among the frames. */
START_TEST(described_late)
{
	const struct cdr_stream *s;
	struct feed f;

	feed_begin_web(&f);
	frames(&f, 20);
	describe(&f, "VP8", NULL);
	for (uint32_t i = 60; i < 75; i++)
		packet(&f, i, i / 3, VP8_INTER, (struct slice){0});
	s = feed_close(&f);
	ck_assert_uint_eq(s->video.frames, 25);
	NEAR(s->video.fps, 25, 1e-6);
	feed_end(&f);
}
END_TEST

/* A packet that was overtaken belongs to a frame that was there, or is the
 * only one of its own. */
START_TEST(overtaken)
{
	static const uint32_t number[] = {0, 3, 4, 1, 6, 2, 9};
	const struct cdr_stream *s;
	struct feed f;

	feed_begin_web(&f);
	describe(&f, "VP8", NULL);
	for (int i = 0; i < ROWS(number); i++)
		packet(&f, number[i], number[i] / 2, VP8_MORE,
		       (struct slice){0});
	s = feed_close(&f);
	ck_assert_uint_eq(s->video.frames, 5); /* 0, 1, 2, 3, 4 */
	feed_end(&f);
}
END_TEST

START_TEST(less_than_a_second)
{
	const struct cdr_stream *s;
	struct feed f;

	feed_begin_web(&f);
	describe(&f, "VP8", NULL);
	frames(&f, 1);
	s = feed_close(&f);
	ck_assert_uint_eq(s->video.frames, 1);
	ck_assert(isnan(s->video.fps));
	ck_assert(isnan(s->video.bitrate_kbps.mean));
	NEAR(s->video.bitrate_kbps.max, 24, 1e-9);
	feed_end(&f);
}
END_TEST

/* --- header extensions ---------------------------------------------------- */

/* A structure of two spatial and two temporal layers, without and with a
 * size; it comes with key frames. */
#define DD_KEY	 "5c 800002 80 00 3a 41 01 813f80b380"
#define DD_L2T2	 "58 800002 80 61 67 aaaa 00"
#define DD_INTER "52 800003"

static const struct {
	const char *name, *key, *inter;
	uint64_t keyframes;
	uint32_t width, height, spatial, temporal;
} exts[] = {
	{"dependency descriptor", DD_KEY, DD_INTER, 2, 640, 360, 1, 1},
	{"its layers", DD_L2T2, DD_INTER, 2, CDR_NO_U32, CDR_NO_U32, 2, 2},
	{"frame marking", "60 a0", "60 82", 2, CDR_NO_U32, CDR_NO_U32,
	 CDR_NO_U32, 3},
	{"nothing", "70 00", "70 00", UINT64_MAX, CDR_NO_U32, CDR_NO_U32,
	 CDR_NO_U32, CDR_NO_U32},
	{"a descriptor that is cut", "51 8000", "51 8000", UINT64_MAX,
	 CDR_NO_U32, CDR_NO_U32, CDR_NO_U32, CDR_NO_U32},
};

START_TEST(told_by_extensions)
{
	const struct cdr_stream *s;
	struct hex h;
	struct feed f;

	feed_begin_web(&f);
	describe(&f, "AV1", "unknown");
	for (uint32_t i = 0; i < 60; i++)
		packet(&f, i, i / 2, "ff",
		       hex(&h, i % 30 == 0 ? exts[_i].key : exts[_i].inter));
	s = feed_close(&f);
	ck_assert_uint_eq(s->video.frames, 30);
	ck_assert_uint_eq(s->video.keyframes, exts[_i].keyframes);
	ck_assert_uint_eq(s->video.width, exts[_i].width);
	ck_assert_uint_eq(s->video.height, exts[_i].height);
	ck_assert_uint_eq(s->video.spatial_layers, exts[_i].spatial);
	ck_assert_uint_eq(s->video.temporal_layers, exts[_i].temporal);
	feed_end(&f);
}
END_TEST

/* --- what is no video ----------------------------------------------------- */

static const struct {
	const char *name, *codec, *media;
	uint32_t clock;
	bool video;
	const char *said;
} kinds[] = {
	{"audio", "opus", "audio", 48000, false, "audio"},
	{"video that cannot be read", "H263-1998", "video", 90000, true,
	 "video"},
	{"no line says so", "VP8", NULL, 90000, true, "video"},
	{"RED of video", "red", "video", 90000, true, "video"},
	{"RED, no line says so", "red", NULL, 90000, true, "video"},
	{"RED of audio", "red", "audio", 48000, false, "audio"},
	{"RTX", "rtx", "video", 90000, false, "video"},
	{"parity", "flexfec-03", "video", 90000, false, "video"},
	{"a codec without a name", "", "video", 0, true, "video"},
};

START_TEST(video_or_not)
{
	struct media_desc d = {.lines_n = 1,
			       .line = {{kinds[_i].media, "0", 0}},
			       .n = 1,
			       .pt = {{"", "", kinds[_i].clock, 96, 1}},
			       .ext = {.id = {[RTP_HDREXT_MID] = 1}}};
	const struct cdr_stream *s;
	struct feed f;

	snprintf(d.pt[0].codec, sizeof(d.pt[0].codec), "%s", kinds[_i].codec);
	feed_begin_web(&f);
	media_flow_describe(f.flow, 0, &d);
	for (uint32_t i = 0; i < 4; i++)
		packet(&f, i, i, "7f", (struct slice){0});
	s = feed_close(&f);
	ck_assert_int_eq(s->has_video, kinds[_i].video);
	ck_assert_str_eq(s->media, kinds[_i].said);
	if (s->has_video)
		ck_assert_uint_eq(s->video.frames, 4);
	feed_end(&f);
}
END_TEST

/* A static payload type, as in old video calls; nobody described it. */
START_TEST(static_payload_type)
{
	const struct cdr_stream *s;
	struct feed f;

	feed_begin_web(&f);
	for (uint32_t i = 0; i < 10; i++) {
		struct feed_rtp r = {.at_ns = i * 40 * FEED_MS,
				     .ts = i * 3600,
				     .seq = (uint16_t)i,
				     .pt = 34};

		feed_rtp(&f, &r);
	}
	s = feed_close(&f);
	ck_assert(slice_eq(s->codec, SLICE("H263")));
	ck_assert_uint_eq(s->video.frames, 10);
	feed_end(&f);
}
END_TEST

/* --- feedback ------------------------------------------------------------- */

#define MEDIA "\x11\x22\x33\x44"

static const struct {
	const char *name;
	struct slice packet;
	uint32_t nack, numbers, pli, fir, remb_kbps;
} feedback[] = {
	{"nack of four",
	 SLICE_INIT("\x81\xcd\x00\x04"
		    "bbbb" MEDIA "\0\1\0\3"
		    "\0\x20\0\0"),
	 1, 4, 0, 0, 0},
	{"pli",
	 SLICE_INIT("\x81\xce\x00\x02"
		    "bbbb" MEDIA),
	 0, 0, 1, 0, 0},
	{"fir",
	 SLICE_INIT("\x84\xce\x00\x04"
		    "bbbb\0\0\0\0" MEDIA "\1\0\0\0"),
	 0, 0, 0, 1, 0},
	/* exponent 2, mantissa 0x1e848: 500000 bit/s */
	{"remb",
	 SLICE_INIT("\x8f\xce\x00\x05"
		    "bbbb\0\0\0\0"
		    "REMB\1\x09\xe8\x48" MEDIA),
	 0, 0, 0, 0, 500},
};

/* Twice, ten and fifteen seconds after the first packets: once after the
 * last of them, into a slice that has none. */
START_TEST(feedback_slices)
{
	const struct cdr_slice10 *v;
	const struct cdr_stream *s;
	struct feed f;

	feed_begin_web(&f);
	describe(&f, "VP8", NULL);
	frames(&f, 10);
	for (int i = 0; i < 2; i++)
		feed_rtcp(&f, 1, (10000 + 5000ull * (unsigned)i) * FEED_MS,
			  feedback[_i].packet);
	packet(&f, 30, 510, VP8_INTER, (struct slice){0});
	s = feed_close(&f);
	ck_assert_uint_eq(s->slices_n, 3);
	v = &s->slices[1];
	ck_assert_uint_eq(v->packets, 0);
	ck_assert_uint_eq(v->lost, 0);
	ck_assert_uint_eq(v->nack, 2 * feedback[_i].nack);
	ck_assert_uint_eq(v->nack_numbers, 2 * feedback[_i].numbers);
	ck_assert_uint_eq(v->pli, 2 * feedback[_i].pli);
	ck_assert_uint_eq(v->fir, 2 * feedback[_i].fir);
	ck_assert_uint_eq(v->remb_kbps, feedback[_i].remb_kbps);
	ck_assert_uint_eq(s->slices[2].packets, 1);
	ck_assert_uint_eq(s->slices[0].pli + s->slices[2].pli, 0);
	ck_assert_uint_eq(s->rtcp.nack_numbers, 2 * feedback[_i].numbers);
	if (feedback[_i].remb_kbps)
		NEAR(s->rtcp.remb_kbps, feedback[_i].remb_kbps, 1e-9);
	else
		ck_assert(isnan(s->rtcp.remb_kbps));
	feed_end(&f);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("stream_video");
	TCase *t = tcase_create("stream_video");

	tcase_add_test(t, readable);
	tcase_add_test(t, encrypted);
	tcase_add_test(t, described_late);
	tcase_add_test(t, overtaken);
	tcase_add_test(t, less_than_a_second);
	tcase_add_loop_test(t, told_by_extensions, 0, ROWS(exts));
	tcase_add_loop_test(t, video_or_not, 0, ROWS(kinds));
	tcase_add_test(t, static_payload_type);
	tcase_add_loop_test(t, feedback_slices, 0, ROWS(feedback));
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
