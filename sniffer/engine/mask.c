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
	struct slice copy = engine_export(e, &x, message, out);

	if (!copy.p) {
		counters_add(&e->counters, "mask.message_limit", 1);
		return 0;
	}
	sip_mask(e->plain + out->data.len - copy.len, copy.len, &e->cfg.mask);
	out->ts_ns = p->ts_ns;
	out->ts_digits = p->frame_count ? p->frames[0].ts_digits : 6;
	return 1;
}
