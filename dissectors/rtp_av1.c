/* AV1: OBUs in packets, the sequence header. */
#include "dissectors/bits.h"
#include "dissectors/rtp_video.h"

enum { /* AV1 bitstream, 6.2.2 */
	OBU_SEQUENCE_HEADER = 1,
};

/* AV1 bitstream, 5.9.3 ff.: timing_info(), decoder_model_info(). Answers
 * buffer_delay_length, 0 without a model. */
static unsigned timing(struct bits *b)
{
	unsigned delay;

	bits_skip(b, 64);
	if (bits_flag(b)) /* equal_picture_interval: uvlc */
		bits_ue(b);
	if (!bits_flag(b))
		return 0;
	delay = bits_u(b, 5) + 1;
	bits_skip(b, 32 + 5 + 5);
	return delay;
}

/* 5.5.1, the loop over operating points */
static void operating_points(struct bits *b)
{
	unsigned delay = bits_flag(b) ? timing(b) : 0;
	bool initial = bits_flag(b);
	unsigned n = bits_u(b, 5) + 1;

	for (unsigned i = 0; i < n && !b->bad; i++) {
		bits_skip(b, 12);
		if (bits_u(b, 5) > 7)
			bits_skip(b, 1);
		if (delay && bits_flag(b))
			bits_skip(b, 2 * delay + 1);
		if (initial && bits_flag(b))
			bits_skip(b, 4);
	}
}

/* 5.5.1, sequence_header_obu(), as far as the largest frame's size */
void rtp_av1_sequence(struct slice obu, struct rtp_video *out)
{
	struct bits b = bits_of(obu);
	unsigned wide, high;
	uint32_t w, h;

	bits_skip(&b, 4);
	if (bits_flag(&b)) /* reduced_still_picture_header */
		bits_skip(&b, 5);
	else
		operating_points(&b);
	wide = bits_u(&b, 4) + 1;
	high = bits_u(&b, 4) + 1;
	w = bits_u(&b, wide) + 1;
	h = bits_u(&b, high) + 1;
	if (b.bad || w > UINT16_MAX || h > UINT16_MAX)
		return;
	out->width = (uint16_t)w;
	out->height = (uint16_t)h;
}

/* 4.10.5, leb128() */
static size_t leb128(struct cursor *c)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < 8; i++) {
		uint8_t b = cursor_u8(c);

		v |= (uint64_t)(b & 0x7f) << (7 * i);
		if (!(b & 0x80))
			break;
	}
	return v > SIZE_MAX ? SIZE_MAX : (size_t)v;
}

/* 5.3.2:  |0| type (4) |X|S|0|  and with X  | TID (3) | SID (2) | - | */
static void element(struct slice obu, struct rtp_video *out)
{
	struct cursor c = cursor_of(obu);
	uint8_t head = cursor_u8(&c);

	if (head & 0x04) {
		uint8_t layer = cursor_u8(&c);

		out->temporal = (int8_t)(layer >> 5);
		out->spatial = (int8_t)(layer >> 3 & 3);
	}
	if (head & 0x02)
		leb128(&c);
	if (!c.bad && (head >> 3 & 15) == OBU_SEQUENCE_HEADER)
		rtp_av1_sequence(cursor_rest(&c), out);
}

/*
 * RTP payload format, 4.4
 *
 *  |Z|Y| W |N|-|-|-|   Z: it goes on with an OBU, Y: the last one goes on
 *  | size (leb128) | OBU element | ...
 *
 * W: so many elements, the last without its size; 0: all have one. N: the
 * first packet of a coded video sequence, so of a key frame.
 */
enum parse rtp_av1_parse(struct slice payload, struct rtp_video *out)
{
	struct cursor c = cursor_of(payload);
	uint8_t head = cursor_u8(&c);
	unsigned w = head >> 4 & 3;

	if ((head & 0x88) == 0x88) /* a sequence cannot begin inside an OBU */
		return PARSE_BAD;
	out->start = !(head & 0x80);
	out->key = head & 0x08;
	for (unsigned i = 1; cursor_left(&c); i++) {
		size_t size = i == w ? cursor_left(&c) : leb128(&c);
		struct slice obu;

		if (size > cursor_left(&c)) /* cut by the snap length */
			size = cursor_left(&c);
		obu = cursor_take(&c, size);
		if (obu.len && (i > 1 || out->start))
			element(obu, out);
	}
	return PARSE_OK;
}
