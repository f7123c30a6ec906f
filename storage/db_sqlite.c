#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "storage/db.h"
#include "storage/outbuf.h"
#include "storage/sql_files.h"

#define SCHEME	"sqlite:"
#define BUSY_MS 5000
#define STEPS	2000 /* of its machine, some 0.1 ms, between looks at the clock \
		      */

struct store {
	struct db db;
	sqlite3 *sqlite;
	char *path;
	uint64_t until_ns;
};

struct result {
	struct db_rows rows;
	struct store *store;
	sqlite3_stmt *stmt;
};

static struct store *store_of(struct db *db)
{
	return (struct store *)db;
}

static const struct result *result_of(const struct db_rows *r)
{
	return (const struct result *)r;
}

static const struct {
	int code, err;
	const char *why; /* NULL: as SQLite says it */
} reasons[] = {
	{SQLITE_BUSY, -EBUSY, "is locked by another process; try again"},
	{SQLITE_LOCKED, -EBUSY, "is locked by another process; try again"},
	{SQLITE_INTERRUPT, -ETIME, "took longer than it may"},
	{SQLITE_NOTADB, -EINVAL, "is no SQLite database"},
	{SQLITE_CORRUPT, -EINVAL, "is damaged"},
	{SQLITE_NOMEM, -ENOMEM, "cannot be read: out of memory"},
	{SQLITE_CANTOPEN, -EACCES,
	 "cannot be opened: it and its folder must be accessible to this user"},
};

static int fail(const struct store *s, int code, char why[DB_WHY])
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].code != (code & 0xff))
			continue;
		snprintf(why, DB_WHY, "the database %.300s %s", s->path,
			 reasons[i].why);
		return reasons[i].err;
	}
	snprintf(why, DB_WHY, "the database %.300s: %.150s", s->path,
		 s->sqlite ? sqlite3_errmsg(s->sqlite) : sqlite3_errstr(code));
	return -EIO;
}

static void store_close(struct db *db)
{
	struct store *s = store_of(db);

	sqlite3_close(s->sqlite);
	free(s->path);
	free(s);
}

/* --- time ----------------------------------------------------------------- */

static int is_late(void *arg)
{
	const struct store *s = arg;
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec >=
	       s->until_ns;
}

static void store_until(struct db *db, uint64_t ns)
{
	struct store *s = store_of(db);

	s->until_ns = ns;
	sqlite3_progress_handler(s->sqlite, ns ? STEPS : 0, ns ? is_late : NULL,
				 s);
}

/* --- rows ----------------------------------------------------------------- */

static void result_close(struct db_rows *r)
{
	struct result *res = (struct result *)r;

	sqlite3_finalize(res->stmt);
	free(res);
}

static int bind_time(sqlite3_stmt *stmt, int at, uint64_t ns)
{
	struct outbuf b = {0};
	int err = SQLITE_NOMEM;

	outbuf_time(&b, ns);
	if (!b.failed)
		err = sqlite3_bind_text(stmt, at, b.p, (int)b.len,
					SQLITE_TRANSIENT);
	outbuf_free(&b);
	return err;
}

static int bind(sqlite3_stmt *stmt, int at, const struct db_value *v)
{
	const char *p = v->s.p ? (const char *)v->s.p : "";

	switch (v->type) {
	case DB_NULL:
		return sqlite3_bind_null(stmt, at);
	case DB_INT:
		return sqlite3_bind_int64(stmt, at, v->i);
	case DB_REAL:
		return sqlite3_bind_double(stmt, at, v->r);
	case DB_TEXT:
		return sqlite3_bind_text(stmt, at, p, (int)v->s.len,
					 SQLITE_TRANSIENT);
	case DB_BLOB:
		return sqlite3_bind_blob(stmt, at, p, (int)v->s.len,
					 SQLITE_TRANSIENT);
	case DB_TIME:
		return bind_time(stmt, at, v->ns);
	}
	return SQLITE_MISUSE;
}

static int store_query(struct db *db, const char *sql, const struct db_value *v,
		       size_t n, struct db_rows **out, char why[DB_WHY])
{
	struct store *s = store_of(db);
	struct result *res = calloc(1, sizeof(*res));
	int code = SQLITE_NOMEM;

	if (!res)
		return fail(s, code, why);
	res->rows.ops = &db_sqlite;
	res->store = s;
	code = sqlite3_prepare_v2(s->sqlite, sql, -1, &res->stmt, NULL);
	for (size_t i = 0; i < n && !code; i++)
		code = bind(res->stmt, (int)i + 1, &v[i]);
	if (code) {
		code = fail(s, code, why);
		result_close(&res->rows);
		return code;
	}
	*out = &res->rows;
	return 0;
}

