#include "storage/record_rows.h"

#include <errno.h>

#include "storage/quality.h"
#include "storage/report.h"

/* Where the rows of one record go. */
struct walk {
	struct record_rows *r;
	const struct cdr *cdr;
	record_row_fn *emit;
	void *arg;
};

void record_rows_init(struct record_rows *r)
{
	row_tables(r->table);
	row_arrays(r->array);
}

void record_rows_free(struct record_rows *r)
{
	outbuf_free(&r->row.text);
}

static int emit(const struct walk *w, enum row_table_id table)
{
	if (w->r->row.text.failed)
		return -ENOMEM;
	return w->emit(w->arg, table, &w->r->row);
}

static void begin_array_row(const struct walk *w, size_t n)
{
	row_begin(&w->r->row);
	row_text(&w->r->row, slice_str(w->cdr->uid));
	row_int(&w->r->row, (int64_t)n);
}

/* A row for each hour that the stream touches. */
static int walk_quality(const struct walk *w, size_t n)
{
	const struct cdr_stream *st = &w->cdr->call.streams[n];
	const struct cdr_slice10 *v = st->slices;
	struct row *row = &w->r->row;
	size_t left = st->slices_n;
	uint64_t hour;
	int err = 0;

	while (left && !err) {
		size_t same = quality_hour(v, left, &hour);
		size_t off;

		begin_array_row(w, n);
		row_text(row, slice_str(st->stream_uid));
		row_time(row, hour * 1000000000);
		off = row->text.len;
		quality_pack(&row->text, hour, v, same);
		row_blob(row, off);
		err = emit(w, TABLE_QUALITY);
		v += same;
		left -= same;
	}
	return err;
}

/* Rows in rows are numbered through. */
static int walk_nested(const struct walk *w, const struct row_array *a,
		       const char *outer, size_t *number)
{
	size_t n;
	const char *row = report_rows(a->inner, outer, &n);
	int err = 0;

	for (size_t i = 0; i < n && !err; i++, row += a->inner->size) {
		begin_array_row(w, (*number)++);
		row_nested(&w->r->row, &w->r->table[a->table], outer, row);
		err = emit(w, a->table);
	}
	return err;
}

static int walk_array(const struct walk *w, const struct row_array *a)
{
	size_t n, number = 0;
	const char *row = report_rows(a->field, cdr_body(w->cdr), &n);
	int err = 0;

	for (size_t i = 0; i < n && !err; i++, row += a->field->size) {
		if (a->inner) {
			err = walk_nested(w, a, row, &number);
			continue;
		}
		begin_array_row(w, i);
		row_fields(&w->r->row, &w->r->table[a->table], row);
		err = emit(w, a->table);
		if (!err && a->table == TABLE_STREAM)
			err = walk_quality(w, i);
	}
	return err;
}

int record_own_row(struct record_rows *r, enum row_table_id id,
		   const struct cdr *cdr, record_row_fn *fn, void *arg)
{
	struct walk w = {r, cdr, fn, arg};

	row_begin(&r->row);
	row_record_keys(&r->row, cdr);
	row_fields(&r->row, &r->table[id], cdr_body(cdr));
	return emit(&w, id);
}

int record_child_rows(struct record_rows *r, const struct cdr *cdr,
		      record_row_fn *fn, void *arg)
{
	struct walk w = {r, cdr, fn, arg};
	int err = 0;

	for (size_t i = 0; i < ROW_ARRAYS && !err; i++)
		err = walk_array(&w, &r->array[i]);
	return err;
}
