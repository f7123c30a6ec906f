#include "storage/spool_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sniffer/base/thread.h"

#define IDLE_S		  1
#define MESSAGES_PER_STEP 256
#define MESSAGES_AT_ONCE  64
#define QUIET_MAX	  16 /* messages of files that wait together */

/* --- the writer ----------------------------------------------------------- */

static void answer(struct spool *s, struct spool_msg *m, struct spool_reply *r)
{
	switch (m->op) {
	case SPOOL_APPEND:
		r->err = spool_append(s, m->file, &m->chunk);
		break;
	case SPOOL_FINISH:
		r->err = spool_finish(s, m->file, m->uid, m->last_ns,
				      m->packets, r->path, sizeof(r->path));
		break;
	case SPOOL_SECRETS:
		r->err = spool_secrets(s, m->file, m->chunk.bytes);
		break;
	case SPOOL_DISCARD:
		spool_discard(s, m->file);
		break;
	case SPOOL_CONCAT:
		r->err = spool_concat(s, m->file, m->other);
		break;
	case SPOOL_ADOPT:
		r->err = spool_adopt(s, m->uid, r);
		break;
	case SPOOL_LEFT:
		r->err = spool_left_name(s, m->uid, r->path, sizeof(r->path));
		break;
	}
}

static void move_all(struct list *from, struct list *to)
{
	if (list_empty(from))
		return;
	from->next->prev = to->prev;
	to->prev->next = from->next;
	from->prev->next = to;
	to->prev = from->prev;
	list_init(from);
}

/* Messages are used again while they are of the usual size; some at a time,
 * for a batch may be all that the queue takes. */
static void give_back(struct spool_queue *q, struct spool_msg *m)
{
	if (m->op == SPOOL_SECRETS)
		explicit_bzero(m->data, m->room);
	if (m->room != SPOOL_ROOM) {
		free(m);
		return;
	}
	list_append(&q->used, &m->node);
	if (++q->used_n < MESSAGES_AT_ONCE)
		return;
	pthread_mutex_lock(&q->lock);
	move_all(&q->used, &q->spare);
	pthread_mutex_unlock(&q->lock);
	q->used_n = 0;
}

/* The lock is needed for nothing but to wake those who wait. */
static void handle(struct spool *s, struct spool_msg *m)
{
	struct spool_queue *q = &s->q;
	struct spool_reply r = {0}, *to = m->reply;

	answer(s, m, &r);
	if (m->op == SPOOL_APPEND)
		atomic_fetch_sub(&q->bytes, m->room);
	give_back(q, m);
	if (!to && !atomic_load(&q->waits))
		return;
	pthread_mutex_lock(&q->lock);
	if (to) {
		*to = r;
		to->done = true;
	}
	pthread_cond_broadcast(&q->done);
	pthread_mutex_unlock(&q->lock);
}

/* Takes all that wait. Without any it waits a while, if it is to; *end when
 * there will be none. */
static void refill(struct spool_queue *q, bool wait, bool *end)
{
	struct timespec t;

	pthread_mutex_lock(&q->lock);
	move_all(&q->used, &q->spare);
	q->busy = false;
	pthread_cond_broadcast(&q->done);
	if (list_empty(&q->todo) && wait && !q->ending) {
		clock_gettime(CLOCK_MONOTONIC, &t);
		t.tv_sec += IDLE_S;
		pthread_cond_timedwait(&q->work, &q->lock, &t);
	}
	*end = list_empty(&q->todo) && q->ending;
	q->busy = !list_empty(&q->todo);
	move_all(&q->todo, &q->batch);
	pthread_mutex_unlock(&q->lock);
}

static struct spool_msg *next(struct spool_queue *q, bool wait, bool *end)
{
	struct list *it;

	if (list_empty(&q->batch))
		refill(q, wait, end);
	it = list_first(&q->batch);
	if (it)
		list_remove(it);
	return it ? container_of(it, struct spool_msg, node) : NULL;
}

bool spool_step(struct spool *s)
{
	bool more = spool_left_step(s);

	if (!s->cfg.live)
		return more;
	spool_keep_take(s);
	spool_disk_look(s);
	/* Each call that is adopted changes its hour: looked at once, behind
	 * them all. */
	if (atomic_load(&s->adopting))
		return more;
	return spool_clean_step(s) || more;
}

/* Housekeeping goes on between messages, too: a full disk must be cleaned
 * while it is written to. */
static void *work(void *arg)
{
	struct spool *s = arg;
	unsigned handled = 0;
	bool more = true, end = false;

	thread_begin("spool", THREAD_SPOOL);
	while (!end) {
		struct spool_msg *m = next(&s->q, !more, &end);

		if (m) {
			handle(s, m);
			handled++;
		}
		if (!end && (!m || handled >= MESSAGES_PER_STEP)) {
			more = spool_step(s);
			handled = 0;
		}
	}
	return NULL;
}

