#include "storage/feed_state.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "sniffer/base/ulid.h"

#define APPLICATION "1128746596" /* "CSfd": application_id */
#define BUSY_MS	    1000

enum statement {
	LOAD,
	SAVE,
	FIND,
	PUT,
	FORGET,
	CLOSING,
	WAITING,
	CLOSED,
	STATEMENTS,
};

static const char *const sql[STATEMENTS] = {
	[LOAD] = "SELECT next_seq, file, hour, lines, bytes, corrections,"
		 " billable_us, last_us, forgot_ms, previous, previous_sha"
		 " FROM feed",
	[SAVE] = "UPDATE feed SET next_seq = ?1, file = ?2, hour = ?3,"
		 " lines = ?4, bytes = ?5, corrections = ?6, billable_us = ?7,"
		 " last_us = ?8, forgot_ms = ?9, previous = ?10,"
		 " previous_sha = ?11",
	[FIND] = "SELECT seq, digest, last_us, packets FROM line"
		 " WHERE uid = ?1",
	[PUT] = "INSERT OR REPLACE INTO line (uid, seq, digest, last_us,"
		" packets) VALUES (?1, ?2, ?3, ?4, ?5)",
	[FORGET] = "DELETE FROM line WHERE uid < ?1",
	[CLOSING] = "INSERT INTO closing (file, name, manifest)"
		    " VALUES (?1, ?2, ?3)",
	[WAITING] = "SELECT file, name, manifest FROM closing ORDER BY file"
		    " LIMIT 1",
	[CLOSED] = "DELETE FROM closing WHERE file = ?1",
};

static const char schema[] =
	"BEGIN;"
	"CREATE TABLE feed (next_seq INTEGER, file INTEGER, hour INTEGER,"
	" lines INTEGER, bytes INTEGER, corrections INTEGER,"
	" billable_us INTEGER, last_us INTEGER, forgot_ms INTEGER,"
	" previous TEXT, previous_sha TEXT);"
	"INSERT INTO feed VALUES (1, 1, 0, 0, 0, 0, 0, 0, 0, '', '');"
	"CREATE TABLE line (uid TEXT NOT NULL PRIMARY KEY, seq INTEGER,"
	" digest BLOB, last_us INTEGER, packets INTEGER) WITHOUT ROWID;"
	"CREATE TABLE closing (file INTEGER NOT NULL PRIMARY KEY, name TEXT,"
	" manifest TEXT);"
	"PRAGMA user_version = 1;"
	"PRAGMA application_id = " APPLICATION ";"
	"COMMIT;";

struct feed_state {
	sqlite3 *db;
	sqlite3_stmt *stmt[STATEMENTS];
	char *path;
};

static int fail(const struct feed_state *st, char why[SINK_WHY])
{
	int code = st->db ? sqlite3_errcode(st->db) & 0xff : SQLITE_NOMEM;

	if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
		snprintf(why, SINK_WHY,
			 "the feed's %.300s is in use: one callscope at a time "
			 "may write to a feed",
			 st->path);
	else
		snprintf(why, SINK_WHY, "the feed's %.300s: %.100s", st->path,
			 sqlite3_errstr(code));
	return -EAGAIN;
}

/* Runs one that gives no row. */
static int run(struct feed_state *st, enum statement which, char why[SINK_WHY])
{
	int err = sqlite3_step(st->stmt[which]);
	int reset;

	if (err != SQLITE_DONE)
		fail(st, why);
	reset = sqlite3_reset(st->stmt[which]);
	return err == SQLITE_DONE && !reset ? 0 : -EAGAIN;
}

static void bind(struct feed_state *st, enum statement which, int at,
		 uint64_t v)
{
	sqlite3_bind_int64(st->stmt[which], at, (int64_t)v);
}

static void bind_text(struct feed_state *st, enum statement which, int at,
		      const char *text)
{
	sqlite3_bind_text(st->stmt[which], at, text, -1, SQLITE_TRANSIENT);
}

static uint64_t column(struct feed_state *st, enum statement which, int at)
{
	return (uint64_t)sqlite3_column_int64(st->stmt[which], at);
}

