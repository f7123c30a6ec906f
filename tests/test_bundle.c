/*
 * Streams of a BUNDLE: which m-line each belongs to, what its header
 * extensions say, losses of the whole transport.
 */
#include <check.h>
#include <stdio.h>

#include "sniffer/media/desc.h"
#include "tests/hex.h"
#include "tests/media_feed.h"
#include "tests/run_suite.h"

#define ROWS(a)		((int)(sizeof(a) / sizeof((a)[0])))
#define NEAR(a, b, tol) ck_assert_double_eq_tol(a, b, tol)

#define OPUS 111
#define VP8  96
#define H264 102

/* One audio line "a" and two of video, "v" and "w", that share VP8; H264 is
 * of "w" only. SSRC 0x31 was announced for "w", RID "lo" for "v". */
static const struct media_desc bundle = {
	.sender = "caller",
	.lines_n = 3,
	.line = {{"audio", "a", 20}, {"video", "v", 0}, {"video", "w", 0}},
	.n = 3,
	.pt = {{"opus", "", 48000, OPUS, 1},
	       {"VP8", "", 90000, VP8, 2 | 4},
	       {"H264", "", 90000, H264, 4}},
	.ssrcs_n = 1,
	.ssrc = {{0x31, 0, 2}},
	.rids_n = 1,
	.rid = {{"lo", 1}},
	.ext = {.id = {[RTP_HDREXT_MID] = 1,
		       [RTP_HDREXT_RID] = 2,
		       [RTP_HDREXT_AUDIO_LEVEL] = 3,
		       [RTP_HDREXT_TWCC] = 4}},
};

static const struct {
	const char *name, *ext; /* of its first packet */
	uint32_t ssrc;
	uint8_t pt;
	const char *media, *mid, *rid, *codec;
} rows[] = {
	{"a payload type of its own", "", 1, OPUS, "audio", "a", NULL, "opus"},
	{"likewise, of the last line", "", 1, H264, "video", "w", NULL, "H264"},
	{"a shared payload type", "", 1, VP8, "video", NULL, NULL, "VP8"},
	{"MID", "10 76", 1, VP8, "video", "v", NULL, "VP8"},
	{"MID before payload type", "10 61", 1, H264, "audio", "a", NULL,
	 "H264"},
	{"MID before SSRC", "10 76", 0x31, VP8, "video", "v", NULL, "VP8"},
	{"MID that nobody announced", "10 78", 1, VP8, "video", "x", NULL,
	 "VP8"},
	{"SSRC", "", 0x31, VP8, "video", "w", NULL, "VP8"},
	{"RID", "21 6c6f", 1, VP8, "video", "v", "lo", "VP8"},
	{"RID that nobody announced", "21 6869", 1, VP8, "video", NULL, "hi",
	 "VP8"},
	{"MID and RID", "10 77 21 6c6f", 1, VP8, "video", "w", "lo", "VP8"},
	{"unknown payload type", "10 61", 1, 120, "audio", "a", NULL, NULL},
	{"nothing is known", "", 1, 120, "unknown", NULL, NULL, NULL},
};

static void assert_text(struct slice got, const char *want)
{
	if (want)
		ck_assert(slice_eq(got, slice_str(want)));
	else
		ck_assert_ptr_null(got.p);
}

/* late: the description comes after the packets. */
static void feed_one(struct feed *f, int row, bool late)
{
	struct hex ext;
	struct feed_rtp r = {.ssrc = rows[row].ssrc, .pt = rows[row].pt};

	feed_begin_web(f);
	if (!late)
		media_flow_describe(f->flow, 0, &bundle);
	r.ext = hex(&ext, rows[row].ext);
	feed_rtp(f, &r);
	r.ext.len = 0;
	r.seq = 1;
	feed_rtp(f, &r);
	if (late)
		media_flow_describe(f->flow, 0, &bundle);
	feed_close(f);
}

START_TEST(lines)
{
	const struct cdr_stream *s;
	struct feed f;

	feed_one(&f, _i, false);
	s = feed_stream(&f, rows[_i].ssrc);
	ck_assert_str_eq(s->media, rows[_i].media);
	assert_text(s->mid, rows[_i].mid);
	assert_text(s->rid, rows[_i].rid);
	assert_text(s->codec, rows[_i].codec);
	ck_assert_str_eq(s->sender, "caller");
	feed_end(&f);
}
END_TEST

