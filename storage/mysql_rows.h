/*
 * Rows of one table that wait for the end of a batch, and the prepared
 * statement that inserts many of them with one message. Owned by the sink.
 */
#ifndef STORAGE_MYSQL_ROWS_H
#define STORAGE_MYSQL_ROWS_H

#include "storage/mysql_db.h"
#include "storage/row.h"

#define MYSQL_COLUMNS ROW_COLUMNS

/* What the table's column takes. */
struct mysql_column {
	size_t chars; /* of text; 0 = not limited in characters */
	size_t bytes; /* of text or blob */
	bool time;    /* DATETIME(6) */
	bool ascii;   /* other characters become ? */
};

struct mysql_rows {
	const struct row_table *table;
	size_t columns; /* keys and fields */
	struct mysql_column column[MYSQL_COLUMNS];
	MYSQL_STMT *insert; /* NULL: not prepared on this connection */

	struct row_cell *cell; /* columns of each row; offsets into text */
	uint32_t *record;      /* of each row: whose it is, in the batch */
	size_t n, size;
	struct outbuf text;
	uint64_t cut; /* texts that were too long, since the start */
};

/* r is all zero. */
void mysql_rows_init(struct mysql_rows *r, const struct row_table *t);
void mysql_rows_free(struct mysql_rows *r);
const char *mysql_rows_column_name(const struct mysql_rows *r, size_t i);

/* The statement belongs to a connection: prepare after each mysql_db_connect(),
 * forget before mysql_db_close(). As mysql_db_why(). */
int mysql_rows_prepare(struct mysql_rows *r, struct mysql_db *db,
		       char why[SINK_WHY]);
void mysql_rows_forget(struct mysql_rows *r);

/* A copy of row, cut to what the columns take. 0 or -ENOMEM. */
int mysql_rows_add(struct mysql_rows *r, const struct row *row,
		   uint32_t record);
void mysql_rows_clear(struct mysql_rows *r);

/* Memory for what a statement sends; {0} is empty, shared by all tables. */
struct mysql_scratch {
	void *p;
	size_t size;
};

/* Inserts all rows but those of records that are marked as dropped. As
 * mysql_db_why(). */
int mysql_rows_send(struct mysql_rows *r, struct mysql_db *db,
		    const bool *dropped, struct mysql_scratch *scratch,
		    char why[SINK_WHY]);

#endif
