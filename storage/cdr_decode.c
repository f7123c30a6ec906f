#include <errno.h>
#include <stdlib.h>

#include "storage/cdr_code_priv.h"

#define TABLES_MAX 1024
#define FIELDS_MAX 4096 /* of all structs of a dictionary */
#define PAIRS_MAX  4096
#define KINDS_MAX  64
#define U32S_MAX   1024
/* What a record may take: its arrays are larger than what codes them. */
#define RECORD_MAX ((size_t)256 << 20)

/* A field as a dictionary has it. */
struct dict_field {
	struct slice name;
	enum code_type type;
	size_t table; /* of OBJECT, OPTIONAL, ROWS */
	size_t count; /* of U32S */
};

struct dict_table {
	const struct dict_field *v;
	size_t n;
};

/* What is read by a field: its place in our struct, or nowhere. */
struct step {
	enum code_type type;
	const struct code_field *own; /* NULL: skipped */
	const struct plan *plan;
	size_t count;
};

/* How a struct that was written by one table is read by another. */
struct plan {
	const struct dict_table *dict;
	const struct code_table *own; /* NULL: skipped */
	struct step *v;
	struct plan *next;
};

struct dict_kind {
	struct slice name;
	size_t table;
	int own; /* enum cdr_kind; -1 = not known here */
	const struct plan *plan;
};

struct cdr_decoder {
	struct arena *mem;
	const struct cdr_code *code;
	struct dict_table table[TABLES_MAX];
	size_t tables, fields;
	struct dict_kind kind[KINDS_MAX];
	size_t kinds, head_table;
	const struct plan *head;
	struct plan *plans;
	size_t pairs;
};

static uint64_t take_varint(struct cursor *c)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint8_t byte = cursor_u8(c);

		v |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return v;
	}
	c->bad = true;
	return 0;
}

static size_t take_below(struct cursor *c, size_t limit)
{
	uint64_t v = take_varint(c);

	if (v >= limit)
		c->bad = true;
	return c->bad ? 0 : (size_t)v;
}

static struct slice take_text(struct cursor *c)
{
	return cursor_take(c, take_below(c, cursor_left(c) + 1));
}

/* --- the dictionary ------------------------------------------------------- */

/* A table comes after those that it names: no circles. */
static void take_field(struct cursor *c, struct dict_field *f, size_t before)
{
	uint8_t type = cursor_u8(c);

	if (type == 0 || type >= CODE_TYPES)
		c->bad = true;
	f->type = c->bad ? CODE_BOOL : (enum code_type)type;
	f->name = take_text(c);
	if (code_has_table(f->type))
		f->table = take_below(c, before);
	else if (f->type == CODE_U32S)
		f->count = take_below(c, U32S_MAX);
}

static int take_table(struct cdr_decoder *d, struct cursor *c)
{
	size_t n = take_below(c, FIELDS_MAX - d->fields);
	struct dict_field *v;

	if (c->bad || n == 0 || n > cursor_left(c))
		return -EBADMSG;
	v = arena_alloc(d->mem, n * sizeof(*v));
	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < n && !c->bad; i++)
		take_field(c, &v[i], d->tables);
	d->fields += n;
	d->table[d->tables++] = (struct dict_table){v, n};
	return c->bad ? -EBADMSG : 0;
}

static int kind_named(struct slice name)
{
	for (int kind = 0; kind < CODE_KINDS; kind++)
		if (slice_eq(slice_str(cdr_kind_name(kind)), name))
			return kind;
	return -1;
}

