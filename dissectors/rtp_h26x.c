/* H.264 and H.265: NAL units in packets, parameter sets. */
#include "dissectors/bits.h"
#include "dissectors/rtp_video.h"

enum { /* RFC 6184, 5.4 and H.264, table 7-1 */
	H264_SLICE = 1,
	H264_IDR = 5,
	H264_SPS = 7,
	H264_SINGLE_MAX = 23,
	H264_STAP_A = 24,
	H264_STAP_B = 25,
	H264_FU_A = 28,
	H264_FU_B = 29,
};

enum { /* RFC 7798, 4.4 and H.265, table 7-1 */
	H265_SLICE_MAX = 9,
	H265_IRAP_MIN = 16,
	H265_IRAP_MAX = 21,
	H265_SPS = 33,
	H265_AP = 48,
	H265_FU = 49,
};

/* A size in units of luma samples, less what is cropped; nothing when it
 * cannot be. */
static void set_size(struct rtp_video *out, int64_t w, int64_t h)
{
	if (w <= 0 || h <= 0 || w > UINT16_MAX || h > UINT16_MAX)
		return;
	out->width = (uint16_t)w;
	out->height = (uint16_t)h;
}

/* --- H.264 ---------------------------------------------------------------- */

static bool h264_high(uint32_t profile)
{
	static const uint8_t high[] = {100, 110, 122, 244, 44,	83, 86,
				       118, 128, 138, 139, 134, 135};

	for (size_t i = 0; i < sizeof(high); i++)
		if (high[i] == profile)
			return true;
	return false;
}

/* H.264, 7.3.2.1.1.1 */
static void h264_scaling_list(struct bits *b, unsigned size)
{
	int32_t last = 8, next = 8;

	for (unsigned i = 0; i < size && !b->bad; i++) {
		if (next)
			next = (int32_t)((uint32_t)last +
					 (uint32_t)bits_se(b)) &
			       0xff;
		last = next ? next : last;
	}
}

/* The part that only high profiles have; answers chroma_format_idc, 0 also
 * when the colours are coded apart. */
static uint32_t h264_chroma(struct bits *b)
{
	uint32_t format = bits_ue(b);
	bool apart = format == 3 && bits_flag(b);

	bits_ue(b);
	bits_ue(b);
	bits_skip(b, 1);
	if (bits_flag(b))
		for (unsigned i = 0; i < (format == 3 ? 12u : 8u); i++)
			if (bits_flag(b))
				h264_scaling_list(b, i < 6 ? 16 : 64);
	return apart ? 0 : format;
}

static void h264_order(struct bits *b)
{
	uint32_t type = bits_ue(b), n;

	if (type == 0) {
		bits_ue(b);
	} else if (type == 1) {
		bits_skip(b, 1);
		bits_se(b);
		bits_se(b);
		n = bits_ue(b);
		for (uint32_t i = 0; i < n && !b->bad; i++)
			bits_se(b);
	}
}

/* H.264, 7.3.2.1.1 and 7.4.2.1.1 */
void rtp_h264_sps(struct slice nal, struct rtp_video *out)
{
	struct bits b = bits_of_nal(slice_from(nal, 1));
	uint32_t profile = bits_u(&b, 8), chroma = 1, crop[4] = {0};
	int64_t w, h, unit_x, unit_y;
	bool frames;

	bits_skip(&b, 16);
	bits_ue(&b);
	if (h264_high(profile))
		chroma = h264_chroma(&b);
	bits_ue(&b);
	h264_order(&b);
	bits_ue(&b);
	bits_skip(&b, 1);
	w = (bits_ue(&b) + 1ll) * 16;
	h = (bits_ue(&b) + 1ll) * 16;
	frames = bits_flag(&b);
	if (!frames) {
		h *= 2;
		bits_skip(&b, 1);
	}
	bits_skip(&b, 1);
	if (bits_flag(&b))
		for (int i = 0; i < 4; i++)
			crop[i] = bits_ue(&b);
	unit_x = chroma == 1 || chroma == 2 ? 2 : 1;
	unit_y = (chroma == 1 ? 2 : 1) * (frames ? 1 : 2);
	if (!b.bad)
		set_size(out, w - unit_x * ((int64_t)crop[0] + crop[1]),
			 h - unit_y * ((int64_t)crop[2] + crop[3]));
}

/* A whole NAL unit, or the first fragment of one: type is its own. */
static void h264_unit(uint8_t type, struct slice nal, struct rtp_video *out)
{
	bool first_slice = nal.len > 1 && nal.p[1] & 0x80;

	if (type == H264_SPS) {
		rtp_h264_sps(nal, out);
	} else if (type == H264_SLICE || type == H264_IDR) {
		/* first_mb_in_slice is 0: one bit, set */
		out->start |= first_slice;
		out->key |= type == H264_IDR;
	}
}

/* RFC 6184, 5.7.1:  | header | size (16) | NAL unit | size | NAL unit ... */
static void h264_aggregate(struct cursor *c, struct rtp_video *out)
{
	while (cursor_left(c) > 2) {
		size_t size = cursor_u16(c);
		struct slice nal;

		if (size > cursor_left(c)) /* cut by the snap length */
			size = cursor_left(c);
		nal = cursor_take(c, size);
		if (nal.len)
			h264_unit(nal.p[0] & 0x1f, nal, out);
	}
}

