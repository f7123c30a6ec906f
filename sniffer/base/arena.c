#include "sniffer/base/arena.h"

#include <stdlib.h>

#define ALIGN	  _Alignof(max_align_t)
#define PIECE_MAX 65536u

struct piece {
	struct piece *next;
	size_t used, size;
	_Alignas(max_align_t) uint8_t data[];
};

struct arena {
	struct piece *last;
	size_t first, limit, total;
	size_t *sum; /* of several arenas, or NULL */
};

/* The one writable global: a knob of the tests, per thread. */
static _Thread_local unsigned fail_in;

void arena_fail_at(unsigned n)
{
	fail_in = n;
}

struct arena *arena_new(size_t first, size_t limit)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->first = first ? first : 256;
	a->limit = limit;
	return a;
}

void arena_free(struct arena *a)
{
	struct piece *p = a ? a->last : NULL;

	if (a)
		arena_count(a, NULL);
	while (p) {
		struct piece *next = p->next;

		free(p);
		p = next;
	}
	free(a);
}

void arena_adopt(struct arena *a, struct arena *from)
{
	struct piece **end = &a->last;

	while (*end)
		end = &(*end)->next;
	*end = from->last;
	a->total += from->total;
	if (a->sum)
		*a->sum += from->total;
	arena_count(from, NULL);
	free(from);
}

/* By half of what there is: a third of it may be left unused, not half. */
static size_t next_size(const struct arena *a)
{
	size_t size = a->total / 2 / ALIGN * ALIGN;

	if (size > PIECE_MAX)
		return PIECE_MAX;
	return size > a->first ? size : a->first;
}

static struct piece *grow(struct arena *a, size_t need)
{
	size_t size = next_size(a);
	struct piece *p;

	if (size < need)
		size = need;
	if (a->limit && a->total + size > a->limit)
		return NULL;
	p = malloc(sizeof(*p) + size);
	if (!p)
		return NULL;
	p->used = 0;
	p->size = size;
	p->next = a->last;
	a->last = p;
	a->total += size;
	if (a->sum)
		*a->sum += size;
	return p;
}

void *arena_alloc(struct arena *a, size_t size)
{
	struct piece *p = a->last;
	void *out;

	if (fail_in && --fail_in == 0)
		return NULL;
	if (size > SIZE_MAX / 2)
		return NULL;
	size = (size + ALIGN - 1) & ~(ALIGN - 1);
	if (!p || p->size - p->used < size)
		p = grow(a, size);
	if (!p)
		return NULL;
	out = p->data + p->used;
	p->used += size;
	return memset(out, 0, size);
}

struct slice arena_keep(struct arena *a, struct slice s)
{
	uint8_t *p = s.len ? arena_alloc(a, s.len) : NULL;

	if (!p)
		return (struct slice){0};
	memcpy(p, s.p, s.len);
	return (struct slice){p, s.len};
}

char *arena_str(struct arena *a, struct slice s)
{
	char *p = arena_alloc(a, s.len + 1);

	if (p && s.len)
		memcpy(p, s.p, s.len);
	return p;
}

size_t arena_size(const struct arena *a)
{
	return a->total;
}

void arena_count(struct arena *a, size_t *sum)
{
	if (a->sum)
		*a->sum -= a->total;
	a->sum = sum;
	if (sum)
		*sum += a->total;
}
