/*
 * Sound out of RTP payloads: where each lies in time, and the WAV file.
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "sniffer/export/voice.h"
#include "tests/run_suite.h"

#define MS    1000000ull
#define BEGIN (1000 * 1000 * MS)
#define LOUD  0x00 /* PCMU: -32124 */
#define SOFT  0xef /* PCMU: 132 */

static struct arena *mem;
static struct heard heard;
static struct out out;
static struct wav *wav;
static struct voice voice;
static char dir[] = "/tmp/callscope-voice-XXXXXX";
static char path[64], why[EXPORT_WHY];

static struct cdr_codec rows[] = {
	{.payload_type = 0, .codec = SLICE_INIT("PCMU"), .clock_rate = 8000},
	{.payload_type = 9, .codec = SLICE_INIT("G722"), .clock_rate = 8000},
	{.payload_type = 13, .codec = SLICE_INIT("CN"), .clock_rate = 8000},
	{.payload_type = 63, .codec = SLICE_INIT("red"), .clock_rate = 8000},
	{.payload_type = 96, .codec = SLICE_INIT("AMR"), .clock_rate = 8000},
	{.payload_type = 101,
	 .codec = SLICE_INIT("telephone-event"),
	 .clock_rate = 8000},
};
static const struct cdr_stream stream = {
	.codecs = rows, .codecs_n = sizeof(rows) / sizeof(rows[0])};

static void open_wav(uint32_t rate)
{
	ck_assert_msg(!out_open(&out, path, true, true, why), "%s", why);
	ck_assert_int_eq(wav_open(&wav, &out, rate), 0);
	voice = (struct voice){
		.wav = wav, .rate = rate, .start_ns = BEGIN, .channel = 0};
}

static void setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/a.wav", dir);
	mem = arena_new(4096, 0);
	heard = (struct heard){0};
	open_wav(8000);
}

static void teardown(void)
{
	wav_close(wav);
	wav = NULL;
	out_drop(&out);
	arena_free(mem);
	unlink(path);
	ck_assert_int_eq(rmdir(dir), 0);
	snprintf(dir, sizeof(dir), "/tmp/callscope-voice-XXXXXX");
}

static void hear(uint8_t pt, uint64_t ext, uint32_t ts, uint64_t ms,
		 struct slice data)
{
	struct heard_payload *p = arena_alloc(mem, sizeof(*p) + data.len);

	ck_assert_ptr_nonnull(p);
	p->pt = pt;
	p->ext = ext;
	p->ts = ts;
	p->ts_ns = BEGIN + ms * MS;
	p->len = (uint16_t)data.len;
	memcpy(p->data, data.p, data.len);
	if (heard.n++)
		heard.last->next = p;
	else
		heard.first = p;
	heard.last = p;
}

/* 20 ms of one value. */
static void say(uint64_t ext, uint32_t ts, uint64_t ms, uint8_t value)
{
	uint8_t data[160];

	memset(data, value, sizeof(data));
	hear(0, ext, ts, ms, slice_of(data, sizeof(data)));
}

static void play(void)
{
	ck_assert_int_eq(voice_put(&voice, &stream, &heard), 0);
}

/* A sample of the file as it is so far. */
static int sample(uint64_t at, unsigned channel)
{
	int16_t v[2] = {0};

	ck_assert_int_eq(wav_finish(wav), 0);
	ck_assert_int_eq(pread(out.fd, v, 4, (off_t)(44 + at * 4)), 4);
	return v[channel];
}

static void is(uint64_t ms, int value)
{
	ck_assert_int_eq(sample(ms * voice.rate / 1000, voice.channel), value);
}

START_TEST(in_order)
{
	say(1, 1000, 0, LOUD);
	say(2, 1160, 20, SOFT);
	play();
	ck_assert_uint_eq(wav_frames(wav), 320);
	is(0, -32124);
	is(19, -32124);
	is(20, 132);
	is(39, 132);
	ck_assert_uint_eq(voice.decoded, 2);
}
END_TEST

START_TEST(late_start_is_silence)
{
	say(1, 1000, 500, LOUD);
	play();
	is(0, 0);
	is(499, 0);
	is(500, -32124);
	ck_assert_uint_eq(wav_frames(wav), 520 * 8);
}
END_TEST

START_TEST(loss_is_silence)
{
	say(1, 1000, 0, LOUD);
	say(3, 1320, 40, SOFT);
	play();
	is(19, -32124);
	is(20, 0);
	is(39, 0);
	is(40, 132);
}
END_TEST

