#include "sniffer/call/offer_answer.h"

#include <stdio.h>

#include "sniffer/call/calls.h"

#define PORT_DISCARD 9	 /* "no address yet" in trickle ICE */
#define CLAIMS_MAX   128 /* addresses of one call */

static const char *kind_name(enum sdp_kind kind)
{
	switch (kind) {
	case SDP_AUDIO:
		return "audio";
	case SDP_VIDEO:
		return "video";
	case SDP_APPLICATION:
		return "application";
	case SDP_IMAGE:
		return "image";
	case SDP_TEXT:
		return "text";
	case SDP_MESSAGE:
		return "message";
	default:
		return NULL;
	}
}

/* --- claims ------------------------------------------------------------ */

static bool usable(const struct sdp_addr *a)
{
	return a->parsed && a->addr.port && a->addr.port != PORT_DISCARD &&
	       !addr_is_any(&a->addr);
}

static bool same_formats(const struct call_claim *c, const struct sdp_media *m)
{
	if (c->formats_n != m->format_count)
		return false;
	for (size_t i = 0; i < m->format_count; i++)
		if (c->formats[i].pt != m->formats[i].pt ||
		    c->formats[i].clock_hz != m->formats[i].clock_hz ||
		    !slice_eq(c->formats[i].name, m->formats[i].name) ||
		    !slice_eq(c->formats[i].fmtp, m->formats[i].fmtp))
			return false;
	return true;
}

static void take_formats(struct call *c, struct call_claim *claim,
			 const struct sdp_media *m)
{
	struct call_format *f;

	if (same_formats(claim, m))
		return;
	f = arena_alloc(c->mem, m->format_count * sizeof(*f));
	claim->formats_n = 0;
	if (!f)
		return;
	for (size_t i = 0; i < m->format_count; i++)
		f[i] = (struct call_format){
			.name = arena_keep(c->mem, m->formats[i].name),
			.fmtp = arena_keep(c->mem, m->formats[i].fmtp),
			.clock_hz = m->formats[i].clock_hz,
			.pt = m->formats[i].pt,
			.channels = m->formats[i].channels,
		};
	claim->formats = f;
	claim->formats_n = m->format_count;
}

static struct call_claim *claim_get(struct call *c, const struct addr *a,
				    enum call_side side, bool rtcp,
				    const struct sip_seen *seen)
{
	struct call_claim *claim = c->claims;

	while (claim &&
	       !(claim->side == side && claim->rtcp == rtcp &&
		 claim->realm == seen->realm && addr_eq(&claim->addr, a)))
		claim = claim->next;
	if (claim)
		return claim;
	if (c->claims_n >= CLAIMS_MAX) {
		counters_add(c->owner->counters, "call.address_limit", 1);
		return NULL;
	}
	claim = arena_alloc(c->mem, sizeof(*claim));
	if (!claim)
		return NULL;
	claim->call = c;
	claim->addr = *a;
	claim->realm = seen->realm;
	claim->side = side;
	claim->rtcp = rtcp;
	claim->since_ns = seen->ts_ns;
	if (!endpoints_add(&c->owner->endpoints, claim)) {
		counters_add(c->owner->counters, "endpoint.limit", 1);
		return NULL;
	}
	claim->next = c->claims;
	c->claims = claim;
	c->claims_n++;
	return claim;
}

static void claim_one(struct call *c, const struct sdp_media *m, size_t index,
		      const struct addr *a, enum call_side side, bool rtcp,
		      const struct sip_seen *seen)
{
	struct call_claim *claim = claim_get(c, a, side, rtcp, seen);
	struct slice profile = m->proto;

	if (!claim)
		return;
	claim->kind = kind_name(m->kind);
	claim->index = (uint16_t)index;
	claim->ptime_ms = (uint16_t)(m->ptime_ms < 1000 ? m->ptime_ms : 0);
	claim->srtp = slice_find_slice(profile, SLICE("SAVP")) >= 0;
	claim->inactive =
		m->direction == SDP_INACTIVE || m->direction == SDP_SENDONLY;
	if (!slice_eq(claim->mid, m->mid))
		claim->mid = arena_keep(c->mem, m->mid);
	if (claim->srtp && m->crypto_count && !claim->suite)
		claim->suite = arena_str(c->mem, m->cryptos[0].suite);
	take_formats(c, claim, m);
}

static bool claim_media(struct call *c, const struct sdp *sdp,
			enum call_side side, const struct sip_seen *seen)
{
	bool any = false;

	for (size_t i = 0; i < sdp->media_count; i++) {
		const struct sdp_media *m = &sdp->media[i];

		if (m->rejected || !usable(&m->rtp))
			continue;
		claim_one(c, m, i, &m->rtp.addr, side, false, seen);
		if (m->rtp_profile && usable(&m->rtcp) &&
		    !addr_eq(&m->rtcp.addr, &m->rtp.addr))
			claim_one(c, m, i, &m->rtcp.addr, side, true, seen);
		any = true;
	}
	return any;
}

