/*
 * Going on with what an earlier run left open (journal.c): its calls go
 * through their messages again, and what their media had come to is added
 * when they are over.
 */
#include <stdlib.h>

#include "sniffer/call/call_cdr.h"
#include "sniffer/call/cdr_merge.h"
#include "sniffer/engine/engine_priv.h"

/* Files that are read one after the other: so long between two packets, and
 * nothing was missed. */
#define QUIET_NS (10 * 1000000000ull)

/* What is gone through again was counted before. */
void engine_restore_begin(struct engine *e, uint64_t last_id)
{
	e->replaying = true;
	e->replay.stats = e->stats;
	e->replay.counters = e->counters;
	e->replay.decoder = e->decoder;
	e->decoder = decode_new(&e->cfg.decode, &e->cfg.seed, &e->counters);
	e->journal_ids = last_id;
	crew_replay(e->crew, true);
	crew_counters(e->crew, &e->replay.media);
}

static void at(struct engine *e, uint64_t ts_ns)
{
	if (ts_ns > e->now_ns)
		e->now_ns = ts_ns;
}

/* --- messages ------------------------------------------------------------- */

/* Names of what carries SIP live for ever. */
static const char *transport_of(const char *name)
{
	static const char *const names[] = {"udp", "tcp", "tls",
					    "ws",  "wss", "sctp"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(name, names[i]))
			return names[i];
	return "udp";
}

void engine_restore_message(struct engine *e, uint64_t id,
			    const struct sip_seen *seen, struct slice text)
{
	struct sip_seen s = *seen;
	struct sip_msg m;

	s.transport = transport_of(seen->transport);
	if (sip_parse(text, SIP_DATAGRAM, &m) != PARSE_OK)
		return;
	at(e, s.ts_ns);
	e->replay.id = id;
	e->replay.bytes = text.len;
	calls_on_sip(e->calls, &m, &s);
	e->replay.id = 0;
}

/* The first message of a call gives it the name that it had. */
void engine_restore_heard(struct engine *e, struct owner *o)
{
	bool known = o->log != NULL;
	struct owner_log *l = engine_journal_log(e, o);

	if (!l || !e->replay.id)
		return;
	if (!known)
		l->id = e->replay.id;
	if (l->id > e->journal_ids)
		e->journal_ids = l->id;
	l->bytes += e->replay.bytes;
	l->restored = true;
}

/* --- records -------------------------------------------------------------- */

static struct flow_key key_of(struct engine *e, const struct cdr_stream *s)
{
	bool turned = addr_cmp(&s->src, &s->dst) > 0;
	struct flow_key key = {.lo = turned ? s->dst : s->src,
			       .hi = turned ? s->src : s->dst,
			       .proto = PKT_UDP};

	if (e->cfg.realm == REALM_VLAN && s->vlan != CDR_NO_U32)
		key.realm = (uint16_t)s->vlan;
	return key;
}

/* Its media may go on before anything tells whose it is. */
static void link_stream(struct engine *e, struct owner *o,
			const struct cdr_stream *s)
{
	struct flow_key key = key_of(e, s);
	struct flow *f;
	struct link *l;
	int dir;

	if (s->has_turn)
		return;
	f = flow_get(e->flows, &key, e->now_ns);
	if (!f || eflow_of(f)->link)
		return;
	dir = addr_eq(flow_src(f, 0), &s->src) ? 0 : 1;
	f->last_ns = e->now_ns;
	if (o->call) {
		if (!engine_link_claimed(e, f, dir))
			engine_link_call(e, o->call, f);
		return;
	}
	l = engine_link_new(e, o, f);
	if (l)
		engine_describe_session(
			e, l,
			s->sender && !strcmp(s->sender, "b") ? !dir : dir);
}

/* Checks that go on find the exchange by its ufrags. */
static void restore_ice(struct engine *e, struct owner *o,
			const struct cdr_ice *i)
{
	struct ice_agent *a, *b;

	if (!i->a.len || !i->b.len || ice_find(&e->ice, i->a, i->b) ||
	    !engine_rtc(e, o))
		return;
	a = ice_agent_get(&e->ice, o->rtc, i->a, 0);
	b = ice_agent_get(&e->ice, o->rtc, i->b, 1);
	if (a && b)
		ice_new(&e->ice, a, b);
}

static uint64_t last_media(const struct cdr_call *c)
{
	uint64_t last_ns = 0;

	for (size_t i = 0; i < c->streams_n; i++)
		if (c->streams[i].last > last_ns)
			last_ns = c->streams[i].last;
	return last_ns;
}

/* Its end was seen: what is missing behind it is no gap. */
static bool ended(const struct call *c)
{
	return c->bye_ns ||
	       (!call_was_up(c) && (c->last_final || c->cancelled));
}

static void take_record(struct engine *e, struct owner *o, struct cdr *cdr)
{
	struct owner_log *l = o->log;

	memcpy(o->uid, cdr->uid, sizeof(o->uid));
	if (o->call) {
		memcpy(o->call->uid, cdr->uid, sizeof(o->call->uid));
		l->over = ended(o->call);
	}
	l->before = cdr;
	l->before_ns = last_media(&cdr->call);
	at(e, cdr->last_packet);
	for (size_t i = 0; i < cdr->call.ice_n; i++)
		restore_ice(e, o, &cdr->call.ice[i]);
	for (size_t i = 0; i < cdr->call.streams_n; i++)
		link_stream(e, o, &cdr->call.streams[i]);
	crew_group_adopt(&o->group, o->uid);
}

