#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "sniffer/base/ulid.h"
#include "storage/record_rows.h"
#include "storage/retention.h"
#include "storage/sink.h"
#include "storage/sqlite_db.h"
#include "storage/sqlite_expire.h"

/* What a record's table needs beside the insertion. */
struct statements {
	sqlite3_stmt *insert;
	sqlite3_stmt *stored; /* last_packet, packets, held of a uid */
	sqlite3_stmt *remove; /* all rows of a uid */
};

struct sink {
	sqlite3 *db;
	char *path;
	struct sink_config cfg;
	struct record_rows rows;
	struct statements stmt[TABLES];
	sqlite3_stmt *sensor;
	sqlite3_stmt *hold; /* a uid again, after it was replaced */
	bool open_batch;
	char *sensor_name; /* of the batch */
	uint64_t first_ns, last_ns;
};

static int fail(const struct sink *s, char why[SINK_WHY])
{
	return sqlite_db_why(s->db, s->path, why);
}

/* --- statements ----------------------------------------------------------- */

static void put_insert(struct outbuf *b, const struct row_table *t)
{
	size_t n = t->n;

	outbuf_str(b, "INSERT OR IGNORE INTO ");
	outbuf_str(b, t->name);
	outbuf_str(b, " (");
	for (const char *const *key = t->keys; *key; key++, n++) {
		outbuf_str(b, key == t->keys ? "" : ",");
		outbuf_str(b, *key);
	}
	for (size_t i = 0; i < t->n; i++) {
		outbuf_char(b, ',');
		outbuf_str(b, t->v[i].name);
	}
	outbuf_str(b, ") VALUES (?");
	while (--n)
		outbuf_str(b, ",?");
	outbuf_char(b, ')');
}

static int prepare(struct sink *s, struct outbuf *sql, sqlite3_stmt **out)
{
	int err = SQLITE_NOMEM;

	if (!sql->failed)
		err = sqlite3_prepare_v3(s->db, sql->p, (int)sql->len,
					 SQLITE_PREPARE_PERSISTENT, out, NULL);
	outbuf_reset(sql);
	return err;
}

static int prepare_table(struct sink *s, struct outbuf *sql, size_t id)
{
	const struct row_table *t = &s->rows.table[id];
	struct statements *stmt = &s->stmt[id];
	int err;

	put_insert(sql, t);
	err = prepare(s, sql, &stmt->insert);
	if (err)
		return err;
	outbuf_str(sql, "DELETE FROM ");
	outbuf_str(sql, t->name);
	outbuf_str(sql, " WHERE uid = ?");
	err = prepare(s, sql, &stmt->remove);
	if (err || strcmp(t->keys[1], "n") == 0)
		return err;
	outbuf_str(sql, "SELECT last_packet, packets, ");
	outbuf_str(sql, id == TABLE_CDR ? "held FROM " : "0 FROM ");
	outbuf_str(sql, t->name);
	outbuf_str(sql, " WHERE uid = ?");
	return prepare(s, sql, &stmt->stored);
}

static int prepare_all(struct sink *s)
{
	struct outbuf sql = {0};
	int err = 0;

	for (size_t i = 0; i < TABLES && !err; i++)
		err = prepare_table(s, &sql, i);
	if (!err) {
		outbuf_str(&sql,
			   "INSERT INTO sensor (name, first_seen, last_seen)"
			   " VALUES (?1, ?2, ?3) ON CONFLICT (name) DO UPDATE"
			   " SET first_seen = min(first_seen, ?2),"
			   " last_seen = max(last_seen, ?3)");
		err = prepare(s, &sql, &s->sensor);
	}
	if (!err) {
		outbuf_str(&sql, "UPDATE cdr SET held = 1 WHERE uid = ?");
		err = prepare(s, &sql, &s->hold);
	}
	outbuf_free(&sql);
	return err;
}

/* --- rows ----------------------------------------------------------------- */

static int bind_cell(sqlite3_stmt *stmt, int at, const struct row *r,
		     const struct row_cell *c)
{
	struct slice bytes;

	switch (c->type) {
	case CELL_INT:
		return sqlite3_bind_int64(stmt, at, c->i);
	case CELL_REAL:
		return sqlite3_bind_double(stmt, at, c->r);
	case CELL_TEXT:
		bytes = row_bytes(r, c);
		return sqlite3_bind_text(stmt, at, (const char *)bytes.p,
					 (int)bytes.len, SQLITE_STATIC);
	case CELL_BLOB:
		bytes = row_bytes(r, c);
		return sqlite3_bind_blob(stmt, at, bytes.p, (int)bytes.len,
					 SQLITE_STATIC);
	default:
		return sqlite3_bind_null(stmt, at);
	}
}

