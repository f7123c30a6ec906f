/*
 * Records as bytes, for files that outlive the program: the queue, the
 * journal. What is written follows from the const tables of cdr.h and what
 * they do not list but stores use (slices of streams, number, packets ...).
 *
 * Versions understand each other: a file carries a dictionary of the fields
 * and their types, a reader finds them by name, skips what it does not know
 * and leaves null what is missing. A decoded record gives the same report
 * line and the same rows, byte for byte.
 *
 * Both are const once made: any thread may use them.
 */
#ifndef STORAGE_CDR_CODE_H
#define STORAGE_CDR_CODE_H

#include "sniffer/cdr.h"
#include "storage/outbuf.h"

struct cdr_code;
struct cdr_decoder;

/* The fields of this program's records; NULL without memory. */
struct cdr_code *cdr_code_new(void);
void cdr_code_free(struct cdr_code *c); /* NULL is fine */

/* Appends the dictionary: written once before the records. */
void cdr_code_dictionary(const struct cdr_code *c, struct outbuf *b);
/* Appends one record, without its length. Without memory b->failed. */
void cdr_code_put(const struct cdr_code *c, struct outbuf *b,
		  const struct cdr *cdr);

/* A reader of records behind that dictionary, which may be another version's;
 * c must live as long. 0, -EBADMSG when it is damaged, -ENOMEM. */
int cdr_decoder_new(struct cdr_decoder **out, const struct cdr_code *c,
		    struct slice dictionary);
void cdr_decoder_free(struct cdr_decoder *d); /* NULL is fine */

/* A record of its own, to be freed with cdr_free(); bytes are copied. 0,
 * -EBADMSG when they are damaged, -ENOTSUP when it is of a kind that this
 * program does not know, -ENOMEM. */
int cdr_decode(const struct cdr_decoder *d, struct slice bytes,
	       struct cdr **out);

#endif