/* RFC 6184, 5.8:  | FU indicator | S E R type | ... */
static void h264_fragment(struct slice payload, bool don, struct rtp_video *out)
{
	uint8_t head = payload.len > 1 ? payload.p[1] : 0;

	if (head & 0x80)
		h264_unit(head & 0x1f, slice_from(payload, don ? 3 : 1), out);
}

enum parse rtp_h264_parse(struct slice payload, struct rtp_video *out)
{
	struct cursor c = cursor_of(payload);
	uint8_t type = cursor_u8(&c) & 0x1f;

	if (!type || payload.p[0] & 0x80)
		return PARSE_BAD;
	if (type <= H264_SINGLE_MAX) {
		h264_unit(type, payload, out);
	} else if (type == H264_STAP_A || type == H264_STAP_B) {
		if (type == H264_STAP_B)
			cursor_u16(&c);
		h264_aggregate(&c, out);
	} else if (type == H264_FU_A || type == H264_FU_B) {
		h264_fragment(payload, type == H264_FU_B, out);
	} else {
		return PARSE_BAD;
	}
	return PARSE_OK;
}

/* --- H.265 ---------------------------------------------------------------- */

/* H.265, 7.3.3 */
static void h265_profile_tier_level(struct bits *b, unsigned sub_layers)
{
	bool profile[8], level[8];

	bits_skip(b, 88 + 8);
	for (unsigned i = 0; i < sub_layers; i++) {
		profile[i] = bits_flag(b);
		level[i] = bits_flag(b);
	}
	if (sub_layers)
		bits_skip(b, 2 * (8 - sub_layers));
	for (unsigned i = 0; i < sub_layers; i++)
		bits_skip(b, (profile[i] ? 88u : 0) + (level[i] ? 8u : 0));
}

/* H.265, 7.3.2.2.1 and 7.4.3.2.1 */
void rtp_h265_sps(struct slice nal, struct rtp_video *out)
{
	struct bits b = bits_of_nal(slice_from(nal, 2));
	uint32_t chroma, crop[4] = {0};
	int64_t w, h, unit_x, unit_y;
	unsigned sub_layers;

	bits_skip(&b, 4);
	sub_layers = bits_u(&b, 3);
	bits_skip(&b, 1);
	h265_profile_tier_level(&b, sub_layers);
	bits_ue(&b);
	chroma = bits_ue(&b);
	if (chroma == 3 && bits_flag(&b))
		chroma = 0;
	w = bits_ue(&b);
	h = bits_ue(&b);
	if (bits_flag(&b))
		for (int i = 0; i < 4; i++)
			crop[i] = bits_ue(&b);
	unit_x = chroma == 1 || chroma == 2 ? 2 : 1;
	unit_y = chroma == 1 ? 2 : 1;
	if (!b.bad)
		set_size(out, w - unit_x * ((int64_t)crop[0] + crop[1]),
			 h - unit_y * ((int64_t)crop[2] + crop[3]));
}

/* type is the unit's own, nal begins with a header of two bytes. */
static void h265_unit(uint8_t type, struct slice nal, struct rtp_video *out)
{
	if (type == H265_SPS) {
		rtp_h265_sps(nal, out);
	} else if (type <= H265_SLICE_MAX ||
		   (type >= H265_IRAP_MIN && type <= H265_IRAP_MAX)) {
		/* first_slice_segment_in_pic_flag */
		out->start |= nal.len > 2 && nal.p[2] & 0x80;
		out->key |= type >= H265_IRAP_MIN;
	}
}

static uint8_t h265_type(struct slice nal)
{
	return nal.p[0] >> 1 & 0x3f;
}

/* RFC 7798, 4.4.2; without decoding order numbers, which nobody negotiates. */
static void h265_aggregate(struct cursor *c, struct rtp_video *out)
{
	while (cursor_left(c) > 2) {
		size_t size = cursor_u16(c);
		struct slice nal;

		if (size > cursor_left(c))
			size = cursor_left(c);
		nal = cursor_take(c, size);
		if (nal.len > 1)
			h265_unit(h265_type(nal), nal, out);
	}
}

/* RFC 7798, 4.4.3:  | header (16) | S E type (6) | ... The byte with S takes
 * the place of the second of the unit's header. */
static void h265_fragment(struct slice payload, struct rtp_video *out)
{
	uint8_t head = payload.len > 2 ? payload.p[2] : 0;

	if (head & 0x80)
		h265_unit(head & 0x3f, slice_from(payload, 1), out);
}

/* RFC 7798, 1.1.4:  |F|  type (6) | layer (6) | TID + 1 (3) | */
enum parse rtp_h265_parse(struct slice payload, struct rtp_video *out)
{
	struct cursor c = cursor_of(payload);
	uint16_t head = cursor_u16(&c);

	if (c.bad || head >> 15 || !(head & 7))
		return PARSE_BAD;
	out->temporal = (int8_t)((head & 7) - 1);
	if (h265_type(payload) == H265_AP)
		h265_aggregate(&c, out);
	else if (h265_type(payload) == H265_FU)
		h265_fragment(payload, out);
	else if (h265_type(payload) < H265_AP)
		h265_unit(h265_type(payload), payload, out);
	return PARSE_OK;
}
