/*
 * Bytes for tests, typed in as hexadecimal digits as RFCs print them; blanks
 * are skipped.
 */
#ifndef TESTS_HEX_H
#define TESTS_HEX_H

#include <stdlib.h>

#include "sniffer/base/slice.h"

static inline int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Writes at most max bytes; aborts on what is no hexadecimal text or longer:
 * a mistake in the test. */
static inline struct slice hex_bytes(const char *text, uint8_t *out, size_t max)
{
	size_t digits = 0;

	for (; *text; text++) {
		int v = hex_digit(*text);

		if (*text == ' ' || *text == '\n')
			continue;
		if (v < 0 || digits / 2 >= max)
			abort();
		if (digits % 2)
			out[digits / 2] = (uint8_t)(out[digits / 2] << 4 | v);
		else
			out[digits / 2] = (uint8_t)v;
		digits++;
	}
	if (digits % 2)
		abort();
	return slice_of(out, digits / 2);
}

#define HEX_MAX 512

struct hex {
	uint8_t b[HEX_MAX];
};

/* In the caller's buffer. */
static inline struct slice hex(struct hex *to, const char *text)
{
	return hex_bytes(text, to->b, sizeof(to->b));
}

#endif