/* Its messages cannot be read: what is known of it is its record. */
static void alone(struct engine *e, struct cdr *cdr)
{
	cdr->call.state = "interrupted";
	cdr->partial = "end";
	cdr_conclude(cdr);
	engine_record(e, cdr);
}

static struct owner *session_of(struct engine *e, uint64_t id,
				const struct cdr *cdr)
{
	struct owner *o = engine_owner_new(e, NULL);

	if (!o)
		return NULL;
	at(e, cdr->last_packet);
	o->session = true;
	list_remove(&o->age);
	o->first_ns = cdr->call.start;
	e->pending--;
	e->sessions++;
	memcpy(o->uid, cdr->uid, sizeof(o->uid));
	crew_group_keep(&o->group, o->uid);
	e->replay.id = id;
	engine_restore_heard(e, o);
	e->replay.id = 0;
	/* If none of its flows comes to life again it is over. */
	engine_owner_wait(e, o);
	return o;
}

static struct owner *call_of(struct engine *e, uint64_t id,
			     const struct cdr *cdr)
{
	struct call *c = calls_find(e->calls, cdr->call.call_id);
	struct owner *o = c ? c->media : NULL;

	return o && o->log && o->log->id == id ? o : NULL;
}

void engine_restore_record(struct engine *e, uint64_t id, struct cdr *cdr)
{
	struct owner *o = cdr->kind == CDR_CALL ? call_of(e, id, cdr)
						: session_of(e, id, cdr);

	if (o && o->log && !o->log->before)
		take_record(e, o, cdr);
	else
		alone(e, cdr);
}

void engine_restore_buried(struct engine *e, const struct calls_buried *b)
{
	calls_bury(e->calls, b);
}

struct unrecorded {
	void (*f)(void *arg, const char *uid);
	void *arg;
};

static void unrecorded(void *arg, struct call *c)
{
	const struct unrecorded *u = arg;
	struct owner *o = c->media;

	if (!o || !o->log || o->log->before)
		return;
	o->log->over = ended(c);
	u->f(u->arg, o->uid);
	crew_group_adopt(&o->group, o->uid);
}

void engine_restore_unrecorded(struct engine *e,
			       void (*f)(void *arg, const char *uid), void *arg)
{
	struct unrecorded u = {f, arg};

	calls_each(e->calls, unrecorded, &u);
}

/* --- packets -------------------------------------------------------------- */

void engine_restore_frames(struct engine *e, const struct frame *frames,
			   size_t n)
{
	for (size_t i = 0; i < n && e->decoder; i++) {
		engine_batch_add(e, &frames[i]);
		engine_batch_run(e);
	}
}

/* Signalling has been gone through already. */
void engine_restore_take(struct engine *e, const struct ahead *a)
{
	struct flow *f;

	if (a->result != DECODE_PACKET || a->pkt.proto != PKT_UDP ||
	    a->pkt.message)
		return;
	f = flow_get_hashed(e->flows, &a->key, a->hash, e->now_ns);
	if (f)
		engine_media_udp(e, f, a->dir, &a->pkt);
}

/* --- the end of it -------------------------------------------------------- */

static void settle(struct owner *o, bool session)
{
	struct owner_log *l = o->log;

	if (!l || !l->restored)
		return;
	l->since_ns = crew_group_last_ns(&o->group);
	l->heard = false;
	if (session)
		l->over = false;
}

static void settle_call(void *arg, struct call *c)
{
	(void)arg;
	if (c->media)
		settle(c->media, false);
}

void engine_restore_end(struct engine *e, uint64_t last_ns, bool gap)
{
	calls_each(e->calls, settle_call, e);
	list_each(it, &e->owners)
		settle(container_of(it, struct owner, all), true);
	at(e, last_ns);
	crew_replay(e->crew, false);
	decode_free(e->decoder);
	e->decoder = e->replay.decoder;
	e->stats = e->replay.stats;
	e->counters = e->replay.counters;
	if (crew_workers(e->crew))
		crew_counters_set(e->crew, &e->replay.media);
	e->restored_ns = last_ns;
	e->gap = gap;
	e->replaying = false;
}

/* --- the record ----------------------------------------------------------- */

static bool missed(const struct engine *e)
{
	return e->gap || e->stats.first_ns > e->restored_ns + QUIET_NS;
}

static bool seen_again(const struct owner *o)
{
	return o->log->heard ||
	       crew_group_last_ns(&o->group) > o->log->since_ns;
}

/* Nothing told how it ended: since nobody looked, or because nothing came. */
static bool open_ended(const char *state)
{
	return state &&
	       (!strcmp(state, "expired") || !strcmp(state, "unanswered"));
}

void engine_restored_look(const struct engine *e, struct owner *o)
{
	struct owner_log *l = o->log;

	if (!l || !l->restored || l->over)
		return;
	l->missed = missed(e);
	l->unseen = !seen_again(o);
}

uint64_t engine_restored_media_ns(const struct owner *o)
{
	return o->log ? o->log->before_ns : 0;
}

void engine_restored_merge(struct owner *o, struct cdr *cdr)
{
	struct cdr *before = o->log ? o->log->before : NULL;

	if (!before)
		return;
	o->log->before = NULL;
	cdr_merge_take(cdr, before);
}

void engine_restored_state(const struct owner *o, struct cdr *cdr)
{
	struct cdr_call *c = &cdr->call;

	if (!o->log || !o->log->missed)
		return;
	if (!o->log->unseen) {
		if (!cdr->partial)
			cdr->partial = "gap";
	} else if (open_ended(c->state)) {
		c->state = "interrupted";
		cdr->partial = cdr->partial && !strcmp(cdr->partial, "start")
				       ? "both"
				       : "end";
	}
}
