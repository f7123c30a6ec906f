#include "sniffer/net/flow.h"

#include <stdlib.h>

#include "sniffer/base/pool.h"

enum {
	EVICT_TRIES = 8,
};

struct flow_table {
	struct map map;
	struct timers timers;
	struct list flows; /* in order of creation */
	struct list spare; /* those that may have to make room */
	struct pool pool;
	struct flow_config cfg;
	struct counters *counters;
};

struct flow_table *flow_table_new(const struct flow_config *cfg,
				  struct counters *counters)
{
	struct flow_table *ft = calloc(1, sizeof(*ft));

	if (!ft)
		return NULL;
	if (map_init(&ft->map, 1024)) {
		free(ft);
		return NULL;
	}
	ft->cfg = *cfg;
	ft->counters = counters;
	pool_init(&ft->pool, offsetof(struct flow, user) + cfg->user_size);
	timers_init(&ft->timers, ft);
	list_init(&ft->flows);
	list_init(&ft->spare);
	return ft;
}

void flow_table_free(struct flow_table *ft)
{
	if (!ft)
		return;
	while (!list_empty(&ft->flows))
		flow_close(container_of(ft->flows.next, struct flow, order));
	pool_close(&ft->pool);
	timers_close(&ft->timers);
	map_close(&ft->map);
	free(ft);
}

/* The two halves of an address, as they are in memory: what was just stored
 * in such pieces is read again without a wait. */
struct halves {
	uint64_t v[2];
};

static inline struct halves get(const uint8_t ip[16])
{
	struct halves h;

	memcpy(&h.v[0], ip, 8);
	memcpy(&h.v[1], ip + 8, 8);
	return h;
}

static inline void put(struct addr *a, struct halves h, uint16_t port)
{
	memcpy(a->ip, &h.v[0], 8);
	memcpy(a->ip + 8, &h.v[1], 8);
	a->port = port;
}

static inline uint64_t as_bytes(uint64_t v)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return __builtin_bswap64(v);
#else
	return v;
#endif
}

/* addr_cmp() > 0 */
static inline bool after(struct halves a, uint16_t a_port, struct halves b,
			 uint16_t b_port)
{
	if (a.v[0] != b.v[0])
		return as_bytes(a.v[0]) > as_bytes(b.v[0]);
	if (a.v[1] != b.v[1])
		return as_bytes(a.v[1]) > as_bytes(b.v[1]);
	return memcmp(&a_port, &b_port, sizeof(a_port)) > 0;
}

int flow_key_set(struct flow_key *out, const struct pkt *p, uint16_t realm)
{
	struct halves src = get(p->src.ip), dst = get(p->dst.ip);
	bool down = after(src, p->src.port, dst, p->dst.port);

	put(&out->lo, down ? dst : src, down ? p->dst.port : p->src.port);
	put(&out->hi, down ? src : dst, down ? p->src.port : p->dst.port);
	out->realm = realm;
	out->proto = p->proto;
	out->zero = 0;
	return down;
}

static inline uint64_t word(const struct flow_key *k, size_t i)
{
	uint64_t v;

	memcpy(&v, (const uint8_t *)k + i * sizeof(v), sizeof(v));
	return v;
}

static inline bool same_key(const struct flow_key *a, const struct flow_key *b)
{
	_Static_assert(sizeof(*a) == 5 * sizeof(uint64_t), "five words");
	return !((word(a, 0) ^ word(b, 0)) | (word(a, 1) ^ word(b, 1)) |
		 (word(a, 2) ^ word(b, 2)) | (word(a, 3) ^ word(b, 3)) |
		 (word(a, 4) ^ word(b, 4)));
}

static struct flow *find(const struct flow_table *ft,
			 const struct flow_key *key, uint64_t hash)
{
	for (struct map_node *n = map_first(&ft->map, hash); n;
	     n = map_next(n)) {
		struct flow *f = container_of(n, struct flow, node);

		if (same_key(&f->key, key))
			return f;
	}
	return NULL;
}

