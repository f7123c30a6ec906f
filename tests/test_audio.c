/*
 * Decoders: known values, and a tone of 440 Hz through the codecs whose
 * libraries encode, too.
 */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#ifdef HAVE_AUDIO
#include <gsm.h>
#include <opus.h>
#endif
#ifdef HAVE_BCG729
#include <bcg729/encoder.h>
#endif

#include "sniffer/media/audio.h"
#include "tests/run_suite.h"

static struct audio_decoder decoder;
static int16_t out[AUDIO_SAMPLES];

static void start(const char *name)
{
	const struct audio_codec *c = audio_codec_find(slice_str(name));

	ck_assert_ptr_nonnull(c);
	ck_assert_int_eq(audio_open(&decoder, c), 0);
}

static void teardown(void)
{
	audio_close(&decoder);
}

static const struct {
	const char *codec;
	uint8_t byte;
	int16_t sample;
} bytes[] = {
	{"PCMU", 0xff, 0},     {"PCMU", 0x7f, 0},     {"PCMU", 0x00, -32124},
	{"PCMU", 0x80, 32124}, {"PCMU", 0xfe, 8},     {"PCMU", 0x7e, -8},
	{"PCMU", 0xef, 132},   {"PCMU", 0x9a, 10876}, {"PCMA", 0xd5, 8},
	{"PCMA", 0x55, -8},    {"PCMA", 0xaa, 32256}, {"PCMA", 0x2a, -32256},
	{"PCMA", 0xc5, 264},   {"PCMA", 0xd4, 24},    {"PCMA", 0xf5, 528},
	{"pcma", 0x80, 5504},
};

START_TEST(g711_values)
{
	start(bytes[_i].codec);
	ck_assert_uint_eq(
		audio_decode(&decoder, slice_of(&bytes[_i].byte, 1), out), 1);
	ck_assert_int_eq(out[0], bytes[_i].sample);
}
END_TEST

/* What the table is made by: values grow with the code, both signs alike. */
START_TEST(g711_is_odd_and_grows)
{
	for (unsigned law = 0; law < 2; law++) {
		unsigned turn = law ? 0x55 : 0xff;
		int before = -1;

		start(law ? "PCMA" : "PCMU");
		for (unsigned i = 0; i < 128; i++) {
			uint8_t pair[2] = {(uint8_t)((i | 0x80) ^ turn),
					   (uint8_t)(i ^ turn)};

			audio_decode(&decoder, slice_of(pair, 2), out);
			ck_assert_int_eq(out[0], -out[1]);
			ck_assert_int_gt(abs(out[0]), before);
			before = abs(out[0]);
		}
		audio_close(&decoder);
	}
}
END_TEST

/* FNV-1a over the samples, lower byte first. */
static uint32_t digest(size_t n)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < n; i++) {
		h = (h ^ ((uint16_t)out[i] & 255)) * 16777619u;
		h = (h ^ (uint16_t)out[i] >> 8) * 16777619u;
	}
	return h;
}

/* Two tones, as encoded and decoded by another implementation (spandsp
 * 0.0.6). */
START_TEST(g722_as_others)
{
	static const uint8_t in[160] = {
		0xfa, 0x9b, 0x30, 0x94, 0x24, 0x8f, 0xa0, 0xa0, 0xe0, 0xe0,
		0xe0, 0xe9, 0x6f, 0xf5, 0xff, 0xd9, 0xd4, 0xd1, 0xd1, 0xd2,
		0xd4, 0xd6, 0xdb, 0xfd, 0xf7, 0xf4, 0xf0, 0xef, 0xf0, 0x71,
		0xb4, 0xb8, 0xbd, 0x9d, 0xd8, 0xd4, 0xd3, 0xd4, 0xd5, 0x98,
		0xdb, 0xff, 0xb9, 0xf5, 0xf1, 0xf0, 0xf0, 0x70, 0xf3, 0xb8,
		0xbc, 0xde, 0x99, 0x16, 0x94, 0x14, 0x8e, 0xbd, 0x17, 0xbf,
		0x38, 0xbc, 0xaf, 0x34, 0xb0, 0x2e, 0xb9, 0xb2, 0x3f, 0x9e,
		0x3f, 0x52, 0x9a, 0x13, 0x95, 0x1a, 0x54, 0xbf, 0x1f, 0xba,
		0x6f, 0x7b, 0xad, 0x31, 0xf5, 0xee, 0x5e, 0xb7, 0x5d, 0xd5,
		0xde, 0x11, 0xd7, 0x19, 0xd2, 0xfa, 0x57, 0xb6, 0x76, 0x7c,
		0xeb, 0x3a, 0xb1, 0x70, 0x7c, 0xf1, 0x1b, 0xde, 0x5e, 0x51,
		0x9c, 0x11, 0xd6, 0x7f, 0x54, 0xf7, 0x1f, 0xf6, 0x6d, 0x39,
		0xac, 0x73, 0xfd, 0x6f, 0x57, 0xb7, 0x18, 0xd3, 0xfd, 0x11,
		0xda, 0x5b, 0xd8, 0xf9, 0x5c, 0xb5, 0x32, 0x79, 0xea, 0x3d,
		0xf0, 0x72, 0xda, 0xf3, 0x15, 0x9a, 0x5d, 0x50, 0x9d, 0x53,
		0xde, 0x7c, 0xd9, 0xb2, 0x3d, 0xf4, 0x6b, 0x5d, 0xad, 0x77,
	};

	start("G722");
	ck_assert_uint_eq(audio_decode(&decoder, slice_of(in, 80), out), 160);
	ck_assert_uint_eq(digest(160), 0xace5377bu);
	ck_assert_uint_eq(audio_decode(&decoder, slice_of(in + 80, 80), out),
			  160);
	ck_assert_uint_eq(digest(160), 0x805f0d1au);
}
END_TEST

