/* Frames among bytes of which nothing is known. */
#include "sniffer/net/ws_plain.h"

enum {
	TEXT_MIN = 8,	     /* less is too little to judge by */
	PAYLOAD_MAX = 65535, /* more is not waited for */
	PIECE = 1024,
	INFLATING = 4096, /* costs as much as looking at so many bytes */
};

struct text {
	size_t len;
	unsigned more; /* bytes of the character at hand */
	bool bad;
};

/* UTF-8 without control characters, nearly: overlong forms pass. */
static void check_byte(struct text *t, uint8_t c)
{
	if (t->more) {
		t->bad |= (c & 0xc0) != 0x80;
		t->more--;
	} else if (c < 0x80) {
		t->bad |= (c < ' ' && c != '\t' && c != '\r' && c != '\n') ||
			  c == 0x7f;
	} else {
		t->bad |= c < 0xc2 || c > 0xf4;
		t->more = 1 + (c >= 0xe0) + (c >= 0xf0);
	}
}

static void check(void *arg, struct slice s)
{
	struct text *t = arg;

	t->len += s.len;
	for (size_t i = 0; i < s.len && !t->bad; i++)
		check_byte(t, s.p[i]);
}

/* Hands the payload over unmasked until it is no text. */
static void check_plain(struct text *t, const struct ws_frame *f,
			struct slice payload)
{
	for (size_t at = 0; at < payload.len && !t->bad; at += PIECE) {
		struct slice s = slice_head(slice_from(payload, at), PIECE);
		uint8_t piece[PIECE];

		memcpy(piece, s.p, s.len);
		ws_unmask(piece, s.len, f->mask, at);
		check(t, slice_of(piece, s.len));
	}
}

/* The same for a compressed one, which is whole. */
static void check_zipped(struct text *t, const struct ws_frame *f,
			 struct slice payload, struct web_mem *m)
{
	struct unzip *u = unzip_new(m, UNZIP_RAW);
	int err = u ? 0 : -1;

	for (size_t at = 0; at < payload.len && !err && !t->bad; at += PIECE) {
		struct slice s = slice_head(slice_from(payload, at), PIECE);
		uint8_t piece[PIECE];

		memcpy(piece, s.p, s.len);
		ws_unmask(piece, s.len, f->mask, at);
		err = unzip_feed(u, slice_of(piece, s.len), check, t);
	}
	if (!err && !t->bad)
		err = unzip_feed(u, SLICE("\x00\x00\xff\xff"), check, t);
	t->bad |= err != 0;
	unzip_free(u);
}

/* The first two bytes tell most of what is none. */
static bool possible(struct slice in, bool client)
{
	uint8_t b0 = in.len ? in.p[0] & 0xbf : 0x81;
	bool masked = in.len > 1 ? in.p[1] >> 7 : client;

	return (b0 == (0x80 | WS_TEXT) || b0 == (0x80 | WS_BINARY)) &&
	       masked == client;
}

/* What follows a frame: nothing yet, or another one. */
static bool goes_on(struct slice in, bool client)
{
	struct ws_frame f;

	if (ws_frame_parse(in, &f) == PARSE_BAD)
		return false;
	return in.len < 2 || (in.p[1] >> 7 == client && (in.p[0] & 0x0f) &&
			      !(in.p[0] >> 4 & (WS_RSV2 | WS_RSV3)));
}

enum parse ws_sure(struct slice in, bool client, struct web_mem *m, size_t *n)
{
	struct text t = {0};
	struct ws_frame f;
	struct slice payload;
	size_t whole;

	enum parse got = PARSE_BAD;

	*n = 1;
	if (possible(in, client))
		got = ws_frame_parse(in, &f);
	if (got == PARSE_MORE)
		*n = in.len + 1;
	if (got != PARSE_OK)
		return got;
	if (f.len > PAYLOAD_MAX || f.len == 0)
		return PARSE_BAD;
	whole = f.header_len + (size_t)f.len;
	payload = slice_head(slice_from(in, f.header_len), (size_t)f.len);
	if (!(f.rsv & WS_RSV1))
		check_plain(&t, &f, payload);
	else if (payload.len == f.len)
		check_zipped(&t, &f, payload, m);
	*n = t.len + (f.rsv & WS_RSV1 ? INFLATING : WS_HEADER_MAX);
	if (t.bad)
		return PARSE_BAD;
	if (payload.len < f.len) {
		/* What is no text shows itself on the way. */
		*n = whole < 2 * in.len ? whole : 2 * in.len;
		return PARSE_MORE;
	}
	if (t.len < TEXT_MIN || t.more ||
	    !goes_on(slice_from(in, whole), client))
		return PARSE_BAD;
	return PARSE_OK;
}
