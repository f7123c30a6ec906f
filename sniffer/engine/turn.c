/*
 * TURN: what goes between a client and its relayed address is taken out and
 * looked at as a flow of its own, between that address and the peer: the
 * same two ends as on the relay's other side.
 */
#include "dissectors/stun.h"
#include "sniffer/engine/engine_priv.h"

#define TWIN_TRIES 16 /* packets of a flow that look for its twin */

/* TURN inside of TURN is nobody's: it is not taken out. */

/* --- the flow inside ---------------------------------------------------- */

/* Two clients of one relay may have each other as peer: the outer flow tells
 * them apart. No secret is needed: a collision joins two flows of one
 * client. */
static uint16_t tell(const struct flow_key *outer)
{
	const uint8_t *p = (const uint8_t *)outer;
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < sizeof(*outer); i++)
		h = (h ^ p[i]) * 16777619u;
	return (uint16_t)(h ^ h >> 16);
}

static struct pkt inner_packet(const struct pkt *p, const struct addr *src,
			       const struct addr *dst, struct slice data)
{
	struct pkt in = *p;

	in.src = *src;
	in.dst = *dst;
	in.payload = data;
	in.payload_wire = (uint32_t)data.len;
	in.proto = PROTO_INSIDE;
	return in;
}

static struct flow *inner_flow(struct engine *e, const struct flow *outer,
			       const struct pkt *in, int *dir)
{
	struct flow_key key = flow_key_of(in, tell(&outer->key), dir);
	struct flow *f = flow_get(e->flows, &key, e->now_ns);

	if (f)
		flow_touch(f, *dir, e->now_ns);
	return f;
}

/* What is inside may show whose the allocation is. */
static void join(struct engine *e, struct turn_alloc *t, struct flow *in)
{
	struct link *l = eflow_of(in)->link;
	struct owner *o = t->rtc->owner;

	if (l && o && l->owner != o && (l->owner->session || l->owner->call))
		engine_owner_join(e, l->owner, o);
}

struct owner *engine_turn_owner(struct engine *e, const struct flow *f)
{
	for (int dir = 0; dir < 2; dir++) {
		const struct turn_alloc *t =
			turn_by_relayed(&e->turn, flow_src(f, dir));

		if (t && turn_alive(t, e->now_ns))
			return t->rtc->owner;
	}
	return NULL;
}

/* Who is a on one side of the relay is it on the other: the side that was
 * there first tells. */
static void twins(struct engine *e, struct link *first, struct link *second)
{
	crew_flow_twins(&first->owner->group, &first->mf, &second->mf, false);
	if (!first->owner->call)
		engine_describe_session(e, second, first->a_dir);
}

/* Without checks nothing else tells that the relay shows the same packets on
 * its other side, where they come a little later. */
static void find_twin(struct engine *e, struct link *l)
{
	bool after = false;

	if (!l || (l->rtc && l->rtc->pair) || l->twin_tries == TWIN_TRIES)
		return;
	l->twin_tries++;
	list_each(it, &l->owner->links)
	{
		struct link *o = container_of(it, struct link, in_owner);

		after |= o == l;
		if (o == l || !engine_link_alike(o, l))
			continue;
		twins(e, after ? l : o, after ? o : l);
		l->twin_tries = TWIN_TRIES;
		return;
	}
}

static void inside(struct engine *e, struct flow *outer, struct turn_alloc *t,
		   bool up, const struct pkt *p, const struct turn_data *d)
{
	struct addr relayed = turn_relayed_for(t, &d->peer);
	const struct addr *src = up ? &relayed : &d->peer;
	const struct addr *dst = up ? &d->peer : &relayed;
	struct pkt in = inner_packet(p, src, dst, d->data);
	struct flow *f;
	int dir;

	if (eflow_of(outer)->inside || !d->data.len)
		return;
	f = inner_flow(e, outer, &in, &dir);
	if (!f)
		return;
	eflow_of(f)->inside = t;
	f->keep_ns = outer->keep_ns;
	engine_media_udp(e, f, dir, &in);
	join(e, t, f);
	find_twin(e, eflow_of(f)->link);
}

/* --- the allocation of a flow ------------------------------------------- */

/* Requests and Send go up; answers and Data come down. */
static bool goes_up(const struct stun_msg *m)
{
	return m->class == STUN_REQUEST || m->method == TURN_SEND;
}

static const char *transport_of(const struct flow *f)
{
	if (engine_stream_is_tls(f))
		return "tls";
	return f->key.proto == PKT_TCP ? "tcp" : "udp";
}

/* The flow is held as long as the allocation is: it may be silent for
 * minutes. */
static void hold(struct flow *f, const struct turn_alloc *t, uint64_t now_ns)
{
	f->keep_ns = turn_alive(t, now_ns) ? t->expires_ns : 0;
}

/* The client has described a candidate with that address, or has checks
 * there. */
static void owned(struct engine *e, struct flow *f, int up, struct owner *o)
{
	const struct addr *client = flow_src(f, up);
	struct signal *s;
	struct ice_agent *a = ice_agent_at(&e->ice, client);
	struct addr_node *n = addr_index_first(&e->links_at, client);

	if (a && a->rtc->owner) {
		engine_owner_take(e, a->rtc->owner, o);
		return;
	}
	for (unsigned left = 16; n && left; n = addr_index_next(n), left--) {
		struct link *l = container_of(n, struct link_end, node)->link;

		if (l->owner != o && l->rtc && l->rtc->pair) {
			engine_owner_take(e, l->owner, o);
			return;
		}
	}
	s = signal_of_host(&e->signals, client, e->now_ns - ENGINE_NEAR_NS);
	if (s)
		engine_owner_take(e, s->owner, o);
}

