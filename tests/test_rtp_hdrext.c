/* What RTP header extensions say, the dependency descriptor, single bits. */
#include <check.h>

#include "dissectors/bits.h"
#include "dissectors/rtp_dd.h"
#include "dissectors/rtp_hdrext.h"
#include "tests/hex.h"
#include "tests/prefix.h"
#include "tests/run_suite.h"

#define ROWS(a) ((int)(sizeof(a) / sizeof((a)[0])))

/* --- single bits ---------------------------------------------------------- */

START_TEST(single_bits)
{
	struct bits b = bits_of(SLICE("\xa5\x0f\xff"));

	ck_assert_uint_eq(bits_u(&b, 1), 1);
	ck_assert_uint_eq(bits_u(&b, 3), 2);
	ck_assert_uint_eq(bits_u(&b, 8), 0x50);
	bits_skip(&b, 4);
	ck_assert_uint_eq(bits_u(&b, 8), 0xff);
	ck_assert(!b.bad);
	ck_assert_uint_eq(bits_u(&b, 1), 0);
	ck_assert(b.bad);
}
END_TEST

/* H.264, table 9-2: 1 -> 0, 010 -> 1, 011 -> 2, 00100 -> 3 ... */
START_TEST(golomb_codes)
{
	struct bits b = bits_of(SLICE("\xa6\x42\x98\xe2\x04\x8a"));

	for (uint32_t i = 0; i < 9; i++)
		ck_assert_uint_eq(bits_ue(&b), i);
	ck_assert(!b.bad);
	b = bits_of(SLICE("\xa6\x42\x98\xe2\x04\x8a"));
	ck_assert_int_eq(bits_se(&b), 0);
	ck_assert_int_eq(bits_se(&b), 1);
	ck_assert_int_eq(bits_se(&b), -1);
	ck_assert_int_eq(bits_se(&b), 2);
	b = bits_of(SLICE("\0\0\0\0\1"));
	ck_assert_uint_eq(bits_ue(&b), 0);
	ck_assert(b.bad);
}
END_TEST

START_TEST(emulation_prevention)
{
	struct bits b = bits_of_nal(SLICE("\0\0\3\1\0\0\3"));

	ck_assert_uint_eq(bits_u(&b, 24), 1);
	ck_assert_uint_eq(bits_u(&b, 16), 0);
	bits_u(&b, 8);
	ck_assert(b.bad);
	b = bits_of(SLICE("\0\0\3\1"));
	ck_assert_uint_eq(bits_u(&b, 32), 0x301);
}
END_TEST

/* AV1, 4.10.7: of five values, three take two bits and two take three. */
START_TEST(no_more_bits_than_needed)
{
	/* 00 01 10 110 111 */
	struct bits b = bits_of(SLICE("\x1b\x70"));

	for (uint32_t i = 0; i < 5; i++)
		ck_assert_uint_eq(bits_ns(&b, 5), i);
	ck_assert_uint_eq(bits_ns(&b, 1), 0);
	ck_assert(!b.bad);
}
END_TEST

/* --- header extensions ---------------------------------------------------- */

#define URN "urn:ietf:params:rtp-hdrext:"

static const struct {
	const char *uri;
	enum rtp_hdrext_kind kind;
	bool encrypted;
} uris[] = {
	{URN "sdes:mid", RTP_HDREXT_MID, false},
	{URN "sdes:rtp-stream-id", RTP_HDREXT_RID, false},
	{URN "sdes:repaired-rtp-stream-id", RTP_HDREXT_REPAIRED_RID, false},
	{URN "ssrc-audio-level vad=on", RTP_HDREXT_AUDIO_LEVEL, false},
	{"http://www.ietf.org/id/"
	 "draft-holmer-rmcat-transport-wide-cc-extensions-01",
	 RTP_HDREXT_TWCC, false},
	{"http://www.webrtc.org/experiments/rtp-hdrext/transport-wide-cc-02",
	 RTP_HDREXT_TWCC, false},
	{"http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
	 RTP_HDREXT_ABS_SEND_TIME, false},
	{URN "toffset", RTP_HDREXT_TOFFSET, false},
	{"urn:3gpp:video-orientation", RTP_HDREXT_VIDEO_ORIENTATION, false},
	{"https://aomediacodec.github.io/av1-rtp-spec/"
	 "#dependency-descriptor-rtp-header-extension",
	 RTP_HDREXT_DEPENDENCY_DESCRIPTOR, false},
	{URN "framemarking", RTP_HDREXT_FRAME_MARKING, false},
	{URN "encrypt " URN "sdes:mid", RTP_HDREXT_MID, true},
	{URN "encrypt", RTP_HDREXT_NONE, true},
	{URN "smpte-tc 25@600/24", RTP_HDREXT_NONE, false},
	{"", RTP_HDREXT_NONE, false},
};

