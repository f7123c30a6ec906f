/*
 * Rows of the store as the API's lists have them: an object each, named as
 * the columns, or a line of CSV.
 */
#ifndef WEB_ROWS_H
#define WEB_ROWS_H

#include "storage/db.h"
#include "storage/outbuf.h"
#include "web/request.h"

/* Whose numbers are hidden. */
struct rows_mask {
	bool on;
	uint64_t keep;
};

struct rows_mask rows_mask_of(const struct web_request *rq);

/* What SELECT has to name for a call of a list, uid first; diagnoses is the
 * codes of its findings, by commas. */
extern const char rows_of_calls[];

/* The row at hand as an object. */
void rows_put_json(struct outbuf *b, const struct db_rows *rows,
		   const struct rows_mask *m);

/* Objects of a JSON list, so far. */
struct rows_list {
	struct outbuf *b;
	struct rows_mask mask;
	size_t n;
};

/* One more; a query_row_fn, arg is the list. */
int rows_list_put(void *arg, struct db_rows *rows);

/* CSV (RFC 4180): names, and the row at hand. */
void rows_put_csv_header(struct outbuf *b, const struct db_rows *rows);
void rows_put_csv(struct outbuf *b, const struct db_rows *rows,
		  const struct rows_mask *m);

#endif
