/* Sums by key: addresses, agents, codecs, trunks, failures. */
#include <stdlib.h>

#include "web/stats_part.h"

#define SIZE_FIRST 64

static uint32_t hash_of(enum stats_list list, struct slice key)
{
	uint32_t h = 2166136261u + (uint32_t)list;

	for (size_t i = 0; i < key.len; i++)
		h = (h ^ key.p[i]) * 16777619u;
	return h ^ h >> 15;
}

/* Twice the buckets when entries crowd; without memory it stays as it is. */
static bool grow(struct stats_keys *k)
{
	size_t size = k->size ? k->size * 2 : SIZE_FIRST;
	struct stats_entry **bucket = calloc(size, sizeof(*bucket));

	if (!bucket)
		return k->size;
	for (size_t i = 0; i < k->size; i++) {
		while (k->bucket[i]) {
			struct stats_entry *e = k->bucket[i];
			uint32_t h = hash_of(e->list, slice_str(e->key));

			k->bucket[i] = e->next;
			e->next = bucket[h & (size - 1)];
			bucket[h & (size - 1)] = e;
		}
	}
	free(k->bucket);
	k->bucket = bucket;
	k->size = size;
	return true;
}

struct stats_sums *stats_keys_at(struct stats_keys *k, enum stats_list list,
				 struct slice key)
{
	uint32_t h = hash_of(list, key);
	struct stats_entry *e;

	if (k->n >= k->size && !grow(k))
		return NULL;
	for (e = k->bucket[h & (k->size - 1)]; e; e = e->next)
		if (e->list == list && slice_eq(slice_str(e->key), key))
			return &e->sums;
	e = calloc(1, sizeof(*e) + key.len + 1);
	if (!e)
		return NULL;
	e->list = list;
	memcpy(e->key, key.p, key.len);
	e->next = k->bucket[h & (k->size - 1)];
	k->bucket[h & (k->size - 1)] = e;
	k->n++;
	return &e->sums;
}

void stats_keys_free(struct stats_keys *k)
{
	for (size_t i = 0; i < k->size; i++) {
		while (k->bucket[i]) {
			struct stats_entry *e = k->bucket[i];

			k->bucket[i] = e->next;
			free(e);
		}
	}
	free(k->bucket);
	*k = (struct stats_keys){0};
}

static int most_first(const void *a, const void *b)
{
	const struct stats_entry *x = *(const struct stats_entry *const *)a;
	const struct stats_entry *y = *(const struct stats_entry *const *)b;
	uint64_t n = x->sums.calls + x->sums.sessions;
	uint64_t m = y->sums.calls + y->sums.sessions;

	if (n != m)
		return n < m ? 1 : -1;
	return strcmp(x->key, y->key);
}

size_t stats_keys_top(const struct stats_keys *k, enum stats_list list,
		      const struct stats_entry **out, size_t max)
{
	const struct stats_entry **all = calloc(k->n + 1, sizeof(*all));
	size_t n = 0;

	for (size_t i = 0; all && i < k->size; i++)
		for (const struct stats_entry *e = k->bucket[i]; e; e = e->next)
			if (e->list == list)
				all[n++] = e;
	if (n)
		qsort(all, n, sizeof(*all), most_first);
	if (n > max)
		n = max;
	if (n)
		memcpy(out, all, n * sizeof(*all));
	free(all);
	return n;
}

void stats_sums_add(struct stats_sums *to, const struct stats_sums *from)
{
	to->calls += from->calls;
	to->sessions += from->sessions;
	to->attempts += from->attempts;
	to->answered += from->answered;
	to->failed += from->failed;
	to->effective += from->effective;
	to->talk_ms += from->talk_ms;
	to->pdd_ms += from->pdd_ms;
	to->mos += from->mos;
	to->loss_pct += from->loss_pct;
	to->pdd_n += from->pdd_n;
	to->mos_n += from->mos_n;
	to->loss_n += from->loss_n;
	to->bad_mos += from->bad_mos;
}
