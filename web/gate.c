#include "web/gate.h"

#include <stdio.h>
#include <time.h>

#include "web/api_auth.h"
#include "web/audit.h"
#include "web/auth.h"
#include "web/web_priv.h"

/* --- before --------------------------------------------------------------- */

static bool changes_something(const struct web_request *rq)
{
	return strcmp(rq->method, "GET") && strcmp(rq->method, "HEAD");
}

static void put_escaped(struct outbuf *b, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~/";
	char hex[8];

	for (; *text; text++) {
		if (strchr(plain, *text)) {
			outbuf_char(b, *text);
			continue;
		}
		snprintf(hex, sizeof(hex), "%%%02X", (uint8_t)*text);
		outbuf_str(b, hex);
	}
}

/* GET / with where to go on to, as a query. */
static void to_login(struct web_request *rq, struct web_answer *an)
{
	struct outbuf b = {0};
	char *path;

	outbuf_str(&b, "/?next=");
	put_escaped(&b, rq->path);
	if (*rq->query) {
		put_escaped(&b, "?");
		put_escaped(&b, rq->query);
	}
	path = b.failed ? NULL : arena_str(rq->mem, slice_of(b.p, b.len));
	web_redirect(rq, an, path ? path : "/");
	outbuf_free(&b);
}

static bool is_root(const struct web_request *rq)
{
	return rq->route && rq->route->page && !strcmp(rq->path, "/");
}

/* The login page itself, or the way to it. */
static void ask_person(struct web_request *rq, struct web_answer *an)
{
	if (!is_root(rq))
		to_login(rq, an);
	else if (page_login(rq, an))
		web_fail(an, 500, "internal", "not enough memory");
}

static void ask_for_login(struct web_request *rq, struct web_answer *an)
{
	if (rq->route && rq->route->page) {
		ask_person(rq, an);
		return;
	}
	web_fail(an, 401, "unauthorized",
		 "log in first: by the page at /, or with a token of "
		 "\"callscope user token NAME\" as Authorization: Bearer");
	web_answer_header(rq, an, "WWW-Authenticate",
			  "Bearer realm=\"callscope\"");
}

static bool is_open(const struct web_request *rq)
{
	return rq->route && (rq->route->role == WEB_NOBODY ||
			     auth_is_public(rq->web->auth, rq->path));
}

bool gate_pass(struct web_request *rq, struct web_answer *an)
{
	struct auth *a = rq->web->auth;
	bool open = is_open(rq);

	auth_check(a, rq);
	if (!open && rq->role == WEB_NOBODY) {
		ask_for_login(rq, an);
		return false;
	}
	if (changes_something(rq) && !auth_is_own(a, rq, !open)) {
		web_fail(an, 403, "csrf",
			 "this was not sent by a page of this viewer: send "
			 "X-CSRF-Token as GET /api/v1/session tells it");
		return false;
	}
	if (open || !rq->route || rq->role >= rq->route->role)
		return true;
	web_fail(an, 403, "forbidden",
		 "this is for the role %s; %s is %s: an administrator can "
		 "change that with \"callscope user\"",
		 role_name(rq->route->role), rq->user, role_name(rq->role));
	return false;
}

/* --- after ---------------------------------------------------------------- */

/* Lists are written down when they are taken away as a file. */
static const char *rows_action(const struct web_request *rq)
{
	const char *format = web_param(rq, "format");

	if (!format || !*format || !strcmp(format, "json"))
		return NULL;
	return strcmp(format, "csv") ? "json" : "csv";
}

/* Our pages say when they fetch sound to play it. */
static const char *action_of(const struct web_request *rq)
{
	const char *action = rq->route ? rq->route->audit : NULL;

	if (action && !strcmp(action, "rows"))
		return rows_action(rq);
	if (action && !strcmp(action, "wav") && web_param(rq, "listen"))
		return "listen";
	return action;
}

static const char *what_of(struct web_request *rq)
{
	const char *q;

	if (rq->arg[0].len)
		return arena_str(rq->mem, rq->arg[0]);
	q = web_param(rq, "q");
	return q ? q : "";
}

int gate_write_down(struct web_request *rq, const char *action,
		    const char *user, const char *what, unsigned status)
{
	struct addr from = auth_from(rq->web->auth, rq);
	char text[ADDR_TEXT], why[AUDIT_WHY];
	struct audit_entry e = {
		.user = user,
		.role = rq->role,
		.from = addr_ip_text(&from, text),
		.action = action,
		.what = what,
		.status = status,
	};
	struct timespec t;
	int err;

	clock_gettime(CLOCK_REALTIME, &t);
	e.time_ns = (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
	err = audit_put(auth_dir(rq->web->auth), &e, why);
	if (err)
		auth_say(rq->web->auth, why);
	return err;
}

/* What cannot be written down is not handed out. */
void gate_done(struct web_request *rq, struct web_answer *an)
{
	const char *action = action_of(rq);

	if (!action || rq->role == WEB_NOBODY || !strcmp(rq->method, "HEAD"))
		return;
	if (gate_write_down(rq, action, rq->user, what_of(rq), an->status))
		web_fail(an, 503, "unavailable",
			 "the audit log cannot be written, so nothing is "
			 "handed out: the operator's log says why");
}
