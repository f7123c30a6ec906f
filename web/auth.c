#include "web/auth.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

#include "web/auth_priv.h"

enum {
	SESSIONS_MAX = 1000,
	SESSIONS_USER_MAX = 20,
	THROTTLE_MAX = 4096,
};

#define LONGEST_WAIT_NS (15 * 60 * UINT64_C(1000000000))

/* --- begin and end -------------------------------------------------------- */

static uint64_t system_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

uint64_t auth_now(const struct auth *a)
{
	return a->cfg.clock_ns();
}

static int make_parts(struct auth *a)
{
	const struct auth_config *c = &a->cfg;
	const struct sessions_config sc = {
		.max = SESSIONS_MAX,
		.max_user = SESSIONS_USER_MAX,
		.idle_ns = c->session_idle_ns,
		.age_ns = c->session_age_ns,
	};
	const struct throttle_config tc = {
		.max = THROTTLE_MAX,
		.tries = c->login_tries,
		.first_ns = c->login_wait_ns,
		.longest_ns = c->login_wait_ns > LONGEST_WAIT_NS
				      ? c->login_wait_ns
				      : LONGEST_WAIT_NS,
	};

	a->sessions = sessions_new(&sc);
	a->throttle = throttle_new(&tc);
	if (!a->sessions || !a->throttle)
		return -ENOMEM;
	if (RAND_priv_bytes(a->key, sizeof(a->key)) != 1)
		return -EIO;
	return users_file_open(&a->users, c->dir, c->say, c->arg);
}

static int check_public(const struct auth_config *c, char why[AUTH_WHY])
{
	static const char *const known[] = {"metrics", "healthz", "readyz"};

	for (size_t i = 0; i < c->public_n; i++) {
		struct slice list = slice_str(c->public_[i]), word;
		bool found;

		do {
			found = false;
			slice_cut(list, ',', &word, &list);
			word = slice_trim(word);
			for (size_t k = 0; k < 3; k++)
				found |= slice_eq(word, slice_str(known[k]));
			if (found || !word.len)
				continue;
			snprintf(why, AUTH_WHY,
				 "http-public: %.*s is none of metrics, "
				 "healthz and readyz",
				 (int)word.len, (const char *)word.p);
			return -EINVAL;
		} while (list.len);
	}
	return 0;
}

int auth_open(struct auth **out, const struct auth_config *cfg,
	      char why[AUTH_WHY])
{
	const struct proxy_config pc = {
		.header = cfg->proxy_header,
		.from = cfg->proxy_from,
		.from_n = cfg->proxy_from_n,
		.role = cfg->proxy_role,
	};
	struct auth *a = calloc(1, sizeof(*a));
	int err = a ? check_public(cfg, why) : -ENOMEM;

	if (a)
		a->cfg = *cfg;
	if (a && !a->cfg.clock_ns)
		a->cfg.clock_ns = system_clock;
	if (!err)
		err = proxy_open(&a->proxy, &pc, why);
	if (!err)
		err = make_parts(a);
	if (err == -ENOMEM || err == -EIO)
		snprintf(why, AUTH_WHY, "not enough memory for logins");
	if (err)
		auth_close(a);
	else
		*out = a;
	return err;
}

void auth_close(struct auth *a)
{
	if (!a)
		return;
	users_file_close(a->users);
	sessions_free(a->sessions);
	throttle_free(a->throttle);
	proxy_close(a->proxy);
	OPENSSL_cleanse(a->key, sizeof(a->key));
	free(a);
}

/* --- who asks ------------------------------------------------------------- */

static bool accept(struct web_request *rq, const char *name, enum web_role role,
		   enum web_login login)
{
	const char *user = arena_str(rq->mem, slice_str(name));

	if (!user || role == WEB_NOBODY)
		return false;
	rq->user = user;
	rq->role = role;
	rq->login = login;
	return true;
}

bool auth_by_proxy(const struct auth *a, const struct web_request *rq)
{
	return proxy_trusts(a->proxy, &rq->peer);
}

/* NULL when there is none, or more than one: one of them is a stranger's. */
static const char *only_header(const struct web_request *rq, const char *name)
{
	const char *found = NULL;

	for (size_t i = 0; i < rq->headers.n; i++) {
		if (strcasecmp(rq->headers.v[i].name, name))
			continue;
		if (found)
			return NULL;
		found = rq->headers.v[i].value;
	}
	return found;
}

/* A token for whom no session keeps one: the same as long as we run. */
static const char *proxy_csrf(struct auth *a, struct web_request *rq,
			      const char *name)
{
	uint8_t text[SECRET_HASH + USER_NAME], hash[SECRET_HASH];
	char hex[SECRET_TEXT];
	size_t len = strlen(name);

	memcpy(text, a->key, SECRET_HASH);
	memcpy(text + SECRET_HASH, name, len);
	if (secret_hash(slice_of(text, SECRET_HASH + len), hash))
		return NULL;
	OPENSSL_cleanse(text, sizeof(text));
	secret_put_hex(hash, sizeof(hash), hex);
	return arena_str(rq->mem, slice_str(hex));
}

