#include "storage/spool_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HOUR_MS	   3600000ull
#define STEP_FILES 64
#define STEP_BYTES (64u << 20) /* read for stripping */

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
static void account(struct spool *s, struct spool_hour *h,
		    const struct spool_entry *was, const struct spool_entry *e,
		    struct outbuf *lines)
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

static void failed(struct spool *s, size_t n, int err)
{
	s->job.failed += n;
	if (!s->job.err)
		s->job.err = err;
}

static enum spool_fate fate_of(const struct spool *s,
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
	enum spool_fate fate = fate_of(s, e);
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
		failed(s, 1, err);
		return;
	}
	account(s, h, &was, e, lines);
}

static void write_lines(struct spool *s, const char *folder,
			struct outbuf *lines)
{
	int err = 0;

	if (lines->failed)
		err = -ENOMEM;
	else if (lines->len)
		err = spool_index_append(&s->index, s->dir_fd, folder,
					 slice_of(lines->p, lines->len));
	outbuf_reset(lines);
	if (err)
		spool_fail(s, "write the index of", folder, err);
}

/* --- files of minutes ----------------------------------------------------- */

/* The calls of one minute that share its files. */
struct minute {
	struct spool_entry *was, *now;
	uint8_t *fate;
	size_t n, going;
	uint32_t part; /* that none of them is in */
};

static void minute_free(struct minute *m)
{
	free(m->was);
	free(m->now);
	free(m->fate);
}

static int minute_make(const struct spool *s, struct minute *m,
		       const struct spool_entry *e, size_t n)
{
	m->was = malloc(n * sizeof(*e));
	m->now = malloc(n * sizeof(*e));
	m->fate = malloc(n);
	if (!m->was || !m->now || !m->fate)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		if (e[i].kind != SPOOL_MINUTE)
			continue;
		m->was[m->n] = m->now[m->n] = e[i];
		m->fate[m->n] = (uint8_t)fate_of(s, &e[i]);
		m->going += m->fate[m->n] != SPOOL_KEEP;
		if (e[i].part >= m->part)
			m->part = e[i].part + 1;
		m->n++;
	}
	return 0;
}

static void drop_parts(struct spool *s, const struct minute *m)
{
	char name[SPOOL_NAME];

	for (size_t i = 0; i < m->n; i++) {
		if (i && m->was[i].part == m->was[i - 1].part)
			continue;
		spool_minute_name(m->was[i].uid, m->was[i].part, name);
		unlinkat(s->dir_fd, name, 0);
	}
}

/* All files of the minute become one, then the index says so, then they go:
 * a crash in between leaves what is right. */
static void clean_minute(struct spool *s, const char *folder,
			 struct spool_hour *h, const struct spool_entry *e,
			 size_t n, struct outbuf *lines)
{
	struct minute m = {0};
	int err = minute_make(s, &m, e, n);

	if (!err && m.going)
		err = spool_minute_rewrite(s, m.now, m.n, m.fate, m.part);
	if (err) {
		failed(s, m.going ? m.going : n, err);
	} else if (m.going) {
		for (size_t i = 0; i < m.n; i++)
			account(s, h, &m.was[i], &m.now[i], lines);
		write_lines(s, folder, lines);
		drop_parts(s, &m);
	}
	minute_free(&m);
}

static uint64_t minute_of(const struct spool_entry *e)
{
	return ulid_ms(e->uid) / 60000;
}

/* The minute's calls from here on, and how many of them share its files. */
static size_t same_minute(const struct spool_job *j, size_t *shared)
{
	size_t n = 0;

	*shared = 0;
	while (j->at + n < j->n &&
	       minute_of(&j->entry[j->at + n]) == minute_of(&j->entry[j->at]))
		*shared += j->entry[j->at + n++].kind == SPOOL_MINUTE;
	return n;
}

/* Calls may have come to the minute since the index was read. */
static bool read_again(struct spool *s, const struct spool_hour *h)
{
	struct spool_job *j = &s->job;
	struct spool_entry *fresh;
	size_t n, at = 0;
	int err = 0;

	if (j->changes == h->changes)
		return true;
	err = spool_hours_read(s, j->hour, &fresh, &n);
	if (err) {
		failed(s, j->n - j->at, err);
		j->at = j->n;
		return false;
	}
	while (at < n && minute_of(&fresh[at]) < minute_of(&j->entry[j->at]))
		at++;
	free(j->entry);
	j->entry = fresh;
	j->n = n;
	j->at = at;
	j->changes = h->changes;
	return at < n;
}

/* The next file, or all of the next minute: how many calls. */
static size_t clean_next(struct spool *s, const char *folder,
			 struct spool_hour *h, struct outbuf *lines)
{
	struct spool_job *j = &s->job;
	size_t shared, n = same_minute(j, &shared);

	if (!shared) {
		clean_one(s, folder, h, &j->entry[j->at++], lines);
		return 1;
	}
	if (!read_again(s, h))
		return n;
	n = same_minute(j, &shared);
	for (size_t i = 0; i < n; i++)
		if (j->entry[j->at + i].kind != SPOOL_MINUTE)
			clean_one(s, folder, h, &j->entry[j->at + i], lines);
	clean_minute(s, folder, h, &j->entry[j->at], n, lines);
	j->at += n;
	return n;
}

static void end_job(struct spool *s)
{
	struct spool_job *j = &s->job;
	struct spool_hour *h = spool_hours_find(s, j->hour);

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
		if (j->at == j->n || !spool_too_much(s, j->why))
			break;
		bytes += j->entry[j->at].bytes;
		done += clean_next(s, folder, h, &lines);
	}
	write_lines(s, folder, &lines);
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
	if (!h || s->job.at == s->job.n || !spool_too_much(s, s->job.why))
		end_job(s);
	return true;
}

void spool_clean_close(struct spool *s)
{
	if (s->job.why != SPOOL_NO_JOB)
		end_job(s);
}
