/*
 * DTLS: the associations of a session.
 */
#include "dissectors/dtls.h"
#include "sniffer/engine/engine_priv.h"

#define HANDSHAKE 22 /* content type, RFC 6347, 4.1 */

/* Only a handshake makes a flow worth looking at; others use DTLS too. */
static struct link *begin(struct engine *e, struct flow *f, int dir,
			  const struct pkt *p)
{
	struct owner *o;
	struct link *l = engine_link_claimed(e, f, dir);

	if (l || p->payload.p[0] != HANDSHAKE)
		return l;
	o = engine_turn_owner(e, f);
	if (!o && !engine_pending_room(e))
		return NULL;
	if (!o)
		o = engine_owner_new(e, NULL);
	if (o && !o->first_ns)
		o->first_ns = p->ts_ns;
	l = o ? engine_link_new(e, o, f) : NULL;
	if (!l)
		engine_owner_unused(e, o);
	return l;
}

/* Who an end is: the party that sends in this direction, where that is
 * known; else the association keeps to the flow's directions. */
static unsigned assoc_dir(const struct rtc_dtls *d, const struct link *l,
			  int dir)
{
	int party = engine_party_known(l, dir);

	if (d->party[0] >= 0 && party >= 0)
		return d->party[0] == party ? 0 : 1;
	return addr_eq(&d->end[1], flow_src(l->flow, dir)) ? 1 : 0;
}

static void name_ends(struct rtc_dtls *d, const struct link *l, int dir)
{
	int party = engine_party_known(l, dir);

	d->end[0] = *flow_src(l->flow, dir);
	d->end[1] = *flow_dst(l->flow, dir);
	d->party[0] = party;
	d->party[1] = party < 0 ? -1 : !party;
	if (l->rtc->pair) {
		const struct ice *i = l->rtc->pair->ice;
		int sender = dir == l->rtc->a_dir ? ICE_A : ICE_B;

		d->ufrag[0] = i->agent[sender]->ufrag;
		d->ufrag[1] = i->agent[!sender]->ufrag;
	}
}

void engine_dtls_name(struct link *l)
{
	struct rtc_dtls *d = l->rtc ? l->rtc->dtls : NULL;

	if (!d || (d->party[0] >= 0 && (d->ufrag[0].len || !l->rtc->pair)))
		return;
	for (int dir = 0; dir < 2; dir++)
		if (addr_eq(&d->end[0], flow_src(l->flow, dir)) &&
		    addr_eq(&d->end[1], flow_dst(l->flow, dir))) {
			name_ends(d, l, dir);
			return;
		}
}

/* The same hop is one without a pair when it lies between the same ends. */
static bool same_hop(const struct link *a, const struct link *b)
{
	if (a->rtc->pair || b->rtc->pair)
		return a->rtc->pair == b->rtc->pair;
	return engine_link_alike(a, b);
}

/* The association that the relay's other side has shown. */
static struct rtc_dtls *twin_of(const struct link *l)
{
	list_each(it, &l->owner->links)
	{
		const struct link *o = container_of(it, struct link, in_owner);

		if (o != l && o->rtc && o->rtc->dtls && same_hop(o, l))
			return o->rtc->dtls;
	}
	return NULL;
}

/* The association goes on where ICE moved it, also in mid handshake. */
static struct rtc_dtls *assoc_of(struct engine *e, struct link *l, int dir)
{
	struct rtc *r = engine_rtc(e, l->owner);
	struct rtc_dtls *d = l->rtc->dtls;

	if (d || !r)
		return d;
	d = l->rtc->pair ? rtc_dtls_open(r) : twin_of(l);
	if (!d) {
		d = rtc_dtls_new(r, &e->counters, NULL);
		if (d)
			name_ends(d, l, dir);
	}
	l->rtc->dtls = d;
	return d;
}

/* The relay's other side shows the same datagram again. */
static bool other_hop(const struct rtc_dtls *d, const struct link *l)
{
	list_each(it, &l->owner->links)
	{
		const struct link *o = container_of(it, struct link, in_owner);

		if (o == l)
			return false;
		if (o->rtc && o->rtc->dtls == d && same_hop(o, l))
			return true;
	}
	return false;
}

static bool matters(const struct dtls_info *i)
{
	return i->offered_count || i->srtp == DTLS_SRTP_CHOSEN ||
	       i->state == DTLS_FINISHED;
}

static void news(struct engine *e, struct link *l, struct rtc_dtls *d)
{
	const struct dtls_info *i = dtls_assoc_info(d->assoc);
	struct owner *o = l->owner;

	if (i->revision == d->revision)
		return;
	d->revision = i->revision;
	if (!o->call && !o->session && matters(i))
		engine_session_confirm(e, o, l->flow);
	engine_keys_find(e, d);
	engine_describe_owner(e, o);
}

static void feed(struct engine *e, struct link *l, int dir, const struct pkt *p)
{
	bool own = l->rtc->dtls != NULL;
	struct rtc_dtls *d = assoc_of(e, l, dir), *next;

	if (!d || other_hop(d, l))
		return;
	if (dtls_assoc_feed(d->assoc, assoc_dir(d, l, dir), p->payload,
			    p->ts_ns) == DTLS_FED_NEW) {
		/* Of another component, or instead of the one before. */
		if (own)
			dtls_assoc_end(d->assoc);
		next = rtc_dtls_new(l->owner->rtc, &e->counters,
				    own ? d : NULL);
		if (!next)
			return;
		name_ends(next, l, dir);
		l->rtc->dtls = d = next;
		dtls_assoc_feed(d->assoc, 0, p->payload, p->ts_ns);
	}
	engine_watch_dtls(e, d, p);
	news(e, l, d);
}

struct link *engine_dtls(struct engine *e, struct flow *f, struct link *l,
			 int dir, const struct pkt *p)
{
	if (!l)
		l = begin(e, f, dir, p);
	if (!l || !engine_link_rtc(e, l))
		return l;
	l->rtc->dtls_ns = p->ts_ns;
	feed(e, l, dir, p);
	return l;
}
