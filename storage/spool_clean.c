#include "storage/spool_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HOUR_MS	   3600000ull
#define STEP_FILES 64
#define STEP_BYTES (64u << 20) /* read for stripping */

/* --- what has to go ------------------------------------------------------- */

static bool strips(enum spool_why why)
{
	return why == SPOOL_OLD_MEDIA || why == SPOOL_MUCH_MEDIA ||
	       why == SPOOL_DISK_MEDIA;
}

/* Is there something that this hour could give? What is held, and what could
 * not be deleted, is not looked at again before the list changes or more
 * comes. */
static bool can_give(const struct spool *s, const struct spool_hour *h,
		     enum spool_why why)
{
	if (strips(why))
		return s->cfg.sorter && h->media &&
		       h->stripped != s->hold.version;
	return h->files && h->deleted != s->hold.version;
}

static bool is_old(uint32_t hour, uint64_t keep_ms, uint64_t now_ms)
{
	return keep_ms && (hour + 1) * HOUR_MS + keep_ms <= now_ms;
}

/* The oldest that can; NULL when none can. */
static const struct spool_hour *oldest(const struct spool *s,
				       enum spool_why why, uint32_t before)
{
	for (size_t i = 0; i < s->hours && s->hour[i].hour < before; i++)
		if (can_give(s, &s->hour[i], why))
			return &s->hour[i];
	return NULL;
}

static uint64_t total(const struct spool *s, bool media)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < s->hours; i++)
		sum += media ? s->hour[i].media
			     : s->hour[i].bytes - s->hour[i].media;
	return sum;
}

static bool too_much(const struct spool *s, enum spool_why why)
{
	const struct spool_keep *k = &s->cfg.keep;

	switch (why) {
	case SPOOL_MUCH_MEDIA:
		return k->media_bytes && total(s, true) > k->media_bytes;
	case SPOOL_MUCH_SIGNALLING:
		return k->signalling_bytes &&
		       total(s, false) > k->signalling_bytes;
	case SPOOL_DISK_MEDIA:
	case SPOOL_DISK_ALL:
		return s->cleaning;
	case SPOOL_NO_JOB:
	case SPOOL_OLD_MEDIA:
	case SPOOL_OLD_SIGNALLING:
		break;
	}
	return true;
}

/* What is to be done next; NULL when nothing is. */
static const struct spool_hour *pick(const struct spool *s, uint64_t now_ms,
				     enum spool_why *why)
{
	const struct spool_keep *k = &s->cfg.keep;
	uint32_t this_hour = (uint32_t)(now_ms / HOUR_MS);
	const struct spool_hour *h;

	*why = SPOOL_OLD_SIGNALLING;
	h = oldest(s, *why, UINT32_MAX);
	if (h && is_old(h->hour, k->signalling_ms, now_ms))
		return h;
	*why = SPOOL_OLD_MEDIA;
	h = oldest(s, *why, UINT32_MAX);
	if (h && is_old(h->hour, k->media_ms, now_ms))
		return h;
	for (*why = SPOOL_MUCH_MEDIA; *why <= SPOOL_DISK_ALL; ++*why) {
		if (!too_much(s, *why))
			continue;
		/* Of the present hour only media goes for the disk's sake. */
		h = oldest(s, *why,
			   *why == SPOOL_DISK_ALL ? this_hour : UINT32_MAX);
		if (h)
			return h;
	}
	return NULL;
}

/* --- saying it ------------------------------------------------------------ */

static void say_age(char *buf, size_t size, uint64_t ms)
{
	uint64_t days = ms / (24 * HOUR_MS);
	double hours = (double)ms / (double)HOUR_MS;

	if (ms % (24 * HOUR_MS) == 0)
		snprintf(buf, size, "older than %llu day%s",
			 (unsigned long long)days, days == 1 ? "" : "s");
	else
		snprintf(buf, size, "older than %.4g hour%s", hours,
			 ms == HOUR_MS ? "" : "s");
}

