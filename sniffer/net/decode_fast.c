/*
 * The common frame in one go: Ethernet, perhaps a VLAN tag, IPv4 without
 * options and fragments, UDP to a port that is no tunnel's, all lengths as
 * they must be. Whatever is different in any way is left to the walk of
 * decode.c: the answer is the same, tests/test_decode_fast.c holds both
 * against each other.
 */
#include "sniffer/net/decode_priv.h"

enum {
	ETHER_HEADER = 14,
	VLAN_TAG = 4,
	IP_HEADER = 20,
	UDP_HEADER = 8,
};

static inline uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

/* Version 4, five words, not a fragment, UDP. */
static inline bool is_plain(const uint8_t *ip)
{
	return ip[0] == 0x45 && ip[9] == PKT_UDP && !(get16(ip + 6) & 0x3fff);
}

/* RFC 768, and RFC 791 before it; left: bytes from the IP header on, as
 * captured and on the wire. */
static inline bool read_udp(const uint8_t *ip, size_t left, uint32_t wire,
			    struct pkt *out)
{
	const uint8_t *udp = ip + IP_HEADER;
	uint32_t total = get16(ip + 2), len = get16(udp + 4);
	struct slice payload;

	if (total < IP_HEADER + UDP_HEADER || total > wire ||
	    len < UDP_HEADER || len > total - IP_HEADER)
		return false;
	addr_set_v4(&out->src, ip + 12);
	addr_set_v4(&out->dst, ip + 16);
	out->src.port = get16(udp);
	out->dst.port = get16(udp + 2);
	payload.p = udp + UDP_HEADER;
	payload.len = left - IP_HEADER - UDP_HEADER;
	out->payload_wire = len - UDP_HEADER;
	if (payload.len > out->payload_wire)
		payload.len = out->payload_wire;
	out->payload = payload;
	return !tunnel_udp_may_be(out);
}

/* Whatever a plain frame has not; not all of *out, which would cost as much as
 * the rest of this. */
static inline void clear(struct pkt *out)
{
	memset(&out->tcp_seq, 0, sizeof(*out) - offsetof(struct pkt, tcp_seq));
}

bool decode_fast(const struct frame *f, struct pkt *out)
{
	const uint8_t *p = f->data.p, *ip = p + ETHER_HEADER;
	size_t left = f->data.len;
	uint32_t wire = f->wire_len;
	uint16_t type;

	if (f->linktype != 1 || wire < left ||
	    left < ETHER_HEADER + VLAN_TAG + IP_HEADER + UDP_HEADER)
		return false;
	type = get16(p + 12);
	clear(out);
	out->vlan = PKT_NO_VLAN;
	left -= ETHER_HEADER;
	wire -= ETHER_HEADER;
	if (type == 0x8100) {
		type = get16(p + 16);
		if (get16(p + 14) & 0x0fff)
			out->vlan = get16(p + 14) & 0x0fff;
		ip += VLAN_TAG;
		left -= VLAN_TAG;
		wire -= VLAN_TAG;
	}
	if (type != 0x0800 || !is_plain(ip) || !read_udp(ip, left, wire, out))
		return false;
	out->ip_id = get16(ip + 4);
	out->dscp = ip[1] >> 2;
	out->ttl = ip[8];
	out->proto = PKT_UDP;
	out->frames = f;
	out->frame_count = 1;
	out->ts_ns = f->ts_ns;
	return true;
}
