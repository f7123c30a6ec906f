#include "tests/compose.h"

#include <assert.h>
#include <stdlib.h>

/* How the layer before names this one. */
static const struct ids {
	uint16_t ether, ppp;
	uint8_t proto, nsh;
} ids[LAYER_COUNT] = {
	[ETHER] = {.ether = 0x6558, .proto = 143, .nsh = 3},
	[VLAN] = {.ether = 0x8100},
	[VLAN_ZERO] = {.ether = 0x8100},
	[QINQ] = {.ether = 0x88a8},
	[VLAN_9100] = {.ether = 0x9100},
	[VLAN_9200] = {.ether = 0x9200},
	[VNTAG] = {.ether = 0x8926},
	[MACSEC] = {.ether = 0x88e5},
	[PPP] = {.ether = 0x880b},
	[PPP_FRAMED] = {.ether = 0x880b},
	[PPPOE] = {.ether = 0x8864},
	[MPLS] = {.ether = 0x8847, .ppp = 0x0281, .proto = 137, .nsh = 5},
	[MPLS3] = {.ether = 0x8848, .ppp = 0x0283, .proto = 137, .nsh = 5},
	[IP4] = {.ether = 0x0800, .ppp = 0x0021, .proto = 4, .nsh = 1},
	[IP4_OPTIONS] = {.ether = 0x0800, .ppp = 0x0021, .proto = 4},
	[IP6] = {.ether = 0x86dd, .ppp = 0x0057, .proto = 41, .nsh = 2},
	[ROUTING] = {.proto = 43},
	[DEST_OPTIONS] = {.proto = 60},
	[MOBILITY] = {.proto = 135},
	[ATOMIC_FRAGMENT] = {.proto = 44},
	[AH] = {.proto = 51},
	[TCP] = {.proto = 6},
	[SCTP] = {.proto = 132},
	[GRE] = {.proto = 47},
	[GRE_CHECKSUM] = {.proto = 47},
	[GRE_KEY] = {.proto = 47},
	[GRE_SEQUENCE] = {.proto = 47},
	[GRE_ALL] = {.proto = 47},
	[GRE_ROUTING] = {.proto = 47},
	[GRE_PPTP] = {.proto = 47},
	[ERSPAN1] = {.ether = 0x88be},
	[ERSPAN2] = {.ether = 0x88be},
	[ERSPAN3] = {.ether = 0x22eb},
	[ERSPAN3_PLATFORM] = {.ether = 0x22eb},
	[NSH] = {.ether = 0x894f, .nsh = 4},
	[NSH_METADATA] = {.ether = 0x894f, .nsh = 4},
	[ETHERIP] = {.proto = 97},
	[L2TP3] = {.proto = 115},
	[L2TP3_COOKIE4] = {.proto = 115},
	[L2TP3_COOKIE8_SUBLAYER] = {.proto = 115},
	[ESP0] = {.proto = 50},
	[ESP12] = {.proto = 50},
	[ESP16] = {.proto = 50},
	[ESP_RANDOM] = {.proto = 50},
	[UDP] = {.proto = 17},
	[VXLAN] = {.proto = 17},
	[VXLAN_LINUX] = {.proto = 17},
	[VXLAN_GPE] = {.proto = 17},
	[GENEVE] = {.proto = 17},
	[GENEVE_OPTIONS] = {.proto = 17},
	[GTP] = {.proto = 17},
	[GTP_SEQUENCE] = {.proto = 17},
	[GTP_EXTENSION] = {.proto = 17},
	[TZSP] = {.proto = 17},
	[L2TP2] = {.proto = 17},
	[L2TP2_ALL] = {.proto = 17},
	[L2TP3_UDP] = {.proto = 17},
	[ESP_UDP] = {.proto = 17},
	[ESP_UDP_MARKER] = {.proto = 17},
	[HEP_RTP_V4] = {.proto = 17},
};

struct slice composed_bytes(const struct composed *c)
{
	return slice_of(c->buf + c->begin, c->end - c->begin);
}

static uint8_t *put(struct composed *c, const void *bytes, size_t n)
{
	assert(n <= c->begin);
	c->begin -= n;
	memcpy(c->buf + c->begin, bytes, n);
	return c->buf + c->begin;
}

