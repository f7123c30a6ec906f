#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "storage/db.h"
#include "storage/mysql_schema.h"

#define SCHEME	   "mysql://"
#define BINARY	   63 /* the character set of blobs */
#define TIME_CHARS 26 /* YYYY-MM-DD HH:MM:SS.uuuuuu */

struct store {
	struct db db;
	struct db_url url;
	struct mysql_db my;
	uint64_t until_ns;
};

/* A column of the answer, and its cell in the row at hand. */
struct field {
	char *name;
	enum db_type type;
	bool time;   /* DATETIME: text as in the report */
	bool number; /* of a text that is a whole number (DECIMAL) */
	my_bool null;
	unsigned long len;
	union {
		long long i;
		double r;
	};
	char *text; /* of size bytes */
	size_t size;
};

struct result {
	struct db_rows rows;
	struct store *store;
	MYSQL_STMT *stmt;
	struct field *field;
	size_t n;
};

static struct store *store_of(struct db *db)
{
	return (struct store *)db;
}

static struct result *result_of(struct db_rows *r)
{
	return (struct result *)r;
}

static int no_memory(char why[DB_WHY])
{
	snprintf(why, DB_WHY, "out of memory");
	return -ENOMEM;
}

static_assert(DB_WHY >= SINK_WHY, "a sentence fits");

/* --- parameters ----------------------------------------------------------- */

struct params {
	MYSQL_BIND *bind;
	struct outbuf text; /* of times */
	size_t *time;	    /* where each begins */
};

static void params_free(struct params *p)
{
	free(p->bind);
	free(p->time);
	outbuf_free(&p->text);
}

/* The server's form of all times, first: the buffer may move. */
static bool put_times(struct params *p, const struct db_value *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (v[i].type != DB_TIME)
			continue;
		p->time[i] = p->text.len;
		outbuf_time(&p->text, v[i].ns);
		if (!p->text.failed)
			p->text.p[p->time[i] + 10] = ' ';
	}
	return !p->text.failed;
}

static void bind_text(MYSQL_BIND *b, enum enum_field_types type, const void *p,
		      size_t len)
{
	b->buffer_type = type;
	b->buffer = (void *)(p ? p : "");
	b->buffer_length = len;
	b->length = &b->buffer_length;
}

static void bind_value(struct params *p, size_t i, const struct db_value *v)
{
	MYSQL_BIND *b = &p->bind[i];

	switch (v->type) {
	case DB_INT:
		b->buffer_type = MYSQL_TYPE_LONGLONG;
		b->buffer = (void *)&v->i;
		break;
	case DB_REAL:
		b->buffer_type = MYSQL_TYPE_DOUBLE;
		b->buffer = (void *)&v->r;
		break;
	case DB_TEXT:
		bind_text(b, MYSQL_TYPE_STRING, v->s.p, v->s.len);
		break;
	case DB_BLOB:
		bind_text(b, MYSQL_TYPE_BLOB, v->s.p, v->s.len);
		break;
	case DB_TIME:
		bind_text(b, MYSQL_TYPE_STRING, p->text.p + p->time[i],
			  TIME_CHARS);
		break;
	case DB_NULL:
		b->buffer_type = MYSQL_TYPE_NULL;
		break;
	}
}

static int params_make(struct params *p, const struct db_value *v, size_t n,
		       char why[DB_WHY])
{
	*p = (struct params){
		.bind = calloc(n + 1, sizeof(*p->bind)),
		.time = calloc(n + 1, sizeof(*p->time)),
	};
	if (!p->bind || !p->time || !put_times(p, v, n))
		return no_memory(why);
	for (size_t i = 0; i < n; i++)
		bind_value(p, i, &v[i]);
	return 0;
}

/* --- rows ----------------------------------------------------------------- */

static void result_close(struct db_rows *r)
{
	struct result *res = result_of(r);

	if (res->stmt)
		mysql_stmt_close(res->stmt);
	for (size_t i = 0; i < res->n; i++) {
		free(res->field[i].name);
		free(res->field[i].text);
	}
	free(res->field);
	free(res);
}

static enum db_type type_of(const MYSQL_FIELD *f)
{
	switch (f->type) {
	case MYSQL_TYPE_TINY:
	case MYSQL_TYPE_SHORT:
	case MYSQL_TYPE_INT24:
	case MYSQL_TYPE_LONG:
	case MYSQL_TYPE_LONGLONG:
		return DB_INT;
	case MYSQL_TYPE_FLOAT:
	case MYSQL_TYPE_DOUBLE:
		return DB_REAL;
	case MYSQL_TYPE_TINY_BLOB:
	case MYSQL_TYPE_MEDIUM_BLOB:
	case MYSQL_TYPE_LONG_BLOB:
	case MYSQL_TYPE_BLOB:
		return f->charsetnr == BINARY ? DB_BLOB : DB_TEXT;
	default:
		return DB_TEXT;
	}
}

