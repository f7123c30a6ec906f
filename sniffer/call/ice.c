#include "sniffer/call/ice.h"

#include "sniffer/base/list.h"
#include "sniffer/call/rtc.h"

#define AGENTS_MAX     64  /* of one session: restarts, forks */
#define CANDIDATES_MAX 64  /* of one agent */
#define PAIRS_MAX      128 /* of one exchange */

int ice_table_init(struct ice_table *t, struct seed seed,
		   struct counters *counters)
{
	*t = (struct ice_table){.seed = seed, .counters = counters};
	if (map_init(&t->agents, 256) || map_init(&t->addresses, 256))
		return -1;
	return map_init(&t->exchanges, 256);
}

void ice_table_close(struct ice_table *t)
{
	map_close(&t->agents);
	map_close(&t->addresses);
	map_close(&t->exchanges);
}

bool ice_username(struct slice username, struct slice *receiver,
		  struct slice *sender)
{
	return slice_cut(username, ':', receiver, sender) && receiver->len &&
	       sender->len;
}

/* --- agents ------------------------------------------------------------ */

static uint64_t hash_of(const struct ice_table *t, struct slice ufrag)
{
	return seed_hash(&t->seed, ufrag.p, ufrag.len);
}

static struct ice_agent *same_ufrag(struct map_node *n, struct slice ufrag)
{
	for (; n; n = map_next(n)) {
		struct ice_agent *a = container_of(n, struct ice_agent, node);

		if (slice_eq(a->ufrag, ufrag))
			return a;
	}
	return NULL;
}

struct ice_agent *ice_agent_find(const struct ice_table *t, struct slice ufrag)
{
	return same_ufrag(map_first(&t->agents, hash_of(t, ufrag)), ufrag);
}

struct ice_agent *ice_agent_next(const struct ice_agent *a)
{
	return same_ufrag(map_next(&a->node), a->ufrag);
}

static void limit(struct ice_table *t)
{
	counters_add(t->counters, "ice.limit", 1);
}

struct ice_agent *ice_agent_get(struct ice_table *t, struct rtc *r,
				struct slice ufrag, unsigned party)
{
	struct ice_agent *a;

	for (a = r->agents; a; a = a->next)
		if (slice_eq(a->ufrag, ufrag))
			return a;
	a = r->agents_n < AGENTS_MAX ? arena_alloc(r->mem, sizeof(*a)) : NULL;
	if (a)
		a->ufrag = arena_keep(r->mem, ufrag);
	if (!a || a->ufrag.len != ufrag.len) {
		limit(t);
		return NULL;
	}
	a->rtc = r;
	a->party = (uint8_t)party;
	a->next = r->agents;
	r->agents = a;
	r->agents_n++;
	map_insert(&t->agents, &a->node, hash_of(t, ufrag));
	return a;
}

/* --- candidates -------------------------------------------------------- */

static struct ice_candidate *candidate_at(const struct ice_agent *a,
					  const struct addr *addr)
{
	struct ice_candidate *c = a->candidates;

	while (c && !addr_eq(&c->addr, addr))
		c = c->next;
	return c;
}

static struct ice_candidate *candidate_new(struct ice_table *t,
					   struct ice_agent *a)
{
	struct ice_candidate **end = &a->candidates;
	struct ice_candidate *c = a->candidates_n < CANDIDATES_MAX
					  ? arena_alloc(a->rtc->mem, sizeof(*c))
					  : NULL;

	if (!c) {
		limit(t);
		return NULL;
	}
	c->agent = a;
	while (*end)
		end = &(*end)->next;
	*end = c;
	a->candidates_n++;
	return c;
}

static uint64_t hash_addr(const struct ice_table *t, const struct addr *a)
{
	return seed_hash(&t->seed, a, sizeof(*a));
}

struct ice_agent *ice_agent_at(const struct ice_table *t, const struct addr *a)
{
	struct map_node *n = map_first(&t->addresses, hash_addr(t, a));

	for (; n; n = map_next(n)) {
		struct ice_candidate *c =
			container_of(n, struct ice_candidate, at);

		if (addr_eq(&c->addr, a))
			return c->agent;
	}
	return NULL;
}

/* The same base may be seen under another address: so kind counts too. */
static bool known(const struct ice_agent *a, const struct sdp_candidate *s,
		  bool tcp)
{
	for (const struct ice_candidate *c = a->candidates; c; c = c->next)
		if (!c->learned && c->component == s->component &&
		    c->type == s->type && c->tcp == tcp &&
		    c->addr.port == s->addr.addr.port &&
		    (c->name.len ? slice_eq(c->name, s->addr.text)
				 : addr_eq(&c->addr, &s->addr.addr)))
			return true;
	return false;
}

