#include "storage/mysql_batch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define ULID_CHARS 26

void mysql_batch_free(struct mysql_batch *b)
{
	free(b->entry);
	free(b->dropped);
	free(b->order);
	for (size_t i = 0; i < TABLES; i++)
		outbuf_free(&b->replaced[i]);
	outbuf_free(&b->held);
	*b = (struct mysql_batch){0};
}

void mysql_batch_clear(struct mysql_batch *b)
{
	b->n = 0;
}

static bool make_room(struct mysql_batch *b)
{
	size_t size = b->size ? b->size * 2 : 512;
	struct batch_entry *entry;
	uint32_t *order;
	bool *dropped;

	if (b->n < b->size)
		return true;
	entry = realloc(b->entry, size * sizeof(*entry));
	if (entry)
		b->entry = entry;
	dropped = realloc(b->dropped, size * sizeof(*dropped));
	if (dropped)
		b->dropped = dropped;
	order = realloc(b->order, size * sizeof(*order));
	if (order)
		b->order = order;
	if (!entry || !dropped || !order)
		return false;
	b->size = size;
	return true;
}

/* 2026-11-23 01:02:03.456789 */
static void put_last(char to[27], uint64_t ns)
{
	char memory[32];
	struct outbuf text = {.p = memory, .size = sizeof(memory)};

	to[0] = '\0';
	if (!ns)
		return;
	outbuf_time(&text, ns);
	memory[10] = ' ';
	memcpy(to, memory, 26);
	to[26] = '\0';
}

int mysql_batch_add(struct mysql_batch *b, enum row_table_id table,
		    const struct cdr *cdr)
{
	struct batch_entry *e;

	if (!make_room(b))
		return -ENOMEM;
	e = &b->entry[b->n++];
	memcpy(e->uid, cdr->uid, sizeof(e->uid));
	e->table = table;
	e->packets = (int64_t)cdr->packets;
	put_last(e->last, cdr->last_packet);
	return 0;
}

/* Does a know more than b? Both times are the server's text. */
static bool knows_more(const char *last_a, int64_t packets_a,
		       const char *last_b, int64_t packets_b)
{
	int cmp = strcmp(last_a, last_b);

	return cmp > 0 || (cmp == 0 && packets_a > packets_b);
}

/* --- the same uid twice --------------------------------------------------- */

static int compare(const struct batch_entry *a, enum row_table_id table,
		   const char *uid)
{
	if (a->table != table)
		return a->table < table ? -1 : 1;
	return strcmp(a->uid, uid);
}

static int by_uid(const void *a, const void *b, void *arg)
{
	const struct batch_entry *entry = arg;
	uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
	int cmp = compare(&entry[i], entry[j].table, entry[j].uid);

	return cmp ? cmp : i < j ? -1 : 1;
}

/* Of several the last stays, but for one that knows more. */
void mysql_batch_twins(struct mysql_batch *b)
{
	uint32_t best;

	for (size_t i = 0; i < b->n; i++) {
		b->order[i] = (uint32_t)i;
		b->dropped[i] = false;
	}
	qsort_r(b->order, b->n, sizeof(b->order[0]), by_uid, b->entry);
	for (size_t i = 0; i < b->n; i++) {
		const struct batch_entry *e = &b->entry[b->order[i]];
		const struct batch_entry *old;

		if (i == 0 ||
		    compare(&b->entry[b->order[i - 1]], e->table, e->uid)) {
			best = b->order[i];
			continue;
		}
		old = &b->entry[best];
		if (knows_more(old->last, old->packets, e->last, e->packets)) {
			b->dropped[b->order[i]] = true;
			continue;
		}
		b->dropped[best] = true;
		best = b->order[i];
	}
}

/* The entry of that uid that stays; NULL when there is none. */
static struct batch_entry *find(struct mysql_batch *b, enum row_table_id table,
				const char *uid)
{
	size_t low = 0, high = b->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (compare(&b->entry[b->order[mid]], table, uid) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < b->n; low++) {
		struct batch_entry *e = &b->entry[b->order[low]];

		if (compare(e, table, uid))
			return NULL;
		if (!b->dropped[b->order[low]])
			return e;
	}
	return NULL;
}

/* --- what is stored ------------------------------------------------------- */

static void list_uid(struct outbuf *list, const char *uid)
{
	outbuf_str(list, list->len ? ",'" : "'");
	outbuf_put(list, uid, strnlen(uid, ULID_CHARS));
	outbuf_char(list, '\'');
}

