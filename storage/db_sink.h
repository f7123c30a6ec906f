/*
 * The sink of a database's URL.
 */
#ifndef STORAGE_DB_SINK_H
#define STORAGE_DB_SINK_H

#include "storage/db_url.h"
#include "storage/sink.h"

/* NULL for none, and for what this program was built without. */
const struct sink_ops *db_sink(enum db_kind kind);

#endif
