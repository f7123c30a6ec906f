#include "sniffer/net/decode_priv.h"

enum next next_of_nsh(uint8_t protocol)
{
	static const uint8_t next[] = {NEXT_BAD,   NEXT_IPV4, NEXT_IPV6,
				       NEXT_ETHER, NEXT_NSH,  NEXT_MPLS};

	return protocol < sizeof(next) ? (enum next)next[protocol] : NEXT_BAD;
}

static enum next under_gre(struct walk *w, bool sequence)
{
	uint8_t version = w->in.len ? w->in.p[0] >> 4 : 0;

	switch (w->type) {
	case 0x88be: /* type I has no header and no sequence number */
		if (!sequence)
			return NEXT_ETHER;
		return version == 2 ? NEXT_ERSPAN3 : NEXT_ERSPAN2;
	case 0x22eb:
		return NEXT_ERSPAN3;
	case 0:
		return walk_other(w, "gre_keepalive");
	default:
		return w->type < 0x600 ? walk_other(w, "gre_protocol")
				       : NEXT_ETHERTYPE;
	}
}

/*
 * RFC 2784 with RFC 2890; version 1 is PPTP's (RFC 2637, 4.1)
 *
 *  C R K S s recur 3 | A 1 | 0 4 | version 3 | protocol 2
 *  [checksum 2, 0 2] [key 4] [sequence 4] [acknowledgement 4]
 */
enum next decode_gre(struct walk *w)
{
	struct cursor c = cursor_of(w->in);
	uint16_t flags = cursor_u16(&c);
	bool pptp = (flags & 7) == 1;

	w->type = cursor_u16(&c);
	if (flags & 0x4000)
		return walk_bad(w, "gre.routing");
	if ((flags & 7) > 1)
		return walk_bad(w, "gre.bad_version");
	if (flags & 0x8000)
		cursor_u32(&c);
	if (flags & 0x2000)
		cursor_u32(&c);
	if (flags & 0x1000)
		cursor_u32(&c);
	if (pptp && flags & 0x0080)
		cursor_u32(&c);
	if (c.bad)
		return walk_bad(w, "gre.short");
	walk_to(w, &c);
	if (pptp && !w->wire)
		return walk_other(w, "gre_acknowledgement");
	return under_gre(w, flags & 0x1000);
}

/* draft-foschiano-erspan-03, 4.2: version 4 | VLAN 12 | COS 3, En 2, T 1,
 * session 10 | reserved 12, index 20 */
enum next decode_erspan2(struct walk *w)
{
	struct cursor c = cursor_of(w->in);
	uint32_t word = cursor_u32(&c);

	cursor_u32(&c);
	if (c.bad)
		return walk_bad(w, "erspan.short");
	if (word >> 28 != 1)
		return walk_bad(w, "erspan.bad_version");
	walk_to(w, &c);
	return NEXT_ETHER;
}

/* The same, 4.3: version 4 | VLAN 12 | COS 3, BSO 2, T 1, session 10 |
 * timestamp 32 | SGT 16 | P 1, frame type 5, hardware 6, D 1, Gra 2, O 1 |
 * [platform specific 8, when O] */
enum next decode_erspan3(struct walk *w)
{
	struct cursor c = cursor_of(w->in);
	uint32_t word = cursor_u32(&c);
	uint32_t last;

	cursor_u32(&c);
	last = cursor_u32(&c);
	if (last & 1)
		cursor_u64(&c);
	if (c.bad)
		return walk_bad(w, "erspan.short");
	if (word >> 28 != 2)
		return walk_bad(w, "erspan.bad_version");
	walk_to(w, &c);
	switch (last >> 10 & 0x1f) {
	case 0:
		return NEXT_ETHER;
	case 2:
		return NEXT_IP;
	default:
		return walk_bad(w, "erspan.unknown_frame");
	}
}

/* RFC 8300, 2.2: version 2, O 1, U 1, TTL 6, length in words 6 | U 4,
 * MD type 4 | next protocol 8 | service path 24, index 8 | metadata */
enum next decode_nsh(struct walk *w)
{
	struct cursor c = cursor_of(w->in);
	uint16_t first = cursor_u16(&c);
	uint32_t words = first & 0x3fu;
	enum next next;

	cursor_u8(&c);
	next = next_of_nsh(cursor_u8(&c));
	if (c.bad)
		return walk_bad(w, "nsh.short");
	if (next == NEXT_BAD)
		return walk_bad(w, "nsh.unknown_protocol");
	if (first >> 14 || words < 2)
		return walk_bad(w, "nsh.bad_header");
	cursor_take(&c, words * 4 - 4);
	if (c.bad)
		return walk_bad(w, "nsh.short");
	walk_to(w, &c);
	return next;
}

/*
 * Behind the session of RFC 3931, 4.1: cookie 0, 4 or 8 | [sublayer 4] |
 * payload. The tunnel's set-up says which, on another channel: here the
 * first that makes sense is taken.
 */
enum next l2tp3_payload(struct walk *w)
{
	for (uint32_t skip = 0; skip <= 12 && skip < w->in.len; skip += 4) {
		struct slice s = slice_from(w->in, skip);
		bool ip = looks_ip(s, w->wire - skip);

		if (!ip && !looks_ether(s, w->wire - skip))
			continue;
		w->in = s;
		w->wire -= skip;
		return ip ? NEXT_IP : NEXT_ETHER;
	}
	return NEXT_BAD;
}

/* Straight on IP: session 4, 0 for control messages. */
enum next decode_l2tp3(struct walk *w)
{
	struct cursor c = cursor_of(w->in);
	uint32_t session = cursor_u32(&c);
	enum next next;

	if (c.bad)
		return walk_bad(w, "l2tp.short");
	if (!session)
		return walk_other(w, "l2tp_control");
	walk_to(w, &c);
	next = l2tp3_payload(w);
	return next == NEXT_BAD ? walk_bad(w, "l2tp.unknown_payload") : next;
}

/* RFC 3378, 3: version 4 | 0 12 | Ethernet */
enum next decode_etherip(struct walk *w)
{
	struct cursor c = cursor_of(w->in);
	uint16_t version = cursor_u16(&c);

	if (c.bad || version >> 12 != 3)
		return walk_bad(w, "etherip.bad_header");
	walk_to(w, &c);
	return NEXT_ETHER;
}
