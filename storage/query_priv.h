/*
 * Inside the search: query.c has the keys, query_put.c the conditions that
 * their values make, query_plan.c puts them together. A condition consists of
 * arms, alternatives of which each has the index that answers it.
 */
#ifndef STORAGE_QUERY_PRIV_H
#define STORAGE_QUERY_PRIV_H

#include "storage/outbuf.h"
#include "storage/query.h"

#define QUERY_VALUES 2048 /* parameters of a statement */
#define QUERY_ARMS   256

/* Pieces of a plan's SQL and parameters. */
struct query_arm {
	const char *index; /* NULL = no index answers it */
	size_t sql, sql_len;
	size_t v, v_n;
};

struct query_group {
	size_t arm, arms;
	bool negate;
	bool indexed; /* all of its arms */
};

/* A search on its way to SQL. Texts that are made for it lie in text, their
 * parameters hold offsets until it is complete. */
struct query_plan {
	const struct query *q;
	const struct db_ops *ops;
	struct outbuf sql, text;
	struct db_value v[QUERY_VALUES];
	size_t made[QUERY_VALUES]; /* where s begins in text, from 1; 0 = no */
	size_t n;
	struct query_arm arm[QUERY_ARMS];
	size_t arms;
	struct query_group group[QUERY_TERMS];
	size_t groups;
	/* Bounds of the uid: from low on, and less than high; "" = none. */
	char low[ULID_SIZE], high[ULID_SIZE];
	bool full;
};

/* One key of a search. */
struct query_row {
	const char *name;   /* of the option, for complaints */
	const char *wants;  /* what a value looks like */
	const char *column; /* or two, for either side */
	const char *other;
	bool (*good)(const struct query *q, struct slice value);
	void (*put)(struct query_plan *p, const struct query_row *k,
		    struct slice value);
};

extern const struct query_row query_keys[QUERY_KEYS];

/* Begins an alternative; column: the one that its index is of, or NULL. */
void query_arm(struct query_plan *p, const char *column);
/* A parameter; and SQL. */
void query_put_value(struct query_plan *p, struct db_value v);
void query_put_sql(struct query_plan *p, const char *column, const char *rest);

/* Conditions of good values. */
typedef void query_put_fn(struct query_plan *p, const struct query_row *k,
			  struct slice value);
query_put_fn query_put_is, query_put_sides, query_put_either, query_put_user,
	query_put_subnet, query_put_status, query_put_below, query_put_longer,
	query_put_shorter, query_put_worst_low, query_put_worst_high,
	query_put_worst_time, query_put_time, query_put_codec,
	query_put_diagnosis, query_put_from, query_put_to;

/* "<3.5" and the like: the operator as SQL has it, and what follows. */
bool query_compare(struct slice value, const char **op, struct slice *rest);

/* A plan that query_plan_free() frees. -ENOMEM, or -ENOSPC: too much at
 * once; then why is written. */
int query_plan_new(struct query_plan **out, const struct query *q,
		   const struct db *db, char why[DB_WHY]);
void query_plan_free(struct query_plan *p);

/* --- statements of a plan --------------------------------------------- */

struct query_stmt {
	struct outbuf sql;
	struct db_value v[QUERY_VALUES];
	size_t n;
	bool full;
};

void query_stmt_put(struct query_stmt *s, const char *sql);
void query_stmt_u64(struct query_stmt *s, uint64_t n);
/* A condition with one text; borrowed until the statement has run. */
void query_stmt_text(struct query_stmt *s, const char *sql, const char *text);
void query_stmt_arm(struct query_stmt *s, const struct query_plan *p,
		    const struct query_arm *a);
/* join, then all groups but one (SIZE_MAX: none), joined by AND: out of the
 * planner's sight when hidden. */
void query_stmt_groups(struct query_stmt *s, const struct query_plan *p,
		       const char *join, size_t but, bool hidden);
int query_stmt_run(struct query_stmt *s, struct db *db, struct db_rows **out,
		   char why[DB_WHY]);
/* Empty again. */
void query_stmt_reset(struct query_stmt *s);
struct query_stmt *query_stmt_new(void); /* NULL without memory */
void query_stmt_free(struct query_stmt *s);

#endif
