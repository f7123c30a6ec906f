#include "storage/stored_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct db_value stored_cell_of(struct stored_view *v, const char *name)
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

static struct db_value field_cell(struct stored_view *v, const char *prefix,
				  const struct cdr_field *f)
{
	char name[ROW_NAME];

	snprintf(name, sizeof(name), "%s%s", prefix,
		 *prefix ? f->name : row_column_name(f->name));
	return stored_cell_of(v, name);
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

bool stored_is_json(const struct cdr_field *f)
{
	return f->type == CDR_T_ROWS || f->type == CDR_T_STRINGS ||
	       f->type == CDR_T_U32S || f->type == CDR_T_COUNTERS;
}

static void put_cell(struct outbuf *b, const struct cdr_field *f,
		     const struct db_value *v)
{
	if (v->type == DB_NULL)
		outbuf_str(b, stored_is_json(f) ? "[]" : "null");
	else if (is_number(v))
		put_number(b, f, v);
	else if (stored_is_json(f))
		outbuf_put(b, v->s.p, v->s.len);
	else
		outbuf_json(b, v->s);
}

void stored_put_key(struct outbuf *b, const char *name)
{
	outbuf_char(b, '"');
	outbuf_str(b, name);
	outbuf_put(b, "\":", 2);
}

/* --- objects -------------------------------------------------------------- */

void stored_put_fields(struct stored_line *l, struct stored_view *v,
		       const char *prefix, const struct cdr_field *fields)
{
	for (const struct cdr_field *f = fields; f->type != CDR_T_END; f++) {
		if (f != fields)
			outbuf_char(l->b, ',');
		stored_put_key(l->b, f->name);
		stored_put_field(l, v, prefix, f);
	}
}

/* Whether anything in an object is known. */
static bool has_any(struct stored_view *v, const char *prefix,
		    const struct cdr_field *fields)
{
	for (const struct cdr_field *f = fields; f->type != CDR_T_END; f++)
		if (field_cell(v, prefix, f).type != DB_NULL)
			return true;
	return false;
}

static void put_object(struct stored_line *l, struct stored_view *v,
		       const char *prefix, const struct cdr_field *f)
{
	char name[ROW_NAME];

	snprintf(name, sizeof(name), "%s%s_", prefix, f->name);
	if (f->type == CDR_T_OPTIONAL && !has_any(v, name, f->fields)) {
		outbuf_str(l->b, "null");
		return;
	}
	outbuf_char(l->b, '{');
	stored_put_fields(l, v, name, f->fields);
	outbuf_char(l->b, '}');
}

/* --- rows of other tables ------------------------------------------------- */

struct db_rows *stored_rows_of(struct stored_line *l, enum row_table_id table)
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

bool stored_next_row(struct stored_line *l, struct db_rows *rows)
{
	int got = rows && !l->err ? db_next(rows, l->why) : 0;

	if (got < 0)
		l->err = got;
	return got > 0;
}

static void put_table(struct stored_line *l, const struct cdr_field *f,
		      enum row_table_id table)
{
	struct db_rows *rows = stored_rows_of(l, table);
	char before = '[';

	while (stored_next_row(l, rows)) {
		struct stored_view v = {rows, 0};

		outbuf_char(l->b, before);
		outbuf_char(l->b, '{');
		stored_put_fields(l, &v, "", f->fields);
		outbuf_char(l->b, '}');
		before = ',';
	}
	outbuf_str(l->b, before == '[' ? "[]" : "]");
	db_rows_close(rows);
}

/* False when the array is JSON text in the row itself. */
static bool put_rows(struct stored_line *l, const struct cdr_field *f)
{
	struct row_array arrays[ROW_ARRAYS];

	row_arrays(arrays);
	for (size_t i = 0; i < ROW_ARRAYS; i++) {
		if (strcmp(arrays[i].field->name, f->name))
			continue;
		if (arrays[i].inner)
			stored_put_ice(l, f);
		else
			put_table(l, f, arrays[i].table);
		return true;
	}
	return false;
}

void stored_put_field(struct stored_line *l, struct stored_view *v,
		      const char *prefix, const struct cdr_field *f)
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
	stored_put_key(b, name);
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
	struct stored_view v = {rows, 0};
	struct stored_line l = {.b = b, .db = db, .why = why};
	struct db_value type = stored_cell_of(&v, "type");
	bool session =
		type.type == DB_TEXT && slice_eq(type.s, SLICE("session"));

	outbuf_char(b, '{');
	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
		struct db_value cell = stored_cell_of(&v, first[i]);

		put_text(b, first[i], &cell);
	}
	l.uid = stored_cell_of(&v, "uid").s;
	stored_put_fields(&l, &v, "",
			  cdr_fields(session ? CDR_SESSION : CDR_CALL));
	outbuf_str(b, "}\n");
	if (!l.err && b->failed)
		l.err = -ENOMEM;
	if (l.err == -ENOMEM)
		snprintf(why, DB_WHY, "out of memory");
	return l.err;
}
