/*
 * STUN: connectivity checks find their exchange by its ufrags and bring their
 * flow along; answers tell what NATs do; TURN is passed on.
 */
#include "dissectors/stun.h"
#include "sniffer/engine/engine_priv.h"
#include "sniffer/net/stun_auth.h"

/* --- whose a check is --------------------------------------------------- */

static struct ice *exchange_in(struct engine *e, struct ice_agent *x,
			       struct ice_agent *y)
{
	bool x_first = x->offerer || (!y->offerer && x->party < y->party);

	return ice_new(&e->ice, x_first ? x : y, x_first ? y : x);
}

/* Both ufrags are known: in one session, or in two that are one. */
static struct ice *known_both(struct engine *e, struct slice receiver,
			      struct slice sender)
{
	struct ice_agent *r, *s;
	struct owner *o;

	for (r = ice_agent_find(&e->ice, receiver); r; r = ice_agent_next(r))
		for (s = ice_agent_find(&e->ice, sender); s;
		     s = ice_agent_next(s))
			if (s->rtc == r->rtc && s != r)
				return exchange_in(e, s, r);
	r = ice_agent_find(&e->ice, receiver);
	s = ice_agent_find(&e->ice, sender);
	if (!r || !s || r == s)
		return NULL;
	o = engine_owner_join(e, r->rtc->owner, s->rtc->owner);
	if (!o)
		return NULL;
	r = ice_agent_get(&e->ice, o->rtc, receiver, 0);
	s = ice_agent_get(&e->ice, o->rtc, sender, 1);
	return r && s ? exchange_in(e, s, r) : NULL;
}

/* The other side has not been described; its first check may come before the
 * answer. Four letters of a stranger may be the same: the password tells, or
 * that nobody else is known there. */
static struct ice *known_one(struct engine *e, struct slice in,
			     const struct stun_msg *m, struct slice receiver,
			     struct slice sender)
{
	struct ice_agent *r = ice_agent_find(&e->ice, receiver), *other;
	struct ice_agent *s = ice_agent_find(&e->ice, sender);

	for (; r; r = ice_agent_next(r))
		if (r->described && r->pwd.len &&
		    stun_auth_check(in, m, r->pwd) == STUN_AUTH_OK)
			break;
	if (r) {
		other = ice_agent_get(&e->ice, r->rtc, sender, !r->party);
		return other ? exchange_in(e, r, other) : NULL;
	}
	for (; s; s = ice_agent_next(s)) {
		bool alone = s->described;

		for (other = s->rtc->agents; other; other = other->next)
			if (other->party != s->party && other->described)
				alone = false;
		if (alone)
			break;
	}
	if (!s)
		return NULL;
	other = ice_agent_get(&e->ice, s->rtc, receiver, !s->party);
	return other ? exchange_in(e, s, other) : NULL;
}

/* Nobody told: on a flow that somebody has it is a restart, or a call whose
 * description has no ufrags; else a session begins. */
static struct ice *unknown(struct engine *e, struct flow *f, int dir,
			   struct slice receiver, struct slice sender)
{
	struct link *l = eflow_of(f)->link;
	struct owner *o;
	struct ice_agent *r, *s;
	struct ice *i = NULL;
	unsigned party = 0;

	if (!l)
		l = engine_link_claimed(e, f, dir);
	if (!l && !engine_pending_room(e))
		return NULL;
	o = l ? l->owner : engine_owner_new(e, NULL);
	if (l)
		party = engine_party_known(l, dir) == 1;
	if (o && engine_rtc(e, o)) {
		s = ice_agent_get(&e->ice, o->rtc, sender, party);
		r = ice_agent_get(&e->ice, o->rtc, receiver, !party);
		i = s && r ? ice_new(&e->ice, s, r) : NULL;
	}
	if (!i)
		engine_owner_unused(e, o);
	return i;
}

static struct ice *exchange_of(struct engine *e, struct flow *f, int dir,
			       struct slice in, const struct stun_msg *m,
			       struct slice receiver, struct slice sender)
{
	struct ice *i = ice_find(&e->ice, receiver, sender);

	if (!i)
		i = known_both(e, receiver, sender);
	if (!i)
		i = known_one(e, in, m, receiver, sender);
	return i ? i : unknown(e, f, dir, receiver, sender);
}

/* --- checks ------------------------------------------------------------- */

/* The same pair on another flow is the other side of a relay. */
static void find_twin(struct link *l)
{
	list_each(it, &l->owner->links)
	{
		struct link *o = container_of(it, struct link, in_owner);

		if (o != l && o->rtc && o->rtc->pair == l->rtc->pair) {
			crew_flow_twins(&l->owner->group, &l->mf, &o->mf,
					l->rtc->a_dir != o->rtc->a_dir);
			return;
		}
	}
}

