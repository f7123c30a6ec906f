/*
 * Who asks, and whether they may: by a session's cookie, a token or a trusted
 * proxy. One for the server; any thread.
 */
#ifndef WEB_AUTH_H
#define WEB_AUTH_H

#include "web/answer.h"

#define AUTH_WHY DB_WHY

struct auth;

/* Borrowed until auth_close(). */
struct auth_config {
	const char *dir; /* the data folder: users, audit.log */
	uint64_t session_idle_ns, session_age_ns;
	uint64_t login_tries;	/* that are wrong, without a wait; 0 = no end */
	uint64_t login_wait_ns; /* the first one */
	const char *proxy_header;      /* NULL: none */
	const char *const *proxy_from; /* addresses and subnets, with commas */
	size_t proxy_from_n;
	enum web_role proxy_role;   /* of names that are no login */
	const char *const *public_; /* metrics, healthz, readyz */
	size_t public_n;
	uint64_t viewer_digits; /* of a number that viewers see; >= 64: all */
	/* What the operator should know; any thread; may be NULL. */
	void (*say)(void *arg, const char *why);
	void *arg;
	/* Of a clock that does not go back; NULL: the system's. */
	uint64_t (*clock_ns)(void);
};

/* 0 or -errno with why. */
int auth_open(struct auth **out, const struct auth_config *cfg,
	      char why[AUTH_WHY]);
void auth_close(struct auth *a); /* NULL is fine */

/* Sets user, role, login and csrf of the request. */
enum web_role auth_check(struct auth *a, struct web_request *rq);

/* A request that changes something comes from our own pages: so say the
 * browser's Origin and Sec-Fetch-Site and, with token, the header X-CSRF-Token
 * of a login. True as well for what came with a bearer's token. */
bool auth_is_own(struct auth *a, const struct web_request *rq, bool token);

/* Needs no login: http-public lists it. */
bool auth_is_public(const struct auth *a, const char *path);

/* What a login by name and password came to. */
enum auth_login {
	AUTH_LOGGED_IN, /* the cookie is in the answer */
	AUTH_WRONG,
	AUTH_WAIT,   /* *wait_s: too many were wrong, or too many try at once */
	AUTH_FAILED, /* no memory */
};

enum auth_login auth_login(struct auth *a, struct web_request *rq,
			   struct web_answer *an, unsigned *wait_s);
/* Ends the session of the request. */
void auth_logout(struct auth *a, struct web_request *rq, struct web_answer *an);

/* When the session ends at the latest, ns since 1970; 0 = it is none. */
uint64_t auth_ends_ns(struct auth *a, const struct web_request *rq);
/* Whether numbers are masked for who asks, and how many digits stay. */
bool auth_masks(const struct auth *a, enum web_role role, uint64_t *digits);

/* Whose request it is: the peer, or whom a trusted proxy names. */
struct addr auth_from(const struct auth *a, const struct web_request *rq);
size_t auth_logins(struct auth *a);
const char *auth_dir(const struct auth *a);
void auth_say(struct auth *a, const char *why);

#endif
