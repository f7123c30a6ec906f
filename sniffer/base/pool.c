#include "sniffer/base/pool.h"

#include <stdalign.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
	LINE = 64,
	FIRST_BLOCK = 64 << 10,
	HUGE_BLOCK = 2 << 20,
};

struct pool_block {
	alignas(LINE) struct pool_block *next;
};

struct pool_spare {
	struct pool_spare *next;
};

void pool_init(struct pool *p, size_t size)
{
	*p = (struct pool){.size = (size + LINE - 1) / LINE * LINE};
}

void pool_close(struct pool *p)
{
	struct pool_block *next;

	for (struct pool_block *b = p->blocks; b; b = next) {
		next = b->next;
		free(b);
	}
	pool_init(p, p->size);
}

/* Small captures do not pay for a huge page. */
static int more(struct pool *p)
{
	size_t align = p->blocks ? HUGE_BLOCK : LINE;
	size_t size = p->blocks ? HUGE_BLOCK : FIRST_BLOCK;
	size_t need = sizeof(struct pool_block) + p->size;
	struct pool_block *b;

	if (size < need)
		size = (need + align - 1) / align * align;
	b = aligned_alloc(align, size);
	if (!b)
		return 0;
	if (align == HUGE_BLOCK) /* a wish: without it all is the same */
		madvise(b, size, MADV_HUGEPAGE);
	b->next = p->blocks;
	p->blocks = b;
	p->at = (uint8_t *)(b + 1);
	p->left = size - sizeof(*b);
	p->bytes += size;
	return 1;
}

static void *take(struct pool *p)
{
	struct pool_spare *s = p->spare;
	void *object;

	if (s) {
		p->spare = s->next;
		return s;
	}
	if (p->left < p->size && !more(p))
		return NULL;
	object = p->at;
	p->at += p->size;
	p->left -= p->size;
	return object;
}

static void give(struct pool *p, struct pool_spare *s)
{
	s->next = p->spare;
	p->spare = s;
}

void *pool_take(struct pool *p)
{
	void *object;

	if (!p->lock)
		return take(p);
	pthread_mutex_lock(p->lock);
	object = take(p);
	pthread_mutex_unlock(p->lock);
	return object;
}

void pool_give(struct pool *p, void *object)
{
	if (!p->lock) {
		give(p, object);
		return;
	}
	pthread_mutex_lock(p->lock);
	give(p, object);
	pthread_mutex_unlock(p->lock);
}
