#include "storage/spool_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define STEP_BYTES (1u << 20)

/* All files of a minute become one, a piece at a time while calls may come to
 * the minute; then the index says so, then they go. A crash in between leaves
 * what is right. */
struct spool_minute {
	char folder[SPOOL_FOLDER];
	struct spool_entry *was, *now;
	uint8_t *fate;
	size_t n, size, at;
	uint64_t changes; /* of the hour, when its index was read */
	uint32_t part;	  /* that none of them is in */
	int fd;		  /* of it; -1 until something stays */
};

static void minute_free(struct spool_minute *m)
{
	if (!m)
		return;
	if (m->fd >= 0)
		close(m->fd);
	free(m->was);
	free(m->now);
	free(m->fate);
	free(m);
}

static int grow(struct spool_minute *m)
{
	size_t size = m->size ? m->size * 2 : 64;
	struct spool_entry *was = realloc(m->was, size * sizeof(*was));
	struct spool_entry *now;
	uint8_t *fate;

	if (!was)
		return -ENOMEM;
	m->was = was;
	now = realloc(m->now, size * sizeof(*now));
	if (!now)
		return -ENOMEM;
	m->now = now;
	fate = realloc(m->fate, size);
	if (!fate)
		return -ENOMEM;
	m->fate = fate;
	m->size = size;
	return 0;
}

static int add(const struct spool *s, struct spool_minute *m,
	       const struct spool_entry *e)
{
	int err = m->n == m->size ? grow(m) : 0;

	if (err)
		return err;
	m->was[m->n] = m->now[m->n] = *e;
	m->fate[m->n++] = (uint8_t)spool_clean_fate(s, e);
	if (e->part >= m->part)
		m->part = e->part + 1;
	return 0;
}

static bool has_to_give(const struct spool_minute *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->fate[i] != SPOOL_KEEP)
			return true;
	return false;
}

void spool_minute_begin(struct spool *s, struct spool_hour *h,
			const struct spool_entry *e, size_t n)
{
	struct spool_minute *m = calloc(1, sizeof(*m));
	int err = m ? 0 : -ENOMEM;

	if (m)
		m->fd = -1;
	for (size_t i = 0; i < n && !err; i++)
		if (e[i].kind == SPOOL_MINUTE)
			err = add(s, m, &e[i]);
	if (err)
		spool_clean_failed(s, n, err);
	if (err || !has_to_give(m)) {
		minute_free(m);
		return;
	}
	spool_hour_folder(h->hour, m->folder);
	m->changes = s->job.changes;
	s->job.minute = m;
}

/* --- calls that came meanwhile -------------------------------------------- */

static bool same_bytes(const struct spool_entry *a, const struct spool_entry *b)
{
	return a->part == b->part && a->offset == b->offset;
}

static int take_late(const struct spool *s, struct spool_minute *m,
		     const struct spool_entry *e)
{
	for (size_t i = m->n; i-- > 0;) {
		if (strcmp(m->was[i].uid, e->uid))
			continue;
		if (same_bytes(&m->was[i], e))
			return 0;
		m->fate[i] = SPOOL_FORGET;
		break;
	}
	return add(s, m, e);
}

static int look_for_late(struct spool *s, struct spool_hour *h,
			 struct spool_minute *m)
{
	uint64_t minute = ulid_ms(m->was[0].uid) / 60000;
	uint32_t part = m->part;
	struct spool_entry *e;
	size_t n;
	int err = spool_hours_read(s, h->hour, &e, &n);

	if (err)
		return err;
	for (size_t i = 0; i < n && !err; i++)
		if (e[i].kind == SPOOL_MINUTE &&
		    ulid_ms(e[i].uid) / 60000 == minute)
			err = take_late(s, m, &e[i]);
	free(e);
	m->changes = h->changes;
	/* New calls come to part 0: what is being written stays the last. */
	if (m->part != part)
		err = err ? err : -EEXIST;
	return err;
}

/* --- doing it ------------------------------------------------------------- */

static int move_next(struct spool *s, struct spool_minute *m)
{
	size_t i = m->at++;

	if (m->fate[i] == SPOOL_FORGET)
		return 0;
	if (m->fate[i] == SPOOL_DELETE) {
		m->now[i].kind = SPOOL_GONE;
		m->now[i].bytes = m->now[i].media = 0;
		return 0;
	}
	if (m->fd < 0)
		m->fd = spool_minute_part(s, m->was[i].uid, m->part);
	if (m->fd < 0)
		return m->fd;
	return spool_minute_move(s, &m->now[i], (enum spool_fate)m->fate[i],
				 m->part, m->fd);
}

static void drop_part(struct spool *s, const struct spool_minute *m,
		      uint32_t part)
{
	char name[SPOOL_NAME];

	spool_minute_name(m->was[0].uid, part, name);
	unlinkat(s->dir_fd, name, 0);
}

static int tell_index(struct spool *s, struct spool_hour *h,
		      const struct spool_minute *m)
{
	struct outbuf lines = {0};
	int err;

	for (size_t i = 0; i < m->n; i++)
		if (m->fate[i] != SPOOL_FORGET)
			spool_clean_account(s, h, &m->was[i], &m->now[i],
					    &lines);
	err = spool_clean_lines(s, m->folder, &lines);
	outbuf_free(&lines);
	return err;
}

static int end_minute(struct spool *s, struct spool_hour *h,
		      struct spool_minute *m)
{
	struct stat st;
	int err = tell_index(s, h, m);

	/* The index may tell of either now: both stay. */
	if (err)
		h->loaded = false;
	for (size_t i = 0; i < m->n && !err; i++)
		if (!i || m->was[i].part != m->was[i - 1].part)
			drop_part(s, m, m->was[i].part);
	if (m->fd >= 0 && fstat(m->fd, &st) == 0 && !st.st_size)
		drop_part(s, m, m->part);
	minute_free(m);
	s->job.minute = NULL;
	return err;
}

uint64_t spool_minute_go(struct spool *s, struct spool_hour *h)
{
	struct spool_minute *m = s->job.minute;
	uint64_t bytes = 0;
	size_t n = m->n;
	int err = 0;

	while (!err && m->at < m->n && bytes < STEP_BYTES) {
		bytes += m->was[m->at].bytes;
		err = move_next(s, m);
	}
	if (!err && m->at == m->n && m->changes != h->changes)
		err = look_for_late(s, h, m);
	if (!err && m->at == m->n)
		err = end_minute(s, h, m);
	if (err) {
		spool_clean_failed(s, n, err);
		spool_minute_stop(s);
	}
	return bytes + 1;
}

void spool_minute_stop(struct spool *s)
{
	struct spool_minute *m = s->job.minute;

	if (m && m->fd >= 0)
		drop_part(s, m, m->part);
	minute_free(m);
	s->job.minute = NULL;
}