static int take_dictionary(struct cdr_decoder *d, struct slice bytes)
{
	struct slice kept = arena_keep(d->mem, bytes);
	struct cursor c = cursor_of(kept);
	size_t n = take_below(&c, TABLES_MAX + 1);
	int err = kept.p || !bytes.len ? 0 : -ENOMEM;

	while (n-- && !err)
		err = take_table(d, &c);
	if (err)
		return err;
	d->head_table = take_below(&c, d->tables);
	d->kinds = take_below(&c, KINDS_MAX + 1);
	for (size_t i = 0; i < d->kinds; i++) {
		struct dict_kind *k = &d->kind[i];

		k->name = take_text(&c);
		k->table = take_below(&c, d->tables);
		k->own = kind_named(k->name);
	}
	return c.bad || cursor_left(&c) ? -EBADMSG : 0;
}

/* --- plans ---------------------------------------------------------------- */

static const struct code_field *own_field(const struct code_table *own,
					  const struct dict_field *f)
{
	for (size_t i = 0; own && i < own->n; i++)
		if (slice_eq(slice_str(own->v[i].name), f->name))
			return own->v[i].type == f->type ? &own->v[i] : NULL;
	return NULL;
}

static const struct plan *find_plan(const struct cdr_decoder *d,
				    const struct dict_table *dict,
				    const struct code_table *own)
{
	for (const struct plan *p = d->plans; p; p = p->next)
		if (p->dict == dict && p->own == own)
			return p;
	return NULL;
}

/* Makes the plan for each struct inside of it too. 0, -EBADMSG when there are
 * too many, -ENOMEM. */
static int make_plan(struct cdr_decoder *d, size_t table,
		     const struct code_table *own, const struct plan **out)
{
	const struct dict_table *dict = &d->table[table];
	struct plan *p;
	int err = 0;

	*out = find_plan(d, dict, own);
	if (*out)
		return 0;
	if (d->pairs++ == PAIRS_MAX)
		return -EBADMSG;
	p = arena_alloc(d->mem, sizeof(*p));
	if (!p || !(p->v = arena_alloc(d->mem, dict->n * sizeof(*p->v))))
		return -ENOMEM;
	p->dict = dict;
	p->own = own;
	for (size_t i = 0; i < dict->n && !err; i++) {
		const struct dict_field *f = &dict->v[i];
		struct step *s = &p->v[i];

		s->type = f->type;
		s->count = f->count;
		s->own = own_field(own, f);
		if (code_has_table(f->type))
			err = make_plan(d, f->table,
					s->own ? s->own->table : NULL,
					&s->plan);
	}
	p->next = d->plans;
	d->plans = p;
	*out = p;
	return err;
}

static int make_plans(struct cdr_decoder *d)
{
	int err = make_plan(d, d->head_table, d->code->head, &d->head);

	for (size_t i = 0; i < d->kinds && !err; i++) {
		struct dict_kind *k = &d->kind[i];

		if (k->own >= 0)
			err = make_plan(d, k->table, d->code->body[k->own],
					&k->plan);
	}
	return err;
}

int cdr_decoder_new(struct cdr_decoder **out, const struct cdr_code *c,
		    struct slice dictionary)
{
	struct cdr_decoder *d = calloc(1, sizeof(*d));
	int err = -ENOMEM;

	if (!d || !(d->mem = arena_new(16384, 0)))
		goto fail;
	d->code = c;
	err = take_dictionary(d, dictionary);
	if (!err)
		err = make_plans(d);
	if (err)
		goto fail;
	*out = d;
	return 0;
fail:
	cdr_decoder_free(d);
	return err;
}

void cdr_decoder_free(struct cdr_decoder *d)
{
	if (!d)
		return;
	arena_free(d->mem);
	free(d);
}

/* --- records -------------------------------------------------------------- */

struct reading {
	struct cursor c; /* over a copy in the record's arena */
	struct arena *mem;
	size_t room;
	bool no_memory;
};

static void *make(struct reading *r, size_t n, size_t size)
{
	void *p = NULL;

	if (n > r->room / size)
		r->c.bad = true;
	else if (!(p = arena_alloc(r->mem, n * size)))
		r->no_memory = r->c.bad = true;
	else
		r->room -= n * size;
	return p;
}

