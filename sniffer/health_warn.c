#include "sniffer/health_warn.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "sniffer/mirror_words.h"

enum {
	STALLED_MS = 15000, /* the core makes one each 4 s */
	IDLE_MS = 60000,
	BEHIND_MS = 60000,
};

struct warnings {
	struct warning *v;
	size_t n;
};

static void warn(struct warnings *w, const char *code, const char *about,
		 const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static void warn(struct warnings *w, const char *code, const char *about,
		 const char *fmt, ...)
{
	struct warning *to;
	va_list ap;

	if (w->n == WARNINGS_MAX)
		return;
	to = &w->v[w->n++];
	to->code = code;
	snprintf(to->about, sizeof(to->about), "%s", about);
	va_start(ap, fmt);
	vsnprintf(to->text, sizeof(to->text), fmt, ap);
	va_end(ap);
}

/* --- the capture ---------------------------------------------------------- */

static void drops(struct warnings *w, const struct snapshot_dropped *d)
{
	if (d->kernel_minute)
		warn(w, "kernel_drops", "",
		     "The kernel dropped %" PRIu64 " packets in the last "
		     "minute: calls look worse than they were. Give a larger "
		     "buffer (-B), or record less.",
		     d->kernel_minute);
	if (d->ring_minute)
		warn(w, "ring_drops", "",
		     "%" PRIu64 " packets were lost between capture and "
		     "analysis in the last minute: one thread cannot keep up "
		     "(callscope status shows which). Filter what is no VoIP "
		     "(-f), or record less.",
		     d->ring_minute);
	if (d->workers_minute)
		warn(w, "worker_drops", "",
		     "Workers could not take %" PRIu64 " media packets in the "
		     "last minute: calls look worse than they were. Raise "
		     "workers where there are cores, or record less.",
		     d->workers_minute);
	if (d->limit_minute)
		warn(w, "limit_drops", "",
		     "A full table turned %" PRIu64 " packets away in the last "
		     "minute: callscope_dropped_packets_total of /metrics says "
		     "which; raise its limit in the configuration.",
		     d->limit_minute);
}

static void silence(struct warnings *w, const struct health *h)
{
	const struct snapshot *c = h->capture;

	if (!c->live || c->ended)
		return;
	if (h->age_ms > STALLED_MS)
		warn(w, "capture_stalled", "",
		     "The capture has told nothing for %" PRIu64 " s: the "
		     "program hangs, or the machine is overloaded.",
		     h->age_ms / 1000);
	else if (c->idle_ms > IDLE_MS)
		warn(w, "no_packets", "",
		     "No packet for %" PRIu64 " s: is the mirror port up, does "
		     "the filter let anything through?",
		     c->idle_ms / 1000);
}

/* --- the mirror ----------------------------------------------------------- */

static void one_link(struct warnings *w, const struct snapshot_tap *t)
{
	char text[MIRROR_WORDS];

	if (t->bits & LINK_OFFLOAD) {
		mirror_words_offload(text, t->bits, t->name);
		warn(w, "offload_on", t->name, "%s", text);
	}
	if (t->bits & LINK_DOWN)
		warn(w, "interface_down", t->name,
		     "The interface %s is down: ip link set %s up", t->name,
		     t->name);
	else if (t->bits & LINK_NO_CARRIER)
		warn(w, "no_carrier", t->name,
		     "The interface %s has no carrier: is the cable in, and "
		     "the mirror port of the switch up?",
		     t->name);
}

static void one_mirror(struct warnings *w, const struct snapshot *c, size_t i)
{
	const struct mirror_tap *t = &c->mirror.tap[i];
	const char *name = i < c->taps ? c->tap[i].name : "";
	char text[MIRROR_WORDS], of[SNAPSHOT_TAP_NAME + 8] = "";

	if (*name)
		snprintf(of, sizeof(of), " on %s", name);
	if (t->one_way) {
		mirror_words_one_way(text, t, of);
		warn(w, "one_direction", name, "%s", text);
	}
	if (t->twice) {
		mirror_words_twice(text, t, of);
		warn(w, "doubled_mirror", name, "%s", text);
	}
}

static void mirror(struct warnings *w, const struct snapshot *c)
{
	if (c->ended)
		return;
	for (size_t i = 0; i < c->taps; i++)
		one_link(w, &c->tap[i]);
	for (size_t i = 0; i < MIRROR_TAPS; i++)
		one_mirror(w, c, i);
}

/* --- recordings ----------------------------------------------------------- */

static void spool(struct warnings *w, const struct snapshot *c)
{
	if (c->spool_level == 1)
		warn(w, "disk_floor", "",
		     "Media is not recorded: the disk is at its floor "
		     "(disk-floor). Delete what is old, or keep less "
		     "(keep-media).");
	else if (c->spool_level > 1)
		warn(w, "disk_floor", "",
		     "Nothing is recorded: the disk is full. Delete what is "
		     "old, or keep less (keep-media, keep-signalling).");
	if (c->spool_errors)
		warn(w, "spool_errors", "",
		     "%" PRIu64 " recordings could not be written in this run: "
		     "standard error said why. Is the disk full or failing?",
		     c->spool_errors);
	if (c->spool_skipped_minute)
		warn(w, "spool_skipped", "",
		     "The disk is too slow for the recordings: %" PRIu64
		     " pieces were left out in the last minute. Record less "
		     "(--record headers), or raise spool-queue.",
		     c->spool_skipped_minute);
}

/* --- the viewer ----------------------------------------------------------- */

/* Seen by those who ask without it. */
static void viewer(struct warnings *w, const struct snapshot *c)
{
	if (c->no_viewer)
		warn(w, "viewer_down", "",
		     "The viewer could not start: its log says why at the "
		     "start. When its port is taken, choose another with "
		     "--http ADDR:PORT and start again.");
}

/* --- collectors ----------------------------------------------------------- */

static void collectors(struct warnings *w, const struct stats *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct stats_sample *up = &s->v[i];
		double waiting;

		if (up->id != STATS_HEP_UP || up->value > 0)
			continue;
		waiting = stats_get(s, STATS_HEP_WAITING,
				    (const char *)up->label[0].p);
		if (waiting > 0)
			warn(w, "hep_collector_down",
			     (const char *)up->label[0].p,
			     "HEP collector %.*s is not reached: %.0f bytes "
			     "wait for it (hep-send-queue).",
			     SLICE_ARG(up->label[0]), waiting);
	}
}

