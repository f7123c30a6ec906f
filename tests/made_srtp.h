/*
 * SRTP made for tests, straight from the RFCs (3711, 6188, 6904, 7714) with
 * OpenSSL: not by the library that opens it. tests/test_srtp.c holds it
 * against the RFCs' vectors.
 */
#ifndef TESTS_MADE_SRTP_H
#define TESTS_MADE_SRTP_H

#include "sniffer/media/media_key.h"

/* What a master key becomes (RFC 3711, 4.3). */
struct made_session {
	uint8_t key[32], salt[14], auth[20];
};

struct made_srtp {
	struct media_key master;
	struct made_session rtp, rtcp, ext;
	uint16_t encrypted_ext; /* bits: IDs of one-byte header extensions */
	bool no_mki;		/* it is announced and left out */
	bool clear_rtcp;	/* E = 0 */
};

#define MADE_SRTP_MORE 32 /* bytes a packet grows by, at most */

/* A key of the suite's name, of bytes that follow from n. */
struct media_key made_key(const char *suite, uint8_t n);

void made_srtp_init(struct made_srtp *m, const struct media_key *master);
/* Protects a packet into out; answers its length. */
size_t made_srtp_rtp(const struct made_srtp *m, struct slice rtp, uint32_t roc,
		     uint8_t *out);
size_t made_srtp_rtcp(const struct made_srtp *m, struct slice rtcp,
		      uint32_t index, uint8_t *out);

/* AES in counter mode over data in place (RFC 3711, 4.1.1). */
void made_aes_cm(const uint8_t *key, unsigned key_len, const uint8_t iv[16],
		 uint8_t *data, size_t len);

#endif
