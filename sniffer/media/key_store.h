/*
 * The keys of the key files: by SSRC, or for any stream. They only grow in
 * number. One owner: the media layer; all flows look here.
 */
#ifndef MEDIA_KEY_STORE_H
#define MEDIA_KEY_STORE_H

#include "sniffer/base/map.h"
#include "sniffer/media/media_key.h"

enum {
	KEY_STORE_MAX = 100000, /* keys for one SSRC */
	KEY_STORE_SSRC = 16,	/* of them for the same */
	KEY_STORE_ANY = 64,	/* keys for any */
};

struct key_store {
	struct map by_ssrc;
	struct seed seed;
	size_t n; /* in by_ssrc */
	struct media_key *any;
	unsigned any_n;
};

void key_store_init(struct key_store *s, struct seed seed);
void key_store_close(struct key_store *s);

/* Keeps a copy; one that is there already is not kept twice (-EEXIST).
 * -ENOSPC at a limit, -ENOMEM. */
int key_store_add(struct key_store *s, const struct media_key *k);

/* How many keys there are for this SSRC alone, and the i-th of them, the
 * newest first. Pointers are good until the next key_store_add(). */
unsigned key_store_count(const struct key_store *s, uint32_t ssrc);
const struct media_key *key_store_of(const struct key_store *s, uint32_t ssrc,
				     unsigned i);
/* Of those for any SSRC, the newest first. */
const struct media_key *key_store_any(const struct key_store *s, unsigned i);

#endif