static void column_text(struct feed_state *st, enum statement which, int at,
			char *out, size_t size)
{
	const char *text =
		(const char *)sqlite3_column_text(st->stmt[which], at);

	snprintf(out, size, "%s", text ? text : "");
}

/* --- opening ----------------------------------------------------------------
 */

/* Of the first row of a pragma; -1 = none. */
static int64_t pragma(struct feed_state *st, const char *text)
{
	sqlite3_stmt *stmt = NULL;
	int64_t v = -1;

	if (!sqlite3_prepare_v2(st->db, text, -1, &stmt, NULL) &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		v = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return v;
}

/* A commit is on the disk when it returns: a line must not be numbered
 * twice, also when the power fails. */
static int prepare(struct feed_state *st, char why[SINK_WHY])
{
	static const char pragmas[] = "PRAGMA locking_mode = EXCLUSIVE;"
				      "PRAGMA journal_mode = WAL;"
				      "PRAGMA synchronous = FULL;";
	bool empty;

	sqlite3_busy_timeout(st->db, BUSY_MS);
	if (sqlite3_exec(st->db, pragmas, NULL, NULL, NULL))
		return fail(st, why);
	empty = pragma(st, "SELECT count(*) FROM sqlite_master") == 0;
	if (empty && sqlite3_exec(st->db, schema, NULL, NULL, NULL))
		return fail(st, why);
	if (pragma(st, "PRAGMA application_id") != atoll(APPLICATION) ||
	    pragma(st, "PRAGMA user_version") != 1) {
		snprintf(why, SINK_WHY,
			 "%.300s is not the state of a feed that this program "
			 "knows: name another folder",
			 st->path);
		return -EINVAL;
	}
	for (int i = 0; i < STATEMENTS; i++)
		if (sqlite3_prepare_v3(st->db, sql[i], -1,
				       SQLITE_PREPARE_PERSISTENT, &st->stmt[i],
				       NULL))
			return fail(st, why);
	return 0;
}

static int load(struct feed_state *st, struct feed_numbers *n,
		char why[SINK_WHY])
{
	if (sqlite3_step(st->stmt[LOAD]) != SQLITE_ROW) {
		sqlite3_reset(st->stmt[LOAD]);
		return fail(st, why);
	}
	n->next_seq = column(st, LOAD, 0);
	n->file = column(st, LOAD, 1);
	n->hour = column(st, LOAD, 2);
	n->lines = column(st, LOAD, 3);
	n->bytes = column(st, LOAD, 4);
	n->corrections = column(st, LOAD, 5);
	n->billable_us = (int64_t)column(st, LOAD, 6);
	n->last_us = column(st, LOAD, 7);
	n->forgot_ms = column(st, LOAD, 8);
	column_text(st, LOAD, 9, n->previous, sizeof(n->previous));
	column_text(st, LOAD, 10, n->previous_sha, sizeof(n->previous_sha));
	sqlite3_reset(st->stmt[LOAD]);
	return 0;
}

int feed_state_open(struct feed_state **out, const char *dir,
		    struct feed_numbers *numbers, char why[SINK_WHY])
{
	struct feed_state *st = calloc(1, sizeof(*st));
	int err = -ENOMEM;

	snprintf(why, SINK_WHY, "no memory for the feed");
	if (!st)
		return err;
	if (asprintf(&st->path, "%s/feed.db", dir) < 0) {
		st->path = NULL;
		goto out;
	}
	if (sqlite3_open(st->path, &st->db)) {
		err = fail(st, why);
		goto out;
	}
	err = prepare(st, why);
	if (!err)
		err = load(st, numbers, why);
out:
	if (err)
		feed_state_close(st);
	else
		*out = st;
	return err;
}

void feed_state_close(struct feed_state *st)
{
	if (!st)
		return;
	for (int i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(st->stmt[i]);
	sqlite3_close(st->db);
	free(st->path);
	free(st);
}

/* --- batches ----------------------------------------------------------------
 */

int feed_state_begin(struct feed_state *st, char why[SINK_WHY])
{
	if (sqlite3_exec(st->db, "BEGIN IMMEDIATE", NULL, NULL, NULL))
		return fail(st, why);
	return 0;
}

void feed_state_rollback(struct feed_state *st)
{
	if (!sqlite3_get_autocommit(st->db))
		sqlite3_exec(st->db, "ROLLBACK", NULL, NULL, NULL);
}

int feed_state_commit(struct feed_state *st, const struct feed_numbers *n,
		      char why[SINK_WHY])
{
	bind(st, SAVE, 1, n->next_seq);
	bind(st, SAVE, 2, n->file);
	bind(st, SAVE, 3, n->hour);
	bind(st, SAVE, 4, n->lines);
	bind(st, SAVE, 5, n->bytes);
	bind(st, SAVE, 6, n->corrections);
	bind(st, SAVE, 7, (uint64_t)n->billable_us);
	bind(st, SAVE, 8, n->last_us);
	bind(st, SAVE, 9, n->forgot_ms);
	bind_text(st, SAVE, 10, n->previous);
	bind_text(st, SAVE, 11, n->previous_sha);
	if (run(st, SAVE, why))
		return -EAGAIN;
	if (sqlite3_exec(st->db, "COMMIT", NULL, NULL, NULL))
		return fail(st, why);
	return 0;
}

int feed_state_find(struct feed_state *st, const char *uid,
		    struct feed_known *out, char why[SINK_WHY])
{
	sqlite3_stmt *stmt = st->stmt[FIND];
	int err;

	*out = (struct feed_known){.seq = 0};
	bind_text(st, FIND, 1, uid);
	err = sqlite3_step(stmt);
	if (err == SQLITE_ROW) {
		out->seq = column(st, FIND, 0);
		if (sqlite3_column_bytes(stmt, 1) == FEED_DIGEST)
			memcpy(out->digest, sqlite3_column_blob(stmt, 1),
			       FEED_DIGEST);
		out->last_us = column(st, FIND, 2);
		out->packets = column(st, FIND, 3);
		err = SQLITE_DONE;
	}
	if (err != SQLITE_DONE)
		fail(st, why);
	sqlite3_reset(stmt);
	return err == SQLITE_DONE ? 0 : -EAGAIN;
}

int feed_state_put(struct feed_state *st, const char *uid,
		   const struct feed_known *k, char why[SINK_WHY])
{
	bind_text(st, PUT, 1, uid);
	bind(st, PUT, 2, k->seq);
	sqlite3_bind_blob(st->stmt[PUT], 3, k->digest, FEED_DIGEST,
			  SQLITE_TRANSIENT);
	bind(st, PUT, 4, k->last_us);
	bind(st, PUT, 5, k->packets);
	return run(st, PUT, why);
}

/* A uid begins with its time, in ten characters. */
int feed_state_forget(struct feed_state *st, uint64_t before_ms,
		      char why[SINK_WHY])
{
	char uid[ULID_SIZE];

	ulid_make(uid, before_ms * 1000000, NULL, 0);
	uid[10] = '\0';
	bind_text(st, FORGET, 1, uid);
	return run(st, FORGET, why);
}

/* --- files that were closed -------------------------------------------------
 */

int feed_state_closing(struct feed_state *st, const struct feed_closing *c,
		       char why[SINK_WHY])
{
	bind(st, CLOSING, 1, c->file);
	bind_text(st, CLOSING, 2, c->name);
	bind_text(st, CLOSING, 3, c->manifest);
	return run(st, CLOSING, why);
}

int feed_state_waiting(struct feed_state *st, struct feed_closing *c,
		       char why[SINK_WHY])
{
	int err = sqlite3_step(st->stmt[WAITING]);

	c->file = 0;
	if (err == SQLITE_ROW) {
		c->file = column(st, WAITING, 0);
		column_text(st, WAITING, 1, c->name, sizeof(c->name));
		column_text(st, WAITING, 2, c->manifest, sizeof(c->manifest));
		err = SQLITE_DONE;
	}
	if (err != SQLITE_DONE)
		fail(st, why);
	sqlite3_reset(st->stmt[WAITING]);
	return err == SQLITE_DONE ? 0 : -EAGAIN;
}

int feed_state_closed(struct feed_state *st, uint64_t file, char why[SINK_WHY])
{
	bind(st, CLOSED, 1, file);
	return run(st, CLOSED, why);
}
