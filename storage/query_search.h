/*
 * Searches that must not take long. What an index answers runs directly, as
 * long as it names few calls; everything else walks through the calls in the
 * order of their uids, in windows that adapt to the time, so that a search
 * which was stopped tells how far it came and goes on from there. No row is
 * missing or wrong between two pages.
 */
#ifndef STORAGE_QUERY_SEARCH_H
#define STORAGE_QUERY_SEARCH_H

#include "storage/query.h"

/* Calls that a search with another order than by time looks at: the newest so
 * many of those that it finds. */
#define QUERY_SORTED 10000

enum query_order {
	QUERY_BY_START,
	QUERY_BY_DURATION,
	QUERY_BY_MOS, /* the worse side's, like the three below */
	QUERY_BY_LOSS,
	QUERY_BY_JITTER, /* mean */
	QUERY_BY_PDD,
	QUERY_ORDERS,
};

#define QUERY_CURSOR 128

/* What is wanted of a search. The direction is query.newest_first: when
 * ordered by something else, the highest first. */
struct query_ask {
	const char *columns; /* of table cdr, as SQL, uid first */
	size_t limit;	     /* rows, at least 1 */
	uint64_t budget_ns;  /* the time that it may take */
	enum query_order order;
	const char *cursor; /* "" or of the page before */
};

struct query_found {
	size_t rows;
	char next[QUERY_CURSOR]; /* goes on from there; "" = that was all */
	bool complete;		 /* not stopped by the time, nor by
				  * QUERY_SORTED */
	char reached[ULID_SIZE]; /* unless complete: all that is newer (when
				  * newest first) was looked at */
};

/* For each row, in turn. Anything but 0 ends the search and is its answer. */
typedef int query_row_fn(void *arg, struct db_rows *rows);

/* 0 or -errno, then why is written. -EBADMSG: a cursor that is none of ours;
 * -ETIME: the database took much longer than it may. What it does at least,
 * so that the next page is further on, may take five times the budget. */
int query_search(const struct query *q, const struct query_ask *ask,
		 struct db *db, query_row_fn *row, void *arg,
		 struct query_found *out, char why[DB_WHY]);

/* Of CLOCK_MONOTONIC, ns. */
uint64_t query_now(void);

/* The order of that name (start, duration, mos, loss, jitter, pdd). */
bool query_order_of(struct slice name, enum query_order *out);

#endif
