#include "storage/row.h"

#include <assert.h>
#include <stdio.h>

#include "sniffer/base/utf8.h"
#include "storage/report.h"

#define NO_GUARD SIZE_MAX

/* Names of the report that SQL reserves somewhere; sql/README lists them. */
static const struct {
	const char *name, *column;
} renamed[] = {
	{"end", "end_time"},
};

static const char *const record_keys[] = {
	"uid", "sensor", "partial", "last_packet", "packets", NULL,
};
static const char *const cdr_keys[] = {
	"uid", "type", "sensor", "partial", "last_packet", "packets", NULL,
};
static const char *const array_keys[] = {"uid", "n", NULL};
static const char *const quality_keys[] = {"uid",   "n",      "stream_uid",
					   "start", "slices", NULL};

/* The arrays of a call that are tables. */
static const struct {
	const char *field, *inner;
	enum row_table_id table;
} arrays[ROW_ARRAYS] = {
	{"dialogs", NULL, TABLE_DIALOG},
	{"messages", NULL, TABLE_MESSAGE},
	{"streams", NULL, TABLE_STREAM},
	{"ice", "candidates", TABLE_ICE_CANDIDATE},
	{"ice", "pairs", TABLE_ICE_PAIR},
	{"dtls", NULL, TABLE_DTLS},
	{"turn", NULL, TABLE_TURN},
	{"dtmf", NULL, TABLE_DTMF},
	{"diagnoses", NULL, TABLE_DIAGNOSIS},
};

static const struct {
	const char *name;
	const char *const *keys;
} tables[TABLES] = {
	[TABLE_CDR] = {"cdr", cdr_keys},
	[TABLE_STREAM] = {"stream", array_keys},
	[TABLE_QUALITY] = {"quality", quality_keys},
	[TABLE_DIALOG] = {"dialog", array_keys},
	[TABLE_MESSAGE] = {"sip_message", array_keys},
	[TABLE_ICE_CANDIDATE] = {"ice_candidate", array_keys},
	[TABLE_ICE_PAIR] = {"ice_pair", array_keys},
	[TABLE_DTLS] = {"dtls_session", array_keys},
	[TABLE_TURN] = {"turn_allocation", array_keys},
	[TABLE_DTMF] = {"dtmf", array_keys},
	[TABLE_DIAGNOSIS] = {"diagnosis", array_keys},
	[TABLE_REGISTRATION] = {"registration", record_keys},
	[TABLE_TRANSACTION] = {"sip_transaction", record_keys},
};

/* --- columns -------------------------------------------------------------- */

static bool same_name(const char *a, const char *b)
{
	return a && !strcmp(a, b);
}

static bool has_table(const struct cdr_field *f)
{
	for (size_t i = 0; i < ROW_ARRAYS; i++)
		if (f->type == CDR_T_ROWS &&
		    (same_name(arrays[i].field, f->name) ||
		     same_name(arrays[i].inner, f->name)))
			return true;
	return false;
}

const char *row_column_name(const char *field)
{
	for (size_t i = 0; i < sizeof(renamed) / sizeof(renamed[0]); i++)
		if (!strcmp(field, renamed[i].name))
			return renamed[i].column;
	return field;
}

/* NULL when it is there already: calls and sessions share a table. */
static struct column *add_column(struct row_table *t, const char *prefix,
				 const char *name)
{
	struct column *c = &t->v[t->n];
	size_t len = strlen(prefix);

	assert(t->n < ROW_COLUMNS && len + strlen(name) < ROW_NAME);
	memcpy(c->name, prefix, len);
	memcpy(c->name + len, name, strlen(name) + 1);
	for (size_t i = 0; i < t->n; i++)
		if (!strcmp(t->v[i].name, c->name))
			return NULL;
	t->n++;
	return c;
}

/* A number is searched by its end through an index on the reversed text. */
static void add_reversed(struct row_table *t)
{
	struct column of = t->v[t->n - 1];
	struct column *c;

	if (strcmp(of.name, "caller_user") && strcmp(of.name, "callee_user"))
		return;
	c = add_column(t, of.name, "_rev");
	c->field = of.field;
	c->base = of.base;
	c->guard = of.guard;
	c->reversed = true;
}

static void add_object(struct row_table *t, const struct cdr_field *f,
		       const char *prefix, size_t base, size_t guard);
static void add_fields(struct row_table *t, const struct cdr_field *fields,
		       const char *prefix, size_t base, size_t guard);