static int set_field(struct field *to, const MYSQL_FIELD *f)
{
	to->name = strdup(f->name);
	to->type = type_of(f);
	to->time = f->type == MYSQL_TYPE_DATETIME ||
		   f->type == MYSQL_TYPE_TIMESTAMP;
	to->number = (f->type == MYSQL_TYPE_NEWDECIMAL ||
		      f->type == MYSQL_TYPE_DECIMAL) &&
		     f->decimals == 0;
	if (to->type == DB_TEXT || to->type == DB_BLOB) {
		to->size = f->max_length + 2;
		if (to->size < TIME_CHARS + 2)
			to->size = TIME_CHARS + 2;
		to->text = malloc(to->size);
		if (!to->text)
			return -ENOMEM;
	}
	return to->name ? 0 : -ENOMEM;
}

static void bind_field(MYSQL_BIND *b, struct field *f)
{
	*b = (MYSQL_BIND){.is_null = &f->null, .length = &f->len};
	switch (f->type) {
	case DB_INT:
		b->buffer_type = MYSQL_TYPE_LONGLONG;
		b->buffer = &f->i;
		break;
	case DB_REAL:
		b->buffer_type = MYSQL_TYPE_DOUBLE;
		b->buffer = &f->r;
		break;
	default:
		b->buffer_type = f->type == DB_BLOB ? MYSQL_TYPE_BLOB
						    : MYSQL_TYPE_STRING;
		b->buffer = f->text;
		b->buffer_length = f->size - 1; /* room for a Z */
		break;
	}
}

/* The answer was stored: its columns, and how long their texts are. */
static int take_fields(struct result *res, char why[DB_WHY])
{
	MYSQL_RES *meta = mysql_stmt_result_metadata(res->stmt);
	size_t n = meta ? mysql_num_fields(meta) : 0;
	MYSQL_BIND *bind = calloc(n + 1, sizeof(*bind));
	int err = 0;

	res->field = calloc(n + 1, sizeof(*res->field));
	if (!meta || !bind || !res->field)
		err = no_memory(why);
	for (size_t i = 0; i < n && !err; i++) {
		res->n = i + 1;
		if (set_field(&res->field[i], mysql_fetch_field(meta)))
			err = no_memory(why);
		else
			bind_field(&bind[i], &res->field[i]);
	}
	if (!err && mysql_stmt_bind_result(res->stmt, bind))
		err = mysql_db_why(&res->store->my, res->stmt, "answer", why);
	mysql_free_result(meta);
	free(bind);
	return err;
}

/* --- time ----------------------------------------------------------------- */

static void store_until(struct db *db, uint64_t ns)
{
	store_of(db)->until_ns = ns;
}

static int too_late(char why[DB_WHY])
{
	snprintf(why, DB_WHY, "the database took longer than it may");
	return -ETIME;
}

/* The statement with its bound: MariaDB has a form for any statement, MySQL a
 * hint in a SELECT. -ETIME when it is late already. */
