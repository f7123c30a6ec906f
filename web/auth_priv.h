/* What the files auth*.c share. */
#ifndef WEB_AUTH_PRIV_H
#define WEB_AUTH_PRIV_H

#include <stdatomic.h>

#include "web/auth.h"
#include "web/proxy.h"
#include "web/sessions.h"
#include "web/throttle.h"
#include "web/users_file.h"

struct auth {
	struct auth_config cfg;
	struct users_file *users;
	struct sessions *sessions;
	struct throttle *throttle;
	struct proxy *proxy;
	uint8_t key[SECRET_HASH]; /* of the tokens of proxies' users */
	atomic_uint checks;	  /* passwords that are tried now */
};

enum {
	AUTH_COOKIE = 32, /* "callscope-65535", terminated */
};

uint64_t auth_now(const struct auth *a);

/* The name of the cookie. A browser does not tell ports apart: two servers on
 * one machine, or behind two tunnels, would share one. */
void auth_cookie_name(const struct web_request *rq, char out[AUTH_COOKIE]);

/* Whether a trusted proxy handed the request on. */
bool auth_by_proxy(const struct auth *a, const struct web_request *rq);

#endif
