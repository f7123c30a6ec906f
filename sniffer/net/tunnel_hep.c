/*
 * HEP: what an agent saw, in place of the datagram that carried it. What was
 * compressed is unpacked into the decoder's memory; RTCP that comes as JSON is
 * made a packet again there.
 */
#include "dissectors/hep.h"

#include <stdlib.h>
#include <zlib.h>

#include "dissectors/rtcp_json.h"
#include "sniffer/net/decode_priv.h"

static bool has_memory(struct decoder *d)
{
	if (!d->unpacked)
		d->unpacked = malloc(UNPACKED_MAX);
	return d->unpacked;
}

/* RTCP as it was on the wire, not as JSON. */
static bool is_rtcp(struct slice s)
{
	return s.len >= 8 && s.p[0] >> 6 == 2 && s.p[1] >= 192 && s.p[1] <= 223;
}

static bool is_ours(const struct walk *w, const struct hep *h)
{
	const struct decode_own *own = &w->d->own;

	return own->node.len && h->capture_id == own->capture_id &&
	       slice_eq(h->node, own->node);
}

/* zlib or gzip, all of it; 0 when it is neither, or is larger. */
static size_t inflate_all(struct slice in, uint8_t *to, size_t size)
{
	z_stream z = {.next_in = (uint8_t *)in.p,
		      .avail_in = (unsigned)in.len,
		      .next_out = to,
		      .avail_out = (unsigned)size};
	int rc;

	if (inflateInit2(&z, 15 + 32) != Z_OK)
		return 0;
	rc = inflate(&z, Z_FINISH);
	inflateEnd(&z);
	return rc == Z_STREAM_END ? size - z.avail_out : 0;
}

static bool unpack(struct walk *w, struct hep *h)
{
	struct decoder *d = w->d;
	size_t n;

	n = has_memory(d)
		    ? inflate_all(h->payload, d->unpacked, UNPACKED_MAX)
		    : 0;
	h->payload = slice_of(d->unpacked, n);
	w->out->unpacked = n;
	return n;
}

/* What is no report stays as it is. */
static void read_json(struct walk *w, struct hep *h)
{
	struct decoder *d = w->d;
	uint8_t packet[RTCP_JSON_PACKET_MAX];
	size_t n = rtcp_json_read(h->payload, packet);

	if (!n || !has_memory(d))
		return;
	memcpy(d->unpacked, packet, n);
	h->payload = slice_of(d->unpacked, n);
	w->out->unpacked = true;
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

static bool is_known(const struct hep *h)
{
	return h->type == HEP_SIP || h->type == HEP_RTP || h->type == HEP_SDP ||
	       (h->type == HEP_RTCP && is_rtcp(h->payload));
}

static enum next take(struct walk *w, const struct hep *h)
{
	struct pkt *out = w->out;

	out->hep = true;
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
	if (h.compressed && !unpack(w, &h))
		return walk_bad(w, "hep.compressed");
	if (h.type == HEP_RTCP && !is_rtcp(h.payload))
		read_json(w, &h);
	if (!is_known(&h))
		return walk_other(w, hep_kind(h.type));
	return take(w, &h);
}
