#include <errno.h>
#include <stdlib.h>
#include <zlib.h>

#include "sniffer/capture/input.h"

#define GZIP_BLOCK (64u << 10)

struct gzip_input {
	struct input head;
	struct input *below;
	z_stream z;
	bool ready;  /* inflateInit2 was done */
	bool inside; /* a member has begun and has not ended */
	bool done;   /* the end, or damage */
	uint8_t block[GZIP_BLOCK];
};

/* More compressed bytes behind those left: 0, 1 when below has ended, or
 * -errno. */
static int feed(struct gzip_input *gi)
{
	ssize_t n;

	if (gi->z.avail_in)
		memmove(gi->block, gi->z.next_in, gi->z.avail_in);
	gi->z.next_in = gi->block;
	n = input_read(gi->below, gi->block + gi->z.avail_in,
		       GZIP_BLOCK - gi->z.avail_in);
	gi->head.taken = gi->below->taken;
	if (n < 0)
		return (int)n;
	gi->z.avail_in += (unsigned)n;
	return n == 0;
}

static void stop(struct gzip_input *gi, const char *error)
{
	gi->done = true;
	gi->head.error = error;
}

/* What may follow a member: another one, or the zeros of a tape block. */
static void between_members(struct gzip_input *gi)
{
	while (gi->z.avail_in && gi->z.next_in[0] == 0) {
		gi->z.next_in++;
		gi->z.avail_in--;
	}
	if (gi->z.avail_in == 0)
		return;
	if (gi->z.next_in[0] != 0x1f)
		stop(gi, "bytes that are no gzip data follow the gzip data");
	else if (inflateReset(&gi->z) != Z_OK)
		stop(gi, "zlib failed");
	else
		gi->inside = true;
}

static void inflate_some(struct gzip_input *gi)
{
	switch (inflate(&gi->z, Z_NO_FLUSH)) {
	case Z_OK:
	case Z_BUF_ERROR: /* wants more input */
		break;
	case Z_STREAM_END:
		gi->inside = false;
		break;
	default:
		stop(gi, "the gzip data is damaged");
	}
}

static ssize_t gzip_read(struct input *in, void *buf, size_t size)
{
	struct gzip_input *gi = (struct gzip_input *)in;
	unsigned want =
		size > GZIP_BLOCK * 64 ? GZIP_BLOCK * 64 : (unsigned)size;

	gi->z.next_out = buf;
	gi->z.avail_out = want;
	while (!gi->done && gi->z.avail_out == want && want) {
		int end = gi->z.avail_in ? 0 : feed(gi);

		if (end < 0)
			return end;
		if (end && gi->inside)
			stop(gi, "the gzip data ends early");
		else if (end)
			gi->done = true;
		else if (!gi->inside)
			between_members(gi);
		else
			inflate_some(gi);
	}
	return (ssize_t)(want - gi->z.avail_out);
}

static void gzip_close(struct input *in)
{
	struct gzip_input *gi = (struct gzip_input *)in;

	if (gi->ready)
		inflateEnd(&gi->z);
	input_close(gi->below);
	free(gi);
}

static const struct input_ops gzip_ops = {gzip_read, gzip_close};

struct input *input_gzip(struct input *below, struct slice head)
{
	struct gzip_input *gi = calloc(1, sizeof(*gi));

	if (!gi) {
		input_close(below);
		return NULL;
	}
	gi->head.ops = &gzip_ops;
	gi->head.size = below->size;
	gi->head.taken = below->taken;
	gi->below = below;
	if (head.len > GZIP_BLOCK)
		goto fail;
	memcpy(gi->block, head.p, head.len);
	gi->z.next_in = gi->block;
	gi->z.avail_in = (unsigned)head.len;
	/* 16: a gzip header is expected, and its checksum checked */
	if (inflateInit2(&gi->z, 15 + 16) != Z_OK)
		goto fail;
	gi->ready = gi->inside = true;
	return &gi->head;
fail:
	gzip_close(&gi->head);
	return NULL;
}
