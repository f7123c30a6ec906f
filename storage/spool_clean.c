#include "storage/spool_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HOUR_MS	   3600000ull
#define STEP_FILES 64
#define STEP_BYTES (1u << 20) /* read for stripping */

static int delete (struct spool *s, const char *folder, struct spool_entry *e)
{
	char name[SPOOL_NAME];

	snprintf(name, sizeof(name), "%s/%s.%s", folder, e->uid,
		 spool_kind_name(e->kind));
	if (unlinkat(s->dir_fd, name, 0) && errno != ENOENT)
		return -errno;
	e->kind = SPOOL_GONE;
	e->bytes = e->media = 0;
	return 0;
}

/* What became of an entry: the figures and its line. */
void spool_clean_account(struct spool *s, struct spool_hour *h,
			 const struct spool_entry *was,
			 const struct spool_entry *e, struct outbuf *lines)
{
	struct spool_job *j = &s->job;

	spool_index_put(lines, e);
	h->bytes -= was->bytes < h->bytes ? was->bytes : h->bytes;
	h->bytes += e->bytes;
	h->media -= was->media < h->media ? was->media : h->media;
	h->media += e->media;
	h->files -= e->kind == SPOOL_GONE && h->files;
	if (e->kind == was->kind && e->media == was->media)
		return; /* it only moved */
	j->files++;
	j->bytes += was->bytes > e->bytes ? was->bytes - e->bytes : 0;
}

void spool_clean_failed(struct spool *s, size_t n, int err)
{
	s->job.failed += n;
	if (!s->job.err)
		s->job.err = err;
}

enum spool_fate spool_clean_fate(const struct spool *s,
				 const struct spool_entry *e)
{
	bool strip = spool_strips(s->job.why);

	if ((strip && !e->media) || spool_hold_has(&s->hold, e->uid))
		return SPOOL_KEEP;
	return strip ? SPOOL_STRIP : SPOOL_DELETE;
}

/* A file of its own. */
static void clean_one(struct spool *s, const char *folder, struct spool_hour *h,
		      struct spool_entry *e, struct outbuf *lines)
{
	struct spool_entry was = *e;
	enum spool_fate fate = spool_clean_fate(s, e);
	int err;

	if (fate == SPOOL_KEEP)
		return;
	err = fate == SPOOL_STRIP ? spool_strip(s, folder, e)
				  : delete (s, folder, e);
	/* Somebody else removed it. */
	if (err == -ENOENT) {
		e->kind = SPOOL_GONE;
		e->bytes = e->media = 0;
	} else if (err) {
		spool_clean_failed(s, 1, err);
		return;
	}
	spool_clean_account(s, h, &was, e, lines);
}

int spool_clean_lines(struct spool *s, const char *folder, struct outbuf *lines)
{
	int err = 0;

	if (lines->failed)
		err = -ENOMEM;
	else if (lines->len)
		err = spool_index_append(&s->index, s->dir_fd, folder,
					 slice_of(lines->p, lines->len));
	outbuf_reset(lines);
	return err ? spool_fail(s, "write the index of", folder, err) : 0;
}

/* The calls of the minute at hand, and whether some of them share files. */
static size_t same_minute(const struct spool_job *j, bool *shared)
{
	uint64_t minute = ulid_ms(j->entry[j->at].uid) / 60000;
	size_t n = 0;

	*shared = false;
	for (; j->at + n < j->n; n++) {
		const struct spool_entry *e = &j->entry[j->at + n];

		if (ulid_ms(e->uid) / 60000 != minute)
			break;
		*shared = *shared || e->kind == SPOOL_MINUTE;
	}
	return n;
}

/* The next file, or all of the next minute: how many calls. */
static size_t clean_next(struct spool *s, const char *folder,
			 struct spool_hour *h, struct outbuf *lines)
{
	struct spool_job *j = &s->job;
	bool shared;
	size_t n = same_minute(j, &shared);