void ice_agent_candidate(struct ice_table *t, struct ice_agent *a,
			 const struct sdp_candidate *s)
{
	bool tcp = slice_ieq(s->transport, SLICE("tcp"));
	struct ice_candidate *c;

	if (known(a, s, tcp))
		return;
	c = s->addr.parsed ? candidate_at(a, &s->addr.addr) : NULL;
	if (!c || !c->learned || c->tcp != tcp)
		c = candidate_new(t, a);
	if (!c)
		return;
	c->foundation = arena_keep(a->rtc->mem, s->foundation);
	c->addr = s->addr.addr;
	if (!s->addr.parsed)
		c->name = arena_keep(a->rtc->mem, s->addr.text);
	if (s->related.parsed)
		c->related = s->related.addr;
	c->priority = s->priority;
	c->component = s->component;
	c->type = s->type;
	c->tcp = tcp;
	c->learned = false;
	if (s->addr.parsed && !c->at.at)
		map_insert(&t->addresses, &c->at, hash_addr(t, &c->addr));
}

/* An mDNS name hides the IP, not the port (RFC 8828 and the mDNS draft). */
static struct ice_candidate *behind_name(const struct ice_agent *a,
					 const struct addr *addr)
{
	for (struct ice_candidate *c = a->candidates; c; c = c->next)
		if (c->name.len && c->addr.port == addr->port &&
		    addr_is_any(&c->addr))
			return c;
	return NULL;
}

void ice_learn(struct ice_table *t, struct ice_agent *a,
	       const struct addr *addr, const struct addr *base,
	       uint32_t priority, bool tcp)
{
	struct ice_candidate *c;

	if (candidate_at(a, addr))
		return;
	c = behind_name(a, addr);
	if (c) {
		c->addr = *addr;
		return;
	}
	c = candidate_new(t, a);
	if (!c)
		return;
	c->addr = *addr;
	if (base)
		c->related = *base;
	c->priority = priority;
	c->type = SDP_CAND_OTHER;
	c->tcp = tcp;
	c->learned = true;
	/* The answer shows the address that a NAT gave: peer reflexive. */
	if (base || a->described)
		c->type = SDP_CAND_PRFLX;
}

/* --- exchanges --------------------------------------------------------- */

static uint64_t hash_both(const struct ice_table *t, struct slice x,
			  struct slice y)
{
	return hash_of(t, x) ^ hash_of(t, y);
}

struct ice *ice_find(const struct ice_table *t, struct slice x, struct slice y)
{
	struct map_node *n = map_first(&t->exchanges, hash_both(t, x, y));

	for (; n; n = map_next(n)) {
		struct ice *i = container_of(n, struct ice, node);
		struct slice a = i->agent[0]->ufrag, b = i->agent[1]->ufrag;

		if ((slice_eq(a, x) && slice_eq(b, y)) ||
		    (slice_eq(a, y) && slice_eq(b, x)))
			return i;
	}
	return NULL;
}

/* A fork answers the same offer: no restart. */
static unsigned generation_of(const struct rtc *r, const struct ice_agent *a,
			      const struct ice_agent *b)
{
	for (const struct ice *i = r->exchanges; i; i = i->next)
		for (int e = 0; e < 2; e++)
			if (i->agent[e] == a || i->agent[e] == b)
				return i->generation;
	return r->generation + 1;
}

struct ice *ice_new(struct ice_table *t, struct ice_agent *a,
		    struct ice_agent *b)
{
	struct rtc *r = a->rtc;
	struct ice *i = arena_alloc(r->mem, sizeof(*i));

	if (!i) {
		limit(t);
		return NULL;
	}
	i->agent[ICE_A] = a;
	i->agent[ICE_B] = b;
	i->pairs_end = &i->pairs;
	i->controlling = -1;
	i->generation = generation_of(r, a, b);
	if (i->generation > r->generation)
		r->generation = i->generation;
	*r->exchanges_end = i;
	r->exchanges_end = &i->next;
	map_insert(&t->exchanges, &i->node, hash_both(t, a->ufrag, b->ufrag));
	return i;
}

void ice_agent_forget(struct ice_table *t, struct ice_agent *a)
{
	map_remove(&t->agents, &a->node);
	for (struct ice_candidate *c = a->candidates; c; c = c->next)
		map_remove(&t->addresses, &c->at);
}

void ice_forget(struct ice_table *t, struct rtc *r)
{
	for (struct ice_agent *a = r->agents; a; a = a->next)
		ice_agent_forget(t, a);
	for (struct ice *i = r->exchanges; i; i = i->next)
		map_remove(&t->exchanges, &i->node);
}

/* --- pairs ------------------------------------------------------------- */

struct ice_pair *ice_pair_get(struct ice_table *t, struct ice *i,
			      const struct addr *a, const struct addr *b,
			      bool relay, bool tcp)
{
	struct ice_pair *p;

	for (p = i->pairs; p; p = p->next)
		if (addr_eq(&p->end[0], a) && addr_eq(&p->end[1], b) &&
		    p->tcp == tcp)
			goto seen;
	p = i->pairs_n < PAIRS_MAX
		    ? arena_alloc(i->agent[0]->rtc->mem, sizeof(*p))
		    : NULL;
	if (!p) {
		limit(t);
		return NULL;
	}
	p->ice = i;
	p->end[0] = *a;
	p->end[1] = *b;
	p->tcp = tcp;
	*i->pairs_end = p;
	i->pairs_end = &p->next;
	i->pairs_n++;
seen:
	p->inside |= relay;
	p->outside |= !relay;
	return p;
}
