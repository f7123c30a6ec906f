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

static const struct call_claim *best(const struct endpoints *e,
				     const struct addr *a, uint16_t realm)
{
	const struct call_claim *at = endpoints_find(e, a, realm);
	const struct call_claim *top = at;

	for (; at; at = endpoints_next(at))
		if (better(at, top))
			top = at;
	return top;
}

/* A claim to src by the call of "to", on the other side of it. */
static const struct call_claim *partner(const struct endpoints *e,
					const struct addr *src, uint16_t realm,
					const struct call_claim *to)
{
	const struct call_claim *at = endpoints_find(e, src, realm);

	while (at && (at->call != to->call || at->side == to->side))
		at = endpoints_next(at);
	return at;
}

struct call *endpoints_match(const struct endpoints *e, const struct addr *src,
			     const struct addr *dst, uint16_t realm,
			     const struct call_claim **from,
			     const struct call_claim **to)
{
	const struct call_claim *at, *pair_to = NULL, *pair_from = NULL;

	for (at = endpoints_find(e, dst, realm); at; at = endpoints_next(at)) {
		const struct call_claim *p = partner(e, src, realm, at);

		if (p && (!pair_to || better(at, pair_to))) {
			pair_to = at;
			pair_from = p;
		}
	}
	*to = pair_to ? pair_to : best(e, dst, realm);
	*from = pair_to ? pair_from : NULL;
	if (!*to)
		*from = best(e, src, realm);
	return *to ? (*to)->call : *from ? (*from)->call : NULL;
}
