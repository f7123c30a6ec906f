#include "storage/mysql_rows.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "sniffer/base/utf8.h"

#define TIME_CHARS 27 /* of the report */

/* One statement carries no more rows and about no more bytes. */
#define SEND_ROWS  1024
#define SEND_BYTES (4u << 20)

void mysql_rows_init(struct mysql_rows *r, const struct row_table *t)
{
	r->table = t;
	r->columns = t->n;
	for (const char *const *key = t->keys; *key; key++)
		r->columns++;
	assert(r->columns <= MYSQL_COLUMNS);
}

void mysql_rows_free(struct mysql_rows *r)
{
	mysql_rows_forget(r);
	outbuf_free(&r->text);
	free(r->cell);
	free(r->record);
	r->cell = NULL;
	r->record = NULL;
}

const char *mysql_rows_column_name(const struct mysql_rows *r, size_t i)
{
	size_t keys = r->columns - r->table->n;

	return i < keys ? r->table->keys[i] : r->table->v[i - keys].name;
}

/* --- the statement -------------------------------------------------------- */

static void put_insert(struct outbuf *b, const struct mysql_rows *r)
{
	outbuf_str(b, "INSERT INTO ");
	outbuf_str(b, r->table->name);
	for (size_t i = 0; i < r->columns; i++) {
		outbuf_str(b, i ? "," : " (");
		outbuf_str(b, mysql_rows_column_name(r, i));
	}
	for (size_t i = 0; i < r->columns; i++)
		outbuf_str(b, i ? ",?" : ") VALUES (?");
	outbuf_char(b, ')');
}

void mysql_rows_forget(struct mysql_rows *r)
{
	if (r->insert)
		mysql_stmt_close(r->insert);
	r->insert = NULL;
}

int mysql_rows_prepare(struct mysql_rows *r, struct mysql_db *db,
		       char why[SINK_WHY])
{
	struct outbuf sql = {0};
	int err = -ENOMEM;

	mysql_rows_forget(r);
	put_insert(&sql, r);
	if (!sql.failed)
		r->insert = mysql_stmt_init(db->c);
	if (!r->insert) {
		snprintf(why, SINK_WHY, "no memory for the database");
	} else if (mysql_stmt_prepare(r->insert, sql.p, sql.len)) {
		err = mysql_db_why(db, r->insert, "store records", why);
		mysql_rows_forget(r);
	} else {
		err = 0;
	}
	outbuf_free(&sql);
	return err;
}

/* --- collecting ----------------------------------------------------------- */

static bool make_room(struct mysql_rows *r)
{
	size_t size = r->size ? r->size * 2 : 64;
	struct row_cell *cell;
	uint32_t *record;

	if (r->n < r->size)
		return true;
	cell = realloc(r->cell, size * r->columns * sizeof(*cell));
	if (!cell)
		return false;
	r->cell = cell;
	record = realloc(r->record, size * sizeof(*record));
	if (!record)
		return false;
	r->record = record;
	r->size = size;
	return true;
}

/* The bytes of as many whole characters as the column takes. */
static size_t fitting(const struct mysql_column *c, struct slice s)
{
	size_t at = 0, chars = 0;

	while (at < s.len && (!c->chars || chars < c->chars)) {
		size_t n = utf8_char(slice_from(s, at), NULL);

		n = n ? n : 1;
		if (at + n > c->bytes)
			break;
		at += n;
		chars++;
	}
	return at;
}

static bool may_be_long(const struct mysql_column *c, size_t len)
{
	return len > c->bytes || (c->chars && len > c->chars);
}

static unsigned digits(const uint8_t *p, size_t n)
{
	unsigned v = 0;

	while (n--)
		v = v * 10 + (unsigned)(*p++ - '0');
	return v;
}

/* The report's time, YYYY-MM-DDTHH:MM:SS.uuuuuuZ, as the library's struct:
 * the server need not read text. It lies in the buffer of texts, aligned. */
static void put_time(struct mysql_rows *r, struct slice s, struct row_cell *to)
{
	MYSQL_TIME t = {.time_type = MYSQL_TIMESTAMP_DATETIME};
	void *at;

	assert(s.len == TIME_CHARS);
	t.year = digits(s.p, 4);
	t.month = digits(s.p + 5, 2);
	t.day = digits(s.p + 8, 2);
	t.hour = digits(s.p + 11, 2);
	t.minute = digits(s.p + 14, 2);
	t.second = digits(s.p + 17, 2);
	t.second_part = digits(s.p + 20, 6);
	outbuf_grow(&r->text, -r->text.len % _Alignof(MYSQL_TIME));
	to->off = r->text.len;
	to->len = sizeof(t);
	at = outbuf_grow(&r->text, sizeof(t));
	if (at)
		memcpy(at, &t, sizeof(t));
}

