#include "sniffer/capture/pump.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sniffer/base/block.h"
#include "sniffer/base/ring.h"
#include "sniffer/base/thread.h"
#include "sniffer/capture/filter.h"

enum {
	RESERVED = 16, /* slots that frames leave to the rest */
	WAIT_MS = 100, /* until it looks whether it shall end */
	LIVE_BATCH = SOURCE_BATCH_MAX,
	FILE_BATCH = 64, /* as the core reads without a pump */
};

#define NS_PER_S UINT64_C(1000000000)

/* Frames of a block lie at its end, the first one last. */
struct record {
	struct frame frame;
	struct source_origin origin;
};

/* What the thread counts and others read. */
struct figures {
	atomic_uint_fast64_t frames, bytes, filtered;
	atomic_uint_fast64_t dropped_kernel, dropped_ring;
	atomic_uint_fast64_t read_bytes, read_size;
	atomic_uint load; /* per mille */
	atomic_uint_fast64_t alive_ns;
};

struct pump {
	struct source *source;
	struct pump_config cfg;
	struct block_pool *pool;
	struct ring *ring;
	struct filter *filter;
	pthread_t thread;
	bool running;
	atomic_bool quit; /* nobody reads the ring any more */
	struct figures figures;

	/* the thread's */
	struct block *block; /* that is filled; NULL before the first */
	size_t count;	     /* frames in it */
	size_t handed;	     /* of them */
	uint64_t now_ns;     /* as handed over last */
	struct {
		uint64_t frames, bytes, filtered, dropped_ring;
	} seen;
	uint64_t busy_ns, since_ns; /* as measured last */
};

static struct record *record_at(const struct block *b, size_t i)
{
	return (struct record *)(void *)(b->data + b->size) - 1 - i;
}

const struct frame *pumped_frame(const struct block *b, size_t i)
{
	return &record_at(b, i)->frame;
}

const struct source_origin *pumped_origin(const struct block *b, size_t i)
{
	return &record_at(b, i)->origin;
}

/* --- the thread: handing over --------------------------------------------- */

/* A free slot, NULL when it has to be done without. */
static void *slot(struct pump *p, size_t reserve, bool wait)
{
	void *s;

	while (!(s = ring_slot(p->ring, reserve)) && wait &&
	       !atomic_load(&p->quit))
		ring_wait_room(p->ring, reserve + 1, WAIT_MS);
	return s;
}

static void put(struct pump *p, void *at, const struct pumped *what)
{
	*(struct pumped *)at = *what;
	ring_put(p->ring);
}

static void drop_all(struct pump *p, size_t n)
{
	p->seen.dropped_ring += n;
}

/* What was filled since the last time. */
static void hand_over(struct pump *p)
{
	struct pumped what = {
		.kind = PUMPED_FRAMES,
		.block = p->block,
		.first = p->handed,
		.n = p->count - p->handed,
		.now_ns = p->now_ns,
	};
	void *at;

	if (!what.n)
		return;
	p->handed = p->count;
	at = slot(p, RESERVED, p->cfg.wait);
	if (!at) {
		drop_all(p, what.n);
		return;
	}
	p->seen.frames += what.n;
	block_hold(p->block, 1);
	put(p, at, &what);
}

static void hand_text(struct pump *p, enum pumped_kind kind, const char *text,
		      size_t len)
{
	struct pumped what = {.kind = kind,
			      .text = malloc(len + 1),
			      .len = len,
			      .now_ns = p->now_ns};
	void *at;

	if (!what.text)
		return;
	memcpy(what.text, text, len);
	what.text[len] = '\0';
	at = slot(p, 0, true);
	if (at)
		put(p, at, &what);
	else
		free(what.text);
}

static void on_secrets(void *arg, struct slice keylog)
{
	struct pump *p = arg;

	hand_over(p);
	hand_text(p, PUMPED_KEYLOG, (const char *)keylog.p, keylog.len);
}

static void on_notice(void *arg, const char *line)
{
	struct pump *p = arg;

	hand_over(p);
	hand_text(p, PUMPED_NOTICE, line, strlen(line));
}

