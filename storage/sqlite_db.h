/*
 * Opening the embedded database: pragmas, the schema and its migrations, and
 * sentences for what can go wrong.
 */
#ifndef STORAGE_SQLITE_DB_H
#define STORAGE_SQLITE_DB_H

#include <sqlite3.h>

#include "storage/schema.h"

/* For a sink: an empty or missing file gets the schema, another schema than
 * this program's is refused. 0, or -errno as schema_judge() and
 * sqlite_db_why(), then why is written. */
int sqlite_db_open(sqlite3 **out, const char *path, char why[SINK_WHY]);

/* Without a look at the schema. */
int sqlite_db_connect(sqlite3 **out, const char *path, bool create,
		      char why[SINK_WHY]);
/* *have as schema_judge() takes it. */
int sqlite_db_version(sqlite3 *db, const char *path, int *have,
		      char why[SINK_WHY]);
/* Applies what is pending in one transaction: of two that do so at once one
 * waits and then finds nothing to do. step may be NULL. */
int sqlite_db_migrate(sqlite3 *db, const char *path, schema_step_fn *step,
		      void *arg, char why[SINK_WHY]);

/* A sentence for the last error of db. -EAGAIN when the database takes nothing
 * now, -EIO for what it says of a statement, else -errno. */
int sqlite_db_why(sqlite3 *db, const char *path, char why[SINK_WHY]);

#endif