START_TEST(known_uris)
{
	bool encrypted = !uris[_i].encrypted;

	ck_assert_int_eq(rtp_hdrext_kind(slice_str(uris[_i].uri), &encrypted),
			 uris[_i].kind);
	ck_assert_int_eq(encrypted, uris[_i].encrypted);
}
END_TEST

static const struct rtp_hdrext_ids ids = {
	.id =
		{
			[RTP_HDREXT_MID] = 1,
			[RTP_HDREXT_RID] = 2,
			[RTP_HDREXT_REPAIRED_RID] = 3,
			[RTP_HDREXT_AUDIO_LEVEL] = 4,
			[RTP_HDREXT_TWCC] = 5,
			[RTP_HDREXT_ABS_SEND_TIME] = 6,
			[RTP_HDREXT_TOFFSET] = 7,
			[RTP_HDREXT_VIDEO_ORIENTATION] = 8,
			[RTP_HDREXT_DEPENDENCY_DESCRIPTOR] = 9,
			[RTP_HDREXT_FRAME_MARKING] = 10,
		},
};

static struct rtp_hdrext read_ext(uint16_t profile, struct slice ext,
				  const struct rtp_hdrext_ids *by, bool open)
{
	struct rtp r = {.ext = ext, .ext_profile = profile};
	struct rtp_hdrext x;

	rtp_hdrext_read(&r, by, open, &x);
	return x;
}

START_TEST(all_values)
{
	struct hex h;
	struct rtp_hdrext x = read_ext(
		0xbede,
		hex(&h, "10 30  21 6869  32 6c6f00  40 b2  51 1234  62 abcdef"
			"72 ffff38  80 0d  92 c10102  a0 e5  b0 00"),
		&ids, true);

	for (int k = RTP_HDREXT_MID; k < RTP_HDREXT_KINDS; k++)
		ck_assert(rtp_hdrext_has(&x, (enum rtp_hdrext_kind)k));
	ck_assert(slice_eq(x.mid, SLICE("0")));
	ck_assert(slice_eq(x.rid, SLICE("hi")));
	ck_assert(slice_eq(x.repaired_rid, SLICE("lo")));
	ck_assert(x.voice);
	ck_assert_uint_eq(x.level, 50);
	ck_assert_uint_eq(x.twcc, 0x1234);
	ck_assert_uint_eq(x.abs_send_time, 0xabcdef);
	ck_assert_int_eq(x.toffset, -200);
	ck_assert_uint_eq(x.rotation, 1);
	ck_assert(x.flip && x.back_camera);
	ck_assert_uint_eq(x.dd.len, 3);
	ck_assert(x.marking.start && x.marking.end && x.marking.independent);
	ck_assert(!x.marking.discardable && !x.marking.base_sync);
	ck_assert_uint_eq(x.marking.temporal, 5);
}
END_TEST

/* Two-byte form; the numbers with a request for feedback (02). */
START_TEST(two_bytes)
{
	struct hex h;
	struct rtp_hdrext x =
		read_ext(0x1000, hex(&h, "05 04 0102 c003  04 01 7f  01 00"),
			 &ids, true);

	ck_assert_uint_eq(x.twcc, 0x0102);
	ck_assert_uint_eq(x.level, 127);
	ck_assert(!x.voice);
	ck_assert(!rtp_hdrext_has(&x, RTP_HDREXT_MID));
}
END_TEST

/* Too short for what they should be, and what nobody negotiated. */
START_TEST(short_and_unknown)
{
	struct hex h;
	struct rtp_hdrext_ids none = {.id = {0}};
	struct slice in = hex(&h, "50 12  61 abcd  70 ff  40 05");

	ck_assert_uint_eq(read_ext(0xbede, in, &ids, true).has,
			  1u << RTP_HDREXT_AUDIO_LEVEL);
	ck_assert_uint_eq(read_ext(0xbede, in, &none, true).has, 0);
	ck_assert_uint_eq(read_ext(0xc0de, in, &ids, true).has, 0);
}
END_TEST

