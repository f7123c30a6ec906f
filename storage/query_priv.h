/*
 * Inside the search: query.c has the keys and the statement, query_put.c the
 * conditions that their values make.
 */
#ifndef STORAGE_QUERY_PRIV_H
#define STORAGE_QUERY_PRIV_H

#include "storage/outbuf.h"
#include "storage/query.h"

#define QUERY_VALUES 2048 /* parameters of a statement */

/* A statement on its way. Texts that are made for it lie in text, their
 * parameters hold offsets until it is complete. */
struct query_build {
	const struct query *q;
	struct outbuf sql, text;
	const char *uid; /* that column, with or without its index */
	struct db_value v[QUERY_VALUES];
	size_t made[QUERY_VALUES]; /* where s begins in text, from 1; 0 = no */
	size_t n;
	bool full;
};

/* One key of a search. */
struct query_row {
	const char *name;   /* of the option, for complaints */
	const char *wants;  /* what a value looks like */
	const char *column; /* or two, for either side */
	const char *other;
	bool (*good)(const struct query *q, struct slice value);
	void (*put)(struct query_build *b, const struct query_row *k,
		    struct slice value);
};

/* A parameter; and SQL. */
void query_put_value(struct query_build *b, struct db_value v);
void query_put_sql(struct query_build *b, const char *column, const char *rest);

/* Conditions of good values. */
typedef void query_put_fn(struct query_build *b, const struct query_row *k,
			  struct slice value);
query_put_fn query_put_uid, query_put_sides, query_put_subnet, query_put_status,
	query_put_below, query_put_longer, query_put_shorter, query_put_from,
	query_put_to;

#endif
