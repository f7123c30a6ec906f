/*
 * Media that nobody described: clock, video and Opus from what is seen, only
 * where that was asked for.
 */
#include <check.h>
#include <stdlib.h>

#include "tests/media_feed.h"
#include "tests/run_suite.h"

#define ROWS(a)		((int)(sizeof(a) / sizeof((a)[0])))
#define NEAR(a, b, tol) ck_assert_double_eq_tol(a, b, tol)

/* Packets every us microseconds, timestamps by step, jitter up to ms; of
 * video, so many packets have one timestamp. */
struct made {
	const char *name;
	unsigned us, step, burst, bytes, jitter_ms, packets;
	uint8_t pt;
};

static const struct {
	struct made made;
	uint32_t clock; /* CDR_NO_U32: not guessed */
	const char *codec, *media, *scale;
} rows[] = {
	{{"opus 20 ms", 20000, 960, 1, 90, 30, 200, 111},
	 48000,
	 "opus",
	 "audio",
	 "FB"},
	{{"opus 60 ms", 60000, 2880, 1, 200, 30, 100, 111},
	 48000,
	 "opus",
	 "audio",
	 "FB"},
	{{"opus 10 ms", 10000, 480, 1, 60, 5, 200, 111},
	 48000,
	 "opus",
	 "audio",
	 "FB"},
	{{"48 kHz, large", 20000, 960, 1, 1000, 5, 200, 111},
	 48000,
	 NULL,
	 "audio",
	 NULL},
	{{"48 kHz, another step", 21333, 1024, 1, 90, 5, 200, 111},
	 48000,
	 NULL,
	 "audio",
	 NULL},
	{{"16 kHz", 20000, 320, 1, 60, 30, 200, 100},
	 16000,
	 NULL,
	 "audio",
	 NULL},
	{{"8 kHz", 20000, 160, 1, 160, 30, 200, 100},
	 8000,
	 NULL,
	 "audio",
	 NULL},
	{{"video, one packet a frame", 33333, 3000, 1, 900, 30, 100, 96},
	 90000,
	 NULL,
	 "video",
	 NULL},
	{{"video", 33333, 3000, 5, 1100, 30, 300, 96},
	 90000,
	 NULL,
	 "video",
	 NULL},
	{{"video, low rate", 200000, 18000, 2, 1100, 30, 40, 45},
	 90000,
	 NULL,
	 "video",
	 NULL},
	{{"a clock of no codec", 20000, 640, 1, 90, 5, 200, 111},
	 CDR_NO_U32,
	 NULL,
	 "unknown",
	 NULL},
	{{"timestamps stand still for seconds", 20000, 3, 1, 90, 0, 200, 111},
	 CDR_NO_U32,
	 NULL,
	 "unknown",
	 NULL},
	{{"timestamps run backwards", 20000, -960u, 1, 90, 0, 200, 111},
	 CDR_NO_U32,
	 NULL,
	 "unknown",
	 NULL},
	{{"too few", 20000, 960, 1, 90, 5, 12, 111},
	 CDR_NO_U32,
	 NULL,
	 "unknown",
	 NULL},
	{{"few, but enough", 20000, 960, 1, 90, 5, 30, 111},
	 48000,
	 "opus",
	 "audio",
	 "FB"},
	{{"a static payload type", 20000, 160, 1, 160, 5, 200, 0},
	 8000,
	 "PCMU",
	 "audio",
	 "NB"},
};

static void make(struct feed *f, const struct made *m, uint32_t from,
		 uint32_t to)
{
	static const uint8_t bytes[1100] = {0xff, 0xff};

	for (uint32_t i = from; i < to; i++) {
		uint64_t late_ns =
			m->jitter_ms
				? (uint64_t)random() % (m->jitter_ms * FEED_MS)
				: 0;
		struct feed_rtp r = {
			.at_ns =
				i / m->burst * (uint64_t)m->us * 1000 + late_ns,
			.ts = 7000 + i / m->burst * m->step,
			.seq = (uint16_t)i,
			.pt = m->pt,
			.payload = {bytes, m->bytes}};

		feed_rtp(f, &r);
	}
}

static void begin(struct feed *f, bool guess)
{
	struct media_desc d = {
		.sender = "a", .srtp = "unknown", .guess = guess};

	srandom(1);
	feed_begin_web(f);
	media_flow_describe(f->flow, 0, &d);
}

