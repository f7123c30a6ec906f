#include "storage/cdr_code_priv.h"

#include <assert.h>
#include <stdlib.h>

#define FIELDS_MAX 256 /* of one struct */

#define FIELD(type_, st, member)                                               \
	{                                                                      \
		.name = #member, .type = CODE_##type_,                         \
		.offset = offsetof(st, member)                                 \
	}

/* --- what the tables of cdr.h do not list --------------------------------- */

static const struct code_field slice_fields[] = {
	FIELD(N64, struct cdr_slice10, start_s),
	FIELD(N32, struct cdr_slice10, packets),
	FIELD(N32, struct cdr_slice10, lost),
	FIELD(N32, struct cdr_slice10, duplicates),
	FIELD(N32, struct cdr_slice10, late_f1),
	FIELD(N32, struct cdr_slice10, late_f2),
	FIELD(N32, struct cdr_slice10, late_adaptive),
	FIELD(FLOAT, struct cdr_slice10, jitter_ms_max),
	FIELD(FLOAT, struct cdr_slice10, delta_ms_max),
	FIELD(FLOAT, struct cdr_slice10, mos_f1),
	FIELD(FLOAT, struct cdr_slice10, mos_f2),
	FIELD(FLOAT, struct cdr_slice10, mos_adaptive),
	FIELD(N32, struct cdr_slice10, bytes),
	FIELD(N32, struct cdr_slice10, nack),
	FIELD(N32, struct cdr_slice10, nack_numbers),
	FIELD(N32, struct cdr_slice10, pli),
	FIELD(N32, struct cdr_slice10, fir),
	FIELD(N32, struct cdr_slice10, remb_kbps),
	FIELD(N32, struct cdr_slice10, frames),
};
static const struct code_table slice_table = {
	slice_fields, sizeof(slice_fields) / sizeof(slice_fields[0]), 0};

static const struct code_field repairs_fields[] = {
	FIELD(N32, struct cdr_stream, repairs),
};
static const struct code_table repairs_table = {repairs_fields, 1, 0};

static const struct code_field stream_fields[] = {
	FIELD(BOOL, struct cdr_stream, is_repair),
	FIELD(N64, struct cdr_stream, opened),
	{.name = "slices",
	 .type = CODE_ROWS,
	 .offset = offsetof(struct cdr_stream, slices),
	 .table = &slice_table,
	 .size = sizeof(struct cdr_slice10),
	 .count_offset = offsetof(struct cdr_stream, slices_n)},
};

static const struct code_field call_fields[] = {
	FIELD(BOOL, struct cdr_call, shared_media),
	FIELD(BOOL, struct cdr_call, told),
};

static const struct code_field head_fields[] = {
	FIELD(N64, struct cdr, number),	      FIELD(UID, struct cdr, uid),
	FIELD(TEXT, struct cdr, sensor),      FIELD(NAME, struct cdr, partial),
	FIELD(TIME, struct cdr, last_packet), FIELD(N64, struct cdr, packets),
};
static const struct code_table head_table = {
	head_fields, sizeof(head_fields) / sizeof(head_fields[0]), 0};

/* --- tables --------------------------------------------------------------- */

static const enum code_type types[] = {
	[CDR_T_TEXT] = CODE_TEXT,	[CDR_T_UID] = CODE_UID,
	[CDR_T_NAME] = CODE_NAME,	[CDR_T_ADDR] = CODE_ADDR,
	[CDR_T_TIME] = CODE_TIME,	[CDR_T_US] = CODE_I64,
	[CDR_T_DOUBLE] = CODE_DOUBLE,	[CDR_T_U32] = CODE_U32,
	[CDR_T_U64] = CODE_U64,		[CDR_T_I64] = CODE_I64,
	[CDR_T_BOOL] = CODE_BOOL,	[CDR_T_TRUTH] = CODE_NAME,
	[CDR_T_SSRC] = CODE_N32,	[CDR_T_REPAIRS] = CODE_OPTIONAL,
	[CDR_T_STRINGS] = CODE_STRINGS, [CDR_T_U32S] = CODE_U32S,
	[CDR_T_OBJECT] = CODE_OBJECT,	[CDR_T_OPTIONAL] = CODE_OPTIONAL,
	[CDR_T_ROWS] = CODE_ROWS,	[CDR_T_COUNTERS] = CODE_COUNTERS,
};

/* One struct while its fields are collected. */
struct making {
	struct code_field v[FIELDS_MAX];
	size_t n;
};

/* Tables that were made, and of what. */
struct making_all {
	struct cdr_code *code;
	const void *of[CODE_TABLES];
};

static const struct code_table *made_before(const struct making_all *all,
					    const void *of)
{
	for (size_t i = 0; of && i < all->code->tables; i++)
		if (all->of[i] == of)
			return all->code->table[i];
	return NULL;
}

/* Gives the table its number; NULL without memory. */
static const struct code_table *add_table(struct making_all *all,
					  const void *of,
					  const struct code_field *v, size_t n)
{
	struct cdr_code *c = all->code;
	struct code_table *t = arena_alloc(c->mem, sizeof(*t));
	struct code_field *own = arena_alloc(c->mem, n * sizeof(*own));

	if (!t || !own)
		return NULL;
	assert(c->tables < CODE_TABLES && n);
	memcpy(own, v, n * sizeof(*own));
	*t = (struct code_table){own, n, c->tables};
	all->of[c->tables] = of;
	c->table[c->tables++] = t;
	return t;
}

