/*
 * Streams are fed whole, byte by byte, and in two at each point: what comes
 * out must be the same. Each piece lies in a heap block of its own size that
 * is gone afterwards: a borrowed byte that is kept shows.
 */
#ifndef TESTS_WEB_SPLIT_H
#define TESTS_WEB_SPLIT_H

#include "tests/prefix.h"

/* Ways to cut n bytes: 0 whole, 1 byte by byte, else in two at way - 1. */
static inline size_t split_ways(size_t n)
{
	return n + 1;
}

static inline void split_feed(struct slice in, size_t way, prefix_fn *feed,
			      void *arg)
{
	size_t at = way > 1 ? way - 1 : in.len;

	if (way == 1) {
		for (size_t i = 0; i < in.len; i++)
			prefix_whole(slice_of(in.p + i, 1), feed, arg);
		return;
	}
	if (at)
		prefix_whole(slice_head(in, at), feed, arg);
	if (at < in.len)
		prefix_whole(slice_from(in, at), feed, arg);
}

#endif
