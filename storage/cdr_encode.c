#include "storage/cdr_code_priv.h"

#define GET(type, p) (*(type const *)(const void *)(p))

static void put_varint(struct outbuf *b, uint64_t v)
{
	uint8_t bytes[10];
	size_t n = 0;

	while (v >= 0x80) {
		bytes[n++] = (uint8_t)(v | 0x80);
		v >>= 7;
	}
	bytes[n++] = (uint8_t)v;
	outbuf_put(b, bytes, n);
}

static void put_le(struct outbuf *b, uint64_t v, size_t n)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < n; i++, v >>= 8)
		bytes[i] = (uint8_t)v;
	outbuf_put(b, bytes, n);
}

static void put_text(struct outbuf *b, struct slice s)
{
	put_varint(b, s.len);
	outbuf_put(b, s.p, s.len);
}

/* With its end, so that a reader may point to it. */
static void put_name(struct outbuf *b, const char *name)
{
	size_t len = strlen(name);

	put_varint(b, len);
	outbuf_put(b, name, len + 1);
}

static void put_double(struct outbuf *b, double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof(bits));
	put_le(b, bits, 8);
}

static void put_float(struct outbuf *b, float v)
{
	uint32_t bits;

	memcpy(&bits, &v, sizeof(bits));
	put_le(b, bits, 4);
}

static void put_addr(struct outbuf *b, const struct addr *a)
{
	bool v4 = addr_is_v4(a);

	outbuf_char(b, v4 ? 4 : 16);
	outbuf_put(b, v4 ? a->ip + 12 : a->ip, v4 ? 4 : 16);
	put_le(b, a->port, 2);
}

static void put_strings(struct outbuf *b, const struct cdr_strings *s)
{
	put_varint(b, s->n);
	for (size_t i = 0; i < s->n; i++) {
		put_varint(b, s->v[i].p ? s->v[i].len + 1 : 0);
		outbuf_put(b, s->v[i].p, s->v[i].p ? s->v[i].len : 0);
	}
}

static void put_counters(struct outbuf *b, const struct counters *c)
{
	put_varint(b, c->len);
	for (size_t i = 0; i < c->len; i++) {
		put_name(b, c->v[i].name);
		put_varint(b, c->v[i].n);
	}
}

/* --- structs -------------------------------------------------------------- */

static bool all_zero(const uint32_t *v, size_t n)
{
	while (n && !v[n - 1])
		n--;
	return n == 0;
}

static size_t count_of(const struct code_field *f, const char *base)
{
	return GET(void *, base + f->offset)
		       ? GET(size_t, base + f->count_offset)
		       : 0;
}

static bool is_no_addr(const struct addr *a)
{
	static const struct addr none;

	return addr_eq(a, &none);
}

static bool is_null(const struct code_field *f, const char *base)
{
	const char *at = base + f->offset;

	switch (f->type) {
	case CODE_TEXT:
		return !GET(struct slice, at).p;
	case CODE_UID:
		return !*at;
	case CODE_NAME:
		return !GET(char *, at);
	case CODE_ADDR:
		return is_no_addr(&GET(struct addr, at));
	case CODE_TIME:
	case CODE_N64:
		return !GET(uint64_t, at);
	case CODE_DOUBLE:
		return isnan(GET(double, at));
	case CODE_FLOAT:
		return isnan(GET(float, at));
	case CODE_U32:
		return GET(uint32_t, at) == CDR_NO_U32;
	case CODE_U64:
		return GET(uint64_t, at) == UINT64_MAX;
	case CODE_I64:
		return GET(int64_t, at) == CDR_NO_US;
	case CODE_N32:
		return !GET(uint32_t, at);
	case CODE_BOOL:
		return !GET(bool, at);
	case CODE_STRINGS:
		return !GET(struct cdr_strings, at).n;
	case CODE_U32S:
		return all_zero(&GET(uint32_t, at), f->size);
	case CODE_OPTIONAL:
		return !GET(bool, base + f->count_offset);
	case CODE_ROWS:
		return !count_of(f, base);
	case CODE_COUNTERS:
		return !GET(struct counters, at).len;
	default:
		return false;
	}
}

