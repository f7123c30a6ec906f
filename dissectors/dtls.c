#include "dissectors/dtls.h"

/* The unified header's first byte: 001 C S L E E. */
enum {
	UNIFIED_MASK = 0xe0,
	UNIFIED = 0x20,
	UNIFIED_CID = 0x10,
	UNIFIED_SEQ16 = 0x08,
	UNIFIED_LENGTH = 0x04,
	UNIFIED_EPOCH = 0x03,
	/* What hides the number is made from so many bytes (4.2.3). */
	UNIFIED_LEAST = 16,
};

static bool known_version(uint16_t version)
{
	return version == DTLS_1_0 || version == DTLS_1_2 ||
	       version == DTLS_1_3 || version == DTLS_BAD;
}

bool dtls_looks(struct slice in)
{
	struct cursor c = cursor_of(in);
	uint8_t type = cursor_u8(&c);
	uint16_t version = cursor_u16(&c);
	uint16_t len;

	cursor_take(&c, 8); /* epoch, sequence number */
	len = cursor_u16(&c);
	return !c.bad && type >= DTLS_CHANGE_CIPHER_SPEC && type <= DTLS_ACK &&
	       known_version(version) && len > 0 && len <= cursor_left(&c);
}

/* Connection IDs are for who knows their length. A record without a length is
 * allowed at the end, but nobody sends it, and anything could be one. */
bool dtls13_record_looks(struct slice in)
{
	static const uint8_t marks =
		UNIFIED_MASK | UNIFIED_CID | UNIFIED_LENGTH;
	struct dtls_record r;

	if (!in.len)
		return false;
	while (in.len) {
		if ((in.p[0] & marks) != (UNIFIED | UNIFIED_LENGTH) ||
		    dtls_record_next(&in, 0, &r) != PARSE_OK || r.cut ||
		    r.payload.len < UNIFIED_LEAST)
			return false;
	}
	return true;
}

/* The rest of both headers: the payload, of len bytes if they are there. */
static enum parse finish(struct slice *in, struct cursor *c, size_t len,
			 struct dtls_record *r, struct dtls_record *out)
{
	if (c->bad)
		return PARSE_MORE;
	r->header = slice_head(*in, in->len - cursor_left(c));
	r->cut = len > cursor_left(c);
	r->payload = cursor_take(c, r->cut ? cursor_left(c) : len);
	*in = cursor_rest(c);
	*out = *r;
	return PARSE_OK;
}

/*
 * RFC 9147, 4: 001CSLEE 1 | [connection ID if C] | number 1, 2 if S |
 * [length 2 if L, else all the rest]
 */
static enum parse unified(struct slice *in, size_t cid_len,
			  struct dtls_record *out)
{
	struct cursor c = cursor_of(*in);
	uint8_t flags = cursor_u8(&c);
	struct dtls_record r = {
		.unified = true,
		.epoch = flags & UNIFIED_EPOCH,
		.seq_len = flags & UNIFIED_SEQ16 ? 2 : 1,
	};
	size_t len;

	if (flags & UNIFIED_CID)
		r.cid = cursor_take(&c, cid_len);
	r.seq = r.seq_len == 2 ? cursor_u16(&c) : cursor_u8(&c);
	len = flags & UNIFIED_LENGTH ? cursor_u16(&c) : cursor_left(&c);
	return finish(in, &c, len, &r, out);
}

/*
 * RFC 6347, 4.1: type 1 | version 2 | epoch 2 | number 6 | length 2
 * RFC 9146, 4: with type 25 the connection ID stands before the length
 */
static enum parse plain(struct slice *in, size_t cid_len,
			struct dtls_record *out)
{
	struct cursor c = cursor_of(*in);
	struct dtls_record r = {.seq_len = 6};
	size_t len;

	r.type = cursor_u8(&c);
	r.version = cursor_u16(&c);
	if (!c.bad && !known_version(r.version))
		return PARSE_BAD;
	r.epoch = cursor_u16(&c);
	r.seq = (uint64_t)cursor_u16(&c) << 32;
	r.seq |= cursor_u32(&c);
	if (r.type == DTLS_TLS12_CID)
		r.cid = cursor_take(&c, cid_len);
	len = cursor_u16(&c);
	return finish(in, &c, len, &r, out);
}

enum parse dtls_record_next(struct slice *in, size_t cid_len,
			    struct dtls_record *out)
{
	if (!in->len)
		return PARSE_MORE;
	if ((in->p[0] & UNIFIED_MASK) == UNIFIED)
		return unified(in, cid_len, out);
	if (in->p[0] < DTLS_CHANGE_CIPHER_SPEC || in->p[0] > DTLS_ACK)
		return PARSE_BAD;
	return plain(in, cid_len, out);
}

/* type 1 | length 3 | message_seq 2 | offset 3 | fragment length 3 */
enum parse dtls_fragment_next(struct slice *in, struct dtls_fragment *out)
{
	struct cursor c = cursor_of(*in);
	struct dtls_fragment f = {0};

	f.type = cursor_u8(&c);
	f.length = cursor_u24(&c);
	f.seq = cursor_u16(&c);
	f.offset = cursor_u24(&c);
	f.len = cursor_u24(&c);
	if (c.bad)
		return PARSE_MORE;
	if (f.offset > f.length || f.len > f.length - f.offset ||
	    (!f.len && f.length))
		return PARSE_BAD;
	f.cut = f.len > cursor_left(&c);
	f.data = cursor_take(&c, f.cut ? cursor_left(&c) : f.len);
	*in = cursor_rest(&c);
	*out = f;
	return PARSE_OK;
}
