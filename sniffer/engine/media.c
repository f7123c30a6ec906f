#include <stdlib.h>

#include "dissectors/dtls.h"
#include "dissectors/rtcp.h"
#include "dissectors/stun.h"
#include "sniffer/engine/engine_priv.h"

/* Packets of an unknown flow that are looked up in the endpoint map. */
#define LOOKUPS_MAX 8

/* Flows of a call of which one end alone was announced. */
#define STRANGERS_MAX 32

/* Flows at one address that signalling looks at: with a flood towards it
 * their number knows no end. */
#define LINKS_AT_MAX 256

enum payload_kind {
	KIND_SIP,
	KIND_RTP,
	KIND_RTCP,
	KIND_STUN,
	KIND_CHANNEL,
	KIND_DTLS,
	KIND_OTHER,
};

/* RFC 7983, 7, with a look at what follows the first byte. */
static enum payload_kind kind_of(struct slice s)
{
	uint8_t first = s.len ? s.p[0] : 0;

	if (first >= 128 && first <= 191) {
		if (rtcp_looks(s))
			return KIND_RTCP;
		return rtp_looks(s) ? KIND_RTP : KIND_OTHER;
	}
	if (first < 4 && stun_looks(s))
		return KIND_STUN;
	if (first >= 20 && first < 64 && dtls_looks(s))
		return KIND_DTLS;
	if (sip_probe(s))
		return KIND_SIP;
	if (first >= 64 && first < 80 && stun_channel_looks(s))
		return KIND_CHANNEL;
	return KIND_OTHER;
}

/* --- finding the owner of a flow --------------------------------------- */

static struct flow *sibling(struct engine *e, const struct flow *f, int step)
{
	struct flow_key key = f->key;

	key.lo.port = (uint16_t)(key.lo.port + step);
	key.hi.port = (uint16_t)(key.hi.port + step);
	if (addr_cmp(&key.lo, &key.hi) > 0) {
		struct addr swap = key.lo;

		key.lo = key.hi;
		key.hi = swap;
	}
	return flow_find(e->flows, &key);
}

/* RTCP keeps to the next port (RFC 3550, 11): both flows have one owner. */
static struct owner *sibling_owner(struct engine *e, struct flow *f, bool rtcp)
{
	struct flow *s = sibling(e, f, rtcp ? -1 : 1);
	struct link *l = s ? eflow_of(s)->link : NULL;

	return l && l->rtcp_only != rtcp ? l->owner : NULL;
}

static struct link *link_unowned(struct engine *e, struct flow *f, int dir,
				 bool rtcp)
{
	struct owner *o = sibling_owner(e, f, rtcp);
	struct link *l;

	if (!o)
		o = engine_turn_owner(e, f);
	if (!o && !engine_pending_room(e))
		return NULL;
	if (!o && !(o = engine_owner_new(e, NULL)))
		return NULL;
	l = engine_link_new(e, o, f);
	if (!l) {
		engine_owner_unused(e, o);
		return NULL;
	}
	l->rtcp_only = rtcp;
	if (o->call)
		engine_describe_link(e, l);
	else if (!rtcp)
		engine_describe_session(e, l, dir);
	return l;
}

/* Other calls that announced the same address. */
static void tell_sharers(struct engine *e, const struct call *c, struct flow *f,
			 const struct addr *a)
{
	struct call_claim *k = endpoints_find(calls_endpoints(e->calls), a,
					      engine_flow_realm(f));

	for (unsigned n = ENDPOINT_SHARERS; k && n;
	     k = endpoints_next(k), n--) {
		if (k->call == c || k->call->bye_ns || k->candidate)
			continue;
		k->call->shared_media = true;
		engine_share(f);
	}
}

struct link *engine_link_call(struct engine *e, struct call *c, struct flow *f)
{
	struct owner *o = engine_owner_of_call(e, c);
	struct link *l = o ? engine_link_new(e, o, f) : NULL;

	if (l)
		engine_describe_link(e, l);
	return l;
}

/* One end alone was announced: a call takes so many of these, and keeps room
 * for the flow that was agreed on. */
static bool too_strange(struct engine *e, const struct call *c)
{
	const struct owner *o = c->media;

	if (!o || o->links_n < STRANGERS_MAX)
		return false;
	counters_add(&e->counters, "media.flow_limit", 1);
	return true;
}

struct link *engine_link_claimed(struct engine *e, struct flow *f, int dir)
{
	const struct call_claim *from, *to;
	struct call *c = endpoints_match(calls_endpoints(e->calls),
					 flow_src(f, dir), flow_dst(f, dir),
					 engine_flow_realm(f), &from, &to);
	struct link *l;

	if (!c || (!(from && to) && too_strange(e, c)))
		return NULL;
	l = engine_link_call(e, c, f);
	if (!l)
		return NULL;
	if (to || from)
		l->rtcp_only = (to ? to : from)->rtcp;
	tell_sharers(e, c, f, flow_src(f, dir));
	tell_sharers(e, c, f, flow_dst(f, dir));
	return l;
}

