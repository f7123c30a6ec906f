#include "sniffer/call/rtc.h"

#include <stdlib.h>

#include "sniffer/call/turn.h"

#define ARENA_FIRST	 2048
#define DTLS_MAX	 16 /* associations of one session */
#define FINGERPRINTS_MAX 64

struct rtc *rtc_new(size_t bytes)
{
	struct arena *mem = arena_new(ARENA_FIRST, bytes);
	struct rtc *r = mem ? arena_alloc(mem, sizeof(*r)) : NULL;

	if (!r) {
		arena_free(mem);
		return NULL;
	}
	r->mem = mem;
	r->exchanges_end = &r->exchanges;
	return r;
}

void rtc_free(struct rtc *r, struct ice_table *t)
{
	if (!r)
		return;
	ice_forget(t, r);
	for (struct rtc_dtls *d = r->dtls; d; d = d->next)
		dtls_assoc_free(d->assoc);
	arena_free(r->mem);
}

/* --- descriptions ------------------------------------------------------ */

static void candidates(struct ice_table *t, struct ice_agent *a,
		       const struct sdp_media *m)
{
	for (size_t i = 0; i < m->candidate_count; i++)
		ice_agent_candidate(t, a, &m->candidates[i]);
}

static bool has_fingerprint(const struct rtc *r, unsigned party,
			    const struct sdp_media *m,
			    const struct sdp_fingerprint *f)
{
	for (const struct rtc_fingerprint *o = r->fingerprints; o; o = o->next)
		if (o->party == party && slice_ieq(o->hash, f->hash) &&
		    slice_ieq(o->value, f->value) &&
		    slice_eq(o->ufrag, m->ice_ufrag) &&
		    addr_eq(&o->addr, &m->rtp.addr))
			return true;
	return false;
}

static void fingerprints(struct rtc *r, unsigned party,
			 const struct sdp_media *m)
{
	r->promises++;
	for (size_t i = 0; i < m->fingerprint_count; i++) {
		const struct sdp_fingerprint *f = &m->fingerprints[i];
		struct rtc_fingerprint *o;

		if (has_fingerprint(r, party, m, f) ||
		    r->fingerprints_n >= FINGERPRINTS_MAX ||
		    !(o = arena_alloc(r->mem, sizeof(*o))))
			continue;
		o->hash = arena_keep(r->mem, f->hash);
		o->value = arena_keep(r->mem, f->value);
		o->ufrag = arena_keep(r->mem, m->ice_ufrag);
		o->addr = m->rtp.addr;
		o->promise = r->promises;
		o->party = (uint8_t)party;
		o->next = r->fingerprints;
		r->fingerprints = o;
		r->fingerprints_n++;
	}
}

static bool describe_line(struct rtc *r, struct ice_table *t, unsigned party,
			  const struct sdp *sdp, const struct sdp_media *m,
			  bool offer)
{
	struct ice_agent *a;

	fingerprints(r, party, m);
	if (m->setup != SDP_SETUP_NONE)
		r->setup[party] = m->setup;
	if (!m->ice_ufrag.len)
		return false;
	a = ice_agent_get(t, r, m->ice_ufrag, party);
	if (!a)
		return false;
	if (!a->described)
		a->offerer = offer;
	a->party = (uint8_t)party;
	a->described = true;
	a->lite = sdp->ice_lite;
	if (!a->pwd.len)
		a->pwd = arena_keep(r->mem, m->ice_pwd);
	candidates(t, a, m);
	return true;
}

bool rtc_describe(struct rtc *r, struct ice_table *t, unsigned party,
		  const struct sdp *sdp, bool offer)
{
	bool any = false;

	for (size_t i = 0; i < sdp->media_count; i++)
		if (describe_line(r, t, party, sdp, &sdp->media[i], offer))
			any = true;
	return any;
}

static struct ice_agent *agent_of(const struct rtc *r, unsigned party,
				  struct slice ufrag)
{
	for (struct ice_agent *a = r->agents; a; a = a->next)
		if (ufrag.len ? slice_eq(a->ufrag, ufrag)
			      : a->described && a->party == party)
			return a;
	return NULL;
}

void rtc_trickle(struct rtc *r, struct ice_table *t, unsigned party,
		 struct slice ufrag, const struct sdp_candidate *c)
{
	struct ice_agent *a;

	if (!ufrag.len)
		ufrag = c->ufrag;
	a = agent_of(r, party, ufrag);
	if (a)
		ice_agent_candidate(t, a, c);
}

/* --- merging ----------------------------------------------------------- */

static struct ice_agent *twin_of(const struct rtc *r, struct slice ufrag)
{
	struct ice_agent *a = r->agents;

	while (a && !slice_eq(a->ufrag, ufrag))
		a = a->next;
	return a;
}

bool rtc_turned(const struct rtc *to, const struct rtc *from)
{
	for (const struct ice_agent *a = from->agents; a; a = a->next) {
		const struct ice_agent *t = twin_of(to, a->ufrag);

		if (t)
			return t->party != a->party;
	}
	return false;
}

void rtc_turn(struct rtc *r)
{
	enum sdp_setup setup = r->setup[0];

	for (struct ice_agent *a = r->agents; a; a = a->next)
		a->party ^= 1;
	for (struct rtc_dtls *d = r->dtls; d; d = d->next)
		for (int e = 0; e < 2; e++)
			if (d->party[e] >= 0)
				d->party[e] = !d->party[e];
	for (struct rtc_fingerprint *f = r->fingerprints; f; f = f->next)
		f->party ^= 1;
	r->setup[0] = r->setup[1];
	r->setup[1] = setup;
}