/* Extensions of earlier packets are gone; SSRC and payload type are not. */
START_TEST(described_late)
{
	const struct cdr_stream *s;
	struct feed f;

	feed_one(&f, _i, true);
	s = feed_stream(&f, rows[_i].ssrc);
	assert_text(s->codec, rows[_i].codec);
	if (!rows[_i].ext[0]) {
		assert_text(s->mid, rows[_i].mid);
		ck_assert_str_eq(s->media, rows[_i].media);
	}
	feed_end(&f);
}
END_TEST

/* An SSRC that moves to another m-line. */
START_TEST(mid_changes)
{
	struct feed_rtp r = {.pt = VP8, .ext = SLICE("\x10v")};
	const struct cdr_stream *s;
	struct feed f;

	feed_begin_web(&f);
	media_flow_describe(f.flow, 0, &bundle);
	feed_rtp(&f, &r);
	r.seq = 1;
	r.ext = SLICE("\x10w");
	feed_rtp(&f, &r);
	s = feed_close(&f);
	assert_text(s->mid, "w");
	feed_end(&f);
}
END_TEST

/* The same number may mean different codecs on different lines (it should
 * not, RFC 9143, 9.1). */
START_TEST(one_number_two_codecs)
{
	struct feed_rtp r = {.pt = 96};
	struct media_desc d = bundle;
	struct feed f;

	d.n = 2;
	d.pt[0] = (struct media_pt){"opus", "", 48000, 96, 1};
	d.pt[1] = (struct media_pt){"VP8", "", 90000, 96, 2};
	feed_begin_web(&f);
	media_flow_describe(f.flow, 0, &d);
	r.ssrc = 1;
	r.ext = SLICE("\x10"
		      "a");
	feed_rtp(&f, &r);
	r.ssrc = 2;
	r.ext = SLICE("\x10"
		      "v");
	feed_rtp(&f, &r);
	feed_close(&f);
	assert_text(feed_stream(&f, 1)->codec, "opus");
	assert_text(feed_stream(&f, 2)->codec, "VP8");
	feed_end(&f);
}
END_TEST

/* --- header extensions ---------------------------------------------------- */

/* Levels 20 with voice, 40 without, and a copy of the last. */
START_TEST(audio_level)
{
	struct feed_rtp r = {.pt = OPUS, .ext = SLICE("\x30\x94")};
	const struct cdr_stream *s;
	struct feed f;

	feed_begin_web(&f);
	media_flow_describe(f.flow, 0, &bundle);
	feed_rtp(&f, &r);
	r.seq = 1;
	r.ext = SLICE("\x30\x28");
	feed_rtp(&f, &r);
	feed_rtp(&f, &r);
	s = feed_close(&f);
	ck_assert(s->has_audio_level);
	NEAR(s->audio_level.mean, -30, 1e-9);
	NEAR(s->audio_level.max, -20, 1e-9);
	NEAR(s->audio_level.voice_pct, 50, 1e-9);
	feed_end(&f);
}
END_TEST

static const struct {
	const char *name, *srtp;
	uint32_t encrypted;
	bool there;
} clear[] = {
	{"plain", NULL, 0, true},
	{"under SRTP", "unknown", 0, true},
	{"hidden by RFC 6904", "unknown", 1u << RTP_HDREXT_AUDIO_LEVEL, false},
	{"another hidden", "unknown", 1u << RTP_HDREXT_MID, true},
};

START_TEST(clear_or_not)
{
	struct feed_rtp r = {.pt = OPUS, .ext = SLICE("\x30\x94")};
	struct media_desc d = bundle;
	struct feed f;

	d.srtp = clear[_i].srtp;
	d.ext.encrypted = clear[_i].encrypted;
	feed_begin_web(&f);
	media_flow_describe(f.flow, 0, &d);
	feed_rtp(&f, &r);
	ck_assert_int_eq(feed_close(&f)->has_audio_level, clear[_i].there);
	feed_end(&f);
}
END_TEST

/* Numbers 100 to 199 over two streams; five are missing, of which two are the
 * audio's own losses. A copy of a packet is no number more. */
