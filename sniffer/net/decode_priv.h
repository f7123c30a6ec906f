/*
 * What the decoders of single headers share. Each takes its header off the
 * front of the walk and answers what comes next.
 */
#ifndef NET_DECODE_PRIV_H
#define NET_DECODE_PRIV_H

#include "sniffer/net/decode.h"
#include "sniffer/net/frag.h"

enum next {
	/* The walk is over. */
	NEXT_PACKET,
	NEXT_HELD,
	NEXT_OTHER,
	NEXT_BAD,
	/* A header follows. */
	NEXT_ETHER,
	NEXT_ETHERTYPE, /* walk.type says which */
	NEXT_SLL,
	NEXT_SLL2,
	NEXT_NULL,
	NEXT_PPP,
	NEXT_HDLC, /* PPP or Cisco, told apart by the address byte */
	NEXT_PPPOE,
	NEXT_MPLS,
	NEXT_IP, /* the version is in the first nibble */
	NEXT_IPV4,
	NEXT_IPV6,
	NEXT_IPPROTO,	/* walk.type says which */
	NEXT_EXTENSION, /* of IPv6; walk.type says which */
	NEXT_UDP,
	NEXT_TCP,
	NEXT_SCTP,
	NEXT_GRE,
	NEXT_ERSPAN2,
	NEXT_ERSPAN3,
	NEXT_NSH,
	NEXT_L2TP3,
	NEXT_ETHERIP,
	NEXT_ESP,
	NEXT_AH,
	NEXT_EXPORTED,
	NEXT_COUNT
};

struct decoder {
	struct frag *frag;
	struct counters *faults;
	struct decode_stats stats;
	unsigned max_depth;
	struct decode_own own;
	uint8_t *unpacked; /* HEP_PLAIN_MAX bytes, once there was need */
	bool fast;	   /* decode_fast() may be asked */
};

/* The bytes not read yet. wire is what they are on the wire: never less than
 * in.len, more where the capture was cut. */
struct walk {
	struct decoder *d;
	struct pkt *out;
	struct slice in;
	uint32_t wire;
	uint16_t type; /* for NEXT_ETHERTYPE and NEXT_IPPROTO */
	uint8_t depth;
};

/* Drops what c has read from in. */
static inline void walk_to(struct walk *w, const struct cursor *c)
{
	size_t n = w->in.len - cursor_left(c);

	w->in = slice_of(c->p, cursor_left(c));
	w->wire -= (uint32_t)n;
}

/* A header said that len bytes follow: what is beyond is padding. */
static inline void walk_limit(struct walk *w, uint32_t len)
{
	w->in = slice_head(w->in, len);
	w->wire = len;
}

static inline enum next walk_bad(struct walk *w, const char *name)
{
	counters_add(w->d->faults, name, 1);
	return NEXT_BAD;
}

static inline enum next walk_other(struct walk *w, const char *kind)
{
	counters_add(&w->d->stats.other, kind, 1);
	return NEXT_OTHER;
}

/* Link layers: decode_link.c. */
enum next decode_ether(struct walk *w);
enum next decode_ethertype(struct walk *w);
enum next decode_sll(struct walk *w);
enum next decode_sll2(struct walk *w);
enum next decode_null(struct walk *w);
enum next decode_mpls(struct walk *w);
/* decode_ppp.c */
/* Takes the head off, address and control bytes too; the cursor is bad when
 * it is cut. */
uint16_t ppp_protocol(struct cursor *c);
enum next decode_ppp(struct walk *w);
enum next decode_hdlc(struct walk *w);
enum next decode_pppoe(struct walk *w);
/* decode_exported.c */
enum next decode_exported(struct walk *w);
/* ip.c */
enum next decode_ip(struct walk *w);
enum next decode_ipv4(struct walk *w);
enum next decode_ipv6(struct walk *w);
enum next decode_ipproto(struct walk *w);
enum next decode_extensions(struct walk *w);
enum next decode_ah(struct walk *w);
/* ip_transport.c */
enum next decode_udp(struct walk *w);
enum next decode_tcp(struct walk *w);
enum next decode_sctp(struct walk *w);
/* tunnel.c */
enum next decode_gre(struct walk *w);
enum next decode_erspan2(struct walk *w);
enum next decode_erspan3(struct walk *w);
enum next decode_nsh(struct walk *w);
/* Of NSH and of VXLAN-GPE (RFC 8300, 6); NEXT_BAD for none of ours. */
enum next next_of_nsh(uint8_t protocol);
/* Takes the cookie off and guesses the payload; NEXT_BAD without one. */
enum next l2tp3_payload(struct walk *w);
enum next decode_l2tp3(struct walk *w);
enum next decode_etherip(struct walk *w);
/* tunnel_esp.c */
enum next decode_esp(struct walk *w);
bool esp_is_null(struct walk *w, enum next *next);
/* tunnel_udp.c: what UDP carries, once its ports are in out. False when it
 * is no tunnel that passes its checks: the walk is as it was. */
bool tunnel_udp(struct walk *w, enum next *next);
/* tunnel_hep.c */
enum next decode_hep(struct walk *w);

/* Either port, or its first bytes, may be a tunnel's. */
bool tunnel_udp_may_be(const struct pkt *p);

/* decode_fast.c. The most common kind of frame at once: false when it is any
 * other, *out is then worth nothing. */
bool decode_fast(const struct frame *f, struct pkt *out);
/* decode.c: any frame, header by header. */
enum decode_result decode_walk(struct decoder *d, const struct frame *f,
			       struct pkt *out);

/* Guesses, for headers that do not say what they carry: does this look like
 * an IP packet or an Ethernet frame of at most wire bytes? decode_guess.c */
bool looks_ip(struct slice s, uint32_t wire);
bool looks_ether(struct slice s, uint32_t wire);

#endif
