#include "dissectors/stun.h"

#include <zlib.h>

#include "dissectors/stun_attr.h"

#define FINGERPRINT_XOR 0x5354554eu /* "STUN" */

/*
 * RFC 8489, 5
 *
 *  0 0| M11 .. M7 |C1| M6 M5 M4 |C0| M3 .. M0 |  length of what follows  |
 *                         magic cookie                                   |
 *                         transaction id, 12 bytes                       |
 */
static uint16_t method_of(uint16_t type)
{
	return (uint16_t)((type & 0x000f) | (type & 0x00e0) >> 1 |
			  (type & 0x3e00) >> 2);
}

static enum stun_class class_of(uint16_t type)
{
	return (enum stun_class)((type >> 7 & 2) | (type >> 4 & 1));
}

/* --- names ------------------------------------------------------------- */

const char *stun_class_name(enum stun_class class)
{
	static const char *const names[] = {
		[STUN_REQUEST] = "request",
		[STUN_INDICATION] = "indication",
		[STUN_SUCCESS] = "success",
		[STUN_ERROR] = "error",
	};

	return names[class & 3];
}

static const char *method_name(uint16_t method)
{
	static const char *const names[] = {
		[STUN_BINDING] = "Binding",
		[STUN_SHARED_SECRET] = "SharedSecret",
		[TURN_ALLOCATE] = "Allocate",
		[TURN_REFRESH] = "Refresh",
		[TURN_SEND] = "Send",
		[TURN_DATA] = "Data",
		[TURN_CREATE_PERMISSION] = "CreatePermission",
		[TURN_CHANNEL_BIND] = "ChannelBind",
		[TURN_CONNECT] = "Connect",
		[TURN_CONNECTION_BIND] = "ConnectionBind",
		[TURN_CONNECTION_ATTEMPT] = "ConnectionAttempt",
	};
	const size_t count = sizeof(names) / sizeof(*names);

	if (method == STUN_GOOG_PING)
		return "GoogPing";
	return method < count ? names[method] : NULL;
}

static bool method_known(uint16_t method)
{
	return method_name(method);
}

const char *stun_method_name(uint16_t method)
{
	return method_known(method) ? method_name(method) : "unknown";
}

/* --- attributes -------------------------------------------------------- */

/*
 * RFC 8489, 14
 *
 *  type | length | value, padded to four bytes
 *
 * The length is that of the value alone. Takes what is there of a value that
 * the message does not hold; padding may be missing at the end.
 */
static bool next_attr(struct cursor *c, bool padded, struct stun_attr *a)
{
	size_t len, pad;

	if (c->bad || !cursor_left(c))
		return false;
	a->type = cursor_u16(c);
	len = cursor_u16(c);
	if (c->bad)
		a->type = 0; /* not even a header */
	a->cut = c->bad || len > cursor_left(c);
	a->value = a->cut ? cursor_rest(c) : cursor_take(c, len);
	pad = padded ? -len & 3 : 0;
	cursor_take(c, pad < cursor_left(c) ? pad : cursor_left(c));
	return true;
}

static bool fits(struct slice body, bool padded)
{
	struct cursor c = cursor_of(body);
	struct stun_attr a;

	while (next_attr(&c, padded, &a))
		if (a.cut)
			return false;
	return true;
}

/* A message without the cookie is only believed with attributes that the
 * clients and servers of that time knew (RFC 3489, 11.2). */
static bool fits_classic(struct slice body)
{
	struct cursor c = cursor_of(body);
	struct stun_attr a;

	while (next_attr(&c, true, &a)) {
		bool known = (a.type && a.type <= STUN_ATTR_REFLECTED_FROM) ||
			     a.type == STUN_ATTR_XOR_MAPPED_ADDRESS ||
			     a.type >= 0x8000;

		if (a.cut || !known)
			return false;
	}
	return true;
}

/* Behind an integrity only a stronger one and the fingerprint count: nobody
 * vouches for the rest (RFC 8489, 14.5 - 14.7). *level grows. */
static bool ignored(uint16_t type, unsigned *level)
{
	unsigned of;

	switch (type) {
	case STUN_ATTR_MESSAGE_INTEGRITY:
	case STUN_ATTR_GOOG_MESSAGE_INTEGRITY_32:
		of = 1;
		break;
	case STUN_ATTR_MESSAGE_INTEGRITY_SHA256:
		of = 2;
		break;
	case STUN_ATTR_FINGERPRINT:
		of = 3;
		break;
	default:
		return *level > 0;
	}
	if (of <= *level)
		return true;
	*level = of;
	return false;
}

