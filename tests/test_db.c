/*
 * Reading from a store: typed cells, parameters, and what is refused.
 */
#include <check.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "storage/db.h"
#include "storage/sink.h"
#include "tests/made_cdr.h"
#include "tests/run_suite.h"

static char dir[] = "/tmp/callscope-db-XXXXXX";
static char path[64], url[80], why[DB_WHY];
static struct db *db;
static struct db_rows *rows;

static void store(struct cdr *cdr)
{
	struct sink_config cfg = {.path = path};
	struct sink *sink;

	ck_assert_int_eq(sqlite_sink.open(&sink, &cfg, why), 0);
	ck_assert_int_eq(sqlite_sink.put(sink, cdr, why), 0);
	ck_assert_int_eq(sqlite_sink.close(sink, why), 0);
	cdr_free(cdr);
}

static int open_url(const char *name)
{
	struct db_config cfg = {.url = name};

	return db_open(&db, &cfg, why);
}

static void setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/callscope.db", dir);
	snprintf(url, sizeof(url), "sqlite:%s", path);
	store(made_call());
	ck_assert_msg(!open_url(url), "%s", why);
}

static void teardown(void)
{
	char other[80];

	db_rows_close(rows);
	db_close(db);
	rows = NULL;
	db = NULL;
	unlink(path);
	snprintf(other, sizeof(other), "%s-wal", path);
	unlink(other);
	snprintf(other, sizeof(other), "%s-shm", path);
	unlink(other);
	ck_assert_int_eq(rmdir(dir), 0);
	snprintf(dir, sizeof(dir), "/tmp/callscope-db-XXXXXX");
}

static void query(const char *sql, const struct db_value *v, size_t n)
{
	int err = db_query(db, sql, v, n, &rows, why);

	ck_assert_msg(!err, "%s", why);
}

static void sql(const char *text)
{
	sqlite3 *raw;

	ck_assert_int_eq(sqlite3_open(path, &raw), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(raw, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(raw);
}

START_TEST(cells_have_types)
{
	static const char text[] = "SELECT 7, 1.5, 'sip', x'00ff', NULL";
	struct db_value v;

	query(text, NULL, 0);
	ck_assert_int_eq(db_columns(rows), 5);
	ck_assert_int_eq(db_next(rows, why), 1);
	v = db_cell(rows, 0);
	ck_assert_int_eq(v.type, DB_INT);
	ck_assert_int_eq(v.i, 7);
	v = db_cell(rows, 1);
	ck_assert_int_eq(v.type, DB_REAL);
	ck_assert_double_eq(v.r, 1.5);
	v = db_cell(rows, 2);
	ck_assert_int_eq(v.type, DB_TEXT);
	ck_assert(slice_eq(v.s, SLICE("sip")));
	v = db_cell(rows, 3);
	ck_assert_int_eq(v.type, DB_BLOB);
	ck_assert_mem_eq(v.s.p, "\0\xff", 2);
	ck_assert_int_eq(db_cell(rows, 4).type, DB_NULL);
	ck_assert_int_eq(db_next(rows, why), 0);
}
END_TEST

START_TEST(parameters_are_bound)
{
	const struct db_value v[] = {db_int(7), db_real(1.5),
				     db_text(SLICE("a'b")), db_null(),
				     db_time(MADE_NS)};

	query("SELECT ?, ?, ?, ?, ? AS stamp", v, 5);
	ck_assert_str_eq(db_column_name(rows, 4), "stamp");
	ck_assert_int_eq(db_next(rows, why), 1);
	ck_assert_int_eq(db_cell(rows, 0).i, 7);
	ck_assert_double_eq(db_cell(rows, 1).r, 1.5);
	ck_assert(slice_eq(db_cell(rows, 2).s, SLICE("a'b")));
	ck_assert_int_eq(db_cell(rows, 3).type, DB_NULL);
	ck_assert(slice_eq(db_cell(rows, 4).s,
			   SLICE("2026-11-23T01:02:03.456789Z")));
}
END_TEST

START_TEST(no_rows)
{
	query("SELECT uid FROM cdr WHERE uid = 'none'", NULL, 0);
	ck_assert_int_eq(db_next(rows, why), 0);
}
END_TEST

START_TEST(bad_sql_names_the_database)
{
	ck_assert_int_eq(db_query(db, "SELECT nothing", NULL, 0, &rows, why),
			 -EIO);
	ck_assert_ptr_nonnull(strstr(why, path));
}
END_TEST

START_TEST(nothing_is_written)
{
	query("DELETE FROM cdr", NULL, 0);
	ck_assert_int_lt(db_next(rows, why), 0);
}
END_TEST

static void refuses(const char *name, int err, const char *text)
{
	db_close(db);
	db = NULL;
	ck_assert_int_eq(open_url(name), err);
	ck_assert_msg(strstr(why, text) != NULL, "%s", why);
}

START_TEST(refuses_what_is_not_there)
{
	refuses("sqlite:/nowhere/callscope.db", -ENOENT, "no database");
	ck_assert_int_ne(access("/nowhere/callscope.db", F_OK), 0);
	refuses("oracle:x", -EINVAL, "sqlite:PATH");
}
END_TEST

START_TEST(refuses_other_schemas)
{
	sql("UPDATE schema_version SET version = version + 100");
	refuses(url, -EINVAL, "newer callscope");
	sql("DELETE FROM schema_version WHERE version > 101;"
	    "UPDATE schema_version SET version = 1");
	refuses(url, -EINVAL, "callscope migrate");
	sql("DROP TABLE schema_version");
	refuses(url, -EINVAL, "no database of callscope's");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("db");
	TCase *t = tcase_create("db");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, cells_have_types);
	tcase_add_test(t, parameters_are_bound);
	tcase_add_test(t, no_rows);
	tcase_add_test(t, bad_sql_names_the_database);
	tcase_add_test(t, nothing_is_written);
	tcase_add_test(t, refuses_what_is_not_there);
	tcase_add_test(t, refuses_other_schemas);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
