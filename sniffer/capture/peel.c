#include "sniffer/capture/peel.h"

#define IP6_HEADER 40
#define DEPTH_MAX  16 /* tags, labels or extension headers of one frame */

enum {
	TYPE_IP = 0x0800,
	TYPE_IP6 = 0x86dd,
	TYPE_PPPOE = 0x8864,
	TYPE_MPLS = 0x8847,
	TYPE_MPLS_MULTI = 0x8848,
};

/* How a link tells what follows its header. */
enum naming {
	BY_TYPE, /* an Ethernet type */
	BY_PPP,	 /* a PPP protocol number */
	BY_IP,	 /* not at all, or in its own way: IP shows by itself */
};

struct link {
	struct slice header;
	enum naming naming;
	size_t type_at; /* in header */
	uint16_t type;	/* of rest, as an Ethernet type; 0 = not known */
	struct slice rest;
};

static const struct {
	uint16_t linktype;
	uint8_t header, type_at;
	enum naming naming;
} links[] = {
	{1, 14, 12, BY_TYPE},	/* Ethernet */
	{113, 16, 14, BY_TYPE}, /* Linux cooked */
	{276, 20, 0, BY_TYPE},	/* Linux cooked v2 */
	{9, 4, 2, BY_PPP},	/* PPP with address and control */
	{50, 4, 2, BY_PPP},	/* PPP in HDLC framing */
	{0, 4, 0, BY_IP},	/* BSD null */
	{108, 4, 0, BY_IP},	/* OpenBSD loop */
	{101, 0, 0, BY_IP},	/* raw IP */
	{228, 0, 0, BY_IP},	/* raw IPv4 */
	{229, 0, 0, BY_IP},	/* raw IPv6 */
};

static uint16_t type_of_ip(struct slice s)
{
	uint8_t version = s.len ? s.p[0] >> 4 : 0;

	if (version == 4)
		return TYPE_IP;
	return version == 6 ? TYPE_IP6 : 0;
}

static uint16_t type_of_ppp(uint16_t protocol)
{
	if (protocol == 0x0021)
		return TYPE_IP;
	return protocol == 0x0057 ? TYPE_IP6 : 0;
}

static uint16_t type_of(const struct link *l)
{
	uint16_t field;

	if (l->naming == BY_IP)
		return type_of_ip(l->rest);
	field = (uint16_t)(l->header.p[l->type_at] << 8 |
			   l->header.p[l->type_at + 1]);
	return l->naming == BY_PPP ? type_of_ppp(field) : field;
}

/* Other link types are left alone. */
static struct link link_of(const struct frame *f)
{
	struct link l = {.rest = f->data};

	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
		if (links[i].linktype != f->linktype)
			continue;
		if (f->data.len < links[i].header)
			break;
		/* The number of IPv6 in a BSD header depends on the system;
		 * without it the frame is raw IP. */
		if (links[i].naming != BY_IP)
			l.header = slice_head(f->data, links[i].header);
		l.rest = slice_from(f->data, links[i].header);
		l.naming = links[i].naming;
		l.type_at = links[i].type_at;
		l.type = type_of(&l);
		break;
	}
	return l;
}

static bool is_vlan(uint16_t type)
{
	return type == 0x8100 || type == 0x88a8 || type == 0x9100;
}

static bool peel_vlan(struct link *l)
{
	struct cursor c = cursor_of(l->rest);

	cursor_u16(&c);
	l->type = cursor_u16(&c);
	l->rest = cursor_rest(&c);
	return !c.bad;
}

/* RFC 2516, 4: version and type, code, session, length; then PPP's number. */
static bool peel_pppoe(struct link *l)
{
	struct cursor c = cursor_of(l->rest);
	uint16_t protocol;

	cursor_take(&c, 6);
	protocol = cursor_u16(&c);
	l->type = type_of_ppp(protocol);
	l->rest = cursor_rest(&c);
	return !c.bad && l->type;
}

/* RFC 3032 labels to the bottom of the stack, then IP, or a pseudowire with
 * its control word (RFC 4448) and Ethernet, which becomes the link. */
static bool peel_mpls(struct link *l, bool ethernet)
{
	struct cursor c = cursor_of(l->rest);
	struct slice rest;

	for (int i = 0; i < DEPTH_MAX; i++)
		if (cursor_u32(&c) & 0x100 || c.bad)
			break;
	rest = cursor_rest(&c);
	l->type = type_of_ip(rest);
	l->rest = rest;
	if (c.bad || l->type)
		return !c.bad;
	if (!ethernet || rest.len < 4 + 14 || rest.p[0] >> 4)
		return false;
	l->header = slice_of(rest.p + 4, 14);
	l->type = (uint16_t)(l->header.p[12] << 8 | l->header.p[13]);
	l->rest = slice_from(rest, 4 + 14);
	return true;
}