static struct link *link_of(struct engine *e, struct flow *f, int up)
{
	struct link *l = eflow_of(f)->link;
	struct owner *o;
	struct turn_alloc *t;

	if (l && l->rtc && l->rtc->turn)
		return l;
	if (!l && !engine_pending_room(e))
		return NULL;
	o = l ? l->owner : engine_owner_new(e, NULL);
	if (o && !l)
		l = engine_link_new(e, o, f);
	if (!l)
		engine_owner_unused(e, o);
	if (!l || !o || !engine_rtc(e, o) || !engine_link_rtc(e, l))
		return l;
	t = turn_alloc_new(&e->turn, o->rtc, flow_src(f, up), flow_dst(f, up),
			   transport_of(f));
	l->rtc->turn = t;
	l->rtc->up = up;
	if (t && !o->call && !o->session && !o->signal)
		owned(e, f, up, o);
	return eflow_of(f)->link;
}

/* ConnectionBind (RFC 6062, 4.4): this connection becomes the client's end of
 * another one, which the relay has with a peer. */
static struct link *on_bind(struct engine *e, struct flow *f, int dir,
			    const struct stun_msg *m)
{
	struct addr peer = {.port = (uint16_t)m->connection_id};
	struct turn_alloc *t;
	struct link *l;

	if (m->class == STUN_SUCCESS)
		engine_stream_bound(f);
	if (m->class != STUN_REQUEST || !m->has_connection_id)
		return eflow_of(f)->link;
	t = turn_of_connection(&e->turn, flow_src(f, dir), flow_dst(f, dir),
			       m->connection_id, &peer);
	engine_stream_bind(f, &peer);
	if (!t || !t->rtc->owner)
		return link_of(e, f, dir);
	l = engine_link_to(e, t->rtc->owner, f);
	if (l && engine_link_rtc(e, l)) {
		l->rtc->turn = t;
		l->rtc->up = dir;
	}
	return l;
}

void engine_turn_bound(struct engine *e, struct flow *f, int dir,
		       const struct pkt *p, const struct addr *peer, bool raw)
{
	struct link *l = eflow_of(f)->link;
	struct turn_alloc *t = l && l->rtc ? l->rtc->turn : NULL;
	struct turn_data data = {*peer, p->payload};

	if (!t)
		return;
	turn_on_bound(t, dir == l->rtc->up, p->payload.len);
	if (raw)
		crew_flow_other(
			&l->owner->group, &l->mf, (unsigned)dir,
			&(struct media_pkt){.frames = p->frames,
					    .frame_count = p->frame_count});
	else
		inside(e, f, t, dir == l->rtc->up, p, &data);
}

struct link *engine_turn_stun(struct engine *e, struct flow *f, int dir,
			      const struct pkt *p, const struct stun_msg *m)
{
	int up = goes_up(m) ? dir : !dir;
	struct turn_data data;
	struct turn_alloc *t;
	struct link *l;

	if (m->method == TURN_CONNECTION_BIND)
		return on_bind(e, f, dir, m);
	l = link_of(e, f, up);
	if (!l || !l->rtc || !l->rtc->turn)
		return l;
	if (turn_begins_anew(l->rtc->turn, m, p->ts_ns)) {
		t = turn_alloc_new(&e->turn, l->owner->rtc, flow_src(f, up),
				   flow_dst(f, up), transport_of(f));
		if (t)
			l->rtc->turn = t;
	}
	t = l->rtc->turn;
	if (!l->owner->first_ns)
		l->owner->first_ns = p->ts_ns;
	engine_turn_authenticate(e, t, p->payload, m);
	if (turn_on_stun(&e->turn, t, dir == up, m, p->ts_ns, &data))
		inside(e, f, t, dir == up, p, &data);
	hold(f, t, p->ts_ns);
	return eflow_of(f)->link;
}

bool engine_media_looks(struct slice s)
{
	uint8_t first = s.len ? s.p[0] : 0;

	return stun_looks(s) || (first >= 20 && first < 64 && s.len > 13) ||
	       (first >= 128 && first < 192 && s.len >= 12);
}

struct link *engine_turn_channel(struct engine *e, struct flow *f, int dir,
				 const struct pkt *p)
{
	struct link *l = eflow_of(f)->link;
	struct turn_channel c;
	struct turn_data data;
	struct turn_alloc *t;
	bool up;

	if (turn_channel_parse(p->payload, f->key.proto == PKT_TCP, &c) !=
	    PARSE_OK)
		return l;
	if (!l || !l->rtc || !l->rtc->turn) {
		/* Of an allocation that nobody saw. */
		if (l || eflow_of(f)->inside || !engine_media_looks(c.data))
			return l;
		/* The server has the well-known, else the lower port. */
		l = link_of(e, f,
			    flow_src(f, dir)->port > flow_dst(f, dir)->port
				    ? dir
				    : !dir);
	}
	if (!l || !l->rtc || !l->rtc->turn)
		return l;
	t = l->rtc->turn;
	up = dir == l->rtc->up;
	turn_on_channel(t, up, &c, &data);
	inside(e, f, t, up, p, &data);
	return eflow_of(f)->link;
}
