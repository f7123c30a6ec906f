#include "dissectors/h2.h"

enum parse h2_preface(struct slice head)
{
	struct slice want = SLICE("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

	if (!slice_starts(want, slice_head(head, want.len)))
		return PARSE_BAD;
	return head.len < want.len ? PARSE_MORE : PARSE_OK;
}

/*
 * RFC 9113, 4.1
 *
 *  length 24 | type 8 | flags 8 | R 1 | stream 31 | payload
 */
enum parse h2_frame_parse(struct slice in, struct h2_frame *out)
{
	struct cursor c = cursor_of(in);
	struct h2_frame f;

	f.len = cursor_u24(&c);
	f.type = cursor_u8(&c);
	f.flags = cursor_u8(&c);
	f.stream = cursor_u32(&c) & 0x7fffffff;
	if (c.bad)
		return PARSE_MORE;
	switch (f.type) {
	case H2_DATA:
	case H2_HEADERS:
	case H2_RST_STREAM:
		if (!f.stream)
			return PARSE_BAD;
		break;
	case H2_SETTINGS:
	case H2_GOAWAY:
		if (f.stream)
			return PARSE_BAD;
		break;
	}
	*out = f;
	return PARSE_OK;
}

/* RFC 9113, 6.5: a list of settings of 6 bytes. */
enum parse h2_probe_server(struct slice head)
{
	static const uint8_t behind_len[6] = {H2_SETTINGS};
	struct slice rest = slice_from(head, 3);
	struct h2_frame f;

	if (head.len && head.p[0])
		return PARSE_BAD;
	if (!slice_eq(slice_head(rest, 6),
		      slice_of(behind_len, rest.len < 6 ? rest.len : 6)))
		return PARSE_BAD;
	if (h2_frame_parse(head, &f) != PARSE_OK)
		return PARSE_MORE;
	return f.len % 6 || f.len > 6 * 64 ? PARSE_BAD : PARSE_OK;
}

bool h2_data(const struct h2_frame *f, struct slice payload, struct slice *data)
{
	struct cursor c = cursor_of(payload);
	uint8_t pad = f->flags & H2_PADDED ? cursor_u8(&c) : 0;

	if (c.bad || pad > cursor_left(&c))
		return false;
	*data = cursor_take(&c, cursor_left(&c) - pad);
	return true;
}