static void fault(struct stun_msg *m, const char *name)
{
	if (!m->bad_attr)
		m->fault = name;
	m->bad_attr = true;
}

/* Some stacks (MS-TURN, old drafts) do not pad. Methods that are nobody's
 * (WhatsApp has some) may give the types a meaning of their own. */
static void read_attrs(struct slice msg, struct stun_msg *m)
{
	struct slice body = slice_from(msg, STUN_HEAD);
	bool padded = fits(body, true) || !fits(body, false);
	bool known = method_known(m->method);
	struct cursor c = cursor_of(body);
	struct stun_attr a = {.key = msg.p + 4};
	unsigned level = 0;

	for (;;) {
		a.offset = msg.len - cursor_left(&c);
		if (!next_attr(&c, padded, &a))
			return;
		if (a.cut)
			fault(m, "stun.attribute_past_end");
		if (!ignored(a.type, &level) && !stun_attr_read(&a, m) && known)
			fault(m, "stun.bad_attribute");
	}
}

/* --- the message ------------------------------------------------------- */

static bool classic_type(uint16_t type)
{
	return type == 0x0001 || type == 0x0101 || type == 0x0111;
}

/* What in is, from as much as there is of the header. *type and *len are of
 * use when 4 bytes are there. */
static enum parse look(struct slice in, uint16_t *type, size_t *len)
{
	struct cursor c = cursor_of(in);
	uint32_t cookie;

	*type = cursor_u16(&c);
	*len = cursor_u16(&c);
	cookie = cursor_u32(&c);
	if (in.len && in.p[0] & 0xc0)
		return PARSE_BAD;
	if (!c.bad && cookie != STUN_COOKIE &&
	    (!classic_type(*type) || *len % 4))
		return PARSE_BAD;
	cursor_take(&c, STUN_HEAD - 8);
	if (c.bad || *len > cursor_left(&c))
		return PARSE_MORE;
	if (cookie == STUN_COOKIE)
		return PARSE_OK;
	return *len == cursor_left(&c) && fits_classic(cursor_rest(&c))
		       ? PARSE_OK
		       : PARSE_BAD;
}

enum parse stun_parse(struct slice in, struct stun_msg *out)
{
	struct stun_msg m = {0};
	uint16_t type;
	size_t len, at;
	enum parse got = look(in, &type, &len);

	if (got == PARSE_BAD)
		return got;
	if (in.len >= 4)
		m.total_len = STUN_HEAD + len;
	if (got == PARSE_OK) {
		struct cursor c = cursor_of(slice_from(in, 4));

		m.class = class_of(type);
		m.method = method_of(type);
		m.classic = cursor_u32(&c) != STUN_COOKIE;
		at = m.classic ? 4 : 8;
		memcpy(m.tid, in.p + at, STUN_HEAD - at);
		read_attrs(slice_head(in, m.total_len), &m);
	}
	*out = m;
	return got;
}

bool stun_looks(struct slice in)
{
	uint16_t type;
	size_t len;

	/* Only a datagram that is all message may have an odd length. */
	return look(in, &type, &len) == PARSE_OK &&
	       (len % 4 == 0 || in.len == STUN_HEAD + len);
}

bool stun_is_turn(struct slice in)
{
	struct cursor c = cursor_of(in);
	uint16_t method = method_of(cursor_u16(&c));

	return method >= TURN_ALLOCATE && method <= TURN_CONNECTION_ATTEMPT &&
	       method != 0x005;
}

/* RFC 8489, 14.7: over all that lies before the attribute. */
bool stun_fingerprint_ok(struct slice in, const struct stun_msg *m)
{
	struct slice over = slice_head(in, m->fingerprint_offset);
	uint32_t crc;

	if (!m->has_fingerprint || over.len < m->fingerprint_offset)
		return false;
	crc = (uint32_t)crc32(0, over.p, (unsigned)over.len);
	return (crc ^ FINGERPRINT_XOR) == m->fingerprint;
}

bool stun_unknown_next(struct slice *unknown, uint16_t *type)
{
	struct cursor c = cursor_of(*unknown);
	uint16_t v = cursor_u16(&c);

	if (c.bad)
		return false;
	*unknown = slice_from(*unknown, 2);
	*type = v;
	return true;
}
