#include "sniffer/net/decode_priv.h"

#define TAGS_MAX   8
#define LABELS_MAX 16

/* 802.1Q and its QinQ types; Cisco VN-Tag (802.1Qbh) has four bytes of its
 * own, which are no VLAN. False when type is no tag. */
static bool read_tag(struct cursor *c, uint16_t *type, uint16_t *vlan)
{
	uint16_t tci;

	switch (*type) {
	case 0x8100:
	case 0x88a8:
	case 0x9100:
	case 0x9200:
		tci = cursor_u16(c);
		if (tci & 0x0fff) /* 0 only carries a priority */
			*vlan = tci & 0x0fff;
		break;
	case 0x8926:
		cursor_u32(c);
		break;
	default:
		return false;
	}
	*type = cursor_u16(c);
	return true;
}

/*
 * IEEE 802.2, and RFC 1042 for SNAP
 *
 *  DSAP | SSAP | control | [AA AA 03: OUI 3 | type 2]
 */
static enum next decode_llc(struct walk *w)
{
	struct cursor c = cursor_of(w->in);
	uint16_t sap = cursor_u16(&c);
	uint8_t control = cursor_u8(&c);
	uint32_t oui;

	if (c.bad)
		return walk_bad(w, "ether.short");
	if (sap == 0x4242)
		return walk_other(w, "stp");
	if (sap != 0xaaaa || control != 3)
		return walk_other(w, "llc");
	oui = cursor_u24(&c);
	w->type = cursor_u16(&c);
	if (c.bad)
		return walk_bad(w, "ether.short");
	if (oui || w->type < 0x600)
		return walk_other(w, "snap");
	walk_to(w, &c);
	return NEXT_ETHERTYPE;
}

static enum next by_ethertype(struct walk *w)
{
	switch (w->type) {
	case 0x0800:
		return NEXT_IPV4;
	case 0x86dd:
		return NEXT_IPV6;
	case 0x8847:
	case 0x8848:
		return NEXT_MPLS;
	case 0x8864:
		return NEXT_PPPOE;
	case 0x880b:
		return NEXT_PPP;
	case 0x6558:
		return NEXT_ETHER;
	case 0x894f:
		return NEXT_NSH;
	case 0x0806:
		return walk_other(w, "arp");
	case 0x8863:
		return walk_other(w, "pppoe_discovery");
	case 0x88cc:
		return walk_other(w, "lldp");
	case 0x888e:
		return walk_other(w, "eapol");
	case 0x8809:
		return walk_other(w, "lacp");
	case 0x88e5: /* nearly always encrypted */
		return walk_bad(w, "ether.macsec");
	default:
		return walk_other(w, "ethertype");
	}
}

enum next decode_ethertype(struct walk *w)
{
	struct cursor c = cursor_of(w->in);
	unsigned tags = 0;

	while (read_tag(&c, &w->type, &w->out->vlan))
		if (++tags > TAGS_MAX)
			return walk_bad(w, "vlan.too_deep");
	if (c.bad)
		return walk_bad(w, "vlan.short");
	walk_to(w, &c);
	if (w->type >= 0x600)
		return by_ethertype(w);
	if (w->type <= w->wire) /* 802.3: a length */
		walk_limit(w, w->type);
	return decode_llc(w);
}

/* destination 6 | source 6 | type 2 */
enum next decode_ether(struct walk *w)
{
	struct cursor c = cursor_of(w->in);

	cursor_take(&c, 12);
	w->type = cursor_u16(&c);
	if (c.bad)
		return walk_bad(w, "ether.short");
	walk_to(w, &c);
	return decode_ethertype(w);
}

/* The protocol of Linux cooked captures: an Ethernet type, or one of Linux's
 * own numbers below 0x600. */
static enum next by_sll_protocol(struct walk *w)
{
	if (w->type >= 0x600)
		return NEXT_ETHERTYPE;
	if (w->type == 4)
		return decode_llc(w);
	return walk_other(w, "sll_protocol");
}

/*
 * LINKTYPE_LINUX_SLL
 *
 *  packet type 2 | ARPHRD 2 | address length 2 | address 8 | protocol 2
 */
enum next decode_sll(struct walk *w)
{
	struct cursor c = cursor_of(w->in);

	cursor_take(&c, 14);
	w->type = cursor_u16(&c);
	if (c.bad)
		return walk_bad(w, "sll.short");
	walk_to(w, &c);
	return by_sll_protocol(w);
}

/*
 * LINKTYPE_LINUX_SLL2
 *
 *  protocol 2 | 0 2 | interface 4 | ARPHRD 2 | packet type 1 |
 *  address length 1 | address 8
 */
enum next decode_sll2(struct walk *w)
{
	struct cursor c = cursor_of(w->in);

	w->type = cursor_u16(&c);
	cursor_take(&c, 18);
	if (c.bad)
		return walk_bad(w, "sll.short");
	walk_to(w, &c);
	return by_sll_protocol(w);
}

/* BSD loopback: the address family, in the byte order of whoever wrote the
 * file. AF_INET6 has a number of its own on each system. */
enum next decode_null(struct walk *w)
{
	struct cursor c = cursor_of(w->in);
	uint32_t family = cursor_u32(&c);

	if (c.bad)
		return walk_bad(w, "null.short");
	walk_to(w, &c);
	if (family > 0xffff)
		family = __builtin_bswap32(family);
	switch (family) {
	case 2:
		return NEXT_IPV4;
	case 10: /* Linux */
	case 23: /* Windows */
	case 24: /* NetBSD, OpenBSD */
	case 28: /* FreeBSD */
	case 30: /* Darwin */
		return NEXT_IPV6;
	default:
		return walk_other(w, "null_family");
	}
}

/* What lies under the label stack is not named. A pseudowire's control word
 * begins with 0, its associated channel with 1 (RFC 4385); a destination
 * address may begin with anything, so the content decides. Without a control
 * word first: four bytes further on, a VLAN tag would be taken for it. */
static enum next under_mpls(struct walk *w)
{
	struct slice after = slice_from(w->in, 4);
	uint8_t nibble = w->in.len ? w->in.p[0] >> 4 : 0;

	if (looks_ip(w->in, w->wire))
		return NEXT_IP;
	if (looks_ether(w->in, w->wire))
		return NEXT_ETHER;
	if (nibble == 0 && after.len && looks_ether(after, w->wire - 4)) {
		w->in = after;
		w->wire -= 4;
		return NEXT_ETHER;
	}
	if (nibble == 1)
		return walk_other(w, "mpls_oam");
	return walk_bad(w, "mpls.unknown_payload");
}

/* RFC 3032, 2.1: label 20 | TC 3 | bottom of stack 1 | TTL 8 */
enum next decode_mpls(struct walk *w)
{
	struct cursor c = cursor_of(w->in);
	unsigned labels = 0;

	while (!(cursor_u32(&c) & 0x100) && !c.bad)
		if (++labels == LABELS_MAX)
			return walk_bad(w, "mpls.too_deep");
	if (c.bad)
		return walk_bad(w, "mpls.short");
	walk_to(w, &c);
	return under_mpls(w);
}
