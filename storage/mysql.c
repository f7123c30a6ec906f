#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sniffer/base/ulid.h"
#include "storage/mysql_batch.h"
#include "storage/mysql_days.h"
#include "storage/mysql_rows.h"
#include "storage/mysql_schema.h"
#include "storage/mysql_turn.h"
#include "storage/record_rows.h"
#include "storage/retention.h"

/* A transaction is tried so often when others are in its way. */
#define TRIES 5

/* Another sensor may be about to change the days. */
#define EXPIRE_WAIT_S 10

/* What waits for the end of its batch; more is stored before it. */
#define WAITING_MAX (32u << 20)

#define YEAR_2000_MS 946684800000ull
#define DAY_MS	     86400000ull

/* The times of one sensor's records in the batch. */
struct sensor {
	char *name;
	uint64_t first_ns, last_ns;
};

struct sink {
	struct sink_config cfg;
	struct mysql_db db;
	struct record_rows walk;
	struct mysql_rows rows[TABLES];
	struct mysql_batch batch;
	struct mysql_scratch scratch;
	struct sensor *sensor;
	size_t sensors;
	size_t waiting;	  /* bytes */
	bool ready;	  /* connected, statements prepared */
	uint64_t clamped; /* records whose time cannot be */
	bool said_cut, said_clamped;
};

static void say(const struct sink *s, const char *line)
{
	if (s->cfg.say)
		s->cfg.say(s->cfg.say_arg, line);
}

/* --- the connection ------------------------------------------------------- */

static void disconnect(struct sink *s)
{
	for (size_t i = 0; i < TABLES; i++)
		mysql_rows_forget(&s->rows[i]);
	mysql_db_close(&s->db);
	s->ready = false;
}

/* TABLE_NAME, COLUMN_NAME, DATA_TYPE, CHARACTER_MAXIMUM_LENGTH,
 * CHARACTER_OCTET_LENGTH, CHARACTER_SET_NAME */
static int take_column(void *arg, char **v, const unsigned long *len)
{
	struct sink *s = arg;
	size_t most = s->db.max_packet / 4;

	(void)len;
	for (size_t i = 0; i < TABLES; i++) {
		struct mysql_rows *r = &s->rows[i];

		if (strcmp(r->table->name, v[0]))
			continue;
		for (size_t c = 0; c < r->columns; c++) {
			size_t chars = v[3] ? strtoull(v[3], NULL, 10) : 0;
			size_t bytes = v[4] ? strtoull(v[4], NULL, 10) : 0;

			if (strcmp(mysql_rows_column_name(r, c), v[1]))
				continue;
			r->column[c].time = !strcmp(v[2], "datetime");
			r->column[c].ascii = v[5] && !strcmp(v[5], "ascii");
			/* of TEXT both numbers are bytes */
			r->column[c].chars = strstr(v[2], "text") ? 0 : chars;
			r->column[c].bytes =
				bytes && bytes < most ? bytes : most;
		}
	}
	return 0;
}

static int read_columns(struct sink *s, char why[SINK_WHY])
{
	static const char sql[] =
		"SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE,"
		" CHARACTER_MAXIMUM_LENGTH, CHARACTER_OCTET_LENGTH,"
		" CHARACTER_SET_NAME"
		" FROM information_schema.COLUMNS"
		" WHERE TABLE_SCHEMA = DATABASE()";

	return mysql_db_query(&s->db, sql, sizeof(sql) - 1, take_column, s,
			      why);
}

static int get_ready(struct sink *s, char why[SINK_WHY])
{
	int err;

	if (s->ready && s->db.c)
		return 0;
	disconnect(s);
	err = mysql_db_connect(&s->db, why);
	if (!err)
		err = mysql_schema_ready(&s->db, why);
	if (!err)
		err = read_columns(s, why);
	for (size_t i = 0; i < TABLES && !err; i++)
		err = mysql_rows_prepare(&s->rows[i], &s->db, why);
	s->ready = !err;
	if (err)
		disconnect(s);
	return err;
}

/* --- sensors -------------------------------------------------------------- */

static struct sensor *sensor_of(struct sink *s, struct slice name)
{
	struct sensor *v;

	for (size_t i = 0; i < s->sensors; i++)
		if (slice_eq(slice_str(s->sensor[i].name), name))
			return &s->sensor[i];
	v = realloc(s->sensor, (s->sensors + 1) * sizeof(*v));
	if (!v)
		return NULL;
	s->sensor = v;
	v += s->sensors;
	*v = (struct sensor){.name = strndup((const char *)name.p, name.len),
			     .first_ns = UINT64_MAX};
	if (!v->name)
		return NULL;
	s->sensors++;
	return v;
}

static int note_sensor(struct sink *s, const struct cdr *cdr)
{
	uint64_t first = ulid_ms(cdr->uid) * 1000000;
	struct sensor *v;

	if (!cdr->sensor.p)
		return 0;
	v = sensor_of(s, cdr->sensor);
	if (!v)
		return -ENOMEM;
	if (first < v->first_ns)
		v->first_ns = first;
	if (cdr->last_packet > v->last_ns)
		v->last_ns = cdr->last_packet;
	return 0;
}

