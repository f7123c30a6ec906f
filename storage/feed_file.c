#include "storage/feed_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODE 0640

struct feed_file {
	char *dir;
	int dirfd, fd;
	uint64_t file;	   /* number of the unfinished one */
	uint64_t kept, at; /* bytes that count, bytes written */
	EVP_MD_CTX *sha;   /* of those that count */
	EVP_MD_CTX *now;   /* of all */
};

static int fail(const struct feed_file *f, const char *doing, const char *name,
		char why[SINK_WHY])
{
	int err = errno ? -errno : -EIO;

	snprintf(why, SINK_WHY, "cannot %s the feed's %.300s/%s: %s", doing,
		 f->dir, name, strerror(-err));
	return err;
}

static void part_name(uint64_t file, char name[FEED_NAME])
{
	snprintf(name, FEED_NAME, "feed-%08" PRIu64 ".part", file);
}

static int fail_part(const struct feed_file *f, const char *doing,
		     char why[SINK_WHY])
{
	char name[FEED_NAME];
	int saved = errno;

	part_name(f->file, name);
	errno = saved;
	return fail(f, doing, name, why);
}

/* --- checksums --------------------------------------------------------------
 */

static bool digest(EVP_MD_CTX *md, char sha[FEED_SHA])
{
	static const char hex[] = "0123456789abcdef";
	uint8_t sum[EVP_MAX_MD_SIZE];

	if (!EVP_DigestFinal_ex(md, sum, NULL))
		return false;
	for (unsigned i = 0; i < 32; i++) {
		sha[2 * i] = hex[sum[i] >> 4];
		sha[2 * i + 1] = hex[sum[i] & 15];
	}
	sha[64] = '\0';
	return true;
}

bool feed_sha(struct slice text, char sha[FEED_SHA])
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool ok = md && EVP_DigestInit_ex(md, EVP_sha256(), NULL) &&
		  EVP_DigestUpdate(md, text.p, text.len) && digest(md, sha);

	EVP_MD_CTX_free(md);
	return ok;
}

/* --- the unfinished file ----------------------------------------------------
 */

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

int feed_file_open(struct feed_file **out, const char *dir, char why[SINK_WHY])
{
	struct feed_file *f = calloc(1, sizeof(*f));
	int err = -ENOMEM;

	snprintf(why, SINK_WHY, "no memory for the feed");
	if (!f)
		return err;
	f->dirfd = f->fd = -1;
	f->dir = strdup(dir);
	f->sha = EVP_MD_CTX_new();
	f->now = EVP_MD_CTX_new();
	if (!f->dir || !f->sha || !f->now)
		goto fail;
	if (mkdir(dir, 0750) && errno != EEXIST) {
		err = fail(f, "make", "", why);
		goto fail;
	}
	f->dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->dirfd < 0) {
		err = fail(f, "open", "", why);
		goto fail;
	}
	*out = f;
	return 0;
fail:
	feed_file_close(f);
	return err;
}

void feed_file_close(struct feed_file *f)
{
	if (!f)
		return;
	close_fd(&f->fd);
	close_fd(&f->dirfd);
	EVP_MD_CTX_free(f->sha);
	EVP_MD_CTX_free(f->now);
	free(f->dir);
	free(f);
}

bool feed_file_finished_before(const struct feed_file *f)
{
	DIR *d = opendir(f->dir);
	const struct dirent *e;
	bool found = false;

	while (d && !found && (e = readdir(d)))
		found = !strncmp(e->d_name, "calls-", 6);
	if (d)
		closedir(d);
	return found;
}

static int open_part(struct feed_file *f, int flags, char why[SINK_WHY])
{
	char name[FEED_NAME];

	part_name(f->file, name);
	errno = 0;
	f->fd = openat(f->dirfd, name, O_RDWR | O_CLOEXEC | flags, MODE);
	if (f->fd < 0 || fsync(f->dirfd))
		return fail(f, "open", name, why);
	return 0;
}

