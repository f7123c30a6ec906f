#include "storage/mysql_schema.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "storage/mysql_days.h"
#include "storage/sql_split.h"

#define LOCK_S "60"

/* Galera knows no GET_LOCK (1235): two migrations at once then meet in the
 * tables, and one of them fails. */
#define NOT_SUPPORTED 1235

int mysql_schema_version(struct mysql_db *db, int *have, char why[SINK_WHY])
{
	int64_t tables, versions, max = 0;
	int err = mysql_db_number(db,
				  "SELECT COUNT(*) FROM"
				  " information_schema.TABLES"
				  " WHERE TABLE_SCHEMA = DATABASE()",
				  &tables, why);

	if (!err)
		err = mysql_db_number(db,
				      "SELECT COUNT(*) FROM"
				      " information_schema.TABLES"
				      " WHERE TABLE_SCHEMA = DATABASE()"
				      " AND TABLE_NAME = 'schema_version'",
				      &versions, why);
	if (!err && versions)
		err = mysql_db_number(db,
				      "SELECT COALESCE(MAX(version), 0)"
				      " FROM schema_version",
				      &max, why);
	if (!err)
		*have = tables && !versions ? SCHEMA_OTHER : (int)max;
	return err;
}

static int run_file(struct mysql_db *db, const struct sql_file *f,
		    char why[SINK_WHY])
{
	struct slice text = slice_str(f->text), one;
	struct outbuf sql = {0};
	char doing[96];
	int err = 0;

	snprintf(doing, sizeof(doing), "apply %.64s", f->name);
	while (!err && sql_split(&text, &one)) {
		outbuf_put(&sql, one.p, one.len);
		err = mysql_db_run_buf(db, &sql, doing, why);
	}
	outbuf_free(&sql);
	return err;
}

/* Files after have, up to last, were applied: all at once, or none is. */
static int note_versions(struct mysql_db *db, int have, int last,
			 char why[SINK_WHY])
{
	struct outbuf sql = {0};
	const char *before = "INSERT IGNORE INTO schema_version"
			     " (version, name) VALUES (";
	int err;

	for (const struct sql_file *f = sql_mysql_files; f->name; f++) {
		int version = schema_version_of(f);

		if (version <= have || version > last)
			continue;
		outbuf_str(&sql, before);
		outbuf_i64(&sql, version);
		outbuf_char(&sql, ',');
		mysql_db_quote(db, &sql, slice_str(f->name));
		outbuf_char(&sql, ')');
		before = ", (";
	}
	err = mysql_db_run_buf(db, &sql, "note the schema's version", why);
	outbuf_free(&sql);
	return err;
}

/* An empty database gets its versions when all is there: one that was left
 * half made still counts as empty, and the next process goes on with it. */
static int apply_files(struct mysql_db *db, int have, schema_step_fn *step,
		       void *arg, char why[SINK_WHY])
{
	int newest = schema_newest(sql_mysql_files);
	int err = 0;

	for (const struct sql_file *f = sql_mysql_files; f->name && !err; f++) {
		struct schema_step s = {.file = f};
		uint64_t begin = schema_clock_ms();
		int version = schema_version_of(f);

		if (version <= have)
			continue;
		err = run_file(db, f, why);
		if (!err && (have != SCHEMA_EMPTY || version == newest))
			err = note_versions(db, have, version, why);
		s.took_ms = schema_clock_ms() - begin;
		if (!err && step)
			step(arg, &s);
	}
	return err;
}

static int apply_pending(struct mysql_db *db, schema_step_fn *step, void *arg,
			 char why[SINK_WHY])
{
	int have, err = mysql_schema_version(db, &have, why);

	if (!err &&
	    (have == SCHEMA_OTHER || have > schema_newest(sql_mysql_files)))
		err = schema_judge(sql_mysql_files, db->url->database, have,
				   why);
	if (!err)
		err = apply_files(db, have, step, arg, why);
	return err ? err
		   : mysql_days_ahead(db, (uint64_t)time(NULL) * 1000, why);
}

int mysql_schema_apply(struct mysql_db *db, schema_step_fn *step, void *arg,
		       char why[SINK_WHY])
{
	int64_t locked = 0;
	int err = mysql_db_number(
		db, "SELECT GET_LOCK('callscope.migrate', " LOCK_S ")", &locked,
		why);

	if (err && db->error != NOT_SUPPORTED)
		return err;
	if (!err && locked != 1) {
		snprintf(why, SINK_WHY,
			 "another callscope is migrating the database %.64s: "
			 "try again when it is done",
			 db->url->database);
		return -EAGAIN;
	}
	err = apply_pending(db, step, arg, why);
	if (db->c && locked == 1) {
		char ignored[SINK_WHY];

		mysql_db_run(db, "DO RELEASE_LOCK('callscope.migrate')",
			     "unlock", ignored);
	}
	return err;
}

int mysql_schema_ready(struct mysql_db *db, char why[SINK_WHY])
{
	int have, err = mysql_schema_version(db, &have, why);

	if (err)
		return err;
	err = schema_judge(sql_mysql_files, db->url->database, have, why);
	if (!err && have == SCHEMA_EMPTY)
		err = mysql_schema_apply(db, NULL, NULL, why);
	return err;
}
