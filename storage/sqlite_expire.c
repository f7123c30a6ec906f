#include "storage/sqlite_expire.h"

#include <stdio.h>

#include "sniffer/base/ulid.h"

#define SLICE_RECORDS "2000"
#define YEAR_2000_MS  946684800000ull

/* uids from low on, below high. */
struct range {
	char low[ULID_SIZE], high[ULID_SIZE];
};

static int run_range(sqlite3 *db, const char *sql, const struct range *r)
{
	sqlite3_stmt *stmt;
	int err = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);

	if (err)
		return err;
	sqlite3_bind_text(stmt, 1, r->low, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, r->high, -1, SQLITE_STATIC);
	err = sqlite3_step(stmt);
	sqlite3_finalize(stmt);
	return err == SQLITE_DONE ? SQLITE_OK : err;
}

/* Shortens r to the next slice; the end of the last one stays. */
static int next_slice(sqlite3 *db, const char *table, struct range *r)
{
	char sql[160];
	sqlite3_stmt *stmt;
	int err;

	snprintf(sql, sizeof(sql),
		 "SELECT uid FROM %s WHERE uid >= ?1 AND uid < ?2"
		 " ORDER BY uid LIMIT 1 OFFSET " SLICE_RECORDS,
		 table);
	err = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
	if (err)
		return err;
	sqlite3_bind_text(stmt, 1, r->low, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, r->high, -1, SQLITE_STATIC);
	err = sqlite3_step(stmt);
	if (err == SQLITE_ROW) {
		snprintf(r->high, sizeof(r->high), "%s",
			 (const char *)sqlite3_column_text(stmt, 0));
		err = SQLITE_DONE;
	}
	sqlite3_finalize(stmt);
	return err == SQLITE_DONE ? SQLITE_OK : err;
}

static bool is_child(size_t id)
{
	return id != TABLE_CDR && id != TABLE_REGISTRATION &&
	       id != TABLE_TRANSACTION;
}

/* The rows of calls that are not held. */
static int delete_children(sqlite3 *db, const struct row_table t[TABLES],
			   const struct range *r)
{
	char sql[256];
	int err = 0;

	for (size_t i = 0; i < TABLES && !err; i++) {
		if (!is_child(i))
			continue;
		snprintf(sql, sizeof(sql),
			 "DELETE FROM %s WHERE uid >= ?1 AND uid < ?2 AND"
			 " uid NOT IN (SELECT uid FROM cdr WHERE held = 1"
			 " AND uid >= ?1 AND uid < ?2)",
			 t[i].name);
		err = run_range(db, sql, r);
	}
	return err;
}

static int delete_slice(sqlite3 *db, const struct row_table t[TABLES],
			size_t id, const struct range *r, uint64_t *gone)
{
	char sql[128];
	int err = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	uint64_t n = 0;

	if (err)
		return err;
	if (id == TABLE_CDR)
		err = delete_children(db, t, r);
	snprintf(sql, sizeof(sql),
		 "DELETE FROM %s WHERE uid >= ?1 AND uid < ?2%s", t[id].name,
		 id == TABLE_CDR ? " AND held <> 1" : "");
	if (!err)
		err = run_range(db, sql, r);
	if (!err)
		n = (uint64_t)sqlite3_changes(db);
	if (!err)
		err = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	if (err && !sqlite3_get_autocommit(db))
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	if (!err)
		*gone += n;
	return err;
}

static int expire_table(sqlite3 *db, const struct row_table t[TABLES],
			size_t id, const struct range *all, uint64_t *gone)
{
	struct range r = *all;
	int err = 0;

	while (!err && strcmp(r.low, all->high) < 0) {
		memcpy(r.high, all->high, sizeof(r.high));
		err = next_slice(db, t[id].name, &r);
		if (!err)
			err = delete_slice(db, t, id, &r, gone);
		memcpy(r.low, r.high, sizeof(r.low));
	}
	return err;
}

static int count_held(sqlite3 *db, const struct range *all, uint64_t *out)
{
	sqlite3_stmt *stmt;
	int err = sqlite3_prepare_v2(db,
				     "SELECT count(*) FROM cdr WHERE held = 1"
				     " AND uid >= ?1 AND uid < ?2",
				     -1, &stmt, NULL);

	if (err)
		return err;
	sqlite3_bind_text(stmt, 1, all->low, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, all->high, -1, SQLITE_STATIC);
	err = sqlite3_step(stmt);
	if (err == SQLITE_ROW)
		*out = (uint64_t)sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return err == SQLITE_ROW ? SQLITE_OK : err;
}

int sqlite_expire(sqlite3 *db, const struct row_table t[TABLES],
		  uint64_t before_ms, struct sink_expired *out)
{
	struct range all;
	int err = 0;

	if (before_ms <= YEAR_2000_MS)
		return 0;
	ulid_first(all.low, YEAR_2000_MS);
	ulid_first(all.high, before_ms);
	for (size_t i = 0; i < TABLES && !err; i++)
		if (!is_child(i))
			err = expire_table(db, t, i, &all, &out->records);
	return err ? err : count_held(db, &all, &out->held);
}
