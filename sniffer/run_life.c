#include "sniffer/run_life.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "sniffer/capture/source.h"
#include "sniffer/run_keyfiles.h"
#include "sniffer/run_privs.h"
#include "sniffer/run_reload.h"
#include "sniffer/sd_notify.h"

#define STATUS_US    60000000ull
#define LIFE_THREADS 16 /* media workers, interfaces that are looked at */

struct life {
	struct sd_notify sd;
	struct run_privs *privs;
	const struct run_env *env;
	bool terminal;			/* messages went to one at the start */
	uint64_t ping_us, status_us;	/* when last */
	uint64_t busy_ns[LIFE_THREADS]; /* of media workers, at the last ping */
	struct reload reload;
};

int life_begin(struct run *r, const struct run_env *env)
{
	struct life *l = calloc(1, sizeof(*l));

	if (!l) {
		run_complain(r, "not enough memory to start");
		return -ENOMEM;
	}
	l->env = env;
	l->terminal = isatty(STDERR_FILENO);
	sd_notify_open(&l->sd);
	r->life = l;
	return 0;
}

/* --- rights --------------------------------------------------------------- */

int life_drop(struct run *r)
{
	const struct config *c = r->cfg;

	if (!r->live)
		return 0;
	/* What fails is the viewer's error: the capture goes on. */
	if (run_web_wanted(c) && run_web_prepare(&r->web, c, run_complain, r))
		r->no_viewer = true;
	run_keyfiles_early(r);
	return run_privs_drop(&r->life->privs, c, c->interfaces.n, &r->log);
}

/* --- the service manager -------------------------------------------------- */

static void send_status(struct run *r, uint64_t now_us)
{
	const struct engine_stats *st = engine_stats(r->engine);

	if (r->life->status_us && now_us - r->life->status_us < STATUS_US)
		return;
	r->life->status_us = now_us;
	sd_notify_send(&r->life->sd,
		       "STATUS=%llu calls and sessions open, %llu calls over, "
		       "%llu packets%s",
		       (unsigned long long)st->open_calls,
		       (unsigned long long)st->calls,
		       (unsigned long long)st->packets,
		       r->no_viewer ? "; no viewer (see the log)" : "");
}

/* Each thread that reads a device goes round also when nothing comes. */
static bool capture_moves(struct run *r, uint64_t now_us)
{
	struct source_tap t[LIFE_THREADS];
	size_t n = source_taps(r->source, t, LIFE_THREADS);
	uint64_t limit = r->life->sd.watchdog_us / 2;

	/* They tell once a second. */
	if (limit < 2000000)
		limit = 2000000;
	for (size_t i = 0; i < n && i < LIFE_THREADS; i++) {
		uint64_t seen_us = t[i].alive_ns / 1000;

		if (seen_us && now_us > seen_us + limit)
			return false;
	}
	return true;
}

/* Whether each worker that has something to do has done something since the
 * last time. */
static bool workers_move(struct run *r)
{
	struct engine_thread t[LIFE_THREADS];
	size_t n = engine_threads(r->engine, t, LIFE_THREADS);
	bool all = true;

	for (size_t i = 0; i < n && i < LIFE_THREADS; i++) {
		uint64_t *before = &r->life->busy_ns[i];

		all = all && (!t[i].used || t[i].busy_ns != *before);
		*before = t[i].busy_ns;
	}
	return all;
}

static void ping(struct run *r, uint64_t now_us)
{
	struct life *l = r->life;

	if (!l->sd.watchdog_us || now_us - l->ping_us < l->sd.watchdog_us / 4)
		return;
	l->ping_us = now_us;
	if (workers_move(r) && capture_moves(r, now_us))
		sd_notify_send(&l->sd, "WATCHDOG=1");
}

void life_ready(struct run *r)
{
	if (r->live)
		sd_notify_send(&r->life->sd, "READY=1");
}

void life_stopping(struct run *r)
{
	sd_notify_send(&r->life->sd, "STOPPING=1\nSTATUS=writes what is open");
	/* Should the time not be enough, the next run has what it needs. */
	resume_tick(r->resume);
}

/* --- the hang-up ---------------------------------------------------------- */

/* A signal of the terminal that went away, not of one who wants files to be
 * read again. */
static bool lost_terminal(const struct life *l)
{
	return l->terminal && !isatty(STDERR_FILENO);
}

static void on_hangup(struct run *r)
{
	struct life *l = r->life;

	if (lost_terminal(l)) {
		atomic_store(l->env->stop, true);
		return;
	}
	sd_notify_reloading(&l->sd);
	reload_run(&l->reload, r, l->env);
	sd_notify_send(&l->sd, "READY=1");
}

void life_poll(struct run *r)
{
	struct life *l = r->life;
	uint64_t now_us;

	if (!r->live)
		return;
	run_privs_core(l->privs);
	if (atomic_exchange(l->env->again, false))
		on_hangup(r);
	if (l->sd.fd < 0)
		return;
	now_us = progress_clock_us();
	ping(r, now_us);
	send_status(r, now_us);
}

void life_close(struct run *r)
{
	struct life *l = r->life;

	if (!l)
		return;
	run_privs_close(l->privs);
	sd_notify_close(&l->sd);
	reload_free(&l->reload);
	free(l);
	r->life = NULL;
}
