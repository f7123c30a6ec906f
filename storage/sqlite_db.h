/*
 * Opening the embedded database: pragmas, the schema and its migrations, and
 * sentences for what can go wrong.
 */
#ifndef STORAGE_SQLITE_DB_H
#define STORAGE_SQLITE_DB_H

#include <sqlite3.h>

#include "storage/sink.h"

/* Creates the file or brings its schema up to date. 0 or -errno, then why is
 * written. A newer schema, or a database of something else, is refused. */
int sqlite_db_open(sqlite3 **out, const char *path, char why[SINK_WHY]);

/* A sentence for the last error of db; -errno that fits it. */
int sqlite_db_why(sqlite3 *db, const char *path, char why[SINK_WHY]);

#endif