	if (!shared) {
		clean_one(s, folder, h, &j->entry[j->at++], lines);
		return 1;
	}
	for (size_t i = 0; i < n; i++)
		if (j->entry[j->at + i].kind != SPOOL_MINUTE)
			clean_one(s, folder, h, &j->entry[j->at + i], lines);
	spool_minute_begin(s, h, &j->entry[j->at], n);
	j->at += n;
	return n;
}

static void end_job(struct spool *s)
{
	struct spool_job *j = &s->job;
	struct spool_hour *h = spool_hours_find(s, j->hour);

	spool_minute_stop(s);
	spool_say_job(s);
	if (h && j->at == j->n) {
		if (spool_strips(j->why))
			h->stripped = s->hold.version;
		else
			h->deleted = s->hold.version;
		if (!h->files) {
			spool_hours_drop(s, h);
			spool_hours_again(s, j->hour);
		}
	}
	free(j->entry);
	*j = (struct spool_job){0};
}

/* A few files; the index is told of them at once. */
static void clean_some(struct spool *s, struct spool_hour *h)
{
	struct spool_job *j = &s->job;
	char folder[SPOOL_FOLDER];
	struct outbuf lines = {0};
	uint64_t bytes = 0;
	size_t done = 0;

	spool_hour_folder(j->hour, folder);
	while (done < STEP_FILES && bytes < STEP_BYTES) {
		if (j->minute) {
			bytes += spool_minute_go(s, h);
			continue;
		}
		if (j->at == j->n || !spool_too_much(s, j->why))
			break;
		bytes += j->entry[j->at].bytes;
		done += clean_next(s, folder, h, &lines);
	}
	spool_clean_lines(s, folder, &lines);
	outbuf_free(&lines);
}

static void begin_job(struct spool *s, const struct spool_hour *h,
		      enum spool_why why)
{
	struct spool_job *j = &s->job;
	struct spool_entry *entry;
	char folder[SPOOL_FOLDER];
	size_t n;
	int err = spool_hours_read(s, h->hour, &entry, &n);

	*j = (struct spool_job){
		.why = why,
		.hour = h->hour,
		.changes = h->changes,
	};
	if (!err) {
		j->entry = entry;
		j->n = n;
		return;
	}
	spool_hour_folder(h->hour, folder);
	spool_fail(s, "read the index of", folder, err);
}

/* Nobody knows what is held: nothing is deleted. */
static bool know_held(struct spool *s)
{
	int err = spool_hold_read(&s->hold, s->dir_fd);

	if (err)
		spool_fail(s, "read the list", SPOOL_HELD, err);
	return !err;
}

/* What could not be deleted is tried again after a while. */
static void forgive(struct spool *s, uint64_t now_ms)
{
	if (now_ms / HOUR_MS == s->forgiven)
		return;
	s->forgiven = now_ms / HOUR_MS;
	for (size_t i = 0; i < s->hours; i++)
		s->hour[i].stripped = s->hour[i].deleted = 0;
}

bool spool_clean_step(struct spool *s)
{
	uint64_t now_ms = s->system.now_ms(s->system.arg);
	const struct spool_hour *next;
	struct spool_hour *h;
	enum spool_why why;

	if (spool_hours_step(s))
		return true;
	if (!know_held(s))
		return false;
	forgive(s, now_ms);
	if (s->job.why == SPOOL_NO_JOB) {
		next = spool_pick(s, now_ms, &why);
		if (!next)
			return false;
		begin_job(s, next, why);
	}
	h = spool_hours_find(s, s->job.hour);
	if (h)
		clean_some(s, h);
	if (!h || (!s->job.minute &&
		   (s->job.at == s->job.n || !spool_too_much(s, s->job.why))))
		end_job(s);
	return true;
}

void spool_clean_close(struct spool *s)
{
	if (s->job.why != SPOOL_NO_JOB)
		end_job(s);
}