static void take_candidates(struct ice_table *t, struct ice_agent *to,
			    const struct ice_agent *from)
{
	for (const struct ice_candidate *c = from->candidates; c; c = c->next) {
		if (!c->learned)
			ice_agent_take(t, to, c);
		/* Which checks have shown, of a name too. */
		if (!addr_is_any(&c->addr))
			ice_learn(t, to, &c->addr,
				  c->related.port ? &c->related : NULL,
				  c->priority, c->tcp);
	}
}

/* What signalling said of the other one. */
static void take_described(struct ice_agent *to, const struct ice_agent *from)
{
	if (!from->described)
		return;
	if (!to->described)
		to->offerer = from->offerer;
	to->described = true;
	to->lite |= from->lite;
	if (!to->pwd.len)
		to->pwd = from->pwd;
}

static void take_agents(struct rtc *to, struct rtc *from, struct ice_table *t)
{
	struct ice_agent *a = from->agents, *next;

	for (; a; a = next) {
		struct ice_agent *twin = twin_of(to, a->ufrag);

		next = a->next;
		if (twin) {
			take_described(twin, a);
			take_candidates(t, twin, a);
			ice_agent_forget(t, a);
			continue;
		}
		a->rtc = to;
		a->next = to->agents;
		to->agents = a;
		to->agents_n++;
	}
	from->agents = NULL;
}

static bool share_agent(const struct ice *i, const struct ice *o)
{
	for (int e = 0; e < 2; e++)
		if (i->agent[e] == o->agent[0] || i->agent[e] == o->agent[1])
			return true;
	return false;
}

/* As they would have been numbered if all had been here from the start. */
static void number_again(struct rtc *r)
{
	r->generation = 0;
	for (struct ice *i = r->exchanges; i; i = i->next) {
		const struct ice *o = r->exchanges;

		while (o != i && !share_agent(i, o))
			o = o->next;
		i->generation = o == i ? r->generation + 1 : o->generation;
		if (i->generation > r->generation)
			r->generation = i->generation;
	}
}

static bool is_earlier(const struct ice *x, const struct ice *y)
{
	return x && (!y || !y->first_ns || x->first_ns <= y->first_ns);
}

static void take_exchanges(struct rtc *to, struct rtc *from)
{
	struct ice *a = to->exchanges, *b = from->exchanges, **next;

	for (struct ice *i = b; i; i = i->next)
		for (int e = 0; e < 2; e++)
			i->agent[e] = twin_of(to, i->agent[e]->ufrag);
	to->exchanges_end = &to->exchanges;
	while (a || b) {
		next = is_earlier(a, b) ? &a : &b;
		*to->exchanges_end = *next;
		to->exchanges_end = &(*next)->next;
		*next = (*next)->next;
	}
	*to->exchanges_end = NULL;
	number_again(to);
	from->exchanges = NULL;
	from->exchanges_end = &from->exchanges;
}

static void take_dtls(struct rtc *to, struct rtc *from)
{
	struct rtc_dtls **end = &to->dtls;

	while (*end)
		end = &(*end)->next;
	*end = from->dtls;
	for (struct rtc_dtls *d = from->dtls; d; d = d->next)
		d->rtc = to;
	to->dtls_n += from->dtls_n;
	from->dtls = NULL;
}

static void take_turns(struct rtc *to, struct rtc *from)
{
	struct turn_alloc **end = &to->turns;

	while (*end)
		end = &(*end)->next;
	*end = from->turns;
	for (struct turn_alloc *a = from->turns; a; a = a->next)
		a->rtc = to;
	from->turns = NULL;
}

static void take_said(struct rtc *to, struct rtc *from)
{
	struct rtc_fingerprint **end = &to->fingerprints;

	while (*end)
		end = &(*end)->next;
	*end = from->fingerprints;
	for (struct rtc_fingerprint *f = *end; f; f = f->next)
		f->promise += to->promises;
	to->promises += from->promises;
	from->fingerprints = NULL;
	to->fingerprints_n += from->fingerprints_n;
	for (int p = 0; p < 2; p++)
		if (to->setup[p] == SDP_SETUP_NONE)
			to->setup[p] = from->setup[p];
}

void rtc_merge(struct rtc *to, struct rtc *from, struct ice_table *t)
{
	if (rtc_turned(to, from))
		rtc_turn(from);
	take_agents(to, from, t);
	take_exchanges(to, from);
	take_dtls(to, from);
	take_turns(to, from);
	take_said(to, from);
	arena_adopt(to->mem, from->mem);
}

/* --- DTLS -------------------------------------------------------------- */

struct rtc_dtls *rtc_dtls_new(struct rtc *r, struct counters *counters,
			      const struct rtc_dtls *before)
{
	struct rtc_dtls **end = &r->dtls;
	struct rtc_dtls *d =
		r->dtls_n < DTLS_MAX ? arena_alloc(r->mem, sizeof(*d)) : NULL;

	if (d)
		d->assoc = before ? dtls_assoc_next(before->assoc)
				  : dtls_assoc_new(counters);
	if (!d || !d->assoc) {
		counters_add(counters, "dtls.limit", 1);
		return NULL;
	}
	d->rtc = r;
	list_init(&d->waiting);
	d->party[0] = d->party[1] = -1;
	while (*end)
		end = &(*end)->next;
	*end = d;
	r->dtls_n++;
	return d;
}

struct rtc_dtls *rtc_dtls_open(const struct rtc *r)
{
	struct rtc_dtls *found = NULL;

	for (struct rtc_dtls *d = r->dtls; d; d = d->next)
		if (dtls_assoc_info(d->assoc)->state == DTLS_IN_PROGRESS)
			found = d;
	return found;
}
