#include "sniffer/call/endpoint.h"

#include <errno.h>

int endpoints_init(struct endpoints *e, struct seed seed, size_t limit)
{
	*e = (struct endpoints){.seed = seed, .limit = limit};
	return map_init(&e->map, 1024);
}

void endpoints_close(struct endpoints *e)
{
	map_close(&e->map);
}

static uint64_t key_hash(const struct endpoints *e, const struct addr *a,
			 uint16_t realm)
{
	uint8_t key[sizeof(*a) + sizeof(realm)];

	memcpy(key, a, sizeof(*a));
	memcpy(key + sizeof(*a), &realm, sizeof(realm));
	return seed_hash(&e->seed, key, sizeof(key));
}

bool endpoints_add(struct endpoints *e, struct call_claim *c)
{
	if (e->limit && e->map.count >= e->limit)
		return false;
	map_insert(&e->map, &c->node, key_hash(e, &c->addr, c->realm));
	return true;
}

void endpoints_remove(struct endpoints *e, struct call_claim *c)
{
	map_remove(&e->map, &c->node);
}

static struct call_claim *same(struct map_node *n, const struct addr *a,
			       uint16_t realm)
{
	for (; n; n = map_next(n)) {
		struct call_claim *c = container_of(n, struct call_claim, node);

		if (c->realm == realm && addr_eq(&c->addr, a))
			return c;
	}
	return NULL;
}

struct call_claim *endpoints_find(const struct endpoints *e,
				  const struct addr *a, uint16_t realm)
{
	return same(map_first(&e->map, key_hash(e, a, realm)), a, realm);
}

struct call_claim *endpoints_next(const struct call_claim *c)
{
	return same(map_next(&c->node), &c->addr, c->realm);
}

/* Ports are reused within seconds: a call that goes on wins over one that
 * was hung up, then the newer claim. */
static bool better(const struct call_claim *a, const struct call_claim *b)
{
	bool a_ended = a->call->bye_ns != 0, b_ended = b->call->bye_ns != 0;

	return a_ended != b_ended ? b_ended : a->since_ns > b->since_ns;
}

/* A candidate proves nothing without its counterpart: private addresses are
 * everywhere the same. */
static const struct call_claim *best(const struct endpoints *e,
				     const struct addr *a, uint16_t realm)
{
	const struct call_claim *at = endpoints_find(e, a, realm);
	const struct call_claim *top = NULL;

	for (unsigned n = ENDPOINT_SHARERS; at && n;
	     at = endpoints_next(at), n--)
		if (!at->candidate && (!top || better(at, top)))
			top = at;
	return top;
}

static bool shorter(const struct call_claim *a, const struct call_claim *b)
{
	for (unsigned n = ENDPOINT_SHARERS; a && b && n; n--) {
		a = endpoints_next(a);
		b = endpoints_next(b);
	}
	return !a && b;
}

/* The claim of k's call to a, on the other side of it. */
static const struct call_claim *partner(const struct call_claim *k,
					const struct addr *a, uint16_t realm)
{
	const struct call_claim *p = k->call->claims;

	while (p && !(p->side != k->side && p->realm == realm &&
		      addr_eq(&p->addr, a)))
		p = p->next;
	return p;
}

/* The end that fewer calls share leads to the pair: a relay may have one
 * port for all its calls. */
static void find_pair(const struct endpoints *e, const struct addr *src,
		      const struct addr *dst, uint16_t realm,
		      const struct call_claim **from,
		      const struct call_claim **to)
{
	const struct call_claim *s = endpoints_find(e, src, realm);
	const struct call_claim *d = endpoints_find(e, dst, realm);
	bool by_src = shorter(s, d);
	const struct call_claim *at = by_src ? s : d;

	*from = *to = NULL;
	if (!s || !d)
		return;
	for (unsigned n = ENDPOINT_SHARERS; at && n;
	     at = endpoints_next(at), n--) {
		const struct call_claim *p =
			partner(at, by_src ? dst : src, realm);
		const struct call_claim *t = by_src ? p : at;

		if (p && (!*to || better(t, *to))) {
			*to = t;
			*from = by_src ? at : p;
		}
	}
}

struct call *endpoints_match(const struct endpoints *e, const struct addr *src,
			     const struct addr *dst, uint16_t realm,
			     const struct call_claim **from,
			     const struct call_claim **to)
{
	find_pair(e, src, dst, realm, from, to);
	if (!*to)
		*to = best(e, dst, realm);
	if (!*to)
		*from = best(e, src, realm);
	return *to ? (*to)->call : *from ? (*from)->call : NULL;
}
