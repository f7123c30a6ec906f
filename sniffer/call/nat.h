/*
 * What kind of NAT a client is behind, from ordinary answers of STUN servers,
 * TURN servers and ICE peers: each tells which address it saw (RFC 4787, 4.1;
 * RFC 5780). Core thread only; bounded, what was not heard of for longest
 * goes first.
 */
#ifndef CALL_NAT_H
#define CALL_NAT_H

#include "sniffer/base/addr.h"
#include "sniffer/base/counters.h"
#include "sniffer/base/list.h"
#include "sniffer/base/map.h"
#include "sniffer/cdr.h"

#define NAT_SEEN 16 /* remotes of one client that are kept */

struct nat_seen {
	struct addr remote, mapped;
	uint64_t ts_ns;
};

struct nat_client {
	struct map_node node;
	struct list all; /* least recent first */
	struct addr inner;
	struct nat_seen seen[NAT_SEEN];
	unsigned n;
};

struct nat_table {
	struct map map;
	struct list all;
	size_t count, limit;
	struct seed seed;
	struct counters *counters;
};

/* The client heard of longest ago goes at the limit (nat.limit). */
int nat_table_init(struct nat_table *t, struct seed seed, size_t limit,
		   struct counters *counters);
void nat_table_close(struct nat_table *t);

/* remote told inner that it sees it as mapped. */
void nat_seen(struct nat_table *t, const struct addr *inner,
	      const struct addr *remote, const struct addr *mapped,
	      uint64_t ts_ns);
/* The same into a client of the caller's own. */
void nat_client_seen(struct nat_client *c, const struct addr *remote,
		     const struct addr *mapped, uint64_t ts_ns);

const struct nat_client *nat_find(const struct nat_table *t,
				  const struct addr *inner);

/* False when nothing is known. */
bool nat_result(const struct nat_client *c, struct cdr_nat *out);

#endif