/* The bytes of a literal, in front. */
#define PUT(c, lit) put(c, lit, sizeof(lit) - 1)

static void set16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static size_t length(const struct composed *c)
{
	return c->end - c->begin;
}

void compose_pad(struct composed *c, uint8_t v, size_t n)
{
	assert(c->end + n <= sizeof(c->buf));
	memset(c->buf + c->end, v, n);
	c->end += n;
}

static void put_udp(struct composed *c, uint16_t sport, uint16_t dport)
{
	uint8_t *p = PUT(c, "\0\0\0\0\0\0\0\0");

	set16(p, sport);
	set16(p + 2, dport);
	set16(p + 4, length(c));
}

static void put_tag(struct composed *c, const enum layer *at, uint16_t id)
{
	uint8_t *p = PUT(c, "\0\0\0\0");

	set16(p, id);
	set16(p + 2, at[1] == LLC ? length(c) - 4 : ids[at[1]].ether);
}

static void put_link(struct composed *c, const enum layer *at, unsigned index)
{
	uint16_t ether = ids[at[1]].ether;
	uint8_t *p;

	switch (at[0]) {
	case ETHER:
		if (at[1] == LLC)
			ether = (uint16_t)length(c);
		p = PUT(c, "\2\0\0\0\0\2\2\0\0\0\0\1\0\0");
		set16(p + 12, ether);
		break;
	case VLAN_ZERO:
		put_tag(c, at, 0xa000);
		break;
	case VNTAG:
		p = PUT(c, "\x80\x01\0\x02\0\0");
		set16(p + 4, ether);
		break;
	case MACSEC:
		PUT(c, "\x2c\0\0\0\0\1\0\0\0\0\0\0\0\1");
		break;
	case LLC:
		p = PUT(c, "\xaa\xaa\3\0\0\0\0\0");
		set16(p + 6, ether);
		break;
	case SLL:
		p = PUT(c, "\0\0\0\1\0\6\2\0\0\0\0\1\0\0\0\0");
		set16(p + 14, ether);
		break;
	case SLL2:
		p = PUT(c, "\0\0\0\0\0\0\0\7\0\1\0\6\2\0\0\0\0\1\0\0");
		set16(p, ether);
		break;
	case NULL_LE:
		p = PUT(c, "\2\0\0\0");
		p[0] = at[1] == IP6 ? 30 : 2;
		break;
	case LOOP:
		p = PUT(c, "\0\0\0\2");
		p[3] = at[1] == IP6 ? 24 : 2;
		break;
	default:
		put_tag(c, at, (uint16_t)(100 + index));
	}
}

static void put_wan(struct composed *c, const enum layer *at)
{
	uint16_t ether = ids[at[1]].ether, ppp = ids[at[1]].ppp;
	uint8_t *p;

	switch (at[0]) {
	case PPP:
		set16(PUT(c, "\0\0"), ppp);
		break;
	case PPP_FRAMED:
		set16(PUT(c, "\xff\3\0\0") + 2, ppp);
		break;
	case PPP_SHORT:
		*PUT(c, "\0") = (uint8_t)ppp;
		break;
	case CISCO_HDLC:
		set16(PUT(c, "\x0f\0\0\0") + 2, ether);
		break;
	case PPPOE:
		p = PUT(c, "\x11\0\0\7\0\0");
		set16(p + 4, length(c) - 6);
		break;
	case MPLS:
		PUT(c, "\0\x01\x01\x40");
		break;
	case MPLS3:
		PUT(c, "\0\x01\0\x40\0\x02\0\x40\0\x03\x01\x40");
		break;
	default: /* CONTROL_WORD */
		PUT(c, "\0\0\0\1");
	}
}

static void put_ip4(struct composed *c, const enum layer *at, unsigned index)
{
	bool options = at[0] == IP4_OPTIONS;
	uint8_t *p;

	if (options)
		PUT(c, "\x94\4\0\0\1\1\1\0");
	p = PUT(c, "\x45\xb8\0\0\x12\x34\x40\0\x3c\0\0\0\x0a\0\0\1\x0a\0\0\2");
	p[0] = options ? 0x47 : 0x45;
	set16(p + 2, length(c));
	p[9] = ids[at[1]].proto;
	p[13] = p[17] = (uint8_t)index;
}

