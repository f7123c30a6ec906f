#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "sniffer/base/thread.h"
#include "storage/store_priv.h"

#define BATCH_RECORDS 512
#define BATCH_MS      1000
#define FIRST_MS      20    /* a conflict is often over by then */
#define RETRY_MS      1000  /* doubled each time */
#define RETRY_MAX_MS  60000 /* also for a schema that does not fit */
#define LAST_TRIES    3	    /* of a file's end */
#define EXPIRE_MS     3600000

/* --- states -------------------------------------------------------------- */

static bool is_closing(struct store *s)
{
	bool closing;

	pthread_mutex_lock(&s->lock);
	closing = s->closing;
	pthread_mutex_unlock(&s->lock);
	return closing;
}

static bool is_late(struct store *s)
{
	bool late;

	pthread_mutex_lock(&s->lock);
	late = s->closing && store_clock_ms() >= s->stop_ms;
	pthread_mutex_unlock(&s->lock);
	return late;
}

static void set_down(struct store *s, bool down)
{
	pthread_mutex_lock(&s->lock);
	s->down = down;
	s->retries += down;
	pthread_mutex_unlock(&s->lock);
}

/* --- the sink ------------------------------------------------------------ */

static void answer_first(struct store *s, int err, const char *why)
{
	pthread_mutex_lock(&s->lock);
	if (!s->opened) {
		s->opened = true;
		s->open_err = store_may_pass(err) && err != -EROFS ? 0 : err;
		snprintf(s->open_why, sizeof(s->open_why), "%s", why);
	}
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static int open_sink(struct store *s, char why[SINK_WHY])
{
	int err = 0;

	if (s->sink)
		return 0;
	why[0] = '\0';
	err = s->cfg.ops->open(&s->sink, &s->sink_cfg, why);
	if (err)
		s->sink = NULL;
	answer_first(s, err, why);
	return err && err != -ESTALE ? -EAGAIN : err;
}

static void close_sink(struct store *s)
{
	char why[SINK_WHY] = "";

	if (s->sink && s->cfg.ops->close(s->sink, why))
		store_say(s, "%s", why);
	s->sink = NULL;
}

/* --- failures ------------------------------------------------------------ */

static unsigned delay_ms(const struct store *s, int err)
{
	unsigned ms = RETRY_MS;

	if (err == -ESTALE)
		return RETRY_MAX_MS;
	for (unsigned i = 2; i < s->failures && ms < RETRY_MAX_MS; i++)
		ms *= 2;
	return ms < RETRY_MAX_MS ? ms : RETRY_MAX_MS;
}

static void tell_down(struct store *s, const char *why)
{
	if (!s->told_down)
		store_say(s, "%s; records wait in %s", why, s->dir);
	s->told_down = true;
}

/* False when it is time to end: a live capture does not wait, the end of a
 * file some seconds. */
static bool wait_again(struct store *s, int err, const char *why)
{
	bool closing = is_closing(s);

	if (s->failures++ == 0 && s->sink && err != -ESTALE) {
		queue_wait(s->queue, SIZE_MAX, FIRST_MS);
		return true;
	}
	set_down(s, true);
	tell_down(s, why);
	if (closing &&
	    (s->cfg.live || err == -ESTALE || ++s->last_tries == LAST_TRIES))
		return false;
	queue_wait(s->queue, SIZE_MAX,
		   closing ? RETRY_MS * s->last_tries : delay_ms(s, err));
	return true;
}

static void note_success(struct store *s)
{
	struct queue_stats q;

	set_down(s, false);
	s->failures = 0;
	s->single = false;
	if (!s->told_down)
		return;
	queue_stats(s->queue, &q);
	store_say(s, "the %s takes records again; %llu wait", s->cfg.what,
		  (unsigned long long)q.pieces);
	s->told_down = false;
}

/* --- retention ----------------------------------------------------------- */

static uint64_t keep_of(struct store *s)
{
	uint64_t ms;

	pthread_mutex_lock(&s->lock);
	ms = s->keep_ms;
	pthread_mutex_unlock(&s->lock);
	return ms;
}

/* Between batches. */
static void expire(struct store *s)
{
	struct sink_expired gone = {0};
	struct sink_age age = {.now_ms = queue_now_ms()};
	char why[SINK_WHY] = "";
	uint64_t keep_ms;
	int err;

	if (!s->cfg.live || !s->cfg.ops->expire || !s->sink ||
	    store_clock_ms() < s->expire_ms)
		return;
	s->expire_ms = store_clock_ms() + EXPIRE_MS;
	keep_ms = keep_of(s);
	if (keep_ms && keep_ms < age.now_ms)
		age.before_ms = age.now_ms - keep_ms;
	err = s->cfg.ops->expire(s->sink, &age, &gone, why);
	if (err)
		store_say(s, "%s", why);
}

/* A live sink may have something to do by its clock. */
static void idle(struct store *s)
{
	char why[SINK_WHY] = "";

	if (s->cfg.live && s->sink && s->cfg.ops->flush(s->sink, why))
		tell_down(s, why);
}

/* --- the thread ---------------------------------------------------------- */

/* 0; -EAGAIN: another time. */
static int next_batch(struct store *s, char why[SINK_WHY])
{
	int err = queue_take(s->queue, BATCH_RECORDS, &s->batch, why);

	if (err != -EBADMSG)
		return err;
	queue_done(s->queue);
	store_say(s, "%s", why);
	return 0;
}

/* False at the end. */
static bool feed(struct store *s)
{
	char why[SINK_WHY] = "";
	bool closing = is_closing(s);
	int err = 0;

	if (!s->batch.n) {
		if (!closing)
			queue_wait(s->queue, BATCH_RECORDS, BATCH_MS);
		expire(s);
		err = next_batch(s, why);
	}
	if (!err && !s->batch.n) {
		idle(s);
		return !closing;
	}
	if (!err)
		err = open_sink(s, why);
	if (!err)
		err = store_send_batch(s, why);
	if (err)
		return wait_again(s, err, why);
	queue_done(s->queue);
	s->batch.n = 0;
	note_success(s);
	return !is_late(s);
}

/* Opens at once: a database that will never be one is told at the start. */
static bool begin(struct store *s)
{
	char why[SINK_WHY] = "";
	int err = open_sink(s, why);
	bool never;

	pthread_mutex_lock(&s->lock);
	never = s->open_err;
	pthread_mutex_unlock(&s->lock);
	if (!never && err) {
		s->failures = 1;
		set_down(s, true);
		tell_down(s, why);
		queue_wait(s->queue, SIZE_MAX, RETRY_MS);
	}
	return !never;
}

void *store_feed(void *arg)
{
	struct store *s = arg;

	thread_begin(s->cfg.what, THREAD_STORE);
	if (begin(s))
		while (feed(s))
			;
	close_sink(s);
	pthread_mutex_lock(&s->lock);
	s->finished = true;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	return NULL;
}