static bool by_proxy(struct auth *a, struct web_request *rq)
{
	const char *header = proxy_header(a->proxy), *name;
	enum web_role role = proxy_role(a->proxy);
	struct user known;

	if (!header || !auth_by_proxy(a, rq))
		return false;
	name = only_header(rq, header);
	if (!name || !user_is_name(slice_str(name)))
		return false;
	if (users_file_find(a->users, slice_str(name), &known))
		role = known.role;
	rq->csrf = proxy_csrf(a, rq, name);
	return rq->csrf && accept(rq, name, role, WEB_LOGIN_PROXY);
}

/* What stands behind "Bearer"; empty without it. */
static struct slice bearer(const struct web_request *rq)
{
	const char *text = web_header(rq, "Authorization");
	struct slice scheme, rest;

	if (!text ||
	    !slice_cut(slice_trim(slice_str(text)), ' ', &scheme, &rest) ||
	    !slice_ieq(scheme, SLICE("Bearer")))
		return (struct slice){0};
	return slice_trim(rest);
}

static bool by_token(struct auth *a, struct web_request *rq, struct slice token)
{
	uint8_t hash[SECRET_HASH];
	struct user known;

	return !secret_hash(token, hash) &&
	       users_file_find_token(a->users, hash, &known) &&
	       accept(rq, known.name, known.role, WEB_LOGIN_TOKEN);
}

void auth_cookie_name(const struct web_request *rq, char out[AUTH_COOKIE])
{
	const char *host = web_header(rq, "Host");
	const char *port = host ? strrchr(host, ':') : NULL;
	uint32_t n;

	if (port && slice_u32(slice_str(port + 1), &n) && n <= UINT16_MAX)
		snprintf(out, AUTH_COOKIE, "callscope-%u", n);
	else
		snprintf(out, AUTH_COOKIE, "callscope");
}

/* What an open page asks for by itself, all the time, does not keep the
 * session of somebody who went away. */
static bool is_use(const struct web_request *rq)
{
	return strcmp(rq->path, "/api/v1/health");
}

static bool find_session(struct auth *a, const struct web_request *rq,
			 struct session *out)
{
	char name[AUTH_COOKIE];
	const char *id;

	auth_cookie_name(rq, name);
	id = web_cookie(rq, name);
	return id && sessions_find(a->sessions, slice_str(id), auth_now(a),
				   is_use(rq), out);
}

static bool by_cookie(struct auth *a, struct web_request *rq)
{
	struct session now;
	struct user known;

	if (!find_session(a, rq, &now) ||
	    !users_file_find(a->users, slice_str(now.name), &known) ||
	    !session_fits(&now, &known))
		return false;
	rq->csrf = arena_str(rq->mem, slice_str(now.csrf));
	return rq->csrf && accept(rq, known.name, known.role, WEB_LOGIN_COOKIE);
}

/* A token was given on purpose: nothing else counts beside it. */
enum web_role auth_check(struct auth *a, struct web_request *rq)
{
	struct slice token = bearer(rq);
	bool known;

	rq->user = "";
	rq->role = WEB_NOBODY;
	rq->login = WEB_LOGIN_NONE;
	rq->csrf = NULL;
	known = token.len ? by_token(a, rq, token)
			  : by_proxy(a, rq) || by_cookie(a, rq);
	if (!known)
		rq->csrf = NULL;
	return rq->role;
}

/* --- what is said of it --------------------------------------------------- */

uint64_t auth_ends_ns(struct auth *a, const struct web_request *rq)
{
	struct session now;
	struct timespec t;

	if (rq->login != WEB_LOGIN_COOKIE || !find_session(a, rq, &now))
		return 0;
	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec +
	       (now.ends_ns - auth_now(a));
}

bool auth_masks(const struct auth *a, enum web_role role, uint64_t *digits)
{
	if (role > WEB_VIEWER || a->cfg.viewer_digits >= 64)
		return false;
	*digits = a->cfg.viewer_digits;
	return true;
}

struct addr auth_from(const struct auth *a, const struct web_request *rq)
{
	const char *said = web_header(rq, "X-Forwarded-For");
	struct addr from = rq->peer;

	if (said && auth_by_proxy(a, rq))
		proxy_forwarded(slice_str(said), &from);
	return from;
}

bool auth_is_public(const struct auth *a, const char *path)
{
	struct slice page = slice_from(slice_str(path), 1), list, word;

	for (size_t i = 0; i < a->cfg.public_n; i++) {
		list = slice_str(a->cfg.public_[i]);
		do {
			slice_cut(list, ',', &word, &list);
			if (page.len && slice_eq(slice_trim(word), page))
				return true;
		} while (list.len);
	}
	return false;
}

size_t auth_logins(struct auth *a)
{
	return users_file_count(a->users);
}

const char *auth_dir(const struct auth *a)
{
	return a->cfg.dir;
}

void auth_say(struct auth *a, const char *why)
{
	if (a->cfg.say)
		a->cfg.say(a->cfg.arg, why);
}
