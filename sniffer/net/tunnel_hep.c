/*
 * HEP: what an agent saw, in place of the datagram that carried it.
 */
#include <stdlib.h>

#include "dissectors/hep_plain.h"
#include "sniffer/net/decode_priv.h"

static bool is_ours(const struct walk *w, const struct hep *h)
{
	const struct decode_own *own = &w->d->own;

	return own->node.len && h->capture_id == own->capture_id &&
	       slice_eq(h->node, own->node);
}

/* Into the decoder's memory, where something was changed. */
static bool make_plain(struct walk *w, struct hep *h)
{
	struct decoder *d = w->d;
	const uint8_t *before = h->payload.p;

	if (!h->compressed && (h->type != HEP_RTCP || hep_has_rtcp(h)))
		return true;
	if (!d->unpacked)
		d->unpacked = malloc(HEP_PLAIN_MAX);
	if (!d->unpacked || !hep_plain(h, d->unpacked))
		return false;
	w->out->unpacked = h->payload.p != before;
	return true;
}

/* Messages of a stream come whole, without the stream. */
static uint8_t message_of(const struct hep *h)
{
	if (h->type == HEP_SDP)
		return PKT_SDP;
	if (h->type == HEP_SIP && (h->proto == PKT_TCP || h->proto == PKT_SCTP))
		return PKT_SIP;
	return PKT_NO_MESSAGE;
}

static enum next take(struct walk *w, const struct hep *h)
{
	struct pkt *out = w->out;

	out->hep = out->told = true;
	out->src = h->src;
	out->dst = h->dst;
	out->message = message_of(h);
	out->proto = PKT_UDP;
	if (out->message)
		out->proto = h->proto == PKT_SCTP ? PKT_SCTP : PKT_TCP;
	out->dscp = h->tos >> 2;
	out->ip_id = 0;
	if (h->vlan)
		out->vlan = h->vlan;
	out->payload = h->payload;
	out->payload_wire = (uint32_t)h->payload.len;
	return NEXT_PACKET;
}

enum next decode_hep(struct walk *w)
{
	struct hep h;

	switch (hep_parse(w->in, &h)) {
	case PARSE_OK:
		break;
	case PARSE_MORE:
		return walk_bad(w, "hep.short");
	default:
		return walk_bad(w, "hep.malformed");
	}
	if (is_ours(w, &h))
		return walk_other(w, "hep_own");
	if (!make_plain(w, &h))
		return walk_bad(w, "hep.compressed");
	if (!hep_is_known(&h))
		return walk_other(w, hep_kind(h.type));
	return take(w, &h);
}