static void add_fields(struct row_table *t, const struct cdr_field *fields,
		       const char *prefix, size_t base, size_t guard)
{
	for (const struct cdr_field *f = fields; f->type != CDR_T_END; f++) {
		struct column *c;

		if (f->type == CDR_T_NULL || has_table(f))
			continue;
		if (f->type == CDR_T_OBJECT || f->type == CDR_T_OPTIONAL) {
			add_object(t, f, prefix, base + f->offset,
				   f->type == CDR_T_OBJECT
					   ? guard
					   : base + f->count_offset);
			continue;
		}
		c = add_column(t, prefix,
			       *prefix ? f->name
				       : row_column_name(f->name));
		if (!c)
			continue;
		c->field = f;
		c->base = base;
		c->guard = guard;
		add_reversed(t);
	}
}

/* base is the object's own. One that begins with a uid is there or not. */
static void add_object(struct row_table *t, const struct cdr_field *f,
		       const char *prefix, size_t base, size_t guard)
{
	char name[ROW_NAME];
	int len = snprintf(name, sizeof(name), "%s%s_", prefix, f->name);

	assert(len < ROW_NAME);
	if (f->fields[0].type == CDR_T_UID)
		guard = base + f->fields[0].offset;
	add_fields(t, f->fields, len > 0 ? name : "", base, guard);
}

static const struct cdr_field *rows_named(const struct cdr_field *f,
					  const char *name)
{
	while (f->type != CDR_T_END && strcmp(f->name, name))
		f++;
	assert(f->type == CDR_T_ROWS);
	return f;
}

void row_arrays(struct row_array out[ROW_ARRAYS])
{
	for (size_t i = 0; i < ROW_ARRAYS; i++) {
		const struct cdr_field *f =
			rows_named(cdr_fields(CDR_CALL), arrays[i].field);

		out[i].table = arrays[i].table;
		out[i].field = f;
		out[i].inner = arrays[i].inner
				       ? rows_named(f->fields, arrays[i].inner)
				       : NULL;
	}
}

static void add_array(struct row_table *t, const struct row_array *a)
{
	add_fields(t, a->field->fields, "", 0, NO_GUARD);
	if (!a->inner)
		return;
	for (size_t i = 0; i < t->n; i++)
		t->v[i].outer = true;
	add_fields(t, a->inner->fields, "", 0, NO_GUARD);
}

void row_tables(struct row_table t[TABLES])
{
	struct row_array array[ROW_ARRAYS];

	memset(t, 0, TABLES * sizeof(t[0]));
	for (size_t i = 0; i < TABLES; i++) {
		t[i].name = tables[i].name;
		t[i].keys = tables[i].keys;
	}
	add_fields(&t[TABLE_CDR], cdr_fields(CDR_CALL), "", 0, NO_GUARD);
	add_fields(&t[TABLE_CDR], cdr_fields(CDR_SESSION), "", 0, NO_GUARD);
	add_fields(&t[TABLE_REGISTRATION], cdr_fields(CDR_REGISTRATION), "", 0,
		   NO_GUARD);
	add_fields(&t[TABLE_TRANSACTION], cdr_fields(CDR_TRANSACTION), "", 0,
		   NO_GUARD);
	row_arrays(array);
	for (size_t i = 0; i < ROW_ARRAYS; i++)
		add_array(&t[array[i].table], &array[i]);
}

const char *row_table_name(enum row_table_id id)
{
	return tables[id].name;
}

enum row_table_id row_table_of(enum cdr_kind kind)
{
	switch (kind) {
	case CDR_CALL:
	case CDR_SESSION:
		return TABLE_CDR;
	case CDR_REGISTRATION:
		return TABLE_REGISTRATION;
	case CDR_TRANSACTION:
		return TABLE_TRANSACTION;
	default:
		return TABLES;
	}
}

/* --- cells ---------------------------------------------------------------- */

void row_begin(struct row *r)
{
	r->n = 0;
	outbuf_reset(&r->text);
}

static struct row_cell *add_cell(struct row *r, enum cell_type type)
{
	struct row_cell *c = &r->cell[r->n++];

	assert(r->n <= ROW_COLUMNS);
	c->type = type;
	return c;
}

void row_null(struct row *r)
{
	add_cell(r, CELL_NULL);
}

void row_int(struct row *r, int64_t v)
{
	add_cell(r, CELL_INT)->i = v;
}

static void add_real(struct row *r, double v)
{
	add_cell(r, CELL_REAL)->r = v;
}

/* The text is what was put into r->text since off. */
static void add_text(struct row *r, size_t off)
{
	struct row_cell *c = add_cell(r, CELL_TEXT);

	c->off = off;
	c->len = r->text.len - off;
}

