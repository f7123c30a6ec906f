#include "storage/sqlite_db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BUSY_MS 2000

/* Another process may read meanwhile (WAL). A commit survives this process;
 * one that the power takes may be missing, never half there. */
static const char pragmas[] = "PRAGMA journal_mode = WAL;"
			      "PRAGMA synchronous = NORMAL;"
			      "PRAGMA temp_store = MEMORY;"
			      "PRAGMA cache_size = -16384;";

static const struct {
	int code, err;
	const char *why; /* NULL: as SQLite says it */
} reasons[] = {
	{SQLITE_BUSY, -EAGAIN, "is locked by another process"},
	{SQLITE_LOCKED, -EAGAIN, "is locked by another process"},
	{SQLITE_READONLY, -EROFS, "cannot be written: it is read-only"},
	{SQLITE_FULL, -EAGAIN, "cannot be written: the disk is full"},
	{SQLITE_IOERR, -EAGAIN, "cannot be written: the disk fails"},
	{SQLITE_NOTADB, -EINVAL, "is no SQLite database"},
	{SQLITE_CORRUPT, -EINVAL, "is damaged"},
	{SQLITE_NOMEM, -ENOMEM, "cannot be written: out of memory"},
	{SQLITE_CANTOPEN, -EACCES,
	 "cannot be opened: its folder must exist and be writable"},
};

int sqlite_db_why(sqlite3 *db, const char *path, char why[SINK_WHY])
{
	int code = db ? sqlite3_errcode(db) & 0xff : SQLITE_OK;

	if (code == SQLITE_OK)
		code = SQLITE_NOMEM; /* ours: SQLite has no complaint */

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].code != code)
			continue;
		snprintf(why, SINK_WHY, "the database %.300s %s", path,
			 reasons[i].why);
		return reasons[i].err;
	}
	snprintf(why, SINK_WHY, "the database %.300s: %.100s", path,
		 sqlite3_errmsg(db));
	return -EIO;
}

/* The first number of the first row; none = -1. */
static int query_int(sqlite3 *db, const char *sql, int *out)
{
	sqlite3_stmt *stmt;
	int err = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);

	if (err)
		return err;
	err = sqlite3_step(stmt);
	*out = err == SQLITE_ROW ? sqlite3_column_int(stmt, 0) : -1;
	sqlite3_finalize(stmt);
	return err == SQLITE_ROW || err == SQLITE_DONE ? SQLITE_OK : err;
}

/* One file and its row in schema_version; the caller's transaction. */
static int apply(sqlite3 *db, const struct sql_file *f)
{
	char *row = sqlite3_mprintf("INSERT INTO schema_version (version, name)"
				    " VALUES (%d, %Q)",
				    schema_version_of(f), f->name);
	int err = row ? sqlite3_exec(db, f->text, NULL, NULL, NULL)
		      : SQLITE_NOMEM;

	if (!err)
		err = sqlite3_exec(db, row, NULL, NULL, NULL);
	sqlite3_free(row);
	return err;
}

/* *have as schema_judge() takes it. */
static int read_version(sqlite3 *db, int *have)
{
	int tables, versions;
	int err = query_int(db, "SELECT count(*) FROM sqlite_master", &tables);

	if (!err)
		err = query_int(db,
				"SELECT count(*) FROM sqlite_master"
				" WHERE name = 'schema_version'",
				&versions);
	if (err)
		return err;
	if (versions)
		return query_int(db, "SELECT max(version) FROM schema_version",
				 have);
	*have = tables ? SCHEMA_OTHER : SCHEMA_EMPTY;
	return 0;
}

/* What is pending, with the caller's transaction open. */
static int apply_pending(sqlite3 *db, schema_step_fn *step, void *arg)
{
	int have, err = read_version(db, &have);

	for (const struct sql_file *f = sql_sqlite_files; f->name && !err;
	     f++) {
		struct schema_step s = {.file = f};
		uint64_t begin = schema_clock_ms();

		if (schema_version_of(f) <= have)
			continue;
		err = apply(db, f);
		s.took_ms = schema_clock_ms() - begin;
		if (!err && step)
			step(arg, &s);
	}
	return err;
}

int sqlite_db_migrate(sqlite3 *db, const char *path, schema_step_fn *step,
		      void *arg, char why[SINK_WHY])
{
	int err = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);

	if (!err)
		err = apply_pending(db, step, arg);
	if (!err)
		err = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	if (!err)
		return 0;
	err = sqlite_db_why(db, path, why);
	if (!sqlite3_get_autocommit(db))
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return err;
}

int sqlite_db_version(sqlite3 *db, const char *path, int *have,
		      char why[SINK_WHY])
{
	return read_version(db, have) ? sqlite_db_why(db, path, why) : 0;
}

/* SQLite would let everybody read it. What cannot be made here, SQLite
 * complains of. */
static void make_private(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);

	if (fd >= 0)
		close(fd);
}

int sqlite_db_connect(sqlite3 **out, const char *path, bool create,
		      char why[SINK_WHY])
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
	sqlite3 *db = NULL;
	int err = 0;

	if (create) {
		make_private(path);
		flags |= SQLITE_OPEN_CREATE;
	}
	if (sqlite3_open_v2(path, &db, flags, NULL)) {
		err = sqlite_db_why(db, path, why);
		sqlite3_close(db);
		return err;
	}
	sqlite3_busy_timeout(db, BUSY_MS);
	*out = db;
	return 0;
}

int sqlite_db_open(sqlite3 **out, const char *path, char why[SINK_WHY])
{
	sqlite3 *db = NULL;
	int have = 0, err = sqlite_db_connect(&db, path, true, why);

	if (err)
		return err;
	/* Looks before anything is written. */
	err = sqlite_db_version(db, path, &have, why);
	if (!err)
		err = schema_judge(sql_sqlite_files, path, have, why);
	if (!err && sqlite3_exec(db, pragmas, NULL, NULL, NULL))
		err = sqlite_db_why(db, path, why);
	if (!err && have == SCHEMA_EMPTY)
		err = sqlite_db_migrate(db, path, NULL, NULL, why);
	if (err)
		sqlite3_close(db);
	else
		*out = db;
	return err;
}
