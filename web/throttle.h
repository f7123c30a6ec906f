/*
 * Slows down whoever tries passwords: after a few wrong ones from an address,
 * or for a name, the next try has to wait, twice as long each time. A name
 * may fail more often than an address, so that a stranger does not lock its
 * owner out at once. Bounded; any thread. Times are of one clock that does
 * not go back, in nanoseconds.
 */
#ifndef WEB_THROTTLE_H
#define WEB_THROTTLE_H

#include "sniffer/base/addr.h"

struct throttle;

struct throttle_config {
	size_t max;	     /* addresses and names that are remembered */
	uint64_t tries;	     /* of an address without waiting; 0 = no end */
	uint64_t first_ns;   /* the first wait */
	uint64_t longest_ns; /* also how long a failure is remembered */
};

/* How many times as often a name may fail as an address. */
#define THROTTLE_NAME_TRIES 4

struct throttle *throttle_new(const struct throttle_config *cfg);
void throttle_free(struct throttle *t); /* NULL is fine */

/* How long this try has to wait; 0 = it may go on. IPv6 counts by /64. */
uint64_t throttle_wait(struct throttle *t, const struct addr *from,
		       struct slice name, uint64_t now_ns);
/* It was wrong. */
void throttle_fail(struct throttle *t, const struct addr *from,
		   struct slice name, uint64_t now_ns);
/* It was right: what went before is forgiven. */
void throttle_pass(struct throttle *t, const struct addr *from,
		   struct slice name);

#endif
