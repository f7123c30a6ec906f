#include "sniffer/call/calls.h"

#include <stdlib.h>

#include "sniffer/call/evict.h"
#include "sniffer/call/flood.h"
#include "sniffer/call/legs.h"
#include "sniffer/call/offer_answer.h"
#include "sniffer/call/register.h"
#include "sniffer/call/transaction.h"

#define CLAIMS_PER_CALL 32
#define TOMB_NS		(64 * 1000000000ull) /* late repetitions */
#define TOMBS_MAX	100000		     /* of each kind */
#define TOMBS_BYTES	(32u << 20)

/* The Call-ID of a call that was reported: what still comes of it is no new
 * call. */
struct tomb {
	struct map_node node;
	struct list all;
	uint64_t until_ns, from_tag;
	uint32_t cseq;
	size_t len;
	bool was_up;
	uint8_t call_id[];
};

struct calls *calls_new(const struct calls_config *cfg, struct seed seed,
			const struct calls_ops *ops, void *arg,
			struct timers *timers, struct counters *counters)
{
	struct calls *cs = calloc(1, sizeof(*cs));

	if (!cs)
		return NULL;
	*cs = (struct calls){.cfg = *cfg,
			     .ops = ops,
			     .arg = arg,
			     .timers = timers,
			     .counters = counters,
			     .seed = seed};
	list_init(&cs->all);
	list_init(&cs->floods);
	for (int i = 0; i < 2; i++)
		list_init(&cs->tombs[i].oldest);
	for (int i = 0; i < CALL_ALIVE; i++)
		list_init(&cs->spare[i].oldest);
	cs->sdp = malloc(sizeof(*cs->sdp));
	cs->registrations = registrations_new(cs);
	cs->transactions = transactions_new(cs);
	cs->legs = legs_new(cs);
	if (map_init(&cs->by_id, 1024) || map_init(&cs->tombs_by_id, 1024) ||
	    hosts_init(&cs->hosts, seed) ||
	    endpoints_init(&cs->endpoints, seed,
			   cfg->max_calls * CLAIMS_PER_CALL) ||
	    !cs->sdp || !cs->registrations || !cs->transactions || !cs->legs) {
		calls_free(cs);
		return NULL;
	}
	return cs;
}

static void tomb_free(struct calls *cs, struct tomb *t)
{
	map_remove(&cs->tombs_by_id, &t->node);
	list_remove(&t->all);
	cs->tombs[t->was_up].n--;
	cs->tombs_bytes -= sizeof(*t) + t->len;
	free(t);
}

static void forget(struct calls *cs, struct call *c)
{
	timer_stop(cs->timers, &c->timer);
	for (struct call_claim *e = c->claims; e; e = e->next)
		endpoints_remove(&cs->endpoints, e);
	legs_leave(cs->legs, c);
	evict_leave(cs, c);
	map_remove(&cs->by_id, &c->node);
	list_remove(&c->all);
	cs->open--;
	call_free(c);
}

void calls_free(struct calls *cs)
{
	if (!cs)
		return;
	list_each_safe(it, &cs->all)
		forget(cs, container_of(it, struct call, all));
	for (int i = 0; i < 2; i++)
		list_each_safe(it, &cs->tombs[i].oldest)
			tomb_free(cs, container_of(it, struct tomb, all));
	floods_free(cs);
	hosts_close(&cs->hosts);
	transactions_free(cs->transactions);
	registrations_free(cs->registrations);
	legs_free(cs->legs);
	endpoints_close(&cs->endpoints);
	map_close(&cs->tombs_by_id);
	map_close(&cs->by_id);
	free(cs->sdp);
	free(cs);
}

const struct endpoints *calls_endpoints(const struct calls *cs)
{
	return &cs->endpoints;
}

size_t calls_open(const struct calls *cs)
{
	return cs->open;
}

struct calls_others calls_others(const struct calls *cs)
{
	return (struct calls_others){
		.registrations = registrations_count(cs->registrations),
		.transactions = transactions_count(cs->transactions),
		.buried = cs->tombs[0].n + cs->tombs[1].n,
		.hosts = cs->hosts.map.count,
	};
}

struct calls_memory calls_memory(const struct calls *cs)
{
	return (struct calls_memory){
		cs->bytes, cs->tombs_bytes +
				   registrations_bytes(cs->registrations) +
				   transactions_bytes(cs->transactions)};
}

const struct call *calls_before(const struct calls *cs, const struct call *c)
{
	const struct list *at = c ? c->all.prev : cs->all.prev;

	return at == &cs->all ? NULL : container_of(at, struct call, all);
}

