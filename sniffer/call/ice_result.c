/* What became of an exchange: its entry in the report. */
#include <stdio.h>

#include "sniffer/call/ice_eyes.h"
#include "sniffer/call/rtc.h"

#define NOT_TRIED_MAX 64 /* rows of an exchange */
static struct ice_eyes eyes_of(const struct ice *i, const struct ice_view *v,
			       struct arena *mem)
{
	bool turned = !i->agent[ICE_A]->offerer && i->agent[ICE_B]->offerer;

	return (struct ice_eyes){i, v, mem, turned ? ICE_B : ICE_A,
				 turned ? ICE_A : ICE_B};
}

static const char *end_name(const struct ice_eyes *w, int end)
{
	return end < 0 ? NULL : end == w->a ? "a" : "b";
}

/* --- candidates -------------------------------------------------------- */

static const struct ice_candidate *
candidate_of(const struct ice_eyes *w, int end, const struct addr *addr)
{
	const struct ice_candidate *c = w->ice->agent[end]->candidates;

	while (c && !addr_eq(&c->addr, addr))
		c = c->next;
	return c;
}

static enum sdp_candidate_type type_of(const struct ice_eyes *w,
				       const struct ice_candidate *c)
{
	enum sdp_candidate_type t = SDP_CAND_OTHER;

	if (!c->learned)
		return c->type;
	if (w->v->type_of)
		t = w->v->type_of(w->v->arg, &c->addr);
	/* Of a described agent what nobody told is peer reflexive. */
	return t == SDP_CAND_RELAY || c->type == SDP_CAND_OTHER ? t : c->type;
}

static const char *type_name(enum sdp_candidate_type t)
{
	return t == SDP_CAND_OTHER ? NULL : sdp_candidate_type_name(t);
}

static struct slice addr_slice(struct arena *mem, const struct addr *a)
{
	char text[ADDR_TEXT];

	return arena_keep(mem, slice_str(addr_text(a, text)));
}

static struct slice name_slice(struct arena *mem, const struct ice_candidate *c)
{
	char text[320];
	int n = snprintf(text, sizeof(text), "%.*s:%u",
			 (int)(c->name.len < 300 ? c->name.len : 300),
			 (const char *)c->name.p, c->addr.port);

	return arena_keep(mem, slice_of(text, (size_t)n));
}

static bool has_addr(const struct ice_candidate *c)
{
	return !addr_is_any(&c->addr);
}

static void candidate_row(const struct ice_eyes *w,
			  const struct ice_candidate *c, int end,
			  struct cdr_ice_candidate *out)
{
	*out = (struct cdr_ice_candidate){
		.side = end_name(w, end),
		.foundation = arena_keep(w->mem, c->foundation),
		.component = c->component ? c->component : CDR_NO_U32,
		.transport = c->tcp ? SLICE("tcp") : SLICE("udp"),
		.priority = c->priority ? c->priority : CDR_NO_U32,
		.type = type_name(type_of(w, c)),
	};
	if (c->name.len)
		out->addr = name_slice(w->mem, c);
	else if (c->addr.port) /* else inside of an allocation nobody saw */
		out->addr = addr_slice(w->mem, &c->addr);
	if (c->related.port)
		out->related = addr_slice(w->mem, &c->related);
	if (c->name.len && has_addr(c))
		out->resolved = c->addr;
}

static void candidates(const struct ice_eyes *w, struct cdr_ice *out)
{
	size_t n =
		w->ice->agent[0]->candidates_n + w->ice->agent[1]->candidates_n;
	const int order[] = {w->a, w->b};

	out->candidates = arena_alloc(w->mem, n * sizeof(*out->candidates));
	for (size_t e = 0; out->candidates && e < 2; e++)
		for (const struct ice_candidate *c =
			     w->ice->agent[order[e]]->candidates;
		     c && out->candidates_n < n; c = c->next)
			candidate_row(w, c, order[e],
				      &out->candidates[out->candidates_n++]);
}

/* --- pairs ------------------------------------------------------------- */

