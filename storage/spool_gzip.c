#include "storage/spool_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "storage/io.h"

#define PIECE 65536
/* Audio hardly gets smaller with more effort. */
#define MODE "wb1"

static int copy(int from, gzFile to)
{
	char *buf = malloc(PIECE);
	ssize_t got = 0;
	int err = buf ? 0 : -ENOMEM;

	while (!err && (got = read(from, buf, PIECE)) > 0)
		if (gzwrite(to, buf, (unsigned)got) != got)
			err = errno ? -errno : -EIO;
	if (got < 0)
		err = -errno;
	free(buf);
	return err;
}

/* Takes fd over. */
static int write_gzip(int from, int fd)
{
	gzFile z = gzdopen(fd, MODE);
	int err;

	if (!z) {
		close(fd);
		return -ENOMEM;
	}
	errno = 0;
	err = copy(from, z);
	if (gzclose(z) != Z_OK && !err)
		err = errno ? -errno : -EIO;
	return err;
}

int spool_file_gzip(struct spool *s, struct spool_file *f)
{
	int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
	char name[SPOOL_NAME + 4];
	int from = openat(s->dir_fd, f->name, O_RDONLY | O_CLOEXEC);
	int to, err;

	if (from < 0)
		return -errno;
	snprintf(name, sizeof(name), "%s.gz", f->name);
	to = openat(s->dir_fd, name, flags, 0640);
	err = to < 0 ? -errno : write_gzip(from, to);
	close(from);
	if (!err && strlen(name) >= sizeof(f->name))
		err = -ENAMETOOLONG;
	if (err) {
		unlinkat(s->dir_fd, name, 0);
		return err;
	}
	unlinkat(s->dir_fd, f->name, 0);
	memcpy(f->name, name, strlen(name) + 1);
	return 0;
}

/* --- and back ------------------------------------------------------------- */

int spool_unzip(int from, int to)
{
	int fd = dup(from), got = 0, err = 0;
	gzFile z = fd < 0 ? NULL : gzdopen(fd, "rb");
	uint8_t *buf = malloc(PIECE);

	if (!z || !buf)
		err = -ENOMEM;
	if (!z && fd >= 0)
		close(fd);
	while (!err && (got = gzread(z, buf, PIECE)) > 0)
		err = write_all(to, slice_of(buf, (size_t)got));
	if (!err && got < 0)
		err = -EIO;
	if (z)
		gzclose(z);
	free(buf);
	return err;
}
