#include "sniffer/call/nat.h"

#include <stdlib.h>

/* A binding that was silent for longer may have been given up: what is seen
 * later is another one (RFC 4787, REQ-5, is seldom kept). */
#define BINDING_NS (30 * 1000000000ull)

int nat_table_init(struct nat_table *t, struct seed seed, size_t limit,
		   struct counters *counters)
{
	*t = (struct nat_table){
		.seed = seed, .limit = limit, .counters = counters};
	list_init(&t->all);
	return map_init(&t->map, 64);
}

static void drop(struct nat_table *t, struct nat_client *c)
{
	map_remove(&t->map, &c->node);
	list_remove(&c->all);
	t->count--;
	free(c);
}

void nat_table_close(struct nat_table *t)
{
	list_each_safe(it, &t->all)
		drop(t, container_of(it, struct nat_client, all));
	map_close(&t->map);
}

static uint64_t hash_of(const struct nat_table *t, const struct addr *a)
{
	return seed_hash(&t->seed, a, sizeof(*a));
}

static struct nat_client *find(const struct nat_table *t, const struct addr *a)
{
	struct map_node *n = map_first(&t->map, hash_of(t, a));

	for (; n; n = map_next(n)) {
		struct nat_client *c = container_of(n, struct nat_client, node);

		if (addr_eq(&c->inner, a))
			return c;
	}
	return NULL;
}

const struct nat_client *nat_find(const struct nat_table *t,
				  const struct addr *inner)
{
	return t->count ? find(t, inner) : NULL;
}

static struct nat_client *get(struct nat_table *t, const struct addr *inner)
{
	struct nat_client *c = find(t, inner);

	if (c)
		return c;
	if (t->count >= t->limit && t->count) {
		drop(t,
		     container_of(list_first(&t->all), struct nat_client, all));
		counters_add(t->counters, "nat.limit", 1);
	}
	c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->inner = *inner;
	list_init(&c->all);
	map_insert(&t->map, &c->node, hash_of(t, inner));
	t->count++;
	return c;
}

static uint64_t latest(const struct nat_client *c)
{
	uint64_t ns = 0;

	for (unsigned i = 0; i < c->n; i++)
		if (c->seen[i].ts_ns > ns)
			ns = c->seen[i].ts_ns;
	return ns;
}

void nat_client_seen(struct nat_client *c, const struct addr *remote,
		     const struct addr *mapped, uint64_t ts_ns)
{
	unsigned i = 0;

	if (c->n && ts_ns > latest(c) + BINDING_NS)
		c->n = 0;
	while (i < c->n && !addr_eq(&c->seen[i].remote, remote))
		i++;
	if (i == NAT_SEEN)
		return;
	if (i == c->n)
		c->n++;
	c->seen[i] = (struct nat_seen){*remote, *mapped, ts_ns};
}

void nat_seen(struct nat_table *t, const struct addr *inner,
	      const struct addr *remote, const struct addr *mapped,
	      uint64_t ts_ns)
{
	struct nat_client *c = get(t, inner);

	if (!c)
		return;
	nat_client_seen(c, remote, mapped, ts_ns);
	list_remove(&c->all);
	list_append(&t->all, &c->all);
}

/* --- the class --------------------------------------------------------- */

/* Pairs of observations, by whether the remotes share the IP and whether the
 * mapped addresses are the same. */
struct evidence {
	unsigned same_ip_same, same_ip_other, other_ip_same, other_ip_other;
	unsigned ips, plain_ips;
};

/* No NAT on the way to that remote: it says nothing of one elsewhere. */
static bool plain(const struct nat_client *c, unsigned i)
{
	return addr_eq(&c->seen[i].mapped, &c->inner);
}

static bool first_of_ip(const struct nat_client *c, unsigned i)
{
	for (unsigned j = 0; j < i; j++)
		if (plain(c, i) == plain(c, j) &&
		    addr_ip_eq(&c->seen[j].remote, &c->seen[i].remote))
			return false;
	return true;
}

static struct evidence weigh(const struct nat_client *c)
{
	struct evidence e = {0};

	for (unsigned i = 0; i < c->n; i++) {
		const struct nat_seen *x = &c->seen[i];

		if (plain(c, i)) {
			e.plain_ips += first_of_ip(c, i);
			continue;
		}
		e.ips += first_of_ip(c, i);
		for (unsigned j = 0; j < i; j++) {
			const struct nat_seen *y = &c->seen[j];
			bool ip = addr_ip_eq(&x->remote, &y->remote);
			bool same = addr_eq(&x->mapped, &y->mapped);

			if (plain(c, j))
				continue;
			e.same_ip_same += ip && same;
			e.same_ip_other += ip && !same;
			e.other_ip_same += !ip && same;
			e.other_ip_other += !ip && !same;
		}
	}
	return e;
}

static const char *class_of(const struct evidence *e)
{
	if (!e->ips)
		return "none";
	if (e->same_ip_other)
		return "apdm";
	if (e->other_ip_other)
		return e->same_ip_same ? "adm" : "adm-or-apdm";
	if (e->other_ip_same)
		return "eim";
	return e->same_ip_same ? "eim-or-adm" : "unknown";
}

/* Two remotes make it likely, three sure; a contradiction weak. */
static const char *confidence(const struct evidence *e, const char *class)
{
	bool torn = e->other_ip_same && (e->other_ip_other || e->same_ip_other);

	if (torn || !strcmp(class, "unknown"))
		return "weak";
	if (!strcmp(class, "none"))
		return "sure";
	return e->ips >= 3 || e->same_ip_other >= 2 ? "sure" : "likely";
}

bool nat_result(const struct nat_client *c, struct cdr_nat *out)
{
	struct evidence e;

	if (!c || !c->n)
		return false;
	e = weigh(c);
	*out = (struct cdr_nat){
		.addr = c->inner,
		.class = class_of(&e),
		.remotes = e.ips ? e.ips : e.plain_ips,
		.mapped = c->seen[c->n - 1].mapped,
	};
	out->confidence = confidence(&e, out->class);
	return true;
}
