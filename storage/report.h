/*
 * Records as JSON: the lines of the report, and single values for columns
 * that hold JSON text. Walks the const tables of cdr.h. Pure.
 */
#ifndef STORAGE_REPORT_H
#define STORAGE_REPORT_H

#include "sniffer/cdr.h"
#include "storage/outbuf.h"

/* One object, and the line's end. */
void report_put_line(struct outbuf *b, const struct cdr *cdr);

/* The value of one field of the struct at base. */
void report_put_value(struct outbuf *b, const struct cdr_field *f,
		      const void *base);

/* Reads of a field, for all writers: is it null, and what it holds. A text
 * or name answers a slice. */
bool report_is_null(const struct cdr_field *f, const void *base);
struct slice report_text(const struct cdr_field *f, const void *base);
/* An object that begins with an empty uid: all in it is null. */
bool report_is_absent(const struct cdr_field *object, const void *base);
/* The first element of ROWS, and how many there are. */
const char *report_rows(const struct cdr_field *f, const void *base, size_t *n);

#endif
