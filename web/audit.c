#include "web/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/io.h"

enum {
	PATH_BYTES = 4096,
};

static int open_log(const char *dir, int flags)
{
	char path[PATH_BYTES];
	int n = snprintf(path, sizeof(path), "%s/audit.log", dir), fd;

	if (n < 0 || n >= PATH_BYTES)
		return -ENAMETOOLONG;
	fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd < 0 ? -errno : fd;
}

static int explain(const char *dir, const char *verb, int err,
		   char why[AUDIT_WHY])
{
	snprintf(why, AUDIT_WHY, "cannot %s the audit log %.300s/audit.log: %s",
		 verb, dir, strerror(-err));
	return err;
}

/* --- writing -------------------------------------------------------------- */

static void put_text(struct outbuf *b, const char *name, const char *text,
		     size_t max)
{
	outbuf_str(b, name);
	if (text)
		outbuf_json(b, slice_head(slice_str(text), max));
	else
		outbuf_str(b, "null");
}

void audit_line(struct outbuf *b, const struct audit_entry *e)
{
	outbuf_str(b, "{\"time\":\"");
	outbuf_time(b, e->time_ns);
	outbuf_char(b, '"');
	put_text(b, ",\"user\":", e->user, AUDIT_TEXT);
	put_text(b, ",\"role\":", e->role ? role_name(e->role) : NULL,
		 AUDIT_TEXT);
	put_text(b, ",\"from\":", e->from, AUDIT_TEXT);
	put_text(b, ",\"action\":", e->action, AUDIT_TEXT);
	put_text(b, ",\"what\":", e->what, AUDIT_WHAT);
	outbuf_str(b, ",\"status\":");
	if (e->status)
		outbuf_u64(b, e->status);
	else
		outbuf_str(b, "null");
	outbuf_str(b, "}\n");
}

/* The log belongs to the owner of the folder, also when root adds to it. */
static int give_to_owner(int fd, const char *dir)
{
	struct stat st, log;

	if (geteuid() || fstat(fd, &log) || log.st_size)
		return 0;
	return stat(dir, &st) || fchown(fd, st.st_uid, st.st_gid) ? -errno : 0;
}

int audit_put(const char *dir, const struct audit_entry *e, char why[AUDIT_WHY])
{
	struct outbuf b = {0};
	int fd = open_log(dir, O_WRONLY | O_APPEND | O_CREAT);
	int err = fd < 0 ? fd : give_to_owner(fd, dir);

	audit_line(&b, e);
	if (!err && b.failed)
		err = -ENOMEM;
	if (!err)
		err = write_all(fd, slice_of(b.p, b.len));
	if (fd >= 0)
		close(fd);
	outbuf_free(&b);
	return err ? explain(dir, "write", err, why) : 0;
}

/* --- what a line of ours looks like --------------------------------------- */

static bool take(struct cursor *c, uint8_t want)
{
	if (!cursor_left(c) || *c->p != want)
		return false;
	c->p++;
	return true;
}

static bool take_string(struct cursor *c)
{
	if (!take(c, '"'))
		return false;
	while (cursor_left(c) && *c->p != '"') {
		if (*c->p < 0x20)
			return false;
		if (*c->p == '\\')
			cursor_u8(c);
		cursor_u8(c);
	}
	return take(c, '"');
}

static bool take_word(struct cursor *c, struct slice word)
{
	struct slice rest = slice_of(c->p, cursor_left(c));

	return slice_starts(rest, word) && cursor_take(c, word.len).p;
}

static bool take_value(struct cursor *c)
{
	const uint8_t *begin = c->p;

	if (cursor_left(c) && *c->p == '"')
		return take_string(c);
	if (take_word(c, SLICE("null")))
		return true;
	if (cursor_left(c) && *c->p == '0')
		return false;
	while (cursor_left(c) && *c->p >= '0' && *c->p <= '9')
		c->p++;
	return c->p > begin;
}

bool audit_is_line(struct slice line)
{
	struct cursor c = cursor_of(line);

	if (!take(&c, '{'))
		return false;
	do {
		if (!take_string(&c) || !take(&c, ':') || !take_value(&c))
			return false;
	} while (take(&c, ','));
	return take(&c, '}') && !cursor_left(&c) && !c.bad;
}

/* --- reading, from the end ------------------------------------------------ */

struct reading {
	int fd;
	uint64_t at;	   /* of the log: what is before it is unread */
	size_t left, some; /* lines: wanted, put */
	struct outbuf *out;
	char block[2 * AUDIT_LINE];
};

static void put_line(struct reading *r, struct slice line)
{
	if (!audit_is_line(line))
		return;
	if (r->some++)
		outbuf_char(r->out, ',');
	outbuf_put(r->out, line.p, line.len);
	r->left--;
}

/* Where the last line of these bytes begins: behind a newline, or at 0. */
static size_t last_line(const char *p, size_t n)
{
	while (n && p[n - 1] != '\n')
		n--;
	return n;
}

/* The lines of one block, the last first. Bytes before its first newline
 * belong to a line that begins earlier, unless the block is the first, or all
 * of it is one line, which is none of ours then. */
static int read_block(struct reading *r)
{
	size_t n = r->at < sizeof(r->block) ? r->at : sizeof(r->block);
	uint64_t from = r->at - n;
	ssize_t got = pread(r->fd, r->block, n, (off_t)from);

	if (got < 0)
		return -errno;
	if ((size_t)got < n) {
		r->at = 0;
		return 0;
	}
	while (n && r->left) {
		size_t end = n - (r->block[n - 1] == '\n');
		size_t begin = last_line(r->block, end);

		if (!begin && from && n < sizeof(r->block))
			break;
		put_line(r, slice_of(r->block + begin, end - begin));
		n = begin;
	}
	r->at = from + n;
	return 0;
}

static int read_lines(struct reading *r, uint64_t before)
{
	struct stat st;
	int err = 0;

	if (fstat(r->fd, &st))
		return -errno;
	r->at = (uint64_t)st.st_size;
	if (before && before < r->at)
		r->at = before;
	while (r->at && r->left && !err)
		err = read_block(r);
	return err;
}

int audit_read(const char *dir, uint64_t before, size_t limit,
	       struct outbuf *out, uint64_t *next, char why[AUDIT_WHY])
{
	struct reading *r = calloc(1, sizeof(*r));
	int err = r ? 0 : -ENOMEM;

	if (err)
		return explain(dir, "read", err, why);
	r->out = out;
	r->left = limit;
	r->fd = open_log(dir, O_RDONLY);
	if (r->fd >= 0)
		err = read_lines(r, before);
	else if (r->fd != -ENOENT)
		err = r->fd;
	if (!err)
		*next = r->at;
	if (r->fd >= 0)
		close(r->fd);
	free(r);
	return err ? explain(dir, "read", err, why) : 0;
}