static void checks_row(const struct ice_checks *c, struct cdr_ice_checks *out)
{
	*out = (struct cdr_ice_checks){
		.requests = c->requests,
		.responses = c->responses,
		.errors = c->errors,
		.retransmissions = c->retransmissions,
		.rtt_ms_mean = NAN,
	};
	if (c->rtt_n)
		out->rtt_ms_mean = (double)c->rtt_ns / (double)c->rtt_n / 1e6;
}

static void describe_ends(const struct ice_eyes *w, const struct addr *a,
			  const struct addr *b, struct cdr_ice_pair *out)
{
	const struct ice_candidate *ca = candidate_of(w, w->a, a);
	const struct ice_candidate *cb = candidate_of(w, w->b, b);

	out->local = *a;
	out->remote = *b;
	out->component = CDR_NO_U32;
	if (ca) {
		out->local_type = type_name(type_of(w, ca));
		if (ca->component)
			out->component = ca->component;
	}
	if (cb) {
		out->remote_type = type_name(type_of(w, cb));
		if (cb->component)
			out->component = cb->component;
	}
}

static bool is_relay(const char *type)
{
	return type && !strcmp(type, "relay");
}

static void pair_row(const struct ice_eyes *w, const struct ice_pair *p,
		     struct cdr_ice_pair *out)
{
	*out = (struct cdr_ice_pair){
		.transport = p->tcp ? "tcp" : "udp",
		.nominated = ice_pair_nominated(p),
		.first = ice_pair_first(p),
		.last = ice_pair_last(p),
		.consent_lost = ice_pair_consent_lost(p),
	};
	describe_ends(w, &p->end[w->a], &p->end[w->b], out);
	out->via_relay = p->inside || is_relay(out->local_type) ||
			 is_relay(out->remote_type);
	checks_row(&p->sent[w->a], &out->ab);
	checks_row(&p->sent[w->b], &out->ba);
	out->state = ice_pair_state(w, p, &out->reason);
}

/* Of each component the pair that media used last. */
static void select_pairs(const struct ice_eyes *w, struct cdr_ice *out)
{
	size_t i = 0;

	for (const struct ice_pair *p = w->ice->pairs; p; p = p->next, i++) {
		bool best = p->media_ns != 0;
		size_t j = 0;

		for (const struct ice_pair *o = w->ice->pairs; o && best;
		     o = o->next, j++)
			if (o != p && o->media_ns > p->media_ns &&
			    out->pairs[i].component == out->pairs[j].component)
				best = false;
		out->pairs[i].selected = best;
	}
}

/* --- pairs that could have been ----------------------------------------- */

/* Checks leave from bases only: what a NAT made of one is the same pair. */
static bool is_base(const struct ice_candidate *c)
{
	return c->type == SDP_CAND_HOST || c->type == SDP_CAND_RELAY;
}

static bool seen_as(const struct ice_agent *agent, const struct addr *base,
		    const struct addr *seen)
{
	if (addr_eq(base, seen))
		return true;
	for (const struct ice_candidate *c = agent->candidates; c; c = c->next)
		if (addr_eq(&c->addr, seen) && addr_eq(&c->related, base) &&
		    c->type != SDP_CAND_RELAY)
			return true;
	return false;
}

static bool tried(const struct ice_eyes *w, const struct ice_candidate *ca,
		  const struct ice_candidate *cb)
{
	for (const struct ice_pair *p = w->ice->pairs; p; p = p->next)
		if (seen_as(w->ice->agent[w->a], &ca->addr, &p->end[w->a]) &&
		    seen_as(w->ice->agent[w->b], &cb->addr, &p->end[w->b]))
			return true;
	return false;
}

/* RFC 8445, 6.1.2.2: same component, family and transport; TCP candidates
 * that open connections have no port of their own (RFC 6544). */
static bool fit(const struct ice_eyes *w, const struct ice_candidate *ca,
		const struct ice_candidate *cb)
{
	return !ca->learned && !cb->learned && has_addr(ca) && has_addr(cb) &&
	       ca->component == cb->component && ca->tcp == cb->tcp &&
	       !(ca->tcp && (ca->addr.port == 9 || cb->addr.port == 9)) &&
	       addr_is_v4(&ca->addr) == addr_is_v4(&cb->addr) &&
	       (is_base(ca) || is_base(cb)) && !tried(w, ca, cb);
}

