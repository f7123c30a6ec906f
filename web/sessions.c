#include "web/sessions.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	uint8_t id[SECRET_HASH];
	struct session is;
	uint64_t used_ns;
	bool there;
};

struct sessions {
	struct sessions_config cfg;
	pthread_mutex_t lock; /* over the entries */
	struct entry v[];     /* cfg.max */
};

struct sessions *sessions_new(const struct sessions_config *cfg)
{
	struct sessions *s = calloc(1, sizeof(*s) + cfg->max * sizeof(s->v[0]));

	if (!s)
		return NULL;
	s->cfg = *cfg;
	pthread_mutex_init(&s->lock, NULL);
	return s;
}

void sessions_free(struct sessions *s)
{
	if (!s)
		return;
	OPENSSL_cleanse(s->v, s->cfg.max * sizeof(s->v[0]));
	pthread_mutex_destroy(&s->lock);
	free(s);
}

/* Of two requests at once the one that asked the clock first may come last:
 * then the session was used after now_ns. */
static bool is_over(const struct sessions *s, const struct entry *e,
		    uint64_t now_ns)
{
	uint64_t idle_ns = now_ns > e->used_ns ? now_ns - e->used_ns : 0;

	return idle_ns >= s->cfg.idle_ns || now_ns >= e->is.ends_ns;
}

static void drop(struct entry *e)
{
	OPENSSL_cleanse(e, sizeof(*e));
}

/* Ends what is over. */
static void sweep(struct sessions *s, uint64_t now_ns)
{
	for (size_t i = 0; i < s->cfg.max; i++)
		if (s->v[i].there && is_over(s, &s->v[i], now_ns))
			drop(&s->v[i]);
}

static bool is_of(const struct entry *e, const char *name)
{
	return e->there && !strcmp(e->is.name, name);
}

/* The one that was not used for the longest time: of a login, or of all when
 * name is NULL. There is one. */
static struct entry *longest_unused(struct sessions *s, const char *name)
{
	struct entry *found = NULL;

	for (size_t i = 0; i < s->cfg.max; i++) {
		struct entry *e = &s->v[i];

		if (!e->there || (name && !is_of(e, name)))
			continue;
		if (!found || e->used_ns < found->used_ns)
			found = e;
	}
	return found;
}

static struct entry *place_for(struct sessions *s, const char *name)
{
	struct entry *free_one = NULL;
	size_t own = 0;

	for (size_t i = 0; i < s->cfg.max; i++) {
		own += is_of(&s->v[i], name);
		if (!s->v[i].there)
			free_one = &s->v[i];
	}
	if (own >= s->cfg.max_user)
		return longest_unused(s, name);
	return free_one ? free_one : longest_unused(s, NULL);
}

static int proof_of(const struct user *who, uint8_t out[SECRET_HASH])
{
	return secret_hash(slice_of(who->hash, strlen(who->hash)), out);
}

int sessions_begin(struct sessions *s, const struct user *who, uint64_t now_ns,
		   char id[SECRET_TEXT])
{
	struct entry e = {.used_ns = now_ns, .there = true}, *place;
	char secret[SECRET_TEXT];
	int err = secret_new(secret);

	if (!err)
		err = secret_new(e.is.csrf);
	if (!err)
		err = secret_hash(slice_str(secret), e.id);
	if (!err)
		err = proof_of(who, e.is.proof);
	if (err)
		return err;
	snprintf(e.is.name, sizeof(e.is.name), "%s", who->name);
	e.is.ends_ns = now_ns + s->cfg.age_ns;
	pthread_mutex_lock(&s->lock);
	sweep(s, now_ns);
	place = place_for(s, who->name);
	if (place)
		*place = e;
	pthread_mutex_unlock(&s->lock);
	if (!place) /* no session at all may be kept */
		return -ENOSPC;
	memcpy(id, secret, SECRET_TEXT);
	OPENSSL_cleanse(secret, sizeof(secret));
	return 0;
}

/* NULL when there is none. Goes through all, wherever it is found. */
static struct entry *find(struct sessions *s, const uint8_t id[SECRET_HASH])
{
	struct entry *found = NULL;

	for (size_t i = 0; i < s->cfg.max; i++)
		if (s->v[i].there && secret_same(s->v[i].id, id))
			found = &s->v[i];
	return found;
}

bool sessions_find(struct sessions *s, struct slice id, uint64_t now_ns,
		   bool use, struct session *out)
{
	uint8_t hash[SECRET_HASH];
	struct entry *e;

	if (id.len != SECRET_TEXT - 1 || secret_hash(id, hash))
		return false;
	pthread_mutex_lock(&s->lock);
	e = find(s, hash);
	if (e && is_over(s, e, now_ns)) {
		drop(e);
		e = NULL;
	}
	if (e && use && now_ns > e->used_ns)
		e->used_ns = now_ns;
	if (e)
		*out = e->is;
	pthread_mutex_unlock(&s->lock);
	return e;
}

void sessions_end(struct sessions *s, struct slice id)
{
	uint8_t hash[SECRET_HASH];
	struct entry *e;

	if (id.len != SECRET_TEXT - 1 || secret_hash(id, hash))
		return;
	pthread_mutex_lock(&s->lock);
	e = find(s, hash);
	if (e)
		drop(e);
	pthread_mutex_unlock(&s->lock);
}

size_t sessions_count(struct sessions *s)
{
	size_t n = 0;

	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->cfg.max; i++)
		n += s->v[i].there;
	pthread_mutex_unlock(&s->lock);
	return n;
}

bool session_fits(const struct session *one, const struct user *who)
{
	uint8_t proof[SECRET_HASH];

	return !strcmp(one->name, who->name) && !proof_of(who, proof) &&
	       secret_same(one->proof, proof);
}
