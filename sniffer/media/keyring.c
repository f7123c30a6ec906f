#include "sniffer/media/keyring.h"

#include <errno.h>
#include <stdlib.h>

struct keyring *keyring_new(const struct key_store *store)
{
	struct keyring *r = calloc(1, sizeof(*r));

	if (r)
		r->store = store;
	return r;
}

static void box_free(struct keyring_box *b)
{
	srtp_box_free(b->box);
	explicit_bzero(b, sizeof(*b));
}

static void boxes_free(struct keyring *r, bool all)
{
	for (size_t i = 0; i < KEYRING_BOXES; i++)
		if (all || !r->box[i].opened)
			box_free(&r->box[i]);
}

void keyring_free(struct keyring *r)
{
	if (!r)
		return;
	boxes_free(r, true);
	explicit_bzero(r, sizeof(*r));
	free(r);
}

void keyring_trim(struct keyring *r)
{
	boxes_free(r, false);
}

int keyring_add(struct keyring *r, const struct media_key *k)
{
	int err = 0;

	if (!k->suite || k->suite->cipher == SUITE_UNSUPPORTED) {
		r->unsupported = true;
		return -ENOTSUP;
	}
	for (unsigned i = 0; i < r->n; i++)
		if (media_key_same(&r->key[i], k))
			return -EEXIST;
	if (r->n == KEYRING_KEYS) {
		memmove(&r->key[0], &r->key[1],
			(KEYRING_KEYS - 1) * sizeof(r->key[0]));
		r->n--;
		err = -ENOSPC;
	}
	r->key[r->n++] = *k;
	r->added++;
	return err;
}

void keyring_ext_ids(struct keyring *r, const uint8_t *ids, size_t n)
{
	if (n > KEYRING_EXT_IDS)
		n = KEYRING_EXT_IDS;
	if (n == r->ext_ids_n && !memcmp(r->ext_ids, ids, n))
		return;
	memcpy(r->ext_ids, ids, n);
	r->ext_ids_n = (uint8_t)n;
	boxes_free(r, true);
}

static bool fits(const struct media_key *k, uint32_t ssrc)
{
	return k->any_ssrc || k->ssrc == ssrc;
}

const struct media_key *keyring_candidate(const struct keyring *r,
					  uint32_t ssrc, unsigned i)
{
	unsigned n = key_store_count(r->store, ssrc);

	for (unsigned at = r->n; at > 0; at--)
		if (fits(&r->key[at - 1], ssrc) && i-- == 0)
			return &r->key[at - 1];
	if (i < n)
		return key_store_of(r->store, ssrc, i);
	return r->any ? key_store_any(r->store, i - n) : NULL;
}

uint32_t keyring_candidates(const struct keyring *r, uint32_t ssrc)
{
	return r->added + key_store_count(r->store, ssrc) +
	       (r->any ? r->store->any_n : 0);
}

struct keyring_box *keyring_box_by(struct keyring *r, uint32_t id)
{
	for (size_t i = 0; id && i < KEYRING_BOXES; i++)
		if (r->box[i].id == id)
			return &r->box[i];
	return NULL;
}

/* A free place, else the one used longest ago, rather one that never opened
 * anything. */
static struct keyring_box *place(struct keyring *r)
{
	struct keyring_box *best = &r->box[0];

	for (size_t i = 0; i < KEYRING_BOXES; i++) {
		struct keyring_box *b = &r->box[i];

		if (!b->box)
			return b;
		if (b->opened < best->opened ||
		    (b->opened == best->opened && b->used < best->used))
			best = b;
	}
	return best;
}

struct keyring_box *keyring_box_of(struct keyring *r, const struct media_key *k,
				   bool *made)
{
	struct keyring_box *b = NULL;
	struct srtp_box *box;

	*made = false;
	for (size_t i = 0; i < KEYRING_BOXES && !b; i++)
		if (r->box[i].box && media_key_same(&r->box[i].key, k))
			b = &r->box[i];
	if (!b) {
		box = srtp_box_new(k, r->ext_ids, r->ext_ids_n);
		if (!box)
			return NULL;
		*made = true;
		b = place(r);
		box_free(b);
		*b = (struct keyring_box){
			.box = box, .key = *k, .id = ++r->ids};
	}
	b->used = ++r->clock;
	return b;
}
