/*
 * Inside of stored*.c: a row at hand, and a record that becomes a line of
 * JSON.
 */
#ifndef STORAGE_STORED_PRIV_H
#define STORAGE_STORED_PRIV_H

#include "storage/stored.h"

/* The row at hand. Columns come in the order of the fields, nearly. */
struct stored_view {
	const struct db_rows *rows;
	size_t next;
};

/* A record on its way out, and where its rows of other tables are. */
struct stored_line {
	struct outbuf *b;
	struct db *db;
	struct slice uid;
	int err;
	char *why;
};

/* A column by its name; null when there is none. */
struct db_value stored_cell_of(struct stored_view *v, const char *name);
/* Whether a field is JSON where it is a column at all. */
bool stored_is_json(const struct cdr_field *f);

void stored_put_key(struct outbuf *b, const char *name);
/* The value of a field, and all of them with their names. prefix: of the
 * objects that they are in. */
void stored_put_field(struct stored_line *l, struct stored_view *v,
		      const char *prefix, const struct cdr_field *f);
void stored_put_fields(struct stored_line *l, struct stored_view *v,
		       const char *prefix, const struct cdr_field *fields);

/* Rows of the record in another table; NULL after an error, which stays in
 * l->err. */
struct db_rows *stored_rows_of(struct stored_line *l, enum row_table_id table);
bool stored_next_row(struct stored_line *l, struct db_rows *rows);

/* An array whose rows are spread over the tables of its own arrays. */
void stored_put_ice(struct stored_line *l, const struct cdr_field *f);

#endif
