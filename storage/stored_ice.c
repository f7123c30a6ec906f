/* ICE exchanges have no table: their fields are repeated in the rows of their
 * candidates and pairs. */
#include <errno.h>
#include <stdlib.h>

#include "storage/stored_priv.h"

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
static void put_own(struct stored_line *l, struct stored_view *v,
		    const struct cdr_field *f, struct exchange *e)
{
	struct outbuf *whole = l->b;
	size_t part = 0;

	for (; f->type != CDR_T_END; f++) {
		l->b = &e->part[part];
		outbuf_char(l->b, part || l->b->len ? ',' : '{');
		stored_put_key(l->b, f->name);
		if (f->type == CDR_T_ROWS)
			part += 2;
		else
			stored_put_field(l, v, "", f);
	}
	l->b = whole;
}

/* That of the row at hand, made when it is new: ufrags and generation tell
 * them apart. */
static struct exchange *exchange_of(struct stored_line *l, struct exchanges *x,
				    struct stored_view *v,
				    const struct cdr_field *ice)
{
	static const char *const names[] = {"a", "b", "generation"};
	struct exchange *e = NULL;
	struct outbuf key = {0};

	for (size_t i = 0; i < 3; i++) {
		struct db_value c = stored_cell_of(v, names[i]);

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
static void take_inner(struct stored_line *l, struct exchanges *x,
		       const struct row_array *a, size_t part)
{
	struct db_rows *rows = stored_rows_of(l, a->table);
	struct outbuf *whole = l->b;

	x->at = 0;
	while (stored_next_row(l, rows)) {
		struct stored_view v = {rows, 0};
		struct exchange *e = exchange_of(l, x, &v, a->field);

		if (!e)
			break;
		l->b = &e->part[part];
		outbuf_str(l->b, l->b->len ? ",{" : "{");
		stored_put_fields(l, &v, "", a->inner->fields);
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
void stored_put_ice(struct stored_line *l, const struct cdr_field *f)
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
