/*
 * Messages without their transport: written into our recordings, and read out
 * of these and out of what Wireshark exports.
 */
#include "sniffer/engine/conn.h"

struct slice engine_export(struct engine *e, const struct exported *x,
			   struct slice message, struct frame *out)
{
	size_t head, len;

	if (message.len + EXPORTED_HEAD_MAX > PLAIN_FRAME_MAX)
		return (struct slice){0};
	head = exported_put(e->plain, x);
	len = head + message.len;
	memcpy(e->plain + head, message.p, message.len);
	*out = (struct frame){
		.data = slice_of(e->plain, len),
		.wire_len = (uint32_t)len,
		.linktype = LINKTYPE_EXPORTED_PDU,
	};
	return slice_from(out->data, head);
}

static const char *transport_of(const struct pkt *p)
{
	switch ((enum exported_by)p->by) {
	case EXPORTED_BY_TLS:
		return "tls";
	case EXPORTED_BY_WS_CLIENT:
	case EXPORTED_BY_WS_SERVER:
		return "ws";
	case EXPORTED_BY_WSS_CLIENT:
	case EXPORTED_BY_WSS_SERVER:
		return "wss";
	default:
		return p->proto == PKT_SCTP ? "sctp" : "tcp";
	}
}

static enum web_kind kind_of(enum exported_by by)
{
	if (by == EXPORTED_BY_HTTP_REQUEST)
		return WEB_HTTP_REQUEST;
	return by == EXPORTED_BY_HTTP_RESPONSE ? WEB_HTTP_RESPONSE
					       : WEB_WS_TEXT;
}

/* The connection is that of the message, which may be there, too. */
static void signalling(struct engine *e, struct flow *f, int dir,
		       const struct pkt *p)
{
	struct conn *c = stream_conn(e, f);
	struct web_msg m = {
		.kind = kind_of((enum exported_by)p->by),
		.dir = dir,
		.ts_ns = p->ts_ns,
		.body = p->payload,
	};

	if (!c) {
		counters_add(&e->counters, "tcp.no_memory", 1);
		return;
	}
	if (p->message == PKT_SDP)
		m.content_type = SLICE("application/sdp");
	c->now = p;
	c->by = p->by ? (enum exported_by)p->by : EXPORTED_BY_WS_SERVER;
	c->frames[0] = p->frames[0];
	c->frames_n = 1;
	engine_signal(c, &m);
	c->by = EXPORTED_BY_UNKNOWN;
	c->now = NULL;
	e->stats.other++;
}

void engine_exported(struct engine *e, struct flow *f, int dir,
		     const struct pkt *p)
{
	if (p->message == PKT_SIP)
		engine_sip_datagram(e, p, p->payload, transport_of(p));
	else
		signalling(e, f, dir, p);
}