static int result_next(struct db_rows *r, char why[DB_WHY])
{
	const struct result *res = result_of(r);
	int code = sqlite3_step(res->stmt);

	if (code == SQLITE_ROW)
		return 1;
	return code == SQLITE_DONE ? 0 : fail(res->store, code, why);
}

static size_t result_columns(const struct db_rows *r)
{
	return (size_t)sqlite3_column_count(result_of(r)->stmt);
}

static const char *result_name(const struct db_rows *r, size_t column)
{
	const char *name = sqlite3_column_name(result_of(r)->stmt, (int)column);

	return name ? name : "";
}

static struct db_value result_cell(const struct db_rows *r, size_t column)
{
	sqlite3_stmt *stmt = result_of(r)->stmt;
	int at = (int)column;
	const void *p;

	switch (sqlite3_column_type(stmt, at)) {
	case SQLITE_INTEGER:
		return db_int(sqlite3_column_int64(stmt, at));
	case SQLITE_FLOAT:
		return db_real(sqlite3_column_double(stmt, at));
	case SQLITE_TEXT:
		p = sqlite3_column_text(stmt, at);
		return db_text(
			slice_of(p, (size_t)sqlite3_column_bytes(stmt, at)));
	case SQLITE_BLOB:
		p = sqlite3_column_blob(stmt, at);
		return (struct db_value){
			.type = DB_BLOB,
			.s = slice_of(p,
				      (size_t)sqlite3_column_bytes(stmt, at))};
	default:
		return db_null();
	}
}

/* --- opening -------------------------------------------------------------- */

static int newest_version(void)
{
	int newest = 0;

	for (const struct sql_file *f = sql_sqlite_files; f->name; f++)
		newest = atoi(f->name);
	return newest;
}

/* *have: 0 when it is the database of something else. */
static int read_version(struct store *s, int *have, char why[DB_WHY])
{
	static const char sql[] = "SELECT max(version) FROM schema_version";
	sqlite3_stmt *stmt = NULL;
	int code = sqlite3_prepare_v2(s->sqlite, sql, -1, &stmt, NULL);

	*have = 0;
	if (code == SQLITE_ERROR) /* no such table */
		return 0;
	if (!code)
		code = sqlite3_step(stmt);
	if (code == SQLITE_ROW)
		*have = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	return code == SQLITE_ROW ? 0 : fail(s, code, why);
}

static int check_version(struct store *s, char why[DB_WHY])
{
	int have, newest = newest_version();
	int err = read_version(s, &have, why);

	if (err)
		return err;
	if (have == newest)
		return 0;
	if (!have)
		snprintf(why, DB_WHY,
			 "%.300s is no database of callscope's; name another",
			 s->path);
	else
		snprintf(why, DB_WHY,
			 "the schema of the database %.300s is version %d, "
			 "this program's %d: %s",
			 s->path, have, newest,
			 have > newest ? "use the newer callscope"
				       : "callscope migrate brings it up to "
					 "date");
	return -EINVAL;
}

static int open_path(struct store *s, char why[DB_WHY])
{
	int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
	int code;

	if (access(s->path, F_OK)) {
		int err = -errno;

		snprintf(why, DB_WHY,
			 "there is no database %.300s: %.100s (name another "
			 "with --db, or its folder with -o)",
			 s->path, strerror(-err));
		return err;
	}
	code = sqlite3_open_v2(s->path, &s->sqlite, flags, NULL);
	if (code)
		return fail(s, code, why);
	sqlite3_busy_timeout(s->sqlite, BUSY_MS);
	return check_version(s, why);
}

static int store_open(struct db **out, const struct db_config *cfg,
		      char why[DB_WHY])
{
	struct store *s = calloc(1, sizeof(*s));
	int err;

	if (s)
		s->path = strdup(cfg->url + strlen(SCHEME));
	if (!s || !s->path) {
		free(s);
		snprintf(why, DB_WHY, "out of memory");
		return -ENOMEM;
	}
	s->db.ops = &db_sqlite;
	err = open_path(s, why);
	if (err) {
		store_close(&s->db);
		return err;
	}
	*out = &s->db;
	return 0;
}

const struct db_ops db_sqlite = {
	.scheme = SCHEME,
	.guesses = true,
	.lookups = 4000,
	.open = store_open,
	.close = store_close,
	.until = store_until,
	.query = store_query,
	.next = result_next,
	.columns = result_columns,
	.name = result_name,
	.cell = result_cell,
	.rows_close = result_close,
};
