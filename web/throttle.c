#include "web/throttle.h"

#include <pthread.h>
#include <stdlib.h>

#include "web/secret.h"

struct entry {
	uint8_t key[SECRET_HASH];
	uint64_t fails; /* 0 = free */
	uint64_t last_ns, until_ns;
};

struct throttle {
	struct throttle_config cfg;
	pthread_mutex_t lock; /* over the entries */
	struct entry v[];     /* cfg.max */
};

struct throttle *throttle_new(const struct throttle_config *cfg)
{
	struct throttle *t = calloc(1, sizeof(*t) + cfg->max * sizeof(t->v[0]));

	if (!t)
		return NULL;
	t->cfg = *cfg;
	pthread_mutex_init(&t->lock, NULL);
	return t;
}

void throttle_free(struct throttle *t)
{
	if (!t)
		return;
	pthread_mutex_destroy(&t->lock);
	free(t);
}

/* --- keys: of one size, whatever was typed -------------------------------- */

static bool address_key(const struct addr *from, uint8_t out[SECRET_HASH])
{
	size_t n = addr_is_v4(from) ? sizeof(from->ip) : 8;

	return !secret_hash(slice_of(from->ip, n), out);
}

/* An address has 8 or 16 bytes: a name's text gets one more in front. */
static bool name_key(struct slice name, uint8_t out[SECRET_HASH])
{
	uint8_t inner[SECRET_HASH + 1] = {'n'};

	return !secret_hash(name, inner + 1) &&
	       !secret_hash(slice_of(inner, sizeof(inner)), out);
}

/* --- entries -------------------------------------------------------------- */

static bool is_forgotten(const struct throttle *t, const struct entry *e,
			 uint64_t now_ns)
{
	return now_ns >= e->until_ns &&
	       now_ns - e->last_ns >= t->cfg.longest_ns;
}

static struct entry *find(struct throttle *t, const uint8_t key[SECRET_HASH],
			  uint64_t now_ns)
{
	for (size_t i = 0; i < t->cfg.max; i++) {
		struct entry *e = &t->v[i];

		if (e->fails && !memcmp(e->key, key, SECRET_HASH) &&
		    !is_forgotten(t, e, now_ns))
			return e;
	}
	return NULL;
}

/* A free place, else that of the oldest. */
static struct entry *place(struct throttle *t, const uint8_t key[SECRET_HASH],
			   uint64_t now_ns)
{
	struct entry *oldest = &t->v[0];

	for (size_t i = 0; i < t->cfg.max; i++) {
		struct entry *e = &t->v[i];

		if (!e->fails || !memcmp(e->key, key, SECRET_HASH) ||
		    is_forgotten(t, e, now_ns))
			return e;
		if (e->last_ns < oldest->last_ns)
			oldest = e;
	}
	return oldest;
}

/* first, doubled for each failure above the tries, up to the longest. */
static uint64_t wait_after(const struct throttle *t, uint64_t fails,
			   uint64_t tries)
{
	uint64_t wait = t->cfg.first_ns;

	if (!tries || fails < tries)
		return 0;
	for (uint64_t i = tries; i < fails && wait < t->cfg.longest_ns; i++)
		wait *= 2;
	return wait < t->cfg.longest_ns ? wait : t->cfg.longest_ns;
}

static void fail_one(struct throttle *t, const uint8_t key[SECRET_HASH],
		     uint64_t tries, uint64_t now_ns)
{
	struct entry *e = find(t, key, now_ns);

	if (!e) {
		e = place(t, key, now_ns);
		*e = (struct entry){0};
		memcpy(e->key, key, SECRET_HASH);
	}
	e->fails++;
	e->last_ns = now_ns;
	e->until_ns = now_ns + wait_after(t, e->fails, tries);
}

static uint64_t left(const struct entry *e, uint64_t now_ns)
{
	return e && e->until_ns > now_ns ? e->until_ns - now_ns : 0;
}

/* --- both keys of a try --------------------------------------------------- */

struct keys {
	uint8_t from[SECRET_HASH], name[SECRET_HASH];
};

static bool make_keys(const struct addr *from, struct slice name,
		      struct keys *out)
{
	return address_key(from, out->from) && name_key(name, out->name);
}

uint64_t throttle_wait(struct throttle *t, const struct addr *from,
		       struct slice name, uint64_t now_ns)
{
	uint64_t a, b;
	struct keys k;

	if (!make_keys(from, name, &k))
		return t->cfg.first_ns;
	pthread_mutex_lock(&t->lock);
	a = left(find(t, k.from, now_ns), now_ns);
	b = left(find(t, k.name, now_ns), now_ns);
	pthread_mutex_unlock(&t->lock);
	return a > b ? a : b;
}

void throttle_fail(struct throttle *t, const struct addr *from,
		   struct slice name, uint64_t now_ns)
{
	struct keys k;

	if (!make_keys(from, name, &k))
		return;
	pthread_mutex_lock(&t->lock);
	fail_one(t, k.from, t->cfg.tries, now_ns);
	fail_one(t, k.name, THROTTLE_NAME_TRIES * t->cfg.tries, now_ns);
	pthread_mutex_unlock(&t->lock);
}

static void forgive(struct throttle *t, const uint8_t key[SECRET_HASH])
{
	for (size_t i = 0; i < t->cfg.max; i++)
		if (!memcmp(t->v[i].key, key, SECRET_HASH))
			t->v[i] = (struct entry){0};
}

void throttle_pass(struct throttle *t, const struct addr *from,
		   struct slice name)
{
	struct keys k;

	if (!make_keys(from, name, &k))
		return;
	pthread_mutex_lock(&t->lock);
	forgive(t, k.from);
	forgive(t, k.name);
	pthread_mutex_unlock(&t->lock);
}
