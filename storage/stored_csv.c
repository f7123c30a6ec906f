/* The columns of table cdr, and rows as CSV. */
#include <stdlib.h>

#include "storage/stored_priv.h"

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
			if (stored_is_json(f) && !strcmp(f->name, name))
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
void stored_put_csv_text(struct outbuf *b, struct slice s)
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
			stored_put_csv_text(b, v.s);
	}
	outbuf_str(b, "\r\n");
}
