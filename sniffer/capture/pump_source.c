#include "sniffer/capture/pump_source.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "sniffer/base/block.h"
#include "sniffer/capture/filter.h"
#include "sniffer/capture/pump.h"

enum {
	IDLE_MS = 100, /* without frames, until the caller gets the time */
	LIVE_SLOTS = 4096,
	FILE_SLOTS = 512,
	BLOCK_BYTES = 512 << 10, /* a frame of CAPLEN_LIMIT fits */
	WINDOW_MS = 100,
};

#define BYTES	  ((size_t)32 << 20)
#define NS_PER_MS UINT64_C(1000000)

/* One of the sources, as far as it was read. */
struct lane {
	struct pump *pump;
	struct pumped now; /* frames that are handed out; n = 0: none */
	uint64_t reached;  /* nothing before it follows */
	uint16_t row;	   /* of source_taps(), and frame.iface */
	bool lags;	   /* is not waited for, until something comes */
	bool ended;
};

struct pump_source {
	struct source head;
	struct waker waker;
	bool waker_made, started, wait;
	uint64_t window_ns;
	uint64_t blocked_ns; /* frames wait since then; 0 = none does */
	uint64_t last_ns;    /* of the frame that was handed out last */
	uint64_t now_ns, number;
	int error;
	/* Of the latest read: blocks that are let go with the next one. */
	struct block *held[SOURCE_BATCH_MAX];
	size_t held_len;
	struct source_origin origin[SOURCE_BATCH_MAX];
	uint64_t numbers[SOURCE_BATCH_MAX];
	size_t batch_len;
	size_t lanes;
	struct lane lane[];
};

static struct pump_source *self(struct source *s)
{
	return (struct pump_source *)s;
}

static uint64_t steady_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* --- what a lane has ------------------------------------------------------ */

static const struct frame *head_of(const struct lane *l)
{
	return l->now.n ? pumped_frame(l->now.block, l->now.first) : NULL;
}

static void reach(struct lane *l, uint64_t ns)
{
	if (ns > l->reached)
		l->reached = ns;
}

static void give_text(struct pump_source *ps, const struct pumped *what)
{
	struct source *s = &ps->head;

	if (what->kind == PUMPED_NOTICE && s->notice)
		s->notice(s->notice_arg, what->text);
	else if (what->kind == PUMPED_KEYLOG && s->secrets)
		s->secrets(s->secrets_arg, slice_of(what->text, what->len));
	free(what->text);
}

static void end_lane(struct pump_source *ps, struct lane *l, int error)
{
	struct source *s = pump_source(l->pump);

	l->ended = true;
	if (error)
		ps->error = error;
	faults_move(&ps->head.faults, &s->faults);
	faults_move(&ps->head.notes, &s->notes);
}

static void take_next(struct pump_source *ps, struct lane *l,
		      const struct pumped *next)
{
	struct pumped what = *next;

	pump_next(l->pump);
	l->lags = false;
	switch (what.kind) {
	case PUMPED_FRAMES:
		l->now = what;
		break;
	case PUMPED_CLOCK:
		reach(l, what.now_ns);
		break;
	case PUMPED_KEYLOG:
	case PUMPED_NOTICE:
		give_text(ps, &what);
		break;
	case PUMPED_END:
		end_lane(ps, l, what.error);
		break;
	}
}

/* Until it has frames, or nothing more. */
static void refresh(struct pump_source *ps, struct lane *l)
{
	const struct pumped *next;

	while (!l->now.n && !l->ended && (next = pump_peek(l->pump)))
		take_next(ps, l, next);
}

/* --- the order ------------------------------------------------------------ */

/* The lane with the earliest frame; NULL when none has any. *until: up to that
 * time its frames may follow each other. */
static struct lane *earliest(struct pump_source *ps, uint64_t *until)
{
	struct lane *best = NULL;
	uint64_t best_ns = UINT64_MAX;

	*until = UINT64_MAX;
	for (size_t i = 0; i < ps->lanes; i++) {
		struct lane *l = &ps->lane[i];
		const struct frame *f = head_of(l);
		uint64_t ns = f ? f->ts_ns : l->reached;

		if (!f && (l->ended || l->lags))
			continue;
		if (f && ns < best_ns) {
			if (best && best_ns < *until)
				*until = best_ns;
			best = l;
			best_ns = ns;
		} else if (ns < *until) {
			*until = ns;
		}
	}
	return best;
}

/* Those that are waited for, when it took too long: true when there are. */
static bool give_up_waiting(struct pump_source *ps)
{
	uint64_t now = steady_ns();
	bool any = false;

	if (!ps->blocked_ns)
		ps->blocked_ns = now;
	if (now - ps->blocked_ns < ps->window_ns)
		return false;
	for (size_t i = 0; i < ps->lanes; i++) {
		struct lane *l = &ps->lane[i];

		if (!l->now.n && !l->ended && !l->lags)
			any = l->lags = true;
	}
	return any;
}

