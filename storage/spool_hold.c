#include "storage/spool_hold.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "storage/io.h"
#include "storage/spool_index.h"

#define HELD_NEW SPOOL_HELD ".new"

static int order(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* --- reading -------------------------------------------------------------- */

/* Lines that are no uids are left out: a comment, an empty line. */
static int parse(struct spool_hold *h, struct slice text)
{
	char(*uid)[ULID_SIZE] =
		malloc((text.len / (ULID_SIZE - 1) + 1) * sizeof(*uid));
	struct slice line;
	size_t n = 0;

	if (!uid)
		return -ENOMEM;
	while (slice_line(&text, &line)) {
		line = slice_trim(line);
		if (!spool_is_uid(line))
			continue;
		memcpy(uid[n], line.p, line.len);
		uid[n++][line.len] = '\0';
	}
	qsort(uid, n, sizeof(*uid), order);
	free(h->uid);
	h->uid = uid;
	h->n = n;
	return 0;
}

static bool same_file(const struct spool_hold *h, const struct stat *st)
{
	return h->version && h->inode == st->st_ino && h->size == st->st_size &&
	       h->changed.tv_sec == st->st_mtim.tv_sec &&
	       h->changed.tv_nsec == st->st_mtim.tv_nsec;
}

static int read_file(struct spool_hold *h, int fd, const struct stat *st)
{
	struct slice text = {0};
	int err = read_new(fd, (size_t)st->st_size, &text);

	if (!err)
		err = parse(h, text);
	free((void *)text.p);
	return err;
}

int spool_hold_read(struct spool_hold *h, int dir_fd)
{
	int fd = openat(dir_fd, SPOOL_HELD, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st = {0};
	int err = 0;

	if (fd < 0 && errno != ENOENT)
		return -errno;
	if (fd >= 0 && fstat(fd, &st))
		err = -errno;
	if (err || same_file(h, &st))
		goto out;
	if (fd < 0)
		h->n = 0;
	else
		err = read_file(h, fd, &st);
	if (err)
		goto out;
	h->changed = st.st_mtim;
	h->inode = st.st_ino;
	h->size = st.st_size;
	h->version++;
out:
	if (fd >= 0)
		close(fd);
	return err;
}

bool spool_hold_has(const struct spool_hold *h, const char *uid)
{
	return h->n && bsearch(uid, h->uid, h->n, sizeof(*h->uid), order);
}

void spool_hold_close(struct spool_hold *h)
{
	free(h->uid);
	*h = (struct spool_hold){0};
}

/* --- writing -------------------------------------------------------------- */

static int open_spool(const char *dir)
{
	char path[4096];
	int fd;

	if ((size_t)snprintf(path, sizeof(path), "%s/spool", dir) >=
	    sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static bool listed(const char *const *uid, size_t n, const char *one)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(uid[i], one))
			return true;
	return false;
}

/* Those of h that stay, then those that are new. */
static size_t put_all(struct outbuf *b, const struct spool_hold *h,
		      const char *const *uid, size_t n, bool held)
{
	size_t changed = 0;

	for (size_t i = 0; i < h->n; i++) {
		if (!held && listed(uid, n, h->uid[i])) {
			changed++;
			continue;
		}
		outbuf_str(b, h->uid[i]);
		outbuf_char(b, '\n');
	}
	for (size_t i = 0; held && i < n; i++) {
		if (spool_hold_has(h, uid[i]) || listed(uid, i, uid[i]))
			continue;
		outbuf_str(b, uid[i]);
		outbuf_char(b, '\n');
		changed++;
	}
	return changed;
}

/* Whole or not at all: a torn list would let calls go that are held. */
static int replace(int dir_fd, struct slice text)
{
	int fd = openat(dir_fd, HELD_NEW,
			O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
			0640);
	int err = 0;

	if (fd < 0)
		return -errno;
	errno = 0;
	if (write(fd, text.p, text.len) != (ssize_t)text.len || fsync(fd))
		err = errno ? -errno : -ENOSPC;
	close(fd);
	if (!err && renameat(dir_fd, HELD_NEW, dir_fd, SPOOL_HELD))
		err = -errno;
	if (err)
		unlinkat(dir_fd, HELD_NEW, 0);
	return err;
}

static int set_locked(int dir_fd, const char *const *uid, size_t n, bool held,
		      size_t *changed)
{
	struct spool_hold h = {0};
	struct outbuf text = {0};
	int err = spool_hold_read(&h, dir_fd);
	size_t count = 0;

	if (!err)
		count = put_all(&text, &h, uid, n, held);
	if (!err && text.failed)
		err = -ENOMEM;
	if (!err && count)
		err = replace(dir_fd, slice_of(text.p, text.len));
	if (!err)
		*changed = count;
	outbuf_free(&text);
	spool_hold_close(&h);
	return err;
}

int spool_hold_set(const char *dir, const char *const *uid, size_t n, bool held,
		   size_t *changed)
{
	int dir_fd = open_spool(dir);
	int err;

	if (dir_fd < 0)
		return dir_fd;
	if (flock(dir_fd, LOCK_EX))
		err = -errno;
	else
		err = set_locked(dir_fd, uid, n, held, changed);
	close(dir_fd);
	return err;
}

bool spool_hold_known(const char *dir, const char *uid)
{
	char folder[SPOOL_FOLDER], name[SPOOL_FOLDER + ULID_SIZE + 16];
	int dir_fd = open_spool(dir);
	struct spool_hold h = {0};
	struct spool_entry entry;
	bool found;

	if (dir_fd < 0)
		return false;
	found = !spool_hold_read(&h, dir_fd) && spool_hold_has(&h, uid);
	spool_hold_close(&h);
	spool_folder(uid, folder);
	for (int kind = SPOOL_PCAP; kind < SPOOL_GONE && !found; kind++) {
		snprintf(name, sizeof(name), "%s/%s.%s", folder, uid,
			 spool_kind_name((enum spool_kind)kind));
		found = !faccessat(dir_fd, name, F_OK, 0);
	}
	found = found || !spool_index_find(dir_fd, uid, &entry);
	close(dir_fd);
	return found;
}