/* --- messages --------------------------------------------------------------
 */

static struct spool_msg *msg_alloc(size_t room)
{
	struct spool_msg *m = malloc(sizeof(*m) + room);

	if (m)
		*m = (struct spool_msg){.room = room};
	return m;
}

struct spool_msg *spool_msg_new(struct spool *s, size_t room)
{
	struct spool_queue *q = &s->q;
	struct spool_msg *m;
	struct list *it;

	if (room > SPOOL_ROOM)
		return msg_alloc(room);
	pthread_mutex_lock(&q->lock);
	it = list_first(&q->spare);
	if (it)
		list_remove(it);
	pthread_mutex_unlock(&q->lock);
	if (!it)
		return msg_alloc(SPOOL_ROOM);
	m = container_of(it, struct spool_msg, node);
	*m = (struct spool_msg){.room = SPOOL_ROOM};
	return m;
}

/* Each time that the writer sleeps and wakes costs more than a chunk does: of
 * files it gets several. */
static bool may_sleep(const struct spool *s, const struct spool_msg *m)
{
	return !s->cfg.live && !m->reply && s->q.quiet < QUIET_MAX;
}

static void push(struct spool *s, struct spool_msg *m)
{
	struct spool_queue *q = &s->q;
	struct spool_reply *r = m->reply;

	pthread_mutex_lock(&q->lock);
	list_append(&q->todo, &m->node);
	if (m->op == SPOOL_APPEND)
		atomic_fetch_add(&q->bytes, m->room);
	if (may_sleep(s, m)) {
		q->quiet++;
	} else {
		q->quiet = 0;
		pthread_cond_signal(&q->work);
	}
	while (r && !r->done)
		pthread_cond_wait(&q->done, &q->lock);
	pthread_mutex_unlock(&q->lock);
	spool_poll(s);
}

/* Has it done, here or by the writer; m is given away. */
int spool_send(struct spool *s, struct spool_msg *m, struct spool_reply *r,
	       bool wait)
{
	if (!s->q.started) {
		pthread_mutex_lock(&s->q.lock);
		answer(s, m, r);
		pthread_mutex_unlock(&s->q.lock);
		free(m);
		return r->err;
	}
	m->reply = wait ? r : NULL;
	push(s, m);
	return r->err;
}

/* Whoever waits for it cannot let messages wait for more of them. */
static void wake(struct spool_queue *q)
{
	if (!list_empty(&q->todo))
		pthread_cond_signal(&q->work);
}

void spool_queue_wait(struct spool_queue *q, size_t most)
{
	pthread_mutex_lock(&q->lock);
	atomic_fetch_add(&q->waits, 1);
	wake(q);
	while (atomic_load(&q->bytes) > most)
		pthread_cond_wait(&q->done, &q->lock);
	atomic_fetch_sub(&q->waits, 1);
	pthread_mutex_unlock(&q->lock);
}

/* --- beginning and end ---------------------------------------------------- */

static int start(struct spool *s)
{
	int err;

	s->q.started = true;
	err = thread_start(&s->q.thread, work, s);
	if (err)
		s->q.started = false;
	return err;
}

int spool_queue_open(struct spool *s)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&s->q.lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->q.work, &attr);
	pthread_condattr_destroy(&attr);
	pthread_cond_init(&s->q.done, NULL);
	s->q.made = true;
	return s->cfg.queue_bytes ? start(s) : 0;
}

static void free_all(struct list *l)
{
	list_each_safe(it, l) free(container_of(it, struct spool_msg, node));
	list_init(l);
}

void spool_drain(struct spool *s)
{
	struct spool_queue *q;

	if (!s || !s->q.started)
		return;
	q = &s->q;
	pthread_mutex_lock(&q->lock);
	wake(q);
	while (!list_empty(&q->todo) || q->busy)
		pthread_cond_wait(&q->done, &q->lock);
	pthread_mutex_unlock(&q->lock);
	spool_poll(s);
}

void spool_queue_close(struct spool *s)
{
	struct spool_queue *q = &s->q;

	if (q->started) {
		pthread_mutex_lock(&q->lock);
		q->ending = true;
		pthread_cond_signal(&q->work);
		pthread_mutex_unlock(&q->lock);
		pthread_join(q->thread, NULL);
		spool_poll(s);
		q->started = false;
	}
	if (!q->made)
		return;
	free_all(&q->used);
	free_all(&q->spare);
	pthread_cond_destroy(&q->done);
	pthread_cond_destroy(&q->work);
	pthread_mutex_destroy(&q->lock);
}