static uint64_t take_le(struct cursor *c, size_t n)
{
	struct slice s = cursor_take(c, n);
	uint64_t v = 0;

	for (size_t i = s.len; i; i--)
		v = v << 8 | s.p[i - 1];
	return v;
}

static const char *take_name(struct cursor *c)
{
	size_t len = take_below(c, cursor_left(c) + 1);
	struct slice s = cursor_take(c, len + 1);

	if (!s.p || s.p[len] || memchr(s.p, 0, len)) {
		c->bad = true;
		return NULL;
	}
	return (const char *)s.p;
}

static struct addr take_addr(struct cursor *c)
{
	uint8_t len = cursor_u8(c);
	struct addr a = {0};
	struct slice ip;

	if (len != 4 && len != 16)
		c->bad = true;
	ip = cursor_take(c, len);
	if (ip.p)
		a = len == 4 ? addr_v4(ip.p, 0) : addr_v6(ip.p, 0);
	a.port = (uint16_t)take_le(c, 2);
	return a;
}

static void take_uid(struct cursor *c, char *to)
{
	struct slice s = take_text(c);

	if (s.len >= CDR_UID || (s.len && memchr(s.p, 0, s.len)))
		c->bad = true;
	else if (to && s.len)
		memcpy(to, s.p, s.len);
}

static void take_strings(struct reading *r, struct cdr_strings *to)
{
	size_t n = take_below(&r->c, cursor_left(&r->c) + 1);
	struct slice *v = to && n ? make(r, n, sizeof(*v)) : NULL;

	for (size_t i = 0; i < n && !r->c.bad; i++) {
		size_t len = take_below(&r->c, cursor_left(&r->c) + 2);
		struct slice s = {0};

		if (len)
			s = cursor_take(&r->c, len - 1);
		if (v)
			v[i] = s;
	}
	if (v && !r->c.bad)
		*to = (struct cdr_strings){v, n};
}

static void take_numbers(struct cursor *c, size_t n, uint32_t *to, size_t room)
{
	for (size_t i = 0; i < n && !c->bad; i++) {
		uint64_t v = take_varint(c);

		if (i < room)
			to[i] = (uint32_t)v;
	}
}

static void take_counters(struct reading *r, struct counters *to)
{
	size_t n = take_below(&r->c, COUNTERS_MAX + 1);

	if (to)
		to->len = 0;
	for (size_t i = 0; i < n && !r->c.bad; i++) {
		const char *name = take_name(&r->c);
		uint64_t v = take_varint(&r->c);

		if (to && name)
			to->v[to->len++] = (struct counter){name, v};
	}
}

static void take_struct(struct reading *r, const struct plan *p, char *base);

static void take_rows(struct reading *r, const struct step *s, char *base)
{
	const struct code_field *f = s->own;
	size_t least = code_bits(s->plan->dict->n);
	size_t n = take_below(&r->c, cursor_left(&r->c) / least + 1);
	char *row = f && n ? make(r, n, f->size) : NULL;

	if (row) {
		memcpy(base + f->offset, &row, sizeof(row));
		memcpy(base + f->count_offset, &n, sizeof(n));
	}
	for (; n && !r->c.bad; n--) {
		if (row)
			code_clear(f->table, row);
		take_struct(r, s->plan, row);
		if (row)
			row += f->size;
	}
}

static void set_optional(const struct step *s, char *base)
{
	if (base && s->own) {
		const bool yes = true;

		memcpy(base + s->own->count_offset, &yes, sizeof(yes));
		code_clear(s->own->table, base + s->own->offset);
	}
}

static void take_number(struct cursor *c, enum code_type type, void *to)
{
	uint64_t v = take_varint(c);

	if (!to || c->bad)
		return;
	if (type == CODE_U32 || type == CODE_N32) {
		*(uint32_t *)to = (uint32_t)v;
		return;
	}
	if (type == CODE_I64)
		v = (v >> 1) ^ (0 - (v & 1));
	*(uint64_t *)to = v;
}

