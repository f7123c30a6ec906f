/*
 * Packets of streams, step by step. A lost number has no time of its own: it
 * was due between the packets around it.
 */
#include <stdlib.h>

#include "sniffer/export/timeline_priv.h"

#define FIRST_SIZE 64

/* --- steps ---------------------------------------------------------------- */

static void add(struct line_step *to, const struct line_step *s)
{
	to->packets += s->packets;
	to->lost += s->lost;
	to->missed += s->missed;
	to->runs += s->runs;
	to->jitter_n += s->jitter_n;
	to->bytes += s->bytes;
	to->jitter_sum_ms += s->jitter_sum_ms;
	if (s->jitter_ms_max > to->jitter_ms_max)
		to->jitter_ms_max = s->jitter_ms_max;
	if (s->delta_ms_max > to->delta_ms_max)
		to->delta_ms_max = s->delta_ms_max;
}

static void halve(struct line *x)
{
	for (size_t i = 0; i < x->n; i++) {
		struct line_step s = x->v[i];

		x->v[i] = (struct line_step){0};
		add(&x->v[i / 2], &s);
	}
	x->n = (x->n + 1) / 2;
}

/* Steps become twice as long, of all streams alike. */
static void widen(struct lines *l)
{
	l->step_ns *= 2;
	for (size_t i = 0; i < TIMELINE_STREAMS; i++)
		if (l->v[i])
			halve(l->v[i]);
}

static bool grow(struct line *x, size_t n)
{
	size_t size = x->size ? x->size : FIRST_SIZE;
	struct line_step *v;

	while (size < n)
		size *= 2;
	if (size == x->size)
		return true;
	v = realloc(x->v, size * sizeof(*v));
	if (!v)
		return false;
	memset(v + x->size, 0, (size - x->size) * sizeof(*v));
	x->v = v;
	x->size = size;
	return true;
}

/* NULL without memory. */
static struct line_step *step_at(struct lines *l, struct line *x, uint64_t ns)
{
	uint64_t since = ns > l->origin_ns ? ns - l->origin_ns : 0;
	size_t at;

	while (since / l->step_ns >= TIMELINE_STEPS)
		widen(l);
	at = (size_t)(since / l->step_ns);
	if (!grow(x, at + 1)) {
		l->truncated = true;
		return NULL;
	}
	if (at >= x->n)
		x->n = at + 1;
	return &x->v[at];
}

/* --- streams -------------------------------------------------------------- */

static void line_free(struct line *x)
{
	if (!x)
		return;
	free(x->v);
	free(x->ring);
	free(x->loss);
	free(x->codec.v);
	free(x->dscp.v);
	free(x);
}

/* NULL at the limit or without memory. */
static struct line *line_of(struct timeline *t, uint32_t serial)
{
	struct lines *l = &t->lines;
	struct line *x;

	if (!serial || serial > TIMELINE_STREAMS) {
		l->truncated = true;
		return NULL;
	}
	if (l->v[serial - 1])
		return l->v[serial - 1];
	x = calloc(1, sizeof(*x));
	if (x)
		x->ring = calloc(LINE_RING, sizeof(*x->ring));
	if (!x || !x->ring) {
		line_free(x);
		l->truncated = true;
		return NULL;
	}
	if (!l->origin_ns) {
		l->origin_ns = t->walk.first_ns;
		l->step_ns = TIMELINE_STEP_NS;
	}
	return l->v[serial - 1] = x;
}

static void arrived(struct line *x, uint64_t ext, uint64_t ns)
{
	x->ring[ext % LINE_RING] = (struct line_arrival){ext, ns};
}

/* 0: it did not arrive, or too long ago. */
static uint64_t arrival_of(const struct line *x, uint64_t ext)
{
	const struct line_arrival *a = &x->ring[ext % LINE_RING];

	return a->ext == ext ? a->ns : 0;
}

static void note(struct lines *l, struct line_changes *c, uint64_t ns,
		 uint8_t value)
{
	struct line_change *v;

	if (c->n && c->v[c->n - 1].value == value)
		return;
	if (c->n == TIMELINE_CHANGES) {
		l->truncated = true;
		return;
	}
	if (!(c->n & (c->n - 1))) { /* a power of two: it is full */
		v = realloc(c->v, (c->n ? c->n * 2 : 1) * sizeof(*v));
		if (!v) {
			l->truncated = true;
			return;
		}
		c->v = v;
	}
	c->v[c->n++] = (struct line_change){ns, value};
}

/* --- losses --------------------------------------------------------------- */

static int longest_first(const void *a, const void *b)
{
	const struct line_loss *x = a, *y = b;

	if (x->lost != y->lost)
		return x->lost > y->lost ? -1 : 1;
	return x->ns < y->ns ? -1 : x->ns > y->ns;
}

static int by_time(const void *a, const void *b)
{
	const struct line_loss *x = a, *y = b;

	return x->ns < y->ns ? -1 : x->ns > y->ns;
}

/* Of too many the longest stay. */
static void keep_longest(struct lines *l, struct line *x)
{
	if (x->losses <= TIMELINE_LOSSES)
		return;
	qsort(x->loss, x->losses, sizeof(*x->loss), longest_first);
	x->losses = TIMELINE_LOSSES;
	l->truncated = true;
}

