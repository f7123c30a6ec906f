#include "sniffer/net/decode_priv.h"

static enum next done(struct walk *w, uint8_t proto)
{
	w->out->proto = proto;
	w->out->payload = w->in;
	w->out->payload_wire = w->wire;
	return NEXT_PACKET;
}

/* RFC 768: source 2 | destination 2 | length 2 | checksum 2. The checksum is
 * not tested: a capture on the sender sees it before the card fills it in. */
enum next decode_udp(struct walk *w)
{
	struct cursor c = cursor_of(w->in);
	struct pkt *out = w->out;
	enum next next;
	uint16_t len;

	out->src.port = cursor_u16(&c);
	out->dst.port = cursor_u16(&c);
	len = cursor_u16(&c);
	cursor_u16(&c);
	if (c.bad)
		return walk_bad(w, "udp.short");
	walk_to(w, &c);
	/* 0 is a jumbogram (RFC 2675, 4) or an offload: all that is there. */
	if (len && len < 8)
		return walk_bad(w, "udp.bad_length");
	if (len && len - 8u > w->wire)
		counters_add(w->d->faults, "udp.bad_length", 1);
	else if (len)
		walk_limit(w, len - 8u);
	if (tunnel_udp(w, &next))
		return next;
	return done(w, PKT_UDP);
}

/*
 * RFC 9293, 3.1
 *
 *  source 2 | destination 2 | sequence 4 | acknowledgement 4
 *  header words 4, 0 4 | flags 1 | window 2 | checksum 2 | urgent 2 | options
 */
enum next decode_tcp(struct walk *w)
{
	struct cursor c = cursor_of(w->in);
	struct pkt *out = w->out;
	uint32_t header, wire;

	out->src.port = cursor_u16(&c);
	out->dst.port = cursor_u16(&c);
	out->tcp_seq = cursor_u32(&c);
	cursor_u32(&c);
	header = (cursor_u8(&c) >> 4) * 4u;
	out->tcp_flags = cursor_u8(&c) & (PKT_TCP_FIN | PKT_TCP_SYN |
					  PKT_TCP_RST | PKT_TCP_ACK);
	cursor_take(&c, 6);
	if (c.bad)
		return walk_bad(w, "tcp.short");
	if (header < 20 || header > w->wire)
		return walk_bad(w, "tcp.bad_header");
	wire = w->wire - header;
	/* The capture may end inside the options. */
	cursor_take(&c, header - 20 < cursor_left(&c) ? header - 20
						      : cursor_left(&c));
	walk_to(w, &c);
	w->wire = wire;
	return done(w, PKT_TCP);
}

/* RFC 9260, 3.1: source 2 | destination 2 | tag 4 | checksum 4 | chunks */
enum next decode_sctp(struct walk *w)
{
	struct cursor c = cursor_of(w->in);

	w->out->src.port = cursor_u16(&c);
	w->out->dst.port = cursor_u16(&c);
	cursor_take(&c, 8);
	if (c.bad)
		return walk_bad(w, "sctp.short");
	walk_to(w, &c);
	return done(w, PKT_SCTP);
}
