#include "storage/spool_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define BATCH 262144

/* A bit for each packet of a file: it is media. */
struct marks {
	uint8_t *bit;
	size_t size; /* bytes */
	uint64_t packets;
};

static int mark(struct marks *m, uint64_t number)
{
	size_t at = (size_t)(number / 8);

	if (at >= m->size) {
		size_t size = at * 2 + 1024;
		uint8_t *bit = realloc(m->bit, size);

		if (!bit)
			return -ENOMEM;
		memset(bit + m->size, 0, size - m->size);
		m->bit = bit;
		m->size = size;
	}
	m->bit[at] |= (uint8_t)(1u << number % 8);
	return 0;
}

static bool marked(const struct marks *m, uint64_t number)
{
	size_t at = (size_t)(number / 8);

	return at < m->size && m->bit[at] & 1u << number % 8;
}

static int find_media(const struct record_sorter *sorter,
		      struct pcapfile_reader *r, struct marks *out)
{
	uint64_t number[SPOOL_FRAGMENTS];
	void *state = sorter->begin();
	struct pcapfile_packet p;
	int got = 0, err = state ? 0 : -ENOMEM;

	while (!err && (got = pcapfile_reader_next(r, &p)) > 0) {
		struct frame f = pcapfile_frame(&p, ++out->packets);
		size_t n = sorter->frame(state, &f, number, SPOOL_FRAGMENTS);

		for (size_t i = 0; i < n && !err; i++)
			err = mark(out, number[i]);
	}
	if (state)
		sorter->end(state);
	return err ? err : got;
}

/* --- the copy ------------------------------------------------------------- */

struct copy {
	struct spool *s;
	struct spool_file *to;
	struct outbuf run; /* packets of one kind */
	struct pcapfile_kind kind;
	struct slice secrets; /* a copy */
	int err;
};

static void flush(struct copy *c)
{
	struct slice bytes = slice_of(c->run.p, c->run.len);

	if (c->run.failed && !c->err)
		c->err = -ENOMEM;
	if (bytes.len && !c->err)
		c->err = spool_file_append(c->s, c->to, bytes, c->kind);
	outbuf_reset(&c->run);
}

static void put(struct copy *c, const struct pcapfile_packet *p)
{
	if (!pcapfile_same_kind(c->kind, p->kind) || c->run.len >= BATCH)
		flush(c);
	c->kind = p->kind;
	pcapfile_put_packet(&c->run, p);
}

static int copy_rest(struct copy *c, struct pcapfile_reader *r,
		     const struct marks *m)
{
	struct pcapfile_packet p;
	uint64_t number = 0;
	struct slice keys;
	int got;

	while ((got = pcapfile_reader_next(r, &p)) > 0 && !c->err)
		if (!marked(m, ++number))
			put(c, &p);
	if (got < 0 && !c->err)
		c->err = got;
	flush(c);
	keys = pcapfile_reader_secrets(r);
	/* They are in front of the packets, and open the signalling too. */
	if (!c->err && keys.len)
		c->err = spool_file_secrets(c->s, c->to, keys);
	outbuf_free(&c->run);
	return c->err;
}

static int each_pass(struct spool *s, const char *name, struct marks *m,
		     struct spool_file *to)
{
	struct copy c = {.s = s, .to = to};
	struct pcapfile_reader *r;
	int fd, err;

	err = spool_reader(s, name, &r, &fd);
	if (err)
		return err;
	err = to ? copy_rest(&c, r, m) : find_media(s->cfg.sorter, r, m);
	pcapfile_reader_close(r);
	close(fd);
	return err;
}

/* The copy takes the place of the file; e tells of it. */
static int replace(struct spool *s, struct spool_file *f, const char *name,
		   struct spool_entry *e)
{
	struct stat st;
	int err = 0;

	spool_file_close(s, f);
	if (!f->size) {
		e->kind = SPOOL_GONE;
		e->bytes = e->media = 0;
		return unlinkat(s->dir_fd, name, 0) ? -errno : 0;
	}
	if (e->kind == SPOOL_PCAP_GZ)
		err = spool_file_gzip(s, f);
	if (!err && (fstatat(s->dir_fd, f->name, &st, 0) ||
		     renameat(s->dir_fd, f->name, s->dir_fd, name)))
		err = -errno;
	if (err)
		return err;
	e->bytes = (uint64_t)st.st_size;
	e->media = 0;
	return 0;
}

int spool_strip_copy(struct spool *s, const char *name, struct spool_file *f)
{
	struct marks m = {0};
	int err = each_pass(s, name, &m, NULL);

	if (!err)
		err = each_pass(s, name, &m, f);
	free(m.bit);
	return err;
}

int spool_strip(struct spool *s, const char *folder, struct spool_entry *e)
{
	struct spool_file *f = spool_file_new(e->uid);
	char name[SPOOL_NAME];
	int err = -ENOMEM;

	if (!f)
		return err;
	spool_file_enter(s, f);
	snprintf(name, sizeof(name), "%s/%s.%s", folder, e->uid,
		 spool_kind_name(e->kind));
	err = spool_strip_copy(s, name, f);
	if (!err)
		err = replace(s, f, name, e);
	spool_discard(s, f); /* its name is free when it was renamed */
	return err;
}
