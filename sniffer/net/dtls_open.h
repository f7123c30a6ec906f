/*
 * Opens the encrypted records of DTLS 1.3 (RFC 9147, 4.2) with a traffic
 * secret from a key log. Nothing here is shared: any thread may use a key
 * that is its own.
 */
#ifndef NET_DTLS_OPEN_H
#define NET_DTLS_OPEN_H

#include "dissectors/dtls.h"

enum {
	DTLS_SECRET_MAX = 48, /* of SHA-384, the longest of the suites */
};

/* The keys of one direction in one epoch. */
struct dtls_key {
	uint16_t cipher; /* 0 = none */
	uint8_t key[32], iv[12], number[32];
};

struct dtls_plain {
	uint8_t type; /* enum dtls_content */
	uint64_t seq;
	struct slice content; /* in the caller's buffer */
};

/* False for a cipher that is none of 1.3, and for a secret that is not as long
 * as its hash. */
bool dtls_key_set(struct dtls_key *k, uint16_t cipher, struct slice secret);

/* Opens a record whose number should be about expected, the one after the
 * highest seen. buf has room for r->payload.len bytes. False when the key is
 * not the one or the bytes are not those that were sent. */
bool dtls_open(const struct dtls_key *k, const struct dtls_record *r,
	       uint64_t expected, uint8_t *buf, struct dtls_plain *out);

#endif
