#include <errno.h>
#include <stdlib.h>

#include "storage/cdr_decode_priv.h"

/* What a record may take: its arrays are larger than what codes them. */
#define RECORD_MAX ((size_t)256 << 20)

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
	size_t len = code_take_below(c, cursor_left(c) + 1);
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
	struct slice s = code_take_text(c);

	if (s.len >= CDR_UID || (s.len && memchr(s.p, 0, s.len)))
		c->bad = true;
	else if (to && s.len)
		memcpy(to, s.p, s.len);
}

static void take_strings(struct reading *r, struct cdr_strings *to)
{
	size_t n = code_take_below(&r->c, cursor_left(&r->c) + 1);
	struct slice *v = to && n ? make(r, n, sizeof(*v)) : NULL;

	for (size_t i = 0; i < n && !r->c.bad; i++) {
		size_t len = code_take_below(&r->c, cursor_left(&r->c) + 2);
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
		uint64_t v = code_take_varint(c);

		if (i < room)
			to[i] = (uint32_t)v;
	}
}

static void take_counters(struct reading *r, struct counters *to)
{
	size_t n = code_take_below(&r->c, COUNTERS_MAX + 1);

	if (to)
		to->len = 0;
	for (size_t i = 0; i < n && !r->c.bad; i++) {
		const char *name = take_name(&r->c);
		uint64_t v = code_take_varint(&r->c);

		if (to && name)
			to->v[to->len++] = (struct counter){name, v};
	}
}

static void take_struct(struct reading *r, const struct plan *p, char *base);

static void take_rows(struct reading *r, const struct step *s, char *base)
{
	const struct code_field *f = s->own;
	size_t least = code_bits(s->plan->dict->n);
	size_t n = code_take_below(&r->c, cursor_left(&r->c) / least + 1);
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
	uint64_t v = code_take_varint(c);

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
		text = code_take_text(c);
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
	kind = code_take_below(&r->c, d->kinds);
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
