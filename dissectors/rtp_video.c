/* Which codec, and the two of the VP family. */
#include "dissectors/rtp_video.h"

#include "dissectors/bits.h"

static const struct {
	struct slice name;
	enum parse (*parse)(struct slice payload, struct rtp_video *out);
} codecs[] = {
	[RTP_VIDEO_VP8] = {SLICE_INIT("VP8"), rtp_vp8_parse},
	[RTP_VIDEO_VP9] = {SLICE_INIT("VP9"), rtp_vp9_parse},
	[RTP_VIDEO_H264] = {SLICE_INIT("H264"), rtp_h264_parse},
	[RTP_VIDEO_H265] = {SLICE_INIT("H265"), rtp_h265_parse},
	[RTP_VIDEO_AV1] = {SLICE_INIT("AV1"), rtp_av1_parse},
};

enum {
	CODECS = sizeof(codecs) / sizeof(codecs[0])
};

enum rtp_video_codec rtp_video_codec(struct slice name)
{
	for (int i = RTP_VIDEO_OTHER + 1; i < CODECS; i++)
		if (slice_ieq(name, codecs[i].name))
			return (enum rtp_video_codec)i;
	return RTP_VIDEO_OTHER;
}

enum parse rtp_video_parse(enum rtp_video_codec codec, struct slice payload,
			   struct rtp_video *out)
{
	*out = (struct rtp_video){.spatial = -1, .temporal = -1};
	if (codec == RTP_VIDEO_OTHER || !payload.len)
		return PARSE_BAD;
	return codecs[codec].parse(payload, out);
}

/* --- VP8 ------------------------------------------------------------------ */

/*
 * RFC 7741, 4.2
 *
 *  |X|R|N|S|R| PID |
 *  |I|L|T|K|  RSV  |   with X
 *  |M|  picture ID (7 or 15)   |   with I
 *  |  TL0PICIDX    |   with L
 *  |TID|Y| KEYIDX  |   with T or K
 */
static uint8_t vp8_descriptor(struct cursor *c, struct rtp_video *out)
{
	uint8_t first = cursor_u8(c), more;

	if (!(first & 0x80))
		return first;
	more = cursor_u8(c);
	if (more & 0x80 && cursor_u8(c) & 0x80)
		cursor_u8(c);
	if (more & 0x40)
		cursor_u8(c);
	if (more & 0x30) {
		uint8_t b = cursor_u8(c);

		if (more & 0x20)
			out->temporal = (int8_t)(b >> 6);
	}
	return first;
}

static uint16_t le14(struct cursor *c)
{
	return cursor_le16(c) & 0x3fff;
}

/* RFC 6386, 9.1: a tag of 3 bytes, of a key frame 9d 01 2a and the size. */
static void vp8_frame(struct cursor *c, struct rtp_video *out)
{
	uint8_t tag = cursor_u8(c);
	uint16_t w, h;

	out->start = true;
	out->key = !c->bad && !(tag & 1);
	cursor_u16(c);
	if (!out->key || cursor_u24(c) != 0x9d012a)
		return;
	w = le14(c);
	h = le14(c);
	if (c->bad || !w || !h)
		return;
	out->width = w;
	out->height = h;
}

enum parse rtp_vp8_parse(struct slice payload, struct rtp_video *out)
{
	struct cursor c = cursor_of(payload);
	uint8_t first = vp8_descriptor(&c, out);

	if (c.bad)
		return PARSE_BAD;
	if (first & 0x10 && !(first & 0x07))
		vp8_frame(&c, out);
	return PARSE_OK;
}

/* --- VP9 ------------------------------------------------------------------ */

enum { /* RFC 9628, 4.2, the first byte */
	VP9_ID = 0x80,
	VP9_INTER = 0x40, /* P */
	VP9_LAYER = 0x20,
	VP9_FLEXIBLE = 0x10,
	VP9_BEGIN = 0x08,
	VP9_SS = 0x02, /* V */
	VP9_PROFILE_1 = 1,
	VP9_SRGB = 7,
};