START_TEST(guesses)
{
	const struct cdr_stream *s;
	struct feed f;

	begin(&f, true);
	make(&f, &rows[_i].made, 0, rows[_i].made.packets);
	s = feed_close(&f);
	ck_assert_uint_eq(s->clock_rate, rows[_i].clock);
	ck_assert_str_eq(s->media, rows[_i].media);
	if (rows[_i].codec)
		ck_assert(slice_eq(s->codec, slice_str(rows[_i].codec)));
	else
		ck_assert_ptr_null(s->codec.p);
	if (rows[_i].scale)
		ck_assert_str_eq(s->mos.scale, rows[_i].scale);
	else
		ck_assert(isnan(s->mos.f1));
	ck_assert_int_eq(s->codec_guessed,
			 rows[_i].clock != CDR_NO_U32 && rows[_i].made.pt > 34);
	ck_assert_int_eq(isnan(s->jitter_ms.max), rows[_i].clock == CDR_NO_U32);
	if (s->codec_guessed && rows[_i].codec)
		ck_assert(s->mos.assumed);
	feed_end(&f);
}
END_TEST

/* Nothing is guessed where nobody asked for it. */
START_TEST(bare_sessions)
{
	const struct cdr_stream *s;
	struct feed f;

	begin(&f, false);
	make(&f, &rows[_i].made, 0, rows[_i].made.packets);
	s = feed_close(&f);
	ck_assert(!s->codec_guessed);
	if (rows[_i].made.pt) {
		ck_assert_uint_eq(s->clock_rate, CDR_NO_U32);
		ck_assert_str_eq(s->media, "unknown");
		ck_assert(!s->has_video);
	}
	feed_end(&f);
}
END_TEST

/* Jitter and frames count from the first packet, not from the guess. */
START_TEST(all_packets_count)
{
	static const struct made video = {"", 40000, 3600, 2, 900, 0, 300, 96};
	const struct cdr_stream *s;
	struct feed f;

	begin(&f, true);
	make(&f, &video, 0, 300);
	s = feed_close(&f);
	ck_assert(s->has_video);
	ck_assert_uint_eq(s->video.frames, 150);
	NEAR(s->video.fps, 25, 1e-6);
	ck_assert_uint_eq(s->video.keyframes, UINT64_MAX);
	feed_end(&f);
}
END_TEST

/* A payload type that comes later follows the stream's clock. */
START_TEST(later_payload_type)
{
	struct made m = {"", 20000, 960, 1, 90, 0, 200, 111};
	const struct cdr_stream *s;
	struct feed f;

	begin(&f, true);
	make(&f, &m, 0, 100);
	m.pt = 63;
	make(&f, &m, 100, 120);
	s = feed_close(&f);
	ck_assert_uint_eq(s->codecs_n, 2);
	ck_assert_uint_eq(s->codecs[1].clock_rate, 48000);
	ck_assert_ptr_null(s->codecs[1].codec.p);
	NEAR(s->jitter_ms.max, 0, 1e-6);
	ck_assert(slice_eq(s->codec, SLICE("opus")));
	feed_end(&f);
}
END_TEST

/* Signalling that comes after all is right, also where the guess was not. */
START_TEST(described_after_all)
{
	static const struct made m = {"", 20000, 960, 1, 90, 0, 200, 111};
	struct media_desc d = {.lines_n = 1,
			       .line = {{"audio", "0", 20}},
			       .n = 1,
			       .pt = {{"L24", "", 48000, 111, 1}}};
	const struct cdr_stream *s;
	struct feed f;

	begin(&f, true);
	make(&f, &m, 0, 100);
	media_flow_describe(f.flow, 0, &d);
	make(&f, &m, 100, 200);
	s = feed_close(&f);
	ck_assert(!s->codec_guessed);
	ck_assert(slice_eq(s->codec, SLICE("L24")));
	ck_assert(isnan(s->mos.f1));
	ck_assert_uint_eq(s->lost, 0);
	NEAR(s->jitter_ms.max, 0, 1e-6);
	feed_end(&f);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("stream_guess");
	TCase *t = tcase_create("stream_guess");

	tcase_add_loop_test(t, guesses, 0, ROWS(rows));
	tcase_add_loop_test(t, bare_sessions, 0, ROWS(rows));
	tcase_add_test(t, all_packets_count);
	tcase_add_test(t, later_payload_type);
	tcase_add_test(t, described_after_all);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
