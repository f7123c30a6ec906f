#include "web/users_file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/io.h"

enum {
	FILE_MAX_BYTES = 2 << 20,
	PATH_BYTES = 4096,
};

struct users_file {
	pthread_mutex_t lock; /* over all that follows */
	const char *dir;
	void (*say)(void *arg, const char *sentence);
	void *arg;
	struct users *users; /* never NULL */
	struct stat seen;    /* of the file that users is of; 0 = none */
};

static int path_of(const char *dir, const char *name, char out[PATH_BYTES])
{
	int n = snprintf(out, PATH_BYTES, "%s/%s", dir, name);

	return n < 0 || n >= PATH_BYTES ? -ENAMETOOLONG : 0;
}

static int explain(const char *dir, const char *verb, int err,
		   char why[USERS_WHY])
{
	snprintf(why, USERS_WHY, "cannot %s the logins in %.300s/users: %s",
		 verb, dir, strerror(-err));
	return err;
}

/* --- reading -------------------------------------------------------------- */

static int read_text(int fd, const char *dir, struct slice *out,
		     char why[USERS_WHY])
{
	struct stat st;

	if (fstat(fd, &st))
		return explain(dir, "read", -errno, why);
	if (st.st_mode & (S_IROTH | S_IWOTH)) {
		snprintf(why, USERS_WHY,
			 "everybody may read or write the logins in "
			 "%.300s/users, so they are not used: chmod 600 it",
			 dir);
		return -EPERM;
	}
	if (!S_ISREG(st.st_mode) || st.st_size > FILE_MAX_BYTES)
		return explain(dir, "read", -EFBIG, why);
	return read_new(fd, (size_t)st.st_size, out);
}

int users_file_read(const char *dir, struct users **out, char why[USERS_WHY])
{
	char path[PATH_BYTES];
	struct slice text = {0};
	int err = path_of(dir, "users", path), fd;

	if (err)
		return explain(dir, "read", err, why);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 && errno != ENOENT)
		return explain(dir, "read", -errno, why);
	if (fd >= 0)
		err = read_text(fd, dir, &text, why);
	if (!err && users_parse(out, text))
		err = explain(dir, "read", -ENOMEM, why);
	if (fd >= 0)
		close(fd);
	free((void *)text.p);
	return err;
}

/* --- following ------------------------------------------------------------ */

static bool is_seen(const struct users_file *f, const struct stat *st)
{
	const struct stat *s = &f->seen;

	return st->st_ino == s->st_ino && st->st_dev == s->st_dev &&
	       st->st_size == s->st_size && st->st_mode == s->st_mode &&
	       st->st_mtim.tv_sec == s->st_mtim.tv_sec &&
	       st->st_mtim.tv_nsec == s->st_mtim.tv_nsec &&
	       st->st_ctim.tv_sec == s->st_ctim.tv_sec &&
	       st->st_ctim.tv_nsec == s->st_ctim.tv_nsec;
}

static void say(struct users_file *f, const char *sentence)
{
	if (f->say)
		f->say(f->arg, sentence);
}

static void say_bad(struct users_file *f)
{
	char text[USERS_WHY];

	snprintf(text, sizeof(text),
		 "%.300s/users: line %zu is no login and no token; it and what "
		 "is like it (%zu) is passed over",
		 f->dir, f->users->first_bad, f->users->bad_lines);
	say(f, text);
}

/* What cannot be read lets nobody in. */
static void read_again(struct users_file *f)
{
	char why[USERS_WHY] = "";
	struct users *now = NULL;
	int err = users_file_read(f->dir, &now, why);

	if (err) {
		say(f, why);
		err = users_parse(&now, (struct slice){0});
	}
	if (err || !now) /* no memory: those known, until it changes */
		return;
	users_free(f->users);
	f->users = now;
	if (now->bad_lines)
		say_bad(f);
}

static void refresh(struct users_file *f)
{
	char path[PATH_BYTES];
	struct stat st = {0};

	if (path_of(f->dir, "users", path) || stat(path, &st))
		memset(&st, 0, sizeof(st));
	if (is_seen(f, &st))
		return;
	f->seen = st;
	read_again(f);
}