void row_text(struct row *r, struct slice s)
{
	size_t off = r->text.len;

	if (!s.p) {
		row_null(r);
		return;
	}
	outbuf_utf8(&r->text, s);
	add_text(r, off);
}

void row_time(struct row *r, uint64_t ns)
{
	size_t off = r->text.len;

	if (!ns) {
		row_null(r);
		return;
	}
	outbuf_time(&r->text, ns);
	add_text(r, off);
}

void row_blob(struct row *r, size_t off)
{
	add_text(r, off);
	r->cell[r->n - 1].type = CELL_BLOB;
}

struct slice row_bytes(const struct row *r, const struct row_cell *c)
{
	return slice_of(r->text.p + c->off, c->len);
}

/* The characters of what lies behind off, last first. */
static void reverse(struct outbuf *b, size_t off)
{
	struct slice s = slice_of(b->p + off, b->len - off);
	size_t len = s.len;
	char *to = outbuf_grow(b, len);

	if (!to)
		return;
	s.p = (const uint8_t *)b->p + off; /* it may have moved */
	to += len;
	while (s.len) {
		size_t n = utf8_char(s, NULL);

		assert(n); /* outbuf_utf8() wrote it */
		memcpy(to -= n, s.p, n);
		s = slice_from(s, n);
	}
	memmove(b->p + off, b->p + off + len, len);
	b->len = off + len;
}

static void put_number(struct row *r, const struct cdr_field *f,
		       const void *base)
{
	const void *p = (const char *)base + f->offset;

	switch (f->type) {
	case CDR_T_US:
		add_real(r, (double)*(const int64_t *)p / 1000);
		break;
	case CDR_T_DOUBLE: /* the digits of the report */
		add_real(r, round(*(const double *)p * 1000) / 1000);
		break;
	case CDR_T_U32:
		row_int(r, *(const uint32_t *)p);
		break;
	case CDR_T_U64:
		row_int(r, (int64_t) * (const uint64_t *)p);
		break;
	case CDR_T_I64:
		row_int(r, *(const int64_t *)p);
		break;
	case CDR_T_TRUTH: /* null does not come here */
		row_int(r, **(const char *const *)p == 't');
		break;
	default:
		row_int(r, *(const bool *)p);
		break;
	}
}

/* What is a quoted string in the report is the text between its quotes. */
static void put_text(struct row *r, const struct cdr_field *f, const void *base,
		     bool reversed)
{
	const void *p = (const char *)base + f->offset;
	size_t off = r->text.len;

	switch (f->type) {
	case CDR_T_TEXT:
	case CDR_T_UID:
	case CDR_T_NAME:
		outbuf_utf8(&r->text, report_text(f, base));
		break;
	case CDR_T_ADDR:
		outbuf_addr(&r->text, p);
		break;
	case CDR_T_TIME:
		outbuf_time(&r->text, *(const uint64_t *)p);
		break;
	case CDR_T_SSRC:
		outbuf_ssrc(&r->text, *(const uint32_t *)p);
		break;
	case CDR_T_REPAIRS:
		outbuf_ssrc(&r->text,
			    ((const struct cdr_stream *)base)->repairs);
		break;
	default: /* arrays: JSON */
		report_put_value(&r->text, f, base);
		break;
	}
	if (reversed)
		reverse(&r->text, off);
	add_text(r, off);
}

static bool is_number(enum cdr_type type)
{
	return type == CDR_T_US || type == CDR_T_DOUBLE || type == CDR_T_U32 ||
	       type == CDR_T_U64 || type == CDR_T_I64 ||
	       type == CDR_T_BOOL || type == CDR_T_TRUTH;
}

void row_fields(struct row *r, const struct row_table *t, const void *body)
{
	row_nested(r, t, body, body);
}

void row_nested(struct row *r, const struct row_table *t, const void *outer,
		const void *inner)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct column *c = &t->v[i];
		const void *body = c->outer ? outer : inner;
		const char *base = (const char *)body + c->base;

		if ((c->guard != NO_GUARD && !((const char *)body)[c->guard]) ||
		    report_is_null(c->field, base))
			row_null(r);
		else if (is_number(c->field->type))
			put_number(r, c->field, base);
		else
			put_text(r, c->field, base, c->reversed);
	}
}

void row_record_keys(struct row *r, const struct cdr *cdr)
{
	row_text(r, slice_str(cdr->uid));
	if (row_table_of(cdr->kind) == TABLE_CDR)
		row_text(r, slice_str(cdr_kind_name(cdr->kind)));
	row_text(r, cdr->sensor);
	row_text(r, slice_str(cdr->partial));
	row_time(r, cdr->last_packet);
	row_int(r, (int64_t)cdr->packets);
}
