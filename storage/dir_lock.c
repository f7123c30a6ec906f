#include "storage/dir_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct dir_lock {
	char *path;
	int fd;
};

/* Whoever had it may have removed it meanwhile. */
static bool is_there(const struct dir_lock *l)
{
	struct stat mine, now;

	return !fstat(l->fd, &mine) && !stat(l->path, &now) &&
	       mine.st_ino == now.st_ino && mine.st_dev == now.st_dev;
}

static int try_lock(struct dir_lock *l)
{
	l->fd = open(l->path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (l->fd < 0)
		return -errno;
	if (flock(l->fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	return 0;
}

static int lock(struct dir_lock *l)
{
	int err;

	while (!(err = try_lock(l)) && !is_there(l))
		close(l->fd);
	return err;
}

/* The number is for people. */
static void sign(const struct dir_lock *l)
{
	char text[24];
	int n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

	if (!ftruncate(l->fd, 0) && pwrite(l->fd, text, (size_t)n, 0) != n)
		return;
}

static void say(const struct dir_lock *l, const char *dir, int err,
		char why[DIR_LOCK_WHY])
{
	char text[24] = "";
	ssize_t n = l->fd >= 0 ? pread(l->fd, text, sizeof(text) - 1, 0) : 0;

	text[n > 0 ? (size_t)n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	if (err == -EBUSY)
		snprintf(why, DIR_LOCK_WHY,
			 "the data folder %.300s is in use by another callscope"
			 "%s%s: choose another with -o DIR",
			 dir, *text ? ", process " : "", text);
	else
		snprintf(why, DIR_LOCK_WHY,
			 "cannot write to the data folder %.300s: %s (choose "
			 "another with -o DIR)",
			 dir, strerror(-err));
}

static void lock_free(struct dir_lock *l)
{
	if (!l)
		return;
	if (l->fd >= 0)
		close(l->fd);
	free(l->path);
	free(l);
}

int dir_lock_take(struct dir_lock **out, const char *dir,
		  char why[DIR_LOCK_WHY])
{
	struct dir_lock *l = calloc(1, sizeof(*l));
	int err = -ENOMEM;

	snprintf(why, DIR_LOCK_WHY, "not enough memory to start");
	if (!l)
		return err;
	l->fd = -1;
	if (asprintf(&l->path, "%s/callscope.lock", dir) < 0) {
		l->path = NULL;
		goto fail;
	}
	err = lock(l);
	if (err) {
		say(l, dir, err, why);
		goto fail;
	}
	sign(l);
	*out = l;
	return 0;
fail:
	lock_free(l);
	return err;
}

void dir_lock_drop(struct dir_lock *l)
{
	if (l)
		unlink(l->path);
	lock_free(l);
}
