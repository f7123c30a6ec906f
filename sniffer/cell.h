/*
 * Text for a terminal: cells of a given width, filled from untrusted bytes.
 * Pure, apart from the locale that says how wide a character is.
 */
#ifndef SNIFFER_CELL_H
#define SNIFFER_CELL_H

#include <locale.h>

#include "sniffer/base/slice.h"

#define CELL_BYTES 160

/* Up to max columns. Text that does not fit ends with an ellipsis. */
struct cell {
	char text[CELL_BYTES]; /* terminated UTF-8 */
	size_t len;
	unsigned width, max;
	locale_t chars; /* of UTF-8; 0 = everything but ASCII is escaped */
};

void cell_begin(struct cell *c, unsigned max, locale_t chars);

/* Control characters, bytes that are no UTF-8 and characters without a
 * width of their own that may reorder or hide text are written as \xHH or
 * \uHHHH. False when it did not fit. */
bool cell_put(struct cell *c, struct slice s);
bool cell_str(struct cell *c, const char *s);

#endif