static void forget_sensors(struct sink *s)
{
	for (size_t i = 0; i < s->sensors; i++)
		free(s->sensor[i].name);
	s->sensors = 0;
}

static void put_time(struct outbuf *sql, uint64_t ns)
{
	size_t off = sql->len;

	if (!ns) {
		outbuf_str(sql, "NULL");
		return;
	}
	outbuf_char(sql, '\'');
	outbuf_time(sql, ns);
	if (sql->failed)
		return;
	sql->p[off + 11] = ' ';
	sql->p[off + 27] = '\''; /* Z */
}

/* Others may write the same row: last, so that they wait shortly. */
static int store_sensors(struct sink *s, char why[SINK_WHY])
{
	struct outbuf sql = {0}, name = {0};
	int err = 0;

	for (size_t i = 0; i < s->sensors && !err; i++) {
		const struct sensor *v = &s->sensor[i];

		outbuf_reset(&name);
		outbuf_utf8(&name, slice_str(v->name));
		outbuf_str(&sql, "INSERT INTO sensor (name, first_seen,"
				 " last_seen) VALUES (LEFT(");
		mysql_db_quote(&s->db, &sql, slice_of(name.p, name.len));
		outbuf_str(&sql, ", 255), ");
		put_time(&sql, v->first_ns);
		outbuf_str(&sql, ", ");
		put_time(&sql, v->last_ns);
		outbuf_str(
			&sql,
			") ON DUPLICATE KEY UPDATE"
			" first_seen = LEAST(first_seen, VALUES(first_seen)),"
			" last_seen = GREATEST(last_seen,"
			" VALUES(last_seen))");
		err = mysql_db_run_buf(&s->db, &sql, "store records", why);
	}
	outbuf_free(&sql);
	outbuf_free(&name);
	return err;
}

/* --- a batch -------------------------------------------------------------- */

static void forget_batch(struct sink *s)
{
	for (size_t i = 0; i < TABLES; i++)
		mysql_rows_clear(&s->rows[i]);
	mysql_batch_clear(&s->batch);
	forget_sensors(s);
	s->waiting = 0;
}

static int store_rows(struct sink *s, char why[SINK_WHY])
{
	int err = mysql_batch_replace(&s->batch, &s->db, s->walk.table, why);

	for (size_t i = 0; i < TABLES && !err; i++)
		err = mysql_rows_send(&s->rows[i], &s->db, s->batch.dropped,
				      &s->scratch, why);
	if (!err)
		err = mysql_batch_hold(&s->batch, &s->db, why);
	return err ? err : store_sensors(s, why);
}

static int transaction(struct sink *s, char why[SINK_WHY])
{
	char ignored[SINK_WHY];
	int err = get_ready(s, why);

	if (!err)
		err = mysql_db_run(&s->db, "START TRANSACTION", "store records",
				   why);
	if (!err)
		err = store_rows(s, why);
	if (!err)
		err = mysql_db_run(&s->db, "COMMIT", "store records", why);
	if (!err)
		return 0;
	if (s->db.c) {
		unsigned error = s->db.error;

		mysql_db_run(&s->db, "ROLLBACK", "roll back", ignored);
		s->db.error = error;
	} else {
		disconnect(s); /* the statements, too */
	}
	return err;
}

/* A connection that was idle may be gone without our knowing; one that was
 * just made is not tried twice. */
static bool try_again(const struct sink *s, bool was_ready, int err)
{
	enum mysql_class class = mysql_class_of(s->db.error);

	return err != -ENOMEM &&
	       (class == MYSQL_RETRY || (class == MYSQL_LOST && was_ready));
}

static int store_batch(struct sink *s, char why[SINK_WHY])
{
	int err = 0;

	for (int i = 0; i < TRIES; i++) {
		bool was_ready = s->ready && s->db.c;

		s->db.error = 0;
		err = transaction(s, why);
		if (!err || !try_again(s, was_ready, err))
			break;
	}
	switch (err) {
	case 0:
	case -ESTALE:
		return err;
	case -EIO: /* the database's word on these records */
		return mysql_class_of(s->db.error) == MYSQL_RETRY ? -EAGAIN
								  : err;
	default: /* nothing that a record could be blamed for */
		return -EAGAIN;
	}
}

static void say_cut(struct sink *s)
{
	uint64_t cut = 0;

	for (size_t i = 0; i < TABLES; i++)
		cut += s->rows[i].cut;
	if (!cut || s->said_cut)
		return;
	s->said_cut = true;
	say(s, "texts that are longer than their column are cut in the "
	       "database; the report has them whole");
}

