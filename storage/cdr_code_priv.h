/*
 * Inside of cdr_code: the fields as they are coded, for writing and reading.
 *
 * A dictionary, all numbers varints (LEB128) unless said otherwise:
 *   tables, then for each: fields, then for each:
 *     u8 type, length and bytes of the name, and
 *     of OBJECT, OPTIONAL and ROWS the number of its table, which comes
 *     before; of U32S how many there are
 *   the table of struct cdr, kinds, then for each: length and bytes of the
 *   name, its table
 *
 * A record: struct cdr, the number of its kind, its body. A struct: a bit for
 * each field, low bits first, set when the field is not null; then the values
 * of these in order:
 *   TEXT, UID   length, bytes
 *   NAME        length, bytes, NUL
 *   ADDR        u8 4 or 16, the IP, u16
 *   TIME, DOUBLE 8 bytes, FLOAT 4 bytes, little-endian
 *   U32, U64, N32, N64  a varint; I64 zigzag
 *   BOOL        nothing: the bit says it
 *   STRINGS     count, each 0 for null or length + 1 and bytes
 *   U32S        so many varints
 *   OBJECT, OPTIONAL  the struct
 *   ROWS        count, the structs
 *   COUNTERS    count, each a NAME and a varint
 */
#ifndef STORAGE_CDR_CODE_PRIV_H
#define STORAGE_CDR_CODE_PRIV_H

#include "storage/cdr_code.h"

/* On disk: the numbers stay. */
enum code_type {
	CODE_TEXT = 1,
	CODE_UID = 2,
	CODE_NAME = 3,
	CODE_ADDR = 4,
	CODE_TIME = 5,
	CODE_DOUBLE = 6, /* null = NAN */
	CODE_FLOAT = 7,	 /* likewise */
	CODE_U32 = 8,	 /* null = CDR_NO_U32 */
	CODE_U64 = 9,	 /* null = UINT64_MAX */
	CODE_I64 = 10,	 /* null = CDR_NO_US */
	CODE_N32 = 11,	 /* never null: missing = 0 */
	CODE_N64 = 12,
	CODE_BOOL = 13,
	CODE_STRINGS = 14,
	CODE_U32S = 15,
	CODE_OBJECT = 16,
	CODE_OPTIONAL = 17, /* a bool at count_offset */
	CODE_ROWS = 18,
	CODE_COUNTERS = 19,
	CODE_TYPES,
};

struct code_field {
	const char *name;
	enum code_type type;
	size_t offset;
	const struct code_table *table; /* of OBJECT, OPTIONAL, ROWS */
	size_t size;			/* of a row; numbers of U32S */
	size_t count_offset;		/* of ROWS, OPTIONAL */
};

struct code_table {
	const struct code_field *v;
	size_t n;
	size_t number; /* in the dictionary */
};

#define CODE_TABLES 64
#define CODE_KINDS  (CDR_SUMMARY + 1)

struct cdr_code {
	struct arena *mem;
	const struct code_table *table[CODE_TABLES]; /* by number */
	size_t tables;
	const struct code_table *head; /* of struct cdr */
	const struct code_table *body[CODE_KINDS];
};

static inline bool code_has_table(enum code_type type)
{
	return type == CODE_OBJECT || type == CODE_OPTIONAL ||
	       type == CODE_ROWS;
}

/* Bytes of the bits that a struct begins with. */
static inline size_t code_bits(size_t fields)
{
	return (fields + 7) / 8;
}

/* Makes all fields null. */
void code_clear(const struct code_table *t, void *base);

#endif
