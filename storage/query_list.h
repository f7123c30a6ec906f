/*
 * Lists of what is stored beside calls: registrations and other transactions,
 * newest first, bounded in time like searches for calls (query_search.h).
 */
#ifndef STORAGE_QUERY_LIST_H
#define STORAGE_QUERY_LIST_H

#include "storage/query_search.h"

enum query_list_of {
	QUERY_REGISTRATIONS,
	QUERY_TRANSACTIONS,
};

/* What is looked for; empty: all. */
struct query_list {
	enum query_list_of what;
	/* In URIs, contacts, agents and addresses: anywhere, or their
	 * beginning (sip:49*) or end (*example.com). */
	struct slice text;
	struct slice aor;	 /* exactly, of registrations */
	struct slice uid;	 /* one */
	struct slice state;	 /* of registrations */
	struct slice method;	 /* of transactions */
	struct slice status;	 /* 401, 4xx */
	uint64_t from_ns, to_ns; /* of the uid: when it began; 0 = any */
	size_t limit;
	uint64_t budget_ns;
	const char *cursor;
};

/* As query_search(). The rows are those of the report (sql/README). -EINVAL:
 * text or status is none. */
int query_list(const struct query_list *l, struct db *db, query_row_fn *row,
	       void *arg, struct query_found *out, char why[DB_WHY]);

#endif
