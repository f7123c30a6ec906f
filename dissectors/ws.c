#include "dissectors/ws.h"

enum {
	LEN_16 = 126,
	LEN_64 = 127,
	NO_STATUS = 1005,
};

static bool known(uint8_t opcode)
{
	return opcode <= WS_BINARY || (opcode >= WS_CLOSE && opcode <= WS_PONG);
}

static bool read_len(struct cursor *c, uint8_t len7, struct ws_frame *f)
{
	f->len = len7;
	f->minimal = true;
	if (len7 == LEN_16) {
		f->len = cursor_u16(c);
		f->minimal = f->len >= LEN_16;
	} else if (len7 == LEN_64) {
		f->len = cursor_u64(c);
		f->minimal = f->len > UINT16_MAX;
	}
	return f->len >> 63 == 0;
}

/*
 * RFC 6455, 5.2
 *
 *  FIN|RSV 3|opcode 4 | MASK|length 7 | length 16 or 64 | mask 32 | payload
 */
enum parse ws_frame_parse(struct slice in, struct ws_frame *out)
{
	struct cursor c = cursor_of(in);
	uint8_t b0 = cursor_u8(&c);
	uint8_t b1 = cursor_u8(&c);
	struct ws_frame f = {
		.fin = b0 >> 7,
		.rsv = b0 >> 4 & 7,
		.opcode = b0 & 0x0f,
		.masked = b1 >> 7,
	};
	struct slice mask;

	if (in.len && !known(f.opcode))
		return PARSE_BAD;
	if (in.len && ws_is_control(f.opcode) && (!f.fin || f.rsv & WS_RSV1))
		return PARSE_BAD;
	if (in.len > 1 && ws_is_control(f.opcode) &&
	    (b1 & 0x7f) > WS_CONTROL_MAX)
		return PARSE_BAD;
	if (!read_len(&c, b1 & 0x7f, &f))
		return PARSE_BAD;
	mask = cursor_take(&c, f.masked ? sizeof(f.mask) : 0);
	if (c.bad)
		return PARSE_MORE;
	if (f.masked)
		memcpy(f.mask, mask.p, sizeof(f.mask));
	f.header_len = (uint8_t)(in.len - cursor_left(&c));
	*out = f;
	return PARSE_OK;
}

void ws_unmask(uint8_t *p, size_t n, const uint8_t mask[4], uint64_t at)
{
	uint8_t turned[4];
	uint32_t word;
	size_t i = 0;

	for (size_t k = 0; k < sizeof(turned); k++)
		turned[k] = mask[(at + k) & 3];
	memcpy(&word, turned, sizeof(word));
	for (; n - i >= sizeof(word); i += sizeof(word)) {
		uint32_t v;

		memcpy(&v, p + i, sizeof(v));
		v ^= word;
		memcpy(p + i, &v, sizeof(v));
	}
	for (; i < n; i++)
		p[i] ^= turned[i & 3];
}

uint16_t ws_close_code(struct slice payload)
{
	struct cursor c = cursor_of(payload);
	uint16_t code = cursor_u16(&c);

	return c.bad ? NO_STATUS : code;
}

/* A value, which may stand in quotes. */
static void read_bits(struct slice value, uint8_t *bits)
{
	uint32_t n;

	if (value.len >= 2 && value.p[0] == '"')
		value = slice_head(slice_from(value, 1), value.len - 2);
	if (slice_u32(value, &n) && n >= 8 && n <= 15)
		*bits = (uint8_t)n;
}

static void read_param(struct slice param, struct ws_deflate *d)
{
	struct slice name;
	struct slice value;

	slice_cut(param, '=', &name, &value);
	name = slice_trim(name);
	value = slice_trim(value);
	if (slice_ieq(name, SLICE("client_no_context_takeover")))
		d->client_no_context_takeover = true;
	else if (slice_ieq(name, SLICE("server_no_context_takeover")))
		d->server_no_context_takeover = true;
	else if (slice_ieq(name, SLICE("client_max_window_bits")))
		read_bits(value, &d->client_max_window_bits);
	else if (slice_ieq(name, SLICE("server_max_window_bits")))
		read_bits(value, &d->server_max_window_bits);
}

void ws_deflate_parse(struct slice extensions, struct ws_deflate *out)
{
	struct ws_deflate d = {
		.client_max_window_bits = 15,
		.server_max_window_bits = 15,
	};

	while (extensions.len && !d.offered) {
		struct slice offer;
		struct slice word;

		slice_cut(extensions, ',', &offer, &extensions);
		slice_cut(offer, ';', &word, &offer);
		if (!slice_ieq(slice_trim(word), SLICE("permessage-deflate")))
			continue;
		d.offered = true;
		while (offer.len) {
			slice_cut(offer, ';', &word, &offer);
			read_param(word, &d);
		}
	}
	*out = d;
}
