/*
 * Several calls that announced the same two addresses at once (a gateway or
 * a test tool with one media port): each SSRC goes to one of them, and stays
 * there as long as that call is not over.
 */
#include <stdlib.h>

#include "sniffer/engine/engine_priv.h"

/* Media starts so soon after its addresses were announced: what comes later
 * is a new SSRC of a call that has media already. */
#define SOON_NS (5 * 1000000000ull)

/* Where an SSRC went last, by a hash of it; any entry may be gone. */
struct share {
	size_t size, links;
	struct link *slot[];
};

#define SLOTS_MIN    32
#define SLOTS_MAX    65536
#define SLOTS_A_LINK 8

static struct share *share_new(size_t size, size_t links)
{
	struct share *s = calloc(1, sizeof(*s) + size * sizeof(s->slot[0]));

	if (s)
		*s = (struct share){.size = size, .links = links};
	return s;
}

void engine_share(struct flow *f)
{
	struct eflow *ef = eflow_of(f);

	if (!ef->share)
		ef->share = share_new(SLOTS_MIN, 1);
}

static void one_more(struct eflow *ef)
{
	struct share *s = ef->share, *larger;

	if (++s->links * SLOTS_A_LINK <= s->size || s->size >= SLOTS_MAX)
		return;
	larger = share_new(s->size * 4, s->links);
	if (!larger)
		return;
	ef->share = larger;
	free(s);
}

void engine_share_forget(struct flow *f, const struct link *l)
{
	struct eflow *ef = eflow_of(f);
	struct share *s = ef->share;

	if (!s)
		return;
	for (size_t i = 0; i < s->size; i++)
		if (s->slot[i] == l)
			s->slot[i] = NULL;
	if (s->links > 1)
		s->links--;
	if (ef->link)
		return;
	free(s);
	ef->share = NULL;
}

static bool goes_on(const struct link *l, int dir, const struct rtp *r,
		    uint64_t now_ns)
{
	return crew_flow_goes_on(&l->owner->group, &l->mf, (unsigned)dir,
				 r->ssrc, r->seq, now_ns);
}

static const struct call_claim *claim_of(const struct call *c,
					 const struct addr *a, uint16_t realm)
{
	const struct call_claim *k = c->claims;

	while (k && (k->realm != realm || !addr_eq(&k->addr, a)))
		k = k->next;
	return k;
}

/* When this call had named both ends, if its media may still begin. */
static uint64_t waiting_since(const struct call *c, const struct flow *f,
			      int dir, uint64_t now_ns)
{
	const struct call_claim *to =
		claim_of(c, flow_dst(f, dir), f->key.realm);
	const struct call_claim *from =
		claim_of(c, flow_src(f, dir), f->key.realm);
	const struct link *l = engine_link_in(c->media, f);
	uint64_t since;

	if (!to || !from || c->bye_ns ||
	    (l && crew_flow_heard(&l->owner->group, &l->mf, (unsigned)dir)))
		return 0;
	since = to->since_ns > from->since_ns ? to->since_ns : from->since_ns;
	return now_ns < since + SOON_NS ? since : 0;
}

/* The call that an SSRC seen for the first time belongs to: SIPp has one
 * SSRC for both directions, else the latest that waits for media. */
static struct link *newcomer(struct engine *e, struct flow *f, int dir,
			     const struct rtp *r, uint64_t now_ns)
{
	struct call_claim *k = endpoints_find(calls_endpoints(e->calls),
					      flow_dst(f, dir), f->key.realm);
	struct call *best = NULL;
	uint64_t since, latest = 0;
	struct link *l;

	for (unsigned n = ENDPOINT_SHARERS; k && n;
	     k = endpoints_next(k), n--) {
		since = waiting_since(k->call, f, dir, now_ns);
		l = since ? engine_link_in(k->call->media, f) : NULL;
		if (l && crew_flow_has(&l->owner->group, &l->mf, !dir, r->ssrc))
			return l;
		if (since > latest) {
			latest = since;
			best = k->call;
		}
	}
	if (!best)
		return NULL;
	l = engine_link_in(best->media, f);
	if (!l && (l = engine_link_call(e, best, f)))
		one_more(eflow_of(f));
	return l;
}

/* A call goes on with its SSRC after a silence or a jump of the numbers, if
 * none waits for media and it was not hung up: the one heard last, for a
 * device may have the same SSRC in each call. */
static struct link *resumed(struct flow *f, int dir, const struct rtp *r)
{
	struct link *best = NULL;

	for (struct link *l = eflow_of(f)->link; l; l = l->next) {
		if ((l->owner->call && l->owner->call->bye_ns) ||
		    !crew_flow_has(&l->owner->group, &l->mf, (unsigned)dir,
				   r->ssrc))
			continue;
		if (!best ||
		    crew_flow_last_ns(&l->owner->group, &l->mf) >
			    crew_flow_last_ns(&best->owner->group, &best->mf))
			best = l;
	}
	return best;
}

static struct link *find(struct engine *e, struct flow *f, int dir,
			 const struct rtp *r, uint64_t now_ns)
{
	struct link *l;

	for (l = eflow_of(f)->link; l; l = l->next)
		if (goes_on(l, dir, r, now_ns))
			return l;
	l = newcomer(e, f, dir, r, now_ns);
	if (!l)
		l = resumed(f, dir, r);
	return l ? l : engine_shared_other(f);
}

struct link *engine_shared_rtp(struct engine *e, struct flow *f, int dir,
			       const struct pkt *p)
{
	struct eflow *ef = eflow_of(f);
	struct share *s = ef->share;
	size_t at;
	struct link *l;
	struct rtp r;

	if (rtp_parse(p->payload, &r) != PARSE_OK)
		return engine_shared_other(f);
	at = (r.ssrc * 2654435761u >> 8 ^ (unsigned)dir) % s->size;
	l = s->slot[at];
	if (l && goes_on(l, dir, &r, p->ts_ns))
		return l;
	l = find(e, f, dir, &r, p->ts_ns);
	if (s == ef->share) /* it may have grown */
		s->slot[at] = l;
	return l;
}

struct link *engine_shared_other(struct flow *f)
{
	struct link *l = eflow_of(f)->link;

	while (l && l->next && l->owner->call && l->owner->call->bye_ns)
		l = l->next;
	return l;
}
