/* What waits in the queue of another process, from outside: nothing is
 * changed, and what is written or removed meanwhile makes the figure a little
 * older, no more. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/io.h"
#include "storage/queue.h"
#include "storage/queue_segment.h"

/* The serials of the files that count: the one with the first piece that is
 * not done, and the last. 0 = there is none. */
struct found {
	uint64_t from, last;
};

static int list(int dir_fd, uint64_t done, struct found *out)
{
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	uint64_t least = 0;

	*out = (struct found){0};
	if (!dir)
		return -errno;
	while ((e = readdir(dir))) {
		uint64_t first = segment_first(e->d_name);

		if (!first)
			continue;
		if (!least || first < least)
			least = first;
		if (first > out->last)
			out->last = first;
		if (first <= done && first > out->from)
			out->from = first;
	}
	closedir(dir);
	if (!out->from)
		out->from = least;
	return 0;
}

static uint64_t read_done(int dir_fd)
{
	uint8_t file[2 * DONE_SLOT];
	int fd = openat(dir_fd, "done", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read_all(fd, file, sizeof(file));

	if (fd >= 0)
		close(fd);
	return n > 0 ? done_get(slice_of(file, (size_t)n)) : 0;
}

/* Where frames begin; 0: it is no segment. */
static off_t frames_of(int fd)
{
	uint8_t head[SEGMENT_HEADER];
	struct cursor c;

	if (pread(fd, head, sizeof(head), 0) != sizeof(head) ||
	    memcmp(head, "CSQUEUE1", 8) != 0)
		return 0;
	c = cursor_of(slice_of(head + 8, 4));
	return SEGMENT_HEADER + (off_t)cursor_le32(&c);
}

static uint64_t le64(struct cursor *c)
{
	uint64_t low = cursor_le32(c);

	return low | (uint64_t)cursor_le32(c) << 32;
}

/* The heads of frames alone, from one file: the serial behind the last whole
 * one, and when that of `done` or the first behind it was put. */
static uint64_t walk(int dir_fd, uint64_t first, uint64_t done,
		     uint64_t *put_ms)
{
	char name[SEGMENT_NAME + 1];
	uint8_t head[FRAME_HEADER];
	uint64_t next = first;
	struct stat st;
	off_t at;
	int fd;

	segment_name(first, name);
	fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) || !(at = frames_of(fd)))
		goto out;
	while (pread(fd, head, sizeof(head), at) == sizeof(head)) {
		struct cursor c = cursor_of(slice_of(head, sizeof(head)));
		uint32_t len = cursor_le32(&c);
		uint64_t serial, ms;

		cursor_le32(&c);
		serial = le64(&c);
		ms = le64(&c);
		at += FRAME_HEADER + (off_t)len;
		if (serial != next || at > st.st_size)
			break;
		next++;
		if (serial >= done && !*put_ms)
			*put_ms = ms;
	}
out:
	if (fd >= 0)
		close(fd);
	return next;
}

int queue_look(const char *dir, struct queue_stats *out)
{
	int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err;
	uint64_t done, next, begin;
	struct found f;

	*out = (struct queue_stats){0};
	if (dir_fd < 0)
		return -errno;
	done = read_done(dir_fd);
	err = list(dir_fd, done, &f);
	if (err || !f.last)
		goto out;
	next = walk(dir_fd, f.from, done, &out->oldest_ms);
	if (f.last != f.from) {
		uint64_t ignored = 1;

		next = walk(dir_fd, f.last, done, &ignored);
	}
	begin = done > f.from ? done : f.from;
	if (next > begin)
		out->pieces = next - begin;
	else
		out->oldest_ms = 0;
out:
	close(dir_fd);
	return err;
}
