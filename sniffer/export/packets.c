#include "sniffer/export/packets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sniffer/capture/file_source.h"
#include "storage/spool_read.h"

static int fail(const struct export_call *c, const char *what, int err,
		char why[EXPORT_WHY])
{
	snprintf(why, EXPORT_WHY, "%s: %.400s", c->uid, what);
	return err;
}

/* As the record says it, when it lies there. */
static bool plain_file(char **path, const char *dir,
		       const struct export_call *c)
{
	if (!c->pcap.p)
		return false;
	if (asprintf(path, "%s/%.*s", dir, SLICE_ARG(c->pcap)) < 0) {
		*path = NULL;
		return false;
	}
	if (!access(*path, F_OK))
		return true;
	free(*path);
	*path = NULL;
	return false;
}

static int gone(const struct export_call *c, char why[EXPORT_WHY])
{
	if (c->open)
		return fail(c,
			    "is still going on, and nothing of it is "
			    "written yet",
			    -ENODATA, why);
	if (!c->pcap.p)
		return fail(c, "its packets were not recorded", -ENODATA, why);
	snprintf(why, EXPORT_WHY,
		 "%s: its recording %.*s is gone (deleted by age or for room, "
		 "or the data folder is another: -o DIR)",
		 c->uid, SLICE_ARG(slice_head(c->pcap, 100)));
	return -ENODATA;
}

static int copy(const char *path, int fd, const char *dir,
		const struct export_call *c, char why[EXPORT_WHY])
{
	int err = spool_read_call(dir, c->uid, fd, why);

	if (err)
		unlink(path);
	return err == -ENOENT ? gone(c, why) : err;
}

/* Out of what the spool keeps in another way: a copy. */
static int made_file(char **path, const char *dir, const struct export_call *c,
		     char why[EXPORT_WHY])
{
	const char *tmp = getenv("TMPDIR");
	int fd, err;

	if (asprintf(path, "%s/callscope-XXXXXX", tmp ? tmp : "/tmp") < 0) {
		*path = NULL;
		return fail(c, "out of memory", -ENOMEM, why);
	}
	fd = mkstemp(*path);
	if (fd < 0) {
		err = -errno;
		snprintf(why, EXPORT_WHY,
			 "cannot write to %.300s: %s (name another folder by "
			 "the variable TMPDIR)",
			 *path, strerror(-err));
	} else {
		err = copy(*path, fd, dir, c, why);
		close(fd);
	}
	if (err) {
		free(*path);
		*path = NULL;
	}
	return err;
}

int packets_open(struct packets *p, const char *dir,
		 const struct export_calls *calls, char why[EXPORT_WHY])
{
	int err = 0;

	*p = (struct packets){.n = calls->n};
	p->path = calloc(calls->n + 1, sizeof(*p->path));
	p->made = calloc(calls->n + 1, sizeof(*p->made));
	if (!p->path || !p->made) {
		packets_close(p);
		snprintf(why, EXPORT_WHY, "out of memory");
		return -ENOMEM;
	}
	for (size_t i = 0; i < p->n && !err; i++) {
		const struct export_call *c = &calls->v[i];

		if (plain_file(&p->path[i], dir, c))
			continue;
		err = made_file(&p->path[i], dir, c, why);
		p->made[i] = !err;
	}
	if (!err)
		err = file_source_open(&p->source, (const char *const *)p->path,
				       p->n, why, EXPORT_WHY);
	if (err)
		packets_close(p);
	return err;
}

void packets_close(struct packets *p)
{
	source_close(p->source);
	for (size_t i = 0; p->path && i < p->n; i++) {
		if (p->made && p->made[i])
			unlink(p->path[i]);
		free(p->path[i]);
	}
	free(p->path);
	free(p->made);
	*p = (struct packets){0};
}

bool packets_damage(const struct packets *p, char why[EXPORT_WHY])
{
	if (!p->source->faults.len)
		return false;
	snprintf(why, EXPORT_WHY, "%.500s", p->source->faults.v[0].text);
	return true;
}
