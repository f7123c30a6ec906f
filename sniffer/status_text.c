#include "sniffer/status_text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "sniffer/base/link_bits.h"
#include "sniffer/health_warn.h"
#include "sniffer/process.h"

static void put(struct outbuf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void put(struct outbuf *b, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	outbuf_str(b, text);
}

static double per_second(uint64_t n, uint64_t ms)
{
	return ms ? (double)n * 1000 / (double)ms : 0;
}

/* "3 d 4 h", "12 s" */
static void put_span(struct outbuf *b, uint64_t s)
{
	if (s >= 86400)
		put(b, "%" PRIu64 " d %" PRIu64 " h", s / 86400,
		    s % 86400 / 3600);
	else if (s >= 3600)
		put(b, "%" PRIu64 " h %" PRIu64 " min", s / 3600,
		    s % 3600 / 60);
	else if (s >= 60)
		put(b, "%" PRIu64 " min %" PRIu64 " s", s / 60, s % 60);
	else
		put(b, "%" PRIu64 " s", s);
}

bool status_wrong(const struct health *h)
{
	struct warning w[WARNINGS_MAX];

	return health_warnings(h, w) > 0;
}

/* --- the capture ---------------------------------------------------------- */

static const char *state_of(const struct snapshot_tap *t)
{
	if (t->bits & LINK_DOWN)
		return "down";
	if (t->bits & LINK_NO_CARRIER)
		return "no carrier";
	return t->bits & LINK_OFFLOAD ? "up, offload on" : "up";
}

static void interfaces(struct outbuf *b, const struct snapshot *c)
{
	for (size_t i = 0; i < c->taps; i++) {
		const struct snapshot_tap *t = &c->tap[i];

		put(b,
		    "interface  %-15s %s, %.0f packets/s, %.1f Mbit/s, dropped "
		    "%" PRIu64 " by the kernel, %" PRIu64 " by rings\n",
		    t->name, state_of(t),
		    per_second(t->frames_minute, c->minute_ms),
		    per_second(t->bytes_minute, c->minute_ms) * 8 / 1e6,
		    t->kernel, t->ring);
	}
}

static void drops(struct outbuf *b, const struct snapshot_dropped *d)
{
	put(b,
	    "dropped    kernel %" PRIu64 ", rings %" PRIu64 ", workers %" PRIu64
	    ", limits %" PRIu64 "; in the last minute %" PRIu64 "\n",
	    d->kernel, d->ring, d->workers, d->limit,
	    d->kernel_minute + d->ring_minute + d->workers_minute +
		    d->limit_minute);
}

static void threads(struct outbuf *b, const struct snapshot *c)
{
	if (!c->threads)
		return;
	outbuf_str(b, "threads   ");
	for (size_t i = 0; i < c->threads; i++) {
		const struct snapshot_thread *t = &c->thread[i];

		put(b, "%s %s", i ? "," : "", t->name);
		if (t->busy >= 0)
			put(b, " %.0f %%", t->busy * 100);
	}
	outbuf_char(b, '\n');
}

static void capture(struct outbuf *b, const struct snapshot *c)
{
	put(b, "capture    %s, %" PRIu64 " packets, %.0f/s, %.1f Mbit/s",
	    c->ended  ? "ended"
	    : c->live ? "live"
		      : "files",
	    c->packets, per_second(c->packets_minute, c->minute_ms),
	    per_second(c->bytes_minute, c->minute_ms) * 8 / 1e6);
	if (c->live && !c->ended)
		put(b, ", the last %.1f s ago", (double)c->idle_ms / 1000);
	outbuf_char(b, '\n');
	interfaces(b, c);
	drops(b, &c->dropped);
	put(b,
	    "calls      %" PRIu64 " open, %.0f finished; sessions %" PRIu64
	    " open, %.0f finished\n",
	    c->calls, stats_get(&c->stats, STATS_RECORDS, "call"), c->sessions,
	    stats_get(&c->stats, STATS_RECORDS, "session"));
	threads(b, c);
}

/* --- where it goes -------------------------------------------------------- */

static void stores(struct outbuf *b, const struct health *h)
{
	const struct snapshot *c = h->capture;

	for (size_t i = 0; i < c->stores; i++) {
		const struct snapshot_store *s = &c->store[i];

		put(b,
		    "%-10s %s, %s: %" PRIu64 " records wait, %" PRIu64
		    " stored",
		    s->what, s->kind, s->down ? "down" : "up", s->waiting,
		    s->stored);
		if (health_lag_ms(s, h->now_ms) >= 1000)
			put(b, ", %" PRIu64 " s behind",
			    health_lag_ms(s, h->now_ms) / 1000);
		outbuf_char(b, '\n');
	}
}

static void spool(struct outbuf *b, const struct snapshot *c)
{
	static const char *const takes[] = {"all", "no media", "nothing"};

	if (!c->records) {
		outbuf_str(b, "spool      nothing is recorded\n");
		return;
	}
	put(b, "spool      takes %s, %.0f files, %.1f of %.0f MB wait\n",
	    takes[c->spool_level < 3 ? c->spool_level : 2],
	    stats_get(&c->stats, STATS_SPOOL_FILES, ""),
	    stats_get(&c->stats, STATS_SPOOL_QUEUE, "") / 1048576,
	    stats_get(&c->stats, STATS_SPOOL_QUEUE_LIMIT, "") / 1048576);
}

static void warnings(struct outbuf *b, const struct health *h)
{
	struct warning w[WARNINGS_MAX];
	size_t n = health_warnings(h, w);

	for (size_t i = 0; i < n; i++)
		put(b, "WARNING    %s: %s\n", w[i].code, w[i].text);
}

void status_text(struct outbuf *b, const struct health *h)
{
	put(b, "callscope  %s, %s, process %ld, up ", h->version,
	    status_wrong(h) ? "with WARNINGS" : "healthy", (long)getpid());
	put_span(b, h->uptime_s);
	put(b, ", sensor %s\n", h->sensor);
	if (h->capture) {
		capture(b, h->capture);
		stores(b, h);
		spool(b, h->capture);
	}
	put(b, "memory     %" PRIu64 " MB\n", process_memory() >> 20);
	warnings(b, h);
}

void status_json(struct outbuf *b, const struct health *h)
{
	size_t at;

	put(b, "{\"status\":\"%s\",\"pid\":%ld,\"memory_bytes\":%" PRIu64,
	    status_wrong(h) ? "warning" : "healthy", (long)getpid(),
	    process_memory());
	at = b->len;
	health_put(b, h);
	if (!b->failed)
		b->p[at] = ','; /* in place of its brace */
	outbuf_char(b, '\n');
}
