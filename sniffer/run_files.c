#include "sniffer/run_files.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	FILES = 32,
	IDLE_S = 300, /* what nobody asked for so long goes */
};

struct entry {
	char key[RUN_FILES_KEY];
	struct run_file file; /* fd -1: it is being made */
	uint64_t used;	      /* seconds */
	bool taken;
};

struct run_files {
	const char *dir;
	uint64_t total;
	pthread_mutex_t lock;
	pthread_cond_t made;
	struct entry v[FILES];
};

struct run_files *run_files_new(const char *dir, uint64_t total)
{
	struct run_files *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->dir = dir;
	f->total = total;
	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->made, NULL);
	return f;
}

static void drop(struct entry *e)
{
	if (e->taken && e->file.fd >= 0)
		close(e->file.fd);
	*e = (struct entry){.taken = false};
}

void run_files_free(struct run_files *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < FILES; i++)
		drop(&f->v[i]);
	pthread_cond_destroy(&f->made);
	pthread_mutex_destroy(&f->lock);
	free(f);
}

/* --- what is kept --------------------------------------------------------- */

static uint64_t now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec;
}

static bool is_made(const struct entry *e)
{
	return e->taken && e->file.fd >= 0;
}

static void drop_idle(struct run_files *f, uint64_t now)
{
	for (size_t i = 0; i < FILES; i++)
		if (is_made(&f->v[i]) && f->v[i].used + IDLE_S < now)
			drop(&f->v[i]);
}

/* The one that was asked for longest ago; NULL when all are being made. */
static struct entry *oldest(struct run_files *f)
{
	struct entry *best = NULL;

	for (size_t i = 0; i < FILES; i++)
		if (is_made(&f->v[i]) && (!best || f->v[i].used < best->used))
			best = &f->v[i];
	return best;
}

static void drop_much(struct run_files *f, const struct entry *but)
{
	uint64_t bytes;
	struct entry *e;

	do {
		bytes = 0;
		for (size_t i = 0; i < FILES; i++)
			bytes += is_made(&f->v[i]) ? f->v[i].file.len : 0;
		e = bytes > f->total ? oldest(f) : NULL;
		if (e == but)
			return; /* it goes with the next one */
		if (e)
			drop(e);
	} while (e);
}

static struct entry *find(struct run_files *f, const char *key)
{
	for (size_t i = 0; i < FILES; i++)
		if (f->v[i].taken && !strcmp(f->v[i].key, key))
			return &f->v[i];
	return NULL;
}

static struct entry *find_free(struct run_files *f)
{
	struct entry *e;

	for (size_t i = 0; i < FILES; i++)
		if (!f->v[i].taken)
			return &f->v[i];
	e = oldest(f);
	if (e)
		drop(e);
	return e;
}

/* --- making one ----------------------------------------------------------- */

/* Where the system has no such files, or the folder cannot be written to. */
static int named_file(const char *dir)
{
	char *path;
	int fd;

	if (asprintf(&path, "%s/.viewer-XXXXXX", dir) < 0)
		return -ENOMEM;
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	else
		unlink(path);
	free(path);
	return fd;
}

static int new_file(const char *dir, char why[DB_WHY])
{
	const char *tmp = getenv("TMPDIR");
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0)
		fd = named_file(dir);
	if (fd < 0)
		fd = named_file(tmp ? tmp : "/tmp");
	if (fd < 0)
		snprintf(why, DB_WHY,
			 "no file can be made in %.200s, nor in TMPDIR: %s",
			 dir, strerror(-fd));
	return fd;
}

static int make_file(struct run_files *f, run_files_make *make, void *arg,
		     struct run_file *file, char why[DB_WHY])
{
	struct stat st;
	int err;

	*file = (struct run_file){.fd = new_file(f->dir, why)};
	if (file->fd < 0)
		return file->fd;
	err = make(arg, file, why);
	if (!err && fstat(file->fd, &st)) {
		err = -errno;
		snprintf(why, DB_WHY, "%s", strerror(-err));
	}
	if (err)
		close(file->fd);
	else
		file->len = (uint64_t)st.st_size;
	return err;
}

static int hand_out(const struct entry *e, struct run_file *out,
		    char why[DB_WHY])
{
	int fd = fcntl(e->file.fd, F_DUPFD_CLOEXEC, 3);

	if (fd < 0) {
		int err = -errno;

		snprintf(why, DB_WHY, "%s", strerror(-err));
		return err;
	}
	*out = e->file;
	out->fd = fd;
	return 0;
}

/* Locked; unlocked while it is made. */
static int make_entry(struct run_files *f, struct entry *e, const char *key,
		      run_files_make *make, void *arg, char why[DB_WHY])
{
	struct run_file file;
	int err;

	e->taken = true;
	e->file.fd = -1;
	snprintf(e->key, sizeof(e->key), "%s", key);
	pthread_mutex_unlock(&f->lock);
	err = make_file(f, make, arg, &file, why);
	pthread_mutex_lock(&f->lock);
	if (err) {
		drop(e);
	} else {
		e->file = file;
		e->used = now_s();
		drop_much(f, e);
	}
	pthread_cond_broadcast(&f->made);
	return err;
}

int run_files_get(struct run_files *f, const char *key, run_files_make *make,
		  void *arg, struct run_file *out, char why[DB_WHY])
{
	struct entry *e;
	int err = 0;

	pthread_mutex_lock(&f->lock);
	drop_idle(f, now_s());
	while ((e = find(f, key)) && !is_made(e))
		pthread_cond_wait(&f->made, &f->lock);
	if (!e) {
		e = find_free(f);
		if (e)
			err = make_entry(f, e, key, make, arg, why);
		else
			err = -EBUSY;
	}
	if (err == -EBUSY)
		snprintf(why, DB_WHY,
			 "too many files are being made: come "
			 "again in a moment");
	if (!err) {
		e->used = now_s();
		err = hand_out(e, out, why);
	}
	pthread_mutex_unlock(&f->lock);
	return err;
}
