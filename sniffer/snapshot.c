#include "sniffer/snapshot.h"

#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	POINTS = 64, /* of the last minute, a second apart or more */
	MINUTE_MS = 60000,
	WATCHED_MS = 10000, /* somebody looked so lately */
};

/* What only grows, at a moment. */
struct point {
	uint64_t ms, packets, bytes, kernel, ring, workers, limit, skipped;
	uint64_t tap_frames[SNAPSHOT_TAPS], tap_bytes[SNAPSHOT_TAPS];
};

struct snapshots {
	_Atomic(struct snapshot *) fresh; /* handed over, not taken yet */
	_Atomic(struct snapshot *) spare;
	atomic_uint_fast64_t looks; /* of readers */
	/* the core's */
	uint64_t looks_seen, looked_ms, made_ms, number;
	bool made;
	struct snapshot_ended gone[SNAPSHOT_ENDED];
	size_t gone_n, gone_at;
	struct point point[POINTS];
	size_t points, point_at;
	/* the readers' */
	pthread_mutex_t lock;
	struct snapshot *last;
};

struct snapshots *snapshots_new(void)
{
	struct snapshots *s = calloc(1, sizeof(*s));

	if (s)
		pthread_mutex_init(&s->lock, NULL);
	return s;
}

void snapshots_free(struct snapshots *s)
{
	if (!s)
		return;
	free(s->last);
	free(atomic_load(&s->fresh));
	free(atomic_load(&s->spare));
	pthread_mutex_destroy(&s->lock);
	free(s);
}

/* --- the core ------------------------------------------------------------- */

static bool watched(struct snapshots *s, uint64_t now_ms)
{
	uint64_t looks = atomic_load_explicit(&s->looks, memory_order_relaxed);

	if (looks != s->looks_seen) {
		s->looks_seen = looks;
		s->looked_ms = now_ms;
	}
	return s->looks_seen && now_ms - s->looked_ms < WATCHED_MS;
}

bool snapshots_due(struct snapshots *s, uint64_t now_ms)
{
	uint64_t since = now_ms - s->made_ms;

	if (!s->made)
		return true;
	if (since < SNAPSHOT_LOOKED_MS)
		return false;
	return since >= SNAPSHOT_EVERY_MS || watched(s, now_ms);
}

void snapshots_ended(struct snapshots *s, const struct cdr *cdr)
{
	struct snapshot_ended *g = &s->gone[s->gone_at];

	if (cdr->kind != CDR_CALL && cdr->kind != CDR_SESSION)
		return;
	memcpy(g->uid, cdr->uid, sizeof(g->uid));
	snprintf(g->state, sizeof(g->state), "%s",
		 cdr->call.state ? cdr->call.state : "");
	g->status = cdr->call.status;
	g->recorded = cdr->call.pcap.len > 0;
	s->gone_at = (s->gone_at + 1) % SNAPSHOT_ENDED;
	if (s->gone_n < SNAPSHOT_ENDED)
		s->gone_n++;
}

struct snapshot *snapshots_begin(struct snapshots *s, uint64_t now_ms)
{
	struct snapshot *b = atomic_exchange(&s->spare, NULL);

	s->made = true;
	s->made_ms = now_ms;
	if (!b)
		b = malloc(sizeof(*b));
	if (!b)
		return NULL;
	memset(b, 0, offsetof(struct snapshot, stats));
	b->stats.n = 0;
	b->stats.left_out = 0;
	b->calls = b->sessions = b->n = b->ended_n = 0;
	b->made_ms = now_ms;
	b->number = ++s->number;
	return b;
}

/* The oldest moment of the last minute; the first of the run where there is
 * none before. */
static const struct point *minute_ago(const struct snapshots *s,
				      uint64_t now_ms)
{
	for (size_t i = s->points; i > 0; i--) {
		const struct point *p =
			&s->point[(s->point_at + POINTS - i) % POINTS];

		if (now_ms - p->ms <= MINUTE_MS)
			return p;
	}
	return NULL;
}

static struct point point_of(const struct snapshot *b)
{
	struct point p = {
		.ms = b->made_ms,
		.packets = b->packets,
		.bytes = b->bytes,
		.kernel = b->dropped.kernel,
		.ring = b->dropped.ring,
		.workers = b->dropped.workers,
		.limit = b->dropped.limit,
		.skipped = b->spool_skipped,
	};

	for (size_t i = 0; i < b->taps; i++) {
		p.tap_frames[i] = b->tap[i].frames;
		p.tap_bytes[i] = b->tap[i].bytes;
	}
	return p;
}

void snapshots_measure(struct snapshots *s, struct snapshot *b)
{
	const struct point now = point_of(b);
	static const struct point none = {0};
	const struct point *then = minute_ago(s, b->made_ms);

	b->measured = true;
	if (!then)
		then = s->points ? &now : &none;
	b->minute_ms = then->ms ? now.ms - then->ms : 0;
	b->packets_minute = now.packets - then->packets;
	b->bytes_minute = now.bytes - then->bytes;
	b->dropped.kernel_minute = now.kernel - then->kernel;
	b->dropped.ring_minute = now.ring - then->ring;
	b->dropped.workers_minute = now.workers - then->workers;
	b->dropped.limit_minute = now.limit - then->limit;
	b->spool_skipped_minute = now.skipped - then->skipped;
	for (size_t i = 0; i < b->taps; i++) {
		b->tap[i].frames_minute =
			now.tap_frames[i] - then->tap_frames[i];
		b->tap[i].bytes_minute = now.tap_bytes[i] - then->tap_bytes[i];
	}
	s->point[s->point_at] = now;
	s->point_at = (s->point_at + 1) % POINTS;
	if (s->points < POINTS)
		s->points++;
}

void snapshots_publish(struct snapshots *s, struct snapshot *b)
{
	for (size_t i = 0; i < s->gone_n; i++)
		b->gone[i] = s->gone[(s->gone_at + SNAPSHOT_ENDED - 1 - i) %
				     SNAPSHOT_ENDED];
	b->ended_n = s->gone_n;
	if (!b->measured)
		snapshots_measure(s, b);
	/* Nobody took the one before: it is filled next time. */
	b = atomic_exchange(&s->fresh, b);
	if (b)
		free(atomic_exchange(&s->spare, b));
}

/* --- readers -------------------------------------------------------------- */

static void let_go(struct snapshots *s, struct snapshot *b)
{
	if (b && --b->refs == 0)
		free(atomic_exchange(&s->spare, b));
}

const struct snapshot *snapshots_get(struct snapshots *s)
{
	struct snapshot *b;

	atomic_fetch_add_explicit(&s->looks, 1, memory_order_relaxed);
	pthread_mutex_lock(&s->lock);
	b = atomic_exchange(&s->fresh, NULL);
	if (b) {
		b->refs = 1;
		let_go(s, s->last);
		s->last = b;
	}
	b = s->last;
	if (b)
		b->refs++;
	pthread_mutex_unlock(&s->lock);
	return b;
}

void snapshots_put(struct snapshots *s, const struct snapshot *b)
{
	if (!b)
		return;
	pthread_mutex_lock(&s->lock);
	let_go(s, (struct snapshot *)b);
	pthread_mutex_unlock(&s->lock);
}