struct asked {
	struct mysql_batch *b;
	enum row_table_id table;
};

void mysql_batch_stored(struct mysql_batch *b, enum row_table_id table,
			const char *uid, const char *last, int64_t packets,
			bool held)
{
	struct batch_entry *e = find(b, table, uid);

	if (!e)
		return;
	if (knows_more(last ? last : "", packets, e->last, e->packets)) {
		b->dropped[e - b->entry] = true;
		return;
	}
	list_uid(&b->replaced[table], uid);
	if (held)
		list_uid(&b->held, uid);
}

/* uid, last_packet, packets, held */
static int take_stored(void *arg, char **v, const unsigned long *len)
{
	const struct asked *a = arg;

	(void)len;
	mysql_batch_stored(a->b, a->table, v[0], v[1],
			   v[2] ? strtoll(v[2], NULL, 10) : 0,
			   v[3] && v[3][0] == '1');
	return 0;
}

static int ask(struct mysql_batch *b, struct mysql_db *db,
	       enum row_table_id table, const char *name, char why[SINK_WHY])
{
	struct asked a = {b, table};
	struct outbuf sql = {0}, uids = {0};
	int err = -ENOMEM;

	for (size_t i = 0; i < b->n; i++)
		if (b->entry[i].table == table && !b->dropped[i])
			list_uid(&uids, b->entry[i].uid);
	outbuf_str(&sql, "SELECT uid, last_packet, packets, ");
	outbuf_str(&sql, table == TABLE_CDR ? "held" : "0");
	outbuf_str(&sql, " FROM ");
	outbuf_str(&sql, name);
	outbuf_str(&sql, " WHERE uid IN (");
	outbuf_put(&sql, uids.p, uids.len);
	outbuf_char(&sql, ')');
	if (!uids.len)
		err = 0;
	else if (!sql.failed && !uids.failed)
		err = mysql_db_query(db, sql.p, sql.len, take_stored, &a, why);
	outbuf_free(&sql);
	outbuf_free(&uids);
	return err;
}

static int delete_rows(struct mysql_db *db, const char *table,
		       const struct outbuf *uids, char why[SINK_WHY])
{
	struct outbuf sql = {0};
	int err;

	outbuf_str(&sql, "DELETE FROM ");
	outbuf_str(&sql, table);
	outbuf_str(&sql, " WHERE uid IN (");
	outbuf_put(&sql, uids->p, uids->len);
	outbuf_char(&sql, ')');
	sql.failed |= uids->failed;
	err = mysql_db_run_buf(db, &sql, "replace records", why);
	outbuf_free(&sql);
	return err;
}

/* The rows of calls and sessions in all their tables. */
static int delete_replaced(struct mysql_batch *b, struct mysql_db *db,
			   const struct row_table *t, char why[SINK_WHY])
{
	int err = 0;

	for (size_t i = 0; i < TABLES && !err; i++) {
		bool child = i != TABLE_REGISTRATION && i != TABLE_TRANSACTION;
		const struct outbuf *uids = &b->replaced[child ? TABLE_CDR : i];

		if (uids->len)
			err = delete_rows(db, t[i].name, uids, why);
	}
	return err;
}

int mysql_batch_replace(struct mysql_batch *b, struct mysql_db *db,
			const struct row_table t[TABLES], char why[SINK_WHY])
{
	static const enum row_table_id own[] = {TABLE_CDR, TABLE_REGISTRATION,
						TABLE_TRANSACTION};
	int err = 0;

	mysql_batch_twins(b);
	outbuf_reset(&b->held);
	for (size_t i = 0; i < TABLES; i++)
		outbuf_reset(&b->replaced[i]);
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]) && !err; i++)
		err = ask(b, db, own[i], t[own[i]].name, why);
	if (!err)
		err = delete_replaced(b, db, t, why);
	if (err == -ENOMEM)
		snprintf(why, SINK_WHY, "no memory to store records");
	return err;
}

int mysql_batch_hold(struct mysql_batch *b, struct mysql_db *db,
		     char why[SINK_WHY])
{
	struct outbuf sql = {0};
	int err = 0;

	if (!b->held.len)
		return 0;
	outbuf_str(&sql, "UPDATE cdr SET held = 1 WHERE uid IN (");
	outbuf_put(&sql, b->held.p, b->held.len);
	outbuf_char(&sql, ')');
	sql.failed |= b->held.failed;
	err = mysql_db_run_buf(db, &sql, "keep a hold", why);
	outbuf_free(&sql);
	return err;
}