/* RFC 9628, 4.2.1; the last layer is the largest:
 *
 *  | N_S |Y|G|-|-|-|
 *  | width (16) | height (16) |  for each layer, with Y
 *  |      N_G      |  with G, and for each picture
 *  | TID |U| R |-|-|  and R times P_DIFF
 */
static void vp9_structure(struct cursor *c, struct rtp_video *out)
{
	uint8_t b = cursor_u8(c);
	uint16_t w = 0, h = 0;
	unsigned pictures;

	for (unsigned n = b >> 5, i = 0; b & 0x10 && i <= n; i++) {
		w = cursor_u16(c);
		h = cursor_u16(c);
	}
	if (!c->bad && w && h) {
		out->width = w;
		out->height = h;
	}
	pictures = b & 0x08 ? cursor_u8(c) : 0;
	while (pictures-- && !c->bad)
		cursor_take(c, cursor_u8(c) >> 2 & 3);
}

/*
 * RFC 9628, 4.2
 *
 *  |I|P|L|F|B|E|V|Z|
 *  |M|  picture ID (7 or 15)   |   with I
 *  | TID |U| SID |D|   with L, and without F:
 *  |  TL0PICIDX    |
 *  | P_DIFF      |N|   with P and F, up to three
 *  | scalability structure |   with V
 */
static uint8_t vp9_descriptor(struct cursor *c, struct rtp_video *out)
{
	uint8_t first = cursor_u8(c), b;
	unsigned diffs = 0;

	if (first & VP9_ID && cursor_u8(c) & 0x80)
		cursor_u8(c);
	if (first & VP9_LAYER) {
		b = cursor_u8(c);
		out->temporal = (int8_t)(b >> 5);
		out->spatial = (int8_t)(b >> 1 & 7);
		if (!(first & VP9_FLEXIBLE))
			cursor_u8(c);
	}
	if ((first & (VP9_INTER | VP9_FLEXIBLE)) == (VP9_INTER | VP9_FLEXIBLE))
		while (cursor_u8(c) & 1 && ++diffs < 3)
			;
	if (first & VP9_SS)
		vp9_structure(c, out);
	return first;
}

/* VP9 bitstream 7.2.2, color_config() */
static void vp9_color(struct bits *b, unsigned profile)
{
	if (profile > VP9_PROFILE_1)
		bits_skip(b, 1); /* ten_or_twelve_bit */
	if (bits_u(b, 3) != VP9_SRGB)
		bits_skip(b, profile & 1 ? 4 : 1);
	else
		bits_skip(b, profile & 1);
}

/* VP9 bitstream 7.2, uncompressed_header() of a key frame. */
static void vp9_frame(struct slice s, struct rtp_video *out)
{
	struct bits b = bits_of(s);
	uint32_t marker = bits_u(&b, 2), w, h;
	unsigned profile = bits_u(&b, 1);
	bool again, inter;

	profile |= bits_u(&b, 1) << 1;
	if (profile == 3)
		bits_skip(&b, 1);
	again = bits_flag(&b); /* show_existing_frame */
	inter = bits_flag(&b);
	bits_skip(&b, 2); /* show_frame, error_resilient_mode */
	if (marker != 2 || again || inter || bits_u(&b, 24) != 0x498342)
		return;
	vp9_color(&b, profile);
	w = bits_u(&b, 16) + 1;
	h = bits_u(&b, 16) + 1;
	if (b.bad || w > UINT16_MAX || h > UINT16_MAX)
		return;
	out->width = (uint16_t)w;
	out->height = (uint16_t)h;
}

/* A key picture: its lowest layer is predicted from no other picture. */
enum parse rtp_vp9_parse(struct slice payload, struct rtp_video *out)
{
	struct cursor c = cursor_of(payload);
	uint8_t first = vp9_descriptor(&c, out);

	if (c.bad)
		return PARSE_BAD;
	out->start = first & VP9_BEGIN;
	out->key = out->start && !(first & VP9_INTER) && out->spatial < 1;
	if (out->key && !out->width)
		vp9_frame(cursor_rest(&c), out);
	return PARSE_OK;
}
