#include "storage/hold_db.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "storage/sqlite_db.h"

#define SQL_MAX 160

static void sql_update(char sql[SQL_MAX], const char *uid, enum hold_what what)
{
	snprintf(sql, SQL_MAX, "UPDATE cdr SET held = %d WHERE uid = '%.26s'",
		 what == HOLD_SET, uid);
}

static void sql_count(char sql[SQL_MAX], const char *uid)
{
	snprintf(sql, SQL_MAX, "SELECT count(*) FROM cdr WHERE uid = '%.26s'",
		 uid);
}

/* --- SQLite --------------------------------------------------------------- */

static int lite_one(void *arg, int n, char **v, char **name)
{
	(void)n;
	(void)name;
	*(bool *)arg = v[0] && strcmp(v[0], "0") != 0;
	return 0;
}

static int lite_all(sqlite3 *db, const char *const *uid, size_t n,
		    enum hold_what what, bool *found)
{
	int rc = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	char sql[SQL_MAX];

	for (size_t i = 0; i < n && rc == SQLITE_OK; i++) {
		sql_count(sql, uid[i]);
		rc = sqlite3_exec(db, sql, lite_one, &found[i], NULL);
		sql_update(sql, uid[i], what);
		if (rc == SQLITE_OK && what != HOLD_LOOK)
			rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
	}
	return rc == SQLITE_OK ? sqlite3_exec(db, "COMMIT", NULL, NULL, NULL)
			       : rc;
}

static int lite_set(const struct db_url *url, const char *const *uid, size_t n,
		    enum hold_what what, bool *found, char why[SINK_WHY])
{
	sqlite3 *db;
	int err;

	/* Nothing was stored yet: no uid is known. */
	if (access(url->path, F_OK))
		return 0;
	err = sqlite_db_connect(&db, url->path, false, why);
	if (err)
		return err;
	if (lite_all(db, uid, n, what, found) != SQLITE_OK)
		err = sqlite_db_why(db, url->path, why);
	sqlite3_close(db);
	return err;
}

/* --- MySQL ---------------------------------------------------------------- */

#ifdef HAVE_MYSQL
#include "storage/mysql_db.h"

#define DOING "hold calls"

static int mysql_one(struct mysql_db *db, const char *uid, enum hold_what what,
		     bool *found, char why[SINK_WHY])
{
	char sql[SQL_MAX];
	int64_t rows;
	int err;

	sql_count(sql, uid);
	err = mysql_db_number(db, sql, &rows, why);
	if (err)
		return err;
	*found = rows > 0;
	if (what == HOLD_LOOK)
		return 0;
	sql_update(sql, uid, what);
	return mysql_db_run(db, sql, DOING, why);
}

static int mysql_set(const struct db_url *url, const char *password_file,
		     const char *const *uid, size_t n, enum hold_what what,
		     bool *found, char why[SINK_WHY])
{
	struct mysql_db db = {.url = url, .password_file = password_file};
	int err = mysql_db_connect(&db, why);

	if (!err)
		err = mysql_db_run(&db, "START TRANSACTION", DOING, why);
	for (size_t i = 0; i < n && !err; i++)
		err = mysql_one(&db, uid[i], what, &found[i], why);
	if (!err)
		err = mysql_db_run(&db, "COMMIT", DOING, why);
	mysql_db_close(&db);
	return err;
}
#endif

int hold_db_set(const struct db_url *url, const char *password_file,
		const char *const *uid, size_t n, enum hold_what what,
		bool *found, char why[SINK_WHY])
{
	for (size_t i = 0; i < n; i++)
		found[i] = false;
#ifdef HAVE_MYSQL
	if (url->kind == DB_MYSQL)
		return mysql_set(url, password_file, uid, n, what, found, why);
#endif
	(void)password_file;
	return url->kind == DB_SQLITE ? lite_set(url, uid, n, what, found, why)
				      : 0;
}