void calls_each(struct calls *cs, void (*f)(void *arg, struct call *c),
		void *arg)
{
	list_each(it, &cs->all) f(arg, container_of(it, struct call, all));
}

/* --- looking up -------------------------------------------------------- */

static uint64_t hash_id(const struct calls *cs, struct slice call_id)
{
	return seed_hash(&cs->seed, call_id.p, call_id.len);
}

struct call *calls_find(const struct calls *cs, struct slice call_id)
{
	for (struct map_node *n = map_first(&cs->by_id, hash_id(cs, call_id));
	     n; n = map_next(n)) {
		struct call *c = container_of(n, struct call, node);

		if (slice_eq(c->call_id, call_id))
			return c;
	}
	return NULL;
}

static struct tomb *find_tomb(const struct calls *cs, struct slice call_id)
{
	uint64_t hash = hash_id(cs, call_id);

	for (struct map_node *n = map_first(&cs->tombs_by_id, hash); n;
	     n = map_next(n)) {
		struct tomb *t = container_of(n, struct tomb, node);

		if (slice_eq(slice_of(t->call_id, t->len), call_id))
			return t;
	}
	return NULL;
}

static bool initial_invite(const struct sip_msg *m)
{
	return m->request && m->method == SIP_INVITE && !m->to.tag.len;
}

static bool late(const struct tomb *t, const struct calls *cs,
		 const struct sip_msg *m)
{
	if (!initial_invite(m))
		return true;
	return t->cseq >= m->cseq && t->from_tag == hash_id(cs, m->from.tag);
}

/* --- the end of a call ------------------------------------------------- */

struct calls_buried calls_epitaph(const struct call *c, uint64_t now_ns)
{
	struct calls_buried b = {.call_id = c->call_id,
				 .from_tag = c->caller.tag,
				 .until_ns = now_ns + TOMB_NS,
				 .was_up = call_was_up(c)};

	for (const struct call_invite *i = c->invites; i; i = i->next)
		if (i->by == CALL_CALLER && i->cseq > b.cseq)
			b.cseq = i->cseq;
	return b;
}

void calls_bury(struct calls *cs, const struct calls_buried *b)
{
	struct tomb *t = calloc(1, sizeof(*t) + b->call_id.len);

	if (!t)
		return;
	t->until_ns = b->until_ns;
	t->from_tag = hash_id(cs, b->from_tag);
	t->cseq = b->cseq;
	t->len = b->call_id.len;
	memcpy(t->call_id, b->call_id.p, t->len);
	t->was_up = b->was_up;
	map_insert(&cs->tombs_by_id, &t->node, hash_id(cs, b->call_id));
	list_append(&cs->tombs[t->was_up].oldest, &t->all);
	cs->tombs[t->was_up].n++;
	cs->tombs_bytes += sizeof(*t) + t->len;
}

static bool too_many(const struct calls *cs, const struct tombs *ts)
{
	size_t most = cs->cfg.buried_bytes ? cs->cfg.buried_bytes : TOMBS_BYTES;
	size_t n = cs->tombs[0].n > cs->tombs[1].n ? cs->tombs[0].n
						   : cs->tombs[1].n;

	return ts->n > TOMBS_MAX || (cs->tombs_bytes > most && ts->n == n);
}

static void purge_kind(struct calls *cs, struct tombs *ts, uint64_t now_ns)
{
	struct list *first;

	while ((first = list_first(&ts->oldest))) {
		struct tomb *t = container_of(first, struct tomb, all);

		if (t->until_ns > now_ns) {
			if (!too_many(cs, ts))
				break;
			counters_add(cs->counters, "call.buried_limit", 1);
		}
		tomb_free(cs, t);
	}
}

static void purge_tombs(struct calls *cs, uint64_t now_ns)
{
	purge_kind(cs, &cs->tombs[0], now_ns);
	purge_kind(cs, &cs->tombs[1], now_ns);
}

static void end_call(struct calls *cs, struct call *c, uint64_t now_ns)
{
	struct calls_buried b = calls_epitaph(c, now_ns);

	cs->ops->over(cs->arg, c);
	calls_bury(cs, &b);
	purge_tombs(cs, now_ns);
	forget(cs, c);
}

void calls_close_early(struct calls *cs, struct call *c, uint64_t now_ns)
{
	counters_add(cs->counters, "call.closed_early", 1);
	end_call(cs, c, now_ns);
}

/* It is not buried: an answer that comes after all makes a call, which begins
 * with it. */
struct cdr *calls_give_up(struct calls *cs, struct call *c, bool wanted)
{
	struct cdr *cdr = cs->ops->given_up(cs->arg, c, wanted);

