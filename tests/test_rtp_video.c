/*
 * Video payloads: where frames begin, key frames, resolution, layers. The
 * longer rows were made by GStreamer 1.22 and FFmpeg 5.1 (libvpx 1.12, x264
 * 164, x265 3.5, libaom 3.6) from a test picture of a size not divisible by
 * 16.
 */
#include <check.h>

#include "dissectors/rtp_video.h"
#include "tests/hex.h"
#include "tests/prefix.h"
#include "tests/run_suite.h"

#define ROWS(a) ((int)(sizeof(a) / sizeof((a)[0])))

#define VP8  RTP_VIDEO_VP8
#define VP9  RTP_VIDEO_VP9
#define H264 RTP_VIDEO_H264
#define H265 RTP_VIDEO_H265
#define AV1  RTP_VIDEO_AV1
#define NONE -1

#define SPS_264 "6742c00dd90150878888ffc0790078c4000003000400000300c83c50a920"
#define SPS_265                                                                \
	"42010101600000030090000003000003003ca00a480f9c9265959a4932bffc0790"   \
	"078da02000000300200000030321"
/* without its header */
#define SEQ_AV1 "200000043d07c4daf92021a004"

static const struct {
	const char *name;
	enum rtp_video_codec codec;
	const char *in;
	enum parse want;
	bool start, key;
	uint16_t width, height;
	int spatial, temporal;
} rows[] = {
	{"vp8 key", VP8, "10 706700 9d012a 4201f200 0047", PARSE_OK, true, true,
	 322, 242, NONE, NONE},
	{"vp8 key, 15 bit picture ID", VP8,
	 "90 80 8853 302100 9d012a 4001f000 0047", PARSE_OK, true, true, 320,
	 240, NONE, NONE},
	{"vp8 inter, all fields", VP8, "90 f0 05 07 8f 312100 aabb", PARSE_OK,
	 true, false, 0, 0, NONE, 2},
	{"vp8 scaled", VP8, "10 706700 9d012a 4241f2c0", PARSE_OK, true, true,
	 322, 242, NONE, NONE},
	{"vp8 goes on", VP8, "00 706700 9d012a 4201f200", PARSE_OK, false,
	 false, 0, 0, NONE, NONE},
	{"vp8 second partition", VP8, "11 706700 9d012a 4201f200", PARSE_OK,
	 false, false, 0, 0, NONE, NONE},
	{"vp8 key index only", VP8, "90 10 1f 312100", PARSE_OK, true, false, 0,
	 0, NONE, NONE},
	{"vp8 no start code", VP8, "10 706700 9d012b 4201f200", PARSE_OK, true,
	 true, 0, 0, NONE, NONE},
	{"vp8 size cut", VP8, "10 706700 9d012a 4201f2", PARSE_OK, true, true,
	 0, 0, NONE, NONE},
	{"vp8 descriptor only", VP8, "10", PARSE_OK, true, false, 0, 0, NONE,
	 NONE},
	{"vp8 descriptor cut", VP8, "90 80 88", PARSE_BAD, false, false, 0, 0,
	 NONE, NONE},

	{"vp9 key with structure", VP9, "8b 0e 18 014000f0 01 0401 b124c1",
	 PARSE_OK, true, true, 320, 240, NONE, NONE},
	{"vp9 key, size in the frame", VP9, "8d 0e 8249834200 14100f160c38",
	 PARSE_OK, true, true, 322, 242, NONE, NONE},
	{"vp9 inter", VP9, "cc 8123 8600", PARSE_OK, true, false, 0, 0, NONE,
	 NONE},
	{"vp9 goes on", VP9, "85 0e 8249834200 14100f160c38", PARSE_OK, false,
	 false, 0, 0, NONE, NONE},
	/* TID 1, SID 0; two layers: 320x180, 640x360; one picture, 2 diffs */
	{"vp9 layers, with structure", VP9,
	 "aa 05 20 77 38 014000b4 02800168 01 08 0102 82", PARSE_OK, true, true,
	 640, 360, 0, 1},
	{"vp9 upper layer of a key picture", VP9, "ac 05 03 77 8600", PARSE_OK,
	 true, false, 0, 0, 1, 0},
	{"vp9 flexible, three diffs", VP9, "fc 05 40 030502 8600", PARSE_OK,
	 true, false, 0, 0, 0, 2},
	{"vp9 structure cut", VP9, "8b 0e 18 014000", PARSE_BAD, false, false,
	 0, 0, NONE, NONE},

	{"h264 single IDR", H264, "65 88 8040", PARSE_OK, true, true, 0, 0,
	 NONE, NONE},
	{"h264 single slice", H264, "41 9a 1234", PARSE_OK, true, false, 0, 0,
	 NONE, NONE},
	{"h264 second slice", H264, "41 5a 1234", PARSE_OK, false, false, 0, 0,
	 NONE, NONE},
	{"h264 SPS", H264, SPS_264, PARSE_OK, false, false, 322, 242, NONE,
	 NONE},
	{"h264 SPS and IDR in one", H264,
	 "78 001e" SPS_264 "0004 68cb8cb2 0004 65888040", PARSE_OK, true, true,
	 322, 242, NONE, NONE},
	{"h264 STAP-B", H264, "79 0001 001e" SPS_264 "0003 658880", PARSE_OK,
	 true, true, 322, 242, NONE, NONE},
	{"h264 first fragment", H264, "7c 85 888040", PARSE_OK, true, true, 0,
	 0, NONE, NONE},
	{"h264 later fragment", H264, "7c 05 888040", PARSE_OK, false, false, 0,
	 0, NONE, NONE},
	{"h264 first fragment with DON", H264, "7d 81 0001 9a40", PARSE_OK,
	 true, false, 0, 0, NONE, NONE},
	{"h264 aggregate cut by the snap length", H264, "78 00ff 6588",
	 PARSE_OK, true, true, 0, 0, NONE, NONE},
	{"h264 interlaced, cropped", H264,
	 "67640028acd94078044fdffe0006000820000003002000000643e2c5b2c0",
	 PARSE_OK, false, false, 1920, 1080, NONE, NONE},
	{"h264 4:2:2", H264,
	 "677a000dbcd94150879a2fff00a400a31000000300100000030320f1429960",
	 PARSE_OK, false, false, 326, 246, NONE, NONE},
	{"h264 4:4:4", H264,
	 "67f4000d90d9640507ec05a8303032000003000200000300791e285490", PARSE_OK,
	 false, false, 320, 240, NONE, NONE},
	/* profile 100, 4:2:0, a list of 16 whose scale goes to 0 at once, poc
	 * type 1 with one offset, 2 x 2 macroblocks: 32x32 */
	{"h264 scaling list, order type 1", H264, "67 64001e ad8440534912c8",
	 PARSE_OK, false, false, 32, 32, NONE, NONE},
	{"h264 SPS cut", H264, "6742c00dd901", PARSE_OK, false, false, 0, 0,
	 NONE, NONE},
	{"h264 MTAP", H264, "7a 0001", PARSE_BAD, false, false, 0, 0, NONE,
	 NONE},
	{"h264 forbidden bit", H264, "e5 8880", PARSE_BAD, false, false, 0, 0,
	 NONE, NONE},

	{"h265 IDR", H265, "2601 af1234", PARSE_OK, true, true, 0, 0, NONE, 0},
	{"h265 slice of a sublayer", H265, "0203 d012", PARSE_OK, true, false,
	 0, 0, NONE, 2},
	{"h265 second slice", H265, "0201 5012", PARSE_OK, false, false, 0, 0,
	 NONE, 0},
	{"h265 SPS", H265, SPS_265, PARSE_OK, false, false, 322, 242, NONE, 0},
	{"h265 SPS with sublayers", H265,
	 "42010101600000030090000003000003005da00280802d165959a4932bffc000c001"
	 "1a020000030002000003003210",
	 PARSE_OK, false, false, 1280, 720, NONE, 0},
	{"h265 aggregate", H265, "6001 002f" SPS_265 "0004 2601af12", PARSE_OK,
	 true, true, 322, 242, NONE, 0},
	{"h265 first fragment", H265, "6201 93 af12", PARSE_OK, true, true, 0,
	 0, NONE, 0},
	{"h265 last fragment", H265, "6201 53 af12", PARSE_OK, false, false, 0,
	 0, NONE, 0},
	{"h265 PACI", H265, "6401 0000", PARSE_OK, false, false, 0, 0, NONE, 0},
	{"h265 no temporal ID", H265, "2600 af", PARSE_BAD, false, false, 0, 0,
	 NONE, NONE},

	{"av1 key", AV1, "18 0a 0d" SEQ_AV1, PARSE_OK, true, true, 322, 242,
	 NONE, NONE},
	{"av1 key, no sizes inside", AV1, "28 0e 08" SEQ_AV1 "30 14001234",
	 PARSE_OK, true, true, 322, 242, NONE, NONE},
	{"av1 sizes everywhere", AV1, "08 0f 0a0d" SEQ_AV1 "02 3014", PARSE_OK,
	 true, true, 322, 242, NONE, NONE},
	{"av1 with layers", AV1, "10 34 28 1234", PARSE_OK, true, false, 0, 0,
	 1, 1},
	{"av1 goes on with an OBU", AV1, "90 08" SEQ_AV1, PARSE_OK, false,
	 false, 0, 0, NONE, NONE},
	{"av1 then another", AV1, "a0 02 aabb 34 48", PARSE_OK, false, false, 0,
	 0, 1, 2},
	{"av1 size beyond the end", AV1, "08 7f 08" SEQ_AV1, PARSE_OK, true,
	 true, 322, 242, NONE, NONE},
	{"av1 new sequence inside", AV1, "88 00", PARSE_BAD, false, false, 0, 0,
	 NONE, NONE},

	{"nothing that is known", RTP_VIDEO_OTHER, "00", PARSE_BAD, false,
	 false, 0, 0, NONE, NONE},
	{"empty", VP8, "", PARSE_BAD, false, false, 0, 0, NONE, NONE},
};