/* The four bytes of IPv4 in two halves; false when it is not that. */
static inline bool is_v4(struct halves h, uint32_t *v4)
{
	memcpy(v4, (const uint8_t *)&h.v[1] + 4, sizeof(*v4));
	return !h.v[0] && as_bytes(h.v[1]) >> 32 == 0xffff;
}

/* With IPv4 all that varies are 15 bytes, a third of the key. */
uint64_t flow_hash(const struct flow_table *ft, const struct flow_key *key)
{
	uint32_t lo, hi;

	if (!is_v4(get(key->lo.ip), &lo) || !is_v4(get(key->hi.ip), &hi))
		return seed_hash(&ft->cfg.seed, key, sizeof(*key));
	return seed_hash15(&ft->cfg.seed, (uint64_t)lo << 32 | hi,
			   (uint64_t)key->proto << 48 |
				   (uint64_t)key->realm << 32 |
				   (uint64_t)key->lo.port << 16 | key->hi.port);
}

void flow_prefetch_bucket(const struct flow_table *ft, uint64_t hash)
{
	__builtin_prefetch(&ft->map.bucket[hash & ft->map.mask]);
}

void flow_prefetch(const struct flow_table *ft, uint64_t hash)
{
	const struct map_node *n = ft->map.bucket[hash & ft->map.mask];

	__builtin_prefetch(n);
	if (n)
		__builtin_prefetch(&container_of(n, struct flow, node)->last_ns,
				   1);
}

struct flow *flow_peek(const struct flow_table *ft, uint64_t hash)
{
	struct map_node *n = map_first(&ft->map, hash);

	return n ? container_of(n, struct flow, node) : NULL;
}

struct flow *flow_find(const struct flow_table *ft, const struct flow_key *key)
{
	return find(ft, key, flow_hash(ft, key));
}

static struct flow *take(struct flow_table *ft)
{
	struct flow *f = pool_take(&ft->pool);

	if (f)
		memset(f, 0, ft->pool.size);
	return f;
}

static uint64_t idle_ns(const struct flow *f)
{
	const struct flow_config *cfg = &f->table->cfg;

	return f->key.proto == PKT_TCP ? cfg->tcp_idle_ns : cfg->udp_idle_ns;
}

/* Packets do not move the timer: it looks at last_ns when it is due. */
static void on_idle(struct timer *t, uint64_t now_ns, void *arg)
{
	struct flow_table *ft = arg;
	struct flow *f = container_of(t, struct flow, idle);
	uint64_t due_ns = f->last_ns + idle_ns(f);

	if (due_ns < f->keep_ns)
		due_ns = f->keep_ns;
	if (due_ns <= now_ns && f->pinned)
		due_ns = now_ns + idle_ns(f);
	if (due_ns <= now_ns)
		flow_close(f);
	else
		timer_set(&ft->timers, t, due_ns);
}

/* The oldest that nothing is known of, but not one that may be the flow of the
 * packet at hand. */
static bool evict(struct flow_table *ft, uint64_t now_ns)
{
	unsigned tries = EVICT_TRIES;
	struct list *at;

	while (ft->cfg.is_spare && tries && (at = list_first(&ft->spare))) {
		struct flow *f = container_of(at, struct flow, spare);

		list_remove(at);
		if (!ft->cfg.is_spare(f, ft->cfg.arg))
			continue;
		if (f->last_ns != now_ns) {
			counters_add(ft->counters, "flow.evicted", 1);
			flow_close(f);
			return true;
		}
		list_append(&ft->spare, at);
		tries--;
	}
	return false;
}