static void hand_clock(struct pump *p)
{
	struct pumped what = {.kind = PUMPED_CLOCK, .now_ns = p->now_ns};
	void *at = slot(p, RESERVED, false);

	if (!at)
		return;
	*(struct pumped *)at = what;
	if (p->cfg.alone)
		ring_put_quiet(p->ring);
	else
		ring_put(p->ring);
}

static void hand_end(struct pump *p, int error)
{
	struct pumped what = {
		.kind = PUMPED_END, .error = error, .now_ns = p->now_ns};
	void *at = slot(p, 0, true);

	if (at)
		put(p, at, &what);
}

/* --- the thread: filling -------------------------------------------------- */

static size_t room(const struct pump *p)
{
	return p->block->size - p->block->used -
	       p->count * sizeof(struct record);
}

/* A block with room for so many bytes and their record; false when there is
 * none, or the frame is too large for any. */
static bool get_room(struct pump *p, size_t need)
{
	need += sizeof(struct record);
	if (p->block && room(p) >= need)
		return true;
	if (p->block) {
		hand_over(p);
		block_drop(p->block, 1);
	}
	p->block = block_take(p->pool);
	while (!p->block && p->cfg.wait && !atomic_load(&p->quit))
		p->block = block_wait(p->pool, WAIT_MS);
	p->count = p->handed = 0;
	return p->block && room(p) >= need;
}

static void fill(struct pump *p, const struct frame *f)
{
	struct record *r = record_at(p->block, p->count++);
	uint8_t *copy = p->block->data + p->block->used;

	if (f->data.len)
		memcpy(copy, f->data.p, f->data.len);
	p->block->used += f->data.len;
	*r = (struct record){.frame = *f};
	r->frame.data.p = copy;
	r->frame.block = p->block;
	if (!p->source->ops->origin ||
	    !p->source->ops->origin(p->source, f, &r->origin))
		r->origin = (struct source_origin){NULL, f->number};
	p->seen.bytes += f->data.len;
}

static void take(void *arg, const struct frame *f)
{
	struct pump *p = arg;

	if (p->filter && !filter_match(p->filter, f))
		p->seen.filtered++;
	else if (get_room(p, f->data.len))
		fill(p, f);
	else
		drop_all(p, 1);
}

/* As source_read() answers. */
static int read_some(struct pump *p)
{
	struct source *s = p->source;
	struct frame v[FILE_BATCH];
	int n;

	if (s->ops->drain)
		return s->ops->drain(s, take, p, LIVE_BATCH);
	n = s->ops->read(s, v, FILE_BATCH);
	for (int i = 0; i < n; i++)
		take(p, &v[i]);
	return n;
}

/* --- the thread: figures -------------------------------------------------- */

