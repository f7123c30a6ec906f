/*
 * Signalling that is not SIP: descriptions and candidates in the messages of
 * a web connection, whatever the application wraps around them. A
 * description belongs to the session that has its ufrag, else to the one
 * whose offer it answers or whose party made it, else it begins one.
 */
#include <stdio.h>
#include <stdlib.h>

#include "dissectors/sdp_find.h"
#include "sniffer/engine/conn.h"

/* A session that was only signalled waits so long for more. */
#define WAIT_NS (180 * 1000000000ull)
/* What a host does at the same time. */
#define NEAR_NS ENGINE_NEAR_NS

/* --- kinds -------------------------------------------------------------- */

static bool is_ws(const struct web_msg *m)
{
	return m->kind == WEB_WS_TEXT || m->kind == WEB_WS_BINARY;
}

enum exported_by web_carrier(const struct conn *c, const struct web_msg *m)
{
	bool client;

	if (c->by)
		return c->by;
	if (!is_ws(m))
		return m->kind == WEB_HTTP_REQUEST ? EXPORTED_BY_HTTP_REQUEST
						   : EXPORTED_BY_HTTP_RESPONSE;
	client = web_flow_ws_client(c->web) == m->dir;
	if (c->secure)
		return client ? EXPORTED_BY_WSS_CLIENT : EXPORTED_BY_WSS_SERVER;
	return client ? EXPORTED_BY_WS_CLIENT : EXPORTED_BY_WS_SERVER;
}

/* RFC 9725: the offer of WHIP sends; what receives so is WHEP. */
static const char *sdp_kind(const struct sdp *sdp)
{
	for (size_t i = 0; i < sdp->media_count; i++)
		if (sdp->media[i].direction == SDP_SENDONLY ||
		    sdp->media[i].direction == SDP_SENDRECV)
			return "whip";
	return "whep";
}

static const char *kind_of(const struct web_msg *m, const struct sdp *sdp)
{
	struct slice body = slice_trim(m->body);

	if (!is_ws(m) && sip_content_is(m->content_type, "application/sdp"))
		return sdp_kind(sdp);
	if (body.len && (body.p[0] == '{' || body.p[0] == '['))
		return "json";
	if (body.len && body.p[0] == '<')
		return "xml";
	return is_ws(m) ? "websocket" : "http";
}

/* --- whose a description is --------------------------------------------- */

static struct slice ufrag_of(const struct sdp *sdp)
{
	for (size_t i = 0; i < sdp->media_count; i++)
		if (sdp->media[i].ice_ufrag.len)
			return sdp->media[i].ice_ufrag;
	return sdp->ice_ufrag;
}

static struct slice pwd_of(const struct sdp *sdp)
{
	for (size_t i = 0; i < sdp->media_count; i++)
		if (sdp->media[i].ice_pwd.len)
			return sdp->media[i].ice_pwd;
	return sdp->ice_pwd;
}

/* Offers say actpass, answers never (RFC 5763, 5). */
static bool is_offer(const struct sdp *sdp, enum sdp_type type,
		     const struct web_msg *m)
{
	if (type == SDP_TYPE_OFFER)
		return true;
	if (type == SDP_TYPE_ANSWER || type == SDP_TYPE_PRANSWER)
		return false;
	for (size_t i = 0; i < sdp->media_count; i++) {
		if (sdp->media[i].setup == SDP_SETUP_ACTPASS)
			return true;
		if (sdp->media[i].setup != SDP_SETUP_NONE)
			return false;
	}
	return m->kind != WEB_HTTP_RESPONSE;
}

struct found {
	struct owner *owner;
	unsigned party;
};

/* The same ufrag: a copy on its way, or checks that came first. */
static struct found by_ufrag(struct engine *e, struct slice ufrag,
			     struct slice pwd)
{
	struct ice_agent *a = ufrag.len ? ice_agent_find(&e->ice, ufrag) : NULL;

	for (; a; a = ice_agent_next(a))
		if (!a->described || slice_eq(a->pwd, pwd))
			return (struct found){a->rtc->owner, a->party};
	return (struct found){NULL, 0};
}