/* --- stores --------------------------------------------------------------- */

uint64_t health_lag_ms(const struct snapshot_store *s, uint64_t now_ms)
{
	return s->oldest_ms && now_ms > s->oldest_ms ? now_ms - s->oldest_ms
						     : 0;
}

static void store(struct warnings *w, const struct snapshot_store *s,
		  uint64_t now_ms)
{
	uint64_t lag_ms = health_lag_ms(s, now_ms);

	if (s->down)
		warn(w, "store_down", s->what,
		     "The %s takes nothing: %" PRIu64 " records wait, safe on "
		     "disk, the oldest for %" PRIu64 " s. Newer calls are not "
		     "found by a search until it is back.",
		     s->what, s->waiting, lag_ms / 1000);
	else if (lag_ms > BEHIND_MS)
		warn(w, "store_behind", s->what,
		     "The %s is %" PRIu64 " s behind: %" PRIu64 " records "
		     "wait. Newer calls are not found by a search yet.",
		     s->what, lag_ms / 1000, s->waiting);
	if (s->refused)
		warn(w, "store_refused", s->what,
		     "The %s refused %" PRIu64 " records in this run: they are "
		     "in the queue's file refused, with the reason.",
		     s->what, s->refused);
	if (s->lost)
		warn(w, "store_lost", s->what,
		     "%" PRIu64 " records are lost: the queue for the %s was "
		     "full (queue-max).",
		     s->lost, s->what);
}

static void program(struct warnings *w, const struct snapshot *c)
{
	if (c->reload_failed)
		warn(w, "reload_failed", "",
		     "The configuration was not read again, the log says "
		     "which line is wrong: the settings of before are in "
		     "force.");
}

static void unreadable(struct warnings *w, const struct health *h)
{
	if (h->store_wanted && h->store_why)
		warn(w, "store_unreadable", "",
		     "Searches cannot be answered: %.300s", h->store_why);
}

size_t health_warnings(const struct health *h, struct warning out[WARNINGS_MAX])
{
	struct warnings w = {.v = out};
	const struct snapshot *c = h->capture;

	if (c) {
		drops(&w, &c->dropped);
		silence(&w, h);
		mirror(&w, c);
		program(&w, c);
		spool(&w, c);
		viewer(&w, c);
		collectors(&w, &c->stats);
		for (size_t i = 0; i < c->stores; i++)
			store(&w, &c->store[i], h->now_ms);
	} else if (h->queue) {
		store(&w, h->queue, h->now_ms);
	}
	unreadable(&w, h);
	return w.n;
}
