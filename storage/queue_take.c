#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "storage/queue_priv.h"

#define CHUNK ((size_t)2 << 20) /* read at a time */

/* --- reading ---------------------------------------------------------------
 */

static int read_at(int fd, uint64_t off, size_t n, struct outbuf *b)
{
	outbuf_reset(b);
	if (n && !outbuf_grow(b, n))
		return -ENOMEM;
	for (size_t at = 0; at < n;) {
		ssize_t got = pread(fd, b->p + at, n - at, (off_t)(off + at));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? -errno : -EIO;
		at += (size_t)got;
	}
	return 0;
}

/* Opens the segment and takes its head; off may stand behind it already. */
static int open_segment(struct queue *q, uint64_t first, uint64_t limit)
{
	struct queue_reader *r = &q->reader;
	char name[SEGMENT_NAME + 1];
	struct slice head;
	size_t used, n = limit < CHUNK ? (size_t)limit : CHUNK;
	int err;

	segment_name(first, name);
	r->fd = openat(q->dir_fd, name, O_RDONLY | O_CLOEXEC);
	if (r->fd < 0)
		return -errno;
	err = read_at(r->fd, 0, n, &r->bytes);
	if (!err)
		err = segment_header(slice_of(r->bytes.p, r->bytes.len), &head,
				     &used);
	if (err)
		return err;
	outbuf_reset(&r->head);
	outbuf_put(&r->head, head.p, head.len);
	if (r->head.failed)
		return -ENOMEM;
	r->head_id = first;
	if (r->off == 0)
		r->off = used;
	return 0;
}

static void close_segment(struct queue_reader *r)
{
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
	r->off = 0;
}

/* To be opened again. */
static void close_segment_at(struct queue_reader *r, uint64_t off)
{
	close_segment(r);
	r->off = off;
}

static int add_piece(struct queue_reader *r, struct slice bytes, uint64_t ms)
{
	if (r->n == r->size) {
		size_t size = r->size ? r->size * 2 : 512;
		struct queue_piece *v = realloc(r->v, size * sizeof(*v));

		if (!v)
			return -ENOMEM;
		r->v = v;
		r->size = size;
	}
	r->v[r->n++] = (struct queue_piece){bytes, ms};
	return 0;
}

/* The frames of r->bytes, up to so many. *need: bytes of the first one when
 * it is not whole there. 0, -EBADMSG when the first one is damaged. */
static int take_frames(struct queue *q, size_t max, size_t *need)
{
	struct queue_reader *r = &q->reader;
	struct slice rest = slice_of(r->bytes.p, r->bytes.len), piece;
	enum frame_state state = FRAME_MORE;
	struct frame_head h;
	size_t used = 0;

	r->n = 0;
	r->batch_bytes = 0;
	*need = 0;
	while (r->n < max && rest.len) {
		state = segment_frame(rest, &h, &piece, &used);
		if (state != FRAME_OK)
			break;
		if (add_piece(r, piece, h.put_ms))
			return r->n ? 0 : -ENOMEM;
		r->batch_bytes += used;
		r->batch_end = h.serial + 1;
		rest = slice_from(rest, used);
	}
	if (r->n)
		return 0;
	if (state == FRAME_MORE)
		*need = used;
	return state == FRAME_BAD ? -EBADMSG : 0;
}

/* Some frames of what the segment has behind off. */
static int read_frames(struct queue *q, uint64_t limit, size_t max)
{
	struct queue_reader *r = &q->reader;
	uint64_t left = limit - r->off;
	size_t need = left < CHUNK ? (size_t)left : CHUNK;
	int err = read_at(r->fd, r->off, need, &r->bytes);

	if (!err)
		err = take_frames(q, max, &need);
	if (err || r->n)
		return err;
	if (need <= r->bytes.len || need > left)
		return -EBADMSG;
	err = read_at(r->fd, r->off, need, &r->bytes);
	return err ? err : take_frames(q, max, &need);
}

/* --- segments ---------------------------------------------------------------
 */

struct place {
	struct segment *seg;
	uint64_t limit; /* bytes in it */
	bool more;	/* another one follows */
};

static struct place where(struct queue *q)
{
	struct place p = {.seg = q->reader.seg};

	pthread_mutex_lock(&q->lock);
	if (!p.seg)
		p.seg = q->first;
	if (p.seg) {
		p.limit = p.seg->bytes;
		p.more = p.seg->next;
	}
	pthread_mutex_unlock(&q->lock);
	return p;
}

static void go_on(struct queue *q)
{
	close_segment(&q->reader);
	q->reader.seg = q->reader.seg->next;
}

/* Nothing is left on disk; under the lock. */
static bool is_read(const struct queue *q)
{
	const struct queue_reader *r = &q->reader;

	return !q->first ||
	       (r->seg && !r->seg->next && r->off >= r->seg->bytes);
}

/* Frames that the disk refused, taken over as they are: all of them, or the
 * rest would have no place. */
static int take_held(struct queue *q)
{
	struct queue_reader *r = &q->reader;
	struct outbuf t;
	size_t need;
	bool some;

	pthread_mutex_lock(&q->lock);
	some = q->held.len && is_read(q);
	if (some) {
		t = q->held;
		q->held = r->bytes;
		r->bytes = t;
		q->held.len = 0;
		q->held_taken = true;
	}
	pthread_mutex_unlock(&q->lock);
	if (!some)
		return 0;
	outbuf_reset(&r->head);
	outbuf_put(&r->head, q->own_head.p, q->own_head.len);
	r->head_id = UINT64_MAX;
	r->in_memory = true;
	return take_frames(q, SIZE_MAX, &need);
}

