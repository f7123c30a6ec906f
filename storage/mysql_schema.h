/*
 * The schema of a MySQL or MariaDB database: its version, and the files of
 * sql/mysql that bring it up to date.
 */
#ifndef STORAGE_MYSQL_SCHEMA_H
#define STORAGE_MYSQL_SCHEMA_H

#include "storage/mysql_db.h"
#include "storage/schema.h"

/* *have as schema_judge() takes it. As mysql_db_why(). */
int mysql_schema_version(struct mysql_db *db, int *have, char why[SINK_WHY]);

/*
 * Applies what is pending, one after the other; of two that do so at once one
 * waits and finds nothing to do. A file that was interrupted is applied again.
 * Then makes the days of the near future. As schema_judge(), mysql_db_why().
 */
int mysql_schema_apply(struct mysql_db *db, schema_step_fn *step, void *arg,
		       char why[SINK_WHY]);

/* For a sink: makes the tables of an empty database. */
int mysql_schema_ready(struct mysql_db *db, char why[SINK_WHY]);

#endif