/* to: where it goes, NULL when it is skipped. */
static void take_plain(struct reading *r, const struct step *s, void *to)
{
	struct cursor *c = &r->c;
	struct slice text;
	const char *name;
	struct addr addr;
	uint64_t v;

	switch (s->type) {
	case CODE_TEXT:
		text = take_text(c);
		if (to)
			*(struct slice *)to = text;
		break;
	case CODE_UID:
		take_uid(c, to);
		break;
	case CODE_NAME:
		name = take_name(c);
		if (to)
			*(const char **)to = name;
		break;
	case CODE_ADDR:
		addr = take_addr(c);
		if (to)
			*(struct addr *)to = addr;
		break;
	case CODE_TIME:
	case CODE_DOUBLE: /* the same bits */
		v = take_le(c, 8);
		if (to)
			memcpy(to, &v, sizeof(v));
		break;
	case CODE_FLOAT: {
		uint32_t bits = (uint32_t)take_le(c, 4);

		if (to)
			memcpy(to, &bits, sizeof(bits));
		break;
	}
	case CODE_BOOL:
		if (to)
			*(bool *)to = true;
		break;
	case CODE_STRINGS:
		take_strings(r, to);
		break;
	case CODE_U32S:
		take_numbers(c, s->count, to, to ? s->own->size : 0);
		break;
	case CODE_COUNTERS:
		take_counters(r, to);
		break;
	default:
		take_number(c, s->type, to);
		break;
	}
}

static void take_value(struct reading *r, const struct step *s, char *base)
{
	char *to = base && s->own ? base + s->own->offset : NULL;

	switch (s->type) {
	case CODE_OPTIONAL:
		set_optional(s, base);
		take_struct(r, s->plan, to);
		break;
	case CODE_OBJECT:
		take_struct(r, s->plan, to);
		break;
	case CODE_ROWS:
		take_rows(r, s, base);
		break;
	default:
		take_plain(r, s, to);
		break;
	}
}

/* base NULL: read, and nothing kept. */
static void take_struct(struct reading *r, const struct plan *p, char *base)
{
	struct slice bits = cursor_take(&r->c, code_bits(p->dict->n));

	for (size_t i = 0; i < p->dict->n && !r->c.bad; i++)
		if (bits.p[i / 8] & 1u << i % 8)
			take_value(r, &p->v[i], base);
}

static int take_record(const struct cdr_decoder *d, struct reading *r,
		       struct cdr *cdr)
{
	const struct dict_kind *k;
	size_t kind;

	take_struct(r, d->head, (char *)cdr);
	kind = take_below(&r->c, d->kinds);
	if (r->c.bad)
		return -EBADMSG;
	k = &d->kind[kind];
	if (k->own < 0)
		return -ENOTSUP;
	cdr->kind = (enum cdr_kind)k->own;
	code_clear(d->code->body[k->own], &cdr->call);
	take_struct(r, k->plan, (char *)&cdr->call);
	if (r->no_memory)
		return -ENOMEM;
	return r->c.bad || cursor_left(&r->c) ? -EBADMSG : 0;
}

int cdr_decode(const struct cdr_decoder *d, struct slice bytes,
	       struct cdr **out)
{
	struct cdr *cdr = cdr_new(CDR_CALL);
	struct reading r = {.room = RECORD_MAX};
	struct slice kept;
	int err = -ENOMEM;

	if (!cdr)
		return err;
	kept = arena_keep(cdr->mem, bytes);
	if (bytes.len && !kept.p)
		goto fail;
	r.c = cursor_of(kept);
	r.mem = cdr->mem;
	err = take_record(d, &r, cdr);
	if (err)
		goto fail;
	*out = cdr;
	return 0;
fail:
	cdr_free(cdr);
	return err;
}