/* Arrival is late and out of order; the timestamps count. */
START_TEST(jitter_is_undone)
{
	say(1, 1000, 0, LOUD);
	say(3, 1320, 41, LOUD);
	say(2, 1160, 90, SOFT);
	say(4, 1480, 91, SOFT);
	play();
	is(20, 132);
	is(40, -32124);
	is(60, 132);
	ck_assert_uint_eq(wav_frames(wav), 640);
}
END_TEST

/* Nothing is sent in a pause, and timestamps go on. */
START_TEST(pauses)
{
	say(1, 1000, 0, LOUD);
	hear(13, 2, 1160, 20, SLICE("\x40"));
	say(3, 1000 + 8 * 3000, 3000, SOFT);
	play();
	is(20, 0);
	is(2999, 0);
	is(3000, 132);
}
END_TEST

START_TEST(timestamps_wrap)
{
	say(1, 0xffffffb0u, 0, LOUD);
	say(2, 0x50, 20, SOFT);
	play();
	is(20, 132);
	ck_assert_uint_eq(wav_frames(wav), 320);
}
END_TEST

/* They begin anew at any value, or stand still in a pause. */
START_TEST(timestamps_begin_anew)
{
	say(1, 1000, 0, LOUD);
	say(2, _i ? 900000000 : 1160, 5000, SOFT);
	say(3, _i ? 900000160 : 1320, 5020, LOUD);
	play();
	is(4999, 0);
	is(5000, 132);
	is(5020, -32124);
	ck_assert_uint_eq(wav_frames(wav), 5040 * 8);
}
END_TEST

START_TEST(keys_are_skipped)
{
	say(1, 1000, 0, LOUD);
	hear(101, 2, 1160, 20, SLICE("\x01\x0a\x00\xa0"));
	hear(96, 3, 1320, 40, SLICE("anything"));
	play();
	ck_assert_uint_eq(wav_frames(wav), 160);
	ck_assert_uint_eq(voice.decoded, 1);
}
END_TEST

/* RFC 2198: two older blocks, then the new one. */
START_TEST(red_holds_the_new_one)
{
	uint8_t data[8 + 1 + 3 + 4 + 160] = {0x80, 0x05, 0x00, 3, 0x80,
					     0x02, 0x80, 4,    0};

	memset(data + 16, SOFT, 160);
	hear(63, 1, 1000, 0, slice_of(data, sizeof(data)));
	hear(63, 2, 1160, 20, slice_of(data, 10)); /* cut */
	play();
	is(0, 132);
	ck_assert_uint_eq(wav_frames(wav), 160);
	ck_assert_uint_eq(voice_rate(&stream, &heard), 8000);
}
END_TEST

/* G.722 has the same RTP clock and twice the samples: a file of 16 kHz. */
START_TEST(codecs_change)
{
	uint8_t data[160];

	wav_close(wav);
	out_drop(&out);
	open_wav(16000);
	memset(data, 0xff, sizeof(data));
	say(1, 1000, 0, LOUD);
	hear(9, 2, 1160, 20, slice_of(data, sizeof(data)));
	say(3, 1320, 40, LOUD);
	play();
	ck_assert_uint_eq(voice_rate(&stream, &heard), 16000);
	ck_assert_uint_eq(wav_frames(wav), 960);
	is(0, -32124);
	is(19, -32124);
	ck_assert_int_gt(sample(30 * 16, 0), -2000);
	is(41, -32124);
}
END_TEST

/* To a higher rate: a straight line between two samples. */
START_TEST(rates_are_stretched)
{
	wav_close(wav);
	out_drop(&out);
	open_wav(48000);
	hear(0, 1, 1000, 0, SLICE("\xff\x00"));
	play();
	ck_assert_uint_eq(wav_frames(wav), 12);
	ck_assert_int_eq(sample(5, 0), 0);
	ck_assert_int_eq(sample(6, 0), -5354);
	ck_assert_int_eq(sample(8, 0), -16062);
	ck_assert_int_eq(sample(11, 0), -32124);
}
END_TEST

START_TEST(sides_are_apart)
{
	say(1, 1000, 0, LOUD);
	play();
	voice.channel = 1;
	heard = (struct heard){0};
	say(1, 7000, 10, SOFT);
	play();
	ck_assert_int_eq(sample(0, 1), 0);
	ck_assert_int_eq(sample(80, 0), -32124);
	ck_assert_int_eq(sample(80, 1), 132);
	ck_assert_int_eq(sample(200, 0), 0);
	ck_assert_uint_eq(wav_frames(wav), 240);
}
END_TEST

