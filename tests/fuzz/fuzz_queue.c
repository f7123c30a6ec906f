/*
 * A segment of a queue and its note of what is done, as a killed program or a
 * bad disk left them: what is whole comes, in order, and a new piece behind
 * it. The first 32 bytes are the note.
 */
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/queue.h"
#include "storage/queue_segment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The frames alone, without a file. */
static void check_frames(struct slice bytes)
{
	struct slice head, piece, rest;
	struct frame_head h;
	size_t used, whole;
	uint64_t next;

	if (segment_header(bytes, &head, &used))
		return;
	assert(used <= bytes.len && head.p >= bytes.p);
	rest = slice_from(bytes, used);
	whole = segment_whole(rest, 1, &next);
	assert(whole <= rest.len);
	while (segment_frame(rest, &h, &piece, &used) == FRAME_OK) {
		assert(used <= rest.len && piece.len == h.len);
		rest = slice_from(rest, used);
	}
}

static void write_file(const char *dir, const char *name, struct slice bytes)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert(fd >= 0);
	assert(write(fd, bytes.p, bytes.len) == (ssize_t)bytes.len);
	close(fd);
}

static void clean(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d)))
		unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		closedir(d);
	rmdir(dir);
}

static void check_queue(const char *dir)
{
	struct queue_config qc = {.dir = dir, .max_bytes = 1 << 26};
	struct queue_batch batch;
	char why[QUEUE_WHY];
	struct queue *q;
	int err;

	if (queue_open(&q, &qc, why))
		return;
	assert(!queue_put(q, SLICE("behind")) && !queue_write(q));
	do {
		err = queue_take(q, 3, &batch, why);
		assert(!err || err == -EBADMSG);
		if (batch.n &&
		    slice_eq(batch.v[batch.n - 1].bytes, SLICE("behind")))
			break;
		assert(err || batch.n);
		queue_done(q);
	} while (1);
	queue_done(q);
	queue_close(q);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size), done = slice_head(in, 32);
	char top[] = "/tmp/callscope-fuzz-queue-XXXXXX", dir[64];

	in = slice_from(in, 32);
	check_frames(in);
	done_get(done);
	assert(mkdtemp(top));
	snprintf(dir, sizeof(dir), "%s/q", top);
	assert(!mkdir(dir, 0700));
	write_file(dir, "done", done);
	write_file(dir, "0000000000000001.seg", in);
	check_queue(dir);
	clean(dir);
	rmdir(top); /* the queue may have done so */
	return 0;
}