static void let_go_later(struct pump_source *ps, struct lane *l)
{
	reach(l, l->now.now_ns);
	ps->held[ps->held_len++] = l->now.block;
	l->now = (struct pumped){0};
}

static void hand_out(struct pump_source *ps, struct lane *l, struct frame *out)
{
	size_t at = l->now.first++;

	*out = *pumped_frame(l->now.block, at);
	if (!ps->wait) {
		out->number = ++ps->number;
		out->iface = l->row;
	}
	ps->origin[ps->batch_len] = *pumped_origin(l->now.block, at);
	ps->numbers[ps->batch_len++] = out->number;
	if (out->ts_ns < ps->last_ns)
		ps->head.stats.late += ps->lanes > 1;
	else
		ps->last_ns = out->ts_ns;
	if (!--l->now.n)
		let_go_later(ps, l);
}

/* What may be handed out now. Of one source no more than lay in one slot, so
 * that texts stay where they were. */
static size_t collect(struct pump_source *ps, struct frame *out, size_t max)
{
	size_t n = 0;

	while (n < max) {
		uint64_t until;
		struct lane *l;

		if (ps->lanes > 1 || !n)
			for (size_t i = 0; i < ps->lanes; i++)
				refresh(ps, &ps->lane[i]);
		l = earliest(ps, &until);
		if (!l)
			break;
		if (head_of(l)->ts_ns > until) {
			if (!n && give_up_waiting(ps))
				continue;
			break;
		}
		ps->blocked_ns = 0;
		do
			hand_out(ps, l, &out[n++]);
		while (n < max && l->now.n && head_of(l)->ts_ns <= until);
	}
	return n;
}

/* --- as a source ---------------------------------------------------------- */

static int start(struct pump_source *ps)
{
	struct source *s = &ps->head;
	int err = 0;

	ps->started = true;
	for (size_t i = 0; i < ps->lanes && !err; i++) {
		struct filter *f = s->filter ? filter_copy(s->filter) : NULL;

		if (s->filter && !f)
			err = -ENOMEM;
		else
			err = pump_start(ps->lane[i].pump, f, s->stop);
	}
	s->filter = NULL; /* the threads apply it */
	return err;
}

static void let_go(struct pump_source *ps)
{
	for (size_t i = 0; i < ps->held_len; i++)
		block_drop(ps->held[i], 1);
	ps->held_len = ps->batch_len = 0;
}

static bool all_ended(const struct pump_source *ps)
{
	for (size_t i = 0; i < ps->lanes; i++)
		if (!ps->lane[i].ended || ps->lane[i].now.n)
			return false;
	return true;
}

static void sum_up(struct pump_source *ps)
{
	struct source_stats *st = &ps->head.stats;
	struct source_tap t;

	st->filtered = st->dropped_kernel = st->dropped_ring = 0;
	for (size_t i = 0; i < ps->lanes; i++) {
		pump_tap(ps->lane[i].pump, &t);
		st->filtered += t.filtered;
		st->dropped_kernel += t.dropped_kernel;
		st->dropped_ring += t.dropped_ring;
	}
	if (ps->wait)
		pump_progress(ps->lane[0].pump, &ps->head.progress);
}

/* The time that all have reached. */
static void set_now(struct pump_source *ps)
{
	uint64_t now = UINT64_MAX;

	for (size_t i = 0; i < ps->lanes; i++) {
		const struct lane *l = &ps->lane[i];
		const struct frame *f = head_of(l);
		uint64_t ns = f ? f->ts_ns : l->reached;

		if ((f || (!l->ended && !l->lags)) && ns < now)
			now = ns;
	}
	if (now != UINT64_MAX && now > ps->now_ns)
		ps->now_ns = now;
}

static unsigned nap_ms(const struct pump_source *ps, uint64_t now,
		       uint64_t until)
{
	if (ps->blocked_ns && ps->blocked_ns + ps->window_ns < until)
		until = ps->blocked_ns + ps->window_ns;
	return until > now ? (unsigned)((until - now) / NS_PER_MS) + 1 : 1;
}

static int finished(struct pump_source *ps, size_t n)
{
	sum_up(ps);
	if (n && ps->last_ns > ps->now_ns)
		ps->now_ns = ps->last_ns;
	return (int)n;
}

static int pump_read(struct source *s, struct frame *out, size_t max)
{
	struct pump_source *ps = self(s);
	uint64_t now = steady_ns(), until = now + IDLE_MS * NS_PER_MS;
	int err = ps->started ? 0 : start(ps);
	size_t n;

	if (err)
		return err;
	let_go(ps);
	while (!(n = collect(ps, out, max))) {
		if (all_ended(ps)) {
			sum_up(ps);
			return ps->error;
		}
		now = steady_ns();
		if (now >= until && !ps->wait) {
			set_now(ps);
			sum_up(ps);
			return -EAGAIN;
		}
		waker_wait(&ps->waker, nap_ms(ps, now, until));
	}
	return finished(ps, n);
}

