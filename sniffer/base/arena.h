/*
 * Memory that goes all at once. One owner, no locks. Allocation may fail
 * (NULL): the caller drops what it was building and counts it.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "sniffer/base/slice.h"

struct arena;

/* first = bytes of the first piece (later ones are half of what there is, up
 * to 64 KB); limit = bytes in all, 0 for none. NULL without memory. */
struct arena *arena_new(size_t first, size_t limit);
void arena_free(struct arena *a); /* NULL is fine */

/* Zeroed, aligned for any type; NULL at the limit or without memory. */
void *arena_alloc(struct arena *a, size_t size);

/* A copy that lives as long as the arena; an empty slice on failure. */
struct slice arena_keep(struct arena *a, struct slice s);
/* The same, terminated; NULL on failure. */
char *arena_str(struct arena *a, struct slice s);

/* Everything of from belongs to a from now on; from is gone. */
void arena_adopt(struct arena *a, struct arena *from);

/* Bytes taken from the system. */
size_t arena_size(const struct arena *a);
/* These bytes are part of *sum from now on, until the arena goes; sum outlives
 * it. */
void arena_count(struct arena *a, size_t *sum);

/* Tests only: the n-th allocation from now on fails, once; 0 = never. The
 * knob is per thread and touches arenas only. */
void arena_fail_at(unsigned n);

#endif