START_TEST(encrypted_elements)
{
	struct rtp_hdrext_ids by = ids;
	struct slice in = SLICE("\x10"
				"0"
				"\x40\x05");

	by.encrypted = 1u << RTP_HDREXT_MID;
	ck_assert_uint_eq(read_ext(0xbede, in, &by, false).has,
			  1u << RTP_HDREXT_AUDIO_LEVEL);
	ck_assert_uint_eq(read_ext(0xbede, in, &by, true).has,
			  1u << RTP_HDREXT_AUDIO_LEVEL | 1u << RTP_HDREXT_MID);
}
END_TEST

/* --- dependency descriptor ------------------------------------------------ */

/*
 * Structures bit by bit (A.8.2):
 *
 * L1T1 with 640x360: flags 10000, offset 000000, targets 00000, layers 00 11
 * (two templates), dtis 10 10, fdiffs 0, 1 0000 0, chains ns(2) 1, one target
 * (ns(1), no bits), chain diffs 0000 0001, resolutions 1 and 639, 359.
 *
 * L2T2: offset 000011, targets 00001, layers 01 10 01 11 (four templates),
 * dtis eight times 10, fdiffs none 4 * 0, chains ns(3) 0, resolutions 0.
 */
static const struct {
	const char *name, *in;
	enum parse want;
	bool start, end, structure;
	uint8_t template, spatial, temporal;
	uint16_t frame, width, height;
} dds[] = {
	{"mandatory only", "80 0102", PARSE_OK, .start = true, .frame = 0x102},
	{"an end", "45 ffff", PARSE_OK, .end = true, .template = 5,
	 .frame = 0xffff},
	{"custom diffs only", "c1 0001 10 00", PARSE_OK, .start = true,
	 .end = true, .template = 1, .frame = 1},
	/* 10000 000 | 000 00000 | 00 11 10 10 | 0 1 0000 0 1 | 0000 0001 |
	 * 1 + 16 + 16 bits */
	{"L1T1 with a size", "80 0001 80 00 3a 41 01 813f80b380", PARSE_OK,
	 .start = true, .structure = true, .frame = 1, .spatial = 1,
	 .temporal = 1, .width = 640, .height = 360},
	/* 10000 000 | 011 00001 | 01 10 01 11 | 8 times 10 | 0000 0 0 00 */
	{"L2T2 without", "80 0002 80 61 67 aaaa 00", PARSE_OK, .start = true,
	 .structure = true, .frame = 2, .spatial = 2, .temporal = 2},
	{"structure cut", "80 0001 80 00 3a 41 01 813f", PARSE_BAD,
	 .start = true, .frame = 1},
	{"five spatial layers", "80 0001 80 00 aa aa aa aa", PARSE_BAD,
	 .start = true, .frame = 1},
	{"two bytes", "80 01", PARSE_BAD, .start = true},
};

START_TEST(descriptors)
{
	struct rtp_dd d;
	struct hex h;

	ck_assert_int_eq(rtp_dd_parse(hex(&h, dds[_i].in), &d), dds[_i].want);
	ck_assert_int_eq(d.start, dds[_i].start);
	ck_assert_int_eq(d.end, dds[_i].end);
	ck_assert_int_eq(d.structure, dds[_i].structure);
	ck_assert_uint_eq(d.template, dds[_i].template);
	ck_assert_uint_eq(d.spatial, dds[_i].spatial);
	ck_assert_uint_eq(d.temporal, dds[_i].temporal);
	ck_assert_uint_eq(d.width, dds[_i].width);
	ck_assert_uint_eq(d.height, dds[_i].height);
	if (dds[_i].frame)
		ck_assert_uint_eq(d.frame, dds[_i].frame);
}
END_TEST

static void any_dd(struct slice in, void *arg)
{
	struct rtp_dd d;

	(void)arg;
	rtp_dd_parse(in, &d);
	ck_assert(d.structure == (d.spatial > 0));
}

START_TEST(every_prefix)
{
	struct hex h;

	prefix_each(hex(&h, dds[_i].in), any_dd, NULL);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("rtp_hdrext");
	TCase *t = tcase_create("rtp_hdrext");

	tcase_add_test(t, single_bits);
	tcase_add_test(t, golomb_codes);
	tcase_add_test(t, emulation_prevention);
	tcase_add_test(t, no_more_bits_than_needed);
	tcase_add_loop_test(t, known_uris, 0, ROWS(uris));
	tcase_add_test(t, all_values);
	tcase_add_test(t, two_bytes);
	tcase_add_test(t, short_and_unknown);
	tcase_add_test(t, encrypted_elements);
	tcase_add_loop_test(t, descriptors, 0, ROWS(dds));
	tcase_add_loop_test(t, every_prefix, 0, ROWS(dds));
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