/* Of this file's own; those inside of it come first. */
static const struct code_table *add_own(struct making_all *all,
					const struct code_table *own)
{
	const struct code_table *t = made_before(all, own);

	return t ? t : add_table(all, own, own->v, own->n);
}

static bool has_field(const struct making *m, const char *name)
{
	for (size_t i = 0; i < m->n; i++)
		if (!strcmp(m->v[i].name, name))
			return true;
	return false;
}

/* One that is listed by now is not added again. */
static bool add_field(struct making_all *all, struct making *m,
		      struct code_field f, const struct code_table *own)
{
	if (has_field(m, f.name))
		return true;
	if (own)
		f.table = add_own(all, own);
	if (code_has_table(f.type) && !f.table)
		return false;
	assert(m->n < FIELDS_MAX && strlen(f.name) < 256);
	m->v[m->n++] = f;
	return true;
}

static bool add_extras(struct making_all *all, struct making *m,
		       const struct code_field *v, size_t n)
{
	bool ok = true;

	for (size_t i = 0; i < n && ok; i++)
		ok = add_field(all, m, v[i], v[i].table);
	return ok;
}

static const struct code_table *make_table(struct making_all *all,
					   const struct cdr_field *fields,
					   bool streams);

static bool add_listed(struct making_all *all, struct making *m,
		       const struct cdr_field *f)
{
	struct code_field to = {
		.name = f->name,
		.type = types[f->type],
		.offset = f->offset,
		.size = f->size,
		.count_offset = f->count_offset,
	};
	const struct code_table *own = NULL;

	if (f->type == CDR_T_REPAIRS) {
		to.count_offset = offsetof(struct cdr_stream, has_repairs);
		own = &repairs_table;
	} else if (code_has_table(to.type)) {
		to.table = make_table(all, f->fields,
				      f->size == sizeof(struct cdr_stream) &&
					      !strcmp(f->name, "streams"));
	}
	return add_field(all, m, to, own);
}

static bool add_all(struct making_all *all, struct making *m,
		    const struct cdr_field *f)
{
	bool ok = true;

	for (; f->type != CDR_T_END && ok; f++)
		if (f->type != CDR_T_NULL)
			ok = add_listed(all, m, f);
	return ok;
}

static const struct code_table *
make_table(struct making_all *all, const struct cdr_field *fields, bool streams)
{
	const struct code_table *t = made_before(all, fields);
	struct making *m = t ? NULL : calloc(1, sizeof(*m));

	if (m && add_all(all, m, fields) &&
	    (!streams ||
	     add_extras(all, m, stream_fields,
			sizeof(stream_fields) / sizeof(stream_fields[0]))))
		t = add_table(all, fields, m->v, m->n);
	free(m);
	return t;
}

/* Calls and sessions are the same struct: all that either of them lists. */
static const struct code_table *make_call(struct making_all *all)
{
	struct making *m = calloc(1, sizeof(*m));
	const struct code_table *t = NULL;

	if (m && add_all(all, m, cdr_fields(CDR_CALL)) &&
	    add_all(all, m, cdr_fields(CDR_SESSION)) &&
	    add_extras(all, m, call_fields,
		       sizeof(call_fields) / sizeof(call_fields[0])))
		t = add_table(all, NULL, m->v, m->n);
	free(m);
	return t;
}

static bool make_all(struct cdr_code *c)
{
	struct making_all all = {.code = c};

	c->mem = arena_new(16384, 0);
	if (!c->mem)
		return false;
	c->head = add_own(&all, &head_table);
	c->body[CDR_CALL] = make_call(&all);
	c->body[CDR_SESSION] = c->body[CDR_CALL];
	for (int kind = CDR_REGISTRATION; kind <= CDR_SUMMARY; kind++)
		c->body[kind] = make_table(&all, cdr_fields(kind), false);
	for (int kind = 0; kind < CODE_KINDS; kind++)
		if (!c->body[kind])
			return false;
	return c->head;
}

struct cdr_code *cdr_code_new(void)
{
	struct cdr_code *c = calloc(1, sizeof(*c));

	if (c && !make_all(c)) {
		cdr_code_free(c);
		c = NULL;
	}
	return c;
}

void cdr_code_free(struct cdr_code *c)
{
	if (!c)
		return;
	arena_free(c->mem);
	free(c);
}

/* --- null ----------------------------------------------------------------- */

static void clear_field(const struct code_field *f, char *at)
{
	switch (f->type) {
	case CODE_DOUBLE:
		*(double *)(void *)at = NAN;
		break;
	case CODE_FLOAT:
		*(float *)(void *)at = NAN;
		break;
	case CODE_U32:
		*(uint32_t *)(void *)at = CDR_NO_U32;
		break;
	case CODE_U64:
		*(uint64_t *)(void *)at = UINT64_MAX;
		break;
	case CODE_I64:
		*(int64_t *)(void *)at = CDR_NO_US;
		break;
	case CODE_OBJECT:
		code_clear(f->table, at);
		break;
	case CODE_OPTIONAL:
	default: /* zero: the memory is */
		break;
	}
}

void code_clear(const struct code_table *t, void *base)
{
	for (size_t i = 0; i < t->n; i++)
		clear_field(&t->v[i], (char *)base + t->v[i].offset);
}
