/*
 * ULIDs that follow from what they name: 48 bits of milliseconds and 80 bits
 * of SHA-256, in Crockford's base 32. Reading the same input again gives the
 * same one.
 */
#ifndef BASE_ULID_H
#define BASE_ULID_H

#include "sniffer/base/slice.h"

#define ULID_SIZE 27 /* 26 characters and the terminator */

/* ts_ns: the moment it is named after. The parts are hashed with their
 * lengths, so ("ab", "c") and ("a", "bc") differ. */
void ulid_make(char out[ULID_SIZE], uint64_t ts_ns, const struct slice *part,
	       size_t parts);
/* The least one of a millisecond since 1970: all that are earlier sort before
 * it. */
void ulid_first(char out[ULID_SIZE], uint64_t ms);
/* Milliseconds since 1970 out of a ULID's text; 0 when it is none. */
uint64_t ulid_ms(const char *ulid);

#endif
