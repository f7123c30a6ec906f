#include "storage/db_sink.h"

const struct sink_ops *db_sink(enum db_kind kind)
{
	switch (kind) {
	case DB_SQLITE:
		return &sqlite_sink;
	case DB_MYSQL:
#ifdef HAVE_MYSQL
		return &mysql_sink;
#endif
	default:
		return NULL;
	}
}