/* The link of a flow that had none; NULL when it is no media. */
static struct link *find_link(struct engine *e, struct flow *f, int dir,
			      enum payload_kind kind)
{
	struct eflow *ef = eflow_of(f);
	struct link *l = NULL;

	if (kind == KIND_SIP)
		return NULL;
	if (ef->lookups < LOOKUPS_MAX || kind == KIND_RTP) {
		ef->lookups += ef->lookups < LOOKUPS_MAX;
		l = engine_link_claimed(e, f, dir);
	}
	if (!l && (kind == KIND_RTP || kind == KIND_RTCP))
		l = link_unowned(e, f, dir, kind == KIND_RTCP);
	return l;
}

/* --- packets ----------------------------------------------------------- */

/* What lies inside of TURN is counted for what it is; its wrapping is the
 * summary's "turn". */
/* What TURN carries is part of a packet that was counted. */
static void count(struct engine *e, const struct flow *f, struct link *l,
		  enum payload_kind kind, struct slice payload)
{
	if (eflow_of((struct flow *)f)->inside)
		return;
	switch (kind) {
	case KIND_RTP:
		if (l && !l->owner->call && !l->owner->session)
			l->owner->rtp++;
		else
			e->stats.rtp++;
		break;
	case KIND_RTCP:
		e->stats.rtcp++;
		break;
	case KIND_STUN:
		e->stats.stun++;
		e->stats.turn += stun_is_turn(payload);
		break;
	case KIND_DTLS:
		e->stats.dtls++;
		break;
	case KIND_CHANNEL:
		if (l && l->rtc && l->rtc->turn)
			e->stats.turn++;
		else
			e->stats.other++;
		break;
	default:
		e->stats.other++;
	}
}

static void to_media(struct link *l, int dir, enum payload_kind kind,
		     const struct pkt *p)
{
	struct media_pkt mp = {
		.frames = p->frames,
		.frame_count = p->frame_count,
		.ts_ns = p->ts_ns,
		.payload = p->payload,
		.payload_wire = p->payload_wire,
		.vlan = p->vlan == PKT_NO_VLAN ? CDR_NO_U32 : p->vlan,
		.ip_id = p->ip_id,
		.dscp = p->dscp,
		.ttl = p->ttl,
	};

	if (kind == KIND_RTP)
		crew_flow_rtp(&l->owner->group, &l->mf, (unsigned)dir, &mp);
	else if (kind == KIND_RTCP)
		crew_flow_rtcp(&l->owner->group, &l->mf, (unsigned)dir, &mp);
	else
		crew_flow_other(&l->owner->group, &l->mf, (unsigned)dir, &mp);
}

/* Everything but RTP and RTCP: what it is may tell whose it is. */
static struct link *special(struct engine *e, struct flow *f, struct link *l,
			    int dir, enum payload_kind kind,
			    const struct pkt *p)
{
	struct link *own = NULL;

	if (kind == KIND_STUN)
		own = engine_stun(e, f, dir, p);
	else if (kind == KIND_DTLS)
		own = engine_dtls(e, f, l, dir, p);
	else if (kind == KIND_CHANNEL)
		own = engine_turn_channel(e, f, dir, p);
	/* A session that turned out to be part of another is gone by now. */
	return own ? own : eflow_of(f)->link;
}

/* RFC 5766 had more numbers for channels than RFC 8656 leaves them. */
static bool may_be_channel(const struct link *l, struct slice s)
{
	return l && l->rtc && l->rtc->turn && s.len && s.p[0] >= 80 &&
	       s.p[0] < 128 && turn_channel_has(l->rtc->turn, s);
}

/* The encrypted records of 1.3 have a head that proves nothing by itself. */
static bool dtls13_goes_on(const struct link *l, struct slice s)
{
	return l && l->rtc && l->rtc->dtls && dtls13_record_looks(s);
}

void engine_media_udp(struct engine *e, struct flow *f, int dir,
		      const struct pkt *p)
{
	enum payload_kind kind = kind_of(p->payload);
	struct link *l = eflow_of(f)->link;

	if (kind == KIND_SIP && engine_sip_datagram(e, p, p->payload, "udp"))
		return;
	if (kind == KIND_OTHER && dtls13_goes_on(l, p->payload))
		kind = KIND_DTLS;
	if (kind == KIND_OTHER && may_be_channel(l, p->payload))
		kind = KIND_CHANNEL;
	if (kind == KIND_STUN || kind == KIND_DTLS || kind == KIND_CHANNEL)
		l = special(e, f, l, dir, kind, p);
	if (!l)
		l = find_link(e, f, dir, kind);
	else if (eflow_of(f)->share)
		l = kind == KIND_RTP ? engine_shared_rtp(e, f, dir, p)
				     : engine_shared_other(f);
	count(e, f, l, kind, p->payload);
	if (!l)
		return;
	if (kind == KIND_RTCP)
		engine_watch_rtcp(e, l, p);
	if (kind == KIND_RTP && l->rtc && l->rtc->pair && !l->owner->call)
		engine_session_follow(e, l, dir, p->payload);
	to_media(l, dir, kind, p);
	if (kind == KIND_RTP && !l->owner->call && !l->owner->session)
		engine_session_watch(e, l, dir, p->payload);
}