static void not_tried(const struct ice_eyes *w, struct cdr_ice *out,
		      size_t room)
{
	const struct ice_candidate *ca, *cb;

	for (ca = w->ice->agent[w->a]->candidates; ca; ca = ca->next)
		for (cb = w->ice->agent[w->b]->candidates; cb; cb = cb->next) {
			struct cdr_ice_pair *row = &out->pairs[out->pairs_n];

			if (!room || !fit(w, ca, cb))
				continue;
			*row = (struct cdr_ice_pair){
				.transport = ca->tcp ? "tcp" : "udp",
				.state = "not-tried",
				.ab.rtt_ms_mean = NAN,
				.ba.rtt_ms_mean = NAN,
			};
			describe_ends(w, &ca->addr, &cb->addr, row);
			out->pairs_n++;
			room--;
		}
}

static void pairs(const struct ice_eyes *w, struct cdr_ice *out)
{
	size_t n = w->ice->pairs_n + NOT_TRIED_MAX;

	out->pairs = arena_alloc(w->mem, n * sizeof(*out->pairs));
	if (!out->pairs)
		return;
	for (const struct ice_pair *p = w->ice->pairs; p; p = p->next)
		pair_row(w, p, &out->pairs[out->pairs_n++]);
	select_pairs(w, out);
	not_tried(w, out, NOT_TRIED_MAX);
}

/* --- the whole ---------------------------------------------------------- */

static bool later_generation(const struct ice *i)
{
	return i->agent[0]->rtc->generation > i->generation;
}

static bool any_selected(const struct cdr_ice *out)
{
	for (size_t n = 0; n < out->pairs_n; n++)
		if (out->pairs[n].selected)
			return true;
	return false;
}

/* The controlling agent needs an answer of its own to nominate (RFC 8445,
 * 7.2.5.3.4): without one nothing comes of what the other side got. */
static bool never_answered(const struct ice_eyes *w)
{
	int end = w->ice->controlling;
	bool tried = false;

	for (const struct ice_pair *p = w->ice->pairs; p && end >= 0;
	     p = p->next) {
		if (p->sent[end].responses || p->media_ns)
			return false;
		if (p->sent[end].requests) {
			if (!ice_pair_one_sided(w, p, end))
				return false;
			tried = true;
		}
	}
	return tried;
}

static const char *result_of(const struct ice_eyes *w,
			     const struct cdr_ice *out)
{
	const struct ice *i = w->ice;
	size_t ok = 0, failed = 0, open = 0;

	if (later_generation(i))
		return "restarted";
	for (size_t n = 0; n < out->pairs_n; n++) {
		const char *s = out->pairs[n].state;

		ok += !strcmp(s, "succeeded");
		failed += !strcmp(s, "failed");
		open += !strcmp(s, "in-progress") || !strcmp(s, "unknown");
	}
	if (never_answered(w))
		return "failed";
	if ((ok && i->connected_ns) || any_selected(out) ||
	    (ok && !i->nominating))
		return "connected";
	return failed && !open && !ok ? "failed" : "unknown";
}

/* Where no nomination can be seen, the first answer connects. */
static uint64_t connected_at(const struct ice *i)
{
	return i->connected_ns || i->nominating ? i->connected_ns
						: i->answered_ns;
}

static const char *lite_name(const struct ice_eyes *w)
{
	bool a = w->ice->agent[w->a]->lite, b = w->ice->agent[w->b]->lite;

	return a && b ? "both" : a ? "a" : b ? "b" : NULL;
}

void ice_result(const struct ice *i, const struct ice_view *v,
		struct arena *mem, struct cdr_ice *out)
{
	struct ice_eyes w = eyes_of(i, v, mem);

	*out = (struct cdr_ice){
		.a = arena_keep(mem, i->agent[w.a]->ufrag),
		.b = arena_keep(mem, i->agent[w.b]->ufrag),
		.generation = i->generation,
		.controlling = end_name(&w, i->controlling),
		.lite = lite_name(&w),
		.role_conflicts = i->role_conflicts,
		.connect_us = cdr_between(i->first_ns, connected_at(i)),
		.started = i->first_ns,
	};
	if (i->nominating)
		out->nomination = i->aggressive ? "aggressive" : "regular";
	candidates(&w, out);
	pairs(&w, out);
	out->result = result_of(&w, out);
}
