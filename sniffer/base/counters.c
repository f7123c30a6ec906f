#include "sniffer/base/counters.h"

#include <stdlib.h>
#include <string.h>

static struct counter *find(struct counters *c, const char *name)
{
	for (size_t i = 0; i < c->len; i++)
		if (c->v[i].name == name || !strcmp(c->v[i].name, name))
			return &c->v[i];
	return NULL;
}

static void add(struct counters *c, const char *name, uint64_t n)
{
	struct counter *at = find(c, name);

	if (!at && c->len == COUNTERS_MAX - 1)
		name = "other";
	if (!at && c->len < COUNTERS_MAX) {
		at = &c->v[c->len++];
		*at = (struct counter){.name = name};
	}
	if (!at)
		at = &c->v[COUNTERS_MAX - 1];
	at->n += n;
}

static void lock(const struct counters *c)
{
	if (c->lock)
		pthread_mutex_lock(c->lock);
}

static void unlock(const struct counters *c)
{
	if (c->lock)
		pthread_mutex_unlock(c->lock);
}

void counters_add(struct counters *c, const char *name, uint64_t n)
{
	lock(c);
	add(c, name, n);
	unlock(c);
}

uint64_t counters_get(const struct counters *c, const char *name)
{
	uint64_t n = 0;

	lock(c);
	for (size_t i = 0; i < c->len; i++)
		if (!strcmp(c->v[i].name, name))
			n = c->v[i].n;
	unlock(c);
	return n;
}

void counters_merge(struct counters *to, const struct counters *from)
{
	lock(from);
	for (size_t i = 0; i < from->len; i++)
		counters_add(to, from->v[i].name, from->v[i].n);
	unlock(from);
}

static int by_name(const void *a, const void *b)
{
	const struct counter *x = a, *y = b;

	return strcmp(x->name, y->name);
}

void counters_sort(struct counters *c)
{
	qsort(c->v, c->len, sizeof(c->v[0]), by_name);
}