/* --- signalling comes later -------------------------------------------- */

static bool claims(struct engine *e, const struct link *l, const struct call *c)
{
	const struct call_claim *from, *to;

	for (int dir = 0; dir < 2; dir++)
		if (endpoints_match(
			    calls_endpoints(e->calls), flow_src(l->flow, dir),
			    flow_dst(l->flow, dir), engine_flow_realm(l->flow),
			    &from, &to) == c)
			return true;
	return false;
}

/* One flow of it; ICE and DTLS belong to all of them. */
static void adopt(struct engine *e, struct link *l, struct owner *to)
{
	struct owner *from = l->owner;
	bool gone = false;

	if (from->rtc || from->links_n == 1) {
		engine_owner_merge(e, to, from);
		return;
	}
	list_remove(&l->in_owner);
	list_append(&to->links, &l->in_owner);
	from->links_n--;
	to->links_n++;
	l->owner = to;
	l->flow->pinned = true;
	crew_flow_move(&from->group, &l->mf, &to->group, &gone);
}

/* A flow of another call: that one was hung up and its ports were named
 * again, or both calls talk of the same media, as where a B2BUA lets it go
 * past. */
static void reuse(struct engine *e, struct link *l, struct call *c,
		  uint64_t since_ns)
{
	const struct call *before = l->owner->call;

	if (!before->bye_ns || since_ns < before->bye_ns) {
		c->shared_media = true;
	} else if (l->rtcp_only) {
		/* The next packet finds the new owner. */
		engine_link_free(e, l);
		return;
	}
	engine_share(l->flow);
}

/* Media, or the handshake before it. */
static uint64_t last_ns(const struct link *l)
{
	uint64_t rtp_ns = crew_flow_last_ns(&l->owner->group, &l->mf);

	return l->rtc && l->rtc->dtls_ns > rtp_ns ? l->rtc->dtls_ns : rtp_ns;
}

static void claimed_at(struct engine *e, struct owner *o,
		       const struct call_claim *k)
{
	struct addr_node *n = addr_index_first(&e->links_at, &k->addr), *next;
	unsigned left = LINKS_AT_MAX;

	for (; n && left; n = next, left--) {
		struct link *l = container_of(n, struct link_end, node)->link;

		next = addr_index_next(n);
		if (l->owner == o || !claims(e, l, o->call))
			continue;
		if (l->owner->call)
			reuse(e, l, o->call, k->since_ns);
		else if (last_ns(l) + e->cfg.adopt_ns >= e->now_ns &&
			 !engine_owner_full(e, o))
			adopt(e, l, o);
	}
}

void engine_media_claimed(struct engine *e, struct call *c)
{
	struct owner *o = engine_owner_of_call(e, c);

	if (!o)
		return;
	for (const struct call_claim *k = c->claims; k; k = k->next) {
		struct turn_alloc *t = turn_by_relayed(&e->turn, &k->addr);

		if (t)
			engine_owner_take(e, o, t->rtc->owner);
		claimed_at(e, o, k);
	}
	engine_describe_owner(e, o);
}

/* --- the end ----------------------------------------------------------- */

/* f: the flow that went away last, or NULL. */
static void over(struct engine *e, struct owner *o, const struct flow *f)
{
	if (!o->session && o->rtc && o->rtc->turns)
		engine_session_confirm(e, o, f);
	if (o->session) {
		engine_session_over(e, o);
	} else {
		engine_unlink_all(e, o);
		crew_group_drop(&o->group);
		e->stats.other += o->rtp;
	}
	engine_owner_forget(e, o);
}

void engine_media_flow_closed(struct engine *e, struct flow *f)
{
	struct link *l;

	while ((l = eflow_of(f)->link)) {
		struct owner *o = l->owner;

		engine_link_free(e, l);
		if (!o->call && list_empty(&o->links) && !o->timer.index)
			over(e, o, f);
	}
}

void engine_owner_idle(struct engine *e, struct owner *o)
{
	if (!o->call && list_empty(&o->links))
		over(e, o, NULL);
}

static const struct flow *first_flow(const struct owner *o)
{
	struct list *first = list_first(&o->links);

	return first ? container_of(first, struct link, in_owner)->flow : NULL;
}

void engine_media_end(struct engine *e)
{
	list_each_safe(it, &e->owners)
	{
		struct owner *o = container_of(it, struct owner, all);

		over(e, o, first_flow(o));
	}
}
