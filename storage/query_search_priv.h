/*
 * Inside the bounded search: query_search.c goes by time, query_sort.c orders
 * what that finds.
 */
#ifndef STORAGE_QUERY_SEARCH_PRIV_H
#define STORAGE_QUERY_SEARCH_PRIV_H

#include "storage/query_priv.h"
#include "storage/query_search.h"

/* One search on its way. */
struct query_walk {
	const struct query *q;
	struct db *db;
	struct query_plan *plan;
	struct query_stmt *stmt;
	const char *table;
	const char *columns;
	size_t limit, rows;
	uint64_t begin_ns, budget_ns;
	/* What is still to be searched, uids: from low on and less than high;
	 * "" = no bound. */
	char low[ULID_SIZE], high[ULID_SIZE];
	char last[ULID_SIZE]; /* uid of the last row */
	query_row_fn *row;
	void *arg;
	bool newest; /* first */
	bool more;   /* limit was reached */
	bool late;   /* the time was over */
	char *why;
};

/* Runs it in order of the uids: 0 or -errno. */
int query_walk(struct query_walk *w);

/* A page from a cursor on ("" = the first). */
int query_by_start(struct query_walk *w, const char *at,
		   struct query_found *out);

/* With another order than by time. */
int query_sorted(struct query_walk *w, const struct query_ask *ask,
		 struct query_found *out);

#endif
