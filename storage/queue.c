#include "storage/queue.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "storage/io.h"
#include "storage/queue_priv.h"

/* --- time ----------------------------------------------------------------- */

uint64_t queue_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

struct timespec queue_until(unsigned ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += (long)(ms % 1000) * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

bool queue_sleep(struct queue *q, pthread_cond_t *c,
		 const struct timespec *until)
{
	return pthread_cond_timedwait(c, &q->lock, until) != ETIMEDOUT;
}

/* --- opening -------------------------------------------------------------- */

static int fail(const struct queue *q, const char *doing, int err,
		char why[QUEUE_WHY])
{
	snprintf(why, QUEUE_WHY,
		 "cannot %s the queue %.300s: %s (choose another folder with "
		 "-o DIR)",
		 doing, q->dir, strerror(-err));
	return err;
}

/* The folder and the one around it. */
static int make_dirs(const struct queue *q)
{
	char *slash = strrchr(q->dir, '/');
	int err = 0;

	if (slash && slash != q->dir) {
		*slash = '\0';
		err = make_dir(q->dir);
		*slash = '/';
	}
	return err ? err : make_dir(q->dir);
}

static int open_files(struct queue *q)
{
	int err = make_dirs(q);

	if (err)
		return err;
	q->dir_fd = open(q->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (q->dir_fd < 0)
		return -errno;
	q->done_fd =
		openat(q->dir_fd, "done", O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	return q->done_fd < 0 ? -errno : 0;
}

static void init_locks(struct queue *q)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->more, &attr);
	pthread_cond_init(&q->less, &attr);
	pthread_condattr_destroy(&attr);
}

/* Small queues have small segments, so that some of it comes free. */
static struct queue *make(const struct queue_config *cfg)
{
	struct queue *q = calloc(1, sizeof(*q));

	if (!q)
		return NULL;
	init_locks(q);
	q->dir_fd = q->done_fd = q->fd = q->reader.fd = -1;
	q->max_bytes = cfg->max_bytes;
	q->segment_bytes = cfg->max_bytes / 8 < SEGMENT_BYTES
				   ? cfg->max_bytes / 8
				   : SEGMENT_BYTES;
	q->sync_writes = cfg->sync_writes;
	q->dir = strdup(cfg->dir);
	outbuf_put(&q->own_head, cfg->head.p, cfg->head.len);
	return q;
}

static void queue_free(struct queue *q)
{
	while (q->first) {
		struct segment *next = q->first->next;

		free(q->first);
		q->first = next;
	}
	if (q->fd >= 0)
		close(q->fd);
	if (q->reader.fd >= 0)
		close(q->reader.fd);
	if (q->done_fd >= 0)
		close(q->done_fd);
	if (q->dir_fd >= 0)
		close(q->dir_fd);
	outbuf_free(&q->reader.head);
	outbuf_free(&q->reader.bytes);
	free(q->reader.v);
	outbuf_free(&q->buf);
	outbuf_free(&q->held);
	outbuf_free(&q->own_head);
	pthread_mutex_destroy(&q->lock);
	pthread_cond_destroy(&q->more);
	pthread_cond_destroy(&q->less);
	free(q->dir);
	free(q);
}

int queue_open(struct queue **out, const struct queue_config *cfg,
	       char why[QUEUE_WHY])
{
	struct queue *q = make(cfg);
	int err;

	if (!q || !q->dir || q->own_head.failed) {
		snprintf(why, QUEUE_WHY, "no memory for the queue %.300s",
			 cfg->dir);
		err = -ENOMEM;
		goto fail;
	}
	err = open_files(q);
	if (err)
		fail(q, "make", err, why);
	else
		err = queue_recover(q, why);
	if (err)
		goto fail;
	*out = q;
	return 0;
fail:
	if (q)
		queue_free(q);
	return err;
}

struct segment *queue_add_segment(struct queue *q, uint64_t first, uint64_t end,
				  uint64_t bytes)
{
	struct segment *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	*s = (struct segment){.first = first, .end = end, .bytes = bytes};
	if (q->last)
		q->last->next = s;
	else
		q->first = s;
	q->last = s;
	q->disk_bytes += bytes;
	return s;
}

/* --- closing -------------------------------------------------------------- */

/* A folder that holds something else stays. */
static void remove_files(struct queue *q)
{
	char *slash = strrchr(q->dir, '/');
	char name[SEGMENT_NAME + 1];

	for (struct segment *s = q->first; s; s = s->next) {
		segment_name(s->first, name);
		unlinkat(q->dir_fd, name, 0);
	}
	unlinkat(q->dir_fd, "done", 0);
	if (rmdir(q->dir) == 0 && slash && slash != q->dir) {
		*slash = '\0';
		rmdir(q->dir);
	}
}

void queue_close(struct queue *q)
{
	if (!q)
		return;
	if (q->done == q->ready)
		remove_files(q);
	queue_free(q);
}

/* --- any thread ----------------------------------------------------------- */

void queue_wake(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->woken = true;
	pthread_cond_broadcast(&q->more);
	pthread_mutex_unlock(&q->lock);
}

void queue_stats(struct queue *q, struct queue_stats *out)
{
	pthread_mutex_lock(&q->lock);
	*out = (struct queue_stats){
		.pieces = q->ready - q->done,
		.bytes = q->wait_bytes,
		.oldest_ms = q->ready == q->done ? 0 : q->oldest_ms,
		.lost = q->lost,
		.disk_failed = q->disk_failed,
	};
	pthread_mutex_unlock(&q->lock);
}

struct to_sync {
	uint64_t first, bytes;
};

/* The last of those that are not synced: those before were, but for what the
 * system had no time for. */
static size_t collect(struct queue *q, struct to_sync *v, size_t max)
{
	size_t n = 0;

	pthread_mutex_lock(&q->lock);
	for (struct segment *s = q->first; s && n < max; s = s->next)
		if (s->synced < s->bytes)
			v[n++] = (struct to_sync){s->first, s->bytes};
	pthread_mutex_unlock(&q->lock);
	return n;
}

static void note_synced(struct queue *q, const struct to_sync *t)
{
	pthread_mutex_lock(&q->lock);
	for (struct segment *s = q->first; s; s = s->next)
		if (s->first == t->first)
			s->synced = t->bytes;
	pthread_mutex_unlock(&q->lock);
}

/* One that is gone was stored. */
void queue_sync(struct queue *q)
{
	struct to_sync v[64];
	char name[SEGMENT_NAME + 1];
	size_t n = collect(q, v, 64);

	for (size_t i = 0; i < n; i++) {
		int fd;

		segment_name(v[i].first, name);
		fd = openat(q->dir_fd, name, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (fdatasync(fd) == 0)
			note_synced(q, &v[i]);
		close(fd);
	}
	if (n)
		fsync(q->dir_fd);
}
