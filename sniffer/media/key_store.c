#include "sniffer/media/key_store.h"

#include <errno.h>
#include <stdlib.h>

#include "sniffer/base/list.h"

enum {
	BUCKETS = 64,
};

/* The keys of one SSRC. */
struct entry {
	struct map_node node;
	uint32_t ssrc;
	unsigned n;
	struct media_key key[]; /* n */
};

void key_store_init(struct key_store *s, struct seed seed)
{
	*s = (struct key_store){.seed = seed};
}

static struct entry *entry_of(struct map_node *n)
{
	return container_of(n, struct entry, node);
}

static struct entry *find(const struct key_store *s, uint32_t ssrc)
{
	struct map_node *n = NULL;

	if (s->n)
		n = map_first(&s->by_ssrc,
			      seed_hash(&s->seed, &ssrc, sizeof(ssrc)));
	while (n && entry_of(n)->ssrc != ssrc)
		n = map_next(n);
	return n ? entry_of(n) : NULL;
}

static void entry_free(struct key_store *s, struct entry *e)
{
	map_remove(&s->by_ssrc, &e->node);
	explicit_bzero(e->key, e->n * sizeof(e->key[0]));
	free(e);
}

void key_store_close(struct key_store *s)
{
	for (size_t i = 0; s->by_ssrc.bucket && i <= s->by_ssrc.mask; i++)
		while (s->by_ssrc.bucket[i])
			entry_free(s, entry_of(s->by_ssrc.bucket[i]));
	map_close(&s->by_ssrc);
	if (s->any)
		explicit_bzero(s->any, s->any_n * sizeof(*s->any));
	free(s->any);
	*s = (struct key_store){.seed = s->seed};
}

static bool among(const struct media_key *v, unsigned n,
		  const struct media_key *k)
{
	for (unsigned i = 0; i < n; i++)
		if (media_key_same(&v[i], k))
			return true;
	return false;
}

static int add_any(struct key_store *s, const struct media_key *k)
{
	if (among(s->any, s->any_n, k))
		return -EEXIST;
	if (s->any_n == KEY_STORE_ANY)
		return -ENOSPC;
	if (!s->any)
		s->any = calloc(KEY_STORE_ANY, sizeof(*s->any));
	if (!s->any)
		return -ENOMEM;
	s->any[s->any_n++] = *k;
	return 0;
}

/* A new entry with the old one's keys and one more. */
static int grow(struct key_store *s, struct entry *old,
		const struct media_key *k)
{
	unsigned n = old ? old->n : 0;
	struct entry *e = calloc(1, sizeof(*e) + (n + 1) * sizeof(e->key[0]));

	if (!e)
		return -ENOMEM;
	e->ssrc = k->ssrc;
	e->n = n + 1;
	if (old) {
		memcpy(e->key, old->key, n * sizeof(e->key[0]));
		entry_free(s, old);
	}
	e->key[n] = *k;
	map_insert(&s->by_ssrc, &e->node,
		   seed_hash(&s->seed, &e->ssrc, sizeof(e->ssrc)));
	s->n++;
	return 0;
}

int key_store_add(struct key_store *s, const struct media_key *k)
{
	struct entry *e;

	if (k->any_ssrc)
		return add_any(s, k);
	e = find(s, k->ssrc);
	if (e && among(e->key, e->n, k))
		return -EEXIST;
	if (s->n >= KEY_STORE_MAX || (e && e->n >= KEY_STORE_SSRC))
		return -ENOSPC;
	if (!s->by_ssrc.bucket && map_init(&s->by_ssrc, BUCKETS))
		return -ENOMEM;
	return grow(s, e, k);
}

unsigned key_store_count(const struct key_store *s, uint32_t ssrc)
{
	const struct entry *e = find(s, ssrc);

	return e ? e->n : 0;
}

const struct media_key *key_store_of(const struct key_store *s, uint32_t ssrc,
				     unsigned i)
{
	const struct entry *e = find(s, ssrc);

	return e && i < e->n ? &e->key[e->n - 1 - i] : NULL;
}

const struct media_key *key_store_any(const struct key_store *s, unsigned i)
{
	return i < s->any_n ? &s->any[s->any_n - 1 - i] : NULL;
}