/* Runs a statement that has no rows, with the cells of a row. */
static int run(sqlite3_stmt *stmt, const struct row *row)
{
	int err = row->text.failed ? SQLITE_NOMEM : SQLITE_OK;

	for (size_t i = 0; i < row->n && !err; i++)
		err = bind_cell(stmt, (int)i + 1, row, &row->cell[i]);
	if (!err)
		err = sqlite3_step(stmt);
	sqlite3_reset(stmt);
	return err == SQLITE_DONE ? SQLITE_OK : err;
}

static int insert_row(void *arg, enum row_table_id id, const struct row *row)
{
	struct sink *s = arg;

	return run(s->stmt[id].insert, row);
}

/* --- upserts -------------------------------------------------------------- */

static int bind_uid(sqlite3_stmt *stmt, const struct cdr *cdr)
{
	return sqlite3_bind_text(stmt, 1, cdr->uid, -1, SQLITE_STATIC);
}

/* Does the stored record know more? Both times are the report's text. */
static int compare_stored(struct sink *s, sqlite3_stmt *stmt,
			  const struct cdr *cdr, bool *more, bool *held)
{
	struct outbuf *now = &s->rows.row.text;
	int err = bind_uid(stmt, cdr);

	*more = *held = false;
	outbuf_reset(now);
	if (cdr->last_packet)
		outbuf_time(now, cdr->last_packet);
	outbuf_char(now, '\0');
	if (err || now->failed)
		return err ? err : SQLITE_NOMEM;
	err = sqlite3_step(stmt);
	if (err == SQLITE_ROW) {
		const char *last = (const char *)sqlite3_column_text(stmt, 0);
		int cmp = strcmp(last ? last : "", now->p);

		*more = cmp > 0 || (cmp == 0 && sqlite3_column_int64(stmt, 1) >
							(int64_t)cdr->packets);
		*held = sqlite3_column_int(stmt, 2) == 1;
		err = SQLITE_DONE;
	}
	sqlite3_reset(stmt);
	return err == SQLITE_DONE ? SQLITE_OK : err;
}

static int remove_stored(struct sink *s, enum row_table_id id,
			 const struct cdr *cdr)
{
	int err = 0;

	row_begin(&s->rows.row);
	row_text(&s->rows.row, slice_str(cdr->uid));
	err = run(s->stmt[id].remove, &s->rows.row);
	if (id != TABLE_CDR)
		return err;
	for (size_t i = 0; i < ROW_ARRAYS && !err; i++)
		err = run(s->stmt[s->rows.array[i].table].remove, &s->rows.row);
	return err ? err : run(s->stmt[TABLE_QUALITY].remove, &s->rows.row);
}

static int insert(struct sink *s, enum row_table_id id, const struct cdr *cdr)
{
	return record_own_row(&s->rows, id, cdr, insert_row, s);
}

static int hold_again(struct sink *s, const struct cdr *cdr)
{
	row_begin(&s->rows.row);
	row_text(&s->rows.row, slice_str(cdr->uid));
	return run(s->hold, &s->rows.row);
}

static int upsert(struct sink *s, enum row_table_id id, const struct cdr *cdr)
{
	bool more, held;
	int err = insert(s, id, cdr);

	if (!err && sqlite3_changes(s->db) == 0) {
		err = compare_stored(s, s->stmt[id].stored, cdr, &more, &held);
		if (err || more)
			return err;
		err = remove_stored(s, id, cdr);
		if (!err)
			err = insert(s, id, cdr);
		if (!err && held)
			err = hold_again(s, cdr);
	}
	if (!err && id == TABLE_CDR)
		err = record_child_rows(&s->rows, cdr, insert_row, s);
	return err;
}

/* --- sensors -------------------------------------------------------------- */

static int flush_sensor(struct sink *s)
{
	int err;

	if (!s->sensor_name)
		return 0;
	row_begin(&s->rows.row);
	row_text(&s->rows.row, slice_str(s->sensor_name));
	row_time(&s->rows.row, s->first_ns);
	row_time(&s->rows.row, s->last_ns);
	err = run(s->sensor, &s->rows.row);
	free(s->sensor_name);
	s->sensor_name = NULL;
	return err;
}

