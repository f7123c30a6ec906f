#include "sniffer/run_watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sniffer/capture/link_state.h"
#include "sniffer/capture/source.h"
#include "sniffer/health_warn.h"
#include "sniffer/minute.h"
#include "sniffer/process.h"
#include "sniffer/run_priv.h"
#include "sniffer/status_socket.h"
#include "sniffer/status_text.h"
#include "sniffer/thread_load.h"
#include "storage/queue.h"

#define MS_NS 1000000ull

struct said {
	const char *code;
	char about[SNAPSHOT_TAP_NAME];
};

struct run_watch {
	struct run *run;
	int asker;
	unsigned offload[SNAPSHOT_TAPS]; /* as it was at the start */
	struct thread_load *threads;
	struct minute minute;
	uint64_t every_ms;		/* between lines; 0 = none */
	struct said said[WARNINGS_MAX]; /* what is wrong now */
	size_t n;
	bool looked; /* once */
	uint64_t begun_ms;
	struct status_socket *socket;
};

/* Of a link the capture tells each change; here how it is at the start. */
static bool is_link(const char *code)
{
	return !strcmp(code, "interface_down") || !strcmp(code, "no_carrier");
}

/* Stores and spool have words of their own, when it happens. */
static bool worth_a_line(const char *code)
{
	static const char *const codes[] = {
		"kernel_drops", "ring_drops",	 "worker_drops",
		"limit_drops",	"one_direction", "doubled_mirror",
		"offload_on",
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (!strcmp(code, codes[i]))
			return true;
	return false;
}

/* --- what is wrong, each once --------------------------------------------- */

static bool same(const struct said *s, const struct warning *w)
{
	return !strcmp(s->code, w->code) && !strcmp(s->about, w->about);
}

static bool was_said(const struct run_watch *k, const struct warning *w)
{
	for (size_t i = 0; i < k->n; i++)
		if (same(&k->said[i], w))
			return true;
	return false;
}

static bool is_there(const struct said *s, const struct warning *w, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (same(s, &w[i]))
			return true;
	return false;
}

static void say_over(struct run *r, const struct said *s)
{
	say_log(r, LEVEL_NOTICE, "over: %s%s%s", s->code, *s->about ? " " : "",
		s->about);
}

static void remember(struct run_watch *k, const struct warning *w, size_t n)
{
	k->n = 0;
	for (size_t i = 0; i < n; i++) {
		struct said *s = &k->said[k->n];

		if (!worth_a_line(w[i].code))
			continue;
		s->code = w[i].code;
		memcpy(s->about, w[i].about, sizeof(s->about));
		k->n++;
	}
}

static void say_news(struct run_watch *k, const struct snapshot *b)
{
	const struct health h = {.capture = b, .now_ms = queue_now_ms()};
	struct warning w[WARNINGS_MAX];
	size_t n = health_warnings(&h, w);

	for (size_t i = 0; i < n; i++)
		if ((worth_a_line(w[i].code) && !was_said(k, &w[i])) ||
		    (is_link(w[i].code) && !k->looked))
			say_log(k->run, LEVEL_WARNING, "%s: %s", w[i].code,
				w[i].text);
	for (size_t i = 0; i < k->n && !b->ended; i++)
		if (!is_there(&k->said[i], w, n))
			say_over(k->run, &k->said[i]);
	remember(k, w, n);
	k->looked = true;
}

/* --- the line ------------------------------------------------------------- */

void run_watch_every(struct run *r, uint64_t ns)
{
	if (r->watch)
		r->watch->every_ms = ns / MS_NS;
}

bool run_watch_due(const struct run *r, uint64_t now_ms)
{
	const struct run_watch *k = r->watch;

	return k && r->live && k->every_ms &&
	       (!k->minute.ms || now_ms - k->minute.ms >= k->every_ms);
}

/* The first one is where the first minute begins. */
static void say_minute(struct run_watch *k, const struct snapshot *b)
{
	bool first = !k->minute.ms;
	char line[MINUTE_LINE];

	minute_line(&k->minute, b, process_memory(), line);
	if (!first)
		say_log(k->run, LEVEL_INFO, "%s", line);
}

void run_watch_look(struct run *r, const struct snapshot *b)
{
	if (!r->watch || !r->live)
		return;
	say_news(r->watch, b);
	if (run_watch_due(r, b->made_ms))
		say_minute(r->watch, b);
}

/* --- interfaces and threads ----------------------------------------------- */

/* Interfaces come first; what else packets come from has no link. */
static unsigned link_of(const struct run_watch *k, size_t i, const char *name)
{
	if (i >= k->run->cfg->interfaces.n)
		return 0;
	return k->offload[i] | link_updown(k->asker, name);
}

static void put_taps(const struct run_watch *k, struct snapshot *b)
{
	struct source_tap tap[SNAPSHOT_TAPS];
	size_t n = k->run->live
			   ? source_taps(k->run->source, tap, SNAPSHOT_TAPS)
			   : 0;

	for (size_t i = 0; i < n; i++) {
		struct snapshot_tap *t = &b->tap[b->taps++];

		snprintf(t->name, sizeof(t->name), "%s", tap[i].name);
		t->bits = link_of(k, i, tap[i].name);
		t->frames = tap[i].frames;
		t->bytes = tap[i].bytes;
		t->kernel = tap[i].dropped_kernel;
		t->ring = tap[i].dropped_ring;
	}
}

static void put_tap_stats(struct snapshot *b, size_t i)
{
	const struct snapshot_tap *t = &b->tap[i];
	const struct mirror_tap *m = &b->mirror.tap[i];
	struct slice name = slice_str(t->name);
	struct stats *s = &b->stats;

	stats_put1(s, STATS_TAP_UP, t->name,
		   !(t->bits & (LINK_DOWN | LINK_NO_CARRIER)));
	stats_put1(s, STATS_TAP_OFFLOAD, t->name, !!(t->bits & LINK_OFFLOAD));
	stats_put1(s, STATS_MIRROR_ONE_WAY, t->name, m->one_way);
	stats_put1(s, STATS_MIRROR_COPIES, t->name, m->twice_pct / 100.0);
	stats_put1(s, STATS_TAP_PACKETS, t->name, (double)t->frames);
	stats_put1(s, STATS_TAP_BYTES, t->name, (double)t->bytes);
	stats_put2(s, STATS_TAP_DROPPED, name, SLICE("kernel"),
		   (double)t->kernel);
	stats_put2(s, STATS_TAP_DROPPED, name, SLICE("ring"), (double)t->ring);
}

/* What waits for the media workers: their names have a blank here. */
static void put_queues(const struct run *r, struct snapshot *b)
{
	struct engine_thread e[SNAPSHOT_THREADS];
	size_t n = engine_threads(r->engine, e, SNAPSHOT_THREADS);

	for (size_t i = 0; i < n * b->threads; i++) {
		struct snapshot_thread *t = &b->thread[i % b->threads];
		const struct engine_thread *q = &e[i / b->threads];
		char name[SNAPSHOT_THREAD_NAME];

		snprintf(name, sizeof(name), "%.*s%s",
			 (int)strcspn(q->name, " "), q->name,
			 q->name + strcspn(q->name, " ") +
				 !!strchr(q->name, ' '));
		if (strcmp(name, t->name))
			continue;
		t->queued = q->used;
		t->room = q->size;
		stats_put1(&b->stats, STATS_QUEUE_USED, t->name,
			   (double)q->used);
		stats_put1(&b->stats, STATS_QUEUE_ROOM, t->name,
			   (double)q->size);
	}
}

static void put_threads(struct run_watch *k, struct snapshot *b)
{
	struct stats *s = &b->stats;

	if (!k->threads)
		return;
	b->threads = thread_load_look(k->threads, b->made_ms, b->thread,
				      SNAPSHOT_THREADS);
	for (size_t i = 0; i < b->threads; i++) {
		const struct snapshot_thread *t = &b->thread[i];

		stats_put1(s, STATS_THREAD_CPU, t->name,
			   (double)t->cpu_ns / 1e9);
		if (t->busy >= 0)
			stats_put1(s, STATS_THREAD_BUSY, t->name, t->busy);
	}
}

void run_watch_fill(struct run *r, struct snapshot *b)
{
	if (!r->watch)
		return;
	b->reload_failed = r->reloads.failed;
	stats_put1(&b->stats, STATS_RELOADS, "ok", (double)r->reloads.good);
	stats_put1(&b->stats, STATS_RELOADS, "failed", (double)r->reloads.bad);
	stats_put(&b->stats, STATS_RELOAD_OK, !r->reloads.failed);
	put_taps(r->watch, b);
	for (size_t i = 0; i < b->taps; i++)
		put_tap_stats(b, i);
	put_threads(r->watch, b);
	put_queues(r, b);
}

/* --- status --------------------------------------------------------------- */

static bool answer(void *arg, bool json, struct outbuf *out)
{
	struct run_watch *k = arg;
	struct run *r = k->run;
	const struct snapshot *b = snapshots_get(r->live_view);
	uint64_t now_ms = progress_clock_us() / 1000;
	struct health h = {
		.version = CALLSCOPE_VERSION,
		.sensor = r->cfg->sensor,
		.uptime_s = (now_ms - k->begun_ms) / 1000,
		.capture = b,
		.now_ms = queue_now_ms(),
	};
	bool wrong;

	if (b && now_ms > b->made_ms)
		h.age_ms = now_ms - b->made_ms;
	wrong = status_wrong(&h);
	if (json)
		status_json(out, &h);
	else
		status_text(out, &h);
	snapshots_put(r->live_view, b);
	return wrong;
}

static void listen_for_status(struct run_watch *k)
{
	char why[STATUS_WHY];

	if (k->run->lock && status_socket_open(&k->socket, k->run->cfg->out_dir,
					       answer, k, why))
		say_log(k->run, LEVEL_WARNING, "%s", why);
}

/* --- start and end -------------------------------------------------------- */

void run_watch_start(struct run *r)
{
	struct run_watch *k = calloc(1, sizeof(*k));
	const struct config_list *names = &r->cfg->interfaces;

	if (!k)
		return;
	k->run = r;
	k->begun_ms = progress_clock_us() / 1000;
	k->threads = thread_load_new();
	k->asker = r->live ? link_asker() : -1;
	for (size_t i = 0; i < names->n && i < SNAPSHOT_TAPS; i++)
		k->offload[i] = link_offload(k->asker, names->v[i]);
	r->watch = k;
	run_watch_every(r, r->cfg->log_interval_ns);
	if (r->live && r->live_view)
		listen_for_status(k);
}

void run_watch_close(struct run *r)
{
	struct run_watch *k = r->watch;

	if (!k)
		return;
	status_socket_close(k->socket);
	if (k->asker >= 0)
		close(k->asker);
	thread_load_free(k->threads);
	free(k);
	r->watch = NULL;
}