int users_file_open(struct users_file **out, const char *dir,
		    void (*say_fn)(void *arg, const char *sentence), void *arg)
{
	struct users_file *f = calloc(1, sizeof(*f));

	if (!f || users_parse(&f->users, (struct slice){0})) {
		free(f);
		return -ENOMEM;
	}
	pthread_mutex_init(&f->lock, NULL);
	f->dir = dir;
	f->say = say_fn;
	f->arg = arg;
	*out = f;
	return 0;
}

void users_file_close(struct users_file *f)
{
	if (!f)
		return;
	users_free(f->users);
	pthread_mutex_destroy(&f->lock);
	free(f);
}

static bool copy(const struct user *from, struct user *out)
{
	if (from)
		*out = *from;
	return from;
}

bool users_file_find(struct users_file *f, struct slice name, struct user *out)
{
	bool found;

	pthread_mutex_lock(&f->lock);
	refresh(f);
	found = copy(users_find(f->users, name), out);
	pthread_mutex_unlock(&f->lock);
	return found;
}

bool users_file_find_token(struct users_file *f,
			   const uint8_t hash[SECRET_HASH], struct user *out)
{
	bool found;

	pthread_mutex_lock(&f->lock);
	refresh(f);
	found = copy(users_find_token(f->users, hash), out);
	pthread_mutex_unlock(&f->lock);
	return found;
}

size_t users_file_count(struct users_file *f)
{
	size_t n;

	pthread_mutex_lock(&f->lock);
	refresh(f);
	n = f->users->users;
	pthread_mutex_unlock(&f->lock);
	return n;
}

/* --- changing ------------------------------------------------------------- */

/* The folder's owner is the one who serves it; root may add for him. */
static int give_to_owner(int fd, int dir_fd)
{
	struct stat st;

	if (geteuid())
		return 0;
	return fstat(dir_fd, &st) || fchown(fd, st.st_uid, st.st_gid) ? -errno
								      : 0;
}

static int write_file(int dir_fd, struct slice text)
{
	int fd = openat(dir_fd, "users.part",
			O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
			0600);
	int err = fd < 0 ? -errno : 0;

	if (!err && fchmod(fd, 0600))
		err = -errno;
	if (!err)
		err = give_to_owner(fd, dir_fd);
	if (!err)
		err = write_all(fd, text);
	if (!err && fsync(fd))
		err = -errno;
	if (fd >= 0)
		close(fd);
	if (!err && renameat(dir_fd, "users.part", dir_fd, "users"))
		err = -errno;
	if (!err && fsync(dir_fd))
		err = -errno;
	return err;
}

static int save(int dir_fd, const char *dir, const struct users *u,
		char why[USERS_WHY])
{
	size_t len = 0;
	char *text = users_text(u, &len);
	int err = text ? write_file(dir_fd, slice_of(text, len)) : -ENOMEM;

	free(text);
	return err ? explain(dir, "write", err, why) : 0;
}

static int change_locked(int dir_fd, const char *dir, users_change_fn *change,
			 void *arg, char why[USERS_WHY])
{
	struct users *u = NULL;
	int err = users_file_read(dir, &u, why);

	if (!err && u && u->bad_lines) {
		snprintf(why, USERS_WHY,
			 "%.300s/users: line %zu is no login and no token: "
			 "mend it or delete it first",
			 dir, u->first_bad);
		err = -EINVAL;
	}
	if (!err)
		err = change(arg, u, why);
	if (!err)
		err = save(dir_fd, dir, u, why);
	users_free(u);
	return err;
}

int users_file_change(const char *dir, users_change_fn *change, void *arg,
		      char why[USERS_WHY])
{
	int dir_fd, err = make_dir(dir);

	if (err)
		return explain(dir, "write", err, why);
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0)
		return explain(dir, "write", -errno, why);
	while (flock(dir_fd, LOCK_EX) && !err)
		err = errno == EINTR ? 0 : -errno;
	if (err)
		explain(dir, "write", err, why);
	else
		err = change_locked(dir_fd, dir, change, arg, why);
	close(dir_fd);
	return err;
}
