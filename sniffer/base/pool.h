/*
 * Memory for many objects of one size, on cache lines and close together:
 * after the first ones, in blocks that the system may back with huge pages.
 * What is given back is used again; the system gets all of it at the end.
 * One owner, unless it is given a lock.
 */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

struct pool {
	size_t size; /* of an object */
	struct pool_block *blocks;
	struct pool_spare *spare;
	uint8_t *at; /* the rest of the newest block */
	size_t left;
	size_t bytes;	       /* of all blocks */
	pthread_mutex_t *lock; /* of several threads; NULL */
};

void pool_init(struct pool *p, size_t size);
void pool_close(struct pool *p); /* with all objects */

/* Not zeroed, aligned to 64 bytes; NULL without memory. */
void *pool_take(struct pool *p);
void pool_give(struct pool *p, void *object);

#endif
