/* Exported PDUs: what is a datagram of UDP becomes one again. */
#include "sniffer/net/decode_priv.h"
#include "dissectors/exported.h"

static enum pkt_message message_of(struct slice dissector)
{
	static const struct {
		const char *name;
		enum pkt_message message;
	} known[] = {
		{"sip", PKT_SIP},
		{"sdp", PKT_SDP},
		{"json", PKT_TEXT},
		{"data-text-lines", PKT_TEXT},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (slice_eq(dissector, slice_str(known[i].name)))
			return known[i].message;
	return PKT_NO_MESSAGE;
}

static uint8_t proto_of(uint32_t port_type)
{
	switch (port_type) {
	case EXPORTED_UDP:
		return PKT_UDP;
	case EXPORTED_SCTP:
		return PKT_SCTP;
	default:
		return PKT_TCP;
	}
}

enum next decode_exported(struct walk *w)
{
	struct pkt *out = w->out;
	struct slice message;
	struct exported x;

	if (!exported_read(w->in, &x, &message))
		return walk_bad(w, "exported.bad_tags");
	out->src = x.src;
	out->dst = x.dst;
	out->payload_wire = w->wire - (uint32_t)(w->in.len - message.len);
	out->payload = message;
	out->by = (uint8_t)x.by;
	out->proto = proto_of(x.port_type);
	if (out->proto != PKT_UDP)
		out->message = (uint8_t)message_of(x.dissector);
	if (out->proto == PKT_SCTP && out->message != PKT_SIP)
		out->proto = PKT_TCP;
	if (out->proto != PKT_UDP && !out->message)
		return walk_other(w, "exported");
	return NEXT_PACKET;
}