static void keep_loss(struct lines *l, struct line *x, struct line_loss loss)
{
	if (!x->loss)
		x->loss = calloc(2 * TIMELINE_LOSSES, sizeof(*x->loss));
	if (!x->loss) {
		l->truncated = true;
		return;
	}
	if (x->losses == 2 * TIMELINE_LOSSES)
		keep_longest(l, x);
	x->loss[x->losses++] = loss;
}

/* Each number of the run goes to the step in which it was due. */
static void close_run(struct lines *l, struct line *x)
{
	uint64_t n = x->run.n, from = arrival_of(x, x->run.first - 1);
	uint64_t to = arrival_of(x, x->run.first + n);
	struct line_step *s;

	if (!to)
		to = from ? from : x->last_ns;
	if (!from || from > to)
		from = to;
	for (uint64_t i = 0; i < n; i++) {
		s = step_at(l, x,
			    from + (uint64_t)((double)(to - from) *
					      (double)(i + 1) /
					      (double)(n + 1)));
		if (!s)
			break;
		s->lost++;
		s->missed++;
		if (!i)
			s->runs += x->run.begins;
	}
	keep_loss(l, x, (struct line_loss){from, to - from, n});
	x->run.n = 0;
}

static void on_lost(struct lines *l, struct line *x,
		    const struct media_missed *m)
{
	if (x->run.n && m->ext != x->run.first + x->run.n)
		close_run(l, x);
	if (!x->run.n) {
		x->run.first = m->ext;
		x->run.begins = 0;
	}
	x->run.n++;
	x->run.begins += m->begins;
}

static void on_late(struct lines *l, struct line *x,
		    const struct media_missed *m)
{
	uint64_t ns = arrival_of(x, m->ext);
	struct line_step *s = step_at(l, x, ns ? ns : x->last_ns);

	if (s) {
		s->missed++;
		s->runs += m->begins;
	}
}

static void on_missed(void *arg, const struct media_missed *m)
{
	struct timeline *t = arg;
	struct line *x = line_of(t, m->serial);

	if (!x)
		return;
	if (m->lost)
		on_lost(&t->lines, x, m);
	else
		on_late(&t->lines, x, m);
}

/* --- packets -------------------------------------------------------------- */

static void on_jitter(struct lines *l, struct line *x, uint64_t ts_ns,
		      uint32_t jitter_n, double jitter_ns)
{
	struct line_step *s;
	double ms = jitter_ns / 1e6;

	if (jitter_n == x->jitter_n)
		return;
	x->jitter_n = jitter_n;
	s = step_at(l, x, ts_ns);
	if (!s)
		return;
	s->jitter_sum_ms += ms;
	s->jitter_n++;
	if ((float)ms > s->jitter_ms_max)
		s->jitter_ms_max = (float)ms;
}

static void on_timed(void *arg, uint32_t serial, uint64_t ts_ns,
		     uint32_t jitter_n, double jitter_ns)
{
	struct timeline *t = arg;
	struct line *x = line_of(t, serial);

	if (x)
		on_jitter(&t->lines, x, ts_ns, jitter_n, jitter_ns);
}

static void count(struct lines *l, struct line *x, const struct media_passed *p)
{
	uint64_t delta =
		x->packets && p->ts_ns > x->last_ns ? p->ts_ns - x->last_ns : 0;
	struct line_step *s = step_at(l, x, p->ts_ns);

	if (!x->packets++)
		x->first_ns = p->ts_ns;
	if (p->ts_ns > x->last_ns)
		x->last_ns = p->ts_ns;
	if (!s)
		return;
	s->packets++;
	s->bytes += p->bytes;
	if ((float)delta / 1e6f > s->delta_ms_max)
		s->delta_ms_max = (float)delta / 1e6f;
}

static void on_passed(void *arg, const struct media_passed *p)
{
	struct timeline *t = arg;
	struct lines *l = &t->lines;
	struct line *x = line_of(t, p->serial);

	if (!x)
		return;
	if (p->restart)
		arrived(x, p->ext - 1, x->stray_ns);
	if (p->stray)
		x->stray_ns = p->ts_ns;
	else
		arrived(x, p->ext, p->ts_ns);
	if (x->run.n && arrival_of(x, x->run.first + x->run.n))
		close_run(l, x);
	count(l, x, p);
	on_jitter(l, x, p->ts_ns, p->jitter_n, p->jitter_ns);
	note(l, &x->codec, p->ts_ns, p->pt);
	note(l, &x->dscp, p->ts_ns, p->dscp);
}

static void on_over(void *arg, uint32_t serial, const struct emodel_codec *m)
{
	struct line *x = line_of(arg, serial);

	if (x)
		x->model = m;
}

static void on_reported(void *arg, const struct media_reported *r)
{
	struct timeline *t = arg;

	events_report(&t->events, r);
}

const struct media_watch timeline_media_watch = {
	.passed = on_passed,
	.timed = on_timed,
	.missed = on_missed,
	.over = on_over,
	.reported = on_reported,
};

/* --- the end -------------------------------------------------------------- */

void lines_end(struct lines *l)
{
	for (size_t i = 0; i < TIMELINE_STREAMS; i++) {
		struct line *x = l->v[i];

		if (!x)
			continue;
		if (x->run.n)
			close_run(l, x);
		keep_longest(l, x);
		if (x->losses)
			qsort(x->loss, x->losses, sizeof(*x->loss), by_time);
	}
}

void lines_free(struct lines *l)
{
	for (size_t i = 0; i < TIMELINE_STREAMS; i++)
		line_free(l->v[i]);
}