static void count_clamped(struct sink *s, const struct cdr *cdr)
{
	uint64_t ms = ulid_ms(cdr->uid);
	uint64_t now = (uint64_t)time(NULL) * 1000;
	bool future =
		s->cfg.live && ms / DAY_MS > now / DAY_MS + MYSQL_DAYS_AHEAD;

	if (ms >= YEAR_2000_MS && !future)
		return;
	s->clamped++;
	if (s->said_clamped)
		return;
	s->said_clamped = true;
	say(s, "the packets of a record have a time that cannot be; such "
	       "records are in the partitions p_old and p_future");
}

/* --- the sink ------------------------------------------------------------- */

struct taken {
	struct sink *s;
	uint32_t record;
};

static int take_row(void *arg, enum row_table_id table, const struct row *row)
{
	struct taken *t = arg;

	t->s->waiting += row->text.len + row->n * sizeof(row->cell[0]);
	return mysql_rows_add(&t->s->rows[table], row, t->record);
}

static int mysql_flush(struct sink *s, char why[SINK_WHY])
{
	int err;

	if (!s->batch.n)
		return 0;
	err = store_batch(s, why);
	forget_batch(s);
	say_cut(s);
	return err;
}

static int mysql_put(struct sink *s, const struct cdr *cdr, char why[SINK_WHY])
{
	struct taken t = {s, (uint32_t)s->batch.n};
	enum row_table_id id = row_table_of(cdr->kind);
	int err;

	if (id == TABLES)
		return 0;
	err = mysql_batch_add(&s->batch, id, cdr);
	if (!err)
		err = record_own_row(&s->walk, id, cdr, take_row, &t);
	if (!err && id == TABLE_CDR)
		err = record_child_rows(&s->walk, cdr, take_row, &t);
	if (!err)
		err = note_sensor(s, cdr);
	if (err) {
		snprintf(why, SINK_WHY, "no memory for the records of a batch");
		forget_batch(s);
		return -EAGAIN;
	}
	count_clamped(s, cdr);
	return s->waiting > WAITING_MAX ? mysql_flush(s, why) : 0;
}

static int change_days(struct sink *s, const struct sink_age *age,
		       struct sink_expired *gone, char why[SINK_WHY])
{
	int err = mysql_turn_take(&s->db, EXPIRE_WAIT_S, why);

	if (err)
		return err;
	err = mysql_days_ahead(&s->db, age->now_ms, why);
	if (!err && age->before_ms)
		err = mysql_days_expire(&s->db, age->before_ms, gone, why);
	mysql_turn_end(&s->db);
	return err;
}

static int mysql_expire(struct sink *s, const struct sink_age *age,
			struct sink_expired *out, char why[SINK_WHY])
{
	struct sink_expired gone = {0};
	int err = get_ready(s, why);

	if (!err)
		err = change_days(s, age, &gone, why);
	disconnect(s); /* statements of before the tables were changed */
	if (err)
		return err == -ESTALE ? err : -EAGAIN;
	*out = gone;
	retention_say(&s->cfg, "mysql", age, out);
	return 0;
}

static void sink_free(struct sink *s)
{
	disconnect(s);
	for (size_t i = 0; i < TABLES; i++)
		mysql_rows_free(&s->rows[i]);
	forget_sensors(s);
	free(s->sensor);
	mysql_batch_free(&s->batch);
	record_rows_free(&s->walk);
	free(s->scratch.p);
	free(s);
}

static int mysql_open(struct sink **out, const struct sink_config *cfg,
		      char why[SINK_WHY])
{
	struct sink *s = calloc(1, sizeof(*s));
	int err = 0;

	if (!s) {
		snprintf(why, SINK_WHY, "no memory for the database");
		return -ENOMEM;
	}
	s->cfg = *cfg;
	s->db.url = cfg->db;
	s->db.password_file = cfg->password_file;
	record_rows_init(&s->walk);
	for (size_t i = 0; i < TABLES; i++)
		mysql_rows_init(&s->rows[i], &s->walk.table[i]);
	/* Of several that make the tables at once, one is first. */
	for (int i = 0; i < TRIES; i++) {
		s->db.error = 0;
		err = get_ready(s, why);
		if (!err || mysql_class_of(s->db.error) != MYSQL_RETRY)
			break;
	}
	if (err)
		sink_free(s);
	else
		*out = s;
	return err;
}

static void say_clamped(const struct sink *s)
{
	char line[64];

	if (!s->clamped)
		return;
	snprintf(line, sizeof(line),
		 "records with a time that cannot be: %" PRIu64, s->clamped);
	say(s, line);
}

static int mysql_close_sink(struct sink *s, char why[SINK_WHY])
{
	int err;

	if (!s)
		return 0;
	err = mysql_flush(s, why);
	say_clamped(s);
	sink_free(s);
	return err;
}

const struct sink_ops mysql_sink = {
	.name = "mysql",
	.open = mysql_open,
	.put = mysql_put,
	.flush = mysql_flush,
	.close = mysql_close_sink,
	.expire = mysql_expire,
};
