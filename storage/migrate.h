/*
 * callscope migrate: brings the schema of either store up to date, or looks
 * what that would take.
 */
#ifndef STORAGE_MIGRATE_H
#define STORAGE_MIGRATE_H

#include "storage/db_url.h"
#include "storage/schema.h"

struct migrate_result {
	int before, after; /* versions; SCHEMA_EMPTY = no tables yet */
	size_t pending;	   /* files, of a look */
};

/*
 * look: nothing is changed, step is told what is pending. 0, or -errno and
 * why:
 *   -ENOENT  there is no such database (SQLite)
 *   -ESTALE  its schema is of a newer callscope
 *   -EINVAL  it is another program's; -ENOTSUP: no database, or not built in
 *   or as the store's connecting
 */
int migrate(const struct db_url *url, const char *password_file, bool look,
	    schema_step_fn *step, void *arg, struct migrate_result *out,
	    char why[SINK_WHY]);

/* Of each store, the same; the parts of migrate(). */
int migrate_sqlite(const struct db_url *url, bool look, schema_step_fn *step,
		   void *arg, struct migrate_result *out, char why[SINK_WHY]);
int migrate_mysql(const struct db_url *url, const char *password_file,
		  bool look, schema_step_fn *step, void *arg,
		  struct migrate_result *out, char why[SINK_WHY]);

/* Tells what is pending. The error of schema_judge() but for an older one. */
int migrate_look(const struct sql_file *files, const char *database, int have,
		 schema_step_fn *step, void *arg, struct migrate_result *out,
		 char why[SINK_WHY]);

#endif
