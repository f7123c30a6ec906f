/* Recordings without numbers or pressed keys. */
#include "dissectors/sip_mask.h"
#include "sniffer/engine/conn.h"

/* What carried a message of that transport, where exported_by does not say. */
static uint32_t port_type(const struct pkt *p)
{
	switch (p->proto) {
	case PKT_UDP:
		return EXPORTED_UDP;
	case PKT_SCTP:
		return EXPORTED_SCTP;
	default:
		return EXPORTED_TCP;
	}
}

/* An exported PDU, since segments and fragments cut a message anywhere, and
 * sums over bytes would not fit any more. */
size_t engine_mask(struct engine *e, const struct pkt *p, struct slice message,
		   enum exported_by by, struct frame *out)
{
	struct exported x = {
		.dissector = SLICE("sip"),
		.src = p->src,
		.dst = p->dst,
		.port_type = port_type(p),
		.by = by,
	};
	size_t n;

	if (message.len + EXPORTED_HEAD_MAX > PLAIN_FRAME_MAX) {
		counters_add(&e->counters, "mask.message_limit", 1);
		return 0;
	}
	n = exported_put(e->plain, &x);
	memmove(e->plain + n, message.p, message.len);
	sip_mask(e->plain + n, message.len, &e->cfg.mask);
	n += message.len;
	*out = (struct frame){
		.data = slice_of(e->plain, n),
		.ts_ns = p->ts_ns,
		.wire_len = (uint32_t)n,
		.linktype = LINKTYPE_EXPORTED_PDU,
		.ts_digits = p->frame_count ? p->frames[0].ts_digits : 6,
	};
	return 1;
}
