/*
 * An intrusive hash table with a seeded hash (SipHash-1-3), so that nobody
 * outside can choose collisions. The elements belong to the caller; only the
 * bucket array belongs to the map. Nothing may depend on its order.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "sniffer/base/slice.h"

struct map_node {
	struct map_node *next;
	struct map_node **at; /* what points here; NULL: in no map */
	uint64_t hash;
};

struct map {
	struct map_node **bucket;
	size_t mask, count;
};

struct seed {
	uint64_t k0, k1;
};

/* From the system's random source; never fails (time and pid as last
 * resort). Tests give a fixed one. */
struct seed seed_random(void);
uint64_t seed_hash(const struct seed *seed, const void *p, size_t len);
/* Of the eight bytes of a and the lower seven of b. */
uint64_t seed_hash15(const struct seed *seed, uint64_t a, uint64_t b);

/* 0 or -ENOMEM. buckets is rounded up to a power of two. */
int map_init(struct map *m, size_t buckets);
void map_close(struct map *m); /* elements are left alone */

/* The first node of that hash; go on with map_next(). The caller compares
 * keys. */
static inline struct map_node *map_same(struct map_node *n, uint64_t hash)
{
	while (n && n->hash != hash)
		n = n->next;
	return n;
}

static inline struct map_node *map_first(const struct map *m, uint64_t hash)
{
	return map_same(m->bucket[hash & m->mask], hash);
}

static inline struct map_node *map_next(const struct map_node *n)
{
	return map_same(n->next, n->hash);
}

/* Newest first among equal hashes. Grows by itself; a failed growth only
 * makes chains longer. */
void map_insert(struct map *m, struct map_node *n, uint64_t hash);
/* Nothing for a node that is in no map (zeroed). */
void map_remove(struct map *m, struct map_node *n);

#endif
