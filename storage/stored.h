/*
 * Records as they are stored, written again as the report had them: a line of
 * JSON with its rows of other tables, or a line of CSV. What was not stored
 * is missing: an ICE exchange without candidates and pairs.
 */
#ifndef STORAGE_STORED_H
#define STORAGE_STORED_H

#include "storage/db.h"
#include "storage/row.h"

/* What SELECT has to name for a row of table cdr: its columns, by commas. */
void stored_columns(struct outbuf *b);

/* The row at hand in rows (of a SELECT of stored_columns()) as one object and
 * a line's end. 0 or -errno, then why is written. */
int stored_put_json(struct outbuf *b, struct db *db, struct db_rows *rows,
		    char why[DB_WHY]);

/* CSV (RFC 4180) with the names of the columns; arrays are left out. */
void stored_put_csv_header(struct outbuf *b);
void stored_put_csv(struct outbuf *b, const struct db_rows *rows);
/* One text of it, in quotes where it needs them. */
void stored_put_csv_text(struct outbuf *b, struct slice s);

#endif
