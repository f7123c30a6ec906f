#include "storage/stored.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* The row at hand. Columns come in the order of the fields, nearly. */
struct view {
	const struct db_rows *rows;
	size_t next;
};

static struct db_value cell_of(struct view *v, const char *name)
{
	size_t n = db_columns(v->rows);

	for (size_t i = 0; i < n; i++) {
		size_t at = (v->next + i) % n;

		if (strcmp(db_column_name(v->rows, at), name))
			continue;
		v->next = at + 1;
		return db_cell(v->rows, at);
	}
	return db_null();
}

static struct db_value field_cell(struct view *v, const char *prefix,
				  const struct cdr_field *f)
{
	char name[ROW_NAME];

	snprintf(name, sizeof(name), "%s%s", prefix,
		 *prefix ? f->name : row_column_name(f->name));
	return cell_of(v, name);
}

/* --- values --------------------------------------------------------------- */

static double number_of(const struct db_value *v)
{
	return v->type == DB_INT ? (double)v->i : v->r;
}

static bool is_number(const struct db_value *v)
{
	return v->type == DB_INT || v->type == DB_REAL;
}

/* A number or a word; as its field has it. */
static void put_number(struct outbuf *b, const struct cdr_field *f,
		       const struct db_value *v)
{
	switch (f->type) {
	case CDR_T_US:
	case CDR_T_DOUBLE:
		outbuf_double(b, number_of(v));
		break;
	case CDR_T_BOOL:
	case CDR_T_TRUTH:
		outbuf_str(b, number_of(v) != 0 ? "true" : "false");
		break;
	default:
		outbuf_i64(b, v->type == DB_INT ? v->i : (int64_t)v->r);
		break;
	}
}

static bool is_json(const struct cdr_field *f)
{
	return f->type == CDR_T_ROWS || f->type == CDR_T_STRINGS ||
	       f->type == CDR_T_U32S || f->type == CDR_T_COUNTERS;
}

static void put_cell(struct outbuf *b, const struct cdr_field *f,
		     const struct db_value *v)
{
	if (v->type == DB_NULL)
		outbuf_str(b, is_json(f) ? "[]" : "null");
	else if (is_number(v))
		put_number(b, f, v);
	else if (is_json(f))
		outbuf_put(b, v->s.p, v->s.len);
	else
		outbuf_json(b, v->s);
}

static void put_key(struct outbuf *b, const char *name)
{
	outbuf_char(b, '"');
	outbuf_str(b, name);
	outbuf_put(b, "\":", 2);
}

/* --- objects -------------------------------------------------------------- */

/* A record on its way out, and where its rows of other tables are. */
struct line {
	struct outbuf *b;
	struct db *db;
	struct slice uid;
	int err;
	char *why;
};

static void put_field(struct line *l, struct view *v, const char *prefix,
		      const struct cdr_field *f);

static void put_fields(struct line *l, struct view *v, const char *prefix,
		       const struct cdr_field *fields)
{
	for (const struct cdr_field *f = fields; f->type != CDR_T_END; f++) {
		if (f != fields)
			outbuf_char(l->b, ',');
		put_key(l->b, f->name);
		put_field(l, v, prefix, f);
	}
}

/* Whether anything in an object is known. */
static bool has_any(struct view *v, const char *prefix,
		    const struct cdr_field *fields)
{
	for (const struct cdr_field *f = fields; f->type != CDR_T_END; f++)
		if (field_cell(v, prefix, f).type != DB_NULL)
			return true;
	return false;
}

static void put_object(struct line *l, struct view *v, const char *prefix,
		       const struct cdr_field *f)
{
	char name[ROW_NAME];

	snprintf(name, sizeof(name), "%s%s_", prefix, f->name);
	if (f->type == CDR_T_OPTIONAL && !has_any(v, name, f->fields)) {
		outbuf_str(l->b, "null");
		return;
	}
	outbuf_char(l->b, '{');
	put_fields(l, v, name, f->fields);
	outbuf_char(l->b, '}');
}

