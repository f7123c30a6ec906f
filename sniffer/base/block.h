/*
 * Memory for captured frames: blocks of one size from a bounded pool. A block
 * is filled by the thread that took it, then only read, by any thread; whoever
 * needs its bytes holds a reference, and the last one gives it back. No block
 * is ever copied.
 */
#ifndef BASE_BLOCK_H
#define BASE_BLOCK_H

#include <stddef.h>
#include <stdint.h>

struct block_pool;

struct block {
	uint8_t *data; /* aligned to 64 bytes */
	size_t size;
	size_t used; /* for whoever fills it; 0 when it was taken */
};

/* NULL without memory. Blocks are made when they are needed for the first
 * time: a pool that is never short stays small. */
struct block_pool *block_pool_new(size_t block_bytes, size_t blocks);

/* NULL is fine. Blocks that somebody still holds keep the pool until they are
 * dropped; none may be taken from it any more. */
void block_pool_free(struct block_pool *p);

/* Any thread. With one reference, the caller's; NULL when all blocks are in
 * use, or without memory. */
struct block *block_take(struct block_pool *p);

/* The same, sleeping for ms milliseconds at most until one is given back. */
struct block *block_wait(struct block_pool *p, unsigned ms);

/* Any thread that has a reference: n more, n of them less. */
void block_hold(struct block *b, unsigned n);
void block_drop(struct block *b, unsigned n);

/* Blocks that somebody holds, about: any thread. */
size_t block_pool_used(const struct block_pool *p);

#endif
