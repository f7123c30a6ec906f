/*
 * The table of calls on a terminal or a pipe: a header, then a row for each
 * finished call or session, as they come. At most 100 columns whatever the
 * wire said, and nothing that a terminal would obey. One thread.
 */
#ifndef SNIFFER_TABLE_H
#define SNIFFER_TABLE_H

#include <stdio.h>

#include "sniffer/cdr.h"

#define TABLE_WIDTH 100

struct table;

/* to stays the caller's. Bold and red only when it is a terminal and
 * NO_COLOR is not set. NULL without memory. */
struct table *table_new(FILE *to, bool utc);
void table_free(struct table *t); /* NULL is fine */

/* Other kinds than calls and sessions are ignored. The header comes before
 * the first row: a run without calls prints nothing. */
void table_row(struct table *t, const struct cdr *cdr);

#endif