/* --- rows of other tables ------------------------------------------------- */

static struct db_rows *rows_of(struct line *l, enum row_table_id table)
{
	struct db_value uid = db_text(l->uid);
	struct db_rows *rows = NULL;
	char sql[128];

	snprintf(sql, sizeof(sql), "SELECT * FROM %s WHERE uid = ? ORDER BY n",
		 row_table_name(table));
	if (!l->err)
		l->err = db_query(l->db, sql, &uid, 1, &rows, l->why);
	return rows;
}

static bool next_row(struct line *l, struct db_rows *rows)
{
	int got = rows && !l->err ? db_next(rows, l->why) : 0;

	if (got < 0)
		l->err = got;
	return got > 0;
}

static void put_table(struct line *l, const struct cdr_field *f,
		      enum row_table_id table)
{
	struct db_rows *rows = rows_of(l, table);
	char before = '[';

	while (next_row(l, rows)) {
		struct view v = {rows, 0};

		outbuf_char(l->b, before);
		outbuf_char(l->b, '{');
		put_fields(l, &v, "", f->fields);
		outbuf_char(l->b, '}');
		before = ',';
	}
	outbuf_str(l->b, before == '[' ? "[]" : "]");
	db_rows_close(rows);
}

/* One ICE exchange: what lies before its arrays, its arrays, what lies
 * behind. */
#define PARTS 8

struct exchange {
	struct outbuf key;
	struct outbuf part[PARTS];
};

struct exchanges {
	struct exchange *v;
	size_t n, size, at; /* at: the one behind the last that was found */
};

static void exchanges_free(struct exchanges *x)
{
	for (size_t i = 0; i < x->n; i++) {
		outbuf_free(&x->v[i].key);
		for (size_t p = 0; p < PARTS; p++)
			outbuf_free(&x->v[i].part[p]);
	}
	free(x->v);
}

/* A place for a new one, at x->at; NULL without memory. */
static struct exchange *insert(struct exchanges *x)
{
	struct exchange *e;

	if (x->n == x->size) {
		size_t size = x->size ? x->size * 2 : 4;

		e = realloc(x->v, size * sizeof(*e));
		if (!e)
			return NULL;
		x->v = e;
		x->size = size;
	}
	e = x->v + x->at;
	memmove(e + 1, e, (x->n - x->at) * sizeof(*e));
	memset(e, 0, sizeof(*e));
	x->n++;
	return e;
}

/* The fields of the exchange itself, in the parts between its arrays. */
static void put_own(struct line *l, struct view *v, const struct cdr_field *f,
		    struct exchange *e)
{
	struct outbuf *whole = l->b;
	size_t part = 0;

	for (; f->type != CDR_T_END; f++) {
		l->b = &e->part[part];
		outbuf_char(l->b, part || l->b->len ? ',' : '{');
		put_key(l->b, f->name);
		if (f->type == CDR_T_ROWS)
			part += 2;
		else
			put_field(l, v, "", f);
	}
	l->b = whole;
}

/* That of the row at hand, made when it is new: ufrags and generation tell
 * them apart. */
static struct exchange *exchange_of(struct line *l, struct exchanges *x,
				    struct view *v, const struct cdr_field *ice)
{
	static const char *const names[] = {"a", "b", "generation"};
	struct exchange *e = NULL;
	struct outbuf key = {0};

	for (size_t i = 0; i < 3; i++) {
		struct db_value c = cell_of(v, names[i]);

		if (c.type == DB_INT)
			outbuf_i64(&key, c.i);
		else if (c.type == DB_TEXT)
			outbuf_json(&key, c.s);
		outbuf_char(&key, ' ');
	}
	for (size_t i = 0; i < x->n && !e; i++)
		if (slice_eq(slice_of(key.p, key.len),
			     slice_of(x->v[i].key.p, x->v[i].key.len)))
			e = &x->v[i];
	if (e || key.failed) {
		outbuf_free(&key);
	} else if ((e = insert(x))) {
		e->key = key;
		put_own(l, v, ice->fields, e);
	} else {
		outbuf_free(&key);
	}
	if (e)
		x->at = (size_t)(e - x->v) + 1;
	else
		l->err = -ENOMEM;
	return e;
}

