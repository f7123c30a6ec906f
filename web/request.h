/*
 * A request as handlers see it: complete, decoded, copied. All of it lies in
 * its arena and goes with the answer.
 */
#ifndef WEB_REQUEST_H
#define WEB_REQUEST_H

#include "sniffer/base/addr.h"
#include "sniffer/base/arena.h"
#include "storage/db.h"
#include "web/role.h"

struct web;
struct web_route;

/* How somebody said who they are. */
enum web_login {
	WEB_LOGIN_NONE,
	WEB_LOGIN_COOKIE, /* wants a CSRF token with what changes things */
	WEB_LOGIN_TOKEN,
	WEB_LOGIN_PROXY,
};

/* Text, decoded and terminated. */
struct web_pair {
	const char *name, *value;
};

struct web_pairs {
	struct web_pair *v;
	size_t n;
};

#define WEB_ARGS 2

struct web_request {
	struct web *web;
	const struct web_route *route; /* NULL: no such page */
	const char *method;
	const char *path;	    /* decoded, without ?... */
	const char *query;	    /* what followed ?, as it came; "" */
	struct slice arg[WEB_ARGS]; /* what stood for {} in the route */
	struct web_pairs params, headers, form;
	struct slice body;

	struct addr peer; /* of the connection; a proxy's, if there is one */
	bool tls;

	/* Set by auth_check(). */
	const char *user; /* "" nobody */
	enum web_role role;
	enum web_login login;
	const char *csrf; /* what X-CSRF-Token must say; NULL = none */

	struct db *db;	    /* this worker's; NULL: no store, or it is away */
	const char *db_why; /* why there is none */
	bool db_failed;	    /* set by handlers: connect again next time */
	struct arena *mem;
};

/* The first of that name; NULL when missing. */
const char *web_param(const struct web_request *rq, const char *name);
/* Case of the name is ignored. */
const char *web_header(const struct web_request *rq, const char *name);
/* Of a POST with application/x-www-form-urlencoded. */
const char *web_form(const struct web_request *rq, const char *name);
/* Of the Cookie headers. */
const char *web_cookie(const struct web_request *rq, const char *name);

/* A number between min and max; initial when it is missing. -EINVAL when it
 * is something else. */
int web_param_u64(const struct web_request *rq, const char *name, uint64_t min,
		  uint64_t max, uint64_t initial, uint64_t *out);

#endif
