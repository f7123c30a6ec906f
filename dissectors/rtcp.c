#include "dissectors/rtcp.h"

enum {
	WORD = 4,
	BLOCK = 24, /* a report block */
	DLRR = 12,  /* a DLRR sub-block */
	VOIP = 32,  /* body of a VoIP metrics block */
	STATS = 36, /* body of a statistics summary block */
};

/*
 * RFC 3550, 6.4: the head of every packet
 *
 *  V=2|P|  count  |      PT       |  length in words, less one    |
 */
static enum parse take_packet(struct cursor *c, struct rtcp *out)
{
	uint8_t b0 = cursor_u8(c), pad;
	uint8_t type = cursor_u8(c);
	struct slice body = cursor_take(c, cursor_u16(c) * (size_t)WORD);

	if (c->bad || b0 >> 6 != 2 || type < 192 || type > 223)
		return PARSE_BAD;
	if (b0 & 0x20) { /* 6.4.1: multiples of four, of the last packet */
		pad = body.len ? body.p[body.len - 1] : 0;
		if (!pad || pad > body.len)
			return PARSE_BAD;
		body.len -= pad;
	}
	*out = (struct rtcp){type, b0 & 0x1f, body};
	return PARSE_OK;
}

void rtcp_begin(struct rtcp_walk *w, struct slice in)
{
	w->c = cursor_of(in);
}

enum parse rtcp_next(struct rtcp_walk *w, struct rtcp *out)
{
	enum parse res;

	if (w->c.bad || !cursor_left(&w->c))
		return PARSE_MORE;
	res = take_packet(&w->c, out);
	if (res == PARSE_BAD)
		w->c.bad = true;
	return res;
}

/* RFC 3711, 3.4: with SRTCP the first length is that of the first plain
 * packet, all else but its SSRC is encrypted. */
bool rtcp_looks(struct slice in)
{
	struct cursor c = cursor_of(in);
	uint8_t b0 = cursor_u8(&c);
	uint8_t type = cursor_u8(&c);
	size_t len = cursor_u16(&c) * (size_t)WORD;

	if (c.bad || b0 >> 6 != 2 || type < 192 || type > 223)
		return false;
	/* Those that RFC 5761 moved out of the way (192, 193, 195) and the
	 * assigned ones; every one of them names an SSRC, if only one. */
	if (type < RTCP_SR && type != 192 && type != 193 && type != 195)
		return false;
	if (!len)
		return type == RTCP_SDES || type == RTCP_BYE;
	return len <= cursor_left(&c);
}

/*
 * RFC 3550, 6.4.1
 *
 *  SSRC | NTP (64) | RTP timestamp | packets | octets | report blocks ...
 */
enum parse rtcp_report_parse(const struct rtcp *p, struct rtcp_report *out)
{
	struct cursor c = cursor_of(p->body);
	size_t left, want = p->count * (size_t)BLOCK;

	*out = (struct rtcp_report){.sender = p->type == RTCP_SR};
	out->ssrc = cursor_u32(&c);
	if (out->sender) {
		out->ntp = cursor_u64(&c);
		out->rtp_ts = cursor_u32(&c);
		out->packets = cursor_u32(&c);
		out->octets = cursor_u32(&c);
	}
	if (c.bad)
		return PARSE_BAD;
	left = cursor_left(&c);
	left -= left % BLOCK;
	out->blocks = cursor_take(&c, want < left ? want : left);
	return PARSE_OK;
}

static int32_t signed24(uint32_t v)
{
	return v & 0x800000 ? (int32_t)v - 0x1000000 : (int32_t)v;
}

/* The next n bytes of *s; NULL when there are fewer. */
static bool take(struct slice *s, size_t n, struct cursor *c)
{
	if (s->len < n)
		return false;
	*c = cursor_of(slice_head(*s, n));
	*s = slice_from(*s, n);
	return true;
}

bool rtcp_block_next(struct slice *blocks, struct rtcp_block *out)
{
	struct cursor c;

	if (!take(blocks, BLOCK, &c))
		return false;
	out->ssrc = cursor_u32(&c);
	out->fraction_lost = cursor_u8(&c);
	out->lost = signed24(cursor_u24(&c));
	out->ext_seq = cursor_u32(&c);
	out->jitter = cursor_u32(&c);
	out->lsr = cursor_u32(&c);
	out->dlsr = cursor_u32(&c);
	return true;
}

void rtcp_sdes_begin(struct rtcp_sdes_walk *w, const struct rtcp *p)
{
	*w = (struct rtcp_sdes_walk){cursor_of(p->body), 0, p->count, false};
}

/* A chunk ends with one to four zero bytes, up to a word (6.5). The body is
 * aligned, so what is left tells where the word ends. */
static void sdes_chunk_end(struct rtcp_sdes_walk *w)
{
	cursor_take(&w->c, cursor_left(&w->c) % WORD);
	w->inside = false;
}

bool rtcp_sdes_next(struct rtcp_sdes_walk *w, struct rtcp_sdes *out)
{
	while (!w->c.bad && cursor_left(&w->c)) {
		if (!w->inside) {
			if (!w->chunks--)
				break;
			w->ssrc = cursor_u32(&w->c);
			w->inside = true;
			continue;
		}
		out->ssrc = w->ssrc;
		out->item = cursor_u8(&w->c);
		if (!out->item) {
			sdes_chunk_end(w);
			continue;
		}
		out->text = cursor_take(&w->c, cursor_u8(&w->c));
		return !w->c.bad;
	}
	w->c.bad = true;
	return false;
}

enum parse rtcp_bye_parse(const struct rtcp *p, struct rtcp_bye *out)
{
	struct cursor c = cursor_of(p->body);

	*out = (struct rtcp_bye){.ssrcs = cursor_take(&c, p->count * 4u)};
	if (c.bad)
		return PARSE_BAD;
	if (cursor_left(&c))
		out->reason = cursor_take(&c, cursor_u8(&c));
	return PARSE_OK;
}

bool rtcp_ssrc_next(struct slice *ssrcs, uint32_t *out)
{
	struct cursor c;

	if (!take(ssrcs, WORD, &c))
		return false;
	*out = cursor_u32(&c);
	return true;
}

enum parse rtcp_app_parse(const struct rtcp *p, struct rtcp_app *out)
{
	struct cursor c = cursor_of(p->body);

	out->ssrc = cursor_u32(&c);
	out->name = cursor_take(&c, WORD);
	out->data = cursor_rest(&c);
	return c.bad ? PARSE_BAD : PARSE_OK;
}
