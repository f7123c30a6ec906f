#include "sniffer/health.h"

#include "sniffer/base/link_bits.h"
#include "sniffer/health_warn.h"

static void key(struct outbuf *b, const char *name)
{
	if (b->len && b->p[b->len - 1] != '{')
		outbuf_char(b, ',');
	outbuf_char(b, '"');
	outbuf_str(b, name);
	outbuf_str(b, "\":");
}

static void put_u64(struct outbuf *b, const char *name, uint64_t v)
{
	key(b, name);
	outbuf_u64(b, v);
}

static void put_bool(struct outbuf *b, const char *name, bool v)
{
	key(b, name);
	outbuf_str(b, v ? "true" : "false");
}

static void put_text(struct outbuf *b, const char *name, const char *v)
{
	key(b, name);
	if (v)
		outbuf_json(b, slice_str(v));
	else
		outbuf_str(b, "null");
}

static void put_time(struct outbuf *b, const char *name, uint64_t ns)
{
	key(b, name);
	outbuf_time_or_null(b, ns);
}

/* --- the capture ---------------------------------------------------------- */

static void interfaces(struct outbuf *b, const struct snapshot *c)
{
	key(b, "interfaces");
	outbuf_char(b, '[');
	for (size_t i = 0; i < c->interfaces; i++) {
		if (i)
			outbuf_char(b, ',');
		outbuf_json(b, slice_str(c->interface[i]));
	}
	outbuf_char(b, ']');
}

static void dropped(struct outbuf *b, const struct snapshot_dropped *d)
{
	key(b, "dropped");
	outbuf_char(b, '{');
	put_u64(b, "kernel", d->kernel);
	put_u64(b, "ring", d->ring);
	put_u64(b, "workers", d->workers);
	put_u64(b, "limit", d->limit);
	put_u64(b, "kernel_minute", d->kernel_minute);
	put_u64(b, "ring_minute", d->ring_minute);
	put_u64(b, "workers_minute", d->workers_minute);
	put_u64(b, "limit_minute", d->limit_minute);
	outbuf_char(b, '}');
}

/* null where there is none. */
static void put_figure(struct outbuf *b, const char *name, uint64_t v, bool is)
{
	if (is) {
		put_u64(b, name, v);
		return;
	}
	key(b, name);
	outbuf_str(b, "null");
}

static void tap(struct outbuf *b, const struct snapshot_tap *t,
		const struct mirror_tap *m)
{
	outbuf_char(b, '{');
	put_text(b, "name", t->name);
	put_bool(b, "up", !(t->bits & (LINK_DOWN | LINK_NO_CARRIER)));
	put_bool(b, "offload", t->bits & LINK_OFFLOAD);
	put_u64(b, "packets", t->frames);
	put_u64(b, "bytes", t->bytes);
	put_u64(b, "packets_minute", t->frames_minute);
	put_u64(b, "bytes_minute", t->bytes_minute);
	put_u64(b, "dropped_kernel", t->kernel);
	put_u64(b, "dropped_ring", t->ring);
	put_bool(b, "one_direction", m->one_way);
	put_bool(b, "doubled", m->twice);
	outbuf_char(b, '}');
}

static void taps(struct outbuf *b, const struct snapshot *c)
{
	key(b, "taps");
	outbuf_char(b, '[');
	for (size_t i = 0; i < c->taps; i++) {
		if (i)
			outbuf_char(b, ',');
		tap(b, &c->tap[i], &c->mirror.tap[i]);
	}
	outbuf_char(b, ']');
}

static void thread(struct outbuf *b, const struct snapshot_thread *t)
{
	outbuf_char(b, '{');
	put_text(b, "name", t->name);
	key(b, "busy");
	if (t->busy >= 0)
		outbuf_double(b, t->busy);
	else
		outbuf_str(b, "null");
	put_u64(b, "cpu_ms", t->cpu_ns / 1000000);
	put_figure(b, "queued", t->queued, t->room);
	put_figure(b, "room", t->room, t->room);
	outbuf_char(b, '}');
}

static void threads(struct outbuf *b, const struct snapshot *c)
{
	key(b, "threads");
	outbuf_char(b, '[');
	for (size_t i = 0; i < c->threads; i++) {
		if (i)
			outbuf_char(b, ',');
		thread(b, &c->thread[i]);
	}
	outbuf_char(b, ']');
}

/* Of files: how far they are read. */
static void progress(struct outbuf *b, const struct snapshot *c)
{
	key(b, "input");
	if (c->live) {
		outbuf_str(b, "null");
		return;
	}
	outbuf_char(b, '{');
	put_u64(b, "read_bytes", c->read_bytes);
	put_u64(b, "size_bytes", c->read_size);
	outbuf_char(b, '}');
}

static void capture(struct outbuf *b, const struct health *h)
{
	const struct snapshot *c = h->capture;

	key(b, "capture");
	if (!c) {
		outbuf_str(b, "null");
		return;
	}
	outbuf_char(b, '{');
	put_bool(b, "live", c->live);
	put_bool(b, "ended", c->ended);
	interfaces(b, c);
	progress(b, c);
	put_u64(b, "packets", c->packets);
	put_u64(b, "packets_minute", c->packets_minute);
	put_u64(b, "bytes", c->bytes);
	put_u64(b, "bytes_minute", c->bytes_minute);
	put_u64(b, "minute_ms", c->minute_ms);
	put_time(b, "last_packet", c->last_ns);
	put_u64(b, "idle_ms", c->idle_ms);
	put_u64(b, "age_ms", h->age_ms);
	dropped(b, &c->dropped);
	taps(b, c);
	threads(b, c);
	put_u64(b, "open_calls", c->calls);
	put_u64(b, "open_sessions", c->sessions);
	outbuf_char(b, '}');
}