static void put_ip6(struct composed *c, const enum layer *at, unsigned index)
{
	static const uint8_t prefix[] = {0x20, 0x01, 0x0d, 0xb8};
	uint8_t p[40] = {0x6b, 0x80, [7] = 60};

	set16(p + 4, length(c));
	p[6] = ids[at[1]].proto;
	for (int side = 0; side < 2; side++) {
		memcpy(p + 8 + side * 16, prefix, 4);
		p[8 + side * 16 + 5] = (uint8_t)index;
		p[8 + side * 16 + 15] = (uint8_t)(side + 1);
	}
	put(c, p, sizeof(p));
}

static void put_extension(struct composed *c, const enum layer *at)
{
	uint8_t *p;

	switch (at[0]) {
	case AH:
		p = PUT(c, "\0\4\0\0\0\0\1\0\0\0\0\1ABCDEFGHIJKL");
		break;
	case ATOMIC_FRAGMENT:
		p = PUT(c, "\0\0\0\0\0\0\0\x63");
		break;
	case ROUTING:
		p = PUT(c, "\0\2\2\0\0\0\0\0ABCDEFGHIJKLMNOP");
		break;
	default:
		p = PUT(c, "\0\0\1\4\0\0\0\0");
	}
	p[0] = ids[at[1]].proto;
}

static bool is_ip(enum layer l)
{
	return l == IP4 || l == IP4_OPTIONS || l == IP6;
}

static struct addr ip_of(const enum layer *layers, unsigned index, int side)
{
	uint8_t v4[4] = {10, (uint8_t)index, 0, (uint8_t)side};
	uint8_t v6[16] = {0x20, 0x01, 0x0d, 0xb8, 0, (uint8_t)index};

	v6[15] = (uint8_t)side;
	return layers[index] == IP6 ? addr_v6(v6, 0) : addr_v4(v4, 0);
}

static uint32_t sum16(uint32_t sum, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
	return sum;
}

static void put_tcp(struct composed *c, const enum layer *layers,
		    unsigned index)
{
	uint8_t *p = PUT(c, "\x13\xc4\x13\xc6\1\2\3\4\0\0\0\1\x80\x11\x10\0"
			    "\0\0\0\0\1\1\x08\x0a\0\0\0\1\0\0\0\2");
	struct addr src, dst;
	uint32_t sum = 6 + (uint32_t)length(c);

	while (index && !is_ip(layers[index]))
		index--;
	src = ip_of(layers, index, 1);
	dst = ip_of(layers, index, 2);
	sum = sum16(sum, src.ip, 16);
	sum = sum16(sum, dst.ip, 16);
	sum = sum16(sum, p, length(c));
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	set16(p + 16, ~sum & 0xffff);
}

static void put_gre(struct composed *c, const enum layer *at)
{
	uint16_t flags = 0;
	uint8_t *p;

	if (at[0] == GRE_SEQUENCE || at[0] == GRE_ALL) {
		PUT(c, "\0\0\0\7");
		flags |= 0x1000;
	}
	if (at[0] == GRE_PPTP) {
		PUT(c, "\0\0\0\1\0\0\0\7\0\0\0\6");
		flags |= 0x3081;
	}
	if (at[0] == GRE_KEY || at[0] == GRE_ALL) {
		PUT(c, "KEY!");
		flags |= 0x2000;
	}
	if (at[0] == GRE_CHECKSUM || at[0] == GRE_ALL) {
		PUT(c, "\x12\x34\0\0");
		flags |= 0x8000;
	}
	if (at[0] == GRE_ROUTING)
		flags |= 0x4000;
	p = PUT(c, "\0\0\0\0");
	set16(p, flags);
	set16(p + 2, ids[at[1]].ether);
}

