/*
 * The site's trunks: which one an address belongs to. Filled at the start and
 * sealed, then only read, by any thread. A trunk is "NAME NET...
 * [in|out|both]": each NET an IPv4 or IPv6 address or prefix. The longest
 * prefix wins.
 */
#ifndef SNIFFER_BILLING_TRUNK_H
#define SNIFFER_BILLING_TRUNK_H

#include "sniffer/base/addr.h"

#define TRUNK_NAME 32 /* bytes, at most */

enum trunk_use {
	TRUNK_IN,  /* calls come from it: the caller's address */
	TRUNK_OUT, /* calls go to it: the callee's */
	TRUNK_USES,
};

struct trunk_net {
	uint8_t ip[16];
	unsigned bits; /* of the v4-mapped form */
	struct slice name;
};

/* Sorted by bits, the longest first, then by ip. */
struct trunk_list {
	struct trunk_net *v;
	size_t n, size;
};

struct trunk_table {
	struct trunk_list use[TRUNK_USES]; /* {0} is empty */
};

/* What is wrong with a value, or NULL. */
const char *trunk_check(const char *value);
/* 0, -ENOMEM, or -EINVAL where trunk_check() says why. Borrows value. */
int trunk_add(struct trunk_table *t, const char *value);
/* To be called once, before a search. 0, or -EINVAL: two trunks have the same
 * prefix for the same use, which is left in *twice. */
int trunk_seal(struct trunk_table *t, const struct trunk_net **twice);
void trunk_close(struct trunk_table *t);

/* p == NULL: none. The port does not matter. */
struct slice trunk_find(const struct trunk_table *t, enum trunk_use use,
			const struct addr *a);
bool trunk_is_known(const struct trunk_table *t, struct slice name);

#endif
