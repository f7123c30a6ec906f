#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/report.h"
#include "storage/sink.h"
#include "storage/io.h"

#define BATCH 65536 /* bytes of whole lines written at a time */

struct sink {
	struct outbuf buf;
	char *path; /* "-" = standard output */
	char *part; /* renamed to path at the end; NULL = written in place */
	int fd;
	off_t size; /* whole lines in the file */
	bool live;  /* written in place, for as long as the capture goes on */
	int err;    /* sticky: a report with a hole is worse than a short one */
};

static int fail(const struct sink *s, const char *doing, int err,
		char why[SINK_WHY])
{
	snprintf(why, SINK_WHY, "cannot %s the report %.300s: %s", doing,
		 strcmp(s->path, "-") ? s->path : "on standard output",
		 strerror(-err));
	return err;
}

static int open_log(const char *path, int flags)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | flags,
		      0640);

	return fd < 0 ? -errno : fd;
}

/* Only a regular file or a new one is replaced; a pipe, a terminal or a link
 * is written to. */
static int open_file(struct sink *s)
{
	int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
	const char *path = s->path;
	struct stat st;

	if (!strcmp(path, "-")) {
		s->fd = STDOUT_FILENO;
		return 0;
	}
	if (s->live) {
		s->fd = open_log(path, O_TRUNC);
		return s->fd < 0 ? s->fd : 0;
	}
	if (lstat(path, &st) || S_ISREG(st.st_mode)) {
		if (asprintf(&s->part, "%s.part", path) < 0) {
			s->part = NULL;
			return -ENOMEM;
		}
		path = s->part;
	}
	s->fd = open(path, flags, 0640);
	return s->fd < 0 ? -errno : 0;
}

static void sink_free(struct sink *s)
{
	if (s->fd > STDOUT_FILENO)
		close(s->fd);
	outbuf_free(&s->buf);
	free(s->part);
	free(s->path);
	free(s);
}

static int jsonl_open(struct sink **out, const struct sink_config *cfg,
		      char why[SINK_WHY])
{
	struct sink *s = calloc(1, sizeof(*s));
	int err = -ENOMEM;

	if (s) {
		s->fd = -1;
		s->live = cfg->live;
		s->path = strdup(cfg->path);
	}
	if (s && s->path)
		err = open_file(s);
	if (!err) {
		*out = s;
		return 0;
	}
	snprintf(why, SINK_WHY, "cannot write the report %.300s: %s", cfg->path,
		 strerror(-err));
	if (s)
		sink_free(s);
	return err;
}

static int write_lines(struct sink *s)
{
	if (!s->err && s->buf.failed)
		s->err = -ENOMEM;
	if (!s->err)
		s->err = write_all(s->fd, slice_of(s->buf.p, s->buf.len));
	if (!s->err)
		s->size += (off_t)s->buf.len;
	outbuf_reset(&s->buf);
	return s->err;
}

static int jsonl_put(struct sink *s, const struct cdr *cdr, char why[SINK_WHY])
{
	report_put_line(&s->buf, cdr);
	if ((s->buf.len >= BATCH || s->buf.failed) && write_lines(s))
		return fail(s, "write", s->err, why);
	return s->err;
}

static int jsonl_flush(struct sink *s, char why[SINK_WHY])
{
	return write_lines(s) ? fail(s, "write", s->err, why) : 0;
}

/* What is whole takes the name, also after an error. */
static int replace(struct sink *s)
{
	if (!s->part)
		return 0;
	if (s->err && ftruncate(s->fd, s->size))
		return -errno;
	return rename(s->part, s->path) ? -errno : 0;
}

static int jsonl_close(struct sink *s, char why[SINK_WHY])
{
	int err, end;

	if (!s)
		return 0;
	err = jsonl_flush(s, why);
	end = replace(s);
	if (end && !err)
		err = fail(s, "complete", end, why);
	sink_free(s);
	return err;
}

static int jsonl_reopen(struct sink *s, char why[SINK_WHY])
{
	int fd;

	if (!s->live || s->fd <= STDOUT_FILENO)
		return 0;
	write_lines(s);
	fd = open_log(s->path, 0);
	if (fd < 0)
		return fail(s, "open anew", fd, why);
	close(s->fd);
	s->fd = fd;
	s->size = 0;
	s->err = 0; /* the hole is in the other one */
	return 0;
}

const struct sink_ops jsonl_sink = {
	.name = "json",
	.open = jsonl_open,
	.put = jsonl_put,
	.flush = jsonl_flush,
	.close = jsonl_close,
	.reopen = jsonl_reopen,
};
