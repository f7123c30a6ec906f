/*
 * DTLS records and handshake messages made by hand, and the sender's side of
 * DTLS 1.3's record protection, which libssl does not have yet. It uses other
 * functions of libcrypto than the code under test.
 */
#ifndef TESTS_DTLS_MADE_H
#define TESTS_DTLS_MADE_H

#include "dissectors/dtls.h"

/* A row of bytes that grows; aborts when it is full. */
struct made {
	uint8_t b[20000];
	size_t len;
};

static inline struct slice made_slice(const struct made *m)
{
	return slice_of(m->b, m->len);
}

void made_put(struct made *m, struct slice s);
void made_num(struct made *m, uint64_t v, size_t bytes);

/* A handshake message, or bytes offset .. offset + part of one. */
void made_message(struct made *m, uint8_t type, uint16_t seq,
		  struct slice body);
void made_fragment(struct made *m, uint8_t type, uint16_t seq,
		   struct slice body, size_t offset, size_t part);

/* A record with a plaintext header. */
void made_record(struct made *m, uint8_t type, uint16_t version, uint16_t epoch,
		 uint64_t seq, struct slice payload);

/* One direction and epoch of 1.3. */
struct made_seal {
	uint16_t cipher;
	uint8_t epoch;
	struct slice secret;
	uint64_t seq;	  /* of the next record */
	bool short_seq;	  /* 8 bits of it */
	bool no_length;	  /* up to the end of the datagram */
	struct slice cid; /* connection ID */
	size_t padding;	  /* zeros inside */
};

/* Appends an encrypted record and counts seq up. */
void made_sealed(struct made *m, struct made_seal *seal, uint8_t type,
		 struct slice content);

#endif