static void only_ascii(char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)p[i] >= 0x80)
			p[i] = '?';
}

static void add_text(struct mysql_rows *r, size_t column, struct slice s,
		     struct row_cell *to)
{
	const struct mysql_column *c = &r->column[column];
	size_t len = s.len;

	if (c->time) {
		put_time(r, s, to);
		return;
	}
	if (may_be_long(c, len) && to->type == CELL_TEXT)
		len = fitting(c, s);
	if (len < s.len)
		r->cut++;
	to->off = r->text.len;
	to->len = len;
	outbuf_put(&r->text, s.p, len);
	if (c->ascii && !r->text.failed)
		only_ascii(r->text.p + to->off, len);
}

int mysql_rows_add(struct mysql_rows *r, const struct row *row, uint32_t record)
{
	struct row_cell *to;

	assert(row->n == r->columns);
	if (!make_room(r))
		return -ENOMEM;
	to = &r->cell[r->n * r->columns];
	memcpy(to, row->cell, r->columns * sizeof(*to));
	for (size_t i = 0; i < r->columns; i++)
		if (to[i].type == CELL_TEXT || to[i].type == CELL_BLOB)
			add_text(r, i, row_bytes(row, &row->cell[i]), &to[i]);
	if (r->text.failed)
		return -ENOMEM;
	r->record[r->n++] = record;
	return 0;
}

void mysql_rows_clear(struct mysql_rows *r)
{
	r->n = 0;
	outbuf_reset(&r->text);
}

/* --- sending -------------------------------------------------------------- */

/* The cells of one column, as the library wants them. */
struct array {
	union {
		int64_t *i;
		double *d;
		const char **text;
	};
	unsigned long *len;
	char *state; /* STMT_INDICATOR_ */
};

/* One statement on its way. */
struct message {
	struct mysql_rows *r;
	size_t row[SEND_ROWS];
	size_t n;
	MYSQL_BIND bind[MYSQL_COLUMNS];
	struct array array[MYSQL_COLUMNS];
};

static const struct row_cell *cell_at(const struct message *m, size_t row,
				      size_t column)
{
	return &m->r->cell[m->row[row] * m->r->columns + column];
}

static size_t bytes_of(const struct mysql_rows *r, size_t row)
{
	const struct row_cell *c = &r->cell[row * r->columns];
	size_t bytes = 0;

	for (size_t i = 0; i < r->columns; i++)
		bytes += c[i].type == CELL_TEXT || c[i].type == CELL_BLOB
				 ? c[i].len + 10
				 : 10;
	return bytes;
}

/* All cells of a column are of one type, or NULL. */
static enum cell_type type_of(const struct message *m, size_t column)
{
	for (size_t i = 0; i < m->n; i++)
		if (cell_at(m, i, column)->type != CELL_NULL)
			return cell_at(m, i, column)->type;
	return CELL_NULL;
}

static void fill(struct message *m, size_t column)
{
	struct array *a = &m->array[column];

	for (size_t i = 0; i < m->n; i++) {
		const struct row_cell *c = cell_at(m, i, column);

		a->state[i] = STMT_INDICATOR_NONE;
		a->len[i] = 0;
		switch (c->type) {
		case CELL_INT:
			a->i[i] = c->i;
			break;
		case CELL_REAL:
			a->d[i] = c->r;
			break;
		case CELL_TEXT:
		case CELL_BLOB:
			a->text[i] = c->len ? m->r->text.p + c->off : "";
			a->len[i] = c->len;
			break;
		default:
			a->i[i] = 0;
			a->state[i] = STMT_INDICATOR_NULL;
			break;
		}
	}
}

/* Bytes need no conversion from the connection's character set. */
static enum enum_field_types bind_type(const struct message *m, size_t column)
{
	const struct mysql_column *c = &m->r->column[column];

	switch (type_of(m, column)) {
	case CELL_INT:
		return MYSQL_TYPE_LONGLONG;
	case CELL_REAL:
		return MYSQL_TYPE_DOUBLE;
	case CELL_TEXT:
		return c->time	  ? MYSQL_TYPE_DATETIME
		       : c->ascii ? MYSQL_TYPE_BLOB
				  : MYSQL_TYPE_STRING;
	case CELL_BLOB:
		return MYSQL_TYPE_BLOB;
	default:
		return MYSQL_TYPE_STRING;
	}
}

