#include "dissectors/tls_hello.h"

enum {
	EXT_SERVER_NAME = 0,
	EXT_MAX_FRAGMENT = 1,
	EXT_GROUPS = 10,
	EXT_SIGNATURES = 13,
	EXT_USE_SRTP = 14,
	EXT_ALPN = 16,
	EXT_ENCRYPT_THEN_MAC = 22,
	EXT_EXTENDED_MASTER_SECRET = 23,
	EXT_SESSION_TICKET = 35,
	EXT_PRE_SHARED_KEY = 41,
	EXT_EARLY_DATA = 42,
	EXT_VERSIONS = 43,
	EXT_COOKIE = 44,
	EXT_KEY_SHARE = 51,
	EXT_CONNECTION_ID = 54,
	EXT_ENCRYPTED_HELLO = 0xfe0d,
};

/* The random that makes a ServerHello a HelloRetryRequest (RFC 8446, 4.1.3):
 * SHA-256 of that word. */
static const uint8_t retry_random[TLS_RANDOM] = {
	0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
	0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
	0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

/* A vector with a length of 1, 2 or 3 bytes before it. */
static struct slice take8(struct cursor *c)
{
	uint8_t len = cursor_u8(c);

	return cursor_take(c, len);
}

static struct slice take16(struct cursor *c)
{
	uint16_t len = cursor_u16(c);

	return cursor_take(c, len);
}

static struct slice take24(struct cursor *c)
{
	uint32_t len = cursor_u24(c);

	return cursor_take(c, len);
}

bool tls_u16_next(struct slice *list, uint16_t *v)
{
	if (list->len < 2)
		return false;
	*v = (uint16_t)(list->p[0] << 8 | list->p[1]);
	*list = slice_from(*list, 2);
	return true;
}

bool tls_u16_has(struct slice list, uint16_t v)
{
	uint16_t one;

	while (tls_u16_next(&list, &one))
		if (one == v)
			return true;
	return false;
}

bool tls_is_grease(uint16_t v)
{
	return (v & 0x0f0f) == 0x0a0a && v >> 8 == (v & 0xff);
}

/* The bytes behind a 16-bit length that fill the extension to its end, cut to
 * whole numbers of 16 bits. */
static struct slice u16_list(struct slice list, bool whole)
{
	return slice_head(list, whole ? list.len & ~(size_t)1 : 0);
}

static struct slice list16(struct slice data)
{
	struct cursor c = cursor_of(data);
	struct slice list = take16(&c);

	return u16_list(list, !c.bad);
}

static struct slice list8(struct slice data)
{
	struct cursor c = cursor_of(data);
	struct slice list = take8(&c);

	return u16_list(list, !c.bad);
}

/* RFC 6066, 3: list 2 | (type 1 | name 2+n) ...; type 0 is a host name. */
static struct slice server_name(struct slice data)
{
	struct cursor c = cursor_of(data);
	struct slice list = take16(&c);

	c = cursor_of(list);
	while (cursor_left(&c)) {
		uint8_t type = cursor_u8(&c);
		struct slice name = take16(&c);

		if (c.bad)
			break;
		if (type == 0)
			return name;
	}
	return (struct slice){0};
}

bool tls_alpn_next(struct slice *list, struct slice *name)
{
	struct cursor c = cursor_of(*list);
	struct slice one = take8(&c);

	if (c.bad || !list->len)
		return false;
	*name = one;
	*list = cursor_rest(&c);
	return true;
}

/* What lies behind the 16-bit length that ALPN and cookie begin with. */
static struct slice vector16(struct slice data)
{
	struct cursor c = cursor_of(data);
	struct slice list = take16(&c);

	if (c.bad)
		return (struct slice){0};
	return list;
}

/* RFC 7301, 3.1: an answer names one protocol. */
static struct slice alpn_one(struct slice data)
{
	struct slice list = vector16(data), name = {0};

	tls_alpn_next(&list, &name);
	return name;
}

/* RFC 5764, 4.1.1: profiles 2+n | MKI 1+n. */
static uint16_t srtp_one(struct slice data)
{
	struct slice list = list16(data);
	uint16_t profile = 0;

	tls_u16_next(&list, &profile);
	return profile;
}

static bool connection_id(struct slice data, struct slice *out)
{
	struct cursor c = cursor_of(data);
	struct slice id = take8(&c);

	if (c.bad)
		return false;
	*out = id;
	return true;
}

/* Takes the next extension off the front of c; false at the end. */
static bool next_extension(struct cursor *c, uint16_t *type, struct slice *data)
{
	if (!cursor_left(c))
		return false;
	*type = cursor_u16(c);
	*data = take16(c);
	return !c->bad;
}

static void client_extension(struct tls_client_hello *h, uint16_t type,
			     struct slice data)
{
	switch (type) {
	case EXT_SERVER_NAME:
		h->server_name = server_name(data);
		break;
	case EXT_GROUPS:
		h->groups = list16(data);
		break;
	case EXT_SIGNATURES:
		h->signatures = list16(data);
		break;
	case EXT_USE_SRTP:
		h->srtp_profiles = list16(data);
		break;
	case EXT_ALPN:
		h->alpn = vector16(data);
		break;
	case EXT_ENCRYPT_THEN_MAC:
		h->encrypt_then_mac = true;
		break;
	case EXT_EXTENDED_MASTER_SECRET:
		h->extended_master_secret = true;
		break;
	case EXT_SESSION_TICKET:
		h->session_ticket = data;
		break;
	case EXT_PRE_SHARED_KEY:
		h->pre_shared_key = true;
		break;
	case EXT_EARLY_DATA:
		h->early_data = true;
		break;
	case EXT_VERSIONS:
		h->versions = list8(data);
		break;
	case EXT_COOKIE:
		h->retry_cookie = vector16(data);
		break;
	case EXT_CONNECTION_ID:
		h->has_connection_id = connection_id(data, &h->connection_id);
		break;
	case EXT_ENCRYPTED_HELLO:
		h->encrypted_hello = true;
		break;
	}
}

/* Versions of DTLS count down. */
static uint16_t best_version(const struct tls_client_hello *h, bool dtls)
{
	struct slice list = h->versions;
	uint16_t best = 0, v;

	while (tls_u16_next(&list, &v)) {
		if (v >> 8 != (dtls ? 0xfe : 0x03))
			continue;
		if (!best || (dtls ? v < best : v > best))
			best = v;
	}
	return best ? best : h->legacy_version;
}

/*
 * RFC 8446, 4.1.2; RFC 9147, 5.3
 *
 * version 2 | random 32 | session id 1+n | [DTLS: cookie 1+n] |
 * ciphers 2+n | compressions 1+n | [extensions 2+n]
 */
enum parse tls_client_hello_parse(struct slice body, bool dtls,
				  struct tls_client_hello *out)
{
	struct cursor c = cursor_of(body);
	struct tls_client_hello h = {0};
	struct slice data;
	uint16_t type;

	h.legacy_version = cursor_u16(&c);
	h.random = cursor_take(&c, TLS_RANDOM);
	h.session_id = take8(&c);
	if (dtls)
		h.cookie = take8(&c);
	h.ciphers = take16(&c);
	h.compressions = take8(&c);
	if (c.bad || h.session_id.len > 32 || !h.ciphers.len ||
	    h.ciphers.len % 2)
		return PARSE_BAD;

	/* Extensions came with RFC 3546: before, nothing follows. */
	if (cursor_left(&c)) {
		struct cursor ext = cursor_of(take16(&c));

		while (!c.bad && next_extension(&ext, &type, &data))
			client_extension(&h, type, data);
		if (c.bad || ext.bad)
			return PARSE_BAD;
	}
	h.max_version = best_version(&h, dtls);
	*out = h;
	return PARSE_OK;
}

static void server_extension(struct tls_server_hello *h, uint16_t type,
			     struct slice data)
{
	struct cursor c = cursor_of(data);
	uint16_t v;

	switch (type) {
	case EXT_MAX_FRAGMENT:
		h->max_fragment = cursor_u8(&c);
		break;
	case EXT_USE_SRTP:
		h->srtp_profile = srtp_one(data);
		break;
	case EXT_ALPN:
		h->alpn = alpn_one(data);
		break;
	case EXT_ENCRYPT_THEN_MAC:
		h->encrypt_then_mac = true;
		break;
	case EXT_EXTENDED_MASTER_SECRET:
		h->extended_master_secret = true;
		break;
	case EXT_SESSION_TICKET:
		h->session_ticket = true;
		break;
	case EXT_PRE_SHARED_KEY:
		h->pre_shared_key = true;
		break;
	case EXT_VERSIONS:
		v = cursor_u16(&c);
		if (!c.bad)
			h->version = v;
		break;
	case EXT_COOKIE:
		h->retry_cookie = vector16(data);
		break;
	case EXT_KEY_SHARE:
		h->group = cursor_u16(&c);
		break;
	case EXT_CONNECTION_ID:
		h->has_connection_id = connection_id(data, &h->connection_id);
		break;
	}
}

/*
 * RFC 8446, 4.1.3
 *
 * version 2 | random 32 | session id 1+n | cipher 2 | compression 1 |
 * [extensions 2+n]
 */
enum parse tls_server_hello_parse(struct slice body,
				  struct tls_server_hello *out)
{
	struct cursor c = cursor_of(body);
	struct tls_server_hello h = {0};
	struct slice data;
	uint16_t type;

	h.legacy_version = h.version = cursor_u16(&c);
	h.random = cursor_take(&c, TLS_RANDOM);
	h.session_id = take8(&c);
	h.cipher = cursor_u16(&c);
	h.compression = cursor_u8(&c);
	if (c.bad || h.session_id.len > 32)
		return PARSE_BAD;
	h.hello_retry = !memcmp(h.random.p, retry_random, TLS_RANDOM);

	if (cursor_left(&c)) {
		struct cursor ext = cursor_of(take16(&c));

		while (!c.bad && next_extension(&ext, &type, &data))
			server_extension(&h, type, data);
		if (c.bad || ext.bad)
			return PARSE_BAD;
	}
	*out = h;
	return PARSE_OK;
}

/* RFC 8446, 4.3.1: extensions 2+n */
enum parse tls_encrypted_extensions_parse(struct slice body,
					  struct tls_encrypted_extensions *out)
{
	struct cursor c = cursor_of(body);
	struct cursor ext = cursor_of(take16(&c));
	struct tls_encrypted_extensions e = {0};
	struct slice data;
	uint16_t type;

	while (!c.bad && next_extension(&ext, &type, &data)) {
		if (type == EXT_USE_SRTP)
			e.srtp_profile = srtp_one(data);
		else if (type == EXT_ALPN)
			e.alpn = alpn_one(data);
		else if (type == EXT_EARLY_DATA)
			e.early_data = true;
		else if (type == EXT_MAX_FRAGMENT && data.len == 1)
			e.max_fragment = data.p[0];
	}
	if (c.bad || ext.bad)
		return PARSE_BAD;
	*out = e;
	return PARSE_OK;
}

/* version 2 | cookie 1+n */
enum parse tls_hello_verify_parse(struct slice body, struct slice *cookie)
{
	struct cursor c = cursor_of(body);
	struct slice one;

	cursor_u16(&c);
	one = take8(&c);
	if (c.bad)
		return PARSE_BAD;
	*cookie = one;
	return PARSE_OK;
}

/*
 * RFC 5246, 7.4.2: list 3+n of (DER 3+n)
 * RFC 8446, 4.4.2: context 1+n | list 3+n of (DER 3+n | extensions 2+n)
 */
enum parse tls_certificate_parse(struct slice body, bool v13,
				 struct slice *list)
{
	struct cursor c = cursor_of(body);
	struct slice all;

	if (v13)
		take8(&c);
	all = take24(&c);
	if (c.bad)
		return PARSE_BAD;
	*list = all;
	return PARSE_OK;
}

bool tls_certificate_next(struct slice *list, bool v13, struct slice *der)
{
	struct cursor c = cursor_of(*list);
	struct slice one = take24(&c);

	if (v13)
		take16(&c);
	if (c.bad || !one.len)
		return false;
	*der = one;
	*list = cursor_rest(&c);
	return true;
}

/* level 1 | description 1 */
enum parse tls_alert_parse(struct slice body, struct tls_alert *out)
{
	if (body.len != 2 ||
	    (body.p[0] != TLS_ALERT_WARNING && body.p[0] != TLS_ALERT_FATAL))
		return PARSE_BAD;
	*out = (struct tls_alert){body.p[0], body.p[1]};
	return PARSE_OK;
}
