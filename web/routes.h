/*
 * The table of what can be asked for: a method, a path, who may, and the
 * function that answers. Each area declares its handlers in a header of its
 * own, api_*.h.
 */
#ifndef WEB_ROUTES_H
#define WEB_ROUTES_H

#include "web/answer.h"

struct web_route {
	const char *method; /* GET answers HEAD, too */
	const char *path;   /* {} stands for one part of the path */
	enum web_role role; /* who may, at least */
	web_handler *run;
	const char *audit; /* the action in the audit log; NULL = none */
	bool slow;	   /* reads packets, or many rows: not all workers at
			    * once may be busy with such */
	bool no_store;	   /* does not look into it: rq->db is NULL */
	bool page;	   /* for people: without a login on to the login page,
			    * not 401 */
};

enum route_found {
	ROUTE_FOUND,
	ROUTE_NONE,	   /* 404 */
	ROUTE_OTHER_METHOD /* 405; allow is written */
};

#define ROUTE_ALLOW 64

/* Sets rq->route and rq->arg. */
enum route_found route_find(struct web_request *rq, char allow[ROUTE_ALLOW]);

/* All of them, for tests; NULL behind the last. */
const struct web_route *route_at(size_t i);

#endif