/* The flow of a pair; both are made when there are none. */
static struct link *attach(struct engine *e, struct ice *i, struct flow *f,
			   int dir, enum ice_end sender)
{
	struct owner *o = i->agent[0]->rtc->owner;
	struct link *l = engine_link_to(e, o, f);
	int a_dir = sender == ICE_A ? dir : !dir;
	struct ice_pair *p;

	if (!l || !engine_link_rtc(e, l))
		return l;
	p = l->rtc->pair;
	if (p && p->ice == i && l->rtc->a_dir == a_dir)
		return l;
	engine_pair_media(l);
	p = ice_pair_get(&e->ice, i, flow_src(f, a_dir), flow_dst(f, a_dir),
			 eflow_of(f)->inside != NULL, f->key.proto == PKT_TCP);
	if (!p)
		return l;
	l->rtc->pair = p;
	l->rtc->pair_ns = e->now_ns;
	l->rtc->a_dir = a_dir;
	find_twin(l);
	if (o->call)
		engine_describe_link(e, l);
	else
		engine_describe_session(e, l, dir);
	return l;
}

/* The key of request and answer is the receiver's password. */
static void authenticate(struct engine *e, const struct ice_agent *receiver,
			 struct slice in, const struct stun_msg *m)
{
	if (receiver->pwd.len &&
	    stun_auth_check(in, m, receiver->pwd) == STUN_AUTH_BAD)
		counters_add(&e->counters, "stun.bad_integrity", 1);
}

static void on_pair(struct engine *e, struct link *l, enum ice_end sender,
		    const struct stun_msg *m, uint64_t ts_ns)
{
	if (ice_pair_stun(&e->ice, l->rtc->pair, sender, m, l, ts_ns))
		engine_watch_check(e, l, sender, m, ts_ns);
}

static struct link *on_check(struct engine *e, struct flow *f, int dir,
			     const struct pkt *p, const struct stun_msg *m,
			     struct slice receiver, struct slice sender)
{
	struct ice *i = exchange_of(e, f, dir, p->payload, m, receiver, sender);
	enum ice_end end;
	struct owner *o;
	struct link *l;

	if (!i)
		return NULL;
	end = slice_eq(i->agent[ICE_A]->ufrag, sender) ? ICE_A : ICE_B;
	authenticate(e, i->agent[!end], p->payload, m);
	o = i->agent[0]->rtc->owner;
	if (!o->first_ns)
		o->first_ns = p->ts_ns;
	l = attach(e, i, f, dir, end);
	if (!l) {
		engine_owner_unused(e, o);
		return NULL;
	}
	if (l->rtc && l->rtc->pair)
		on_pair(e, l, end, m, p->ts_ns);
	if (!l->owner->call && !l->owner->session)
		engine_session_confirm(e, l->owner, l->flow);
	return l;
}

/* Answers, and what Chromium sends in place of later checks, have no
 * USERNAME: their flow tells. */
static struct link *on_other(struct engine *e, struct flow *f, int dir,
			     const struct pkt *p, const struct stun_msg *m)
{
	for (struct link *l = eflow_of(f)->link; l; l = l->next) {
		enum ice_end end;

		if (!l->rtc || !l->rtc->pair)
			continue;
		end = dir == l->rtc->a_dir ? ICE_A : ICE_B;
		if (m->class != STUN_REQUEST &&
		    !ice_pair_waits(l->rtc->pair, end, m))
			continue;
		if (m->class != STUN_REQUEST)
			authenticate(e, l->rtc->pair->ice->agent[end],
				     p->payload, m);
		on_pair(e, l, end, m, p->ts_ns);
		return l;
	}
	return NULL;
}

/* --- all of it ---------------------------------------------------------- */

/* What the answer's receiver looks like from where its sender is. */
static void nat(struct engine *e, struct flow *f, int dir, const struct pkt *p,
		const struct stun_msg *m)
{
	if (m->class == STUN_SUCCESS && m->has_mapped && !eflow_of(f)->inside &&
	    (m->method == STUN_BINDING || m->method == TURN_ALLOCATE))
		nat_seen(&e->nat, flow_dst(f, dir), flow_src(f, dir),
			 &m->mapped, p->ts_ns);
}

struct link *engine_stun(struct engine *e, struct flow *f, int dir,
			 const struct pkt *p)
{
	struct slice receiver, sender;
	struct stun_msg m;

	if (stun_parse(p->payload, &m) != PARSE_OK)
		return NULL;
	if (m.has_fingerprint && !stun_fingerprint_ok(p->payload, &m)) {
		counters_add(&e->counters, "stun.bad_fingerprint", 1);
		return NULL;
	}
	if (m.fault)
		counters_add(&e->counters, m.fault, 1);
	nat(e, f, dir, p, &m);
	if (m.method >= TURN_ALLOCATE && m.method <= TURN_CONNECTION_ATTEMPT)
		return engine_turn_stun(e, f, dir, p, &m);
	if (m.method != STUN_BINDING && m.method != STUN_GOOG_PING)
		return NULL;
	if (m.class == STUN_REQUEST && !m.realm.p &&
	    (m.has_priority || m.role != STUN_NO_ROLE || m.use_candidate ||
	     m.integrity.value.p) &&
	    ice_username(m.username, &receiver, &sender) &&
	    !slice_eq(receiver, sender))
		return on_check(e, f, dir, p, &m, receiver, sender);
	return on_other(e, f, dir, p, &m);
}
