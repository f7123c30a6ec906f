#include "web/stats_cache.h"

#include <pthread.h>
#include <stdlib.h>

#define ITEMS 2048
#define BYTES (64u << 20)

#define SECOND 1000ull
#define HOUR   (3600 * SECOND)

struct item {
	char *search;
	struct stats_part *part;
	uint64_t read_ms, used;
};

struct stats_cache {
	pthread_mutex_t lock;
	struct item item[ITEMS];
	size_t n, bytes;
	uint64_t uses;
};

struct stats_cache *stats_cache_new(void)
{
	struct stats_cache *c = calloc(1, sizeof(*c));

	if (c)
		pthread_mutex_init(&c->lock, NULL);
	return c;
}

static void drop(struct stats_cache *c, size_t i)
{
	c->bytes -= stats_part_size(c->item[i].part);
	free(c->item[i].search);
	stats_part_free(c->item[i].part);
	c->item[i] = c->item[--c->n];
}

void stats_cache_free(struct stats_cache *c)
{
	if (!c)
		return;
	while (c->n)
		drop(c, c->n - 1);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

/* How long figures are good whose span ended so long ago. */
static uint64_t good_for(const struct stats_part *p, uint64_t now_ms)
{
	uint64_t end = p->begin_ms + p->len_ms;

	if (end + 60 * SECOND > now_ms)
		return 5 * SECOND;
	if (end + 6 * HOUR > now_ms)
		return 60 * SECOND;
	return end + 48 * HOUR > now_ms ? 600 * SECOND : HOUR;
}

static size_t find(const struct stats_cache *c, const char *search,
		   uint64_t begin_ms, uint64_t len_ms)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->item[i].part->begin_ms == begin_ms &&
		    c->item[i].part->len_ms == len_ms &&
		    !strcmp(c->item[i].search, search))
			return i;
	return SIZE_MAX;
}

struct stats_part *stats_cache_take(struct stats_cache *c, const char *search,
				    uint64_t begin_ms, uint64_t len_ms,
				    uint64_t now_ms)
{
	struct stats_part *p = NULL;
	struct item *it;
	size_t i;

	pthread_mutex_lock(&c->lock);
	i = find(c, search, begin_ms, len_ms);
	it = &c->item[i == SIZE_MAX ? 0 : i];
	if (i != SIZE_MAX && now_ms > it->read_ms + good_for(it->part, now_ms))
		drop(c, i);
	else if (i != SIZE_MAX) {
		p = it->part;
		c->bytes -= stats_part_size(p);
		free(it->search);
		*it = c->item[--c->n];
	}
	pthread_mutex_unlock(&c->lock);
	return p;
}

static void make_room(struct stats_cache *c, size_t bytes)
{
	while (c->n && (c->n == ITEMS || c->bytes + bytes > BYTES)) {
		size_t oldest = 0;

		for (size_t i = 1; i < c->n; i++)
			if (c->item[i].used < c->item[oldest].used)
				oldest = i;
		drop(c, oldest);
	}
}

void stats_cache_put(struct stats_cache *c, const char *search,
		     struct stats_part *p, uint64_t now_ms)
{
	char *name = strdup(search);
	size_t i, bytes = stats_part_size(p);

	if (!name) {
		stats_part_free(p);
		return;
	}
	if (!p->read_ms)
		p->read_ms = now_ms;
	pthread_mutex_lock(&c->lock);
	i = find(c, search, p->begin_ms, p->len_ms);
	if (i != SIZE_MAX)
		drop(c, i);
	make_room(c, bytes);
	c->bytes += bytes;
	c->item[c->n++] = (struct item){name, p, p->read_ms, c->uses++};
	pthread_mutex_unlock(&c->lock);
}
