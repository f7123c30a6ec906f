/*
 * Who sends on a media flow, and which descriptions are about it.
 */
#include "sniffer/engine/engine_priv.h"
#include "sniffer/engine/sdp.h"
#include "sniffer/media/srtp_suite.h"

/* --- claims -------------------------------------------------------------- */

static const struct call_claim *claim_at(const struct call *c,
					 const struct addr *a)
{
	const struct call_claim *best = NULL;

	for (const struct call_claim *k = c->claims; k; k = k->next)
		if (addr_eq(&k->addr, a) && (!best || (best->rtcp && !k->rtcp)))
			best = k;
	return best;
}

/* The newest claim of the other side for the same m-line. */
static const struct call_claim *counterpart(const struct call *c,
					    const struct call_claim *k)
{
	const struct call_claim *best = NULL;

	for (const struct call_claim *o = c->claims; o; o = o->next)
		if (o->side != k->side && o->line->index == k->line->index &&
		    o->rtcp == k->rtcp && !o->candidate &&
		    (!best || o->since_ns > best->since_ns))
			best = o;
	return best;
}

/* By the addresses that the call announced: who sends, and the descriptions.
 * -1: none of them. */
static int sides_of_claims(const struct link *l, int dir, struct sdp_sides *s)
{
	const struct call *c = l->owner->call;
	const struct call_claim *to = claim_at(c, flow_dst(l->flow, dir));
	const struct call_claim *from = claim_at(c, flow_src(l->flow, dir));
	const struct call_claim *first = to ? to : from;

	if (!first)
		return -1;
	if (!to)
		to = counterpart(c, from);
	if (!from)
		from = counterpart(c, to);
	s->to = to ? to->desc : NULL;
	s->from = from && from != to ? from->desc : NULL;
	engine_sdp_line(s, first->line->index);
	return (int)(first == to ? call_other(to->side) : from->side);
}

/* --- ICE ----------------------------------------------------------------- */

static const struct session_desc *const *descs_of(const struct owner *o)
{
	if (o->call)
		return o->call->desc;
	return o->signal ? o->signal->desc : NULL;
}

static const struct ice_agent *agent_of(const struct link *l, int dir)
{
	const struct ice_pair *p = l->rtc ? l->rtc->pair : NULL;

	return p ? p->ice->agent[dir == l->rtc->a_dir ? ICE_A : ICE_B] : NULL;
}

/* By the agents whose checks passed here. */
static int sides_of_agents(const struct link *l, int dir, struct sdp_sides *s)
{
	const struct session_desc *const *descs = descs_of(l->owner);
	const struct ice_agent *a = agent_of(l, dir);

	if (!descs || !a)
		return -1;
	s->from = descs[a->party];
	s->to = descs[!a->party];
	return engine_sdp_ufrag(s, a->ufrag) ? a->party : -1;
}

int engine_party_known(const struct link *l, int dir)
{
	const struct ice_agent *a = agent_of(l, dir);
	struct sdp_sides unused = {0};

	if (a)
		return a->party;
	return l->owner->call ? sides_of_claims(l, dir, &unused) : -1;
}

/* --- describing ---------------------------------------------------------- */

/* What a handshake agreed on counts. */
static const char *agreed_suite(const struct link *l)
{
	const struct rtc_dtls *d = l->rtc ? l->rtc->dtls : NULL;
	const struct dtls_info *i = d ? dtls_assoc_info(d->assoc) : NULL;
	const struct srtp_suite *s;

	if (!d)
		return NULL;
	s = i->srtp == DTLS_SRTP_CHOSEN ? srtp_suite_of_profile(i->srtp_profile)
					: NULL;
	return s ? s->name : "unknown";
}

/* Those of a handshake come out of key logs only. */
static bool keys_may_come(const struct engine *e)
{
	return e->cfg.keys_may_come || keylog_count(e->keylog);
}

static const char *party_name(const struct owner *o, int party)
{
	static const char *const names[2][2] = {{"a", "b"},
						{"caller", "callee"}};

	return party < 0 ? NULL : names[o->call != NULL][party];
}

static bool describe(struct engine *e, struct link *l, int dir,
		     struct sdp_meaning *m)
{
	struct sdp_sides s = {0};
	const char *agreed = agreed_suite(l);
	int sender = l->owner->call ? sides_of_claims(l, dir, &s) : -1;

	if (sender < 0)
		sender = sides_of_agents(l, dir, &s);
	if (sender < 0)
		return false;
	engine_sdp_meaning(&s, m);
	m->d.sender = party_name(l->owner, sender);
	if (agreed && m->d.srtp) {
		m->d.srtp = agreed;
		m->d.keyless = !keys_may_come(e);
	}
	crew_flow_describe(&l->owner->group, &l->mf, (unsigned)dir, &m->d);
	engine_sdp_keys(&s, &e->counters, &l->owner->group, &l->mf,
			(unsigned)dir);
	if (m->d.srtp)
		engine_keys_give(l, dir);
	return true;
}

/* Nobody describes it. With ICE or DTLS it is WebRTC, where clocks and codecs
 * may be guessed. */
static void describe_guess(const struct engine *e, struct link *l, int dir,
			   const char *sender, struct sdp_meaning *m)
{
	media_desc_begin(&m->d);
	m->d.sender = sender;
	m->d.guess = l->rtc && (l->rtc->pair || l->rtc->dtls);
	m->d.srtp = agreed_suite(l);
	m->d.keyless = m->d.srtp && !keys_may_come(e);
	crew_flow_describe(&l->owner->group, &l->mf, (unsigned)dir, &m->d);
	engine_keys_give(l, dir);
}

void engine_describe_session(struct engine *e, struct link *l, int dir)
{
	bool turned = engine_party_known(l, dir) == 1;
	struct sdp_meaning m;

	l->a_dir = (uint8_t)dir;
	engine_dtls_name(l);
	if (!describe(e, l, dir, &m))
		describe_guess(e, l, dir, turned ? "b" : "a", &m);
	if (!describe(e, l, !dir, &m))
		describe_guess(e, l, !dir, turned ? "a" : "b", &m);
}

/* Of a call's flow that its descriptions do not name: what ICE and DTLS say. */
static void describe_call(struct engine *e, struct link *l, int dir)
{
	struct sdp_meaning m;

	if (!describe(e, l, dir, &m) && l->rtc)
		describe_guess(e, l, dir,
			       party_name(l->owner, engine_party_known(l, dir)),
			       &m);
}

void engine_describe_link(struct engine *e, struct link *l)
{
	if (!l->owner->call) {
		engine_describe_session(e, l, l->a_dir);
		return;
	}
	engine_dtls_name(l);
	describe_call(e, l, 0);
	describe_call(e, l, 1);
}

void engine_describe_owner(struct engine *e, struct owner *o)
{
	list_each(it, &o->links) engine_describe_link(
		e, container_of(it, struct link, in_owner));
}
