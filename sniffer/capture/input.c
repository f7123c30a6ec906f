#include "sniffer/capture/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct fd_input {
	struct input head;
	int fd;
};

static ssize_t fd_read(struct input *in, void *buf, size_t size)
{
	struct fd_input *fi = (struct fd_input *)in;
	ssize_t n = read(fi->fd, buf, size);

	if (n < 0)
		return -errno;
	in->taken += (uint64_t)n;
	return n;
}

static void fd_close(struct input *in)
{
	close(((struct fd_input *)in)->fd);
	free(in);
}

static const struct input_ops fd_ops = {fd_read, fd_close};

struct input *input_fd(int fd)
{
	struct fd_input *fi = calloc(1, sizeof(*fi));
	struct stat st;

	if (!fi) {
		close(fd);
		return NULL;
	}
	fi->head.ops = &fd_ops;
	fi->fd = fd;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode))
		fi->head.size = (uint64_t)st.st_size;
	return &fi->head;
}

int input_open(struct input **out, const char *path)
{
	int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC)
				   : dup(STDIN_FILENO);

	if (fd < 0)
		return -errno;
	*out = input_fd(fd);
	return *out ? 0 : -ENOMEM;
}

struct memory_input {
	struct input head;
	struct slice left;
};

static ssize_t memory_read(struct input *in, void *buf, size_t size)
{
	struct memory_input *mi = (struct memory_input *)in;
	struct slice piece = slice_head(mi->left, size);

	if (piece.len)
		memcpy(buf, piece.p, piece.len);
	mi->left = slice_from(mi->left, piece.len);
	in->taken += piece.len;
	return (ssize_t)piece.len;
}

static void memory_close(struct input *in)
{
	free(in);
}

static const struct input_ops memory_ops = {memory_read, memory_close};

struct input *input_memory(struct slice bytes)
{
	struct memory_input *mi = calloc(1, sizeof(*mi));

	if (!mi)
		return NULL;
	mi->head.ops = &memory_ops;
	mi->head.size = bytes.len;
	mi->left = bytes;
	return &mi->head;
}

void input_close(struct input *in)
{
	if (in)
		in->ops->close(in);
}

int window_init(struct window *w, struct input *in, size_t size)
{
	uint8_t *buf = malloc(size);

	if (!buf)
		return -ENOMEM;
	*w = (struct window){.in = in, .buf = buf, .size = size};
	return 0;
}

void window_close(struct window *w)
{
	input_close(w->in);
	free(w->buf);
	*w = (struct window){0};
}

int window_grow(struct window *w, size_t size)
{
	uint8_t *buf;

	if (size <= w->size)
		return 0;
	buf = realloc(w->buf, size);
	if (!buf)
		return -ENOMEM;
	w->buf = buf;
	w->size = size;
	return 0;
}

/* Passes over bytes that were to be skipped before they were read. */
static void pass_over(struct window *w)
{
	uint64_t skip = w->skip;

	w->skip = 0;
	window_take(w, skip);
}

static void shift(struct window *w)
{
	memmove(w->buf, w->buf + w->start, w->end - w->start);
	w->end -= w->start;
	w->start = 0;
}

int window_fill(struct window *w, size_t need)
{
	int err = window_grow(w, need);

	while (!err && !w->eof) {
		ssize_t n;

		shift(w);
		n = input_read(w->in, w->buf + w->end, w->size - w->end);
		if (n < 0)
			return (int)n;
		w->end += (size_t)n;
		w->eof = n == 0;
		pass_over(w);
		if (window_bytes(w).len >= need)
			break;
	}
	return err;
}
