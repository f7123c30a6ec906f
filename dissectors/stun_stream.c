/* TURN's channel data, and STUN on byte streams. */
#include "dissectors/stun.h"

/*
 * RFC 8656, 12.4 and 12.5
 *
 *  channel | length of the data | data, on a stream padded to four bytes
 */
enum parse turn_channel_parse(struct slice in, bool stream,
			      struct turn_channel *out)
{
	struct cursor c = cursor_of(in);
	struct turn_channel t = {.channel = cursor_u16(&c)};
	size_t len = cursor_u16(&c);

	if (in.len && (in.p[0] & 0xc0) != 0x40)
		return PARSE_BAD;
	t.data = cursor_take(&c, len);
	if (stream)
		cursor_take(&c, -len & 3);
	if (c.bad)
		return PARSE_MORE;
	t.total_len = in.len - cursor_left(&c);
	*out = t;
	return PARSE_OK;
}

bool stun_channel_looks(struct slice in)
{
	struct turn_channel t;

	return turn_channel_parse(in, false, &t) == PARSE_OK &&
	       in.len - t.total_len < 4;
}

/* Are these the first 8 bytes of a message with a cookie? */
static enum parse begins(struct slice s)
{
	struct cursor c = cursor_of(s);
	uint16_t type = cursor_u16(&c);
	uint16_t len = cursor_u16(&c);
	uint32_t cookie = cursor_u32(&c);

	if (s.len && s.p[0] & 0xc0)
		return PARSE_BAD;
	if (s.len >= 4 && len % 4)
		return PARSE_BAD;
	if (c.bad)
		return PARSE_MORE;
	return type && cookie == STUN_COOKIE ? PARSE_OK : PARSE_BAD;
}

/* The same behind the length of a frame, which must be that of the message. */
static enum parse begins_framed(struct slice s)
{
	struct cursor c = cursor_of(s);
	size_t frame = cursor_u16(&c);
	size_t len;

	cursor_u16(&c);
	len = cursor_u16(&c);
	if (s.len >= 2 && (frame < STUN_HEAD || frame % 4))
		return PARSE_BAD;
	if (!c.bad && frame != STUN_HEAD + len)
		return PARSE_BAD;
	return begins(slice_from(s, 2));
}

enum stun_stream stun_stream_probe(struct slice head)
{
	enum parse plain = begins(head);
	enum parse framed = begins_framed(head);

	if (plain == PARSE_OK)
		return STUN_STREAM_TURN;
	if (framed == PARSE_OK)
		return STUN_STREAM_FRAMED;
	return plain == PARSE_MORE || framed == PARSE_MORE ? STUN_STREAM_MORE
							   : STUN_STREAM_NO;
}