static int put_bounded(struct store *s, struct outbuf *b, const char *sql,
		       char why[DB_WHY])
{
	struct timespec t;
	uint64_t now, ms;

	clock_gettime(CLOCK_MONOTONIC, &t);
	now = (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
	if (s->until_ns && now >= s->until_ns)
		return too_late(why);
	ms = (s->until_ns - now) / 1000000 + 1;
	if (s->until_ns && mariadb_connection(s->my.c)) {
		outbuf_str(b, "SET STATEMENT max_statement_time=");
		outbuf_milli(b, (int64_t)ms);
		outbuf_str(b, " FOR ");
	} else if (s->until_ns && !strncmp(sql, "SELECT ", 7)) {
		outbuf_str(b, "SELECT /*+ MAX_EXECUTION_TIME(");
		outbuf_u64(b, ms);
		outbuf_str(b, ") */ ");
		sql += 7;
	}
	outbuf_str(b, sql);
	return b->failed ? no_memory(why) : 0;
}

#define MARIADB_TIMEOUT 1969 /* ER_STATEMENT_TIMEOUT */
#define MYSQL_TIMEOUT	3024 /* ER_QUERY_TIMEOUT */

static int failed(struct result *res, char why[DB_WHY])
{
	int err = mysql_db_why(&res->store->my, res->stmt, "answer", why);
	unsigned error = res->store->my.error;

	if (error == MARIADB_TIMEOUT || error == MYSQL_TIMEOUT)
		return too_late(why);
	return err;
}

static int execute(struct result *res, const char *sql, struct params *p,
		   char why[DB_WHY])
{
	MYSQL_STMT *stmt = mysql_stmt_init(res->store->my.c);
	struct outbuf bounded = {0};
	my_bool yes = 1;
	int err;

	if (!stmt)
		return no_memory(why);
	res->stmt = stmt;
	mysql_stmt_attr_set(stmt, STMT_ATTR_UPDATE_MAX_LENGTH, &yes);
	err = put_bounded(res->store, &bounded, sql, why);
	if (!err && (mysql_stmt_prepare(stmt, bounded.p, bounded.len) ||
		     mysql_stmt_bind_param(stmt, p->bind) ||
		     mysql_stmt_execute(stmt) || mysql_stmt_store_result(stmt)))
		err = failed(res, why);
	outbuf_free(&bounded);
	return err ? err : take_fields(res, why);
}

static int store_query(struct db *db, const char *sql, const struct db_value *v,
		       size_t n, struct db_rows **out, char why[DB_WHY])
{
	struct result *res = calloc(1, sizeof(*res));
	struct params p = {0};
	int err;

	if (!res)
		return no_memory(why);
	res->rows.ops = &db_mysql;
	res->store = store_of(db);
	err = mysql_db_connect(&res->store->my, why);
	if (!err)
		err = params_make(&p, v, n, why);
	if (!err)
		err = execute(res, sql, &p, why);
	params_free(&p);
	if (err)
		result_close(&res->rows);
	else
		*out = &res->rows;
	return err;
}

/* As the report says times. */
static void turn_time(struct field *f)
{
	if (f->len < 19)
		return;
	if (f->len == 19)
		f->text[f->len++] = '.';
	while (f->len < TIME_CHARS)
		f->text[f->len++] = '0';
	f->text[10] = 'T';
	f->text[f->len++] = 'Z';
}

static int result_next(struct db_rows *r, char why[DB_WHY])
{
	struct result *res = result_of(r);
	int got = mysql_stmt_fetch(res->stmt);

	if (got == MYSQL_NO_DATA)
		return 0;
	if (got && got != MYSQL_DATA_TRUNCATED)
		return mysql_db_why(&res->store->my, res->stmt, "answer", why);
	for (size_t i = 0; i < res->n; i++)
		if (res->field[i].time && !res->field[i].null)
			turn_time(&res->field[i]);
	return 1;
}

static size_t result_columns(const struct db_rows *r)
{
	return ((const struct result *)r)->n;
}

static const char *result_name(const struct db_rows *r, size_t column)
{
	return ((const struct result *)r)->field[column].name;
}

static struct db_value result_cell(const struct db_rows *r, size_t column)
{
	const struct field *f = &((const struct result *)r)->field[column];

	if (f->null)
		return db_null();
	if (f->type == DB_INT)
		return db_int(f->i);
	if (f->type == DB_REAL)
		return db_real(f->r);
	if (f->number) {
		f->text[f->len] = '\0';
		return db_int(strtoll(f->text, NULL, 10));
	}
	return (struct db_value){.type = f->type,
				 .s = slice_of(f->text, f->len)};
}

/* --- opening -------------------------------------------------------------- */

static void store_close(struct db *db)
{
	mysql_db_close(&store_of(db)->my);
	free(db);
}

static int check_version(struct store *s, char why[DB_WHY])
{
	int have, err = mysql_schema_version(&s->my, &have, why);

	if (err)
		return err;
	if (have == SCHEMA_EMPTY) {
		snprintf(why, DB_WHY,
			 "the database %.64s is empty: the first capture makes "
			 "its tables, or callscope migrate",
			 s->url.database);
		return -EINVAL;
	}
	return schema_judge(sql_mysql_files, s->url.database, have, why)
		       ? -EINVAL
		       : 0;
}

static int connect_to(struct store *s, const struct db_config *cfg,
		      char why[DB_WHY])
{
	const char *wrong = NULL;
	int err = db_url_parse(slice_str(cfg->url), &s->url, &wrong);

	if (err) {
		snprintf(why, DB_WHY, "%.300s: %.150s", cfg->url, wrong);
		return err;
	}
	s->db.ops = &db_mysql;
	s->my.url = &s->url;
	s->my.password_file = cfg->password_file;
	err = mysql_db_connect(&s->my, why);
	if (!err)
		err = mysql_db_run(&s->my, "SET SESSION TRANSACTION READ ONLY",
				   "begin a session", why);
	return err ? err : check_version(s, why);
}

static int store_open(struct db **out, const struct db_config *cfg,
		      char why[DB_WHY])
{
	struct store *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return no_memory(why);
	err = connect_to(s, cfg, why);
	if (err)
		store_close(&s->db);
	else
		*out = &s->db;
	return err;
}

const struct db_ops db_mysql = {
	.scheme = SCHEME,
	.index_before = " FORCE INDEX (",
	.index_after = ")",
	.lookups = 10000,
	.covers = true,
	.open = store_open,
	.close = store_close,
	.until = store_until,
	.query = store_query,
	.next = result_next,
	.columns = result_columns,
	.name = result_name,
	.cell = result_cell,
	.rows_close = result_close,
};