static void put_mirror(struct composed *c, const enum layer *at)
{
	uint8_t *p;

	switch (at[0]) {
	case ERSPAN2:
		PUT(c, "\x10\x64\0\7\0\0\0\1");
		break;
	case ERSPAN3:
		PUT(c, "\x20\x64\0\7\0\1\2\3\0\0\0\0");
		break;
	case ERSPAN3_PLATFORM:
		PUT(c, "\x20\x64\0\7\0\1\2\3\0\0\0\1PLATFORM");
		break;
	case NSH:
		p = PUT(c, "\x0f\xc2\2\0\0\0\x2a\xff");
		p[3] = ids[at[1]].nsh;
		break;
	case NSH_METADATA:
		p = PUT(c, "\x0f\xc6\1\0\0\0\x2a\xff"
			   "0123456789abcdef");
		p[3] = ids[at[1]].nsh;
		break;
	case ETHERIP:
		PUT(c, "\x30\0");
		break;
	default: /* ERSPAN1 has no header */
		break;
	}
}

static void put_overlay(struct composed *c, const enum layer *at,
			unsigned index)
{
	uint16_t port = at[0] == VXLAN	       ? 4789
			: at[0] == VXLAN_GPE   ? 4790
			: at[0] == VXLAN_LINUX ? 8472
					       : 6081;
	uint8_t *p;

	if (at[0] == GENEVE_OPTIONS)
		PUT(c, "\1\2\3\1OPTN\1\2\4\0");
	if (port == 6081) {
		p = PUT(c, "\0\0\0\0\0\0\0\0");
		p[0] = at[0] == GENEVE_OPTIONS ? 3 : 0;
		set16(p + 2, ids[at[1]].ether);
	} else {
		p = PUT(c, "\x08\0\0\0\0\0\0\0");
	}
	if (at[0] == VXLAN_GPE) {
		p[0] = 0x0c;
		p[3] = ids[at[1]].nsh;
	}
	set16(p + 5, 4096 + index);
	put_udp(c, 54321, port);
}

static void put_gtp(struct composed *c, const enum layer *at)
{
	size_t inner = length(c);
	uint8_t *p;

	if (at[0] == GTP_EXTENSION)
		PUT(c, "\0\1\0\x85\1\x10\1\x20\2ABCDEF\0");
	if (at[0] == GTP_SEQUENCE)
		PUT(c, "\0\1\0\0");
	p = PUT(c, "\x30\xff\0\0TEID");
	p[0] = at[0] == GTP_EXTENSION  ? 0x36
	       : at[0] == GTP_SEQUENCE ? 0x32
				       : 0x30;
	set16(p + 2, length(c) - 8);
	assert(length(c) >= inner + 8);
	put_udp(c, 2152, 2152);
}

static void put_l2tp(struct composed *c, const enum layer *at)
{
	uint8_t *p;

	switch (at[0]) {
	case L2TP2:
		PUT(c, "\0\2\0\1\0\2");
		put_udp(c, 1701, 1701);
		break;
	case L2TP2_ALL:
		p = PUT(c, "\x4a\2\0\0\0\1\0\2\0\3\0\4\0\2XX");
		set16(p + 2, length(c));
		put_udp(c, 1701, 1701);
		break;
	case L2TP3_COOKIE4:
		PUT(c, "\0\0\0\x09"
		       "COOK");
		break;
	case L2TP3_COOKIE8_SUBLAYER:
		PUT(c, "\0\0\0\x09"
		       "COOKIE!!\x40\0\0\1");
		break;
	case L2TP3_UDP:
		PUT(c, "\0\3\0\0\0\0\0\x09");
		put_udp(c, 1701, 1701);
		break;
	default: /* L2TP3 */
		PUT(c, "\0\0\0\x09");
	}
}

