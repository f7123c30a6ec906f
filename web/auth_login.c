/* Logging in and out by a cookie. */
#include <openssl/crypto.h>
#include <stdio.h>
#include <strings.h>

#include "web/auth_priv.h"

enum {
	/* Each takes 32 MB and a part of a second of a worker. */
	CHECKS_MAX = 2,
};

/* --- the cookie ----------------------------------------------------------- */

static bool is_secure(const struct auth *a, const struct web_request *rq)
{
	const char *proto = web_header(rq, "X-Forwarded-Proto");

	return rq->tls ||
	       (proto && auth_by_proxy(a, rq) && !strcasecmp(proto, "https"));
}

/* life: "" for that of the browser's session. */
static void put_cookie(struct auth *a, struct web_request *rq,
		       struct web_answer *an, const char *value,
		       const char *life)
{
	char name[AUTH_COOKIE], text[256];

	auth_cookie_name(rq, name);
	snprintf(text, sizeof(text),
		 "%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s", name, value,
		 is_secure(a, rq) ? "; Secure" : "", life);
	web_answer_header(rq, an, "Set-Cookie", text);
	OPENSSL_cleanse(text, sizeof(text));
}

/* Whether there was a cookie. */
static bool end_session(struct auth *a, const struct web_request *rq)
{
	char name[AUTH_COOKIE];
	const char *id;

	auth_cookie_name(rq, name);
	id = web_cookie(rq, name);
	if (id)
		sessions_end(a->sessions, slice_str(id));
	return id;
}

void auth_logout(struct auth *a, struct web_request *rq, struct web_answer *an)
{
	if (end_session(a, rq))
		put_cookie(a, rq, an, "", "; Max-Age=0");
}

/* --- the password --------------------------------------------------------- */

/* One of the few that may be tried at once. */
static bool begin_check(struct auth *a)
{
	if (atomic_fetch_add(&a->checks, 1) < CHECKS_MAX)
		return true;
	atomic_fetch_sub(&a->checks, 1);
	return false;
}

/* The same time passes for names that are not there. */
static bool is_right(struct auth *a, struct slice name, struct slice password,
		     struct user *who)
{
	if (users_file_find(a->users, name, who))
		return password_check(password, slice_str(who->hash));
	password_check_nobody(password);
	return false;
}

static enum auth_login begin(struct auth *a, struct web_request *rq,
			     struct web_answer *an, const struct user *who)
{
	char id[SECRET_TEXT];

	rq->user = arena_str(rq->mem, slice_str(who->name));
	if (!rq->user || sessions_begin(a->sessions, who, auth_now(a), id)) {
		rq->user = "";
		return AUTH_FAILED;
	}
	rq->role = who->role;
	end_session(a, rq);
	put_cookie(a, rq, an, id, "");
	OPENSSL_cleanse(id, sizeof(id));
	return AUTH_LOGGED_IN;
}

static enum auth_login try(struct auth *a, struct web_request *rq,
			   struct web_answer *an, struct slice name,
			   struct slice password)
{
	struct addr from = auth_from(a, rq);
	enum auth_login got = AUTH_WRONG;
	struct user who;

	if (is_right(a, name, password, &who))
		got = begin(a, rq, an, &who);
	if (got == AUTH_WRONG)
		throttle_fail(a->throttle, &from, name, auth_now(a));
	if (got == AUTH_LOGGED_IN)
		throttle_pass(a->throttle, &from, name);
	OPENSSL_cleanse(&who, sizeof(who));
	return got;
}

/* The body and what was taken out of it. */
static void wipe(struct web_request *rq, const char *password)
{
	OPENSSL_cleanse((void *)rq->body.p, rq->body.len);
	OPENSSL_cleanse((void *)password, strlen(password));
}

enum auth_login auth_login(struct auth *a, struct web_request *rq,
			   struct web_answer *an, unsigned *wait_s)
{
	const char *name = web_form(rq, "user");
	const char *password = web_form(rq, "password");
	struct addr from = auth_from(a, rq);
	enum auth_login got;
	uint64_t wait;

	if (!name || !password)
		return AUTH_WRONG;
	wait = throttle_wait(a->throttle, &from, slice_str(name), auth_now(a));
	if (wait) {
		*wait_s = (unsigned)((wait + 999999999) / 1000000000);
		return AUTH_WAIT;
	}
	if (!begin_check(a)) {
		*wait_s = 1;
		return AUTH_WAIT;
	}
	got = try(a, rq, an, slice_str(name), slice_str(password));
	atomic_fetch_sub(&a->checks, 1);
	wipe(rq, password);
	return got;
}
