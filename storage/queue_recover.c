#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/io.h"
#include "storage/queue_priv.h"

/* Serials of the segments that are there. */
struct found {
	uint64_t *v;
	size_t n, size;
};

static int add_found(struct found *f, uint64_t first)
{
	if (f->n == f->size) {
		size_t size = f->size ? f->size * 2 : 64;
		uint64_t *v = realloc(f->v, size * sizeof(*v));

		if (!v)
			return -ENOMEM;
		f->v = v;
		f->size = size;
	}
	f->v[f->n++] = first;
	return 0;
}

static int by_serial(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static int list_segments(const struct queue *q, struct found *f)
{
	DIR *dir = opendir(q->dir);
	struct dirent *e;
	int err = 0;

	if (!dir)
		return -errno;
	while (!err && (e = readdir(dir))) {
		uint64_t first = segment_first(e->d_name);

		if (first)
			err = add_found(f, first);
	}
	closedir(dir);
	if (f->n)
		qsort(f->v, f->n, sizeof(f->v[0]), by_serial);
	return err;
}

static int read_file(int fd, struct outbuf *b)
{
	struct stat st;
	ssize_t got;

	if (fstat(fd, &st))
		return -errno;
	outbuf_reset(b);
	if (st.st_size && !outbuf_grow(b, (size_t)st.st_size))
		return -ENOMEM;
	got = read_all(fd, b->p, (size_t)st.st_size);
	if (got < 0)
		return (int)got;
	b->len = (size_t)got;
	return 0;
}

static int read_segment(const struct queue *q, uint64_t first, int flags,
			struct outbuf *b, int *fd)
{
	char name[SEGMENT_NAME + 1];
	int err;

	segment_name(first, name);
	*fd = openat(q->dir_fd, name, flags | O_CLOEXEC);
	if (*fd < 0)
		return -errno;
	err = read_file(*fd, b);
	if (err)
		close(*fd);
	return err;
}

static void drop(const struct queue *q, uint64_t first)
{
	char name[SEGMENT_NAME + 1];

	segment_name(first, name);
	unlinkat(q->dir_fd, name, 0);
}

/* The one that was written to when the run before ended: what is not whole is
 * cut off, and it goes when nothing is left. */
static int add_last(struct queue *q, uint64_t first)
{
	struct outbuf b = {0};
	struct slice head;
	size_t used, whole;
	uint64_t next;
	int fd, err = read_segment(q, first, O_RDWR, &b, &fd);

	if (err)
		goto out;
	q->next = first;
	if (segment_header(slice_of(b.p, b.len), &head, &used))
		used = b.len;
	whole = used + segment_whole(slice_from(slice_of(b.p, b.len), used),
				     first, &next);
	if (next == first)
		drop(q, first);
	else if (whole < b.len && ftruncate(fd, (off_t)whole))
		err = -errno;
	else if (!queue_add_segment(q, first, next, whole))
		err = -ENOMEM;
	q->next = next;
	close(fd);
out:
	outbuf_free(&b);
	return err;
}

static int add_full(struct queue *q, uint64_t first, uint64_t end)
{
	char name[SEGMENT_NAME + 1];
	struct stat st;

	segment_name(first, name);
	if (fstatat(q->dir_fd, name, &st, 0))
		return -errno;
	return queue_add_segment(q, first, end, (uint64_t)st.st_size) ? 0
								      : -ENOMEM;
}

static int add_segments(struct queue *q, const struct found *f)
{
	int err = 0;

	for (size_t i = 0; i < f->n && !err; i++) {
		if (i + 1 == f->n)
			err = add_last(q, f->v[i]);
		else if (f->v[i + 1] <= q->done)
			drop(q, f->v[i]);
		else
			err = add_full(q, f->v[i], f->v[i + 1]);
	}
	return err;
}

/* Where in the first segment the pieces begin that are not done. */
static int find_done(struct queue *q)
{
	struct outbuf b = {0};
	struct frame_head h;
	struct slice rest, head, piece;
	size_t used;
	int fd, err;

	if (!q->first || q->first->first >= q->done)
		return 0;
	err = read_segment(q, q->first->first, O_RDONLY, &b, &fd);
	if (err)
		goto out;
	close(fd);
	rest = slice_of(b.p, b.len);
	if (segment_header(rest, &head, &used))
		goto out; /* told when it is taken */
	rest = slice_from(rest, used);
	while (segment_frame(rest, &h, &piece, &used) == FRAME_OK &&
	       h.serial < q->done)
		rest = slice_from(rest, used);
	q->reader.off = b.len - rest.len;
out:
	outbuf_free(&b);
	return err;
}

static int read_done(struct queue *q)
{
	uint8_t file[2 * DONE_SLOT];
	ssize_t n = pread(q->done_fd, file, sizeof(file), 0);

	if (n < 0)
		return -errno;
	q->done = done_get(slice_of(file, (size_t)n));
	return 0;
}

/* Its room on the disk is taken now: later writes need none. */
static int write_done(const struct queue *q)
{
	uint8_t file[2 * DONE_SLOT];

	done_put(file, q->done);
	done_put(file + DONE_SLOT, q->done);
	return pwrite(q->done_fd, file, sizeof(file), 0) == sizeof(file)
		       ? 0
		       : -(errno ? errno : EIO);
}

static void count_waiting(struct queue *q)
{
	uint64_t header = SEGMENT_HEADER + q->own_head.len;

	q->taken = q->done;
	q->ready = q->next;
	for (const struct segment *s = q->first; s; s = s->next)
		q->wait_bytes += s->bytes > header ? s->bytes - header : 0;
	if (q->reader.off > header && q->reader.off - header < q->wait_bytes)
		q->wait_bytes -= q->reader.off - header;
}

int queue_recover(struct queue *q, char why[QUEUE_WHY])
{
	struct found f = {0};
	int err = read_done(q);

	if (!err)
		err = list_segments(q, &f);
	if (!err)
		err = add_segments(q, &f);
	if (q->done == 0 || (f.n && q->done < f.v[0]))
		q->done = f.n ? f.v[0] : 1;
	if (q->next < q->done)
		q->next = q->done;
	if (!err)
		err = find_done(q);
	if (!err)
		err = write_done(q);
	if (err)
		snprintf(why, QUEUE_WHY, "cannot read the queue %.300s: %s",
			 q->dir, strerror(-err));
	else
		count_waiting(q);
	free(f.v);
	return err;
}