/* Rows of one of its arrays: each goes to its exchange. */
static void take_inner(struct line *l, struct exchanges *x,
		       const struct row_array *a, size_t part)
{
	struct db_rows *rows = rows_of(l, a->table);
	struct outbuf *whole = l->b;

	x->at = 0;
	while (next_row(l, rows)) {
		struct view v = {rows, 0};
		struct exchange *e = exchange_of(l, x, &v, a->field);

		if (!e)
			break;
		l->b = &e->part[part];
		outbuf_str(l->b, l->b->len ? ",{" : "{");
		put_fields(l, &v, "", a->inner->fields);
		outbuf_char(l->b, '}');
		l->b = whole;
	}
	db_rows_close(rows);
}

static void put_part(struct outbuf *b, const struct outbuf *part)
{
	b->failed |= part->failed;
	outbuf_put(b, part->p, part->len);
}

static void put_exchange(struct outbuf *b, const struct exchange *e)
{
	for (size_t i = 0; i < PARTS; i += 2) {
		put_part(b, &e->part[i]);
		if (i + 2 == PARTS || !e->part[i + 2].len)
			break;
		outbuf_char(b, '[');
		put_part(b, &e->part[i + 1]);
		outbuf_char(b, ']');
	}
	outbuf_char(b, '}');
}

/* Exchanges have no table: their fields are repeated in the rows of their
 * arrays. */
static void put_nested(struct line *l, const struct cdr_field *f)
{
	struct row_array arrays[ROW_ARRAYS];
	struct exchanges x = {0};
	size_t part = 1;

	row_arrays(arrays);
	for (size_t i = 0; i < ROW_ARRAYS; i++) {
		if (strcmp(arrays[i].field->name, f->name))
			continue;
		take_inner(l, &x, &arrays[i], part);
		part += 2;
	}
	outbuf_char(l->b, '[');
	for (size_t i = 0; i < x.n; i++) {
		if (i)
			outbuf_char(l->b, ',');
		put_exchange(l->b, &x.v[i]);
	}
	outbuf_char(l->b, ']');
	exchanges_free(&x);
}

/* False when the array is JSON text in the row itself. */
static bool put_rows(struct line *l, const struct cdr_field *f)
{
	struct row_array arrays[ROW_ARRAYS];

	row_arrays(arrays);
	for (size_t i = 0; i < ROW_ARRAYS; i++) {
		if (strcmp(arrays[i].field->name, f->name))
			continue;
		if (arrays[i].inner)
			put_nested(l, f);
		else
			put_table(l, f, arrays[i].table);
		return true;
	}
	return false;
}

static void put_field(struct line *l, struct view *v, const char *prefix,
		      const struct cdr_field *f)
{
	struct db_value cell;

	if (f->type == CDR_T_NULL) {
		outbuf_str(l->b, "null");
		return;
	}
	if (f->type == CDR_T_OBJECT || f->type == CDR_T_OPTIONAL) {
		put_object(l, v, prefix, f);
		return;
	}
	if (f->type == CDR_T_ROWS && !*prefix && put_rows(l, f))
		return;
	cell = field_cell(v, prefix, f);
	put_cell(l->b, f, &cell);
}

static void put_text(struct outbuf *b, const char *name,
		     const struct db_value *v)
{
	put_key(b, name);
	if (v->type == DB_TEXT)
		outbuf_json(b, v->s);
	else
		outbuf_str(b, "null");
	outbuf_char(b, ',');
}

