/*
 * The flow table: one entry for each pair of endpoints, protocol and realm,
 * both directions together. Owned by the core thread; a flow is good until
 * on_close() returns for it. Time is packet time.
 */
#ifndef NET_FLOW_H
#define NET_FLOW_H

#include <stdalign.h>

#include "sniffer/base/counters.h"
#include "sniffer/base/list.h"
#include "sniffer/base/map.h"
#include "sniffer/base/timer.h"
#include "sniffer/net/pkt.h"

/* Both directions of a conversation share a key: the lesser address is lo.
 * No padding, so it is hashed and compared as bytes. */
struct flow_key {
	struct addr lo, hi;
	uint16_t realm; /* 0, or an interned VLAN/VNI by configuration */
	uint8_t proto;
	uint8_t zero;
};
_Static_assert(sizeof(struct flow_key) == 2 * 18 + 4, "flow_key has padding");

struct flow_table;

#define FLOW_PACKETS_MANY 0x8000u

/* A packet touches the second and the third cache line only; the third has
 * the first 24 bytes of user. */
struct flow {
	alignas(64) struct timer idle;
	struct list order; /* of creation */
	struct list spare; /* may have to make room: in order of creation */
	struct map_node node;
	struct flow_key key;
	uint64_t last_ns, first_ns;
	uint64_t keep_ns; /* does not expire before this */
	struct flow_table *table;
	/* Direction 0 is lo -> hi. Behind UINT16_MAX they go on from
	 * FLOW_PACKETS_MANY, which is none the less for a remainder of a
	 * power of two. */
	uint16_t packets[2];
	bool pinned; /* the engine still needs it: does not expire */
	/* flow_config.user_size zeroed bytes */
	alignas(8) uint8_t user[];
};
_Static_assert(offsetof(struct flow, node) == 64 &&
		       offsetof(struct flow, last_ns) == 128 &&
		       offsetof(struct flow, user) == 168,
	       "struct flow keeps to its lines");

struct flow_config {
	size_t max_flows;     /* 0 = no limit */
	uint64_t tcp_idle_ns; /* without a packet for so long: closed */
	uint64_t udp_idle_ns; /* UDP and SCTP */
	size_t user_size;     /* the engine's own bytes in each flow */
	/* The flow goes away: free what user points to. May be NULL. It must
	 * not make or close flows. */
	void (*on_close)(struct flow *f, void *arg);
	/* May it make room for another one when the table is full? Asked of
	 * the oldest first; one that may not is not asked again. NULL: none
	 * may. */
	bool (*is_spare)(const struct flow *f, void *arg);
	void *arg;
	struct seed seed;
};

/* NULL without memory. counters must outlive the table; it gets "flow.evicted",
 * "flow.limit" and "flow.no_memory". */
struct flow_table *flow_table_new(const struct flow_config *cfg,
				  struct counters *counters);
/* Closes every flow, the oldest first. NULL is fine. */
void flow_table_free(struct flow_table *ft);

/* Answers the direction: 0 when the packet goes from lo to hi, else 1. */
int flow_key_set(struct flow_key *out, const struct pkt *p, uint16_t realm);

static inline struct flow_key flow_key_of(const struct pkt *p, uint16_t realm,
					  int *dir)
{
	struct flow_key key;

	*dir = flow_key_set(&key, p, realm);
	return key;
}

/* The flow of that key; NULL when there is none. */
struct flow *flow_find(const struct flow_table *ft, const struct flow_key *key);
/* The same, made when there is none; another one that was not used just now
 * may be closed for it. NULL at the limit or without memory (counted). */
struct flow *flow_get(struct flow_table *ft, const struct flow_key *key,
		      uint64_t now_ns);

/*
 * For who knows many packets before taking the first: flow_get() with the
 * hash at hand; and before that, each a while after the other, what asks for
 * the memory it will need: the bucket, the flow in it, the rest of the flow.
 * flow_peek() answers the flow that will most likely be found, or NULL.
 */
uint64_t flow_hash(const struct flow_table *ft, const struct flow_key *key);
void flow_prefetch_bucket(const struct flow_table *ft, uint64_t hash);
void flow_prefetch(const struct flow_table *ft, uint64_t hash);
struct flow *flow_peek(const struct flow_table *ft, uint64_t hash);
struct flow *flow_get_hashed(struct flow_table *ft, const struct flow_key *key,
			     uint64_t hash, uint64_t now_ns);

/* A packet came; without it the flow expires. */
static inline void flow_touch(struct flow *f, int dir, uint64_t now_ns)
{
	if (__builtin_expect(!++f->packets[dir], 0))
		f->packets[dir] = FLOW_PACKETS_MANY;
	f->last_ns = now_ns;
}

/* Its source and destination for packets of that direction. */
static inline const struct addr *flow_src(const struct flow *f, int dir)
{
	return dir ? &f->key.hi : &f->key.lo;
}

static inline const struct addr *flow_dst(const struct flow *f, int dir)
{
	return dir ? &f->key.lo : &f->key.hi;
}

/* on_close(), then the flow is gone. */
void flow_close(struct flow *f);
/* Closes what was idle for too long, the longest idle first. To be called as
 * time goes on; costs next to nothing when nothing is due. */
void flow_table_expire(struct flow_table *ft, uint64_t now_ns);

size_t flow_table_count(const struct flow_table *ft);
size_t flow_table_memory(const struct flow_table *ft); /* bytes */

/* The oldest flow, and the one made after f; NULL at the end. The loop must
 * not close f itself. */
struct flow *flow_table_first(const struct flow_table *ft);
struct flow *flow_table_next(const struct flow_table *ft, const struct flow *f);

/*
 * Addresses to whatever waits there: media whose signalling has not come
 * yet. The nodes belong to the caller, who finds their owner by
 * container_of(); several may have one address.
 */
struct addr_node {
	struct map_node node;
	struct addr addr;
	bool in; /* set while it is in an index */
};

struct addr_index {
	struct map map;
	struct seed seed;
};

/* 0 or -ENOMEM. */
int addr_index_init(struct addr_index *ai, struct seed seed);
void addr_index_close(struct addr_index *ai); /* nodes are left alone */

/* A node already in is moved to the new address. */
void addr_index_insert(struct addr_index *ai, struct addr_node *n,
		       const struct addr *a);
void addr_index_remove(struct addr_index *ai, struct addr_node *n);

/* All nodes with that IP and port, the newest first. The next one must be
 * asked for before its predecessor is removed. */
struct addr_node *addr_index_first(const struct addr_index *ai,
				   const struct addr *a);
struct addr_node *addr_index_next(const struct addr_node *n);

#endif
