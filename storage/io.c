#include "storage/io.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int write_all(int fd, struct slice bytes)
{
	while (bytes.len) {
		ssize_t n = write(fd, bytes.p, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes = slice_from(bytes, (size_t)n);
	}
	return 0;
}

int write_all_at(int fd, struct slice bytes, off_t at)
{
	while (bytes.len) {
		ssize_t n = pwrite(fd, bytes.p, bytes.len, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes = slice_from(bytes, (size_t)n);
		at += n;
	}
	return 0;
}

ssize_t read_all(int fd, void *to, size_t n)
{
	size_t have = 0;

	while (have < n) {
		ssize_t got = read(fd, (char *)to + have, n - have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		have += (size_t)got;
	}
	return (ssize_t)have;
}

int read_new(int fd, size_t n, struct slice *out)
{
	uint8_t *buf = malloc(n + 1);
	ssize_t got;

	if (!buf)
		return -ENOMEM;
	got = read_all(fd, buf, n);
	if (got < 0) {
		free(buf);
		return (int)got;
	}
	*out = slice_of(buf, (size_t)got);
	return 0;
}

int make_dir(const char *path)
{
	return mkdir(path, 0750) && errno != EEXIST ? -errno : 0;
}
