/*
 * Records as rows: the columns of each table follow from the const tables of
 * cdr.h, and a row is built here for any SQL store. Nested names are joined
 * by "_"; arrays are tables of their own with the keys (uid, n) or, where
 * there is no table for them, JSON text.
 */
#ifndef STORAGE_ROW_H
#define STORAGE_ROW_H

#include "sniffer/cdr.h"
#include "storage/outbuf.h"

#define ROW_COLUMNS 128
#define ROW_NAME    48

enum cell_type {
	CELL_NULL,
	CELL_INT,
	CELL_REAL,
	CELL_TEXT, /* off, len in row.text */
	CELL_BLOB, /* likewise */
};

struct row_cell {
	enum cell_type type;
	union {
		int64_t i;
		double r;
		struct {
			size_t off, len;
		};
	};
};

struct row {
	struct row_cell cell[ROW_COLUMNS];
	size_t n;
	struct outbuf text;
};

struct column {
	char name[ROW_NAME];
	const struct cdr_field *field;
	size_t base;   /* of the struct that field is relative to */
	size_t guard;  /* offset of a uid or a bool: "", false = null;
			  SIZE_MAX = none */
	bool reversed; /* the text, from its end */
	bool outer;    /* of the row that holds this one (row_nested()) */
};

/* One table: the columns that come first (keys), then those of fields. */
struct row_table {
	const char *name;
	const char *const *keys; /* NULL at the end */
	struct column v[ROW_COLUMNS];
	size_t n;
};

enum row_table_id {
	TABLE_CDR, /* calls and sessions */
	TABLE_STREAM,
	TABLE_QUALITY,
	TABLE_DIALOG,
	TABLE_MESSAGE,
	TABLE_ICE_CANDIDATE,
	TABLE_ICE_PAIR,
	TABLE_DTLS,
	TABLE_TURN,
	TABLE_DTMF,
	TABLE_DIAGNOSIS,
	TABLE_REGISTRATION,
	TABLE_TRANSACTION,
	TABLES,
};

/* Fills all of t[TABLES]. */
void row_tables(struct row_table t[TABLES]);

const char *row_table_name(enum row_table_id id);
/* The column of a field of a record's own struct: its name, or what stands
 * for it. */
const char *row_column_name(const char *field);

/* The table of records of that kind; TABLES when none holds them. */
enum row_table_id row_table_of(enum cdr_kind kind);

/* Row building: begin, put the keys, then row_fields() for the rest. Text
 * cells are UTF-8 (outbuf.h) and good until the next row_begin(). */
void row_begin(struct row *r);
void row_null(struct row *r);
void row_int(struct row *r, int64_t v);
void row_text(struct row *r, struct slice s); /* p == NULL: NULL */
void row_time(struct row *r, uint64_t ns);    /* 0: NULL */
/* What was put into r->text since off. */
void row_blob(struct row *r, size_t off);
void row_fields(struct row *r, const struct row_table *t, const void *body);
/* The same for a row inside another: that one's own columns come first. */
void row_nested(struct row *r, const struct row_table *t, const void *outer,
		const void *inner);

/* The text or blob of a cell. */
struct slice row_bytes(const struct row *r, const struct row_cell *c);

/* The keys of a record's own row: uid, type (calls and sessions only),
 * sensor, partial, last_packet, packets. */
void row_record_keys(struct row *r, const struct cdr *cdr);

/* The arrays of a call that have tables. */
struct row_array {
	enum row_table_id table;
	const struct cdr_field *field; /* of cdr_fields(CDR_CALL) */
	const struct cdr_field *inner; /* an array in its rows; or NULL */
};
#define ROW_ARRAYS 9
void row_arrays(struct row_array out[ROW_ARRAYS]);

#endif