START_TEST(too_long_is_cut)
{
	static uint8_t in[AUDIO_SAMPLES + 10];

	start(_i ? "G722" : "PCMU");
	ck_assert_uint_eq(audio_decode(&decoder, slice_of(in, sizeof(in)), out),
			  AUDIO_SAMPLES);
}
END_TEST

#if defined(HAVE_AUDIO) || defined(HAVE_BCG729)
static void make_tone(int16_t *v, size_t n, double rate)
{
	for (size_t i = 0; i < n; i++)
		v[i] = (int16_t)(8000 * sin(2 * M_PI * 440 * (double)i / rate));
}

/* Passages through zero, and loudness, of the second half. */
static void expect_tone(size_t n, double rate)
{
	size_t from = n / 2, crossings = 0;
	double sum = 0, hz;

	for (size_t i = from; i < n; i++) {
		sum += (double)out[i] * out[i];
		if (i > from && (out[i] < 0) != (out[i - 1] < 0))
			crossings++;
	}
	hz = (double)crossings / 2 * rate / (double)(n - from);
	ck_assert_double_eq_tol(hz, 440, 15);
	ck_assert_double_eq_tol(sqrt(sum / (double)(n - from)), 5657, 900);
}

#endif

#ifdef HAVE_AUDIO
START_TEST(gsm_tone)
{
	static int16_t in[1600];
	gsm_byte frame[10 * 33];
	gsm g = gsm_create();

	make_tone(in, 1600, 8000);
	for (size_t i = 0; i < 10; i++)
		gsm_encode(g, in + i * 160, frame + i * 33);
	gsm_destroy(g);
	start("GSM");
	ck_assert_uint_eq(
		audio_decode(&decoder, slice_of(frame, sizeof(frame)), out),
		1600);
	expect_tone(1600, 8000);
	ck_assert_uint_eq(audio_decode(&decoder, slice_of(frame, 32), out), 0);
}
END_TEST

/* Ten packets of 20 ms; two channels become one. */
START_TEST(opus_tone)
{
	static int16_t mono[9600], in[19200];
	int channels = _i + 1, err;
	OpusEncoder *e = opus_encoder_create(48000, channels,
					     OPUS_APPLICATION_AUDIO, &err);
	uint8_t packet[1500];
	size_t n = 0;

	make_tone(mono, 9600, 48000);
	for (size_t i = 0; i < 9600 * (size_t)channels; i++)
		in[i] = mono[i / (size_t)channels];
	start("OPUS");
	for (size_t i = 0; i < 10; i++) {
		int len = opus_encode(e, in + i * 960 * (size_t)channels, 960,
				      packet, sizeof(packet));
		static int16_t part[AUDIO_SAMPLES];
		size_t got = audio_decode(&decoder,
					  slice_of(packet, (size_t)len), part);

		ck_assert_uint_eq(got, 960);
		memcpy(out + n, part, got * sizeof(*part));
		n += got;
	}
	opus_encoder_destroy(e);
	expect_tone(n, 48000);
	ck_assert_uint_eq(audio_decode(&decoder, SLICE("\xff\xff\xff"), out),
			  0);
}
END_TEST
#endif

#ifdef HAVE_BCG729
/* 200 ms in one payload, and comfort noise behind it. */
START_TEST(g729_tone)
{
	static int16_t in[1600];
	uint8_t payload[20 * 10 + 2] = {0}, len;
	bcg729EncoderChannelContextStruct *e = initBcg729EncoderChannel(0);

	make_tone(in, 1600, 8000);
	for (size_t i = 0; i < 20; i++) {
		bcg729Encoder(e, in + i * 80, payload + i * 10, &len);
		ck_assert_uint_eq(len, 10);
	}
	closeBcg729EncoderChannel(e);
	start("G729");
	ck_assert_uint_eq(audio_decode(&decoder, slice_of(payload, 202), out),
			  1680);
	expect_tone(1600, 8000);
}
END_TEST
#endif

START_TEST(names)
{
	ck_assert_ptr_null(audio_codec_find(SLICE("AMR")));
	ck_assert_ptr_null(audio_codec_find(SLICE("")));
	ck_assert_uint_eq(audio_codec_find(SLICE("g722"))->rate, 16000);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("audio");
	TCase *t = tcase_create("audio");

	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_loop_test(t, g711_values, 0,
			    sizeof(bytes) / sizeof(bytes[0]));
	tcase_add_test(t, g711_is_odd_and_grows);
	tcase_add_test(t, g722_as_others);
	tcase_add_loop_test(t, too_long_is_cut, 0, 2);
#ifdef HAVE_AUDIO
	tcase_add_test(t, gsm_tone);
	tcase_add_loop_test(t, opus_tone, 0, 2);
#endif
#ifdef HAVE_BCG729
	tcase_add_test(t, g729_tone);
#endif
	tcase_add_test(t, names);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
