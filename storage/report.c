#include "storage/report.h"

/* Tables give offsets; the types are what enum cdr_type says. */
static const void *at(const struct cdr_field *f, const void *base)
{
	return (const char *)base + f->offset;
}

#define GET(type, f, base) (*(type const *)at(f, base))

static bool is_no_addr(const struct addr *a)
{
	return a->port == 0 && addr_is_any(a);
}

bool report_is_null(const struct cdr_field *f, const void *base)
{
	switch (f->type) {
	case CDR_T_TEXT:
		return !GET(struct slice, f, base).p;
	case CDR_T_UID:
		return !GET(char, f, base);
	case CDR_T_NAME:
	case CDR_T_TRUTH:
		return !GET(const char *, f, base);
	case CDR_T_ADDR:
		return is_no_addr(&GET(struct addr, f, base));
	case CDR_T_TIME:
		return !GET(uint64_t, f, base);
	case CDR_T_US:
	case CDR_T_I64:
		return GET(int64_t, f, base) == CDR_NO_US;
	case CDR_T_DOUBLE:
		return !isfinite(GET(double, f, base));
	case CDR_T_U32:
		return GET(uint32_t, f, base) == CDR_NO_U32;
	case CDR_T_U64:
		return GET(uint64_t, f, base) == UINT64_MAX;
	case CDR_T_REPAIRS:
		return !((const struct cdr_stream *)base)->has_repairs;
	case CDR_T_OPTIONAL:
		return !((const bool *)base)[f->count_offset];
	case CDR_T_NULL:
		return true;
	default:
		return false;
	}
}

struct slice report_text(const struct cdr_field *f, const void *base)
{
	if (f->type == CDR_T_TEXT)
		return GET(struct slice, f, base);
	if (f->type == CDR_T_UID)
		return slice_str(&GET(char, f, base));
	return slice_str(GET(const char *, f, base));
}

bool report_is_absent(const struct cdr_field *object, const void *base)
{
	const struct cdr_field *first = object->fields;

	return first->type == CDR_T_UID &&
	       report_is_null(first, at(object, base));
}

const char *report_rows(const struct cdr_field *f, const void *base, size_t *n)
{
	const char *rows;

	memcpy(&rows, at(f, base), sizeof(rows));
	memcpy(n, (const char *)base + f->count_offset, sizeof(*n));
	if (!rows)
		*n = 0;
	return rows;
}

static void put_key(struct outbuf *b, const char *name)
{
	outbuf_char(b, '"');
	outbuf_str(b, name);
	outbuf_put(b, "\":", 2);
}

/* null: whatever is there, it is not known. */
static void put_object(struct outbuf *b, const struct cdr_field *fields,
		       const void *base, bool null)
{
	char before = '{';

	for (const struct cdr_field *f = fields; f->type != CDR_T_END; f++) {
		outbuf_char(b, before);
		put_key(b, f->name);
		if (f->type == CDR_T_OBJECT)
			put_object(b, f->fields, at(f, base),
				   null || report_is_absent(f, base));
		else if (null)
			outbuf_str(b, "null");
		else
			report_put_value(b, f, base);
		before = ',';
	}
	outbuf_char(b, '}');
}

static void put_rows(struct outbuf *b, const struct cdr_field *f,
		     const void *base)
{
	size_t n;
	const char *row = report_rows(f, base, &n);

	outbuf_char(b, '[');
	for (size_t i = 0; i < n; i++, row += f->size) {
		if (i)
			outbuf_char(b, ',');
		put_object(b, f->fields, row, false);
	}
	outbuf_char(b, ']');
}

static void put_strings(struct outbuf *b, const struct cdr_strings *s)
{
	outbuf_char(b, '[');
	for (size_t i = 0; i < s->n; i++) {
		if (i)
			outbuf_char(b, ',');
		outbuf_json(b, s->v[i]);
	}
	outbuf_char(b, ']');
}

static void put_numbers(struct outbuf *b, const uint32_t *v, size_t n)
{
	outbuf_char(b, '[');
	for (size_t i = 0; i < n; i++) {
		if (i)
			outbuf_char(b, ',');
		outbuf_u64(b, v[i]);
	}
	outbuf_char(b, ']');
}