static uint64_t pump_now_ns(struct source *s)
{
	return self(s)->now_ns;
}

static bool pump_origin(const struct source *s, const struct frame *f,
			struct source_origin *out)
{
	const struct pump_source *ps = (const struct pump_source *)s;

	for (size_t i = 0; i < ps->batch_len; i++) {
		if (ps->numbers[i] != f->number)
			continue;
		*out = ps->origin[i];
		return out->path != NULL;
	}
	return false;
}

/* Of another thread of the same interface. */
static void add_tap(struct source_tap *to, const struct source_tap *t)
{
	to->frames += t->frames;
	to->bytes += t->bytes;
	to->filtered += t->filtered;
	to->dropped_kernel += t->dropped_kernel;
	to->dropped_ring += t->dropped_ring;
	to->up &= t->up;
	if (t->load > to->load)
		to->load = t->load;
	if (t->alive_ns && (!to->alive_ns || t->alive_ns < to->alive_ns))
		to->alive_ns = t->alive_ns;
}

static size_t pump_taps(struct source *s, struct source_tap *out, size_t max)
{
	struct pump_source *ps = self(s);
	size_t n = 0;

	for (size_t i = 0; i < ps->lanes; i++) {
		struct lane *l = &ps->lane[i];
		struct source_tap t;

		if (l->row >= max)
			continue;
		pump_tap(l->pump, &t);
		if (l->row == n)
			out[n++] = t;
		else
			add_tap(&out[l->row], &t);
	}
	return n;
}

static void pump_source_close(struct source *s)
{
	struct pump_source *ps = self(s);

	let_go(ps);
	for (size_t i = 0; i < ps->lanes; i++) {
		if (ps->lane[i].now.n)
			block_drop(ps->lane[i].now.block, 1);
		pump_close(ps->lane[i].pump);
	}
	if (ps->waker_made)
		waker_close(&ps->waker);
	free(ps);
}

static const struct source_ops live_ops = {
	.read = pump_read,
	.now_ns = pump_now_ns,
	.origin = pump_origin,
	.close = pump_source_close,
	.taps = pump_taps,
};

static const struct source_ops file_ops = {
	.read = pump_read,
	.origin = pump_origin,
	.close = pump_source_close,
	.taps = pump_taps,
};

/* --- opening -------------------------------------------------------------- */

static struct pump_source *make(size_t n, const struct pump_options *opt)
{
	struct pump_source *ps = calloc(1, sizeof(*ps) + n * sizeof(*ps->lane));

	if (!ps)
		return NULL;
	ps->head.ops = opt->wait ? &file_ops : &live_ops;
	ps->wait = opt->wait;
	ps->window_ns = opt->window_ns ? opt->window_ns : WINDOW_MS * NS_PER_MS;
	ps->waker_made = !waker_init(&ps->waker);
	if (ps->waker_made)
		return ps;
	free(ps);
	return NULL;
}

/* Threads of one interface share a row, and follow each other. */
static uint16_t row_of(const struct pump_source *ps, const struct pump *p)
{
	const struct lane *before = ps->lane + ps->lanes - 1;
	struct source_tap t, u;

	if (!ps->lanes)
		return 0;
	pump_tap(p, &t);
	pump_tap(before->pump, &u);
	return before->row + (strcmp(t.name, u.name) != 0);
}

static int add_lane(struct pump_source *ps, struct source *s, bool alone,
		    const struct pump_options *opt)
{
	struct pump_config cfg = {
		.block_bytes = BLOCK_BYTES,
		.bytes = opt->bytes ? opt->bytes : BYTES,
		.slots = opt->wait ? FILE_SLOTS : LIVE_SLOTS,
		.wait = opt->wait,
		.alone = alone,
		.waker = &ps->waker,
		.number = (unsigned)ps->lanes,
	};
	struct pump *p = pump_new(s, &cfg);

	if (!p)
		return -ENOMEM;
	ps->lane[ps->lanes] = (struct lane){.pump = p, .row = row_of(ps, p)};
	ps->lanes++;
	return 0;
}

int pump_source_open(struct source **out, struct source **in, size_t n,
		     const struct pump_options *opt)
{
	struct pump_source *ps = make(n, opt);
	int err = ps ? 0 : -ENOMEM;
	size_t taken = 0;

	assert(n && (n == 1 || !opt->wait));
	while (!err && taken < n) {
		err = add_lane(ps, in[taken], n == 1, opt);
		taken += !err;
	}
	if (err) {
		for (; taken < n; taken++)
			source_close(in[taken]);
		source_close(ps ? &ps->head : NULL);
		return err;
	}
	sum_up(ps);
	*out = &ps->head;
	return 0;
}
