#include "sniffer/give.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	OPEN = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY,
	/* Of folders that are somebody else's: DIR, spool, a day. There may be
	 * a million files in the hours. */
	LEVELS = 3,
	DEEPEST = 32,
};

struct giving {
	uid_t uid;
	gid_t gid;
	dev_t dev;
	long given;
};

static void give_below(struct giving *g, int fd, int level);

/* A file with another name may lie anywhere. */
static bool may_give(const struct stat *st)
{
	return st->st_uid == 0 && (S_ISDIR(st->st_mode) ||
				   (S_ISREG(st->st_mode) && st->st_nlink == 1));
}

static void give_entry(struct giving *g, int dir, const char *name, int level)
{
	int fd = openat(dir, name, OPEN);
	struct stat st;
	bool roots;

	if (fd < 0)
		return;
	if (fstat(fd, &st) || st.st_dev != g->dev)
		goto out;
	roots = may_give(&st);
	if (roots && !fchown(fd, g->uid, g->gid))
		g->given++;
	if (S_ISDIR(st.st_mode) && level < DEEPEST &&
	    (roots || level < LEVELS)) {
		give_below(g, fd, level + 1);
		return; /* closed there */
	}
out:
	close(fd);
}

/* fd is taken. */
static void give_below(struct giving *g, int fd, int level)
{
	DIR *d = fdopendir(fd);
	struct dirent *e;

	if (!d) {
		close(fd);
		return;
	}
	while ((e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			give_entry(g, dirfd(d), e->d_name, level);
	closedir(d);
}

/* What we make in a data folder. */
static bool is_ours(const char *name)
{
	static const char *const names[] = {
		"spool",     "queue",	  "journal",  "users",	"feed",
		"audit.log", "callscope", ".viewer-", "calls-", NULL};

	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return true;
	for (const char *const *n = names; *n; n++)
		if (!strncmp(name, *n, strlen(*n)))
			return true;
	return false;
}

static bool all_ours(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *e;
	bool ours = d;

	if (!d && copy >= 0)
		close(copy);
	while (ours && (e = readdir(d)))
		ours = is_ours(e->d_name);
	if (d) {
		rewinddir(d); /* both share their place */
		closedir(d);
	}
	return ours;
}

long give_dir(const char *path, uid_t uid, gid_t gid)
{
	struct giving g = {.uid = uid, .gid = gid};
	/* The folder itself may be named by a link. */
	int fd = open(path, (OPEN & ~O_NOFOLLOW) | O_DIRECTORY);
	struct stat st;
	int err = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		err = -errno;
	else if (!all_ours(fd))
		err = -EEXIST;
	else if (!st.st_uid && fchown(fd, uid, gid))
		err = -errno;
	if (err) {
		close(fd);
		return err;
	}
	g.dev = st.st_dev;
	g.given = !st.st_uid;
	give_below(&g, fd, 1);
	return g.given;
}

int give_file(const char *path, uid_t uid, gid_t gid)
{
	int fd = open(path, OPEN), err = 0;
	struct stat st;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fstat(fd, &st))
		err = -errno;
	else if (S_ISREG(st.st_mode) && may_give(&st))
		err = fchown(fd, uid, gid) ? -errno : 1;
	close(fd);
	return err;
}