static void bind(struct message *m, size_t column)
{
	struct array *a = &m->array[column];

	m->bind[column] = (MYSQL_BIND){
		.buffer_type = bind_type(m, column),
		.buffer = a->i,
		.length = a->len,
		.u.indicator = a->state,
	};
}

/* Cuts the scratch memory into the arrays of m. */
static bool lay_out(struct message *m, struct mysql_scratch *s)
{
	size_t column = SEND_ROWS * (sizeof(int64_t) + sizeof(unsigned long));
	size_t need = m->r->columns * (column + SEND_ROWS);
	char *p = s->p;

	if (s->size < need) {
		p = realloc(s->p, need);
		if (!p)
			return false;
		s->p = p;
		s->size = need;
	}
	for (size_t i = 0; i < m->r->columns; i++, p += column) {
		m->array[i].i = (void *)p;
		m->array[i].len = (void *)(p + SEND_ROWS * sizeof(int64_t));
	}
	for (size_t i = 0; i < m->r->columns; i++, p += SEND_ROWS)
		m->array[i].state = p;
	return true;
}

/* A server without bulk statements: row by row. */
static int execute_each(struct message *m)
{
	MYSQL_STMT *stmt = m->r->insert;

	for (size_t i = 0; i < m->n; i++) {
		my_bool null[MYSQL_COLUMNS];
		MYSQL_BIND one[MYSQL_COLUMNS];

		for (size_t c = 0; c < m->r->columns; c++) {
			const struct array *a = &m->array[c];
			enum enum_field_types type = m->bind[c].buffer_type;
			bool text = type != MYSQL_TYPE_LONGLONG &&
				    type != MYSQL_TYPE_DOUBLE;

			null[c] = a->state[i] == STMT_INDICATOR_NULL;
			one[c] = m->bind[c];
			one[c].u.indicator = NULL;
			one[c].is_null = &null[c];
			one[c].length = &a->len[i];
			one[c].buffer = text && !null[c] ? (void *)a->text[i]
							 : (void *)&a->i[i];
			one[c].buffer_length = a->len[i];
		}
		if (mysql_stmt_bind_param(stmt, one) ||
		    mysql_stmt_execute(stmt))
			return -EIO;
	}
	return 0;
}

static int execute_bulk(struct message *m)
{
	unsigned rows = (unsigned)m->n;
	MYSQL_STMT *stmt = m->r->insert;

	if (mysql_stmt_attr_set(stmt, STMT_ATTR_ARRAY_SIZE, &rows) ||
	    mysql_stmt_bind_param(stmt, m->bind) || mysql_stmt_execute(stmt))
		return -EIO;
	return 0;
}

static int execute(struct message *m, struct mysql_db *db, char why[SINK_WHY])
{
	for (size_t i = 0; i < m->r->columns; i++) {
		fill(m, i);
		bind(m, i);
	}
	if (db->bulk ? execute_bulk(m) : execute_each(m))
		return mysql_db_why(db, m->r->insert, "store records", why);
	return 0;
}

/* The next rows for one statement; *at moves behind them. */
static void take_rows(struct message *m, size_t *at, const bool *dropped,
		      size_t max_bytes)
{
	size_t bytes = 0;

	m->n = 0;
	for (; *at < m->r->n && m->n < SEND_ROWS; ++*at) {
		if (dropped[m->r->record[*at]])
			continue;
		bytes += bytes_of(m->r, *at);
		if (m->n && bytes > max_bytes)
			return;
		m->row[m->n++] = *at;
	}
}

int mysql_rows_send(struct mysql_rows *r, struct mysql_db *db,
		    const bool *dropped, struct mysql_scratch *scratch,
		    char why[SINK_WHY])
{
	size_t max = db->max_packet / 2;
	struct message m = {.r = r};
	size_t at = 0;
	int err = 0;

	if (!r->n)
		return 0;
	if (!lay_out(&m, scratch)) {
		snprintf(why, SINK_WHY, "no memory to store records");
		return -ENOMEM;
	}
	while (!err) {
		take_rows(&m, &at, dropped,
			  max < SEND_BYTES ? max : SEND_BYTES);
		if (!m.n)
			break;
		err = execute(&m, db, why);
	}
	return err;
}
