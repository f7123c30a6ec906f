#include "storage/mysql_days.h"

#include <errno.h>
#include <mysqld_error.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sniffer/base/ulid.h"

#define DAY_MS	   86400000ull
#define YEAR_2000  946684800000ull
#define NAME	   64
#define DELETE_MAX 5000 /* rows with one statement */

struct partition {
	char table[NAME], name[NAME];
	char bound[ULID_SIZE]; /* "" = MAXVALUE */
};

struct partitions {
	struct partition *v; /* by table, then by bound */
	size_t n;
};

/* --- what there is -------------------------------------------------------- */

static void copy(char *to, size_t size, const char *text)
{
	snprintf(to, size, "%s", text ? text : "");
}

/* TABLE_NAME, PARTITION_NAME, PARTITION_DESCRIPTION ('0123...' or MAXVALUE) */
static int take_partition(void *arg, char **v, const unsigned long *len)
{
	struct partitions *p = arg;
	struct partition *grown;

	(void)len;
	if (p->n % 64 == 0) {
		grown = realloc(p->v, (p->n + 64) * sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		p->v = grown;
	}
	grown = &p->v[p->n++];
	*grown = (struct partition){0};
	copy(grown->table, sizeof(grown->table), v[0]);
	copy(grown->name, sizeof(grown->name), v[1]);
	if (v[2] && v[2][0] == '\'')
		snprintf(grown->bound, sizeof(grown->bound), "%.26s", v[2] + 1);
	return 0;
}

static int read_partitions(struct mysql_db *db, struct partitions *p,
			   char why[SINK_WHY])
{
	static const char sql[] =
		"SELECT TABLE_NAME, PARTITION_NAME, PARTITION_DESCRIPTION"
		" FROM information_schema.PARTITIONS"
		" WHERE TABLE_SCHEMA = DATABASE() AND PARTITION_NAME IS NOT "
		"NULL"
		" ORDER BY TABLE_NAME, PARTITION_ORDINAL_POSITION";
	int err = mysql_db_query(db, sql, sizeof(sql) - 1, take_partition, p,
				 why);

	if (err == -ENOMEM)
		snprintf(why, SINK_WHY, "no memory for the partitions");
	return err;
}

/* --- days ahead ----------------------------------------------------------- */

/* "p20261126" */
static void day_name(char out[16], uint64_t day_ms)
{
	time_t s = (time_t)(day_ms / 1000);
	struct tm tm;

	gmtime_r(&s, &tm);
	strftime(out, 16, "p%Y%m%d", &tm);
}

static void put_day(struct outbuf *sql, uint64_t day_ms)
{
	char name[16], bound[ULID_SIZE];

	day_name(name, day_ms);
	ulid_first(bound, day_ms + DAY_MS);
	outbuf_str(sql, "PARTITION ");
	outbuf_str(sql, name);
	outbuf_str(sql, " VALUES LESS THAN ('");
	outbuf_str(sql, bound);
	outbuf_str(sql, "'), ");
}

/* Several sensors do the same each hour. */
static bool done_by_another(const struct mysql_db *db)
{
	return db->error == ER_SAME_NAME_PARTITION ||
	       db->error == ER_RANGE_NOT_INCREASING_ERROR ||
	       db->error == ER_REORG_OUTSIDE_RANGE ||
	       db->error == ER_PARTITION_DOES_NOT_EXIST ||
	       db->error == ER_UNKNOWN_PARTITION;
}

/* last: the table's highest bound but MAXVALUE. */
static int add_days(struct mysql_db *db, const char *table, const char *last,
		    uint64_t now_ms, char why[SINK_WHY])
{
	uint64_t today = now_ms - now_ms % DAY_MS;
	struct outbuf sql = {0};
	size_t empty;
	int err = 0;

	outbuf_str(&sql, "ALTER TABLE ");
	outbuf_str(&sql, table);
	outbuf_str(&sql, " REORGANIZE PARTITION p_future INTO (");
	empty = sql.len;
	for (uint64_t day = today - DAY_MS;
	     day <= today + MYSQL_DAYS_AHEAD * DAY_MS; day += DAY_MS) {
		char bound[ULID_SIZE];

		ulid_first(bound, day + DAY_MS);
		if (strcmp(bound, last) > 0)
			put_day(&sql, day);
	}
	if (sql.len > empty) {
		outbuf_str(&sql,
			   "PARTITION p_future VALUES LESS THAN (MAXVALUE))");
		err = mysql_db_run_buf(db, &sql, "add the next days", why);
		if (err && done_by_another(db))
			err = 0;
	}
	outbuf_free(&sql);
	return err;
}

int mysql_days_ahead(struct mysql_db *db, uint64_t now_ms, char why[SINK_WHY])
{
	struct partitions p = {0};
	int err = read_partitions(db, &p, why);

	for (size_t i = 0; i < p.n && !err; i++)
		if (!p.v[i].bound[0] && !strcmp(p.v[i].name, "p_future"))
			err = add_days(
				db, p.v[i].table,
				i && !strcmp(p.v[i - 1].table, p.v[i].table)
					? p.v[i - 1].bound
					: "",
				now_ms, why);
	free(p.v);
	return err;
}

/* --- retention ------------------------------------------------------------ */

struct held {
	struct outbuf uids; /* 27 bytes each, with a NUL, in order */
	size_t n;
};

static int take_held(void *arg, char **v, const unsigned long *len)
{
	struct held *h = arg;

	if (len[0] != ULID_SIZE - 1)
		return 0;
	outbuf_put(&h->uids, v[0], ULID_SIZE);
	h->n++;
	return h->uids.failed ? -ENOMEM : 0;
}

static int read_held(struct mysql_db *db, const char *before, struct held *h,
		     char why[SINK_WHY])
{
	char sql[160];
	int err;

	snprintf(sql, sizeof(sql),
		 "SELECT uid FROM cdr WHERE uid < '%s' AND held = 1"
		 " ORDER BY uid",
		 before);
	err = mysql_db_query(db, sql, strlen(sql), take_held, h, why);
	if (err == -ENOMEM)
		snprintf(why, SINK_WHY, "no memory for the calls on hold");
	return err;
}

/* Those from low up to bound, as 'A','B'. */
static void list_held(struct outbuf *out, const struct held *h, const char *low,
		      const char *bound)
{
	outbuf_reset(out);
	for (size_t i = 0; i < h->n; i++) {
		const char *uid = h->uids.p + i * ULID_SIZE;

		if (strcmp(uid, low) < 0 || strcmp(uid, bound) >= 0)
			continue;
		outbuf_str(out, out->len ? ",'" : "'");
		outbuf_str(out, uid);
		outbuf_char(out, '\'');
	}
}

static bool is_own(const char *table)
{
	return !strcmp(table, "cdr") || !strcmp(table, "registration") ||
	       !strcmp(table, "sip_transaction");
}

/* Rows of the table's partition that are not held. */
static int count(struct mysql_db *db, const struct partition *p,
		 const struct outbuf *held, int64_t *n, char why[SINK_WHY])
{
	struct outbuf sql = {0};
	int err = -ENOMEM;

	outbuf_str(&sql, "SELECT COUNT(*) FROM ");
	outbuf_str(&sql, p->table);
	outbuf_str(&sql, " PARTITION (");
	outbuf_str(&sql, p->name);
	outbuf_char(&sql, ')');
	if (held->len) {
		outbuf_str(&sql, " WHERE uid NOT IN (");
		outbuf_put(&sql, held->p, held->len);
		outbuf_char(&sql, ')');
	}
	outbuf_char(&sql, '\0');
	if (!sql.failed)
		err = mysql_db_number(db, sql.p, n, why);
	outbuf_free(&sql);
	return err;
}

static int drop(struct mysql_db *db, const struct partition *p,
		char why[SINK_WHY])
{
	char sql[3 * NAME + 64];

	snprintf(sql, sizeof(sql), "ALTER TABLE %s DROP PARTITION %s", p->table,
		 p->name);
	return mysql_db_run(db, sql, "drop a day", why);
}

/* Some rows with each statement, so that nobody waits for long. */
static int delete_others(struct mysql_db *db, const struct partition *p,
			 const struct outbuf *held, char why[SINK_WHY])
{
	struct outbuf sql = {0};
	int64_t left = 1;
	int err = 0;

	while (left > 0 && !err) {
		outbuf_str(&sql, "DELETE FROM ");
		outbuf_str(&sql, p->table);
		outbuf_str(&sql, " PARTITION (");
		outbuf_str(&sql, p->name);
		outbuf_str(&sql, ") WHERE uid NOT IN (");
		outbuf_put(&sql, held->p, held->len);
		outbuf_str(&sql, ") LIMIT ");
		outbuf_u64(&sql, DELETE_MAX);
		err = mysql_db_run_buf(db, &sql, "delete old records", why);
		left = err ? 0 : (int64_t)mysql_affected_rows(db->c);
	}
	outbuf_free(&sql);
	return err;
}

/* low: the bound before. */
static int expire_partition(struct mysql_db *db, const struct partition *p,
			    const char *low, const struct held *h,
			    struct sink_expired *out, char why[SINK_WHY])
{
	struct outbuf held = {0};
	int64_t n = 0;
	int err;

	list_held(&held, h, low, p->bound);
	err = held.failed ? -ENOMEM : 0;
	if (!err && is_own(p->table))
		err = count(db, p, &held, &n, why);
	if (!err)
		err = held.len ? delete_others(db, p, &held, why)
			       : drop(db, p, why);
	if (!err && n > 0)
		out->records += (uint64_t)n;
	outbuf_free(&held);
	return err && done_by_another(db) ? 0 : err;
}

/* A call's own rows go last: while they are there, those of its children that
 * an interruption left behind are found again. */
static int expire_tables(struct mysql_db *db, const struct partitions *p,
			 bool cdr, const char *before, const struct held *h,
			 struct sink_expired *out, char why[SINK_WHY])
{
	int err = 0;

	for (size_t i = 0; i < p->n && !err; i++) {
		const struct partition *one = &p->v[i];
		bool first = i == 0 || strcmp(one[-1].table, one->table);

		if (cdr != !strcmp(one->table, "cdr") || !one->bound[0] ||
		    !strcmp(one->name, "p_old") ||
		    strcmp(one->bound, before) > 0)
			continue;
		err = expire_partition(db, one, first ? "" : one[-1].bound, h,
				       out, why);
	}
	return err;
}

int mysql_days_expire(struct mysql_db *db, uint64_t before_ms,
		      struct sink_expired *out, char why[SINK_WHY])
{
	struct partitions p = {0};
	struct held h = {0};
	char before[ULID_SIZE];
	int err;

	if (before_ms <= YEAR_2000)
		return 0;
	ulid_first(before, before_ms);
	err = read_partitions(db, &p, why);
	if (!err)
		err = read_held(db, before, &h, why);
	if (!err)
		err = expire_tables(db, &p, false, before, &h, out, why);
	if (!err)
		err = expire_tables(db, &p, true, before, &h, out, why);
	if (!err)
		out->held = h.n;
	outbuf_free(&h.uids);
	free(p.v);
	return err;
}
