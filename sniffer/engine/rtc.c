/*
 * What ICE, DTLS and TURN tell of an owner: where it is kept, how owners that
 * turn out to be one become one, and what it adds to the record.
 */
#include <stdlib.h>

#include "sniffer/engine/engine_priv.h"

/* A session may use so much memory for it. */
#define RTC_BYTES (1024 * 1024)

struct rtc *engine_rtc(struct engine *e, struct owner *o)
{
	if (o->rtc)
		return o->rtc;
	o->rtc = rtc_new(RTC_BYTES);
	if (!o->rtc) {
		counters_add(&e->counters, "rtc.no_memory", 1);
		return NULL;
	}
	o->rtc->owner = o;
	arena_count(o->rtc->mem, &e->rtc_bytes);
	return o->rtc;
}

struct link_rtc *engine_link_rtc(struct engine *e, struct link *l)
{
	if (!l->rtc)
		l->rtc = calloc(1, sizeof(*l->rtc));
	if (!l->rtc)
		counters_add(&e->counters, "rtc.no_memory", 1);
	return l->rtc;
}

void engine_pair_media(struct link *l)
{
	struct ice_pair *p = l->rtc ? l->rtc->pair : NULL;
	uint64_t rtp_ns = crew_flow_last_ns(&l->owner->group, &l->mf);
	uint64_t dtls_ns = l->rtc ? l->rtc->dtls_ns : 0;

	if (!p)
		return;
	if (rtp_ns >= l->rtc->pair_ns && rtp_ns > p->media_ns)
		p->media_ns = rtp_ns;
	if (dtls_ns >= l->rtc->pair_ns && dtls_ns > p->media_ns)
		p->media_ns = dtls_ns;
}

/* --- merging ----------------------------------------------------------- */

static void move_links(struct owner *to, struct owner *from)
{
	list_each_safe(it, &from->links)
	{
		struct link *l = container_of(it, struct link, in_owner);

		list_remove(&l->in_owner);
		list_append(&to->links, &l->in_owner);
		to->links_n++;
		l->owner = to;
		if (to->call)
			l->flow->pinned = true;
	}
	/* Also what links that are gone have left there. */
	crew_group_take(&to->group, &from->group);
}

static void move_signal(struct engine *e, struct owner *to, struct owner *from,
			bool swap)
{
	struct signal *s = from->signal;

	from->signal = NULL;
	if (!s)
		return;
	if (to->call) {
		signal_free(s, &e->signals);
	} else if (to->signal) {
		signal_merge(to->signal, s, &e->signals, swap);
	} else {
		if (swap)
			signal_turn(s, &e->signals);
		to->signal = s;
		s->owner = to;
	}
}

static void move_rtc(struct engine *e, struct owner *to, struct owner *from)
{
	if (!from->rtc)
		return;
	if (to->rtc) {
		rtc_merge(to->rtc, from->rtc, &e->ice);
	} else {
		to->rtc = from->rtc;
		to->rtc->owner = to;
	}
	from->rtc = NULL;
}

/* The name that a record would have had first stays (a stored one is then
 * replaced, not doubled). */
static void older_name(struct owner *to, const struct owner *from)
{
	if (from->first_ns && from->first_ns < to->first_ns)
		to->first_ns = from->first_ns;
	if (!from->session || (!to->session && !to->call) ||
	    strcmp(from->uid, to->uid) >= 0)
		return;
	memcpy(to->uid, from->uid, sizeof(to->uid));
	if (to->call)
		memcpy(to->call->uid, from->uid, sizeof(to->call->uid));
}

void engine_owner_merge(struct engine *e, struct owner *to, struct owner *from)
{
	bool session = from->session;
	bool swap = to->rtc && from->rtc && rtc_turned(to->rtc, from->rtc);

	older_name(to, from);
	move_links(to, from);
	move_signal(e, to, from, swap);
	move_rtc(e, to, from);
	if (to->call || to->session)
		e->stats.rtp += from->rtp;
	else
		to->rtp += from->rtp;
	engine_journal_merge(e, to, from);
	engine_owner_forget(e, from);
	if (session && !to->call && !to->session)
		engine_session_confirm(e, to, NULL);
	if (to->call || to->signal)
		engine_describe_owner(e, to);
}

