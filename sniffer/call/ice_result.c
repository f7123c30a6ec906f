/* What became of an exchange: its entry in the report. */
#include <stdio.h>

#include "sniffer/call/ice.h"
#include "sniffer/call/rtc.h"
#include "sniffer/call/turn.h"

#define NOT_TRIED_MAX 64 /* rows of an exchange */
/* A check that was sent so shortly before the input ended may be answered
 * yet: RFC 8445, 14.3 waits longer than any RTO. */
#define PENDING_NS     (3 * 1000000000ull)
#define GAVE_UP_NS     (8 * 1000000000ull)
#define GAVE_UP_CHECKS 8
#define TRYING_NS      (5 * 1000000000ull) /* since the first of them */

/* The exchange the right way round: a made the offer. */
struct view {
	const struct ice *ice;
	const struct ice_view *v;
	struct arena *mem;
	int a, b; /* enum ice_end of each */
};

static struct view view_of(const struct ice *i, const struct ice_view *v,
			   struct arena *mem)
{
	bool turned = !i->agent[ICE_A]->offerer && i->agent[ICE_B]->offerer;

	return (struct view){i, v, mem, turned ? ICE_B : ICE_A,
			     turned ? ICE_A : ICE_B};
}

static const char *end_name(const struct view *w, int end)
{
	return end < 0 ? NULL : end == w->a ? "a" : "b";
}

/* --- candidates -------------------------------------------------------- */

static const struct ice_candidate *candidate_of(const struct view *w, int end,
						const struct addr *addr)
{
	const struct ice_candidate *c = w->ice->agent[end]->candidates;

	while (c && !addr_eq(&c->addr, addr))
		c = c->next;
	return c;
}

