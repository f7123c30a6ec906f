#include "web/api_live.h"

#include <errno.h>
#include <stdlib.h>

#include "web/live_diff.h"
#include "web/live_look.h"
#include "web/live_put.h"
#include "web/metrics.h"
#include "web/web_priv.h"

enum {
	LIMIT = 200,
	HEALTH_MS = 2000,
	/* Then the client asks again, and must still be logged in. */
	WATCH_MS = 300000,
};

static int bad_limit(struct web_answer *an)
{
	return web_fail(an, 400, "bad_request",
			"limit is a number from 1 to %d", SNAPSHOT_ROWS);
}

static int limit_of(const struct web_request *rq, uint64_t *limit)
{
	return web_param_u64(rq, "limit", 1, SNAPSHOT_ROWS, LIMIT, limit);
}

int api_live(struct web_request *rq, struct web_answer *an)
{
	struct look look;
	uint64_t limit;

	if (limit_of(rq, &limit))
		return bad_limit(an);
	look_begin(&look, rq->web);
	live_put(&an->body, look.snapshot, look.now_ms * 1000000, limit,
		 look_digits(rq));
	look_end(&look);
	return an->body.failed ? -ENOMEM : 0;
}

int api_health(struct web_request *rq, struct web_answer *an)
{
	struct health h;
	struct look look;

	look_begin(&look, rq->web);
	h = look_health(&look);
	health_put(&an->body, &h);
	look_end(&look);
	return an->body.failed ? -ENOMEM : 0;
}

int api_readyz(struct web_request *rq, struct web_answer *an)
{
	struct health h;
	struct look look;

	an->type = "text/plain; charset=utf-8";
	look_begin(&look, rq->web);
	h = look_health(&look);
	an->status = health_ready(&an->body, &h) ? 200 : 503;
	look_end(&look);
	return an->body.failed ? -ENOMEM : 0;
}

int api_metrics(struct web_request *rq, struct web_answer *an)
{
	struct stats *own = calloc(1, sizeof(*own));
	const struct stats *lists[2] = {own};
	struct look look;

	if (!own)
		return -ENOMEM;
	an->type = METRICS_TYPE;
	look_begin(&look, rq->web);
	look_stats(&look, own);
	if (look.snapshot)
		lists[1] = &look.snapshot->stats;
	metrics_put(&an->body, lists, look.snapshot ? 2 : 1);
	look_end(&look);
	free(own);
	return an->body.failed ? -ENOMEM : 0;
}

/* --- events --------------------------------------------------------------- */

/* One client. All it may hold is what a list of rows takes. */
struct watcher {
	struct web *web;
	uint64_t limit, digits;
	uint64_t health_ms; /* when it was told last */
	uint64_t since_ms;
	bool told;
	struct outbuf out;
	size_t at; /* of out: sent */
	struct live_diff known;
};

static void event(struct outbuf *b, const char *name)
{
	outbuf_str(b, "event: ");
	outbuf_str(b, name);
	outbuf_str(b, "\ndata: ");
}

/* With its name in front if there is anything to tell. */
static void put_calls(struct watcher *w, const struct look *look)
{
	size_t before = w->out.len;

	event(&w->out, "calls");
	if (live_diff_put(&w->known, &w->out, look->snapshot,
			  look->now_ms * 1000000, w->limit, w->digits))
		outbuf_str(&w->out, "\n\n");
	else
		w->out.len = before;
}

static void put_health(struct watcher *w, struct look *look)
{
	struct health h;

	if (w->told && look->clock_ms - w->health_ms < HEALTH_MS)
		return;
	h = look_health(look);
	event(&w->out, "health");
	health_put(&w->out, &h);
	outbuf_str(&w->out, "\n\n");
	w->told = true;
	w->health_ms = look->clock_ms;
}

static ssize_t watch(void *arg, char *buf, size_t max)
{
	struct watcher *w = arg;
	struct look look;
	size_t n;

	if (w->at == w->out.len) {
		outbuf_reset(&w->out);
		w->at = 0;
		look_begin(&look, w->web);
		if (look.clock_ms - w->since_ms > WATCH_MS) {
			look_end(&look);
			return WEB_STREAM_END;
		}
		put_calls(w, &look);
		put_health(w, &look);
		look_end(&look);
	}
	if (w->out.failed)
		return WEB_STREAM_BROKEN;
	n = w->out.len - w->at < max ? w->out.len - w->at : max;
	if (!n)
		return WEB_STREAM_NOTHING;
	memcpy(buf, w->out.p + w->at, n);
	w->at += n;
	return (ssize_t)n;
}

static void unwatch(void *arg)
{
	struct watcher *w = arg;

	outbuf_free(&w->out);
	free(w);
}

int api_live_events(struct web_request *rq, struct web_answer *an)
{
	struct watcher *w;
	uint64_t limit;

	if (limit_of(rq, &limit))
		return bad_limit(an);
	w = calloc(1, sizeof(*w));
	if (!w)
		return -ENOMEM;
	w->web = rq->web;
	w->since_ms = look_clock_ms();
	w->limit = limit;
	w->digits = look_digits(rq);
	an->type = "text/event-stream";
	an->stream =
		(struct web_stream){.read = watch, .close = unwatch, .arg = w};
	return 0;
}