/* A call, then what was signalled, then a session, then the older one. */
static bool ranks_before(const struct owner *x, const struct owner *y)
{
	if (!x->call != !y->call)
		return x->call;
	if (!x->signal != !y->signal)
		return x->signal;
	if (x->session != y->session)
		return x->session;
	return x->first_ns < y->first_ns;
}

struct owner *engine_owner_join(struct engine *e, struct owner *a,
				struct owner *b)
{
	bool b_stays;

	if (a == b)
		return a;
	if (a->call && b->call)
		return NULL;
	b_stays = ranks_before(b, a);
	engine_owner_merge(e, b_stays ? b : a, b_stays ? a : b);
	return b_stays ? b : a;
}

struct link *engine_link_to(struct engine *e, struct owner *o, struct flow *f)
{
	struct link *l = eflow_of(f)->link;

	for (; l; l = l->next)
		if (l->owner == o)
			return l;
	l = eflow_of(f)->link;
	if (l && !l->owner->call) {
		engine_owner_merge(e, o, l->owner);
		return l;
	}
	/* Another call has announced it too. */
	if (l && o->call)
		o->call->shared_media = l->owner->call->shared_media = true;
	l = engine_link_new(e, o, f);
	if (l && o->call)
		engine_describe_link(e, l);
	return l;
}

/* --- restarts that nobody signalled ------------------------------------- */

static uint64_t hash_ssrc(const struct engine *e, uint32_t ssrc)
{
	return seed_hash(&e->cfg.seed, &ssrc, sizeof(ssrc));
}

/* The same two hosts, or a client that has moved: its packets go on to the
 * same server. A server that sends one SSRC to many clients proves nothing. */
static bool same_way(const struct link *l, int dir, const struct ssrc_node *n)
{
	const struct flow *f = l->flow, *o = n->link->flow;

	return addr_ip_eq(flow_dst(f, dir), flow_dst(o, n->dir)) &&
	       (addr_ip_eq(flow_src(f, dir), flow_src(o, n->dir)) ||
		addr_eq(flow_dst(f, dir), flow_dst(o, n->dir)));
}

static struct owner *before(struct engine *e, struct link *l, int dir,
			    const struct rtp *r)
{
	struct map_node *m = map_first(&e->ssrcs, hash_ssrc(e, r->ssrc));

	for (; m; m = map_next(m)) {
		struct ssrc_node *n = container_of(m, struct ssrc_node, node);

		if (n->ssrc == r->ssrc && n->link->owner != l->owner &&
		    same_way(l, dir, n) &&
		    crew_flow_goes_on(&n->link->owner->group, &n->link->mf,
				      n->dir, r->ssrc, r->seq, e->now_ns))
			return n->link->owner;
	}
	return NULL;
}

void engine_session_follow(struct engine *e, struct link *l, int dir,
			   struct slice rtp)
{
	struct ssrc_node *n = &l->rtc->ssrc[dir];
	struct owner *o;
	struct rtp r;

	if (n->in || rtp_parse(rtp, &r) != PARSE_OK)
		return;
	o = before(e, l, dir, &r);
	*n = (struct ssrc_node){
		.link = l, .ssrc = r.ssrc, .dir = (uint8_t)dir, .in = true};
	map_insert(&e->ssrcs, &n->node, hash_ssrc(e, r.ssrc));
	if (o)
		engine_owner_join(e, o, l->owner);
}

/* --- descriptions ------------------------------------------------------ */

/* The allocation that a client asked for from that address; NULL. */
static struct turn_alloc *allocation_of(struct engine *e, const struct addr *a)
{
	struct addr_node *n = addr_index_first(&e->links_at, a);

	for (unsigned left = 16; n && left; n = addr_index_next(n), left--) {
		struct link *l = container_of(n, struct link_end, node)->link;

		if (l->rtc && l->rtc->turn && addr_eq(&l->rtc->turn->client, a))
			return l->rtc->turn;
	}
	return NULL;
}

void engine_owner_take(struct engine *e, struct owner *o, struct owner *from)
{
	if (from && from != o && !from->call && !from->signal &&
	    (!from->session || !o->session || !from->rtc ||
	     !from->rtc->exchanges))
		engine_owner_merge(e, o, from);
}

