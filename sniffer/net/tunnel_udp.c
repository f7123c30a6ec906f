/*
 * Tunnels inside UDP. A port proves nothing, media may use any: what does not
 * look like its tunnel in every part stays plain UDP.
 */
#include "dissectors/hep.h"
#include "sniffer/net/decode_priv.h"

#define GTP_EXTENSIONS_MAX 8
#define TZSP_TAGS_MAX	   64

static bool looks_nsh(struct slice s)
{
	return s.len >= 8 && s.p[0] >> 6 == 0 && (s.p[1] & 0x3f) >= 2 &&
	       next_of_nsh(s.p[3]) != NEXT_BAD;
}

/* Does w look like what next says? */
static bool fits(const struct walk *w, enum next next)
{
	switch (next) {
	case NEXT_ETHER:
		return looks_ether(w->in, w->wire);
	case NEXT_IP:
		return looks_ip(w->in, w->wire);
	case NEXT_IPV4:
		return looks_ip(w->in, w->wire) && w->in.p[0] >> 4 == 4;
	case NEXT_IPV6:
		return looks_ip(w->in, w->wire) && w->in.p[0] >> 4 == 6;
	case NEXT_NSH:
		return looks_nsh(w->in);
	default:
		return true;
	}
}

/*
 * RFC 7348, 5; the protocol is VXLAN-GPE's, where P is set
 *
 *  G 0 0 0 I P 0 0 | 0 16 | protocol 8 or 0 | VNI 24 | 0 8
 */
static enum next try_vxlan(struct walk *w)
{
	struct cursor c = cursor_of(w->in);
	uint32_t flags = cursor_u32(&c);
	uint32_t vni = cursor_u24(&c);
	enum next next;

	cursor_u8(&c);
	if (c.bad || !(flags & 0x08000000))
		return NEXT_BAD;
	walk_to(w, &c);
	next = flags & 0x04000000 ? next_of_nsh(flags & 0xff) : NEXT_ETHER;
	if (next != NEXT_BAD && fits(w, next)) {
		w->out->vni = vni;
		return next;
	}
	return NEXT_BAD;
}

/*
 * RFC 8926, 3.4
 *
 *  version 2, option words 6 | O C 0 6 | protocol 16 | VNI 24 | 0 8 | options
 */
static enum next try_geneve(struct walk *w)
{
	struct cursor c = cursor_of(w->in);
	uint8_t b0 = cursor_u8(&c);
	uint8_t b1 = cursor_u8(&c);
	uint32_t vni;
	enum next next;

	w->type = cursor_u16(&c);
	vni = cursor_u24(&c);
	cursor_u8(&c);
	cursor_take(&c, b0 * 4u);
	if (c.bad || b0 >> 6 || b1 & 0x3f)
		return NEXT_BAD;
	walk_to(w, &c);
	next = w->type == 0x6558   ? NEXT_ETHER
	       : w->type == 0x0800 ? NEXT_IPV4
	       : w->type == 0x86dd ? NEXT_IPV6
	       : w->type == 0x894f ? NEXT_NSH
				   : NEXT_BAD;
	if (next != NEXT_BAD && fits(w, next)) {
		w->out->vni = vni;
		return next;
	}
	return NEXT_BAD;
}

/* Length in words 1 | content | next type 1, 0 ends (3GPP TS 29.281, 5.2.1) */
static bool skip_gtp_extensions(struct cursor *c, uint8_t next)
{
	for (int n = 0; next && n < GTP_EXTENSIONS_MAX; n++) {
		uint8_t words = cursor_u8(c);

		if (!words)
			return false;
		cursor_take(c, words * 4u - 2);
		next = cursor_u8(c);
	}
	return !next && !c->bad;
}

/*
 * 3GPP TS 29.281, 5.1
 *
 *  version 1 3, PT 1, 0, E S PN | type 255 | length 16 | TEID 32
 *  [sequence 16 | N-PDU 8 | next extension 8, when E, S or PN]
 */
static enum next try_gtp(struct walk *w)
{
	struct cursor c = cursor_of(w->in);
	uint8_t flags = cursor_u8(&c);
	uint8_t type = cursor_u8(&c);
	uint16_t len = cursor_u16(&c);
	uint8_t extension;

	cursor_u32(&c);
	if (flags >> 4 != 3 || type != 255 || len + 8u != w->wire)
		return NEXT_BAD;
	if (flags & 7) {
		cursor_u24(&c);
		extension = cursor_u8(&c);
		if (flags & 4 && !skip_gtp_extensions(&c, extension))
			return NEXT_BAD;
	}
	if (c.bad)
		return NEXT_BAD;
	walk_to(w, &c);
	if (fits(w, NEXT_IP))
		return NEXT_IP;
	return fits(w, NEXT_ETHER) ? NEXT_ETHER : NEXT_BAD;
}

