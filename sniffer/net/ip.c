#include "sniffer/net/decode_priv.h"

#define EXTENSIONS_MAX 12

#define PROTO_FRAGMENT 44

/* clang-format off */
static const uint8_t by_protocol[256] = {
	[0] = NEXT_EXTENSION,	/* hop-by-hop */
	[4] = NEXT_IPV4,
	[PKT_TCP] = NEXT_TCP,
	[PKT_UDP] = NEXT_UDP,
	[41] = NEXT_IPV6,
	[43] = NEXT_EXTENSION,	/* routing */
	[PROTO_FRAGMENT] = NEXT_EXTENSION,
	[47] = NEXT_GRE,
	[50] = NEXT_ESP,
	[51] = NEXT_AH,
	[60] = NEXT_EXTENSION,	/* destination options */
	[97] = NEXT_ETHERIP,
	[115] = NEXT_L2TP3,
	[PKT_SCTP] = NEXT_SCTP,
	[135] = NEXT_EXTENSION,	/* mobility */
	[137] = NEXT_MPLS,
	[139] = NEXT_EXTENSION,	/* HIP */
	[140] = NEXT_EXTENSION,	/* Shim6 */
	[143] = NEXT_ETHER,
};
/* clang-format on */

/* ICMP errors quote packets: those were not seen here. */
static const char *kind_of(uint16_t protocol)
{
	switch (protocol) {
	case 1:
		return "icmp";
	case 2:
		return "igmp";
	case 58:
		return "icmpv6";
	case 59:
		return "ipv6_no_next";
	case 89:
		return "ospf";
	case 103:
		return "pim";
	case 112:
		return "vrrp";
	default:
		return "ip_protocol";
	}
}

enum next decode_ipproto(struct walk *w)
{
	uint8_t next = by_protocol[w->type & 0xff];

	return next ? (enum next)next : walk_other(w, kind_of(w->type));
}

enum next decode_ip(struct walk *w)
{
	switch (w->in.len ? w->in.p[0] >> 4 : 0) {
	case 4:
		return NEXT_IPV4;
	case 6:
		return NEXT_IPV6;
	default:
		return walk_bad(w, "ip.bad_version");
	}
}

/* The walk stands behind the IP headers, at a fragment's data. */
static enum next reassemble(struct walk *w, struct frag_in *in)
{
	struct pkt *out = w->out;
	struct frag_whole whole;
	enum frag_result got;

	in->src = out->src;
	in->dst = out->dst;
	in->data = w->in;
	in->wire = w->wire;
	in->frames = out->frames;
	in->frame_count = out->frame_count;
	in->ts_ns = out->ts_ns;
	w->d->stats.ip_fragments++;
	got = frag_add(w->d->frag, in, &whole);
	if (got == FRAG_HELD)
		return NEXT_HELD;
	if (got == FRAG_REFUSED)
		return NEXT_BAD;

	out->frames = whole.frames;
	out->frame_count = whole.frame_count;
	out->fragmented = true;
	w->in = whole.data;
	w->wire = whole.wire;
	w->type = whole.next;
	return NEXT_IPPROTO;
}

/* Where the header claims more than the source says was on the wire, the
 * header is believed: some recorders give a cut frame's length as whole. 0
 * comes from a sender's segmentation offload: all that follows belongs to it,
 * so that this is not called. */
static void limit_ip(struct walk *w, uint32_t claimed)
{
	if (claimed > w->wire)
		counters_add(w->d->faults, "ip.bad_length", 1);
	walk_limit(w, claimed);
}

/*
 * RFC 791, 3.1
 *
 *  version 4 | header words 4 | DSCP 6, ECN 2 | total length 2
 *  identification 2           | 0 DF MF, offset in 8 bytes 13
 *  TTL 1 | protocol 1         | checksum 2
 *  source 4 | destination 4 | options
 */
enum next decode_ipv4(struct walk *w)
{
	struct cursor c = cursor_of(w->in);
	struct pkt *out = w->out;
	uint8_t b0 = cursor_u8(&c);
	uint32_t header = (b0 & 0x0fu) * 4;
	uint32_t total;
	uint16_t offset;
	struct slice ip;

