/*
 * Inside of reading: a dictionary as it is read, and the plans that follow
 * from holding it against our own fields.
 */
#ifndef STORAGE_CDR_DECODE_PRIV_H
#define STORAGE_CDR_DECODE_PRIV_H

#include "storage/cdr_code_priv.h"

#define TABLES_MAX 1024
#define KINDS_MAX  64

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

/* Reads that fail set c->bad. */
uint64_t code_take_varint(struct cursor *c);
/* A varint below the limit. */
size_t code_take_below(struct cursor *c, size_t limit);
/* Its length and the bytes. */
struct slice code_take_text(struct cursor *c);

#endif
