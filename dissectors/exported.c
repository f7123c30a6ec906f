#include "dissectors/exported.h"

#include "sniffer/base/slice.h"

/* epan/exported_pdu.h: each is a type and a length, 2 bytes, and a value,
 * padded to a multiple of 4, which the length counts. */
enum {
	TAG_END = 0,
	TAG_DISSECTOR = 12,
	TAG_IPV4_SRC = 20,
	TAG_IPV4_DST = 21,
	TAG_IPV6_SRC = 22,
	TAG_IPV6_DST = 23,
	TAG_PORT_TYPE = 24,
	TAG_PORT_SRC = 25,
	TAG_PORT_DST = 26,
	TAG_COLUMN = 33,
};

static const char *const carriers[EXPORTED_BY_COUNT] = {
	[EXPORTED_BY_UNKNOWN] = "",
	[EXPORTED_BY_TLS] = "TLS",
	[EXPORTED_BY_WS_CLIENT] = "WS client",
	[EXPORTED_BY_WS_SERVER] = "WS server",
	[EXPORTED_BY_WSS_CLIENT] = "WSS client",
	[EXPORTED_BY_WSS_SERVER] = "WSS server",
	[EXPORTED_BY_HTTP_REQUEST] = "HTTP request",
	[EXPORTED_BY_HTTP_RESPONSE] = "HTTP response",
};

/* --- writing ------------------------------------------------------------- */

static uint8_t *put_tag(uint8_t *at, unsigned tag, struct slice value)
{
	size_t padded = (value.len + 3) & ~(size_t)3;

	at[0] = (uint8_t)(tag >> 8);
	at[1] = (uint8_t)tag;
	at[2] = (uint8_t)(padded >> 8);
	at[3] = (uint8_t)padded;
	memset(at + 4, 0, padded);
	if (value.len)
		memcpy(at + 4, value.p, value.len);
	return at + 4 + padded;
}

static uint8_t *put_u32(uint8_t *at, unsigned tag, uint32_t v)
{
	uint8_t be[4] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16),
			 (uint8_t)(v >> 8), (uint8_t)v};

	return put_tag(at, tag, slice_of(be, 4));
}

static uint8_t *put_ip(uint8_t *at, const struct addr *a, bool src)
{
	if (addr_is_v4(a))
		return put_tag(at, src ? TAG_IPV4_SRC : TAG_IPV4_DST,
			       slice_of(a->ip + 12, 4));
	return put_tag(at, src ? TAG_IPV6_SRC : TAG_IPV6_DST,
		       slice_of(a->ip, 16));
}

size_t exported_put(uint8_t *to, const struct exported *x)
{
	uint8_t *at = put_tag(to, TAG_DISSECTOR, slice_head(x->dissector, 32));

	at = put_ip(at, &x->src, true);
	at = put_ip(at, &x->dst, false);
	at = put_u32(at, TAG_PORT_TYPE, x->port_type);
	at = put_u32(at, TAG_PORT_SRC, x->src.port);
	at = put_u32(at, TAG_PORT_DST, x->dst.port);
	if (x->by != EXPORTED_BY_UNKNOWN)
		at = put_tag(at, TAG_COLUMN, slice_str(carriers[x->by]));
	at = put_tag(at, TAG_END, (struct slice){0});
	return (size_t)(at - to);
}

/* --- reading ------------------------------------------------------------- */

static void get_ip(struct addr *to, struct slice value)
{
	uint16_t port = to->port;

	if (value.len == 4)
		*to = addr_v4(value.p, port);
	else if (value.len == 16)
		*to = addr_v6(value.p, port);
}

static uint32_t get_u32(struct slice value)
{
	struct cursor c = cursor_of(value);

	return cursor_u32(&c);
}

static struct slice get_text(struct slice value)
{
	return slice_of(value.p, strnlen((const char *)value.p, value.len));
}

static enum exported_by get_by(struct slice text)
{
	for (int i = 1; i < EXPORTED_BY_COUNT; i++)
		if (slice_eq(text, slice_str(carriers[i])))
			return (enum exported_by)i;
	return EXPORTED_BY_UNKNOWN;
}

static void get_tag(struct exported *x, unsigned tag, struct slice value)
{
	switch (tag) {
	case TAG_DISSECTOR:
		x->dissector = get_text(value);
		break;
	case TAG_IPV4_SRC:
	case TAG_IPV6_SRC:
		get_ip(&x->src, value);
		break;
	case TAG_IPV4_DST:
	case TAG_IPV6_DST:
		get_ip(&x->dst, value);
		break;
	case TAG_PORT_TYPE:
		x->port_type = get_u32(value);
		break;
	case TAG_PORT_SRC:
		x->src.port = (uint16_t)get_u32(value);
		break;
	case TAG_PORT_DST:
		x->dst.port = (uint16_t)get_u32(value);
		break;
	case TAG_COLUMN:
		x->by = get_by(get_text(value));
		break;
	default:
		break;
	}
}

static bool has_ip(const struct addr *a)
{
	static const uint8_t none[16];

	return memcmp(a->ip, none, sizeof(none));
}

bool exported_read(struct slice in, struct exported *out, struct slice *message)
{
	struct cursor c = cursor_of(in);
	struct exported x = {.dissector = {0}};
	unsigned tag;

	do {
		struct slice value;

		tag = cursor_u16(&c);
		value = cursor_take(&c, cursor_u16(&c));
		if (c.bad)
			return false;
		get_tag(&x, tag, value);
	} while (tag != TAG_END);
	if (!x.dissector.len || !has_ip(&x.src) || !has_ip(&x.dst))
		return false;
	*out = x;
	*message = slice_of(c.p, cursor_left(&c));
	return true;
}
