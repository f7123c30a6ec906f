/*
 * STUN messages in bytes, for tests of what reads them from the wire.
 */
#ifndef TESTS_MADE_STUN_H
#define TESTS_MADE_STUN_H

#include "dissectors/stun.h"

struct stun_bytes {
	uint8_t b[2048];
	size_t len;
};

static inline struct slice stun_bytes_slice(const struct stun_bytes *s)
{
	return slice_of(s->b, s->len);
}

/* The transaction ID follows from tid. */
void stun_bytes_begin(struct stun_bytes *s, enum stun_class class,
		      uint16_t method, uint32_t tid);
void stun_bytes_attr(struct stun_bytes *s, uint16_t type, struct slice value);
void stun_bytes_u32(struct stun_bytes *s, uint16_t type, uint32_t v);
/* XOR-MAPPED-ADDRESS and its like. */
void stun_bytes_addr(struct stun_bytes *s, uint16_t type, const struct addr *a);
void stun_bytes_error(struct stun_bytes *s, unsigned code);
/* MESSAGE-INTEGRITY by this key; then FINGERPRINT. */
void stun_bytes_integrity(struct stun_bytes *s, const char *key);
void stun_bytes_fingerprint(struct stun_bytes *s);

/* Channel data, padded as over a stream if asked for. */
void stun_bytes_channel(struct stun_bytes *s, uint16_t channel,
			struct slice data, bool padded);

#endif
