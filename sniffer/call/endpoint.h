/*
 * The endpoint map: announced media addresses and whose they are. Claims
 * belong to their calls; of several for one address the newest comes first.
 */
#ifndef CALL_ENDPOINT_H
#define CALL_ENDPOINT_H

#include "sniffer/call/call.h"

/* So many of the calls that announce one address are looked at, the newest
 * first: else the cost of a packet followed their number. */
#define ENDPOINT_SHARERS 256

struct endpoints {
	struct map map;
	struct seed seed;
	size_t limit;
};

int endpoints_init(struct endpoints *e, struct seed seed, size_t limit);
void endpoints_close(struct endpoints *e);

/* False at the limit. c->addr, realm and side are set. */
bool endpoints_add(struct endpoints *e, struct call_claim *c);
void endpoints_remove(struct endpoints *e, struct call_claim *c);

/* The newest claim to this address, and the next older one; NULL at the
 * end. */
struct call_claim *endpoints_find(const struct endpoints *e,
				  const struct addr *a, uint16_t realm);
struct call_claim *endpoints_next(const struct call_claim *c);

/* The call that a packet from src to dst belongs to, by what was announced:
 * both ends, else the receiver, else the sender (symmetric RTP, NAT). *to and
 * *from are the claims that matched, NULL where none did. */
struct call *endpoints_match(const struct endpoints *e, const struct addr *src,
			     const struct addr *dst, uint16_t realm,
			     const struct call_claim **from,
			     const struct call_claim **to);

#endif
