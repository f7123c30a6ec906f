#include "storage/spool_priv.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define IDLE_S		  1
#define CHUNK_ROOM	  8192 /* of a message that is used again */
#define MESSAGES_PER_STEP 256

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

/* Messages are used again while they are of the usual size. */
static void give_back(struct spool_queue *q, struct spool_msg *m)
{
	if (m->op == SPOOL_SECRETS)
		explicit_bzero(m->data, m->room);
	if (m->room == CHUNK_ROOM)
		list_append(&q->used, &m->node);
	else
		free(m);
}

/* The lock is needed for nothing but to wake the core. */
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
	pthread_cond_signal(&q->done);
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
	pthread_cond_signal(&q->done);
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
	spool_disk_look(s);
	return spool_clean_step(s) || more;
}

/* Housekeeping goes on between messages, too: a full disk must be cleaned
 * while it is written to. */
static void *work(void *arg)
{
	struct spool *s = arg;
	unsigned handled = 0;
	bool more = true, end = false;

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

/* --- the core ------------------------------------------------------------- */

/* Does the core wait for the answer, as it must when the report tells it? */
static bool waits(const struct spool *s)
{
	return !s->cfg.live;
}

static struct spool_msg *msg_alloc(size_t room)
{
	struct spool_msg *m = malloc(sizeof(*m) + room);

	if (m)
		*m = (struct spool_msg){.room = room};
	return m;
}

static struct spool_msg *msg_new(struct spool *s, size_t room)
{
	struct spool_queue *q = &s->q;
	struct spool_msg *m;
	struct list *it;

	if (room > CHUNK_ROOM)
		return msg_alloc(room);
	if (list_empty(&q->mine)) {
		pthread_mutex_lock(&q->lock);
		move_all(&q->spare, &q->mine);
		pthread_mutex_unlock(&q->lock);
	}
	it = list_first(&q->mine);
	if (!it)
		return msg_alloc(CHUNK_ROOM);
	list_remove(it);
	m = container_of(it, struct spool_msg, node);
	*m = (struct spool_msg){.room = CHUNK_ROOM};
	return m;
}

static void push(struct spool *s, struct spool_msg *m)
{
	struct spool_queue *q = &s->q;
	struct spool_reply *r = m->reply;

	pthread_mutex_lock(&q->lock);
	list_append(&q->todo, &m->node);
	if (m->op == SPOOL_APPEND)
		atomic_fetch_add(&q->bytes, m->room);
	pthread_cond_signal(&q->work);
	while (r && !r->done)
		pthread_cond_wait(&q->done, &q->lock);
	pthread_mutex_unlock(&q->lock);
	spool_poll(s);
}

/* Has it done, here or by the writer; m is given away. */
static int send(struct spool *s, struct spool_msg *m, struct spool_reply *r,
		bool wait)
{
	if (!s->q.started) {
		answer(s, m, r);
		free(m);
		return r->err;
	}
	m->reply = wait ? r : NULL;
	push(s, m);
	return r->err;
}

static enum record_level level(void *arg)
{
	struct spool *s = arg;
	enum record_level l = (enum record_level)atomic_load_explicit(
		&s->level, memory_order_relaxed);
	size_t bytes;

	spool_poll(s);
	if (!s->cfg.live || l != RECORD_LEVEL_ALL)
		return l;
	/* The last quarter is for signalling. */
	bytes = atomic_load_explicit(&s->q.bytes, memory_order_relaxed);
	return bytes > s->cfg.queue_bytes / 4 * 3 ? RECORD_LEVEL_NO_MEDIA
						  : RECORD_LEVEL_ALL;
}

static void wait_for_room(struct spool_queue *q, size_t most)
{
	pthread_mutex_lock(&q->lock);
	atomic_store(&q->waits, true);
	while (atomic_load(&q->bytes) > most)
		pthread_cond_wait(&q->done, &q->lock);
	atomic_store(&q->waits, false);
	pthread_mutex_unlock(&q->lock);
}

/* Waits for room, or has none. */
static bool room_for(struct spool *s, size_t len)
{
	struct spool_queue *q = &s->q;

	if (len < CHUNK_ROOM)
		len = CHUNK_ROOM;
	if (atomic_load(&q->bytes) + len <= s->cfg.queue_bytes)
		return true;
	if (waits(s)) {
		wait_for_room(q, s->cfg.queue_bytes / 2);
		return true;
	}
	q->dropped++;
	if (!q->dropping)
		spool_tell(s,
			   "the disk below %.300s is too slow: recordings "
			   "are incomplete from now on",
			   s->dir);
	q->dropping = true;
	return false;
}

static int append_here(struct spool *s, struct spool_file *f,
		       const struct record_chunk *chunk)
{
	f->taken = true;
	return spool_append(s, f, chunk);
}

static int append(void *arg, struct spool_file **file, const char *uid,
		  const struct record_chunk *chunk)
{
	struct spool_reply r = {0};
	struct spool *s = arg;
	struct spool_msg *m;

	if (s->q.started && !room_for(s, chunk->bytes.len))
		return -ENOBUFS;
	if (!*file)
		*file = spool_file_new(uid);
	if (!*file)
		return spool_fail(s, "write", uid, -ENOMEM);
	if (!s->q.started)
		return append_here(s, *file, chunk);
	m = msg_new(s, chunk->bytes.len);
	if (!m)
		return spool_fail(s, "write", uid, -ENOMEM);
	m->op = SPOOL_APPEND;
	m->file = *file;
	m->chunk = *chunk;
	m->chunk.bytes.p = m->data;
	memcpy(m->data, chunk->bytes.p, chunk->bytes.len);
	(*file)->taken = true;
	return send(s, m, &r, false);
}

static struct spool_msg *end_of(struct spool_file *f, enum spool_op op)
{
	struct spool_msg *m = f->end;

	f->end = NULL;
	m->op = op;
	m->file = f;
	return m;
}

static int finish(void *arg, struct spool_file *f, const char *uid,
		  uint64_t last_ns, uint64_t packets, char *path,
		  size_t path_size)
{
	struct spool_msg *m = end_of(f, SPOOL_FINISH);
	struct spool *s = arg;
	struct spool_reply r = {0};
	bool taken = f->taken;

	snprintf(m->uid, sizeof(m->uid), "%s", uid);
	m->last_ns = last_ns;
	m->packets = packets;
	send(s, m, &r, waits(s));
	if (s->q.started && !waits(s) && taken && !s->cfg.minute)
		spool_path(uid, s->cfg.gzip ? SPOOL_PCAP_GZ : SPOOL_PCAP,
			   r.path, sizeof(r.path));
	snprintf(path, path_size, "%s", r.path);
	return r.err;
}

static int secrets(void *arg, struct spool_file *f, struct slice keylog)
{
	struct spool *s = arg;
	struct spool_reply r = {0};
	struct spool_msg *m = msg_new(s, keylog.len);

	if (!m)
		return spool_fail(s, "write the secrets of", f->uid, -ENOMEM);
	m->op = SPOOL_SECRETS;
	m->file = f;
	memcpy(m->data, keylog.p, keylog.len);
	m->chunk.bytes = slice_of(m->data, keylog.len);
	return send(s, m, &r, waits(s));
}

static void discard(void *arg, struct spool_file *f)
{
	struct spool_reply r = {0};

	send(arg, end_of(f, SPOOL_DISCARD), &r, false);
}

static int concat(void *arg, struct spool_file *dst, struct spool_file *src)
{
	struct spool_msg *m = end_of(src, SPOOL_CONCAT);
	struct spool *s = arg;
	struct spool_reply r = {0};

	m->file = dst;
	m->other = src;
	dst->taken = dst->taken || src->taken;
	return send(s, m, &r, waits(s));
}

/* Asks about what a killed run left of uid. */
static int ask(struct spool *s, enum spool_op op, const char *uid,
	       struct spool_reply *out)
{
	struct spool_msg *m = msg_new(s, 0);

	if (!m)
		return -ENOMEM;
	m->op = op;
	snprintf(m->uid, sizeof(m->uid), "%s", uid);
	return send(s, m, out, true);
}

int spool_left(struct spool *s, const char *uid, char *path, size_t size)
{
	struct spool_reply r = {0};
	int err = ask(s, SPOOL_LEFT, uid, &r);

	if (!err)
		snprintf(path, size, "%s/%s", s->dir, r.path);
	return err;
}

void spool_adopted(struct spool *s)
{
	atomic_store(&s->adopting, false);
}

static int adopt(void *arg, const char *uid, struct spool_file **file,
		 uint64_t *packets, uint64_t *last_ns)
{
	struct spool_reply r = {0};
	int err = ask(arg, SPOOL_ADOPT, uid, &r);

	if (err)
		return err;
	*file = r.file;
	*packets = r.packets;
	*last_ns = r.last_ns;
	return 0;
}

const struct spool_ops spool_ops = {
	.level = level,
	.append = append,
	.finish = finish,
	.secrets = secrets,
	.discard = discard,
	.concat = concat,
	.adopt = adopt,
};

/* --- beginning and end ---------------------------------------------------- */

static int start(struct spool *s)
{
	sigset_t all, old;
	int err;

	/* Signals are the core's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	s->q.started = true;
	err = -pthread_create(&s->q.thread, NULL, work, s);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
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
	free_all(&q->mine);
	pthread_cond_destroy(&q->done);
	pthread_cond_destroy(&q->work);
	pthread_mutex_destroy(&q->lock);
}
