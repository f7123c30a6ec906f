/*
 * TURN allocations as seen between client and server (RFC 8656, 6062): who
 * asked for what, what was granted, and whose packets are inside. Knows STUN
 * messages and addresses; core thread only. An allocation lies in the arena
 * of its rtc.
 */
#ifndef CALL_TURN_H
#define CALL_TURN_H

#include "dissectors/stun.h"
#include "sniffer/base/counters.h"
#include "sniffer/base/map.h"
#include "sniffer/cdr.h"

struct rtc;

#define TURN_TRANSACTIONS 16

/* A channel number (0 = none: a permission) and the peer. */
struct turn_grant {
	struct turn_grant *next;
	uint16_t channel;
	struct addr peer; /* of a permission the port says nothing */
	uint64_t created_ns, expires_ns; /* 0 = not (yet) granted */
	uint16_t error;
};

/* A TCP connection between the relay and a peer (RFC 6062): the client binds
 * one of its own to it, by that number. */
struct turn_connection {
	struct turn_connection *next;
	uint32_t id;
	struct addr peer;
};

struct turn_alloc {
	struct turn_alloc *next; /* of the same rtc */
	struct map_node by_client;
	struct rtc *rtc;
	struct addr client, server;
	const char *transport; /* udp | tcp | tls */
	struct slice realm, username, software;
	struct addr relayed[STUN_RELAYED_MAX], mapped;
	unsigned relayed_n;
	struct turn_relayed {
		struct map_node node;
		struct turn_alloc *alloc;
	} at[STUN_RELAYED_MAX];
	uint32_t lifetime_s; /* last granted */
	uint64_t first_ns, created_ns, closed_ns, expires_ns;
	uint16_t error; /* of the latest request, unless it was answered well */
	bool asked;	/* an Allocate was seen */
	bool sha256;	/* of long-term keys: password algorithm 2 */
	/* Messages whose integrity was checked with a password known here. */
	uint64_t auth_ok, auth_bad;
	struct turn_grant *permissions, *channels;
	struct turn_connection *connections;
	unsigned permissions_n, channels_n, connections_n;
	uint64_t bytes_up, bytes_down, packets_up, packets_down;
	struct turn_tx {
		uint8_t tid[STUN_TID];
		uint64_t ns;
		uint16_t method, channel;
		bool open, closing;
		bool authenticated; /* it had credentials */
		unsigned peers_n;
		struct addr peers[STUN_PEERS_MAX];
	} tx[TURN_TRANSACTIONS];
	unsigned tx_next;
	/* What the relay itself adds, where both sides are seen: joined by the
	 * media layer's owner. */
	double delay_ms;
	uint64_t lost;
	bool joined;
};

struct turn_table {
	struct map relayed; /* allocations by relayed address */
	struct map clients; /* by the client's IP */
	struct seed seed;
	struct counters *counters;
};

/* What was inside a message: data between the relayed address and a peer. */
struct turn_data {
	struct addr peer; /* any address: of a channel nobody bound */
	struct slice data;
};

int turn_table_init(struct turn_table *t, struct seed seed,
		    struct counters *counters);
void turn_table_close(struct turn_table *t);

/* NULL at a limit or without memory (counted). */
struct turn_alloc *turn_alloc_new(struct turn_table *t, struct rtc *r,
				  const struct addr *client,
				  const struct addr *server,
				  const char *transport);
/* They leave the table. */
void turn_forget(struct turn_table *t, struct rtc *r);
/* The allocation with that relayed address; NULL. */
struct turn_alloc *turn_by_relayed(const struct turn_table *t,
				   const struct addr *a);

/* The allocations that a host has asked for, newest first: go on with
 * turn_next_of(). The port of ip says nothing. */
struct turn_alloc *turn_first_of(const struct turn_table *t,
				 const struct addr *ip);
struct turn_alloc *turn_next_of(const struct turn_alloc *a);

/* This Allocate cannot be about a: that one has ended. */
bool turn_begins_anew(const struct turn_alloc *a, const struct stun_msg *m,
		      uint64_t ts_ns);

/* A TURN message between client and server; up: the client sent it. True when
 * it carries data (Send, Data): *out is filled. */
bool turn_on_stun(struct turn_table *t, struct turn_alloc *a, bool up,
		  const struct stun_msg *m, uint64_t ts_ns,
		  struct turn_data *out);
/* Channel data likewise. */
void turn_on_channel(struct turn_alloc *a, bool up,
		     const struct turn_channel *c, struct turn_data *out);

/* The error with which the relay has refused that peer, for good as far as was
 * seen; 0. */
uint16_t turn_refused(const struct turn_alloc *a, const struct addr *peer);

/* What a connection that was bound carries: bytes of that direction. */
void turn_on_bound(struct turn_alloc *a, bool up, size_t bytes);

/* The allocation of that client at that server which has a connection of this
 * number, and whom it leads to; NULL. */
struct turn_alloc *turn_of_connection(const struct turn_table *t,
				      const struct addr *client,
				      const struct addr *server, uint32_t id,
				      struct addr *peer);

/* Whether that begins with a channel that its client has asked for. */
bool turn_channel_has(const struct turn_alloc *a, struct slice data);

/* The relayed address of the peer's family; any address when not known. */
struct addr turn_relayed_for(const struct turn_alloc *a,
			     const struct addr *peer);

/* It holds something at that time: not closed, not expired. */
bool turn_alive(const struct turn_alloc *a, uint64_t now_ns);

/* The entry of the report. */
void turn_result(const struct turn_alloc *a, struct arena *mem,
		 struct cdr_turn *out);

#endif