static struct flow *make(struct flow_table *ft, const struct flow_key *key,
			 uint64_t hash, uint64_t now_ns)
{
	struct flow *f;

	if (ft->cfg.max_flows && ft->map.count >= ft->cfg.max_flows &&
	    !evict(ft, now_ns)) {
		counters_add(ft->counters, "flow.limit", 1);
		return NULL;
	}
	f = take(ft);
	if (!f) {
		counters_add(ft->counters, "flow.no_memory", 1);
		return NULL;
	}
	f->key = *key;
	f->table = ft;
	f->first_ns = f->last_ns = now_ns;
	f->idle.fire = on_idle;
	if (!timer_set(&ft->timers, &f->idle, now_ns + idle_ns(f))) {
		pool_give(&ft->pool, f);
		counters_add(ft->counters, "flow.no_memory", 1);
		return NULL;
	}
	map_insert(&ft->map, &f->node, hash);
	list_append(&ft->flows, &f->order);
	list_append(&ft->spare, &f->spare);
	return f;
}

struct flow *flow_get_hashed(struct flow_table *ft, const struct flow_key *key,
			     uint64_t hash, uint64_t now_ns)
{
	struct flow *f = find(ft, key, hash);

	return f ? f : make(ft, key, hash, now_ns);
}

struct flow *flow_get(struct flow_table *ft, const struct flow_key *key,
		      uint64_t now_ns)
{
	return flow_get_hashed(ft, key, flow_hash(ft, key), now_ns);
}

void flow_close(struct flow *f)
{
	struct flow_table *ft = f->table;

	if (ft->cfg.on_close)
		ft->cfg.on_close(f, ft->cfg.arg);
	timer_stop(&ft->timers, &f->idle);
	map_remove(&ft->map, &f->node);
	list_remove(&f->order);
	list_remove(&f->spare);
	pool_give(&ft->pool, f);
}

void flow_table_expire(struct flow_table *ft, uint64_t now_ns)
{
	timers_run(&ft->timers, now_ns);
}

size_t flow_table_count(const struct flow_table *ft)
{
	return ft->map.count;
}

size_t flow_table_memory(const struct flow_table *ft)
{
	return ft->pool.bytes + (ft->map.mask + 1) * sizeof(struct map_node *) +
	       ft->timers.size * sizeof(struct timer *) + sizeof(*ft);
}

static struct flow *flow_at(const struct flow_table *ft, struct list *at)
{
	return at == &ft->flows ? NULL : container_of(at, struct flow, order);
}

struct flow *flow_table_first(const struct flow_table *ft)
{
	return flow_at(ft, ft->flows.next);
}

struct flow *flow_table_next(const struct flow_table *ft, const struct flow *f)
{
	return flow_at(ft, f->order.next);
}

int addr_index_init(struct addr_index *ai, struct seed seed)
{
	ai->seed = seed;
	return map_init(&ai->map, 0);
}

void addr_index_close(struct addr_index *ai)
{
	map_close(&ai->map);
}

void addr_index_insert(struct addr_index *ai, struct addr_node *n,
		       const struct addr *a)
{
	addr_index_remove(ai, n);
	n->addr = *a;
	n->in = true;
	map_insert(&ai->map, &n->node, seed_hash(&ai->seed, a, sizeof(*a)));
}

void addr_index_remove(struct addr_index *ai, struct addr_node *n)
{
	if (n->in)
		map_remove(&ai->map, &n->node);
	n->in = false;
}

static struct addr_node *same_addr(struct map_node *n, const struct addr *a)
{
	for (; n; n = map_next(n)) {
		struct addr_node *an = container_of(n, struct addr_node, node);

		if (addr_eq(&an->addr, a))
			return an;
	}
	return NULL;
}

struct addr_node *addr_index_first(const struct addr_index *ai,
				   const struct addr *a)
{
	uint64_t hash = seed_hash(&ai->seed, a, sizeof(*a));

	return same_addr(map_first(&ai->map, hash), a);
}

struct addr_node *addr_index_next(const struct addr_node *n)
{
	return same_addr(map_next(&n->node), &n->addr);
}
