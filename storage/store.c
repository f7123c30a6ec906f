#include "storage/store.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sniffer/base/thread.h"
#include "storage/store_priv.h"

#define OPEN_MS 5000 /* that the first attempt is waited for */
#define STOP_MS 2500 /* that a planned stop feeds what waits */
#define HANG_MS 500  /* and how much later it waits no longer */
#define SYNC_MS 1000
#define SAY_MAX 16384 /* bytes of lines that wait to be told */
/* Of a file: what may wait before reading does. */
#define ROOM_BYTES ((uint64_t)32 << 20)

uint64_t store_clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static struct timespec until(unsigned ms)
{
	uint64_t at = store_clock_ms() + ms;

	return (struct timespec){(time_t)(at / 1000),
				 (long)(at % 1000) * 1000000};
}

/* --- telling -------------------------------------------------------------- */

void store_say(struct store *s, const char *format, ...)
{
	char line[2 * SINK_WHY];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	pthread_mutex_lock(&s->lock);
	if (s->said.len < SAY_MAX)
		outbuf_put(&s->said, line, strlen(line) + 1);
	pthread_mutex_unlock(&s->lock);
}

static void sink_says(void *arg, const char *line)
{
	store_say(arg, "%s", line);
}

/* Tells what was said meanwhile. */
static void tell(struct store *s)
{
	struct outbuf said;

	pthread_mutex_lock(&s->lock);
	said = s->said;
	s->said = (struct outbuf){0};
	pthread_mutex_unlock(&s->lock);
	for (size_t at = 0; at < said.len; at += strlen(said.p + at) + 1)
		if (s->cfg.say)
			s->cfg.say(s->cfg.arg, said.p + at);
	outbuf_free(&said);
}

/* --- opening -------------------------------------------------------------- */

static int open_queue(struct store *s, char why[SINK_WHY])
{
	struct outbuf head = {0};
	struct queue_config qc = {
		.dir = s->dir,
		.max_bytes = s->cfg.queue_max,
		.sync_writes = s->cfg.sync_writes,
	};
	int err = -ENOMEM;

	cdr_code_dictionary(s->code, &head);
	qc.head = slice_of(head.p, head.len);
	if (head.failed)
		snprintf(why, SINK_WHY, "no memory for the queue");
	else
		err = queue_open(&s->queue, &qc, why);
	outbuf_free(&head);
	return err;
}

/* Until stopped, what is in the queue goes to the disk itself. */
static void *sync_queue(void *arg)
{
	struct store *s = arg;
	bool over = false;

	thread_begin("queue", THREAD_STORE);
	while (!over) {
		struct timespec t = until(SYNC_MS);

		pthread_mutex_lock(&s->lock);
		while (!s->finished &&
		       pthread_cond_timedwait(&s->changed, &s->lock, &t) !=
			       ETIMEDOUT)
			;
		over = s->finished;
		pthread_mutex_unlock(&s->lock);
		queue_sync(s->queue);
	}
	return NULL;
}

static int start_threads(struct store *s, char why[SINK_WHY])
{
	int err = thread_start(&s->thread, store_feed, s);

	s->running = !err;
	if (!err && s->cfg.live && !s->cfg.sync_writes) {
		err = thread_start(&s->syncer, sync_queue, s);
		s->syncing = !err;
	}
	if (err)
		snprintf(why, SINK_WHY, "cannot start a thread for the %s: %s",
			 s->cfg.what, strerror(-err));
	return err;
}

/* What the first attempt said, if it said something in time. */
static int first_answer(struct store *s, char why[SINK_WHY])
{
	struct timespec t = until(OPEN_MS);
	int err;

	pthread_mutex_lock(&s->lock);
	while (!s->opened &&
	       pthread_cond_timedwait(&s->changed, &s->lock, &t) != ETIMEDOUT)
		;
	s->opened = true; /* from now on what fails may pass */
	err = s->open_err;
	memcpy(why, s->open_why, SINK_WHY);
	pthread_mutex_unlock(&s->lock);
	return err;
}

static struct store *make(const struct store_config *cfg)
{
	struct store *s = calloc(1, sizeof(*s));
	pthread_condattr_t attr;

	if (!s)
		return NULL;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, &attr);
	pthread_condattr_destroy(&attr);
	s->cfg = *cfg;
	s->keep_ms = cfg->keep_ms;
	s->sink_cfg = *cfg->sink;
	s->sink_cfg.live = cfg->live;
	s->sink_cfg.say = sink_says;
	s->sink_cfg.say_arg = s;
	s->code = cdr_code_new();
	if (asprintf(&s->dir, "%s/queue/%s", cfg->dir, cfg->ops->name) < 0)
		s->dir = NULL;
	return s;
}

int store_open(struct store **out, const struct store_config *cfg,
	       char why[SINK_WHY])
{
	struct store *s = make(cfg);
	int err = -ENOMEM;

	snprintf(why, SINK_WHY, "no memory for the %s", cfg->what);
	if (!s || !s->code || !s->dir)
		goto fail;
	err = open_queue(s, why);
	if (!err)
		err = start_threads(s, why);
	if (!err)
		err = first_answer(s, why);
	if (err)
		goto fail;
	tell(s);
	*out = s;
	return 0;
fail:
	if (s)
		s->cfg.say = NULL;
	store_free(s);
	return err;
}

/* --- records -------------------------------------------------------------- */