static void put_counters(struct outbuf *b, const struct counters *c)
{
	outbuf_char(b, '{');
	for (size_t i = 0; i < c->len; i++) {
		if (i)
			outbuf_char(b, ',');
		put_key(b, c->v[i].name);
		outbuf_u64(b, c->v[i].n);
	}
	outbuf_char(b, '}');
}

static void put_quoted(struct outbuf *b, const struct cdr_field *f,
		       const void *base)
{
	outbuf_char(b, '"');
	if (f->type == CDR_T_ADDR)
		outbuf_addr(b, &GET(struct addr, f, base));
	else if (f->type == CDR_T_TIME)
		outbuf_time(b, GET(uint64_t, f, base));
	else if (f->type == CDR_T_SSRC)
		outbuf_ssrc(b, GET(uint32_t, f, base));
	else
		outbuf_ssrc(b, ((const struct cdr_stream *)base)->repairs);
	outbuf_char(b, '"');
}

static void put_present(struct outbuf *b, const struct cdr_field *f,
			const void *base)
{
	switch (f->type) {
	case CDR_T_TEXT:
	case CDR_T_UID:
	case CDR_T_NAME:
		outbuf_json(b, report_text(f, base));
		break;
	case CDR_T_TRUTH:
		outbuf_str(b, GET(const char *, f, base));
		break;
	case CDR_T_ADDR:
	case CDR_T_TIME:
	case CDR_T_SSRC:
	case CDR_T_REPAIRS:
		put_quoted(b, f, base);
		break;
	case CDR_T_US:
		outbuf_milli(b, GET(int64_t, f, base));
		break;
	case CDR_T_DOUBLE:
		outbuf_double(b, GET(double, f, base));
		break;
	case CDR_T_U32:
		outbuf_u64(b, GET(uint32_t, f, base));
		break;
	case CDR_T_U64:
		outbuf_u64(b, GET(uint64_t, f, base));
		break;
	case CDR_T_I64:
		outbuf_i64(b, GET(int64_t, f, base));
		break;
	case CDR_T_BOOL:
		outbuf_str(b, GET(bool, f, base) ? "true" : "false");
		break;
	case CDR_T_STRINGS:
		put_strings(b, at(f, base));
		break;
	case CDR_T_U32S:
		put_numbers(b, at(f, base), f->size);
		break;
	case CDR_T_OBJECT:
		put_object(b, f->fields, at(f, base),
			   report_is_absent(f, base));
		break;
	case CDR_T_OPTIONAL:
		put_object(b, f->fields, at(f, base), false);
		break;
	case CDR_T_ROWS:
		put_rows(b, f, base);
		break;
	case CDR_T_COUNTERS:
		put_counters(b, at(f, base));
		break;
	case CDR_T_NULL:
	case CDR_T_END:
		break;
	}
}

void report_put_value(struct outbuf *b, const struct cdr_field *f,
		      const void *base)
{
	if (report_is_null(f, base))
		outbuf_str(b, "null");
	else
		put_present(b, f, base);
}

static void put_text(struct outbuf *b, struct slice s)
{
	if (s.p)
		outbuf_json(b, s);
	else
		outbuf_str(b, "null");
}

void report_put_line(struct outbuf *b, const struct cdr *cdr)
{
	struct slice uid = {0};
	size_t start;

	if (cdr->uid[0])
		uid = slice_str(cdr->uid);
	outbuf_str(b, "{\"type\":");
	put_text(b, slice_str(cdr_kind_name(cdr->kind)));
	outbuf_str(b, ",\"uid\":");
	put_text(b, uid);
	outbuf_str(b, ",\"sensor\":");
	put_text(b, cdr->sensor);
	outbuf_str(b, ",\"partial\":");
	put_text(b, slice_str(cdr->partial));
	start = b->len;
	put_object(b, cdr_fields(cdr->kind), cdr_body(cdr), false);
	if (!b->failed)
		b->p[start] = ',';
	outbuf_char(b, '\n');
}
