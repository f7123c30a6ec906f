/*
 * Bytes from somewhere: a descriptor, memory, or either through gzip; and a
 * window over them that shows the next bytes in one piece.
 */
#ifndef CAPTURE_INPUT_H
#define CAPTURE_INPUT_H

#include <sys/types.h>

#include "sniffer/base/slice.h"

struct input;

struct input_ops {
	ssize_t (*read)(struct input *in, void *buf, size_t size);
	void (*close)(struct input *in);
};

struct input {
	const struct input_ops *ops;
	uint64_t taken;	   /* bytes taken from below, compressed with gzip */
	uint64_t size;	   /* of all that lies below; 0 = unknown */
	const char *error; /* what was wrong with the data, else NULL */
};

/* A file, or standard input as "-". 0 or -errno. */
int input_open(struct input **out, const char *path);

/* These give NULL without memory. The descriptor belongs to the input from
 * then on (also on failure), the slice does not. */
struct input *input_fd(int fd);
struct input *input_memory(struct slice bytes);

/* Inflates what below gives (RFC 1952), all members; head is what was read
 * from below already. Owns below, also on failure. */
struct input *input_gzip(struct input *below, struct slice head);

/* Bytes read, 0 = the end, or broken data with in->error set, or -errno
 * (-EINTR after a signal). */
static inline ssize_t input_read(struct input *in, void *buf, size_t size)
{
	return in->ops->read(in, buf, size);
}

void input_close(struct input *in); /* NULL is fine */

struct window {
	struct input *in;
	uint8_t *buf;
	size_t size, start, end;
	uint64_t skip;	 /* bytes to pass over, not yet read */
	uint64_t offset; /* of buf[start] in the input, skip left out */
	bool eof;
};

static inline struct slice window_bytes(const struct window *w)
{
	return (struct slice){w->buf + w->start, w->end - w->start};
}

/* 0 or -ENOMEM. Owns in only on success. */
int window_init(struct window *w, struct input *in, size_t size);
void window_close(struct window *w);

/* Goes on by n bytes, which may lie beyond what the window shows. */
static inline void window_take(struct window *w, uint64_t n)
{
	size_t have = w->end - w->start;
	size_t step = n < have ? (size_t)n : have;

	w->start += step;
	w->offset += step;
	w->skip += n - step;
}

/* Makes the buffer size bytes large at least. 0 or -ENOMEM. */
int window_grow(struct window *w, size_t size);

/*
 * Moves what is left to the front, which invalidates earlier slices, and
 * reads until need bytes are there or the input ends (eof). 0 or -errno.
 */
int window_fill(struct window *w, size_t need);

#endif
