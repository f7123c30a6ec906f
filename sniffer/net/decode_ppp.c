#include "sniffer/net/decode_priv.h"

static enum next by_ppp_protocol(struct walk *w, uint16_t protocol)
{
	switch (protocol) {
	case 0x0021:
		return NEXT_IPV4;
	case 0x0057:
		return NEXT_IPV6;
	case 0x0281:
	case 0x0283:
		return NEXT_MPLS;
	case 0x003d:
		return walk_bad(w, "ppp.multilink");
	case 0x002d:
	case 0x002f:
		return walk_bad(w, "ppp.header_compression");
	case 0x00fb:
	case 0x00fd:
		return walk_bad(w, "ppp.compressed");
	case 0x0053:
	case 0x0055:
		return walk_bad(w, "ppp.encrypted");
	default:
		return walk_other(w, "ppp_control");
	}
}

/*
 * RFC 1661, 2; RFC 1662, 3.1
 *
 *  [FF 03] | protocol 1 or 2 (one byte when odd) | information
 */
uint16_t ppp_protocol(struct cursor *c)
{
	uint16_t protocol = cursor_u8(c);

	if (protocol == 0xff) {
		cursor_u8(c);
		protocol = cursor_u8(c);
	}
	if (!(protocol & 1))
		protocol = (uint16_t)(protocol << 8 | cursor_u8(c));
	return protocol;
}

enum next decode_ppp(struct walk *w)
{
	struct cursor c = cursor_of(w->in);
	uint16_t protocol = ppp_protocol(&c);

	if (c.bad)
		return walk_bad(w, "ppp.short");
	walk_to(w, &c);
	return by_ppp_protocol(w, protocol);
}

/* RFC 1547, 4.3.1 (Cisco): 0F unicast or 8F multicast | 0 | Ethernet type */
enum next decode_hdlc(struct walk *w)
{
	struct cursor c = cursor_of(w->in);
	uint8_t address = cursor_u8(&c);

	if (address != 0x0f && address != 0x8f)
		return decode_ppp(w);
	cursor_u8(&c);
	w->type = cursor_u16(&c);
	if (c.bad)
		return walk_bad(w, "ppp.short");
	walk_to(w, &c);
	return NEXT_ETHERTYPE;
}

/* RFC 2516, 4: version and type 0x11 | code | session 2 | length 2 */
enum next decode_pppoe(struct walk *w)
{
	struct cursor c = cursor_of(w->in);
	uint8_t version = cursor_u8(&c);
	uint8_t code = cursor_u8(&c);
	uint16_t len;

	cursor_u16(&c);
	len = cursor_u16(&c);
	if (c.bad)
		return walk_bad(w, "pppoe.short");
	if (version != 0x11)
		return walk_bad(w, "pppoe.bad_version");
	if (code)
		return walk_other(w, "pppoe_discovery");
	walk_to(w, &c);
	if (len > w->wire)
		counters_add(w->d->faults, "pppoe.bad_length", 1);
	else
		walk_limit(w, len);
	return NEXT_PPP;
}