static void put_esp(struct composed *c, const enum layer *at)
{
	size_t icv = at[0] == ESP0 ? 0 : at[0] == ESP16 ? 16 : 12;
	uint8_t pad = (uint8_t)((4 - (length(c) + 2) % 4) % 4);

	if (at[0] == ESP_RANDOM) {
		srand(1);
		for (size_t i = c->begin; i < c->end; i++)
			c->buf[i] = (uint8_t)(rand() >> 8);
	}
	for (uint8_t i = 1; i <= pad; i++)
		compose_pad(c, i, 1);
	compose_pad(c, pad, 1);
	compose_pad(c, at[0] == ESP_RANDOM ? 0xee : ids[at[1]].proto, 1);
	compose_pad(c, 0xa5, icv);
	PUT(c, "\0\0\0\x65\0\0\0\1");
	if (at[0] == ESP_UDP_MARKER)
		PUT(c, "\0\0\0\0");
	if (at[0] == ESP_UDP || at[0] == ESP_UDP_MARKER)
		put_udp(c, 4500, 4500);
}

static void put_hep(struct composed *c, unsigned index)
{
	uint8_t *p = PUT(c, "\0\0\0\x0f\0\0");

	set16(p + 4, length(c));
	p = PUT(c, "HEP3\0\0"
		   "\0\0\0\1\0\7\2"
		   "\0\0\0\2\0\7\x11"
		   "\0\0\0\3\0\x0a\x0a\0\0\1"
		   "\0\0\0\4\0\x0a\x0a\0\0\2"
		   "\0\0\0\7\0\x08\x13\xc4"
		   "\0\0\0\x08\0\x08\x13\xc6"
		   "\0\0\0\x0b\0\7\4");
	p[4] = (uint8_t)(length(c) >> 8);
	p[5] = (uint8_t)length(c);
	p[6 + 7 + 7 + 7] = p[6 + 7 + 7 + 17] = (uint8_t)index;
	put_udp(c, 9060, 9060);
}

static void put_layer(struct composed *c, const enum layer *layers,
		      unsigned index)
{
	const enum layer *at = layers + index;

	switch (*at) {
	case ETHER ... VLAN_ZERO:
	case VNTAG ... LOOP:
		put_link(c, at, index);
		break;
	case PPP ... CONTROL_WORD:
		put_wan(c, at);
		break;
	case IP4:
	case IP4_OPTIONS:
		put_ip4(c, at, index);
		break;
	case IP6:
		put_ip6(c, at, index);
		break;
	case HOP_BY_HOP ... AH:
		put_extension(c, at);
		break;
	case UDP:
		put_udp(c, 5060, 5062);
		break;
	case TCP:
		put_tcp(c, layers, index);
		break;
	case SCTP:
		PUT(c, "\x13\xc4\x13\xc6TAG!SUM!");
		break;
	case GRE ... GRE_PPTP:
		put_gre(c, at);
		break;
	case ERSPAN1 ... ETHERIP:
		put_mirror(c, at);
		break;
	case VXLAN ... GENEVE_OPTIONS:
		put_overlay(c, at, index);
		break;
	case GTP ... GTP_EXTENSION:
		put_gtp(c, at);
		break;
	case TZSP:
		PUT(c, "\1\0\0\1\0\x0a\1\x2a\1");
		put_udp(c, 37008, 37008);
		break;
	case L2TP2 ... L2TP3_UDP:
		put_l2tp(c, at);
		break;
	case ESP0 ... ESP_UDP_MARKER:
		put_esp(c, at);
		break;
	case HEP_RTP_V4:
		put_hep(c, index);
		break;
	default:
		assert(!"no such layer");
	}
}

void compose(struct composed *c, const enum layer *layers, struct slice payload)
{
	unsigned n = 0;

	c->begin = c->end = COMPOSED_MAX / 2;
	compose_pad(c, 0, payload.len);
	if (payload.len)
		memcpy(c->buf + c->begin, payload.p, payload.len);
	while (layers[n] != END)
		n++;
	while (n-- > 0)
		put_layer(c, layers, n);
}

static struct addr last_ip(const enum layer *layers, int side)
{
	unsigned last = 0;
	struct addr a;

	for (unsigned i = 0; layers[i] != END; i++)
		if (is_ip(layers[i]) || layers[i] == HEP_RTP_V4)
			last = i;
	a = ip_of(layers, last, side);
	a.port = side == 1 ? 5060 : 5062;
	return a;
}

struct addr compose_src(const enum layer *layers)
{
	return last_ip(layers, 1);
}

struct addr compose_dst(const enum layer *layers)
{
	return last_ip(layers, 2);
}