/* Collects what the sensor's row will say at the end of the batch. */
static int note_sensor(struct sink *s, const struct cdr *cdr)
{
	uint64_t first = ulid_ms(cdr->uid) * 1000000;
	int err = 0;

	if (!cdr->sensor.p)
		return 0;
	if (s->sensor_name && !slice_eq(slice_str(s->sensor_name), cdr->sensor))
		err = flush_sensor(s);
	if (!s->sensor_name) {
		s->sensor_name =
			strndup((const char *)cdr->sensor.p, cdr->sensor.len);
		s->first_ns = first;
		s->last_ns = cdr->last_packet;
	}
	if (first < s->first_ns)
		s->first_ns = first;
	if (cdr->last_packet > s->last_ns)
		s->last_ns = cdr->last_packet;
	return err || s->sensor_name ? err : SQLITE_NOMEM;
}

/* --- the sink ------------------------------------------------------------- */

static int end_batch(struct sink *s, const char *sql)
{
	s->open_batch = false;
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL);
}

/* Only what SQLite says of a statement may be a record's fault. */
static int blame(int err)
{
	return err == -EIO ? -EIO : -EAGAIN;
}

/* The whole batch goes: a store holds all of it or nothing. */
static int give_up(struct sink *s, char why[SINK_WHY])
{
	int err = blame(fail(s, why));

	if (!sqlite3_get_autocommit(s->db))
		end_batch(s, "ROLLBACK");
	free(s->sensor_name);
	s->sensor_name = NULL;
	s->open_batch = false;
	return err;
}

static int sqlite_put(struct sink *s, const struct cdr *cdr, char why[SINK_WHY])
{
	enum row_table_id id = row_table_of(cdr->kind);
	int err = 0;

	if (id == TABLES)
		return 0;
	if (!s->open_batch)
		err = sqlite3_exec(s->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	if (err)
		return give_up(s, why);
	s->open_batch = true;
	err = upsert(s, id, cdr);
	if (!err)
		err = note_sensor(s, cdr);
	return err ? give_up(s, why) : 0;
}

static int sqlite_flush(struct sink *s, char why[SINK_WHY])
{
	int err;

	if (!s->open_batch)
		return 0;
	err = flush_sensor(s);
	if (!err)
		err = end_batch(s, "COMMIT");
	return err ? give_up(s, why) : 0;
}

static void sink_free(struct sink *s)
{
	for (size_t i = 0; i < TABLES; i++) {
		sqlite3_finalize(s->stmt[i].insert);
		sqlite3_finalize(s->stmt[i].stored);
		sqlite3_finalize(s->stmt[i].remove);
	}
	sqlite3_finalize(s->sensor);
	sqlite3_finalize(s->hold);
	sqlite3_close(s->db);
	record_rows_free(&s->rows);
	free(s->sensor_name);
	free(s->path);
	free(s);
}

static int sqlite_open(struct sink **out, const struct sink_config *cfg,
		       char why[SINK_WHY])
{
	struct sink *s = calloc(1, sizeof(*s));
	int err = -ENOMEM;

	snprintf(why, SINK_WHY, "no memory for the database");
	if (!s)
		return err;
	s->cfg = *cfg;
	s->path = strdup(cfg->path);
	if (!s->path)
		goto fail;
	record_rows_init(&s->rows);
	err = sqlite_db_open(&s->db, s->path, why);
	if (err)
		goto fail;
	/* The queue forgets what is committed: a power cut must not. */
	if ((s->cfg.live && sqlite3_exec(s->db, "PRAGMA synchronous = FULL",
					 NULL, NULL, NULL)) ||
	    prepare_all(s)) {
		err = fail(s, why);
		goto fail;
	}
	*out = s;
	return 0;
fail:
	sink_free(s);
	return err;
}

static int sqlite_close(struct sink *s, char why[SINK_WHY])
{
	int err;

	if (!s)
		return 0;
	err = sqlite_flush(s, why);
	sink_free(s);
	return err;
}

static int sqlite_sink_expire(struct sink *s, const struct sink_age *age,
			      struct sink_expired *out, char why[SINK_WHY])
{
	*out = (struct sink_expired){0};
	if (age->before_ms &&
	    sqlite_expire(s->db, s->rows.table, age->before_ms, out))
		return blame(fail(s, why));
	retention_say(&s->cfg, "sqlite", age, out);
	return 0;
}

const struct sink_ops sqlite_sink = {
	.name = "sqlite",
	.open = sqlite_open,
	.put = sqlite_put,
	.flush = sqlite_flush,
	.close = sqlite_close,
	.expire = sqlite_sink_expire,
};