void engine_rtc_relayed(struct engine *e, struct owner *o)
{
	struct turn_alloc *t;

	for (struct ice_agent *a = o->rtc->agents; a; a = a->next)
		for (struct ice_candidate *c = a->candidates; c; c = c->next) {
			t = c->type == SDP_CAND_RELAY
				    ? turn_by_relayed(&e->turn, &c->addr)
				    : allocation_of(e, &c->addr);
			if (t)
				engine_owner_take(e, o, t->rtc->owner);
		}
}

/* The password tells an agent from another one with the same ufrag. */
static bool is_another(const struct ice_agent *x, const struct ice_agent *a)
{
	return x->described && !(a->pwd.len && slice_eq(x->pwd, a->pwd));
}

/* Checks came before their signalling, or another signalling has described
 * the same agent: what they made belongs here. */
static void take_exchanges(struct engine *e, struct owner *o)
{
	for (struct ice_agent *a = o->rtc->agents; a; a = a->next) {
		struct ice_agent *x = ice_agent_find(&e->ice, a->ufrag), *next;

		for (; x; x = next) {
			struct owner *other = x->rtc->owner;

			next = ice_agent_next(x);
			if (other == o || other->call || is_another(x, a))
				continue;
			engine_owner_merge(e, o, other);
			break;
		}
	}
}

void engine_rtc_describe(struct engine *e, struct owner *o, unsigned party,
			 const struct sdp *sdp, bool offer)
{
	bool needed = o->rtc != NULL;

	for (size_t i = 0; i < sdp->media_count && !needed; i++)
		needed = sdp->media[i].ice_ufrag.len ||
			 sdp->media[i].fingerprint_count;
	if (!needed || !engine_rtc(e, o) ||
	    !rtc_describe(o->rtc, &e->ice, party, sdp, offer))
		return;
	take_exchanges(e, o);
	engine_rtc_relayed(e, o);
}

void engine_rtc_fragment(struct engine *e, struct owner *o, unsigned party,
			 const struct sdp *sdp)
{
	for (size_t i = 0; i < sdp->media_count; i++) {
		const struct sdp_media *m = &sdp->media[i];

		for (size_t k = 0; k < m->candidate_count; k++)
			rtc_trickle(o->rtc, &e->ice, party, m->ice_ufrag,
				    &m->candidates[k]);
	}
	engine_rtc_relayed(e, o);
}

/* --- the record -------------------------------------------------------- */

/* An address that only checks have shown: what else is known of it. */
static enum sdp_candidate_type type_of(void *arg, const struct addr *a)
{
	struct engine *e = arg;
	const struct nat_client *c;
	const struct turn_alloc *t = turn_by_relayed(&e->turn, a);

	if (t)
		return SDP_CAND_RELAY;
	c = nat_find(&e->nat, a);
	for (unsigned i = 0; c && i < c->n; i++)
		if (addr_eq(&c->seen[i].mapped, a))
			return SDP_CAND_HOST;
	return SDP_CAND_OTHER;
}

static bool hears(void *arg, const struct addr *a)
{
	return nat_find(&((struct engine *)arg)->nat, a) != NULL;
}

/* What the relay itself adds, where its other side is seen too. */
static void relays(struct owner *o)
{
	list_each(it, &o->links)
	{
		struct link *l = container_of(it, struct link, in_owner);
		struct turn_alloc *t = eflow_of(l->flow)->inside;
		struct media_relay r;

		if (!t || !crew_flow_relay(&o->group, &l->mf, &r))
			continue;
		t->joined = true;
		t->delay_ms = r.delay_ms;
		t->lost = r.lost;
	}
}

static void turn_rows(struct rtc *r, struct cdr *cdr)
{
	struct cdr_call *out = &cdr->call;
	size_t n = 0;

	for (const struct turn_alloc *a = r->turns; a; a = a->next)
		n++;
	out->turn = arena_alloc(cdr->mem, n * sizeof(*out->turn));
	for (const struct turn_alloc *a = r->turns; a && out->turn; a = a->next)
		turn_result(a, cdr->mem, &out->turn[out->turn_n++]);
}

void engine_rtc_result(struct engine *e, struct owner *o, struct cdr *cdr)
{
	struct ice_view v = {e->now_ns, e->ended, type_of, hears, e};

	list_each(it, &o->links)
		engine_pair_media(container_of(it, struct link, in_owner));
	engine_nat_result(e, o, cdr);
	if (!o->rtc)
		return;
	rtc_result(o->rtc, &v, cdr);
	relays(o);
	turn_rows(o->rtc, cdr);
}
