/*
 * The keys that packets of one direction of a flow may be protected with, and
 * the boxes made of those that are tried or in use. Belongs to the flow; the
 * streams of that direction share it.
 */
#ifndef MEDIA_KEYRING_H
#define MEDIA_KEYRING_H

#include "sniffer/media/key_store.h"
#include "sniffer/media/srtp.h"

enum {
	KEYRING_KEYS = 16,
	KEYRING_BOXES = 8,
	KEYRING_EXT_IDS = 16, /* header extensions that are encrypted */
};

struct keyring_box {
	struct srtp_box *box; /* NULL: a free place */
	struct media_key key;
	uint32_t id;   /* of this box, from 1; a place is used again */
	uint32_t used; /* larger: later */
	bool opened;   /* a packet, so the key is right */
};

struct keyring {
	const struct key_store *store;
	bool any;	  /* the store's keys for any SSRC may be tried */
	bool unsupported; /* a key came that nothing here can use */
	uint8_t ext_ids[KEYRING_EXT_IDS];
	uint8_t ext_ids_n;
	unsigned n, added; /* kept, and ever added */
	uint32_t ids, clock;
	struct media_key key[KEYRING_KEYS]; /* the oldest first */
	struct keyring_box box[KEYRING_BOXES];
};

/* NULL without memory. The store must outlive it. */
struct keyring *keyring_new(const struct key_store *store);
void keyring_free(struct keyring *r); /* NULL is fine */

/* Keeps a copy, once. -EEXIST: it was there; -ENOSPC: it was taken and the
 * oldest given up; -ENOTSUP: its suite is not known how to open. */
int keyring_add(struct keyring *r, const struct media_key *k);

/* Header extensions that are encrypted from now on; boxes are made anew. */
void keyring_ext_ids(struct keyring *r, const uint8_t *ids, size_t n);

/* The i-th key to try for packets of this SSRC: the flow's own, the newest
 * first, then the files'. NULL: no more. Good until a key is added. */
const struct media_key *keyring_candidate(const struct keyring *r,
					  uint32_t ssrc, unsigned i);
/* Grows when there are new ones; 0: there are none. */
uint32_t keyring_candidates(const struct keyring *r, uint32_t ssrc);

/* The box of a key; *made: it had to be made. NULL without memory, or when
 * the library cannot. May take the place of one that is not needed. */
struct keyring_box *keyring_box_of(struct keyring *r, const struct media_key *k,
				   bool *made);
/* By its id; NULL when it is gone. */
struct keyring_box *keyring_box_by(struct keyring *r, uint32_t id);
/* Frees those that opened nothing. */
void keyring_trim(struct keyring *r);

#endif
