#include "dissectors/tls.h"

#include "dissectors/tls_hello.h"

/* Not SSL 3.0 as a version of its own, but its number in the record: old
 * clients begin with it. */
static bool is_head(uint8_t type, uint16_t version, uint16_t len)
{
	return type >= TLS_CHANGE_CIPHER_SPEC && type <= TLS_HEARTBEAT &&
	       version >= 0x0300 && version <= 0x0304 &&
	       len <= TLS_FRAGMENT_MAX;
}

/* Of a head that is cut everything must fit that is there. */
enum parse tls_probe(struct slice head)
{
	struct cursor c = cursor_of(head);
	uint8_t type = cursor_u8(&c);
	uint8_t major = cursor_u8(&c);
	uint8_t minor = cursor_u8(&c);
	uint16_t len = cursor_u16(&c);
	uint8_t message = cursor_u8(&c);

	if (head.len >= 1 && type != TLS_HANDSHAKE)
		return PARSE_BAD;
	if (head.len >= 2 && major != 3)
		return PARSE_BAD;
	if (head.len >= 3 && minor > 4)
		return PARSE_BAD;
	if (head.len >= 5 && (len < TLS_HANDSHAKE_HEAD || len > TLS_PLAIN_MAX))
		return PARSE_BAD;
	if (head.len >= 6 && message != TLS_CLIENT_HELLO &&
	    message != TLS_SERVER_HELLO)
		return PARSE_BAD;
	return head.len < 6 ? PARSE_MORE : PARSE_OK;
}

/*
 * type 1 | version 2 | length 2 | fragment
 *
 * Only application data may be empty (RFC 8446, 5.1).
 */
enum parse tls_record_parse(struct slice in, struct tls_record *out)
{
	struct cursor c = cursor_of(in);
	struct tls_record r = {.type = cursor_u8(&c)};
	uint16_t len;

	r.version = cursor_u16(&c);
	len = cursor_u16(&c);
	if (c.bad) {
		out->len = 0;
		return PARSE_MORE;
	}
	if (!is_head(r.type, r.version, len) ||
	    (!len && r.type != TLS_APPLICATION_DATA))
		return PARSE_BAD;
	r.head = slice_head(in, TLS_RECORD_HEAD);
	r.len = TLS_RECORD_HEAD + (size_t)len;
	r.fragment = cursor_take(&c, len);
	if (c.bad) {
		out->len = r.len;
		return PARSE_MORE;
	}
	*out = r;
	return PARSE_OK;
}

enum parse tls_message_parse(struct slice in, uint8_t *type, struct slice *body,
			     size_t *len)
{
	struct cursor c = cursor_of(in);
	uint8_t t = cursor_u8(&c);
	uint32_t n = cursor_u24(&c);
	struct slice b;

	*len = c.bad ? 0 : TLS_HANDSHAKE_HEAD + (size_t)n;
	b = cursor_take(&c, n);
	if (c.bad)
		return PARSE_MORE;
	*type = t;
	*body = b;
	return PARSE_OK;
}
