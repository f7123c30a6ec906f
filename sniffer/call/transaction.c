#include "sniffer/call/transaction.h"

#include <stdlib.h>

#include "sniffer/call/evict.h"

#define ANSWER_NS (32 * 1000000000ull) /* 64 x T1, RFC 3261 17.1.2.2 */

struct transaction {
	struct map_node node; /* by Call-ID and CSeq */
	struct list all;
	struct list age; /* in transactions.open or done */
	struct timer timer;
	struct arena *mem;
	struct transactions *owner;
	struct slice method, from_uri, to_uri, from_tag, call_id;
	struct addr src, dst;
	uint32_t cseq;
	uint16_t status;
	bool asked; /* the request was seen */
	bool written;
	uint64_t start_ns, last_ns, messages;
	int64_t rtt_us;
};

struct transactions {
	struct calls *owner;
	struct map map;
	struct list all;
	struct list open, done; /* without and with a record, oldest first */
	size_t n, done_n, bytes;
};

struct transactions *transactions_new(struct calls *owner)
{
	struct transactions *ts = calloc(1, sizeof(*ts));

	if (!ts)
		return NULL;
	ts->owner = owner;
	list_init(&ts->all);
	list_init(&ts->open);
	list_init(&ts->done);
	if (map_init(&ts->map, 256)) {
		free(ts);
		return NULL;
	}
	return ts;
}

static void release(struct transaction *t)
{
	struct transactions *ts = t->owner;

	timer_stop(ts->owner->timers, &t->timer);
	map_remove(&ts->map, &t->node);
	list_remove(&t->all);
	list_remove(&t->age);
	ts->n--;
	ts->done_n -= t->written;
	arena_free(t->mem);
}

void transactions_free(struct transactions *ts)
{
	if (!ts)
		return;
	list_each_safe(it, &ts->all)
		release(container_of(it, struct transaction, all));
	map_close(&ts->map);
	free(ts);
}

static void name_it(struct cdr *cdr, const struct transaction *t)
{
	uint8_t cseq[4] = {(uint8_t)(t->cseq >> 24), (uint8_t)(t->cseq >> 16),
			   (uint8_t)(t->cseq >> 8), (uint8_t)t->cseq};
	const struct slice part[] = {SLICE("transaction"), t->call_id,
				     t->from_tag, t->method,
				     slice_of(cseq, sizeof(cseq))};

	ulid_make(cdr->uid, t->start_ns, part, 5);
}

/* partial: what was not seen. */
static void report(struct transaction *t, const char *partial)
{
	struct calls *cs = t->owner->owner;
	struct cdr *cdr = cdr_new(CDR_TRANSACTION);
	struct cdr_transaction *out;

	t->written = true;
	t->owner->done_n++;
	list_remove(&t->age);
	list_append(&t->owner->done, &t->age);
	if (!cdr)
		return;
	name_it(cdr, t);
	cdr->last_packet = t->last_ns;
	cdr->packets = t->messages;
	cdr->partial = t->asked ? partial : "start";
	out = &cdr->transaction;
	out->method = arena_keep(cdr->mem, t->method);
	out->from_uri = arena_keep(cdr->mem, t->from_uri);
	out->to_uri = arena_keep(cdr->mem, t->to_uri);
	out->call_id = arena_keep(cdr->mem, t->call_id);
	out->src = t->src;
	out->dst = t->dst;
	out->status = t->status ? t->status : CDR_NO_U32;
	out->rtt_us = t->rtt_us;
	out->start = t->start_ns;
	cs->ops->record(cs->arg, cdr);
}

static void on_timer(struct timer *timer, uint64_t now_ns, void *arg)
{
	struct transaction *t = container_of(timer, struct transaction, timer);

	(void)now_ns;
	(void)arg;
	if (!t->written)
		report(t, NULL);
	release(t);
}

/* A device that pings keeps its Call-ID for all of them. */
static uint64_t hash_of(const struct transactions *ts, const struct sip_msg *m)
{
	const struct seed *seed = &ts->owner->seed;

	return seed_hash(seed, m->call_id.p, m->call_id.len) ^
	       3 * seed_hash(seed, &m->cseq, sizeof(m->cseq));
}

