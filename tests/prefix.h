/*
 * The every-prefix test: calls a function for each beginning of a slice, from
 * none of its bytes to all, each time in a heap block of exactly that size,
 * so that AddressSanitizer and valgrind see any read past the end.
 */
#ifndef TESTS_PREFIX_H
#define TESTS_PREFIX_H

#include <stdlib.h>

#include "sniffer/base/slice.h"

typedef void prefix_fn(struct slice in, void *arg);

/* One call with a copy of s in a block of its size. */
static inline void prefix_whole(struct slice s, prefix_fn *fn, void *arg)
{
	uint8_t *copy = malloc(s.len);

	if (!copy && s.len)
		abort();
	if (s.len)
		memcpy(copy, s.p, s.len);
	fn(slice_of(copy, s.len), arg);
	free(copy);
}

static inline void prefix_each(struct slice s, prefix_fn *fn, void *arg)
{
	for (size_t n = 0; n <= s.len; n++)
		prefix_whole(slice_head(s, n), fn, arg);
}

/* True when part lies inside whole (an empty one may lie anywhere). */
static inline bool prefix_inside(struct slice part, struct slice whole)
{
	return part.len == 0 ||
	       (part.p >= whole.p && part.len <= whole.len &&
		(size_t)(part.p - whole.p) <= whole.len - part.len);
}

#endif
