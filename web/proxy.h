/*
 * A reverse proxy that says who somebody is: one header, believed only when
 * the connection comes from a listed address. Pure, after proxy_open().
 */
#ifndef WEB_PROXY_H
#define WEB_PROXY_H

#include "sniffer/base/addr.h"
#include "web/role.h"

struct proxy;

enum {
	PROXY_WHY = 256,
};

struct proxy_config {
	const char *header;	 /* NULL: nobody is believed */
	const char *const *from; /* addresses and subnets, with commas */
	size_t from_n;
	enum web_role role; /* of names that are no login; WEB_NOBODY: none */
};

/* header outlives it. 0; -EINVAL and why; -ENOMEM. */
int proxy_open(struct proxy **out, const struct proxy_config *cfg,
	       char why[PROXY_WHY]);
void proxy_close(struct proxy *p); /* NULL is fine */

/* Whether the connection comes from one of the listed addresses. */
bool proxy_trusts(const struct proxy *p, const struct addr *peer);
/* NULL when names are not taken from a header. */
const char *proxy_header(const struct proxy *p);
enum web_role proxy_role(const struct proxy *p);

/*
 * Whose request a proxy hands on: the last address of X-Forwarded-For, which
 * is the one that the proxy itself wrote; "1.2.3.4", "[::1]:80" and the like.
 * False, and *out as it was, when there is none. Pure.
 */
bool proxy_forwarded(struct slice header, struct addr *out);

#endif