/* --- store and spool ------------------------------------------------------ */

static void put_store(struct outbuf *b, const char *name,
		      const struct snapshot_store *s, uint64_t now_ms)
{
	key(b, name);
	if (!s) {
		outbuf_str(b, "null");
		return;
	}
	outbuf_char(b, '{');
	put_text(b, "kind", s->kind);
	put_u64(b, "waiting", s->waiting);
	put_u64(b, "oldest_ms", health_lag_ms(s, now_ms));
	put_u64(b, "stored", s->stored);
	put_u64(b, "retries", s->retries);
	put_u64(b, "refused", s->refused);
	put_u64(b, "lost", s->lost);
	put_bool(b, "down", s->down);
	outbuf_char(b, '}');
}

static const struct snapshot_store *store_named(const struct health *h,
						const char *what)
{
	const struct snapshot *c = h->capture;

	for (size_t i = 0; c && i < c->stores; i++)
		if (!strcmp(c->store[i].what, what))
			return &c->store[i];
	return !c && h->queue && !strcmp(h->queue->what, what) ? h->queue
							       : NULL;
}

static const char *readable(const struct health *h)
{
	const struct snapshot_store *s = store_named(h, "database");

	if (!h->store_wanted)
		return "null";
	return h->store_why || (h->capture && s && s->down) ? "false" : "true";
}

static void spool(struct outbuf *b, const struct snapshot *c)
{
	static const char *const takes[] = {"all", "no media", "nothing"};

	key(b, "spool");
	if (!c || !c->records) {
		outbuf_str(b, "null");
		return;
	}
	outbuf_char(b, '{');
	put_u64(b, "errors", c->spool_errors);
	put_u64(b, "skipped", c->spool_skipped);
	put_u64(b, "skipped_minute", c->spool_skipped_minute);
	put_text(b, "takes", takes[c->spool_level < 3 ? c->spool_level : 2]);
	outbuf_char(b, '}');
}

static void warnings(struct outbuf *b, const struct health *h)
{
	struct warning w[WARNINGS_MAX];
	size_t n = health_warnings(h, w);

	key(b, "warnings");
	outbuf_char(b, '[');
	for (size_t i = 0; i < n; i++) {
		outbuf_str(b, i ? ",{" : "{");
		put_text(b, "code", w[i].code);
		put_text(b, "about", *w[i].about ? w[i].about : NULL);
		put_text(b, "text", w[i].text);
		outbuf_char(b, '}');
	}
	outbuf_char(b, ']');
}

void health_put(struct outbuf *b, const struct health *h)
{
	outbuf_char(b, '{');
	put_text(b, "version", h->version);
	put_text(b, "sensor", h->sensor);
	put_u64(b, "uptime_s", h->uptime_s);
	capture(b, h);
	put_store(b, "store", store_named(h, "database"), h->now_ms);
	put_store(b, "feed", store_named(h, "feed"), h->now_ms);
	key(b, "readable");
	outbuf_str(b, readable(h));
	spool(b, h->capture);
	warnings(b, h);
	outbuf_char(b, '}');
}

/* --- ready ---------------------------------------------------------------- */

static bool line(struct outbuf *b, bool ok, const char *what, const char *how)
{
	outbuf_str(b, what);
	outbuf_str(b, ok ? ": ok, " : ": not ready, ");
	outbuf_str(b, how);
	outbuf_char(b, '\n');
	return ok;
}

static bool capture_ready(struct outbuf *b, const struct health *h)
{
	const struct snapshot *c = h->capture;

	if (!c)
		return line(b, true, "capture", "none is wanted");
	if (!c->live)
		return line(b, true, "capture",
			    c->ended ? "the files are read"
				     : "files are being read");
	if (c->ended)
		return line(b, false, "capture", "it has ended");
	if (h->age_ms > 15000)
		return line(b, false, "capture", "it has told nothing lately");
	return line(b, true, "capture", "it runs");
}

/* One that is down is no reason while its records find room on disk. */
static bool store_ready(struct outbuf *b, const struct snapshot_store *s)
{
	if (!s->down)
		return line(b, true, s->what, "it takes records");
	if (!s->lost)
		return line(b, true, s->what,
			    "it is down, its records wait on disk");
	return line(b, false, s->what,
		    "it is down, and records are lost: the queue is full");
}

bool health_ready(struct outbuf *b, const struct health *h)
{
	const struct snapshot *c = h->capture;
	bool ready = capture_ready(b, h);

	for (size_t i = 0; c && i < c->stores; i++)
		ready &= store_ready(b, &c->store[i]);
	if ((!c || !c->stores) && h->store_wanted)
		ready &= line(b, !h->store_why, "store",
			      h->store_why ? h->store_why
					   : "it answers searches");
	return ready;
}