/* Down to something that is no tag, tunnel session or label. */
static bool peel_link(struct link *l, bool ethernet)
{
	bool changed = false;

	for (int i = 0; i < DEPTH_MAX; i++) {
		struct link next = *l;
		bool ok = false;

		if (is_vlan(l->type))
			ok = peel_vlan(&next);
		else if (l->type == TYPE_PPPOE)
			ok = peel_pppoe(&next);
		else if (l->type == TYPE_MPLS || l->type == TYPE_MPLS_MULTI)
			ok = peel_mpls(&next, ethernet);
		if (!ok)
			break;
		*l = next;
		changed = true;
	}
	return changed;
}

static bool is_extension(uint8_t proto)
{
	return proto == 0 || proto == 43 || proto == 44 || proto == 60 ||
	       proto == 135;
}

struct ip6 {
	struct slice transport;
	uint8_t proto;
	bool extended; /* there are extension headers */
	bool later_fragment;
};

/* Past the extension headers, RFC 8200, section 4. */
static struct ip6 walk_ip6(struct slice ip)
{
	struct cursor c = cursor_of(slice_from(ip, IP6_HEADER));
	struct ip6 out = {.transport = slice_of(c.p, cursor_left(&c)),
			  .proto = ip.p[6]};

	for (int i = 0; i < DEPTH_MAX && is_extension(out.proto); i++) {
		uint8_t next = cursor_u8(&c);
		uint8_t len = cursor_u8(&c);
		uint16_t offset = cursor_u16(&c);

		/* the fragment header has no length field */
		cursor_take(&c, out.proto == 44 ? 4 : len * 8u + 4);
		if (c.bad)
			break;
		if (out.proto == 44 && offset & 0xfff8) {
			out.later_fragment = true;
			break;
		}
		out.extended = true;
		out.proto = next;
		out.transport = slice_of(c.p, cursor_left(&c));
	}
	return out;
}

static bool later_ip4(struct slice ip)
{
	return ip.len >= 20 && ((ip.p[6] & 0x1f) || ip.p[7]);
}

static void see_ip4(struct slice ip, struct peeled *out)
{
	size_t header = ip.len ? (ip.p[0] & 0x0fu) * 4u : 0;

	if (ip.len < 20 || header < 20 || header > ip.len)
		return;
	out->proto = ip.p[9];
	out->transport = slice_from(ip, header);
}

/* The bare frame as it grows; what does not fit is left off. */
struct bare {
	uint8_t *p;
	size_t len;
	size_t kept; /* bytes of the frame that belong to it, room or not */
};

static void append(struct bare *b, struct slice s)
{
	struct slice fits = slice_head(s, PEEL_ROOM - b->len);

	if (fits.len)
		memcpy(b->p + b->len, fits.p, fits.len);
	b->len += fits.len;
	b->kept += s.len;
}

static void append_link(struct bare *b, const struct link *l)
{
	append(b, l->header);
	if (l->naming != BY_TYPE)
		return;
	b->p[l->type_at] = (uint8_t)(l->type >> 8);
	b->p[l->type_at + 1] = (uint8_t)l->type;
}

/* The fixed header, naming what follows the extension headers. */
static void append_ip6(struct bare *b, struct slice ip, const struct ip6 *six)
{
	size_t at = b->len;

	append(b, slice_head(ip, IP6_HEADER));
	b->p[at + 6] = six->proto;
	append(b, six->transport);
}

struct peeled peel(const struct frame *f, unsigned layers, uint8_t *bare)
{
	struct link outer = link_of(f), inner = outer;
	bool bsd = outer.naming == BY_IP && outer.rest.len < f->data.len;
	bool tagged = peel_link(&inner, f->linktype == 1) || bsd;
	const struct link *l = layers & PEEL_LINK ? &inner : &outer;
	struct bare b = {bare, 0, 0};
	struct peeled out = {0};
	struct ip6 six = {0};
	bool extended;

	if (inner.type == TYPE_IP && later_ip4(inner.rest))
		return (struct peeled){.later_fragment = true};
	if (inner.type == TYPE_IP6 && inner.rest.len >= IP6_HEADER)
		six = walk_ip6(inner.rest);
	if (six.later_fragment)
		return (struct peeled){.later_fragment = true};
	out.proto = six.proto;
	out.transport = six.transport;
	if (inner.type == TYPE_IP)
		see_ip4(inner.rest, &out);

	if (!(layers & PEEL_LINK) && bsd)
		return out;
	tagged = tagged && l == &inner;
	extended = six.extended && layers & PEEL_IP6 && l->type == TYPE_IP6;
	if (!tagged && !extended)
		return out;
	append_link(&b, l);
	if (extended)
		append_ip6(&b, l->rest, &six);
	else
		append(&b, l->rest);
	out.len = b.len;
	out.linktype = bsd ? 101 : f->linktype;
	out.removed = (uint32_t)(f->data.len - b.kept);
	return out;
}