/* The pieces of a segment that have not been taken. */
static uint64_t skip(struct queue *q, const struct place *p)
{
	struct queue_reader *r = &q->reader;
	uint64_t lost;

	pthread_mutex_lock(&q->lock);
	lost = p->seg->end > q->taken ? p->seg->end - q->taken : 0;
	q->lost += lost;
	q->taken += lost;
	r->batch_bytes = p->limit - r->off;
	pthread_mutex_unlock(&q->lock);
	r->off = p->limit;
	r->n = 0;
	return lost;
}

/* What is damaged is passed over to the end of what is there, and the file
 * kept as SERIAL.bad. Other errors pass by themselves. */
static int pass_over(struct queue *q, const struct place *p, int err,
		     char why[QUEUE_WHY])
{
	char name[SEGMENT_NAME + 1], bad[SEGMENT_NAME + 1];
	uint64_t lost;

	segment_name(p->seg->first, name);
	if (err != -EBADMSG && err != -ENOENT && err != -EIO) {
		snprintf(why, QUEUE_WHY, "cannot read %.300s/%s: %s", q->dir,
			 name, strerror(-err));
		close_segment_at(&q->reader, q->reader.off);
		return -EAGAIN;
	}
	lost = skip(q, p);
	memcpy(bad, name, sizeof(bad));
	if (p->more) { /* nobody writes to it */
		memcpy(bad + 16, ".bad", 4);
		renameat(q->dir_fd, name, q->dir_fd, bad);
	}
	snprintf(why, QUEUE_WHY,
		 "%.300s/%s is damaged: %llu records in it are lost", q->dir,
		 bad, (unsigned long long)lost);
	return -EBADMSG;
}

static int take_disk(struct queue *q, size_t max, char why[QUEUE_WHY])
{
	struct queue_reader *r = &q->reader;
	struct place p;
	int err = 0;

	for (;;) {
		p = where(q);
		r->seg = p.seg;
		r->n = 0;
		if (!p.seg)
			return 0;
		if (r->off < p.limit && r->fd < 0)
			err = open_segment(q, p.seg->first, p.limit);
		if (!err && r->off < p.limit)
			err = read_frames(q, p.limit, max);
		if (err || r->n || !p.more)
			break;
		go_on(q);
	}
	return err ? pass_over(q, &p, err, why) : 0;
}

/* --- the thread that takes --------------------------------------------------
 */

static void note_taken(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->taken = q->reader.batch_end;
	q->oldest_ms = q->reader.v[0].put_ms;
	pthread_mutex_unlock(&q->lock);
}

int queue_take(struct queue *q, size_t max, struct queue_batch *out,
	       char why[QUEUE_WHY])
{
	struct queue_reader *r = &q->reader;
	int err;

	*out = (struct queue_batch){0};
	r->in_memory = false;
	err = take_disk(q, max, why);

	if (err)
		return err;
	if (r->n)
		r->off += r->batch_bytes;
	else
		err = take_held(q);
	if (err || !r->n)
		return err;
	note_taken(q);
	*out = (struct queue_batch){
		.v = r->v,
		.n = r->n,
		.head = slice_of(r->head.p, r->head.len),
		.head_id = r->head_id,
	};
	return 0;
}

/* The list holds those that are not done, and the last. */
static struct segment *unlink_done(struct queue *q)
{
	struct segment *s = q->first;

	if (!s || !s->next || s->end > q->done)
		return NULL;
	q->first = s->next;
	q->disk_bytes -= s->bytes;
	return s;
}

static void remove_done(struct queue *q)
{
	char name[SEGMENT_NAME + 1];
	struct segment *s;

	for (;;) {
		pthread_mutex_lock(&q->lock);
		s = unlink_done(q);
		pthread_mutex_unlock(&q->lock);
		if (!s)
			return;
		if (q->reader.seg == s)
			go_on(q);
		segment_name(s->first, name);
		unlinkat(q->dir_fd, name, 0);
		free(s);
	}
}

/* Written in turns: one of the two is always whole. Should it fail, pieces
 * come again, which does no harm. */
static void write_done(struct queue *q)
{
	uint8_t slot[DONE_SLOT];

	done_put(slot, q->done);
	if (pwrite(q->done_fd, slot, sizeof(slot),
		   (off_t)q->slot * DONE_SLOT) == sizeof(slot))
		q->slot = !q->slot;
}

void queue_done(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->done = q->taken;
	q->wait_bytes -= q->reader.batch_bytes < q->wait_bytes
				 ? q->reader.batch_bytes
				 : q->wait_bytes;
	q->reader.batch_bytes = 0;
	pthread_cond_broadcast(&q->less);
	pthread_mutex_unlock(&q->lock);
	write_done(q);
	remove_done(q);
}

void queue_wait(struct queue *q, size_t pieces, unsigned ms)
{
	struct timespec until = queue_until(ms);

	pthread_mutex_lock(&q->lock);
	while (!q->woken && q->ready - q->taken < pieces &&
	       queue_sleep(q, &q->more, &until))
		;
	q->woken = false;
	pthread_mutex_unlock(&q->lock);
}
