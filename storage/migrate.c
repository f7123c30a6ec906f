#include "storage/migrate.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "storage/sqlite_db.h"

int migrate_look(const struct sql_file *files, const char *database, int have,
		 schema_step_fn *step, void *arg, struct migrate_result *out,
		 char why[SINK_WHY])
{
	if (have == SCHEMA_OTHER || have > schema_newest(files))
		return schema_judge(files, database, have, why);
	out->before = out->after = have;
	for (const struct sql_file *f = files; f->name; f++) {
		struct schema_step s = {.file = f, .pending = true};

		if (schema_version_of(f) <= have)
			continue;
		out->pending++;
		if (step)
			step(arg, &s);
	}
	return 0;
}

static int sqlite_all(sqlite3 *db, const char *path, bool look,
		      schema_step_fn *step, void *arg,
		      struct migrate_result *out, char why[SINK_WHY])
{
	int have, err = sqlite_db_version(db, path, &have, why);

	if (!err)
		err = migrate_look(sql_sqlite_files, path, have,
				   look ? step : NULL, arg, out, why);
	if (err || look || !out->pending)
		return err;
	err = sqlite_db_migrate(db, path, step, arg, why);
	if (!err)
		err = sqlite_db_version(db, path, &out->after, why);
	out->pending = 0;
	return err;
}

int migrate_sqlite(const struct db_url *url, bool look, schema_step_fn *step,
		   void *arg, struct migrate_result *out, char why[SINK_WHY])
{
	sqlite3 *db;
	int err;

	if (access(url->path, F_OK)) {
		snprintf(why, SINK_WHY,
			 "there is no database %.300s: the first capture makes "
			 "it",
			 url->path);
		return -ENOENT;
	}
	err = sqlite_db_connect(&db, url->path, false, why);
	if (err)
		return err;
	err = sqlite_all(db, url->path, look, step, arg, out, why);
	sqlite3_close(db);
	return err;
}

int migrate(const struct db_url *url, const char *password_file, bool look,
	    schema_step_fn *step, void *arg, struct migrate_result *out,
	    char why[SINK_WHY])
{
	*out = (struct migrate_result){0};
	if (url->kind == DB_SQLITE)
		return migrate_sqlite(url, look, step, arg, out, why);
#ifdef HAVE_MYSQL
	if (url->kind == DB_MYSQL)
		return migrate_mysql(url, password_file, look, step, arg, out,
				     why);
#endif
	(void)password_file;
	snprintf(why, SINK_WHY,
		 "there is no database to migrate: name one "
		 "with --db");
	return -ENOTSUP;
}