/* The answer to what passed the other way on this connection. */
static struct found by_offer(struct conn *c, const struct web_msg *m)
{
	struct ice_agent *a;

	if (!c->signal || !c->signal->ufrag[!m->dir][0] ||
	    (!is_ws(m) && c->signal->exchange[!m->dir] != m->exchange))
		return (struct found){NULL, 0};
	a = ice_agent_find(&c->engine->ice,
			   slice_str(c->signal->ufrag[!m->dir]));
	while (a && !a->described)
		a = ice_agent_next(a);
	return a ? (struct found){a->rtc->owner, !a->party}
		 : (struct found){NULL, 0};
}

static struct found by_origin(struct engine *e, const struct sdp *sdp)
{
	unsigned party = 0;
	struct signal *s = signal_find(&e->signals, sdp, &party);

	return (struct found){s ? s->owner : NULL, party};
}

static struct owner *begin(struct engine *e, uint64_t ts_ns)
{
	struct owner *o;

	if (!engine_pending_room(e))
		return NULL;
	o = engine_owner_new(e, NULL);
	if (o)
		o->first_ns = ts_ns;
	return o;
}

static struct found whose(struct conn *c, const struct web_msg *m,
			  const struct sdp *sdp, bool offer)
{
	struct engine *e = c->engine;
	struct found f = by_ufrag(e, ufrag_of(sdp), pwd_of(sdp));

	if (!f.owner)
		f = by_origin(e, sdp);
	if (!f.owner && !offer)
		f = by_offer(c, m);
	if (!f.owner)
		f = (struct found){begin(e, m->ts_ns), !offer};
	return f;
}

/* Who has made the offer is a. Checks that came before any description may
 * have it the other way round. */
static void turn(struct found *f, bool offer)
{
	struct owner *o = f->owner;

	if (o->signal || !o->rtc || f->party != offer)
		return;
	rtc_turn(o->rtc);
	f->party ^= 1;
}

/* --- taking it in -------------------------------------------------------- */

static void remember(struct conn *c, const struct web_msg *m,
		     struct slice ufrag)
{
	if (!c->signal)
		c->signal = calloc(1, sizeof(*c->signal));
	if (!c->signal || ufrag.len >= sizeof(c->signal->ufrag[0]))
		return;
	snprintf(c->signal->ufrag[m->dir], sizeof(c->signal->ufrag[0]), "%.*s",
		 SLICE_ARG(ufrag));
	c->signal->exchange[m->dir] = m->exchange;
}

/* Wireshark's name of what reads the body. */
static const char *dissector_of(const struct web_msg *m)
{
	struct slice body = slice_trim(m->body);

	if (sip_content_is(m->content_type, "application/sdp"))
		return "sdp";
	if (body.len && (body.p[0] == '{' || body.p[0] == '['))
		return "json";
	return "data-text-lines";
}

static void record(struct conn *c, struct owner *o, const struct web_msg *m)
{
	if (!c->by)
		plain_frame(c, m->dir, m->body, dissector_of(m),
			    web_carrier(c, m), m->ts_ns);
	crew_group_frames(&o->group, c->frames, c->frames_n);
	engine_watch_signalling(c, o, m);
}

static void on_idle(struct timer *t, uint64_t now_ns, void *arg)
{
	struct owner *o = container_of(t, struct owner, timer);

	(void)now_ns;
	engine_owner_idle(arg, o);
}

void engine_owner_wait(struct engine *e, struct owner *o)
{
	o->timer.fire = on_idle;
	timer_set(&e->timers, &o->timer, e->now_ns + WAIT_NS);
}

static struct signal *signal_of(struct engine *e, struct owner *o,
				const char *kind, uint64_t ts_ns)
{
	if (o->signal)
		return o->signal;
	o->signal = signal_new(kind, ts_ns);
	if (!o->signal) {
		counters_add(&e->counters, "rtc.no_memory", 1);
		return NULL;
	}
	o->signal->owner = o;
	arena_count(o->signal->mem, &e->rtc_bytes);
	return o->signal;
}

