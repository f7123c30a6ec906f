#include "sniffer/export/out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/io.h"

#define MUCH 65536

static int fail(const struct out *o, const char *doing, int err,
		char why[EXPORT_WHY])
{
	snprintf(why, EXPORT_WHY, "cannot %s %.300s: %s", doing,
		 strcmp(o->path, "-") ? o->path : "standard output",
		 strerror(-err));
	return err;
}

static int there(const struct out *o, char why[EXPORT_WHY])
{
	snprintf(why, EXPORT_WHY,
		 "%.300s is there already: name another, or overwrite it with "
		 "--force",
		 o->path);
	return -EEXIST;
}

/* A name of its own, ".NAME.XXXXXX", in the same folder. */
static int name_part(struct out *o)
{
	const char *name = strrchr(o->path, '/');
	int folder = name ? (int)(name + 1 - o->path) : 0;

	if (asprintf(&o->part, "%.*s.%s.XXXXXX", folder, o->path,
		     o->path + folder) < 0) {
		o->part = NULL;
		return -ENOMEM;
	}
	return 0;
}

/* What is written out of order goes to standard output in the end. */
static int open_standard(struct out *o, bool seek)
{
	FILE *f;

	if (!seek) {
		o->fd = STDOUT_FILENO;
		return 0;
	}
	f = tmpfile();
	if (!f)
		return -errno;
	o->fd = fcntl(fileno(f), F_DUPFD_CLOEXEC, 3);
	fclose(f);
	return o->fd < 0 ? -errno : 0;
}

static int open_file(struct out *o, char why[EXPORT_WHY])
{
	struct stat st;
	int err;

	if (!lstat(o->path, &st)) {
		if (S_ISDIR(st.st_mode))
			return fail(o, "write", -EISDIR, why);
		if (!o->force)
			return there(o, why);
	}
	err = name_part(o);
	if (err)
		return fail(o, "write", err, why);
	o->fd = mkostemp(o->part, O_CLOEXEC);
	if (o->fd < 0) {
		err = -errno;
		free(o->part); /* it is not there */
		o->part = NULL;
	} else if (fchmod(o->fd, 0640)) {
		err = -errno;
	}
	return err ? fail(o, "write", err, why) : 0;
}

int out_open(struct out *o, const char *path, bool force, bool seek,
	     char why[EXPORT_WHY])
{
	int err = 0;

	*o = (struct out){.path = strdup(path), .force = force, .fd = -1};
	if (!o->path) {
		snprintf(why, EXPORT_WHY, "out of memory");
		return -ENOMEM;
	}
	o->open = true;
	if (strcmp(path, "-"))
		err = open_file(o, why);
	else if ((err = open_standard(o, seek)))
		fail(o, "write", err, why);
	if (err)
		out_drop(o);
	return err;
}

int out_borrow(struct out *o, int fd, uint64_t max, char why[EXPORT_WHY])
{
	*o = (struct out){.path = strdup("a temporary file"),
			  .fd = fd,
			  .borrowed = true,
			  .max = max};
	if (!o->path) {
		snprintf(why, EXPORT_WHY, "out of memory");
		return -ENOMEM;
	}
	o->open = true;
	return 0;
}

static int too_large(struct out *o, char why[EXPORT_WHY])
{
	snprintf(why, EXPORT_WHY,
		 "the file would be larger than %llu MB: take fewer calls, or "
		 "callscope export",
		 (unsigned long long)(o->max >> 20));
	return -EFBIG;
}

static int flush(struct out *o, char why[EXPORT_WHY])
{
	int err;

	if (o->max && o->bytes + o->buf.len > o->max)
		return too_large(o, why);
	err = o->buf.failed ? -ENOMEM
			    : write_all(o->fd, slice_of(o->buf.p, o->buf.len));
	o->bytes += o->buf.len;
	outbuf_reset(&o->buf);
	return err ? fail(o, "write", err, why) : 0;
}

int out_put(struct out *o, char why[EXPORT_WHY])
{
	return o->buf.len >= MUCH || o->buf.failed ? flush(o, why) : 0;
}

/* From the temporary file. */
static int copy_out(struct out *o)
{
	char buf[MUCH];
	off_t at = 0;
	ssize_t n;
	int err = 0;

	while (!err && (n = pread(o->fd, buf, sizeof(buf), at)) > 0) {
		err = write_all(STDOUT_FILENO, slice_of(buf, (size_t)n));
		at += n;
	}
	return err || n == 0 ? err : -errno;
}

/* Without --force also against somebody who was faster. */
static int take_name(struct out *o)
{
	if (o->force)
		return rename(o->part, o->path) ? -errno : 0;
	if (!link(o->part, o->path)) {
		unlink(o->part);
		return 0;
	}
	if (errno == EEXIST)
		return -EEXIST;
	/* A file system without links. */
	return rename(o->part, o->path) ? -errno : 0;
}

int out_close(struct out *o, char why[EXPORT_WHY])
{
	int err = flush(o, why);

	if (!err && !o->part && !o->borrowed && o->fd != STDOUT_FILENO &&
	    (err = copy_out(o)))
		fail(o, "write", err, why);
	if (!err && o->part && (err = take_name(o))) {
		if (err == -EEXIST)
			there(o, why);
		else
			fail(o, "complete", err, why);
	}
	if (!err) {
		free(o->part);
		o->part = NULL;
	}
	out_drop(o);
	return err;
}

void out_drop(struct out *o)
{
	if (!o->open)
		return;
	if (o->fd > STDERR_FILENO && !o->borrowed)
		close(o->fd);
	if (o->part)
		unlink(o->part);
	free(o->part);
	free(o->path);
	outbuf_free(&o->buf);
	*o = (struct out){.fd = -1};
}
