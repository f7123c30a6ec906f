#include "web/api_auth.h"

#include <stdio.h>

#include "web/audit.h"
#include "web/auth.h"
#include "web/gate.h"
#include "web/login_page.h"
#include "web/web_priv.h"

/* --- the login page ------------------------------------------------------- */

static bool is_loopback(const struct addr *a)
{
	static const uint8_t v6[16] = {[15] = 1};

	return (addr_is_v4(a) && a->ip[12] == 127) ||
	       !memcmp(a->ip, v6, sizeof(v6));
}

/* Whoever sits at the machine may know where it keeps its data. */
static const char *dir_for(struct web_request *rq)
{
	struct auth *a = rq->web->auth;
	bool here =
		is_loopback(&rq->peer) && !web_header(rq, "X-Forwarded-For");

	return here ? auth_dir(a) : NULL;
}

static int answer_page(struct web_request *rq, struct web_answer *an,
		       const char *name, const char *next, const char *error)
{
	struct login_page p = {
		.name = name ? name : "",
		.next = next && login_is_local(next) ? next : "",
		.error = error,
		.nobody = !auth_logins(rq->web->auth),
		.dir = dir_for(rq),
	};

	return login_page(rq, an, &p);
}

int page_login(struct web_request *rq, struct web_answer *an)
{
	return answer_page(rq, an, NULL, web_param(rq, "next"), NULL);
}

static int refuse(struct web_request *rq, struct web_answer *an,
		  unsigned status, const char *error)
{
	an->status = status;
	return answer_page(rq, an, web_form(rq, "user"), web_form(rq, "next"),
			   error);
}

static int refuse_for_now(struct web_request *rq, struct web_answer *an,
			  unsigned wait_s)
{
	char text[128], seconds[16];

	snprintf(seconds, sizeof(seconds), "%u", wait_s);
	web_answer_header(rq, an, "Retry-After", seconds);
	snprintf(text, sizeof(text),
		 "Too many wrong tries: wait %u second%s and try again.",
		 wait_s, wait_s == 1 ? "" : "s");
	return refuse(rq, an, 429, text);
}

static int refuse_wrong(struct web_request *rq, struct web_answer *an)
{
	const char *name = web_form(rq, "user");

	if (name && web_form(rq, "password"))
		gate_write_down(rq, "login_failed", name, NULL, 401);
	return refuse(rq, an, 401, "Wrong name or password.");
}

int post_login(struct web_request *rq, struct web_answer *an)
{
	const char *next = web_form(rq, "next");
	unsigned wait_s = 0;

	switch (auth_login(rq->web->auth, rq, an, &wait_s)) {
	case AUTH_LOGGED_IN:
		break;
	case AUTH_WRONG:
		return refuse_wrong(rq, an);
	case AUTH_WAIT:
		return refuse_for_now(rq, an, wait_s);
	case AUTH_FAILED:
		return refuse(rq, an, 503, "Not enough memory: try again.");
	}
	gate_write_down(rq, "login", rq->user, NULL, 303);
	return web_redirect(rq, an, next && login_is_local(next) ? next : "/");
}

/* --- the session ---------------------------------------------------------- */

static void put(struct outbuf *b, const char *name, const char *text)
{
	outbuf_str(b, name);
	if (text)
		outbuf_json(b, slice_str(text));
	else
		outbuf_str(b, "null");
}

int api_session(struct web_request *rq, struct web_answer *an)
{
	struct auth *a = rq->web->auth;
	uint64_t ends_ns = auth_ends_ns(a, rq), digits;
	struct outbuf *b = &an->body;

	put(b, "{\"user\":", rq->user);
	put(b, ",\"role\":", role_name(rq->role));
	put(b, ",\"csrf\":", rq->csrf);
	outbuf_str(b, ",\"masked\":");
	outbuf_str(b, auth_masks(a, rq->role, &digits) ? "true" : "false");
	outbuf_str(b, ",\"audio\":");
	outbuf_str(b, rq->role >= WEB_ANALYST ? "true" : "false");
	outbuf_str(b, ",\"expires\":");
	outbuf_time_or_null(b, ends_ns);
	outbuf_str(b, "}\n");
	an->cache = WEB_CACHE_NOT;
	return 0;
}

int api_logout(struct web_request *rq, struct web_answer *an)
{
	auth_logout(rq->web->auth, rq, an);
	gate_write_down(rq, "logout", rq->user, NULL, 204);
	an->status = 204;
	an->cache = WEB_CACHE_NOT;
	return 0;
}

/* --- the audit log -------------------------------------------------------- */

int api_audit(struct web_request *rq, struct web_answer *an)
{
	struct outbuf *b = &an->body;
	uint64_t limit, before, next;
	char why[AUDIT_WHY];

	if (web_param_u64(rq, "limit", 1, 1000, 100, &limit))
		return web_fail(an, 400, "bad_request",
				"limit is a number from 1 to 1000");
	if (web_param_u64(rq, "cursor", 1, UINT64_MAX, 0, &before))
		return web_fail(an, 400, "bad_request",
				"cursor is what next of the last answer said");
	outbuf_str(b, "{\"entries\":[");
	if (audit_read(auth_dir(rq->web->auth), before, limit, b, &next, why))
		return web_fail(an, 500, "internal", "%s", why);
	outbuf_str(b, "],\"next\":");
	if (next) {
		outbuf_char(b, '"');
		outbuf_u64(b, next);
		outbuf_char(b, '"');
	} else {
		outbuf_str(b, "null");
	}
	outbuf_str(b, "}\n");
	an->cache = WEB_CACHE_NOT;
	return 0;
}