/* The sum over what is there already. */
static int read_again(struct feed_file *f, uint64_t bytes, char why[SINK_WHY])
{
	char buf[65536];

	while (f->at < bytes) {
		uint64_t left = bytes - f->at;
		size_t want = left < sizeof(buf) ? (size_t)left : sizeof(buf);
		ssize_t n = pread(f->fd, buf, want, (off_t)f->at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_part(f, "read", why);
		if (n == 0) {
			snprintf(why, SINK_WHY,
				 "the feed's unfinished file "
				 "%.300s/feed-%08" PRIu64 ".part is shorter "
				 "than what was written: restore it, or name "
				 "another folder",
				 f->dir, f->file);
			return -EINVAL;
		}
		EVP_DigestUpdate(f->now, buf, (size_t)n);
		f->at += (uint64_t)n;
	}
	return 0;
}

int feed_file_resume(struct feed_file *f, uint64_t file, uint64_t bytes,
		     char why[SINK_WHY])
{
	int err;

	close_fd(&f->fd);
	f->file = file;
	f->kept = f->at = 0;
	if (!EVP_DigestInit_ex(f->now, EVP_sha256(), NULL) ||
	    !EVP_MD_CTX_copy_ex(f->sha, f->now)) {
		snprintf(why, SINK_WHY, "no memory for the feed");
		return -ENOMEM;
	}
	if (!bytes)
		return 0;
	err = open_part(f, 0, why);
	if (!err)
		err = read_again(f, bytes, why);
	if (!err && ftruncate(f->fd, (off_t)bytes))
		err = fail_part(f, "shorten", why);
	if (!err)
		feed_file_keep(f);
	return err;
}

int feed_file_write(struct feed_file *f, struct slice bytes, char why[SINK_WHY])
{
	int err = f->fd < 0 ? open_part(f, O_CREAT | O_TRUNC, why) : 0;

	if (err)
		return err;
	while (bytes.len) {
		ssize_t n = pwrite(f->fd, bytes.p, bytes.len, (off_t)f->at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return fail_part(f, "write", why);
		EVP_DigestUpdate(f->now, bytes.p, (size_t)n);
		f->at += (uint64_t)n;
		bytes = slice_from(bytes, (size_t)n);
	}
	return 0;
}

int feed_file_sync(struct feed_file *f, char why[SINK_WHY])
{
	return f->fd >= 0 && fdatasync(f->fd) ? fail_part(f, "write", why) : 0;
}

void feed_file_keep(struct feed_file *f)
{
	f->kept = f->at;
	EVP_MD_CTX_copy_ex(f->sha, f->now);
}

void feed_file_drop(struct feed_file *f)
{
	f->at = f->kept;
	EVP_MD_CTX_copy_ex(f->now, f->sha);
}

uint64_t feed_file_size(const struct feed_file *f)
{
	return f->at;
}

/* --- finished ---------------------------------------------------------------
 */

int feed_file_finish(struct feed_file *f, char sha[FEED_SHA],
		     char why[SINK_WHY])
{
	if (ftruncate(f->fd, (off_t)f->kept) || fsync(f->fd))
		return fail_part(f, "write", why);
	feed_file_drop(f);
	if (!digest(f->now, sha)) {
		snprintf(why, SINK_WHY, "no memory for the feed");
		return -ENOMEM;
	}
	feed_file_drop(f);
	return 0;
}

/* Complete under another name, then renamed. */
static int write_manifest(struct feed_file *f, const char *name,
			  struct slice text, char why[SINK_WHY])
{
	static const char part[] = "feed.manifest.part";
	int fd = openat(f->dirfd, part,
			O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, MODE);
	ssize_t n = fd < 0 ? -1 : write(fd, text.p, text.len);
	bool ok = n == (ssize_t)text.len && fsync(fd) == 0;
	int err = 0;

	if (n >= 0 && n < (ssize_t)text.len)
		errno = ENOSPC;
	if (!ok || renameat(f->dirfd, part, f->dirfd, name) || fsync(f->dirfd))
		err = fail(f, "write", name, why);
	if (fd >= 0)
		close(fd);
	return err;
}

static bool exists(const struct feed_file *f, const char *name)
{
	return faccessat(f->dirfd, name, F_OK, 0) == 0;
}

/* A biller may have taken both away already: then the manifest was there, and
 * is not written again. */
int feed_file_publish(struct feed_file *f, const struct feed_closing *c,
		      char why[SINK_WHY])
{
	char part[FEED_NAME], csv[FEED_NAME + 8], json[FEED_NAME + 8];

	part_name(c->file, part);
	snprintf(csv, sizeof(csv), "%s.csv", c->name);
	snprintf(json, sizeof(json), "%s.json", c->name);
	if (renameat(f->dirfd, part, f->dirfd, csv) && errno != ENOENT)
		return fail(f, "rename", part, why);
	if (fsync(f->dirfd))
		return fail(f, "rename", part, why);
	if (!exists(f, csv) || exists(f, json))
		return 0;
	return write_manifest(f, json, slice_str(c->manifest), why);
}
