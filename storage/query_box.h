/*
 * The one box: what somebody types, as terms of a search. Words are separated
 * by blanks and must all hold:
 *
 *   key:value  key<number  key>number   (<= and >= too)
 *   a,b        alternatives
 *   -word      must not hold
 *   "a b"      keeps blanks, and is looked for as it is
 *
 * A bare word is a number (its beginning, its end, or whole; with a star
 * 49171*, *1234, *555*), an IP or subnet, a Call-ID or user@host, a uid, or the
 * beginning of a user or User-Agent. Pure.
 */
#ifndef STORAGE_QUERY_BOX_H
#define STORAGE_QUERY_BOX_H

#include "storage/query.h"

#define BOX_SIZE  2048 /* bytes of what is typed */
#define BOX_WORDS 24
#define BOX_TEXT  240
#define BOX_MADE  10240

/* A word as it was understood. */
struct box_word {
	const char *key;
	struct slice value;  /* of what was typed */
	char text[BOX_TEXT]; /* in words: "status is 486" */
};

/* Texts that the terms of the search point to lie in here. */
struct box {
	struct box_word word[BOX_WORDS];
	size_t words;
	char made[BOX_MADE];
	size_t made_n;
};

/* What is wrong, and where: in characters of what was typed. */
struct box_error {
	size_t at;
	char why[DB_WHY];
};

/* Adds the terms of text to q, which has now_ns. whole: numbers are found by
 * all of their digits only, for those who must not see them. 0; -EINVAL; or
 * -EPERM: it looks for a part of a number, and whole is set. */
int box_parse(struct box *b, struct slice text, bool whole, struct query *q,
	      struct box_error *e);

#endif