/* The party itself sent it: not a copy on its way to the other one. */
static bool from_client(const struct conn *c, const struct web_msg *m)
{
	enum exported_by by = web_carrier(c, m);

	return by == EXPORTED_BY_WS_CLIENT || by == EXPORTED_BY_WSS_CLIENT ||
	       by == EXPORTED_BY_HTTP_REQUEST;
}

/* Allocations that nothing else ties to a session: the same host asked for
 * them at the same time. */
static void take_host(struct engine *e, struct owner *o,
		      const struct addr *host, uint64_t ts_ns)
{
	struct turn_alloc *t = turn_first_of(&e->turn, host), *next;

	if (signal_of_host(&e->signals, host, ts_ns - NEAR_NS) != o->signal)
		return;
	for (; t; t = next) {
		next = turn_next_of(t);
		if (t->first_ns + NEAR_NS >= ts_ns)
			engine_owner_take(e, o, t->rtc->owner);
	}
}

static void on_description(struct conn *c, const struct web_msg *m,
			   const struct sdp_found *it)
{
	struct engine *e = c->engine;
	struct sdp *sdp = e->sdp;
	struct found f;
	struct signal *s;
	bool offer;

	if (it->type == SDP_TYPE_ROLLBACK ||
	    sdp_parse(it->text, sdp) != PARSE_OK || !sdp->media_count)
		return;
	offer = is_offer(sdp, it->type, m);
	f = whose(c, m, sdp, offer);
	remember(c, m, ufrag_of(sdp));
	if (!f.owner || f.owner->call)
		return;
	turn(&f, offer);
	if (!f.owner->first_ns || m->ts_ns < f.owner->first_ns)
		f.owner->first_ns = m->ts_ns;
	s = signal_of(e, f.owner, kind_of(m, sdp), m->ts_ns);
	if (!s) {
		engine_owner_unused(e, f.owner);
		return;
	}
	if (from_client(c, m))
		signal_host(s, &e->signals, f.party, flow_src(c->flow, m->dir),
			    m->ts_ns);
	signal_describe(s, &e->signals, f.party, sdp, it->text, offer,
			m->ts_ns);
	engine_rtc_describe(e, f.owner, f.party, sdp, offer);
	engine_session_confirm(e, f.owner, NULL);
	engine_describe_owner(e, f.owner);
	if (from_client(c, m))
		take_host(e, f.owner, flow_src(c->flow, m->dir), m->ts_ns);
	engine_owner_wait(e, f.owner);
	record(c, f.owner, m);
}

static void on_candidate(struct conn *c, const struct web_msg *m,
			 const struct sdp_found *it)
{
	struct engine *e = c->engine;
	struct sdp_candidate k;
	struct ice_agent *a;
	struct slice ufrag = it->ufrag;

	if (!sdp_candidate_parse(it->text, &k))
		return;
	if (!ufrag.len)
		ufrag = k.ufrag;
	if (!ufrag.len && c->signal)
		ufrag = slice_str(c->signal->ufrag[m->dir]);
	a = ice_agent_find(&e->ice, ufrag);
	while (a && !a->described)
		a = ice_agent_next(a);
	if (!a) {
		counters_add(&e->counters, "signal.stray_candidate", 1);
		return;
	}
	ice_agent_candidate(&e->ice, a, &k);
	if (k.type == SDP_CAND_RELAY)
		engine_rtc_relayed(e, a->rtc->owner);
	record(c, a->rtc->owner, m);
}

void engine_signal(struct conn *c, const struct web_msg *m)
{
	struct engine *e = c->engine;
	struct sdp_found it;
	struct sdp_find *f = &e->find;

	if (!sdp_find_begin(f, m->body, e->scratch, SCRATCH_BYTES))
		return;
	while (sdp_find_next(f, &it)) {
		if (it.kind == FOUND_SDP)
			on_description(c, m, &it);
		else if (it.kind == FOUND_CANDIDATE)
			on_candidate(c, m, &it);
	}
}