	forget(cs, c);
	return cdr;
}

static uint64_t deadline(const struct calls *cs, struct call *c)
{
	return call_deadline(c, cs->ops->last_media(cs->arg, c));
}

/* Media may begin and stop without a message: an answered call is looked at
 * before its own deadline too. */
static bool arm(struct calls *cs, struct call *c, uint64_t now_ns)
{
	uint64_t at = deadline(cs, c);
	uint64_t look = now_ns + cs->cfg.media_silence_ns;

	if (!c->bye_ns && call_was_up(c) && look < at)
		at = look;
	return timer_set(cs->timers, &c->timer, at);
}

static void on_timer(struct timer *t, uint64_t now_ns, void *arg)
{
	struct call *c = container_of(t, struct call, timer);
	struct calls *cs = c->owner;

	(void)arg;
	if (deadline(cs, c) <= now_ns || !arm(cs, c, now_ns))
		end_call(cs, c, now_ns);
}

/* --- messages ---------------------------------------------------------- */

static struct call *begin(struct calls *cs, const struct sip_msg *m,
			  const struct sip_seen *seen)
{
	struct call *c;

	if (!evict_for(cs, m, seen))
		return NULL;
	c = call_new(cs, m, seen, cs->cfg.sensor);
	if (!c) {
		counters_add(cs->counters, "call.no_memory", 1);
		return NULL;
	}
	c->timer.fire = on_timer;
	map_insert(&cs->by_id, &c->node, hash_id(cs, m->call_id));
	list_append(&cs->all, &c->all);
	arena_count(c->mem, &cs->bytes);
	cs->open++;
	evict_enter(cs, c, m, seen);
	return c;
}

static void in_call(struct calls *cs, struct call *c, const struct sip_msg *m,
		    const struct sip_seen *seen)
{
	bool fresh = call_on_sip(c, m, seen);

	evict_look(cs, c, m);
	legs_on_sip(cs->legs, c, m);
	cs->ops->message(cs->arg, c);
	if (offer_answer_on_sip(c, m, seen, call_sender(c, m), fresh, cs->sdp))
		cs->ops->claimed(cs->arg, c);
	if (!arm(cs, c, seen->ts_ns))
		end_call(cs, c, seen->ts_ns);
}

/* INVITE and what answers it make a call; so does the BYE of one that was up
 * before the capture began. */
static bool makes_call(const struct sip_msg *m)
{
	if (m->request)
		return m->method == SIP_INVITE ||
		       (m->method == SIP_BYE && m->from.tag.len &&
			m->to.tag.len);
	return m->cseq_method == SIP_INVITE;
}

/* Belongs to a call, but to none that is known: no record of its own. */
static bool stray(const struct sip_msg *m)
{
	enum sip_method method = m->request ? m->method : m->cseq_method;

	return method == SIP_ACK || method == SIP_BYE || method == SIP_CANCEL ||
	       method == SIP_PRACK;
}

static void without_call(struct calls *cs, const struct sip_msg *m,
			 const struct sip_seen *seen)
{
	struct tomb *t = find_tomb(cs, m->call_id);
	struct call *c;

	if (t && t->until_ns > seen->ts_ns && (makes_call(m) || stray(m)) &&
	    late(t, cs, m)) {
		counters_add(cs->counters, "call.late_message", 1);
	} else if (makes_call(m)) {
		c = begin(cs, m, seen);
		if (c)
			in_call(cs, c, m, seen);
	} else if (stray(m)) {
		counters_add(cs->counters, "sip.stray", 1);
	} else {
		transactions_on_sip(cs->transactions, m, seen);
	}
}

void calls_on_sip(struct calls *cs, const struct sip_msg *m,
		  const struct sip_seen *seen)
{
	struct call *c = calls_find(cs, m->call_id);
	enum sip_method method = m->request ? m->method : m->cseq_method;

	if (method == SIP_REGISTER) {
		registrations_on_sip(cs->registrations, m, seen);
		return;
	}
	if (c && c->bye_ns && initial_invite(m) &&
	    !slice_eq(c->caller.tag, m->from.tag)) {
		end_call(cs, c, seen->ts_ns);
		c = NULL;
	}
	if (c)
		in_call(cs, c, m, seen);
	else
		without_call(cs, m, seen);
}

void calls_end(struct calls *cs, uint64_t now_ns)
{
	list_each_safe(it, &cs->all)
	{
		struct call *c = container_of(it, struct call, all);

		c->input_ended = true;
		end_call(cs, c, now_ns);
	}
	floods_end(cs);
	registrations_end(cs->registrations);
	transactions_end(cs->transactions);
}