static void say_why(const struct spool *s, enum spool_why why, char *buf,
		    size_t size)
{
	const struct spool_keep *k = &s->cfg.keep;
	char text[24];

	switch (why) {
	case SPOOL_OLD_SIGNALLING:
		say_age(buf, size, k->signalling_ms);
		break;
	case SPOOL_OLD_MEDIA:
		say_age(buf, size, k->media_ms);
		break;
	case SPOOL_MUCH_MEDIA:
		snprintf(buf, size, "media is more than %s",
			 spool_size_text(k->media_bytes, text));
		break;
	case SPOOL_MUCH_SIGNALLING:
		snprintf(buf, size, "signalling is more than %s",
			 spool_size_text(k->signalling_bytes, text));
		break;
	case SPOOL_DISK_MEDIA:
	case SPOOL_DISK_ALL:
	case SPOOL_NO_JOB:
		snprintf(buf, size, "less than %u %% of the disk was free",
			 k->free_pct + 1);
		break;
	}
}

static void say(struct spool *s)
{
	const struct spool_job *j = &s->job;
	char why[128], size[24], folder[SPOOL_FOLDER];

	spool_hour_folder(j->hour, folder);
	if (j->failed)
		spool_tell(s, "spool: cannot clean %llu recordings of %sh: %s",
			   (unsigned long long)j->failed, folder,
			   strerror(-j->err));
	if (!j->files)
		return;
	say_why(s, j->why, why, sizeof(why));
	spool_tell(s, "spool: deleted %s %llu calls of %sh (%s): %s",
		   strips(j->why) ? "the media of" : "the recordings of",
		   (unsigned long long)j->files, folder,
		   spool_size_text(j->bytes, size), why);
}

/* --- doing it ------------------------------------------------------------- */

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

/* What one call gives: its line goes to `lines`. */
static void clean_one(struct spool *s, const char *folder, struct spool_hour *h,
		      struct spool_entry e, struct outbuf *lines)
{
	struct spool_job *j = &s->job;
	struct spool_entry was = e;
	int err;

	if ((strips(j->why) && !e.media) || spool_hold_has(&s->hold, e.uid))
		return;
	err = strips(j->why) ? spool_strip(s, folder, &e)
			     : delete (s, folder, &e);
	/* Somebody else removed it. */
	if (err == -ENOENT) {
		e.kind = SPOOL_GONE;
		e.bytes = e.media = 0;
	} else if (err) {
		j->failed++;
		if (!j->err)
			j->err = err;
		return;
	}
	spool_index_put(lines, &e);
	h->bytes -= was.bytes < h->bytes ? was.bytes : h->bytes;
	h->bytes += e.bytes;
	h->media -= was.media < h->media ? was.media : h->media;
	h->files -= e.kind == SPOOL_GONE && h->files;
	j->files++;
	j->bytes += was.bytes > e.bytes ? was.bytes - e.bytes : 0;
}

static void end_job(struct spool *s)
{
	struct spool_job *j = &s->job;
	struct spool_hour *h = spool_hours_find(s, j->hour);

	say(s);
	if (h && j->at == j->n) {
		if (strips(j->why))
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
	int err = 0;

	spool_hour_folder(j->hour, folder);
	for (unsigned i = 0; i < STEP_FILES && bytes < STEP_BYTES; i++) {
		if (j->at == j->n || !too_much(s, j->why))
			break;
		bytes += j->entry[j->at].bytes;
		clean_one(s, folder, h, j->entry[j->at++], &lines);
	}
	if (lines.failed)
		err = -ENOMEM;
	else if (lines.len)
		err = spool_index_append(&s->index, s->dir_fd, folder,
					 slice_of(lines.p, lines.len));
	outbuf_free(&lines);
	if (err)
		spool_fail(s, "write the index of", folder, err);
}

static void begin_job(struct spool *s, const struct spool_hour *h,
		      enum spool_why why)
{
	struct spool_job *j = &s->job;
	struct spool_entry *entry;
	char folder[SPOOL_FOLDER];
	size_t n;
	int err = spool_hours_read(s, h->hour, &entry, &n);

	*j = (struct spool_job){.why = why, .hour = h->hour};
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
		next = pick(s, now_ms, &why);
		if (!next)
			return false;
		begin_job(s, next, why);
	}
	h = spool_hours_find(s, s->job.hour);
	if (h)
		clean_some(s, h);
	if (!h || s->job.at == s->job.n || !too_much(s, s->job.why))
		end_job(s);
	return true;
}

void spool_clean_close(struct spool *s)
{
	if (s->job.why != SPOOL_NO_JOB)
		end_job(s);
}
