#include "storage/journal_priv.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define FILE_BYTES  (4u << 20)
#define BATCH_BYTES (64u << 10)
#define CLEAN_FILES 2 /* at a time at most */

void journal_tell(struct journal *j, const char *fmt, ...)
{
	char why[JOURNAL_WHY];
	va_list ap;

	if (!j->cfg.complain)
		return;
	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	j->cfg.complain(j->cfg.arg, why);
}

static int open_parts(struct journal *j)
{
	int err = map_init(&j->items, 1024);

	if (err)
		return err;
	j->code = cdr_code_new();
	if (!j->code)
		return -ENOMEM;
	err = journal_files_open(j);
	return err ? err : journal_look(j);
}

int journal_open(struct journal **out, const struct journal_config *cfg,
		 char why[JOURNAL_WHY])
{
	struct journal *j = calloc(1, sizeof(*j));
	int err = -ENOMEM;

	if (!j)
		goto fail;
	j->cfg = *cfg;
	if (!j->cfg.file_bytes)
		j->cfg.file_bytes = FILE_BYTES;
	j->fd = j->dir_fd = -1;
	list_init(&j->files);
	list_init(&j->old);
	j->seed = seed_random();
	err = -ENAMETOOLONG;
	if ((size_t)snprintf(j->dir, sizeof(j->dir), "%s/journal", cfg->dir) >=
	    sizeof(j->dir))
		goto fail;
	err = open_parts(j);
	if (err)
		goto fail;
	*out = j;
	return 0;
fail:
	snprintf(why, JOURNAL_WHY,
		 "cannot keep a journal of open calls in %.300s/journal: %s",
		 cfg->dir, strerror(-err));
	journal_close(j, false, 0);
	return err;
}

struct journal_left journal_left(const struct journal *j)
{
	return j->left;
}

size_t journal_open_items(const struct journal *j)
{
	return j->items_n;
}

uint64_t journal_bytes(const struct journal *j)
{
	return j->bytes;
}

uint64_t journal_errors(const struct journal *j)
{
	return j->errors;
}

/* --- items ---------------------------------------------------------------- */

struct journal_item *journal_item(struct journal *j, uint64_t id, bool make)
{
	uint64_t hash = seed_hash(&j->seed, &id, sizeof(id));
	struct journal_item *i;

	for (struct map_node *n = map_first(&j->items, hash); n;
	     n = map_next(n)) {
		i = container_of(n, struct journal_item, node);
		if (i->id == id)
			return i;
	}
	i = make ? calloc(1, sizeof(*i)) : NULL;
	if (!i)
		return NULL;
	i->id = id;
	map_insert(&j->items, &i->node, hash);
	j->items_n++;
	return i;
}

static void item_free(struct journal *j, struct journal_item *i)
{
	j->live -= i->messages + i->record;
	map_remove(&j->items, &i->node);
	j->items_n--;
	free(i);
}

/* --- writing -------------------------------------------------------------- */

static void failed(struct journal *j, int err)
{
	j->errors++;
	if (j->told)
		return;
	j->told = true;
	journal_tell(j,
		     "cannot write to %.300s: %s; a restart may not go on with "
		     "all open calls",
		     j->dir, strerror(-err));
}

/* False: it is lost. */
static bool write_out(struct journal *j)
{
	int err = j->buf.failed ? -ENOMEM : 0;

	if (!j->buf.len && !err)
		return true;
	if (!err)
		err = journal_files_write(j, slice_of(j->buf.p, j->buf.len));
	outbuf_reset(&j->buf);
	if (err)
		failed(j, err);
	return !err;
}

/* Is it still needed? */
static bool needed(struct journal *j, const struct journal_entry *e)
{
	struct journal_item *i = journal_item(j, e->id, false);
	struct journal_buried d;

	switch (e->kind) {
	case JOURNAL_MESSAGE:
		return i;
	case JOURNAL_RECORD:
		return i && i->serial == e->serial;
	case JOURNAL_OVER:
		return journal_get_buried(e->bytes, &d) &&
		       d.until_ns > j->newest_ns;
	default:
		return false;
	}
}

