/*
 * The viewer: a HTTP server with the JSON API, the pages and the live events.
 * One thread of libmicrohttpd does all input and output and never waits for
 * anything; requests are run by a few workers, each with a connection of its
 * own to the store. What packets and the engine know comes by the callbacks of
 * backend.h.
 */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "storage/db.h"
#include "web/auth.h"
#include "web/backend.h"

/* Room for one sentence that says what went wrong and what to do. */
#define WEB_WHY DB_WHY

struct web;

struct web_limits {
	unsigned connections; /* in all */
	unsigned per_address; /* 0 = no limit of its own */
	unsigned workers;
	unsigned queue;	    /* requests that wait for a worker */
	unsigned events;    /* readers of live events at once */
	unsigned idle_s;    /* a request must be complete within it */
	uint64_t search_ns; /* that a search may take */
};

/* Borrowed until web_close(). */
struct web_config {
	const char *listen;	/* ADDR:PORT, [V6]:PORT; port 0 = any free */
	const char *cert, *key; /* PEM files; NULL = no TLS */
	const char *db_url;	/* NULL or "none": no store */
	const char *db_password_file;
	const char *dir;	 /* the data folder: users, pcaps */
	struct auth_config auth; /* without dir, say and arg: as below */
	struct web_limits limits;
	struct web_backend backend;
	/* What the operator should know; any thread. */
	void (*say)(void *arg, const char *why);
	void *arg;
};

/* Reads the certificate and takes the port: nobody is answered yet, no thread
 * runs. The backend of wc is not looked at. 0 or -errno with why. */
int web_prepare(struct web **out, const struct web_config *wc,
		char why[WEB_WHY]);
/* Serves from now on. 0 or -errno with why; then web_close(). */
int web_start(struct web *w, const struct web_backend *backend,
	      char why[WEB_WHY]);
/* Ends what runs, then the server. NULL is fine. */
void web_close(struct web *w);

/* Where it is to be found: http://127.0.0.1:8080/ */
const char *web_url(const struct web *w);
/* Only this machine can reach it. */
bool web_is_local(const struct web *w);
uint16_t web_port(const struct web *w);

/* How many may log in by name and password. */
size_t web_logins(struct web *w);

/* There is news: streams of live events look for it now. Any thread. */
void web_wake(struct web *w);

#endif
