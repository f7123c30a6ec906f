#include "web/live_look.h"

#include <time.h>

#include "web/auth.h"
#include "web/live_put.h"
#include "sniffer/process.h"
#include "web/store_check.h"
#include "web/work.h"

static uint64_t clock_ms(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

uint64_t look_clock_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

void look_begin(struct look *l, struct web *w)
{
	const struct web_backend *be = &w->cfg.backend;

	*l = (struct look){
		.web = w,
		.now_ms = clock_ms(CLOCK_REALTIME),
		.clock_ms = look_clock_ms(),
	};
	if (be->snapshots)
		l->snapshot = snapshots_get(be->snapshots);
	else if (be->queue)
		l->queued = be->queue(be->arg, &l->queue);
}

void look_end(struct look *l)
{
	if (l->snapshot)
		snapshots_put(l->web->cfg.backend.snapshots, l->snapshot);
	l->snapshot = NULL;
}

static uint64_t age_ms(const struct look *l)
{
	return l->clock_ms > l->snapshot->made_ms
		       ? l->clock_ms - l->snapshot->made_ms
		       : 0;
}

static bool store_wanted(const struct web *w)
{
	return w->cfg.db_url && strcmp(w->cfg.db_url, "none");
}

/* A capture knows how its database is; without one it is asked. */
static const char *store_why(struct look *l)
{
	if (!store_wanted(l->web) || (l->snapshot && l->snapshot->stores))
		return NULL;
	return store_check(l->web->store_check, l->web, l->clock_ms,
			   l->store_why)
		       ? NULL
		       : l->store_why;
}

struct health look_health(struct look *l)
{
	const struct web *w = l->web;

	return (struct health){
		.version = CALLSCOPE_VERSION,
		.sensor = w->cfg.backend.sensor,
		.uptime_s = (l->clock_ms - w->begun_ms) / 1000,
		.capture = l->snapshot,
		.age_ms = l->snapshot ? age_ms(l) : 0,
		.now_ms = l->now_ms,
		.queue = l->queued ? &l->queue : NULL,
		.store_wanted = store_wanted(w),
		.store_why = store_why(l),
	};
}

/* Of another process: its queue is all that can be seen from here. */
static void queue_stats(const struct look *l, struct stats *out)
{
	uint64_t lag_ms = l->queue.oldest_ms && l->now_ms > l->queue.oldest_ms
				  ? l->now_ms - l->queue.oldest_ms
				  : 0;

	stats_put1(out, STATS_STORE_WAITING, l->queue.what,
		   (double)l->queue.waiting);
	stats_put1(out, STATS_STORE_LAG, l->queue.what, (double)lag_ms / 1000);
}

static void server_stats(struct web *w, struct stats *out)
{
	static const char *const class[WEB_CLASSES] = {NULL,  "1xx", "2xx",
						       "3xx", "4xx", "5xx"};

	for (size_t i = 1; i < WEB_CLASSES; i++)
		stats_put1(out, STATS_HTTP_REQUESTS, class[i],
			   (double)atomic_load(&w->answers[i]));
	stats_put(out, STATS_HTTP_BUSY, work_waiting(w->work));
}

void look_stats(const struct look *l, struct stats *out)
{
	const struct snapshot *s = l->snapshot;

	stats_put1(out, STATS_BUILD_INFO, CALLSCOPE_VERSION, 1);
	stats_put(out, STATS_UPTIME,
		  (double)(l->clock_ms - l->web->begun_ms) / 1000);
	stats_put(out, STATS_CAPTURE_UP, s && !s->ended);
	stats_put(out, STATS_CAPTURE_LIVE, s && s->live);
	if (s)
		stats_put(out, STATS_SNAPSHOT_AGE, (double)age_ms(l) / 1000);
	if (l->queued)
		queue_stats(l, out);
	process_stats(out);
	server_stats(l->web, out);
	stats_put(out, STATS_HTTP_WATCHERS, atomic_load(&l->web->open_events));
}

uint64_t look_digits(const struct web_request *rq)
{
	uint64_t digits;

	return auth_masks(rq->web->auth, rq->role, &digits) ? digits
							    : LIVE_ALL_DIGITS;
}
