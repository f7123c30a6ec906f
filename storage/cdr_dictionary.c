#include <errno.h>
#include <stdlib.h>

#include "storage/cdr_decode_priv.h"

#define FIELDS_MAX 4096 /* of all structs of a dictionary */
#define PAIRS_MAX  4096
#define U32S_MAX   1024

uint64_t code_take_varint(struct cursor *c)
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

size_t code_take_below(struct cursor *c, size_t limit)
{
	uint64_t v = code_take_varint(c);

	if (v >= limit)
		c->bad = true;
	return c->bad ? 0 : (size_t)v;
}

struct slice code_take_text(struct cursor *c)
{
	return cursor_take(c, code_take_below(c, cursor_left(c) + 1));
}

/* --- the dictionary ------------------------------------------------------- */

/* A table comes after those that it names: no circles. */
static void take_field(struct cursor *c, struct dict_field *f, size_t before)
{
	uint8_t type = cursor_u8(c);

	if (type == 0 || type >= CODE_TYPES)
		c->bad = true;
	f->type = c->bad ? CODE_BOOL : (enum code_type)type;
	f->name = code_take_text(c);
	if (code_has_table(f->type))
		f->table = code_take_below(c, before);
	else if (f->type == CODE_U32S)
		f->count = code_take_below(c, U32S_MAX);
}

static int take_table(struct cdr_decoder *d, struct cursor *c)
{
	size_t n = code_take_below(c, FIELDS_MAX - d->fields);
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
	size_t n = code_take_below(&c, TABLES_MAX + 1);
	int err = kept.p || !bytes.len ? 0 : -ENOMEM;

	while (n-- && !err)
		err = take_table(d, &c);
	if (err)
		return err;
	d->head_table = code_take_below(&c, d->tables);
	d->kinds = code_take_below(&c, KINDS_MAX + 1);
	for (size_t i = 0; i < d->kinds; i++) {
		struct dict_kind *k = &d->kind[i];

		k->name = code_take_text(&c);
		k->table = code_take_below(&c, d->tables);
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