	out->dscp = cursor_u8(&c) >> 2;
	total = cursor_u16(&c);
	out->ip_id = cursor_u16(&c);
	offset = cursor_u16(&c);
	out->ttl = cursor_u8(&c);
	w->type = cursor_u8(&c);
	cursor_u16(&c);
	ip = cursor_take(&c, 8);
	if (c.bad)
		return walk_bad(w, "ip.short");
	if (b0 >> 4 != 4)
		return walk_bad(w, "ip.bad_version");
	if (header < 20)
		return walk_bad(w, "ip.bad_header");
	cursor_take(&c, header - 20);
	if (c.bad)
		return walk_bad(w, "ip.short");
	if (total && total < header)
		return walk_bad(w, "ip.bad_length");

	addr_set_v4(&out->src, ip.p);
	addr_set_v4(&out->dst, ip.p + 4);
	out->src.port = out->dst.port = 0; /* they follow */
	walk_to(w, &c);
	if (total)
		limit_ip(w, total - header);
	if (offset & 0x3fff)
		return reassemble(
			w, &(struct frag_in){.id = out->ip_id,
					     .proto = (uint8_t)w->type,
					     .next = (uint8_t)w->type,
					     .more = offset & 0x2000,
					     .offset = (offset & 0x1fffu) * 8});
	return decode_ipproto(w);
}

/* RFC 8200, 4.5: next header 1 | 0 1 | offset 13, 0 2, M 1 | id 4 */
static enum next decode_ipv6_fragment(struct walk *w)
{
	struct cursor c = cursor_of(w->in);
	uint8_t next = cursor_u8(&c);
	uint16_t offset;
	uint32_t id;

	cursor_u8(&c);
	offset = cursor_u16(&c);
	id = cursor_u32(&c);
	if (c.bad)
		return walk_bad(w, "ip.short");
	walk_to(w, &c);
	w->type = next;
	if (!(offset & 0xfff9)) /* RFC 6946: whole, in spite of the header */
		return NEXT_IPPROTO;
	return reassemble(w, &(struct frag_in){.id = id,
					       .proto = PROTO_FRAGMENT,
					       .next = next,
					       .more = offset & 1,
					       .offset = offset & 0xfff8u});
}

/* RFC 8200, 4: each extension begins with next header and its length in
 * units of 8 bytes, the first not counted. */
enum next decode_extensions(struct walk *w)
{
	struct cursor c = cursor_of(w->in);

	for (int n = 0; w->type != PROTO_FRAGMENT &&
			by_protocol[w->type] == NEXT_EXTENSION;
	     n++) {
		uint8_t next = cursor_u8(&c);

		cursor_take(&c, cursor_u8(&c) * 8u + 6);
		if (c.bad)
			return walk_bad(w, "ip.short");
		if (n == EXTENSIONS_MAX)
			return walk_bad(w, "ip.too_many_extensions");
		w->type = next;
	}
	walk_to(w, &c);
	if (w->type == PROTO_FRAGMENT)
		return decode_ipv6_fragment(w);
	return decode_ipproto(w);
}

/*
 * RFC 8200, 3
 *
 *  version 4 | DSCP 6, ECN 2 | flow label 20
 *  payload length 2 | next header 1 | hop limit 1
 *  source 16 | destination 16
 */
enum next decode_ipv6(struct walk *w)
{
	struct cursor c = cursor_of(w->in);
	struct pkt *out = w->out;
	uint32_t word = cursor_u32(&c);
	uint16_t len = cursor_u16(&c);
	struct slice ip;

	w->type = cursor_u8(&c);
	out->ttl = cursor_u8(&c);
	ip = cursor_take(&c, 32);
	if (c.bad)
		return walk_bad(w, "ip.short");
	if (word >> 28 != 6)
		return walk_bad(w, "ip.bad_version");

	out->dscp = word >> 22 & 0x3f;
	out->ip_id = 0;
	out->src = addr_v6(ip.p, 0);
	out->dst = addr_v6(ip.p + 16, 0);
	walk_to(w, &c);
	if (len)
		limit_ip(w, len);
	return decode_ipproto(w);
}

/* RFC 4302, 2: next header 1 | length in words - 2, 1 | 0 2 | SPI 4 |
 * sequence 4 | ICV */
enum next decode_ah(struct walk *w)
{
	struct cursor c = cursor_of(w->in);

	w->type = cursor_u8(&c);
	cursor_take(&c, cursor_u8(&c) * 4u + 6);
	if (c.bad)
		return walk_bad(w, "ah.short");
	walk_to(w, &c);
	return NEXT_IPPROTO;
}
