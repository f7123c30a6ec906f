/* ICE, DTLS, TURN and NAT of both parts. */
#include "sniffer/call/cdr_merge.h"

static bool same_name(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

struct rows {
	void *v;
	size_t n;
};

/* Rows of both, the earlier ones first; of two that are the same add() makes
 * one. */
static struct rows
unite(struct arena *mem, struct rows now, struct rows before, size_t size,
      bool (*same)(const void *now, const void *before),
      void (*add)(void *now, const void *before, struct arena *mem))
{
	char *v, *end;

	if (!before.n)
		return now;
	v = arena_alloc(mem, (now.n + before.n) * size);
	if (!v)
		return now;
	end = v;
	for (size_t i = 0; i < before.n; i++, end += size)
		memcpy(end, (char *)before.v + i * size, size);
	for (size_t i = 0; i < now.n; i++) {
		char *row = (char *)now.v + i * size, *at = v;

		while (at < v + before.n * size && !same(row, at))
			at += size;
		if (at == v + before.n * size) {
			memcpy(end, row, size);
			end += size;
			continue;
		}
		if (add)
			add(row, at, mem);
		memcpy(at, row, size);
	}
	return (struct rows){v, (size_t)(end - v) / size};
}

static bool same_candidate(const void *now, const void *before)
{
	const struct cdr_ice_candidate *a = now, *b = before;

	return same_name(a->side, b->side) && slice_eq(a->addr, b->addr) &&
	       a->component == b->component &&
	       slice_eq(a->transport, b->transport) &&
	       same_name(a->type, b->type);
}

static bool same_pair(const void *now, const void *before)
{
	const struct cdr_ice_pair *a = now, *b = before;

	return addr_eq(&a->local, &b->local) && addr_eq(&a->remote, &b->remote);
}

static void add_checks(struct cdr_ice_checks *c, const struct cdr_ice_checks *b)
{
	uint64_t n = c->responses + b->responses;

	if (!isfinite(c->rtt_ms_mean))
		c->rtt_ms_mean = b->rtt_ms_mean;
	else if (isfinite(b->rtt_ms_mean) && n)
		c->rtt_ms_mean = (c->rtt_ms_mean * (double)c->responses +
				  b->rtt_ms_mean * (double)b->responses) /
				 (double)n;
	c->requests += b->requests;
	c->responses = n;
	c->errors += b->errors;
	c->retransmissions += b->retransmissions;
}

/* How much a state tells. */
static int rank(const char *state)
{
	static const char *const states[] = {
		"not-tried", "unknown", "in-progress", "failed", "succeeded"};

	for (size_t i = 0; state && i < sizeof(states) / sizeof(states[0]); i++)
		if (!strcmp(state, states[i]))
			return (int)i;
	return -1;
}

static void add_pair(void *now, const void *before, struct arena *mem)
{
	struct cdr_ice_pair *p = now;
	const struct cdr_ice_pair *b = before;

	(void)mem;
	if (rank(b->state) > rank(p->state)) {
		p->state = b->state;
		p->reason = b->reason;
	}
	p->nominated |= b->nominated;
	p->selected |= b->selected;
	p->consent_lost |= b->consent_lost;
	add_checks(&p->ab, &b->ab);
	add_checks(&p->ba, &b->ba);
	if (b->first && (!p->first || b->first < p->first))
		p->first = b->first;
	if (b->last > p->last)
		p->last = b->last;
}

static bool same_ice(const void *now, const void *before)
{
	const struct cdr_ice *a = now, *b = before;

	return slice_eq(a->a, b->a) && slice_eq(a->b, b->b);
}

static void add_ice(void *now, const void *before, struct arena *mem)
{
	struct cdr_ice *i = now;
	const struct cdr_ice *b = before;
	struct rows r;

	r = unite(mem, (struct rows){i->candidates, i->candidates_n},
		  (struct rows){b->candidates, b->candidates_n},
		  sizeof(*i->candidates), same_candidate, NULL);
	i->candidates = r.v;
	i->candidates_n = r.n;
	r = unite(mem, (struct rows){i->pairs, i->pairs_n},
		  (struct rows){b->pairs, b->pairs_n}, sizeof(*i->pairs),
		  same_pair, add_pair);
	i->pairs = r.v;
	i->pairs_n = r.n;
	i->generation = b->generation;
	if (!i->controlling)
		i->controlling = b->controlling;
	if (!i->nomination)
		i->nomination = b->nomination;
	i->role_conflicts += b->role_conflicts;
	if (same_name(i->result, "unknown") ||
	    same_name(b->result, "connected"))
		i->result = b->result;
	if (b->connect_us != CDR_NO_US)
		i->connect_us = b->connect_us;
	if (b->started && (!i->started || b->started < i->started))
		i->started = b->started;
}

static bool same_dtls(const void *now, const void *before)
{
	const struct cdr_dtls *a = now, *b = before;

	return addr_eq(&a->client, &b->client) &&
	       addr_eq(&a->server, &b->server) &&
	       (a->started == b->started || !a->started || !b->started);
}

/* The part that saw the handshake tells. */
static void add_dtls(void *now, const void *before, struct arena *mem)
{
	struct cdr_dtls *d = now;
	const struct cdr_dtls *b = before;
	struct slice alert = d->alert.p ? d->alert : b->alert;
	uint64_t again = d->retransmissions;

	(void)mem;
	if (d->finished)
		return;
	*d = *b;
	d->alert = alert;
	d->retransmissions += again;
}

static bool same_turn(const void *now, const void *before)
{
	const struct cdr_turn *a = now, *b = before;

	return addr_eq(&a->client, &b->client) &&
	       addr_eq(&a->server, &b->server) &&
	       addr_eq(&a->relayed, &b->relayed);
}

static void add_turn(void *now, const void *before, struct arena *mem)
{
	struct cdr_turn *t = now;
	const struct cdr_turn *b = before;

	(void)mem;
	if (b->created && (!t->created || b->created < t->created))
		t->created = b->created;
	if (!t->closed)
		t->closed = b->closed;
	t->bytes_up += b->bytes_up;
	t->bytes_down += b->bytes_down;
	t->packets_up += b->packets_up;
	t->packets_down += b->packets_down;
}

static bool same_nat(const void *now, const void *before)
{
	const struct cdr_nat *a = now, *b = before;

	return addr_eq(&a->addr, &b->addr);
}

void cdr_merge_rtc(struct cdr *cdr, const struct cdr_call *b)
{
	struct cdr_call *c = &cdr->call;
	struct rows r;

	r = unite(cdr->mem, (struct rows){c->ice, c->ice_n},
		  (struct rows){b->ice, b->ice_n}, sizeof(*c->ice), same_ice,
		  add_ice);
	c->ice = r.v;
	c->ice_n = r.n;
	r = unite(cdr->mem, (struct rows){c->dtls, c->dtls_n},
		  (struct rows){b->dtls, b->dtls_n}, sizeof(*c->dtls),
		  same_dtls, add_dtls);
	c->dtls = r.v;
	c->dtls_n = r.n;
	r = unite(cdr->mem, (struct rows){c->turn, c->turn_n},
		  (struct rows){b->turn, b->turn_n}, sizeof(*c->turn),
		  same_turn, add_turn);
	c->turn = r.v;
	c->turn_n = r.n;
	r = unite(cdr->mem, (struct rows){c->nat, c->nat_n},
		  (struct rows){b->nat, b->nat_n}, sizeof(*c->nat), same_nat,
		  NULL);
	c->nat = r.v;
	c->nat_n = r.n;
}