/* --- the list of offers ------------------------------------------------ */

static struct slice codec_text(struct arena *mem, const struct sdp_format *f)
{
	char buf[64];
	int n;

	if (!f->name.len)
		return arena_keep(mem, f->text);
	n = snprintf(buf, sizeof(buf), "%.*s/%u",
		     (int)(f->name.len < 32 ? f->name.len : 32),
		     (const char *)f->name.p, f->clock_hz);
	return arena_keep(mem, slice_of(buf, (size_t)n));
}

static bool bundled(const struct sdp *sdp, const struct sdp_media *m)
{
	struct slice mid;

	for (size_t g = 0; g < sdp->group_count; g++) {
		struct slice mids = sdp->groups[g].mids;

		if (!slice_eq(sdp->groups[g].semantics, SLICE("BUNDLE")))
			continue;
		while (sdp_word(&mids, &mid))
			if (slice_eq(mid, m->mid))
				return true;
	}
	return false;
}

static void offer_media(struct call *c, const struct sdp *sdp,
			const struct sdp_media *m, struct call_offer_media *out)
{
	out->mid = arena_keep(c->mem, m->mid);
	out->kind = kind_name(m->kind);
	out->direction = sdp_direction_name(m->direction);
	out->port = m->port;
	out->bundle = bundled(sdp, m);
	out->rejected = m->rejected;
	out->codecs = arena_alloc(c->mem, (m->format_count + 1u) *
						  sizeof(struct slice));
	if (!out->codecs)
		return;
	for (size_t i = 0; i < m->format_count; i++)
		out->codecs[out->codecs_n++] =
			codec_text(c->mem, &m->formats[i]);
}

static void add_offer(struct call *c, const struct sip_msg *m,
		      const struct sdp *sdp, enum call_side by, uint64_t ts_ns)
{
	struct call_offer *o = arena_alloc(c->mem, sizeof(*o));

	if (!o)
		return;
	o->media = arena_alloc(c->mem,
			       (sdp->media_count + 1u) * sizeof(*o->media));
	if (!o->media)
		return;
	o->time = ts_ns;
	o->by = by;
	o->cseq = m->cseq;
	if (!slice_u64(sdp->sess_version, &o->version))
		o->version = UINT64_MAX;
	for (; o->media_n < sdp->media_count; o->media_n++)
		offer_media(c, sdp, &sdp->media[o->media_n],
			    &o->media[o->media_n]);
	*c->offers_end = o;
	c->offers_end = &o->next;
}

static struct call_offer *offer_of(struct call *c, enum call_side by,
				   uint32_t cseq, bool any_cseq)
{
	struct call_offer *found = NULL;

	for (struct call_offer *o = c->offers; o; o = o->next)
		if (o->by == by && (any_cseq || o->cseq == cseq))
			found = o;
	return found;
}

static void answer(struct call_offer *o, const struct sdp *sdp)
{
	o->answered = true;
	for (size_t i = 0; i < o->media_n && i < sdp->media_count; i++)
		if (sdp->media[i].rejected)
			o->media[i].rejected = true;
}

/* RFC 3261 13.2.1, RFC 3262 5, RFC 3311: the request offers, unless the
 * INVITE came empty; then the response offers and ACK or PRACK answers. */
static void list_it(struct call *c, const struct sip_msg *m,
		    const struct sdp *sdp, enum call_side by, uint64_t ts_ns)
{
	bool ack =
		m->request && (m->method == SIP_ACK || m->method == SIP_PRACK);
	struct call_offer *o = NULL;

	if (!m->request || ack)
		o = offer_of(c, call_other(by), m->cseq, ack);
	if (ack && o && o->answered && m->method == SIP_PRACK)
		o = NULL;
	if (o)
		answer(o, sdp);
	else if (!offer_of(c, by, m->cseq, false) || m->request)
		add_offer(c, m, sdp, by, ts_ns);
}

static bool holds(const struct sdp *sdp)
{
	for (size_t i = 0; i < sdp->media_count; i++)
		if (!sdp->media[i].rejected &&
		    sdp->media[i].direction == SDP_SENDRECV &&
		    !(sdp->media[i].rtp.parsed &&
		      addr_is_any(&sdp->media[i].rtp.addr)))
			return false;
	return true;
}

bool offer_answer_on_sip(struct call *c, const struct sip_msg *m,
			 const struct sip_seen *seen, enum call_side by,
			 bool fresh, struct sdp *scratch)
{
	struct slice body;

	if (!m->body.len || !sip_find_sdp(m, &body))
		return false;
	if (sdp_parse(body, scratch) != PARSE_OK) {
		counters_add(c->owner->counters, "sdp.unreadable", 1);
		return false;
	}
	if (fresh) {
		list_it(c, m, scratch, by, seen->ts_ns);
		c->on_hold = holds(scratch);
	}
	return claim_media(c, scratch, by, seen);
}