/* What is needed of the oldest file goes to the end. */
static bool clean_oldest(struct journal *j)
{
	struct journal_file *f =
		container_of(list_first(&j->files), struct journal_file, node);
	struct journal_entry e;
	struct slice in, dictionary;
	uint64_t damaged = 0;
	size_t len = 0, used = 0;
	char *p = NULL;
	bool ok = true;

	if (journal_files_read(j, f, &p, &len) ||
	    journal_get_header(slice_of(p, len), &dictionary, &used)) {
		free(p);
		return false;
	}
	in = slice_from(slice_of(p, len), used);
	while (ok && journal_next(&in, &e, &damaged)) {
		size_t at;

		if (!needed(j, &e))
			continue;
		at = journal_begin_entry(&j->buf, e.kind, e.id, e.serial);
		outbuf_put(&j->buf, e.bytes.p, e.bytes.len);
		journal_end_entry(&j->buf, at);
		if (j->buf.len >= BATCH_BYTES)
			ok = write_out(j);
	}
	ok = ok && write_out(j);
	free(p);
	if (ok)
		journal_files_drop(j, f);
	return ok;
}

static bool crowded(const struct journal *j)
{
	return j->files_n > 2 && j->bytes > 2 * j->live + 4 * j->cfg.file_bytes;
}

void journal_flush(struct journal *j)
{
	size_t files = j->files_n;

	if (!write_out(j) || j->cleaning || j->files_n == files)
		return;
	j->cleaning = true;
	for (int i = 0; i < CLEAN_FILES && crowded(j); i++)
		if (!clean_oldest(j))
			break;
	j->cleaning = false;
}

static void newest(struct journal *j, uint64_t ns)
{
	if (ns > j->newest_ns)
		j->newest_ns = ns;
}

/* Ends the entry; answers its bytes. */
static size_t end_entry(struct journal *j, size_t at)
{
	size_t len = j->buf.failed ? 0 : j->buf.len - at;

	journal_end_entry(&j->buf, at);
	if (j->buf.failed || j->buf.len >= BATCH_BYTES)
		journal_flush(j);
	return len;
}

void journal_message(struct journal *j, uint64_t id,
		     const struct journal_message *m)
{
	struct journal_item *i = journal_item(j, id, true);
	size_t at, len;

	if (!i) {
		failed(j, -ENOMEM);
		return;
	}
	newest(j, m->ts_ns);
	at = journal_begin_entry(&j->buf, JOURNAL_MESSAGE, id, ++j->serial);
	journal_put_message(&j->buf, m);
	len = end_entry(j, at);
	i->messages += len;
	j->live += len;
}

void journal_record(struct journal *j, uint64_t id, const struct cdr *cdr,
		    uint64_t as_of_ns)
{
	struct journal_item *i = journal_item(j, id, true);
	size_t at, len;

	if (!i) {
		failed(j, -ENOMEM);
		return;
	}
	newest(j, as_of_ns);
	i->serial = ++j->serial;
	at = journal_begin_entry(&j->buf, JOURNAL_RECORD, id, i->serial);
	journal_put_u64(&j->buf, as_of_ns);
	cdr_code_put(j->code, &j->buf, cdr);
	len = end_entry(j, at);
	j->live += len - i->record;
	i->record = len;
}

void journal_over(struct journal *j, uint64_t id,
		  const struct journal_buried *d)
{
	struct journal_item *i = journal_item(j, id, false);
	size_t at;

	if (i)
		item_free(j, i);
	else if (!d)
		return;
	at = journal_begin_entry(&j->buf, JOURNAL_OVER, id, ++j->serial);
	if (d)
		journal_put_buried(&j->buf, d);
	end_entry(j, at);
}

/* --- the end -------------------------------------------------------------- */

static void stop(struct journal *j, uint64_t last_ns)
{
	size_t at = journal_begin_entry(&j->buf, JOURNAL_STOP, 0, ++j->serial);
	int err;

	journal_put_u64(&j->buf, last_ns);
	journal_end_entry(&j->buf, at);
	if (!write_out(j))
		return;
	err = journal_files_commit(j);
	if (err)
		failed(j, err);
}

static void free_items(struct journal *j)
{
	for (size_t i = 0; j->items.bucket && i <= j->items.mask; i++)
		while (j->items.bucket[i])
			item_free(j, container_of(j->items.bucket[i],
						  struct journal_item, node));
	map_close(&j->items);
}

void journal_close(struct journal *j, bool stopped, uint64_t last_ns)
{
	if (!j)
		return;
	if (stopped)
		stop(j, last_ns);
	else if (j->buf.len)
		write_out(j);
	journal_files_close(j);
	free_items(j);
	cdr_code_free(j->code);
	outbuf_free(&j->buf);
	free(j);
}
