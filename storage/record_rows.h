/*
 * A record as the rows of its tables: its own row, and those of its arrays
 * and slices. Shared by the SQL stores, which say what becomes of a row.
 */
#ifndef STORAGE_RECORD_ROWS_H
#define STORAGE_RECORD_ROWS_H

#include "storage/row.h"

/* Columns of the tables, and the row that is being built. Owned by a sink. */
struct record_rows {
	struct row_table table[TABLES];
	struct row_array array[ROW_ARRAYS];
	struct row row;
};

/* Takes one row, good until it returns. Anything but 0 ends the walk. */
typedef int record_row_fn(void *arg, enum row_table_id table,
			  const struct row *row);

/* Fills tables and arrays of r, which is all zero. */
void record_rows_init(struct record_rows *r);
void record_rows_free(struct record_rows *r);

/* The record's row in its own table, id = row_table_of() of its kind. 0, what
 * emit answered, or -ENOMEM. */
int record_own_row(struct record_rows *r, enum row_table_id id,
		   const struct cdr *cdr, record_row_fn *emit, void *arg);
/* The rows of its arrays, of calls and sessions only. The same answers. */
int record_child_rows(struct record_rows *r, const struct cdr *cdr,
		      record_row_fn *emit, void *arg);

#endif
