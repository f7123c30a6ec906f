#include "sniffer/net/sctp.h"

enum {
	CHUNK_DATA = 0,
	WHOLE = 0x03, /* flags B and E: first and last piece */
};

struct sctp_iter sctp_begin(struct slice chunks)
{
	return (struct sctp_iter){.left = chunks};
}

/*
 * RFC 9260, 3.3.1: behind the chunk's header
 *
 *  TSN 4 | stream 2 | sequence 2 | payload protocol 4 | user data
 */
static bool read_data(struct slice body, struct sctp_data *out)
{
	struct cursor c = cursor_of(body);
	struct sctp_data d = {.tsn = cursor_u32(&c)};

	d.stream = cursor_u16(&c);
	d.seq = cursor_u16(&c);
	d.ppid = cursor_u32(&c);
	d.payload = cursor_rest(&c);
	if (c.bad || !d.payload.len)
		return false;
	*out = d;
	return true;
}

/* RFC 9260, 3.2: type 1 | flags 1 | length 2, with this header and without
 * the padding to 4 bytes | body */
bool sctp_next(struct sctp_iter *it, struct sctp_data *out)
{
	while (it->left.len) {
		struct cursor c = cursor_of(it->left);
		uint8_t type = cursor_u8(&c);
		uint8_t flags = cursor_u8(&c);
		uint16_t len = cursor_u16(&c);
		struct slice body = cursor_take(&c, len - (size_t)4);

		if (c.bad || len < 4) {
			it->bad = true;
			it->left.len = 0;
			return false;
		}
		it->left = slice_from(it->left, (len + 3u) & ~3u);
		if (type != CHUNK_DATA)
			continue;
		if ((flags & WHOLE) != WHOLE)
			it->fragments++;
		else if (read_data(body, out))
			return true;
		else
			it->bad = true;
	}
	return false;
}