/* --- the file ------------------------------------------------------------- */

START_TEST(header)
{
	static const uint8_t wanted[44] = {
		'R', 'I', 'F',	'F',  0x2c, 0,	 0,   0,    'W', 'A', 'V',
		'E', 'f', 'm',	't',  ' ',  16,	 0,   0,    0,	 1,   0,
		2,   0,	  0x40, 0x1f, 0,    0,	 0,   0x7d, 0,	 0,   4,
		0,   16,  0,	'd',  'a',  't', 'a', 8,    0,	 0,   0};
	static const int16_t two[] = {1, -2};
	uint8_t got[52];

	ck_assert_int_eq(wav_add(wav, 0, 1, two, 2), 0);
	ck_assert_int_eq(wav_finish(wav), 0);
	ck_assert_int_eq(pread(out.fd, got, sizeof(got), 0), 52);
	ck_assert_mem_eq(got, wanted, 44);
	ck_assert_mem_eq(got + 44, "\0\0\1\0\0\0\xfe\xff", 8);
}
END_TEST

/* Windows are left and come back to; sums do not wrap. */
START_TEST(any_order)
{
	static const int16_t v[] = {30000, -30000};

	for (unsigned i = 0; i < 2; i++) {
		ck_assert_int_eq(wav_add(wav, 65535, 0, v, 2), 0);
		ck_assert_int_eq(wav_add(wav, 1000000, 0, v, 2), 0);
		ck_assert_int_eq(wav_add(wav, 10, 0, v, 2), 0);
	}
	ck_assert_int_eq(sample(65535, 0), 32767);
	ck_assert_int_eq(sample(65536, 0), -32768);
	ck_assert_int_eq(sample(1000000, 0), 32767);
	ck_assert_int_eq(sample(11, 0), -32768);
	ck_assert_int_eq(sample(500000, 0), 0);
	ck_assert_uint_eq(wav_frames(wav), 1000002);
}
END_TEST

START_TEST(no_longer_than_its_header_can_tell)
{
	static const int16_t v[] = {1, 2};

	ck_assert_int_eq(wav_add(wav, WAV_FRAMES_MAX - 1ull, 0, v, 2), 0);
	ck_assert_int_eq(wav_add(wav, 1ull << 40, 0, v, 2), 0);
	ck_assert_uint_eq(wav_left_out(wav), 3);
	ck_assert_uint_eq(wav_frames(wav), WAV_FRAMES_MAX);
}
END_TEST

START_TEST(nothing_is_overwritten_unasked)
{
	struct out other;

	ck_assert_msg(!out_close(&out, why), "%s", why);
	ck_assert_int_eq(access(path, F_OK), 0);
	ck_assert_int_eq(out_open(&other, path, false, false, why), -EEXIST);
	ck_assert_msg(strstr(why, "--force") != NULL, "%s", why);
	ck_assert_int_eq(out_open(&other, dir, true, false, why), -EISDIR);
	ck_assert_int_eq(out_open(&other, "/nowhere/a", false, false, why),
			 -ENOENT);
	/* Somebody is faster. */
	unlink(path);
	ck_assert_int_eq(out_open(&other, path, false, false, why), 0);
	ck_assert_int_eq(out_open(&out, path, true, false, why), 0);
	ck_assert_int_eq(out_close(&out, why), 0);
	ck_assert_int_eq(out_close(&other, why), -EEXIST);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("voice");
	TCase *t = tcase_create("voice");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, in_order);
	tcase_add_test(t, late_start_is_silence);
	tcase_add_test(t, loss_is_silence);
	tcase_add_test(t, jitter_is_undone);
	tcase_add_test(t, pauses);
	tcase_add_test(t, timestamps_wrap);
	tcase_add_loop_test(t, timestamps_begin_anew, 0, 2);
	tcase_add_test(t, keys_are_skipped);
	tcase_add_test(t, red_holds_the_new_one);
	tcase_add_test(t, codecs_change);
	tcase_add_test(t, rates_are_stretched);
	tcase_add_test(t, sides_are_apart);
	tcase_add_test(t, header);
	tcase_add_test(t, any_order);
	tcase_add_test(t, no_longer_than_its_header_can_tell);
	tcase_add_test(t, nothing_is_overwritten_unasked);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
