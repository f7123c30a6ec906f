/*
 * A master key of SRTP and what belongs to it, whatever brought it: a=crypto
 * (sdes.h), a DTLS handshake, a line of a key file (srtp_keys.h). A secret:
 * never logged, wiped where it is given up.
 */
#ifndef MEDIA_MEDIA_KEY_H
#define MEDIA_MEDIA_KEY_H

#include "sniffer/media/srtp_suite.h"

enum media_key_from {
	MEDIA_KEY_SDES,
	MEDIA_KEY_DTLS,
	MEDIA_KEY_FILE,
};

#define MEDIA_MKI 8 /* longer ones are not taken */

struct media_key {
	const struct srtp_suite *suite;
	uint8_t key[32], salt[14]; /* suite->key_len, salt_len bytes */
	uint8_t mki[MEDIA_MKI];	   /* in each packet that it protects */
	uint8_t mki_len;	   /* 0: none */
	uint32_t ssrc;		   /* it is for, unless any_ssrc */
	bool any_ssrc;
	bool unencrypted;     /* RTP is only authenticated */
	bool unauthenticated; /* RTP is only encrypted: no tag to check */
	enum media_key_from from;
};

/* For any SSRC, from key and salt as they are, such as a DTLS exporter gives
 * them (RFC 5764, 4.2). False: the lengths are not the suite's. */
bool media_key_set(struct media_key *out, const struct srtp_suite *suite,
		   struct slice key, struct slice salt,
		   enum media_key_from from);

/* The same from base64 of key and salt in a row. NULL, or what is wrong, as
 * a counter's name: key.bad_base64, key.bad_length, key.gcm_salt (14 bytes
 * of salt where GCM has 12: the commonest mistake), key.unsupported_suite.
 * *out is written only on success. */
const char *media_key_decode(struct media_key *out,
			     const struct srtp_suite *suite,
			     struct slice base64, enum media_key_from from);

/* Whether both open the same packets; where they came from does not count. */
bool media_key_same(const struct media_key *a, const struct media_key *b);

/* Bytes that key k adds behind the payload of an RTP packet. */
unsigned media_key_trailer(const struct media_key *k);

#endif