static enum sdp_candidate_type type_of(const struct view *w,
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

static void candidate_row(const struct view *w, const struct ice_candidate *c,
			  int end, struct cdr_ice_candidate *out)
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

static void candidates(const struct view *w, struct cdr_ice *out)
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

static bool succeeded(const struct ice_pair *p)
{
	return p->sent[0].responses || p->sent[1].responses;
}

static bool nominated(const struct ice_pair *p)
{
	return p->sent[0].use_candidate || p->sent[1].use_candidate;
}

/* The tap sees what comes back to the sender: on this path, or on another
 * of the session towards the same host. */
static bool sees_way_back(const struct view *w, const struct ice_pair *p,
			  int sender)
{
	if (p->towards[sender] ||
	    (w->v->hears && w->v->hears(w->v->arg, &p->end[sender])))
		return true;
	for (const struct ice *i = w->ice->agent[0]->rtc->exchanges; i;
	     i = i->next)
		for (const struct ice_pair *o = i->pairs; o; o = o->next)
			for (int e = 0; e < 2; e++)
				if (o->towards[e] && o->outside &&
				    addr_ip_eq(&o->end[e], &p->end[sender]))
					return true;
	return false;
}

static uint64_t last_check(const struct ice_pair *p)
{
	uint64_t a = p->sent[0].last_ns, b = p->sent[1].last_ns;

	return a > b ? a : b;
}

static uint64_t first_check(const struct ice_pair *p)
{
	uint64_t a = p->sent[0].first_ns, b = p->sent[1].first_ns;

	return a && (!b || a < b) ? a : b;
}

/* Too early to tell; not where another pair has won. */
static bool pending(const struct view *w, const struct ice_pair *p)
{
	return w->v->input_ended && !w->ice->connected_ns &&
	       last_check(p) + PENDING_NS > w->v->now_ns &&
	       first_check(p) + TRYING_NS > w->v->now_ns;
}

/* The relay of one end does not let the other through: its error. */
static uint16_t refused(const struct view *w, const struct ice_pair *p)
{
	const struct turn_alloc *t = w->ice->agent[0]->rtc->turns;
	uint16_t error = 0;

	for (; t && !error; t = t->next)
		for (int e = 0; e < 2; e++)
			for (unsigned i = 0; i < t->relayed_n; i++)
				if (addr_eq(&t->relayed[i], &p->end[e]))
					error = turn_refused(t, &p->end[!e]);
	return error;
}

static const char *failed(const struct view *w, const char *what,
			  uint16_t error, struct slice *reason)
{
	char text[16];

	snprintf(text, sizeof(text), "%s%u", what, error);
	*reason = arena_keep(w->mem, slice_str(text));
	return "failed";
}

static const char *failed_or_not(const struct view *w, const struct ice_pair *p,
				 struct slice *reason)
{
	uint16_t error =
		p->sent[w->a].error ? p->sent[w->a].error : p->sent[w->b].error;
	bool sees = false;

	if (error)
		return failed(w, "", error, reason);
	error = refused(w, p);
	if (error)
		return failed(w, "turn-", error, reason);
	for (int e = 0; e < 2; e++)
		if (p->sent[e].requests && sees_way_back(w, p, e))
			sees = true;
	if (!sees)
		return "unknown";
	if (pending(w, p))
		return "in-progress";
	*reason = SLICE("no-answer");
	return "failed";
}

/* One side's checks were answered, none of the other's: what the tap sees of
 * an answer may be lost behind it. */
static bool one_sided(const struct view *w, const struct ice_pair *p, int end)
{
	return p->sent[end].requests && !p->sent[end].responses &&
	       !p->sent[end].errors && sees_way_back(w, p, end) &&
	       !pending(w, p);
}

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

static void describe_ends(const struct view *w, const struct addr *a,
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

/* Browsers do not wait for consent to run out: a pair that worked was tried
 * in vain for long when the session ended. */
static bool gave_up(const struct ice_pair *p, int end)
{
	const struct ice_checks *c = &p->sent[end];

	return c->answered_ns && c->unanswered >= GAVE_UP_CHECKS &&
	       c->last_ns >= c->unanswered_ns + GAVE_UP_NS && p->media_ns;
}

static bool is_relay(const char *type)
{
	return type && !strcmp(type, "relay");
}

static void pair_row(const struct view *w, const struct ice_pair *p,
		     struct cdr_ice_pair *out)
{
	*out = (struct cdr_ice_pair){
		.transport = p->tcp ? "tcp" : "udp",
		.nominated = nominated(p),
		.first = first_check(p),
		.last = last_check(p),
		.consent_lost = p->consent_lost || gave_up(p, ICE_A) ||
				gave_up(p, ICE_B),
	};
	describe_ends(w, &p->end[w->a], &p->end[w->b], out);
	out->via_relay = p->inside || is_relay(out->local_type) ||
			 is_relay(out->remote_type);
	checks_row(&p->sent[w->a], &out->ab);
	checks_row(&p->sent[w->b], &out->ba);
	out->state =
		succeeded(p) ? "succeeded" : failed_or_not(w, p, &out->reason);
	if (succeeded(p) && (one_sided(w, p, ICE_A) || one_sided(w, p, ICE_B)))
		out->reason = SLICE("no-answer");
}

/* Of each component the pair that media used last. */
static void select_pairs(const struct view *w, struct cdr_ice *out)
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

static bool tried(const struct view *w, const struct ice_candidate *ca,
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
static bool fit(const struct view *w, const struct ice_candidate *ca,
		const struct ice_candidate *cb)
{
	return !ca->learned && !cb->learned && has_addr(ca) && has_addr(cb) &&
	       ca->component == cb->component && ca->tcp == cb->tcp &&
	       !(ca->tcp && (ca->addr.port == 9 || cb->addr.port == 9)) &&
	       addr_is_v4(&ca->addr) == addr_is_v4(&cb->addr) &&
	       (is_base(ca) || is_base(cb)) && !tried(w, ca, cb);
}

static void not_tried(const struct view *w, struct cdr_ice *out, size_t room)
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

static void pairs(const struct view *w, struct cdr_ice *out)
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
static bool never_answered(const struct view *w)
{
	int end = w->ice->controlling;
	bool tried = false;

	for (const struct ice_pair *p = w->ice->pairs; p && end >= 0;
	     p = p->next) {
		if (p->sent[end].responses || p->media_ns)
			return false;
		if (p->sent[end].requests) {
			if (!one_sided(w, p, end))
				return false;
			tried = true;
		}
	}
	return tried;
}

static const char *result_of(const struct view *w, const struct cdr_ice *out)
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

static const char *lite_name(const struct view *w)
{
	bool a = w->ice->agent[w->a]->lite, b = w->ice->agent[w->b]->lite;

	return a && b ? "both" : a ? "a" : b ? "b" : NULL;
}

void ice_result(const struct ice *i, const struct ice_view *v,
		struct arena *mem, struct cdr_ice *out)
{
	struct view w = view_of(i, v, mem);

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
