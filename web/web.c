#include "web/web.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "web/auth.h"
#include "web/stats_cache.h"
#include "web/conns.h"
#include "web/listen.h"
#include "web/server.h"
#include "web/store_check.h"
#include "web/stream.h"
#include "web/tick.h"
#include "web/tls.h"
#include "web/work.h"

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static int no_memory(char why[WEB_WHY])
{
	snprintf(why, WEB_WHY, "not enough memory");
	return -ENOMEM;
}

static int make_parts(struct web *w, char why[WEB_WHY])
{
	const struct web_limits *l = &w->cfg.limits;

	w->conns = conns_new(l->idle_s);
	w->sleepers = sleepers_new();
	w->store_check = store_check_new();
	w->stats = stats_cache_new();
	if (!w->conns || !w->sleepers || !w->store_check || !w->stats ||
	    work_open(&w->work, w, l->workers, l->queue))
		return no_memory(why);
	return 0;
}

static int open_auth(struct web *w, char why[WEB_WHY])
{
	struct auth_config ac = w->cfg.auth;

	ac.dir = w->cfg.dir;
	ac.say = w->cfg.say;
	ac.arg = w->cfg.arg;
	return auth_open(&w->auth, &ac, why);
}

static void name_url(struct web *w)
{
	char text[ADDR_TEXT];

	snprintf(w->url, sizeof(w->url), "%s://%s/",
		 web_is_tls(w) ? "https" : "http", addr_text(&w->at, text));
}

/* What may take rights that are given up afterwards. */
static int prepare(struct web *w, char why[WEB_WHY])
{
	int err = -EINVAL;

	if (!listen_parse(slice_str(w->cfg.listen), &w->at)) {
		snprintf(why, WEB_WHY,
			 "%.100s is no address to listen on: give ADDR:PORT "
			 "or [V6]:PORT, for example 127.0.0.1:8080",
			 w->cfg.listen);
		return err;
	}
	err = tls_load(w, why);
	if (!err)
		err = server_listen(w, why);
	return err;
}

static int start(struct web *w, char why[WEB_WHY])
{
	int err = open_auth(w, why);

	if (!err)
		err = make_parts(w, why);
	if (!err)
		err = server_start(w, why);
	if (!err && tick_start(&w->tick, w))
		err = no_memory(why);
	if (!err)
		name_url(w);
	return err;
}

int web_prepare(struct web **out, const struct web_config *wc,
		char why[WEB_WHY])
{
	struct web *w = calloc(1, sizeof(*w));
	int err;

	if (!w)
		return no_memory(why);
	w->cfg = *wc;
	w->listen_fd = -1;
	w->begun_ms = now_ms();
	err = prepare(w, why);
	if (err)
		web_close(w);
	else
		*out = w;
	return err;
}

/* Signals are for the thread that waits for them: ours inherit the mask. */
int web_start(struct web *w, const struct web_backend *backend,
	      char why[WEB_WHY])
{
	sigset_t all, before;
	int err;

	w->cfg.backend = *backend;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = start(w, why);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}

void web_close(struct web *w)
{
	if (!w)
		return;
	atomic_store(&w->stopping, true);
	tick_stop(w->tick);
	server_quiesce(w);
	if (w->sleepers && w->work)
		sleepers_wake(w);
	work_stop(w->work);
	if (w->conns && w->daemon)
		conns_drain(w->conns, 2000);
	server_stop(w);
	work_free(w->work);
	sleepers_free(w->sleepers);
	store_check_free(w->store_check);
	conns_free(w->conns);
	tls_forget(w);
	stats_cache_free(w->stats);
	auth_close(w->auth);
	free(w);
}

const char *web_url(const struct web *w)
{
	return w->url;
}

uint16_t web_port(const struct web *w)
{
	return w->at.port;
}

bool web_is_local(const struct web *w)
{
	return listen_is_local(&w->at);
}

size_t web_logins(struct web *w)
{
	return auth_logins(w->auth);
}

void web_wake(struct web *w)
{
	sleepers_wake(w);
}