/* TaZmen Sniffer Protocol: version 1 | type 1 | encapsulated protocol 2 |
 * tags: type 1 | [length 1 | value], 0 pads and 1 ends */
static enum next try_tzsp(struct walk *w)
{
	struct cursor c = cursor_of(w->in);
	uint16_t head = cursor_u16(&c);
	uint16_t protocol = cursor_u16(&c);
	uint8_t tag = 0;

	if (head >> 8 != 1 || (head & 0xff) > 1 || protocol != 1)
		return NEXT_BAD;
	for (int n = 0; tag != 1 && n < TZSP_TAGS_MAX && !c.bad; n++) {
		tag = cursor_u8(&c);
		if (tag > 1)
			cursor_take(&c, cursor_u8(&c));
	}
	if (tag != 1 || c.bad)
		return NEXT_BAD;
	walk_to(w, &c);
	return fits(w, NEXT_ETHER) ? NEXT_ETHER : NEXT_BAD;
}

/* IP in a protocol field of one or two bytes, or a control protocol. */
static bool looks_ppp(const struct walk *w)
{
	struct cursor c = cursor_of(w->in);
	uint16_t protocol = ppp_protocol(&c);
	uint32_t wire;

	if (c.bad)
		return false;
	if (protocol != 0x0021 && protocol != 0x0057)
		return protocol >> 12 == 0xc || protocol >> 12 == 0x8;
	wire = w->wire - (uint32_t)(w->in.len - cursor_left(&c));
	return looks_ip(cursor_rest(&c), wire);
}

/* RFC 3931, 4.1.2.1: T 0 11 version 4 | 0 16 | session 32, not 0 */
static enum next try_l2tp3(struct walk *w)
{
	struct cursor c = cursor_of(w->in);

	cursor_u32(&c);
	if (!cursor_u32(&c))
		return NEXT_BAD;
	walk_to(w, &c);
	return l2tp3_payload(w);
}

/*
 * RFC 2661, 3.1
 *
 *  T L 0 0 S 0 O P 0 4 version 4 | [length] | tunnel | session |
 *  [Ns | Nr] | [offset | padding]                  each 16
 */
static enum next try_l2tp(struct walk *w)
{
	struct cursor c = cursor_of(w->in);
	uint16_t flags = cursor_u16(&c);
	uint16_t len = (uint16_t)w->wire;

	if (flags == 3)
		return try_l2tp3(w);
	if (flags & 0xb4f0 || (flags & 0xf) != 2)
		return NEXT_BAD;
	if (flags & 0x4000)
		len = cursor_u16(&c);
	cursor_u32(&c);
	if (flags & 0x0800)
		cursor_u32(&c);
	if (flags & 0x0200)
		cursor_take(&c, cursor_u16(&c));
	if (c.bad || len > w->wire || w->in.len - cursor_left(&c) > len)
		return NEXT_BAD;
	len -= (uint16_t)(w->in.len - cursor_left(&c));
	walk_to(w, &c);
	walk_limit(w, len);
	return looks_ppp(w) ? NEXT_PPP : NEXT_BAD;
}

/* RFC 3948, 2. IKE's four zero bytes come before ESP where a sender confuses
 * the two. */
static enum next try_esp(struct walk *w)
{
	struct cursor c = cursor_of(w->in);
	enum next next = NEXT_BAD;

	if (!cursor_u32(&c) && !c.bad)
		walk_to(w, &c);
	esp_is_null(w, &next);
	return next;
}

static enum next (*by_port(uint16_t port))(struct walk *)
{
	switch (port) {
	case 4789:
	case 4790: /* GPE */
	case 8472: /* Linux before the port was assigned */
		return try_vxlan;
	case 6081:
		return try_geneve;
	case 2152:
		return try_gtp;
	case 37008:
		return try_tzsp;
	case 1701:
		return try_l2tp;
	case 4500:
		return try_esp;
	default:
		return NULL;
	}
}

bool tunnel_udp_may_be(const struct pkt *p)
{
	return by_port(p->dst.port) || by_port(p->src.port) ||
	       hep_probe(p->payload);
}

bool tunnel_udp(struct walk *w, enum next *next)
{
	enum next (*try)(struct walk *) = by_port(w->out->dst.port);
	struct walk before;

	if (hep_probe(w->in)) {
		*next = decode_hep(w);
		return true;
	}
	if (!try)
		try = by_port(w->out->src.port);
	if (!try)
		return false;
	before = *w;
	*next = try(w);
	if (*next >= NEXT_ETHER)
		return true;
	*w = before;
	return false;
}