START_TEST(transport_wide)
{
	struct feed f;

	feed_begin_web(&f);
	media_flow_describe(f.flow, 0, &bundle);
	for (uint32_t i = 0; i < 100; i++) {
		uint8_t ext[] = {0x41, 0, (uint8_t)(100 + i)};
		struct feed_rtp r = {.at_ns = i * 5 * FEED_MS,
				     .ssrc = 1 + i % 2,
				     .pt = i % 2 ? VP8 : OPUS,
				     .seq = (uint16_t)(i / 2),
				     .ext = {ext, sizeof(ext)}};

		if (i == 10 || i == 20 || i == 31 || i == 33 || i == 51)
			continue;
		feed_rtp(&f, &r);
		if (i == 60)
			feed_rtp(&f, &r);
	}
	feed_close(&f);
	ck_assert_uint_eq(feed_stream(&f, 1)->lost, 2);
	ck_assert_uint_eq(feed_stream(&f, 2)->lost, 3);
	for (uint32_t i = 1; i <= 2; i++) {
		ck_assert_uint_eq(feed_stream(&f, i)->transport_lost, 5);
		ck_assert_uint_eq(feed_stream(&f, i)->transport_expected, 100);
	}
	feed_end(&f);
}
END_TEST

START_TEST(no_transport_numbers)
{
	struct feed_rtp r = {.pt = OPUS};
	const struct cdr_stream *s;
	struct feed f;

	feed_begin_web(&f);
	media_flow_describe(f.flow, 0, &bundle);
	feed_rtp(&f, &r);
	s = feed_close(&f);
	ck_assert_uint_eq(s->transport_lost, UINT64_MAX);
	ck_assert_uint_eq(s->transport_expected, UINT64_MAX);
	ck_assert(!s->has_audio_level);
	feed_end(&f);
}
END_TEST

/* --- descriptions --------------------------------------------------------- */

/* Longer names are cut, and found by that. More than there is room for is
 * left out. */
START_TEST(limits_of_a_description)
{
	static const char longer[] = "a-name-of-an-m-line-that-is-too-long";
	struct media_desc d = {
		.lines_n = 200, .n = 200, .ssrcs_n = 200, .rids_n = 200};
	struct desc *copy;

	snprintf(d.line[15].mid, sizeof(d.line[15].mid), "%.*s", MEDIA_MID - 1,
		 longer);
	d.ssrc[63] = (struct media_ssrc){7, 8, 15};
	copy = desc_new(&d);
	ck_assert_uint_eq(copy->lines_n, MEDIA_DESC_LINES);
	ck_assert_uint_eq(copy->n, MEDIA_DESC_PTS);
	ck_assert_int_eq(desc_line_of_mid(copy, slice_str(longer)), 15);
	ck_assert_int_eq(desc_line_of_mid(copy, SLICE("none")), -1);
	ck_assert_uint_eq(desc_ssrc(copy, 7)->repairs, 8);
	ck_assert_ptr_null(desc_ssrc(copy, 9));
	free(copy);
}
END_TEST

/* What a plain call describes needs no more than before. */
START_TEST(plain_and_rich)
{
	struct media_desc d = {.lines_n = 1,
			       .line = {{.media = "audio"}},
			       .n = 1,
			       .pt = {{"PCMA", "", 8000, 8, 0}}};
	struct desc *copy = desc_new(&d);

	ck_assert(!copy->rich);
	free(copy);
	snprintf(d.pt[0].codec, sizeof(d.pt[0].codec), "%s", "red");
	copy = desc_new(&d);
	ck_assert(copy->rich);
	free(copy);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("bundle");
	TCase *t = tcase_create("bundle");

	tcase_add_loop_test(t, lines, 0, ROWS(rows));
	tcase_add_loop_test(t, described_late, 0, ROWS(rows));
	tcase_add_test(t, mid_changes);
	tcase_add_test(t, one_number_two_codecs);
	tcase_add_test(t, audio_level);
	tcase_add_loop_test(t, clear_or_not, 0, ROWS(clear));
	tcase_add_test(t, transport_wide);
	tcase_add_test(t, no_transport_numbers);
	tcase_add_test(t, limits_of_a_description);
	tcase_add_test(t, plain_and_rich);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