static uint64_t clock_of(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static void publish(struct pump *p)
{
	struct figures *f = &p->figures;
	const struct source *s = p->source;

#define PUBLISH(field, value)                                                  \
	atomic_store_explicit(&f->field, value, memory_order_relaxed)
	PUBLISH(frames, p->seen.frames);
	PUBLISH(bytes, p->seen.bytes);
	PUBLISH(filtered, p->seen.filtered + s->stats.filtered);
	PUBLISH(dropped_kernel, s->stats.dropped_kernel);
	PUBLISH(dropped_ring, p->seen.dropped_ring + s->stats.dropped_ring);
	PUBLISH(read_bytes, s->progress.bytes_read);
	PUBLISH(read_size, s->progress.bytes_total);
#undef PUBLISH
}

/* The share of the processor that it used since it looked last. */
static void measure(struct pump *p)
{
	uint64_t now = clock_of(CLOCK_MONOTONIC), busy, span;

	if (now - p->since_ns < NS_PER_S)
		return;
	busy = clock_of(CLOCK_THREAD_CPUTIME_ID);
	span = now - p->since_ns;
	if (p->since_ns)
		atomic_store_explicit(
			&p->figures.load,
			(unsigned)((busy - p->busy_ns) * 1000 / span),
			memory_order_relaxed);
	p->since_ns = now;
	p->busy_ns = busy;
	atomic_store_explicit(&p->figures.alive_ns, now, memory_order_relaxed);
}

static void *run(void *arg)
{
	struct pump *p = arg;
	char name[16];
	int n = 0;

	snprintf(name, sizeof(name), "capture%u", p->cfg.number);
	thread_begin(name, THREAD_CAPTURE);
	while (!atomic_load_explicit(&p->quit, memory_order_relaxed)) {
		n = read_some(p);
		if (n == 0 || (n < 0 && n != -EAGAIN))
			break;
		if (p->source->ops->now_ns)
			p->now_ns = p->source->ops->now_ns(p->source);
		if (p->block && p->count > p->handed)
			hand_over(p);
		else if (p->source->ops->now_ns)
			hand_clock(p);
		publish(p);
		measure(p);
	}
	if (p->block)
		hand_over(p);
	publish(p);
	atomic_store(&p->figures.alive_ns, 0);
	hand_end(p, n);
	return NULL;
}

/* --- the core ------------------------------------------------------------- */

struct pump *pump_new(struct source *s, const struct pump_config *cfg)
{
	struct pump *p = calloc(1, sizeof(*p));
	size_t blocks = cfg->bytes / cfg->block_bytes;

	if (!p)
		return NULL;
	p->source = s;
	p->cfg = *cfg;
	p->pool = block_pool_new(cfg->block_bytes, blocks > 2 ? blocks : 2);
	p->ring = ring_new(sizeof(struct pumped), cfg->slots);
	if (!p->pool || !p->ring) {
		p->source = NULL;
		pump_close(p);
		return NULL;
	}
	if (cfg->waker)
		ring_set_waker(p->ring, cfg->waker);
	publish(p);
	return p;
}

int pump_start(struct pump *p, struct filter *filter, const atomic_bool *stop)
{
	int err;

	p->filter = filter;
	p->source->stop = stop;
	p->source->secrets = on_secrets;
	p->source->secrets_arg = p;
	p->source->notice = on_notice;
	p->source->notice_arg = p;
	err = thread_start(&p->thread, run, p);
	p->running = !err;
	return err;
}

static void release(const struct pumped *what)
{
	if (what->block)
		block_drop(what->block, 1);
	free(what->text);
}

static void empty(struct pump *p)
{
	const struct pumped *what;

	while ((what = pump_peek(p))) {
		release(what);
		pump_next(p);
	}
}

void pump_close(struct pump *p)
{
	if (!p)
		return;
	atomic_store(&p->quit, true);
	if (p->running) {
		empty(p); /* it may wait for room */
		pthread_join(p->thread, NULL);
	}
	if (p->ring)
		empty(p);
	if (p->block)
		block_drop(p->block, 1);
	ring_free(p->ring);
	block_pool_free(p->pool);
	filter_free(p->filter);
	source_close(p->source);
	free(p);
}

const struct pumped *pump_peek(struct pump *p)
{
	return ring_peek(p->ring);
}

void pump_next(struct pump *p)
{
	ring_next(p->ring);
}

void pump_tap(const struct pump *p, struct source_tap *out)
{
	const struct figures *f = &p->figures;

	*out = (struct source_tap){
		.name = "files",
		.up = true,
		.frames = atomic_load(&f->frames),
		.bytes = atomic_load(&f->bytes),
		.filtered = atomic_load(&f->filtered),
		.dropped_kernel = atomic_load(&f->dropped_kernel),
		.dropped_ring = atomic_load(&f->dropped_ring),
		.load = atomic_load(&f->load) / 1000.0,
		.alive_ns = atomic_load(&f->alive_ns),
	};
	if (p->source->ops->tap)
		p->source->ops->tap(p->source, out);
}

void pump_progress(const struct pump *p, struct source_progress *out)
{
	out->bytes_read = atomic_load(&p->figures.read_bytes);
	out->bytes_total = atomic_load(&p->figures.read_size);
}

struct source *pump_source(struct pump *p)
{
	return p->source;
}
