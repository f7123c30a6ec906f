#include "sniffer/net/decode.h"

#include <stdlib.h>

#include "sniffer/net/decode_priv.h"
#include "dissectors/exported.h"

/* clang-format off */
static enum next (*const decoders[NEXT_COUNT])(struct walk *) = {
	[NEXT_ETHER] = decode_ether,
	[NEXT_ETHERTYPE] = decode_ethertype,
	[NEXT_SLL] = decode_sll,
	[NEXT_SLL2] = decode_sll2,
	[NEXT_NULL] = decode_null,
	[NEXT_PPP] = decode_ppp,
	[NEXT_HDLC] = decode_hdlc,
	[NEXT_PPPOE] = decode_pppoe,
	[NEXT_MPLS] = decode_mpls,
	[NEXT_IP] = decode_ip,
	[NEXT_IPV4] = decode_ipv4,
	[NEXT_IPV6] = decode_ipv6,
	[NEXT_IPPROTO] = decode_ipproto,
	[NEXT_EXTENSION] = decode_extensions,
	[NEXT_UDP] = decode_udp,
	[NEXT_TCP] = decode_tcp,
	[NEXT_SCTP] = decode_sctp,
	[NEXT_GRE] = decode_gre,
	[NEXT_ERSPAN2] = decode_erspan2,
	[NEXT_ERSPAN3] = decode_erspan3,
	[NEXT_NSH] = decode_nsh,
	[NEXT_L2TP3] = decode_l2tp3,
	[NEXT_ETHERIP] = decode_etherip,
	[NEXT_ESP] = decode_esp,
	[NEXT_AH] = decode_ah,
	[NEXT_EXPORTED] = decode_exported,
};
/* clang-format on */

/* LINKTYPE_ values of capture files, and the DLT_ values of raw IP that some
 * systems wrote instead. */
static enum next of_linktype(uint16_t linktype)
{
	switch (linktype) {
	case 0:	  /* NULL: address family in the writer's byte order */
	case 108: /* LOOP: the same in network order */
		return NEXT_NULL;
	case 1:
		return NEXT_ETHER;
	case 9: /* PPP */
		return NEXT_PPP;
	case 50:  /* PPP_HDLC */
	case 104: /* C_HDLC */
		return NEXT_HDLC;
	case 51: /* PPP_ETHER: from the PPPoE header on */
		return NEXT_PPPOE;
	case 12:
	case 14:
	case 101: /* RAW */
	case 228: /* IPV4 */
	case 229: /* IPV6 */
		return NEXT_IP;
	case 113:
		return NEXT_SLL;
	case 219:
		return NEXT_MPLS;
	case LINKTYPE_EXPORTED_PDU:
		return NEXT_EXPORTED;
	case 276:
		return NEXT_SLL2;
	default:
		return NEXT_COUNT;
	}
}

static enum decode_result undecoded(struct decode_stats *st, uint16_t linktype)
{
	size_t i = 0;

	while (i < st->undecoded_len && st->undecoded[i].linktype != linktype)
		i++;
	if (i == DECODE_LINKS_MAX)
		i--;
	else if (i == st->undecoded_len)
		st->undecoded[st->undecoded_len++].linktype = linktype;
	st->undecoded[i].frames++;
	return DECODE_OTHER;
}

static bool too_deep(struct walk *w, enum next next)
{
	if (next == NEXT_ETHER || next == NEXT_IPV4 || next == NEXT_IPV6)
		return w->depth++ >= w->d->max_depth;
	return false;
}

static enum next walk_run(struct walk *w, enum next next)
{
	while (next >= NEXT_ETHER) {
		if (too_deep(w, next))
			return walk_bad(w, "decode.too_deep");
		next = decoders[next](w);
	}
	return next;
}

enum decode_result decode_walk(struct decoder *d, const struct frame *f,
			       struct pkt *out)
{
	struct walk w = {.d = d, .out = out, .in = f->data};
	enum next next = of_linktype(f->linktype);

	w.wire =
		f->wire_len > f->data.len ? f->wire_len : (uint32_t)f->data.len;
	*out = (struct pkt){.frames = f,
			    .frame_count = 1,
			    .ts_ns = f->ts_ns,
			    .vlan = PKT_NO_VLAN,
			    .told = f->told};
	if (next == NEXT_COUNT)
		return undecoded(&d->stats, f->linktype);

	next = walk_run(&w, next);
	if (next == NEXT_PACKET)
		d->stats.decoded += out->frame_count;
	return (enum decode_result)(next - NEXT_PACKET);
}

enum decode_result decode_frame(struct decoder *d, const struct frame *f,
				struct pkt *out)
{
	d->stats.frames++;
	d->stats.cut += f->wire_len > f->data.len;
	frag_reap(d->frag, f->ts_ns);
	if (d->fast && decode_fast(f, out)) {
		out->told = f->told;
		d->stats.decoded++;
		return DECODE_PACKET;
	}
	return decode_walk(d, f, out);
}

_Static_assert(NEXT_HELD - NEXT_PACKET == DECODE_HELD &&
		       NEXT_OTHER - NEXT_PACKET == DECODE_OTHER &&
		       NEXT_BAD - NEXT_PACKET == DECODE_BAD,
	       "the ends of a walk are the results");

struct decoder *decode_new(const struct decode_config *cfg,
			   const struct seed *seed, struct counters *faults)
{
	struct decoder *d = calloc(1, sizeof(*d));
	struct frag_limits limits = {
		.bytes = cfg->frag_bytes ? cfg->frag_bytes : 16u << 20,
		.sets = cfg->frag_max ? cfg->frag_max : 4096,
		.timeout_ns = cfg->frag_timeout_ns ? cfg->frag_timeout_ns
						   : 30 * 1000000000ull,
	};

	if (!d)
		return NULL;
	d->faults = faults;
	d->own = cfg->own;
	d->max_depth = cfg->max_depth ? cfg->max_depth : 16;
	if (d->max_depth > 250)
		d->max_depth = 250;
	d->fast = d->max_depth >= 2; /* Ethernet and IP */
	d->frag = frag_new(&limits, seed, faults);
	if (!d->frag) {
		decode_free(d);
		return NULL;
	}
	return d;
}

void decode_free(struct decoder *d)
{
	if (!d)
		return;
	frag_free(d->frag);
	free(d->unpacked);
	free(d);
}

void decode_end(struct decoder *d)
{
	frag_end(d->frag);
}

const struct decode_stats *decode_stats(const struct decoder *d)
{
	return &d->stats;
}

struct decode_held decode_held(const struct decoder *d)
{
	return (struct decode_held){frag_sets(d->frag), frag_bytes(d->frag)};
}
