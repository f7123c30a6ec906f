#include "dissectors/rtp_fec.h"

static void add(struct rtp_fec_set *s, unsigned i)
{
	s->mask[i / 64] |= 1ull << (i % 64);
}

/* The highest of width bits is number first of the set. */
static void add_bits(struct rtp_fec_set *s, unsigned first, uint64_t v,
		     unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		if (v >> (width - 1 - i) & 1)
			add(s, first + i);
}

static enum parse done(const struct cursor *c, const struct rtp_fec *f)
{
	if (c->bad || !f->n)
		return PARSE_BAD;
	for (unsigned i = 0; i < f->n; i++)
		if (!f->set[i].mask[0] && !f->set[i].mask[1])
			return PARSE_BAD;
	return PARSE_OK;
}

/* RFC 4588, 4:  | OSN (16) | original payload | */
enum parse rtp_rtx_parse(struct slice payload, uint16_t *number,
			 struct slice *rest)
{
	struct cursor c = cursor_of(payload);
	uint16_t osn = cursor_u16(&c);

	if (c.bad)
		return PARSE_BAD;
	*number = osn;
	*rest = cursor_rest(&c);
	return PARSE_OK;
}

/*
 * RFC 5109, 7.3
 *
 *  |E|L|P|X|  CC   |M| PT recovery |            SN base            |
 *  |                          TS recovery                          |
 *  |        length recovery        |
 *
 * and 7.4 for each level:  | protection length | mask: 16, with L 48 bit |
 */
enum parse rtp_ulpfec_parse(struct slice payload, struct rtp_fec *out)
{
	struct cursor c = cursor_of(payload);
	uint8_t flags = cursor_u8(&c);

	*out = (struct rtp_fec){.n = 1};
	cursor_take(&c, 1);
	out->set[0].base = cursor_u16(&c);
	out->set[0].step = 1;
	cursor_take(&c, 4 + 2 + 2);
	add_bits(&out->set[0], 0, cursor_u16(&c), 16);
	if (flags & 0x40)
		add_bits(&out->set[0], 16, cursor_u32(&c), 32);
	return flags & 0x80 ? PARSE_BAD : done(&c, out);
}

/*
 * Both forms of FlexFEC:
 *
 *  |           SN base             |k|        mask 0-14            |
 *  |k|                  mask 15-45                                 |
 *
 * In RFC 8627 a set k says that more follows, and the last part is 64 bits of
 * mask; in the draft it ends the mask, and the last part has a k too.
 */
static void flex_mask(struct cursor *c, bool draft, struct rtp_fec_set *s)
{
	uint64_t v;

	s->base = cursor_u16(c);
	s->step = 1;
	v = cursor_u16(c);
	add_bits(s, 0, v, 15);
	if ((v >> 15 & 1) == draft)
		return;
	v = cursor_u32(c);
	add_bits(s, 15, v, 31);
	if ((v >> 31 & 1) == draft)
		return;
	v = cursor_u64(c);
	add_bits(s, 46, v, draft ? 63 : 64);
	if (draft && !(v >> 63))
		c->bad = true;
}

/*
 * RFC 8627, 4.2.2.2:  | SN base | L (8) | D (8) |
 *
 * D below 2: L in a row; else D of them, each L further on.
 */
static void flex_matrix(struct cursor *c, struct rtp_fec_set *s)
{
	uint8_t columns, rows;
	unsigned n;

	s->base = cursor_u16(c);
	columns = cursor_u8(c);
	rows = cursor_u8(c);
	s->step = rows < 2 ? 1 : columns;
	n = rows < 2 ? columns : rows;
	if (!columns || n > RTP_FEC_BITS)
		c->bad = true;
	for (unsigned i = 0; i < n && !c->bad; i++)
		add(s, i);
}

/* RFC 8627, 4.2.2.3: the packet itself, but for its version. Who sent it
 * stands where its SSRC was. */
static void flex_retransmission(struct cursor *c, struct rtp_fec *out)
{
	struct rtp_fec_set *s = &out->set[0];

	out->n = 1;
	cursor_take(c, 1);
	s->base = cursor_u16(c);
	s->step = 1;
	cursor_take(c, 4);
	s->ssrc = cursor_u32(c);
	add(s, 0);
}

/*
 * RFC 8627, 4.2.2.1
 *
 *  |R|F|P|X|  CC   |M| PT recovery |        length recovery        |
 *  |                          TS recovery                          |
 *
 * and then for each CSRC what it protects.
 */
enum parse rtp_flexfec_parse(struct slice payload, struct slice csrc,
			     struct rtp_fec *out)
{
	struct cursor c = cursor_of(payload), ssrcs = cursor_of(csrc);
	uint8_t flags = cursor_u8(&c);

	*out = (struct rtp_fec){0};
	if (flags & 0x80) {
		flex_retransmission(&c, out);
		return flags & 0x40 ? PARSE_BAD : done(&c, out);
	}
	cursor_take(&c, 7);
	while (cursor_left(&ssrcs) >= 4 && out->n < RTP_FEC_SETS) {
		struct rtp_fec_set *s = &out->set[out->n++];

		s->ssrc = cursor_u32(&ssrcs);
		if (flags & 0x40)
			flex_matrix(&c, s);
		else
			flex_mask(&c, false, s);
	}
	return done(&c, out);
}

/*
 * The draft's, 4.2
 *
 *  |R|F|P|X|  CC   |M| PT recovery |        length recovery        |
 *  |                          TS recovery                          |
 *  |  SSRC count   |                   reserved                    |
 *  |                            SSRC                               |
 */
enum parse rtp_flexfec03_parse(struct slice payload, struct rtp_fec *out)
{
	struct cursor c = cursor_of(payload);
	uint8_t flags = cursor_u8(&c);
	unsigned n;

	*out = (struct rtp_fec){0};
	cursor_take(&c, 7);
	n = cursor_u8(&c);
	cursor_take(&c, 3);
	if (flags & 0xc0)
		return PARSE_BAD;
	while (n-- && out->n < RTP_FEC_SETS) {
		struct rtp_fec_set *s = &out->set[out->n++];

		s->ssrc = cursor_u32(&c);
		flex_mask(&c, true, s);
	}
	return done(&c, out);
}
