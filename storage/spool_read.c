#include "storage/spool_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "storage/spool_priv.h"

/* The complete file of uid, open; -errno. */
static int open_call(const char *dir, const char *uid)
{
	char path[SPOOL_PATH], below[64];
	int fd;

	for (int kind = SPOOL_PCAP; kind < SPOOL_GONE; kind++) {
		spool_path(uid, (enum spool_kind)kind, below, sizeof(below));
		if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, below) >=
		    sizeof(path))
			return -ENAMETOOLONG;
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		if (fd >= 0)
			return fd;
		if (errno != ENOENT)
			return -errno;
	}
	return -ENOENT;
}

/* What is still being written of it, open; -errno. */
static int open_unfinished(const char *dir, const char *uid)
{
	static const char *const endings[] = {"pcap", "pcapng"};
	char path[SPOOL_PATH];
	int fd = -1;

	for (size_t i = 0; i < 2 && fd < 0; i++) {
		if ((size_t)snprintf(path, sizeof(path),
				     "%s/spool/" SPOOL_OPEN "/%s.%s.part", dir,
				     uid, endings[i]) >= sizeof(path))
			return -ENAMETOOLONG;
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	}
	return fd < 0 ? -errno : fd;
}

/* From the file of its minute. */
static int read_minute(const char *dir, const char *uid, int fd)
{
	char path[SPOOL_PATH];
	struct spool_entry e;
	int dir_fd, err;

	snprintf(path, sizeof(path), "%s/spool", dir);
	dir_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0)
		return -errno;
	err = spool_index_find(dir_fd, uid, &e);
	if (!err && e.kind != SPOOL_MINUTE)
		err = -ENOENT;
	if (!err)
		err = spool_minute_copy(dir_fd, &e, fd);
	close(dir_fd);
	return err;
}

static bool in_minute(const char *dir, const char *uid)
{
	char path[SPOOL_PATH];
	struct spool_entry e;
	bool found;
	int fd;

	snprintf(path, sizeof(path), "%s/spool", dir);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	found = !spool_index_find(fd, uid, &e) && e.kind == SPOOL_MINUTE;
	close(fd);
	return found;
}

bool spool_read_has(const char *dir, const char *uid)
{
	int fd;

	if (!spool_is_uid(slice_str(uid)))
		return false;
	fd = open_call(dir, uid);
	if (fd < 0)
		fd = open_unfinished(dir, uid);
	if (fd < 0)
		return in_minute(dir, uid);
	close(fd);
	return true;
}

int spool_read_call(const char *dir, const char *uid, int fd,
		    char why[SPOOL_WHY])
{
	int from, err = 0;

	if (!spool_is_uid(slice_str(uid))) {
		snprintf(why, SPOOL_WHY, "'%.60s' is no uid", uid);
		return -EINVAL;
	}
	from = open_call(dir, uid);
	if (from == -ENOENT && (err = read_minute(dir, uid, fd)) == -ENOENT)
		from = open_unfinished(dir, uid);
	if (from != -ENOENT || err == -ENOENT)
		err = from < 0 ? from : spool_unzip(from, fd);
	if (from >= 0)
		close(from);
	if (err == -ENOENT)
		snprintf(why, SPOOL_WHY,
			 "no packets of %s below %.300s/spool: not recorded, "
			 "or deleted since",
			 uid, dir);
	else if (err)
		snprintf(why, SPOOL_WHY,
			 "cannot read the packets of %s below %.300s/spool: "
			 "%s",
			 uid, dir, strerror(-err));
	return err;
}
