#include "dissectors/rtp.h"

enum {
	EXT_ONE_BYTE = 0xbede, /* RFC 8285, 4.2 */
	EXT_TWO_BYTE = 0x1000, /* 4.3: the low four bits are free */
	EXT_TWO_BYTE_MASK = 0xfff0,
	RED_BLOCKS = 32, /* more than any sender adds */
	FIXED = 12,	 /* bytes of the fixed header */
};

/* Nearly all are: version 2, the fixed header whole and nothing behind it but
 * the payload. */
static inline bool is_bare(struct slice in)
{
	return in.len >= FIXED && (in.p[0] & 0xdf) == 0x80;
}

static inline uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static enum parse parse_bare(struct slice in, struct rtp *out)
{
	*out = (struct rtp){
		.ts = get32(in.p + 4),
		.ssrc = get32(in.p + 8),
		.payload = {in.p + FIXED, in.len - FIXED},
		.csrc = {in.p + FIXED, 0},
		.seq = (uint16_t)(in.p[2] << 8 | in.p[3]),
		.pt = in.p[1] & 0x7f,
		.marker = in.p[1] >> 7,
		.padded = in.p[0] & 0x20,
	};
	return PARSE_OK;
}

/*
 * RFC 3550, 5.1
 *
 *  V=2|P|X| CC  |M|  PT   |       sequence number         |
 *                        timestamp                        |
 *                          SSRC                           |
 *                    CSRC x CC  [extension if X]  payload |
 */
static enum parse parse_any(struct slice in, struct rtp *out)
{
	struct cursor c = cursor_of(in);
	uint8_t b0 = cursor_u8(&c);
	uint8_t b1 = cursor_u8(&c);

	*out = (struct rtp){.marker = b1 >> 7, .pt = b1 & 0x7f};
	out->padded = b0 & 0x20;
	out->seq = cursor_u16(&c);
	out->ts = cursor_u32(&c);
	out->ssrc = cursor_u32(&c);
	if (c.bad || b0 >> 6 != 2)
		return PARSE_BAD;

	out->csrc = cursor_take(&c, (b0 & 0x0fu) * 4u);
	if (b0 & 0x10) {
		out->ext_profile = cursor_u16(&c);
		out->ext = cursor_take(&c, cursor_u16(&c) * 4u);
	}
	out->payload = cursor_rest(&c);
	return c.bad ? PARSE_MORE : PARSE_OK;
}

enum parse rtp_parse(struct slice in, struct rtp *out)
{
	return is_bare(in) ? parse_bare(in, out) : parse_any(in, out);
}

bool rtp_unpad(const struct rtp *r, struct slice *payload)
{
	size_t pad;

	*payload = r->payload;
	if (!r->padded)
		return true;
	pad = payload->len ? payload->p[payload->len - 1] : 0;
	if (!pad || pad > payload->len)
		return false;
	payload->len -= pad;
	return true;
}

bool rtp_looks(struct slice in)
{
	struct rtp r;

	if (is_bare(in))
		return (in.p[1] & 0x7f) < 64 || (in.p[1] & 0x7f) > 95;
	return parse_any(in, &r) == PARSE_OK && (r.pt < 64 || r.pt > 95);
}

void rtp_ext_begin(struct rtp_ext_walk *w, const struct rtp *r)
{
	w->c = cursor_of(r->ext);
	w->two_byte = (r->ext_profile & EXT_TWO_BYTE_MASK) == EXT_TWO_BYTE;
	w->known = w->two_byte || r->ext_profile == EXT_ONE_BYTE;
}

/* A zero byte is padding in both forms; ID 15 of the one-byte form ends it
 * (RFC 8285, 4.2). */
bool rtp_ext_next(struct rtp_ext_walk *w, struct rtp_ext *out)
{
	uint8_t b = 0;
	size_t len;

	while (w->known && cursor_left(&w->c) && !b)
		b = cursor_u8(&w->c);
	if (!b)
		return false;
	if (w->two_byte) {
		out->id = b;
		len = cursor_u8(&w->c);
	} else {
		out->id = b >> 4;
		len = (b & 0x0fu) + 1;
	}
	out->data = cursor_take(&w->c, len);
	if (w->c.bad || (!w->two_byte && out->id == 15))
		w->known = false;
	return w->known;
}

/*
 * RFC 4733, 2.3.1
 *
 *      event     |E|R| volume    |          duration             |
 */
enum parse rtp_event_parse(struct slice payload, struct rtp_event *out)
{
	struct cursor c = cursor_of(payload);
	uint8_t flags;

	*out = (struct rtp_event){.event = cursor_u8(&c)};
	flags = cursor_u8(&c);
	out->end = flags & 0x80;
	out->volume = flags & 0x3f;
	out->duration = cursor_u16(&c);
	return c.bad ? PARSE_BAD : PARSE_OK;
}

char rtp_event_digit(uint8_t event)
{
	static const char digit[] = "0123456789*#ABCDF";

	return event < sizeof(digit) - 1 ? digit[event] : '\0';
}

/*
 * RFC 2198, 3: each block but the last has
 *
 *  |F=1| block PT |  timestamp offset (14)  | block length (10) |
 *
 * and the last one only F=0 and its payload type.
 */
static bool red_header(struct cursor *c, struct rtp_red *out, size_t *len)
{
	uint8_t b = cursor_u8(c);
	uint32_t v;

	out->pt = b & 0x7f;
	out->primary = !(b & 0x80);
	out->ts_offset = 0;
	*len = 0;
	if (!out->primary) {
		v = cursor_u24(c);
		out->ts_offset = (uint16_t)(v >> 10);
		*len = v & 0x3ff;
	}
	return !c->bad;
}

enum parse rtp_red_begin(struct rtp_red_walk *w, struct slice payload)
{
	struct rtp_red r = {.primary = false};
	size_t len, sum = 0;

	w->head = w->body = cursor_of(payload);
	for (unsigned n = 0; !r.primary; n++) {
		if (n == RED_BLOCKS || !red_header(&w->body, &r, &len))
			return PARSE_BAD;
		sum += len;
	}
	if (sum > cursor_left(&w->body))
		return PARSE_BAD;
	w->head.end = w->body.p;
	return PARSE_OK;
}

bool rtp_red_next(struct rtp_red_walk *w, struct rtp_red *out)
{
	size_t len;

	if (!cursor_left(&w->head) || !red_header(&w->head, out, &len))
		return false;
	out->data = out->primary ? cursor_rest(&w->body)
				 : cursor_take(&w->body, len);
	return true;
}
