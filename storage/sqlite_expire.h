/*
 * Retention in the embedded database.
 */
#ifndef STORAGE_SQLITE_EXPIRE_H
#define STORAGE_SQLITE_EXPIRE_H

#include <sqlite3.h>

#include "storage/row.h"
#include "storage/sink.h"

/* Deletes what began before before_ms (UNIX), some thousand records with each
 * transaction, so that others wait shortly. Not in a transaction of the
 * caller. SQLITE_OK, or an error of SQLite; what was deleted until then is in
 * out. */
int sqlite_expire(sqlite3 *db, const struct row_table t[TABLES],
		  uint64_t before_ms, struct sink_expired *out);

#endif
