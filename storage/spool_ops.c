#include "storage/spool_priv.h"

#include <errno.h>
#include <stdio.h>

/* What the core and its media workers call. */

/* Does the core wait for the answer, as it must when the report tells it? */
static bool waits(const struct spool *s)
{
	return !s->cfg.live;
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

struct spool_load spool_load(const struct spool *s)
{
	return (struct spool_load){atomic_load(&s->q.bytes), s->cfg.queue_bytes,
				   (enum record_level)atomic_load(&s->level)};
}

/* Waits for room, or has none. */
static bool room_for(struct spool *s, size_t len)
{
	struct spool_queue *q = &s->q;

	if (len < SPOOL_ROOM)
		len = SPOOL_ROOM;
	if (atomic_load(&q->bytes) + len <= s->cfg.queue_bytes)
		return true;
	if (waits(s)) {
		spool_queue_wait(q, s->cfg.queue_bytes / 2);
		return true;
	}
	q->dropped++;
	if (!atomic_exchange(&q->dropping, true))
		spool_tell(s,
			   "the disk below %.300s is too slow: recordings "
			   "are incomplete from now on",
			   s->dir);
	return false;
}

static int append_here(struct spool *s, struct spool_file *f,
		       const struct record_chunk *chunk)
{
	int err;

	f->taken = true;
	pthread_mutex_lock(&s->q.lock);
	err = spool_append(s, f, chunk);
	pthread_mutex_unlock(&s->q.lock);
	return err;
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
	m = spool_msg_new(s, chunk->bytes.len);
	if (!m)
		return spool_fail(s, "write", uid, -ENOMEM);
	m->op = SPOOL_APPEND;
	m->file = *file;
	m->chunk = *chunk;
	m->chunk.bytes.p = m->data;
	memcpy(m->data, chunk->bytes.p, chunk->bytes.len);
	(*file)->taken = true;
	return spool_send(s, m, &r, false);
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
	spool_send(s, m, &r, waits(s));
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
	struct spool_msg *m = spool_msg_new(s, keylog.len);

	if (!m)
		return spool_fail(s, "write the secrets of", f->uid, -ENOMEM);
	m->op = SPOOL_SECRETS;
	m->file = f;
	memcpy(m->data, keylog.p, keylog.len);
	m->chunk.bytes = slice_of(m->data, keylog.len);
	return spool_send(s, m, &r, waits(s));
}

static void discard(void *arg, struct spool_file *f)
{
	struct spool_reply r = {0};

	spool_send(arg, end_of(f, SPOOL_DISCARD), &r, false);
}

static int concat(void *arg, struct spool_file *dst, struct spool_file *src)
{
	struct spool_msg *m = end_of(src, SPOOL_CONCAT);
	struct spool *s = arg;
	struct spool_reply r = {0};

	m->file = dst;
	m->other = src;
	dst->taken = dst->taken || src->taken;
	return spool_send(s, m, &r, waits(s));
}

/* Asks about what a killed run left of uid. */
static int ask(struct spool *s, enum spool_op op, const char *uid,
	       struct spool_reply *out)
{
	struct spool_msg *m = spool_msg_new(s, 0);

	if (!m)
		return -ENOMEM;
	m->op = op;
	snprintf(m->uid, sizeof(m->uid), "%s", uid);
	return spool_send(s, m, out, true);
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
