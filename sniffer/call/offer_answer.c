#include "sniffer/call/offer_answer.h"

#include "sniffer/call/calls.h"

#define PORT_DISCARD 9	 /* "no address yet" in trickle ICE */
#define CLAIMS_MAX   128 /* addresses of one call */

/* --- claims ------------------------------------------------------------ */

static bool usable(const struct sdp_addr *a)
{
	return a->parsed && a->addr.port && a->addr.port != PORT_DISCARD &&
	       !addr_is_any(&a->addr);
}

static struct call_claim *claim_find(struct call *c, const struct addr *a,
				     enum call_side side, bool rtcp,
				     const struct sip_seen *seen)
{
	struct call_claim *claim = c->claims;

	while (claim &&
	       !(claim->side == side && claim->rtcp == rtcp &&
		 claim->realm == seen->realm && addr_eq(&claim->addr, a)))
		claim = claim->next;
	return claim;
}

static struct call_claim *claim_get(struct call *c, const struct addr *a,
				    enum call_side side, bool rtcp,
				    const struct sip_seen *seen)
{
	struct call_claim *claim = claim_find(c, a, side, rtcp, seen);

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

/* What of a description an address belongs to. */
struct place {
	const struct session_desc *desc;
	const struct desc_line *line;
	enum call_side side;
	const struct sip_seen *seen;
};

/* Bundled m-lines share an address: the first of them stands for all. */
static void claim_one(struct call *c, const struct place *at,
		      const struct addr *a, bool rtcp, bool candidate)
{
	struct call_claim *claim = claim_get(c, a, at->side, rtcp, at->seen);

	if (!claim)
		return;
	if (claim->desc == at->desc && at->line->bundle &&
	    claim->line->bundle == at->line->bundle)
		return;
	claim->desc = at->desc;
	claim->line = at->line;
	claim->candidate = candidate;
}

/* Host pairs may carry the media while c= names another address. */
static bool claim_candidates(struct call *c, const struct sdp_media *m,
			     const struct place *at)
{
	bool any = false;

	for (size_t i = 0; i < m->candidate_count; i++) {
		const struct sdp_candidate *k = &m->candidates[i];

		if (!usable(&k->addr))
			continue;
		claim_one(c, at, &k->addr.addr, k->component == 2, true);
		any = true;
	}
	return any;
}

static bool claim_line(struct call *c, const struct sdp_media *m,
		       const struct place *at)
{
	bool any = false;

	if (usable(&m->rtp)) {
		claim_one(c, at, &m->rtp.addr, false, false);
		any = true;
	}
	if (any && m->rtp_profile && usable(&m->rtcp) &&
	    !addr_eq(&m->rtcp.addr, &m->rtp.addr))
		claim_one(c, at, &m->rtcp.addr, true, false);
	return claim_candidates(c, m, at) || any;
}

static bool claim_media(struct call *c, const struct sdp *sdp,
			const struct session_desc *desc, enum call_side side,
			const struct sip_seen *seen)
{
	bool any = false;

	for (size_t i = 0; i < sdp->media_count && i < desc->lines_n; i++) {
		struct place at = {desc, &desc->lines[i], side, seen};

		if (!sdp->media[i].rejected &&
		    claim_line(c, &sdp->media[i], &at))
			any = true;
	}
	return any;
}

/* --- the list of offers ------------------------------------------------ */

/* RFC 3261 13.2.1, RFC 3262 5, RFC 3311: the request offers, unless the
 * INVITE came empty; then the response offers and ACK or PRACK answers. The
 * offer that m answers, or NULL. */
static struct offer *answers(struct call *c, const struct sip_msg *m,
			     enum call_side by)
{
	bool ack =
		m->request && (m->method == SIP_ACK || m->method == SIP_PRACK);
	struct offer *o = NULL;

	if (!m->request || ack)
		o = offers_of(&c->offers, call_other(by), m->cseq, ack);
	if (ack && o && o->state == OFFER_ANSWERED && m->method == SIP_PRACK)
		o = NULL;
	return o;
}

static void list_it(struct call *c, const struct sip_msg *m,
		    const struct sdp *sdp, struct offer *answered,
		    enum call_side by, uint64_t ts_ns)
{
	if (answered)
		offer_answered(answered, c->mem, sdp, ts_ns);
	else if (!offers_of(&c->offers, by, m->cseq, false) || m->request)
		offers_add(&c->offers, c->mem, sdp, by, m->cseq, ts_ns);
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

/* A failure of the transaction takes its offer along (RFC 3261, 14.1). */
static void refuse(struct call *c, const struct sip_msg *m, enum call_side by)
{
	struct offer *o;

	if (m->request || m->status < 300 ||
	    (m->cseq_method != SIP_INVITE && m->cseq_method != SIP_UPDATE))
		return;
	o = offers_of(&c->offers, call_other(by), m->cseq, false);
	if (o)
		offer_refused(o, m->status);
}

/* Candidates and no more: RFC 8840. */
static bool is_fragment(const struct sdp *sdp)
{
	return !sdp->has_version && !sdp->origin.text.len;
}

static bool take(struct call *c, const struct sip_msg *m,
		 const struct sip_seen *seen, enum call_side by, bool fresh,
		 struct slice text, const struct sdp *sdp)
{
	struct offer *answered = answers(c, m, by);
	const struct session_desc *desc;

	if (is_fragment(sdp)) {
		c->owner->ops->described(c->owner->arg, c, by, sdp, false,
					 true);
		return false;
	}
	if (fresh) {
		list_it(c, m, sdp, answered, by, seen->ts_ns);
		c->on_hold = holds(sdp);
	}
	desc = desc_keep(c->mem, sdp, text, c->desc[by]);
	if (!desc) {
		counters_add(c->owner->counters, "call.memory_limit", 1);
		return false;
	}
	c->desc[by] = desc;
	c->owner->ops->described(c->owner->arg, c, by, sdp, !answered, false);
	return claim_media(c, sdp, desc, by, seen);
}

bool offer_answer_on_sip(struct call *c, const struct sip_msg *m,
			 const struct sip_seen *seen, enum call_side by,
			 bool fresh, struct sdp *scratch)
{
	struct slice body;

	refuse(c, m, by);
	if (!m->body.len || !sip_find_sdp(m, &body))
		return false;
	if (sdp_parse(body, scratch) != PARSE_OK) {
		counters_add(c->owner->counters, "sdp.unreadable", 1);
		return false;
	}
	return take(c, m, seen, by, fresh, body, scratch);
}
