#include "storage/db.h"

#include <errno.h>
#include <stdio.h>

static const struct db_ops *const stores[] = {
	&db_sqlite,
#ifdef HAVE_MYSQL
	&db_mysql,
#endif
};

int db_open(struct db **out, const struct db_config *cfg, char why[DB_WHY])
{
	for (size_t i = 0; i < sizeof(stores) / sizeof(stores[0]); i++) {
		const char *scheme = stores[i]->scheme;

		if (!strncmp(cfg->url, scheme, strlen(scheme)))
			return stores[i]->open(out, cfg, why);
	}
	snprintf(why, DB_WHY,
		 "%.200s is no database that this program can read: name one "
		 "as sqlite:PATH or mysql://USER@HOST/DATABASE",
		 cfg->url);
	return -EINVAL;
}

void db_close(struct db *db)
{
	if (db)
		db->ops->close(db);
}

void db_until(struct db *db, uint64_t ns)
{
	db->ops->until(db, ns);
}

int db_query(struct db *db, const char *sql, const struct db_value *v, size_t n,
	     struct db_rows **out, char why[DB_WHY])
{
	return db->ops->query(db, sql, v, n, out, why);
}

int db_next(struct db_rows *r, char why[DB_WHY])
{
	return r->ops->next(r, why);
}

size_t db_columns(const struct db_rows *r)
{
	return r->ops->columns(r);
}

const char *db_column_name(const struct db_rows *r, size_t column)
{
	return r->ops->name(r, column);
}

struct db_value db_cell(const struct db_rows *r, size_t column)
{
	return r->ops->cell(r, column);
}

void db_rows_close(struct db_rows *r)
{
	if (r)
		r->ops->rows_close(r);
}
