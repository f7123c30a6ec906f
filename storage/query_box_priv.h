/*
 * Inside of query_box*.c: the grammar is in query_box.c, bare words and the
 * sentences that say what was understood in query_box_word.c.
 */
#ifndef STORAGE_QUERY_BOX_PRIV_H
#define STORAGE_QUERY_BOX_PRIV_H

#include "storage/query_box.h"

enum box_form {
	BOX_VALUE,
	BOX_NUMBER, /* a pattern of a number */
	BOX_COMPARE,
	BOX_MOMENT,
};

struct box_key {
	const char *name, *subject;
	enum query_key key;
	enum box_form form;
	const char *unit; /* of a bare number */
};

struct box_parser {
	struct box *b;
	struct slice text;
	bool whole;
	struct query *q;
	struct box_error *e;
	struct box_word *word; /* the one at hand */
	unsigned group;
	bool negate;
	size_t values; /* that its sentence has */
};

/* Writes the error; returns err. */
int box_refuse(struct box_parser *x, const uint8_t *at, int err,
	       const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Without its quotation marks: true when it had them. */
bool box_unquote(struct slice *s);
/* sip:, sips:, tel: before a URI go away; false: there is none. */
bool box_is_uri(struct slice *s);

/* A term of the word at hand: its terms are alternatives. */
int box_add(struct box_parser *x, enum query_key key, struct slice value);
/* A pattern of a number, with and without +. */
int box_add_number(struct box_parser *x, enum query_key key, struct slice v);

/* A word without a key. */
int box_bare(struct box_parser *x, struct slice word);

/* The word's sentence grows. */
void box_say(struct box_parser *x, const char *before, struct slice text);
void box_say_value(struct box_parser *x, struct slice value);
void box_say_compare(struct box_parser *x, struct slice value,
		     const char *unit);

#endif
