/*
 * Reading from a store, whichever it is: rows with typed cells. Never
 * writes. Rows of several queries may be open at once. One thread a
 * connection; whoever opens one closes it.
 *
 * SQL that goes through here is the same for all stores: no double quotes,
 * parameters are "?", and text compares by its bytes or code points
 * everywhere (binary collations). A column of times reads as the report's
 * text (RFC 3339, UTC, six digits) wherever it is kept, and a parameter
 * DB_TIME compares with such columns.
 */
#ifndef STORAGE_DB_H
#define STORAGE_DB_H

#include "sniffer/base/slice.h"

/* Room for one sentence that says what went wrong and what to do. */
#define DB_WHY 512

struct db;
struct db_rows;

enum db_type {
	DB_NULL,
	DB_INT,
	DB_REAL,
	DB_TEXT, /* UTF-8 */
	DB_BLOB,
	DB_TIME, /* of parameters only: UNIX ns */
};

struct db_value {
	enum db_type type;
	union {
		int64_t i;
		double r;
		uint64_t ns;
		struct slice s; /* of cells: borrowed until the next row */
	};
};

struct db_config {
	const char *url;	   /* sqlite:PATH, mysql://... */
	const char *password_file; /* NULL = none; not for SQLite */
};

/* What each kind of store brings. struct db begins with a pointer to its
 * ops, struct db_rows likewise. */
struct db_ops {
	const char *scheme; /* what its URLs begin with, "sqlite:" */
	/* Its planner has no statistics: where an index would not help, it
	 * is to be told so by "+" before the column. */
	bool guesses;
	/* How it is told which index of a table to take: text around the
	 * index's name, behind the table's; NULL = it is not told. */
	const char *index_before, *index_after;
	/* Rows that are looked up by an index in some 50 ms; and its indexes
	 * hold the uid, so that much more can be told without the rows. */
	size_t lookups;
	bool covers;
	int (*open)(struct db **out, const struct db_config *cfg,
		    char why[DB_WHY]);
	void (*close)(struct db *db);
	void (*until)(struct db *db, uint64_t ns);
	int (*query)(struct db *db, const char *sql, const struct db_value *v,
		     size_t n, struct db_rows **out, char why[DB_WHY]);
	int (*next)(struct db_rows *r, char why[DB_WHY]);
	size_t (*columns)(const struct db_rows *r);
	const char *(*name)(const struct db_rows *r, size_t column);
	struct db_value (*cell)(const struct db_rows *r, size_t column);
	void (*rows_close)(struct db_rows *r);
};

struct db {
	const struct db_ops *ops;
};

struct db_rows {
	const struct db_ops *ops;
};

extern const struct db_ops db_sqlite;
#ifdef HAVE_MYSQL
extern const struct db_ops db_mysql;
#endif

/* Opens what exists. What can fail answers 0 or -errno and then writes why. A
 * schema that this program does not know is refused (-EINVAL). */
int db_open(struct db **out, const struct db_config *cfg, char why[DB_WHY]);
void db_close(struct db *db); /* after its rows; NULL is fine */

/* Queries that still run then end with -ETIME. CLOCK_MONOTONIC; 0 = no
 * bound. */
void db_until(struct db *db, uint64_t ns);

/* Runs it with n parameters, which are copied. */
int db_query(struct db *db, const char *sql, const struct db_value *v, size_t n,
	     struct db_rows **out, char why[DB_WHY]);
/* 1 = the cells of the next row can be read; 0 = there are no more; -errno. */
int db_next(struct db_rows *r, char why[DB_WHY]);
size_t db_columns(const struct db_rows *r);
const char *db_column_name(const struct db_rows *r, size_t column);
struct db_value db_cell(const struct db_rows *r, size_t column);
void db_rows_close(struct db_rows *r); /* NULL is fine */

static inline struct db_value db_null(void)
{
	return (struct db_value){.type = DB_NULL};
}

static inline struct db_value db_int(int64_t i)
{
	return (struct db_value){.type = DB_INT, .i = i};
}

static inline struct db_value db_real(double r)
{
	return (struct db_value){.type = DB_REAL, .r = r};
}

static inline struct db_value db_text(struct slice s)
{
	return (struct db_value){.type = DB_TEXT, .s = s};
}

static inline struct db_value db_time(uint64_t ns)
{
	return (struct db_value){.type = DB_TIME, .ns = ns};
}

#endif