int stored_put_json(struct outbuf *b, struct db *db, struct db_rows *rows,
		    char why[DB_WHY])
{
	static const char *const first[] = {"type", "uid", "sensor", "partial"};
	struct view v = {rows, 0};
	struct line l = {.b = b, .db = db, .why = why};
	struct db_value type = cell_of(&v, "type");
	bool session =
		type.type == DB_TEXT && slice_eq(type.s, SLICE("session"));

	outbuf_char(b, '{');
	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
		struct db_value cell = cell_of(&v, first[i]);

		put_text(b, first[i], &cell);
	}
	l.uid = cell_of(&v, "uid").s;
	put_fields(&l, &v, "", cdr_fields(session ? CDR_SESSION : CDR_CALL));
	outbuf_str(b, "}\n");
	if (!l.err && b->failed)
		l.err = -ENOMEM;
	if (l.err == -ENOMEM)
		snprintf(why, DB_WHY, "out of memory");
	return l.err;
}

/* --- CSV ------------------------------------------------------------------ */

/* The columns of table cdr, in turn: NULL behind the last. */
static struct row_table *cdr_table(void)
{
	struct row_table *t = calloc(TABLES, sizeof(*t));

	if (t)
		row_tables(t);
	return t;
}

void stored_columns(struct outbuf *b)
{
	struct row_table *t = cdr_table();

	if (!t) {
		b->failed = true;
		return;
	}
	for (size_t i = 0; t[TABLE_CDR].keys[i]; i++) {
		outbuf_str(b, i ? ", " : "");
		outbuf_str(b, t[TABLE_CDR].keys[i]);
	}
	for (size_t i = 0; i < t[TABLE_CDR].n; i++) {
		if (t[TABLE_CDR].v[i].reversed)
			continue;
		outbuf_str(b, ", ");
		outbuf_str(b, t[TABLE_CDR].v[i].name);
	}
	free(t);
}

static bool in_csv(const char *name)
{
	for (enum cdr_kind k = CDR_CALL; k <= CDR_SESSION; k++)
		for (const struct cdr_field *f = cdr_fields(k);
		     f->type != CDR_T_END; f++)
			if (is_json(f) && !strcmp(f->name, name))
				return false;
	return true;
}

void stored_put_csv_header(struct outbuf *b)
{
	struct row_table *t = cdr_table();
	const char *before = "";

	if (!t) {
		b->failed = true;
		return;
	}
	for (size_t i = 0; t[TABLE_CDR].keys[i]; i++) {
		outbuf_str(b, before);
		outbuf_str(b, t[TABLE_CDR].keys[i]);
		before = ",";
	}
	for (size_t i = 0; i < t[TABLE_CDR].n; i++) {
		const struct column *c = &t[TABLE_CDR].v[i];

		if (c->reversed || !in_csv(c->name))
			continue;
		outbuf_str(b, before);
		outbuf_str(b, c->name);
	}
	outbuf_str(b, "\r\n");
	free(t);
}

static bool needs_quotes(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (strchr(",\"\r\n", s.p[i]))
			return true;
	return false;
}

/* RFC 4180, 2 */
static void put_csv_text(struct outbuf *b, struct slice s)
{
	if (!needs_quotes(s)) {
		outbuf_put(b, s.p, s.len);
		return;
	}
	outbuf_char(b, '"');
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '"')
			outbuf_char(b, '"');
		outbuf_char(b, (char)s.p[i]);
	}
	outbuf_char(b, '"');
}

void stored_put_csv(struct outbuf *b, const struct db_rows *rows)
{
	const char *before = "";

	for (size_t i = 0; i < db_columns(rows); i++) {
		struct db_value v = db_cell(rows, i);

		if (!in_csv(db_column_name(rows, i)))
			continue;
		outbuf_str(b, before);
		before = ",";
		if (v.type == DB_INT)
			outbuf_i64(b, v.i);
		else if (v.type == DB_REAL)
			outbuf_double(b, v.r);
		else if (v.type == DB_TEXT)
			put_csv_text(b, v.s);
	}
	outbuf_str(b, "\r\n");
}