static void put_struct(struct outbuf *b, const struct code_table *t,
		       const char *base);

static void put_rows(struct outbuf *b, const struct code_field *f,
		     const char *base)
{
	const char *row = GET(char *, base + f->offset);
	size_t n = count_of(f, base);

	put_varint(b, n);
	for (; n; n--, row += f->size)
		put_struct(b, f->table, row);
}

static void put_value(struct outbuf *b, const struct code_field *f,
		      const char *base)
{
	const char *at = base + f->offset;

	switch (f->type) {
	case CODE_TEXT:
		put_text(b, GET(struct slice, at));
		break;
	case CODE_UID:
		put_text(b, slice_str(at));
		break;
	case CODE_NAME:
		put_name(b, GET(char *, at));
		break;
	case CODE_ADDR:
		put_addr(b, &GET(struct addr, at));
		break;
	case CODE_TIME:
		put_le(b, GET(uint64_t, at), 8);
		break;
	case CODE_DOUBLE:
		put_double(b, GET(double, at));
		break;
	case CODE_FLOAT:
		put_float(b, GET(float, at));
		break;
	case CODE_U32:
	case CODE_N32:
		put_varint(b, GET(uint32_t, at));
		break;
	case CODE_U64:
	case CODE_N64:
		put_varint(b, GET(uint64_t, at));
		break;
	case CODE_I64:
		put_varint(b, (GET(uint64_t, at) << 1) ^
				      (GET(int64_t, at) < 0 ? UINT64_MAX : 0));
		break;
	case CODE_STRINGS:
		put_strings(b, &GET(struct cdr_strings, at));
		break;
	case CODE_U32S:
		for (size_t i = 0; i < f->size; i++)
			put_varint(b, (&GET(uint32_t, at))[i]);
		break;
	case CODE_OBJECT:
	case CODE_OPTIONAL:
		put_struct(b, f->table, at);
		break;
	case CODE_ROWS:
		put_rows(b, f, base);
		break;
	case CODE_COUNTERS:
		put_counters(b, &GET(struct counters, at));
		break;
	case CODE_BOOL:
	case CODE_TYPES:
		break;
	}
}

static void put_struct(struct outbuf *b, const struct code_table *t,
		       const char *base)
{
	size_t bits = code_bits(t->n), off = b->len;
	char *p = outbuf_grow(b, bits);

	if (!p)
		return;
	memset(p, 0, bits);
	for (size_t i = 0; i < t->n && !b->failed; i++) {
		if (is_null(&t->v[i], base))
			continue;
		b->p[off + i / 8] |= (char)(1u << i % 8);
		put_value(b, &t->v[i], base);
	}
}

void cdr_code_put(const struct cdr_code *c, struct outbuf *b,
		  const struct cdr *cdr)
{
	put_struct(b, c->head, (const char *)cdr);
	put_varint(b, cdr->kind);
	put_struct(b, c->body[cdr->kind], cdr_body(cdr));
}

/* --- the dictionary ------------------------------------------------------- */

static void put_table(struct outbuf *b, const struct code_table *t)
{
	put_varint(b, t->n);
	for (size_t i = 0; i < t->n; i++) {
		const struct code_field *f = &t->v[i];

		outbuf_char(b, (char)f->type);
		put_text(b, slice_str(f->name));
		if (code_has_table(f->type))
			put_varint(b, f->table->number);
		else if (f->type == CODE_U32S)
			put_varint(b, f->size);
	}
}

void cdr_code_dictionary(const struct cdr_code *c, struct outbuf *b)
{
	put_varint(b, c->tables);
	for (size_t i = 0; i < c->tables; i++)
		put_table(b, c->table[i]);
	put_varint(b, c->head->number);
	put_varint(b, CODE_KINDS);
	for (int kind = 0; kind < CODE_KINDS; kind++) {
		put_text(b, slice_str(cdr_kind_name(kind)));
		put_varint(b, c->body[kind]->number);
	}
}
