/*
 * A connection to MySQL or MariaDB: settings of the session, what an error of
 * the server means for a store, and statements whose answer is small. Owned
 * by one thread.
 */
#ifndef STORAGE_MYSQL_DB_H
#define STORAGE_MYSQL_DB_H

#include <mysql.h>

#include "storage/db_url.h"
#include "storage/outbuf.h"
#include "storage/sink.h"

struct mysql_db {
	const struct db_url *url;
	const char *password_file; /* NULL: of the environment */
	MYSQL *c;		   /* NULL: not connected */
	unsigned error;		   /* of the server or library, the last */
	unsigned long max_packet;  /* bytes of a statement */
	bool bulk;		   /* takes many rows with one statement */
	bool turn_row;		   /* see mysql_turn.h */
};

/*
 * Nothing when it is connected already. 0, or -errno and why:
 *   -EAGAIN  the server is not there, or takes nobody at the moment
 *   -EACCES  it refuses this user, password or database
 *   -EPROTO  TLS failed, or is not there and must be
 *   -EINVAL  the password file cannot be read
 */
int mysql_db_connect(struct mysql_db *db, char why[SINK_WHY]);
/* Not connected is fine; so is connecting again. */
void mysql_db_close(struct mysql_db *db);

/* What an error (CR_ or ER_) means for what is to be stored. */
enum mysql_class {
	MYSQL_REFUSED, /* this record, or the statement, is not taken */
	MYSQL_RETRY,   /* another was faster: the transaction again, at once */
	MYSQL_LATER,   /* the store takes nothing now */
	MYSQL_LOST,    /* the same, and the connection is gone */
	MYSQL_SCHEMA,  /* the tables are not those of this program */
};
enum mysql_class mysql_class_of(unsigned error);

/* A sentence for the last error of db or, if not NULL, of stmt; sets
 * db->error, closes a lost connection. -EAGAIN, -ESTALE (schema) or -EIO
 * (refused). doing: "store records", "add partitions" ... */
int mysql_db_why(struct mysql_db *db, MYSQL_STMT *stmt, const char *doing,
		 char why[SINK_WHY]);

/* A statement without rows, or whose rows do not matter. 0, or as
 * mysql_db_why(). */
int mysql_db_run(struct mysql_db *db, const char *sql, const char *doing,
		 char why[SINK_WHY]);
/* The same; -ENOMEM when sql failed. sql is empty afterwards. */
int mysql_db_run_buf(struct mysql_db *db, struct outbuf *sql, const char *doing,
		     char why[SINK_WHY]);

/* Rows of an answer, as text; v[i] is NULL for NULL. Anything but 0 ends it
 * and is the answer. */
typedef int mysql_row_fn(void *arg, char **v, const unsigned long *len);
int mysql_db_query(struct mysql_db *db, const char *sql, size_t len,
		   mysql_row_fn *fn, void *arg, char why[SINK_WHY]);
/* The number in the first column of the first row; none = -1. */
int mysql_db_number(struct mysql_db *db, const char *sql, int64_t *out,
		    char why[SINK_WHY]);

/* 'text' as a literal. The connection must be there. */
void mysql_db_quote(struct mysql_db *db, struct outbuf *sql, struct slice text);

#endif