START_TEST(payloads)
{
	struct rtp_video v;
	struct hex h;

	ck_assert_int_eq(
		rtp_video_parse(rows[_i].codec, hex(&h, rows[_i].in), &v),
		rows[_i].want);
	if (rows[_i].want != PARSE_OK)
		return;
	ck_assert_int_eq(v.start, rows[_i].start);
	ck_assert_int_eq(v.key, rows[_i].key);
	ck_assert_uint_eq(v.width, rows[_i].width);
	ck_assert_uint_eq(v.height, rows[_i].height);
	ck_assert_int_eq(v.spatial, rows[_i].spatial);
	ck_assert_int_eq(v.temporal, rows[_i].temporal);
}
END_TEST

static void any(struct slice in, void *arg)
{
	struct rtp_video v;

	(void)arg;
	for (int i = RTP_VIDEO_OTHER; i <= AV1; i++) {
		rtp_video_parse((enum rtp_video_codec)i, in, &v);
		ck_assert((v.width == 0) == (v.height == 0));
	}
}

START_TEST(every_prefix)
{
	struct hex h;

	prefix_each(hex(&h, rows[_i].in), any, NULL);
}
END_TEST

START_TEST(names)
{
	ck_assert_int_eq(rtp_video_codec(SLICE("VP8")), VP8);
	ck_assert_int_eq(rtp_video_codec(SLICE("vp9")), VP9);
	ck_assert_int_eq(rtp_video_codec(SLICE("h264")), H264);
	ck_assert_int_eq(rtp_video_codec(SLICE("H265")), H265);
	ck_assert_int_eq(rtp_video_codec(SLICE("AV1")), AV1);
	ck_assert_int_eq(rtp_video_codec(SLICE("VP")), RTP_VIDEO_OTHER);
	ck_assert_int_eq(rtp_video_codec(SLICE("")), RTP_VIDEO_OTHER);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("rtp_video");
	TCase *t = tcase_create("rtp_video");

	tcase_add_loop_test(t, payloads, 0, ROWS(rows));
	tcase_add_loop_test(t, every_prefix, 0, ROWS(rows));
	tcase_add_test(t, names);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
