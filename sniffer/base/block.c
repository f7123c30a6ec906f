#include "sniffer/base/block.h"

#include <assert.h>
#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#define LINE 64

/* The bytes follow it. */
struct pooled {
	alignas(LINE) struct block block;
	struct block_pool *pool;
	struct pooled *next; /* while nobody holds it */
	atomic_uint held;
};

/* A block lives for hundreds of frames: the lock is rarely asked for. */
struct block_pool {
	pthread_mutex_t lock;
	pthread_cond_t given;
	unsigned waiting;
	struct pooled *spare; /* the latest one first: it may be cached */
	size_t block_bytes, limit;
	size_t made;
	atomic_size_t used;
	bool closed; /* the last block takes the pool with it */
};

static struct pooled *pooled_of(struct block *b)
{
	return (struct pooled *)b;
}

static int init_lock(struct block_pool *p)
{
	pthread_condattr_t attr;
	int err = pthread_mutex_init(&p->lock, NULL);

	if (err)
		return err;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	err = pthread_cond_init(&p->given, &attr);
	pthread_condattr_destroy(&attr);
	if (err)
		pthread_mutex_destroy(&p->lock);
	return err;
}

struct block_pool *block_pool_new(size_t block_bytes, size_t blocks)
{
	struct block_pool *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	if (init_lock(p)) {
		free(p);
		return NULL;
	}
	p->block_bytes = (block_bytes + LINE - 1) / LINE * LINE;
	p->limit = blocks;
	return p;
}

static void destroy(struct block_pool *p)
{
	struct pooled *next;

	for (struct pooled *b = p->spare; b; b = next) {
		next = b->next;
		free(b);
	}
	pthread_cond_destroy(&p->given);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

void block_pool_free(struct block_pool *p)
{
	bool last;

	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->closed = true;
	last = !atomic_load(&p->used);
	pthread_mutex_unlock(&p->lock);
	if (last)
		destroy(p);
}

static struct pooled *make(struct block_pool *p)
{
	struct pooled *b;

	if (p->made == p->limit)
		return NULL;
	b = aligned_alloc(LINE, sizeof(*b) + p->block_bytes);
	if (!b)
		return NULL;
	b->block = (struct block){.data = (uint8_t *)(b + 1),
				  .size = p->block_bytes};
	b->pool = p;
	p->made++;
	return b;
}

/* Under the lock. */
static struct pooled *take(struct block_pool *p)
{
	struct pooled *b = p->spare;

	if (b)
		p->spare = b->next;
	else
		b = make(p);
	if (!b)
		return NULL;
	atomic_fetch_add(&p->used, 1);
	b->block.used = 0;
	atomic_init(&b->held, 1);
	return b;
}

struct block *block_take(struct block_pool *p)
{
	struct pooled *b;

	pthread_mutex_lock(&p->lock);
	b = take(p);
	pthread_mutex_unlock(&p->lock);
	return b ? &b->block : NULL;
}

struct block *block_wait(struct block_pool *p, unsigned ms)
{
	struct timespec until;
	struct pooled *b;
	int err = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_nsec -= 1000000000L;
		until.tv_sec++;
	}
	pthread_mutex_lock(&p->lock);
	p->waiting++;
	while (!(b = take(p)) && !err)
		err = pthread_cond_timedwait(&p->given, &p->lock, &until);
	p->waiting--;
	pthread_mutex_unlock(&p->lock);
	return b ? &b->block : NULL;
}

void block_hold(struct block *b, unsigned n)
{
	atomic_fetch_add_explicit(&pooled_of(b)->held, n, memory_order_relaxed);
}

static void give_back(struct pooled *b)
{
	struct block_pool *p = b->pool;
	bool last;

	pthread_mutex_lock(&p->lock);
	b->next = p->spare;
	p->spare = b;
	if (p->waiting)
		pthread_cond_signal(&p->given);
	last = atomic_fetch_sub(&p->used, 1) == 1 && p->closed;
	pthread_mutex_unlock(&p->lock);
	if (last)
		destroy(p);
}

void block_drop(struct block *b, unsigned n)
{
	struct pooled *o = pooled_of(b);
	unsigned held =
		atomic_fetch_sub_explicit(&o->held, n, memory_order_acq_rel);

	assert(held >= n);
	if (held == n)
		give_back(o);
}

size_t block_pool_used(const struct block_pool *p)
{
	return atomic_load(&p->used);
}