static void tell_full(struct store *s)
{
	if (!s->told_full)
		store_say(s,
			  "the queue %s is full (queue-max): new records are "
			  "lost until the %s takes what waits",
			  s->dir, s->cfg.what);
	s->told_full = true;
}

void store_put(struct store *s, const struct cdr *cdr)
{
	int err;

	outbuf_reset(&s->bytes);
	cdr_code_put(s->code, &s->bytes, cdr);
	err = s->bytes.failed
		      ? -ENOMEM
		      : queue_put(s->queue, slice_of(s->bytes.p, s->bytes.len));
	if (err == -ENOSPC)
		tell_full(s);
	else if (err)
		store_say(s, "a record is lost, it cannot be queued: %s",
			  strerror(-err));
}

static bool is_down(struct store *s)
{
	bool down;

	pthread_mutex_lock(&s->lock);
	down = s->down || s->finished;
	pthread_mutex_unlock(&s->lock);
	return down;
}

/* A file can wait for a database that works. */
static void wait_for_room(struct store *s)
{
	uint64_t room = s->cfg.queue_max / 2;

	if (s->cfg.live)
		return;
	if (room > ROOM_BYTES)
		room = ROOM_BYTES;
	while (!is_down(s) && !queue_wait_room(s->queue, room, 200))
		tell(s);
}

void store_write(struct store *s)
{
	int err = queue_write(s->queue);

	if (err && !s->told_disk)
		store_say(s,
			  "cannot write to the queue %s: %s; records wait in "
			  "memory",
			  s->dir, strerror(-err));
	s->told_disk = err;
	if (s->told_full && queue_wait_room(s->queue, s->cfg.queue_max / 2, 0))
		s->told_full = false; /* the next time is another one */
	wait_for_room(s);
	tell(s);
}

/* --- the end -------------------------------------------------------------- */

void store_keep(struct store *s, uint64_t keep_ms)
{
	pthread_mutex_lock(&s->lock);
	s->keep_ms = keep_ms;
	pthread_mutex_unlock(&s->lock);
}

/* What it has is in the queue on disk: another run goes on with it. */
static void leave(struct store *s)
{
	s->hangs = true;
	pthread_detach(s->thread);
	if (s->syncing)
		pthread_detach(s->syncer);
	queue_sync(s->queue);
	store_say(s, "the %s does not answer: it is not waited for",
		  s->cfg.what);
}

static void join(struct store *s)
{
	pthread_join(s->thread, NULL);
	if (s->syncing)
		pthread_join(s->syncer, NULL);
}

static void stop_thread(struct store *s)
{
	bool finished = false, late = false;

	pthread_mutex_lock(&s->lock);
	s->closing = true;
	s->stop_ms = s->cfg.live ? store_clock_ms() + STOP_MS : UINT64_MAX;
	pthread_mutex_unlock(&s->lock);
	queue_wake(s->queue);
	while (!finished && !late) {
		struct timespec t = until(200);

		pthread_mutex_lock(&s->lock);
		if (!s->finished)
			pthread_cond_timedwait(&s->changed, &s->lock, &t);
		finished = s->finished;
		pthread_mutex_unlock(&s->lock);
		late = s->cfg.live && store_clock_ms() > s->stop_ms + HANG_MS;
		tell(s);
	}
	if (finished)
		join(s);
	else
		leave(s);
	s->running = s->syncing = false;
}

static void tell_end(struct store *s)
{
	const struct store_stats *f = &s->final;

	if (f->waiting)
		store_say(s,
			  "%llu records wait in %s: they are stored when "
			  "callscope runs again with -o %s",
			  (unsigned long long)f->waiting, s->dir, s->cfg.dir);
	if (f->refused)
		store_say(s,
			  "the %s refused %llu records: they are in "
			  "%s/refused with the reason",
			  s->cfg.what, (unsigned long long)f->refused, s->dir);
	if (f->lost)
		store_say(s, "%llu records are lost: the queue had no room",
			  (unsigned long long)f->lost);
	tell(s);
}

void store_close(struct store *s)
{
	if (s->closed)
		return;
	s->closed = true;
	if (s->queue && s->running) {
		store_write(s);
		stop_thread(s);
	}
	if (s->queue && !s->hangs)
		queue_settle(s->queue);
	if (s->queue)
		store_stats(s, &s->final);
	tell_end(s);
	if (s->hangs)
		return; /* its thread may come back to it */
	queue_close(s->queue);
	s->queue = NULL;
}

bool store_hangs(const struct store *s)
{
	return s->hangs;
}

bool store_behind(const struct store *s)
{
	return s->final.waiting || s->final.lost || s->final.refused;
}

void store_stats(struct store *s, struct store_stats *out)
{
	struct queue_stats q;

	if (!s->queue) {
		*out = s->final;
		return;
	}
	queue_stats(s->queue, &q);
	pthread_mutex_lock(&s->lock);
	*out = (struct store_stats){
		.waiting = q.pieces,
		.bytes = q.bytes,
		.oldest_ms = q.oldest_ms,
		.stored = s->stored,
		.retries = s->retries,
		.refused = s->refused,
		.lost = q.lost,
		.down = s->down,
	};
	pthread_mutex_unlock(&s->lock);
}

void store_free(struct store *s)
{
	if (!s)
		return;
	store_close(s);
	if (s->hangs)
		return;
	cdr_decoder_free(s->decoder);
	cdr_code_free(s->code);
	outbuf_free(&s->bytes);
	outbuf_free(&s->said);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->changed);
	free(s->dir);
	free(s);
}
