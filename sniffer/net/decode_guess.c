#include "sniffer/net/decode_priv.h"

static bool looks_ipv4(struct slice s, uint32_t wire)
{
	struct cursor c = cursor_of(s);
	uint32_t header = (cursor_u8(&c) & 0x0fu) * 4;
	uint32_t total;

	cursor_u8(&c);
	total = cursor_u16(&c);
	cursor_take(&c, 16);
	return !c.bad && header >= 20 && total >= header && total <= wire;
}

static bool looks_ipv6(struct slice s, uint32_t wire)
{
	struct cursor c = cursor_of(s);

	cursor_u32(&c);
	return cursor_u16(&c) + 40u <= wire && s.len >= 40;
}

bool looks_ip(struct slice s, uint32_t wire)
{
	switch (s.len ? s.p[0] >> 4 : 0) {
	case 4:
		return looks_ipv4(s, wire);
	case 6:
		return looks_ipv6(s, wire);
	default:
		return false;
	}
}

static bool looks_arp(struct slice s)
{
	struct cursor c = cursor_of(s);

	return cursor_u32(&c) == 0x00010800 && cursor_u16(&c) == 0x0604;
}

static bool looks_llc(struct slice s)
{
	struct cursor c = cursor_of(s);
	uint16_t sap = cursor_u16(&c);

	return !c.bad && (sap == 0xaaaa || sap == 0x4242 || sap == 0xfefe);
}

static bool is_vlan(uint16_t type)
{
	return type == 0x8100 || type == 0x88a8 || type == 0x9100;
}

/* A source address is never a group address. Four tags are enough. */
bool looks_ether(struct slice s, uint32_t wire)
{
	struct cursor c = cursor_of(s);
	uint8_t source;
	uint16_t type;

	cursor_take(&c, 6);
	source = cursor_u8(&c);
	cursor_take(&c, 5);
	type = cursor_u16(&c);
	for (int tags = 0; tags < 4 && is_vlan(type); tags++) {
		cursor_u16(&c);
		type = cursor_u16(&c);
	}
	if (c.bad || source & 1)
		return false;
	wire -= (uint32_t)(s.len - cursor_left(&c));
	s = cursor_rest(&c);
	switch (type) {
	case 0x0800:
		return s.len && s.p[0] >> 4 == 4 && looks_ip(s, wire);
	case 0x86dd:
		return s.len && s.p[0] >> 4 == 6 && looks_ip(s, wire);
	case 0x0806:
		return looks_arp(s);
	case 0x8847:
	case 0x8848:
	case 0x8863:
	case 0x8864:
	case 0x88cc:
	case 0x894f:
		return true;
	default:
		return type < 0x600 && type <= wire && looks_llc(s);
	}
}
