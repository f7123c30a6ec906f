#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "storage/queue_priv.h"
#include "storage/io.h"

/* --- collecting ----------------------------------------------------------- */

static int lose(struct queue *q, uint64_t pieces, int err)
{
	pthread_mutex_lock(&q->lock);
	q->lost += pieces;
	pthread_mutex_unlock(&q->lock);
	return err;
}

static bool is_full(struct queue *q, size_t more)
{
	bool full;

	pthread_mutex_lock(&q->lock);
	full = q->disk_bytes + q->held.len + q->buf.len + more > q->max_bytes;
	pthread_mutex_unlock(&q->lock);
	return full;
}

int queue_put(struct queue *q, struct slice piece)
{
	size_t before = q->buf.len;

	if (piece.len > QUEUE_PIECE_MAX)
		return lose(q, 1, -E2BIG);
	if (is_full(q, FRAME_HEADER + piece.len))
		return lose(q, 1, -ENOSPC);
	segment_put_frame(&q->buf, q->next, queue_now_ms(), piece);
	if (q->buf.failed) {
		q->buf.failed = false;
		q->buf.len = before;
		return lose(q, 1, -ENOMEM);
	}
	q->next++;
	q->buf_n++;
	return 0;
}

/* --- writing -------------------------------------------------------------- */

static void end_segment(struct queue *q)
{
	if (q->fd >= 0)
		close(q->fd);
	q->fd = -1;
	q->fd_bytes = 0;
}

static int add_segment(struct queue *q, uint64_t first, uint64_t bytes)
{
	struct segment *s;

	pthread_mutex_lock(&q->lock);
	/* Begun before and left without a piece: it is the same file. */
	if (q->last && q->last->first == first)
		s = q->last;
	else
		s = queue_add_segment(q, first, first, bytes);
	q->held_taken = false;
	pthread_mutex_unlock(&q->lock);
	return s ? 0 : -ENOMEM;
}

static int begin_segment(struct queue *q, uint64_t first)
{
	struct outbuf header = {0};
	char name[SEGMENT_NAME + 1];
	int err = -ENOMEM;

	segment_name(first, name);
	segment_put_header(&header, slice_of(q->own_head.p, q->own_head.len));
	if (header.failed)
		goto out;
	q->fd = openat(q->dir_fd, name,
		       O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC,
		       0640);
	err = q->fd < 0 ? -errno
			: write_all(q->fd, slice_of(header.p, header.len));
	if (!err)
		err = add_segment(q, first, header.len);
	if (!err)
		q->fd_bytes = header.len;
	else if (q->fd >= 0) {
		end_segment(q);
		unlinkat(q->dir_fd, name, 0);
	}
out:
	outbuf_free(&header);
	return err;
}

static bool is_gap(struct queue *q)
{
	bool gap;

	pthread_mutex_lock(&q->lock);
	gap = q->held_taken;
	pthread_mutex_unlock(&q->lock);
	return gap;
}

/* What was written by half is taken back. */
static int write_frames(struct queue *q, uint64_t first)
{
	int err = 0;

	if (q->fd >= 0 && (q->fd_bytes >= q->segment_bytes || is_gap(q)))
		end_segment(q);
	if (q->fd < 0)
		err = begin_segment(q, first);
	if (err)
		return err;
	err = write_all(q->fd, slice_of(q->buf.p, q->buf.len));
	if (!err && q->sync_writes && fdatasync(q->fd))
		err = -errno;
	if (!err)
		q->fd_bytes += q->buf.len;
	else if (ftruncate(q->fd, (off_t)q->fd_bytes))
		end_segment(q);
	return err;
}

static void publish(struct queue *q, uint64_t fresh)
{
	pthread_mutex_lock(&q->lock);
	q->last->end = q->next;
	q->last->bytes += q->buf.len;
	q->disk_bytes += q->buf.len;
	q->wait_bytes += fresh;
	q->ready = q->next;
	q->disk_failed = false;
	pthread_cond_broadcast(&q->more);
	pthread_mutex_unlock(&q->lock);
	outbuf_reset(&q->buf);
	q->buf_n = 0;
}

/* What waits in memory comes before what was put since; answers its bytes. */
static size_t fetch_held(struct queue *q)
{
	struct outbuf t;
	size_t held;

	pthread_mutex_lock(&q->lock);
	held = q->held.len;
	if (held) {
		outbuf_put(&q->held, q->buf.p, q->buf.len);
		if (q->held.failed) { /* it stays for the next time */
			q->held.failed = false;
			held = SIZE_MAX;
		} else {
			t = q->held;
			q->held = q->buf;
			q->buf = t;
			q->held.len = 0;
		}
	}
	pthread_mutex_unlock(&q->lock);
	return held;
}

/* Takes the numbers of pieces back that found no room at all. */
static void drop_fresh(struct queue *q, size_t held)
{
	q->buf.len = held;
	q->next -= q->buf_n;
	lose(q, q->buf_n, 0);
	q->buf_n = 0;
}

static void hold(struct queue *q, size_t held)
{
	struct outbuf t;
	size_t fresh;

	if (q->buf.len > HELD_MAX)
		drop_fresh(q, held);
	fresh = q->buf.len - held;
	pthread_mutex_lock(&q->lock);
	t = q->held;
	q->held = q->buf;
	q->buf = t;
	q->wait_bytes += fresh;
	q->ready = q->next;
	q->disk_failed = true;
	pthread_cond_broadcast(&q->more);
	pthread_mutex_unlock(&q->lock);
	outbuf_reset(&q->buf);
	q->buf_n = 0;
}

/* The serial of the first frame. */
static uint64_t first_of(const struct outbuf *b)
{
	struct frame_head h = {0};
	struct slice piece;
	size_t used;

	segment_frame(slice_of(b->p, b->len), &h, &piece, &used);
	return h.serial;
}

int queue_write(struct queue *q)
{
	size_t held = fetch_held(q);
	int err;

	if (held == SIZE_MAX) {
		drop_fresh(q, 0);
		return -ENOMEM;
	}
	if (!q->buf.len)
		return 0;
	err = write_frames(q, first_of(&q->buf));
	if (err)
		hold(q, held);
	else
		publish(q, q->buf.len - held);
	return err;
}

/* --- the end -------------------------------------------------------------- */

/* A batch that was taken out of memory and is not done. */
static void give_back(struct queue *q)
{
	struct outbuf *taken = &q->reader.bytes;
	struct outbuf t;

	if (!q->reader.in_memory || q->taken == q->done)
		return;
	outbuf_put(taken, q->held.p, q->held.len);
	t = q->held;
	q->held = *taken;
	*taken = t;
	q->taken = q->done;
}

void queue_settle(struct queue *q)
{
	uint64_t first;

	give_back(q);
	queue_write(q);
	if (!q->held.len)
		return;
	first = first_of(&q->held);
	lose(q, q->ready - first, 0);
	q->ready = first;
	outbuf_reset(&q->held);
}

bool queue_wait_room(struct queue *q, uint64_t bytes, unsigned ms)
{
	struct timespec until = queue_until(ms);
	bool room;

	pthread_mutex_lock(&q->lock);
	while (!(room = q->wait_bytes < bytes) &&
	       queue_sleep(q, &q->less, &until))
		;
	pthread_mutex_unlock(&q->lock);
	return room;
}