static struct transaction *find(const struct transactions *ts,
				const struct sip_msg *m)
{
	for (struct map_node *n = map_first(&ts->map, hash_of(ts, m)); n;
	     n = map_next(n)) {
		struct transaction *t =
			container_of(n, struct transaction, node);

		if (t->cseq == m->cseq &&
		    slice_eq(t->method, m->cseq_method_text) &&
		    slice_eq(t->from_tag, m->from.tag) &&
		    slice_eq(t->call_id, m->call_id))
			return t;
	}
	return NULL;
}

static struct transaction *make(struct transactions *ts,
				const struct sip_msg *m,
				const struct sip_seen *seen)
{
	struct arena *mem = arena_new(1024, 65536);
	struct transaction *t = mem ? arena_alloc(mem, sizeof(*t)) : NULL;

	if (!t) {
		arena_free(mem);
		return NULL;
	}
	t->mem = mem;
	t->owner = ts;
	t->timer.fire = on_timer;
	t->method = arena_keep(mem, m->cseq_method_text);
	t->from_uri = arena_keep(mem, m->from.uri_text);
	t->to_uri = arena_keep(mem, m->to.uri_text);
	t->from_tag = arena_keep(mem, m->from.tag);
	t->call_id = arena_keep(mem, m->call_id);
	t->asked = m->request;
	t->src = m->request ? seen->src : seen->dst;
	t->dst = m->request ? seen->dst : seen->src;
	t->cseq = m->cseq;
	t->start_ns = seen->ts_ns;
	t->rtt_us = CDR_NO_US;
	list_append(&ts->all, &t->all);
	list_append(&ts->open, &t->age);
	arena_count(mem, &ts->bytes);
	map_insert(&ts->map, &t->node, hash_of(ts, m));
	ts->n++;
	return t;
}

/* --- when there is no room ---------------------------------------------- */

static bool full(const struct transactions *ts)
{
	const struct calls_config *cfg = &ts->owner->cfg;

	return ts->n >= cfg->max_transactions ||
	       (cfg->other_bytes && ts->bytes >= cfg->other_bytes);
}

/* The oldest of those that fill the table: requests that nobody answers go
 * without a record, counted; answered ones have theirs. */
static bool one_goes(struct transactions *ts)
{
	bool done = ts->done_n > ts->n / 2;
	struct list *at = list_first(done ? &ts->done : &ts->open);

	if (!at)
		return false;
	counters_add(ts->owner->counters,
		     done ? "transaction.closed_early" : "transaction.evicted",
		     1);
	release(container_of(at, struct transaction, age));
	return true;
}

static bool room(struct transactions *ts)
{
	for (unsigned n = 0; n < EVICT_AT_ONCE && full(ts); n++)
		if (!one_goes(ts))
			break;
	if (!full(ts))
		return true;
	counters_add(ts->owner->counters, "transaction.limit", 1);
	return false;
}

void transactions_on_sip(struct transactions *ts, const struct sip_msg *m,
			 const struct sip_seen *seen)
{
	struct transaction *t = find(ts, m);

	if (!t) {
		if (!room(ts))
			return;
		t = make(ts, m, seen);
		if (!t)
			return;
		if (!timer_set(ts->owner->timers, &t->timer,
			       seen->ts_ns + ANSWER_NS)) {
			release(t);
			return;
		}
	}
	t->last_ns = seen->ts_ns;
	t->messages++;
	if (m->request || m->status < 200 || t->written)
		return;
	t->status = m->status;
	if (t->messages > 1)
		t->rtt_us = cdr_between(t->start_ns, seen->ts_ns);
	report(t, NULL);
}

void transactions_end(struct transactions *ts)
{
	list_each_safe(it, &ts->all)
	{
		struct transaction *t =
			container_of(it, struct transaction, all);

		if (!t->written)
			report(t, "end");
	}
}

size_t transactions_count(const struct transactions *ts)
{
	return ts->n;
}

size_t transactions_bytes(const struct transactions *ts)
{
	return ts->bytes;
}
