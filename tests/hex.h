/*
 * Bytes for tests from text: two hex digits each, blanks between them as one
 * likes.
 */
#ifndef TESTS_HEX_H
#define TESTS_HEX_H

#include <stdlib.h>

#include "sniffer/base/slice.h"

#define HEX_MAX 512

struct hex {
	uint8_t b[HEX_MAX];
};

static inline unsigned hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *at = strchr(digits, c);

	if (!c || !at)
		abort();
	return (unsigned)(at - digits);
}

/* In the caller's buffer. */
static inline struct slice hex(struct hex *to, const char *text)
{
	size_t n = 0;

	for (; *text; text++) {
		if (*text == ' ')
			continue;
		if (n == HEX_MAX || !text[1])
			abort();
		to->b[n++] =
			(uint8_t)(hex_digit(text[0]) << 4 | hex_digit(text[1]));
		text++;
	}
	return slice_of(to->b, n);
}

#endif
