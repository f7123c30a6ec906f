#include "sniffer/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	BUFFER = 16384, /* longer lines are bad ones */
	POLL_US = 100000,
	POLL_BYTES = 1 << 20, /* of one file, at a time */
};

struct keyfile {
	struct keyfile_config cfg;
	struct keyfile *next;
	int fd; /* -1 = not there */
	dev_t dev;
	ino_t ino;
	bool pipe;
	uint64_t offset; /* bytes read of this file */
	uint64_t lines;	 /* that were taken */
	uint64_t polled_us;
	bool too_long;	 /* the rest of a line is passed over */
	bool said_bad;	 /* once a file */
	bool said_error; /* why it is not read, until it is */
	size_t len;	 /* of the line that is not complete */
	char buf[BUFFER];
};

static void say(struct keyfile *k, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void say(struct keyfile *k, const char *fmt, ...)
{
	char text[KEYFILE_WHY];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	k->cfg.say(k->cfg.arg, text);
}

/* --- lines -------------------------------------------------------------- */

static void say_bad(struct keyfile *k, uint64_t line, const char *why)
{
	if (k->said_bad)
		return;
	k->said_bad = true;
	say(k, "%s: line %llu: not a %s line%s%s", k->cfg.path,
	    (unsigned long long)line, k->cfg.what, why ? ": " : "",
	    why ? why : "");
}

static void take_lines(struct keyfile *k, struct slice text)
{
	const char *why = NULL;
	size_t bad = k->cfg.take(k->cfg.arg, text, &why);

	if (bad)
		say_bad(k, k->lines + bad, why);
	for (size_t i = 0; i < text.len; i++)
		k->lines += text.p[i] == '\n';
}

/* Bytes behind the last end of a line. */
static size_t open_line(const struct keyfile *k)
{
	size_t n = 0;

	while (n < k->len && k->buf[k->len - 1 - n] != '\n')
		n++;
	return n;
}

/* Up to the end of the line that is too long. */
static void pass_over(struct keyfile *k)
{
	char *end = memchr(k->buf, '\n', k->len);
	size_t n = end ? (size_t)(end - k->buf) + 1 : k->len;

	if (end) {
		k->too_long = false;
		k->lines++;
	}
	k->len -= n;
	memmove(k->buf, k->buf + n, k->len);
}

/* Takes the whole lines out of the buffer. */
static void take_buffer(struct keyfile *k)
{
	size_t rest;

	if (k->too_long)
		pass_over(k);
	rest = open_line(k);
	if (k->len > rest)
		take_lines(k, slice_of(k->buf, k->len - rest));
	memmove(k->buf, k->buf + k->len - rest, rest);
	k->len = rest;
	if (rest < sizeof(k->buf))
		return;
	say_bad(k, k->lines + 1, "it is too long");
	k->too_long = true;
	k->len = 0;
}

/* The file is over: what is left is a line, too. */
static void take_rest(struct keyfile *k)
{
	if (k->len && !k->too_long)
		take_lines(k, slice_of(k->buf, k->len));
	OPENSSL_cleanse(k->buf, sizeof(k->buf));
	k->len = 0;
	k->too_long = false;
}

/* --- bytes -------------------------------------------------------------- */

/* Up to max bytes. 1: there may be more, 0: not now, or -errno. */
static int read_some(struct keyfile *k, size_t max)
{
	while (max) {
		ssize_t n =
			read(k->fd, k->buf + k->len, sizeof(k->buf) - k->len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		if (n == 0)
			return 0;
		k->offset += (size_t)n;
		k->len += (size_t)n;
		take_buffer(k);
		max -= (size_t)n < max ? (size_t)n : max;
	}
	return 1;
}

static void forget_file(struct keyfile *k)
{
	if (k->fd >= 0)
		close(k->fd);
	k->fd = -1;
	k->offset = k->lines = 0;
	k->said_bad = false;
}

/* A pipe that nobody writes to yet must not stop a live capture. */
static int open_path(const char *path, bool follow)
{
	return open(path, O_RDONLY | O_CLOEXEC | (follow ? O_NONBLOCK : 0));
}

int keyfile_early(const char *path, bool follow)
{
	int fd = open_path(path, follow);

	return fd > 0 ? fd : 0;
}

/* 0; -EPERM when it is everybody's; other -errno. */
static int open_file(struct keyfile *k)
{
	int fd = k->cfg.early ? k->cfg.early
			      : open_path(k->cfg.path, k->cfg.follow);
	struct stat st;
	int err = 0;

	k->cfg.early = 0; /* the next one is another */
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		err = -errno;
	else if (S_ISDIR(st.st_mode))
		err = -EISDIR;
	else if (k->cfg.follow && st.st_mode & S_IROTH)
		err = -EPERM;
	if (err) {
		close(fd);
		return err;
	}
	if (st.st_mode & S_IROTH)
		say(k,
		    "%s: everybody may read these keys; chmod o-r %s keeps "
		    "them secret",
		    k->cfg.path, k->cfg.path);
	k->fd = fd;
	k->dev = st.st_dev;
	k->ino = st.st_ino;
	k->pipe = S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode);
	return 0;
}

static void explain(const struct keyfile *k, int err, char why[KEYFILE_WHY])
{
	if (err == -EPERM)
		snprintf(why, KEYFILE_WHY,
			 "%s: everybody may read these keys, so they are not "
			 "used: chmod o-r %s",
			 k->cfg.path, k->cfg.path);
	else
		snprintf(why, KEYFILE_WHY, "cannot read %s: %s", k->cfg.path,
			 strerror(-err));
}

/* --- following ---------------------------------------------------------- */

/* Another file has the name now, or none: false, and the one at hand may
 * still grow. */
static bool is_replaced(const struct keyfile *k)
{
	struct stat st;

	return !stat(k->cfg.path, &st) &&
	       (st.st_dev != k->dev || st.st_ino != k->ino);
}

/* It is shorter than what was read: begun anew. */
static bool is_cut(const struct keyfile *k)
{
	struct stat st;

	return !k->pipe && !fstat(k->fd, &st) &&
	       (uint64_t)st.st_size < k->offset;
}

static void begin_again(struct keyfile *k)
{
	OPENSSL_cleanse(k->buf, sizeof(k->buf));
	k->len = 0;
	k->too_long = k->said_bad = false;
	k->offset = k->lines = 0;
	lseek(k->fd, 0, SEEK_SET);
}

/* Said once, until it can be read. A file that is not there may come. */
static void say_error(struct keyfile *k, int err)
{
	char why[KEYFILE_WHY];

	if (err == -ENOENT || k->said_error)
		return;
	k->said_error = true;
	explain(k, err, why);
	k->cfg.say(k->cfg.arg, why);
}

static void follow(struct keyfile *k)
{
	int rc = k->fd < 0 ? open_file(k) : 0;

	if (!rc && is_cut(k))
		begin_again(k);
	if (!rc)
		rc = read_some(k, POLL_BYTES);
	if (rc < 0) {
		say_error(k, rc);
		forget_file(k);
		return;
	}
	k->said_error = false;
	if (rc == 0 && !k->pipe && is_replaced(k)) {
		take_rest(k);
		forget_file(k);
	}
}

void keyfile_poll(struct keyfile *list, uint64_t now_us)
{
	for (struct keyfile *k = list; k; k = k->next) {
		if (!k->cfg.follow || now_us - k->polled_us < POLL_US)
			continue;
		k->polled_us = now_us;
		follow(k);
	}
}

/* --- all of it ---------------------------------------------------------- */

static int read_whole(struct keyfile *k)
{
	int rc = open_file(k);

	while (!rc && (rc = read_some(k, POLL_BYTES)) > 0)
		rc = 0;
	if (!rc)
		take_rest(k);
	forget_file(k);
	return rc;
}

static int begin_following(struct keyfile *k)
{
	int rc = open_file(k);

	if (rc == -ENOENT)
		return 0;
	while (!rc && (rc = read_some(k, POLL_BYTES)) > 0)
		rc = 0;
	return rc;
}

int keyfile_open(struct keyfile **list, const struct keyfile_config *cfg,
		 char why[KEYFILE_WHY])
{
	struct keyfile *k = calloc(1, sizeof(*k));
	int rc;

	if (!k) {
		snprintf(why, KEYFILE_WHY, "out of memory");
		if (cfg->early)
			close(cfg->early);
		return -ENOMEM;
	}
	k->cfg = *cfg;
	k->fd = -1;
	rc = cfg->follow ? begin_following(k) : read_whole(k);
	if (rc) {
		explain(k, rc, why);
		keyfile_close(k);
		return rc;
	}
	k->next = *list;
	*list = k;
	return 0;
}

struct keyfile *keyfile_next(const struct keyfile *k)
{
	return k->next;
}

const char *keyfile_path(const struct keyfile *k)
{
	return k->cfg.path;
}

struct keyfile *keyfile_find(struct keyfile *list, const char *path)
{
	while (list && strcmp(list->cfg.path, path) != 0)
		list = list->next;
	return list;
}

void keyfile_drop(struct keyfile **list, struct keyfile *k)
{
	while (*list && *list != k)
		list = &(*list)->next;
	if (!*list)
		return;
	*list = k->next;
	k->next = NULL;
	keyfile_close(k);
}

void keyfile_close(struct keyfile *list)
{
	while (list) {
		struct keyfile *k = list;

		list = k->next;
		take_rest(k);
		forget_file(k);
		free(k);
	}
}
