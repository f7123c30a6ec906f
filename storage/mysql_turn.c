#include "storage/mysql_turn.h"

#include <errno.h>
#include <mysqld_error.h>
#include <stdio.h>

#include "storage/schema.h"
#include "storage/sql_split.h"

#define LOCK "'callscope.migrate'"

/* A row is over after so long: whoever took it died. New tables take seconds;
 * of an hour-long ALTER in a cluster there must be one anyway. */
#define TURN_MINUTES "10"

/* Looks so often a second whether the row is gone. */
#define LOOKS 5

static int busy(const struct mysql_db *db, char why[SINK_WHY])
{
	snprintf(why, SINK_WHY,
		 "another callscope changes the tables of the database %.64s: "
		 "try again when it is done",
		 db->url->database);
	return -EAGAIN;
}

/* --- without GET_LOCK ----------------------------------------------------- */

/* The table of the row: the first statement of the first file. */
static int make_table(struct mysql_db *db, char why[SINK_WHY])
{
	struct slice text = slice_str(sql_mysql_files[0].text), one;
	struct outbuf sql = {0};
	int64_t there;
	int err = mysql_db_number(db,
				  "SELECT COUNT(*) FROM"
				  " information_schema.TABLES"
				  " WHERE TABLE_SCHEMA = DATABASE()",
				  &there, why);

	if (err || there || !sql_split(&text, &one))
		return err;
	outbuf_put(&sql, one.p, one.len);
	err = mysql_db_run_buf(db, &sql, "make its first table", why);
	outbuf_free(&sql);
	return err;
}

static int put_row(struct mysql_db *db, char why[SINK_WHY])
{
	int err = mysql_db_run(db,
			       "DELETE FROM schema_version WHERE version = 0"
			       " AND name < UTC_TIMESTAMP()",
			       "take its turn", why);

	return err ? err
		   : mysql_db_run(db,
				  "INSERT INTO schema_version (version, name)"
				  " VALUES (0, UTC_TIMESTAMP() + "
				  "INTERVAL " TURN_MINUTES " MINUTE)",
				  "take its turn", why);
}

static bool taken(const struct mysql_db *db)
{
	return db->c &&
	       (db->error == ER_DUP_ENTRY || db->error == ER_LOCK_DEADLOCK);
}

static int take_row(struct mysql_db *db, unsigned wait_s, char why[SINK_WHY])
{
	int err = make_table(db, why);

	if (err)
		return err;
	for (unsigned look = 0; (err = put_row(db, why)) && taken(db); look++) {
		if (look >= wait_s * LOOKS)
			return busy(db, why);
		err = mysql_db_run(db, "DO SLEEP(0.2)", "wait", why);
		if (err)
			return err;
	}
	return err;
}

/* --- either --------------------------------------------------------------- */

/* Variable_name, Value: the nodes, 0 without a cluster. */
static int take_nodes(void *arg, char **v, const unsigned long *len)
{
	(void)len;
	*(bool *)arg = v[1] && strcmp(v[1], "0") != 0;
	return 0;
}

static int ask_cluster(struct mysql_db *db, char why[SINK_WHY])
{
	static const char sql[] = "SHOW GLOBAL STATUS LIKE"
				  " 'wsrep_cluster_size'";

	db->turn_row = false;
	return mysql_db_query(db, sql, sizeof(sql) - 1, take_nodes,
			      &db->turn_row, why);
}

int mysql_turn_take(struct mysql_db *db, unsigned wait_s, char why[SINK_WHY])
{
	char sql[64];
	int64_t locked = 0;
	int err = ask_cluster(db, why);

	if (err)
		return err;
	if (db->turn_row)
		return take_row(db, wait_s, why);
	snprintf(sql, sizeof(sql), "SELECT GET_LOCK(" LOCK ", %u)", wait_s);
	err = mysql_db_number(db, sql, &locked, why);
	if (err)
		return err;
	return locked == 1 ? 0 : busy(db, why);
}

void mysql_turn_end(struct mysql_db *db)
{
	char ignored[SINK_WHY];
	unsigned error = db->error;

	if (db->c && db->turn_row)
		mysql_db_run(db, "DELETE FROM schema_version WHERE version = 0",
			     "end its turn", ignored);
	else if (db->c)
		mysql_db_run(db, "DO RELEASE_LOCK(" LOCK ")", "end its turn",
			     ignored);
	db->error = error;
}
