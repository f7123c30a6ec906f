/*
 * What protects a stream: the crypto suites of SDES (RFC 4568, 6188, 7714)
 * and the profiles of DTLS-SRTP (RFC 5764, 7714, 8269, 8723), by all the
 * names under which they are met. One const table.
 */
#ifndef MEDIA_SRTP_SUITE_H
#define MEDIA_SRTP_SUITE_H

#include "sniffer/base/slice.h"

enum suite_cipher {
	SUITE_UNSUPPORTED, /* known by name only: nothing opens it */
	SUITE_NULL,
	SUITE_AES_CM,
	SUITE_AES_GCM,
};

struct srtp_suite {
	const char *name; /* in SDES, else as IANA names the profile */
	const char *dtls; /* IANA's name of the profile; NULL without */
	uint16_t profile; /* of use_srtp; 0 without */
	uint8_t cipher;	  /* enum suite_cipher */
	uint8_t key_len, salt_len; /* of the master key, bytes */
	uint8_t rtp_tag, rtcp_tag; /* bytes behind a packet */
};

/* By either name or one of the other spellings in the wild; case is ignored.
 * NULL for a name nobody knows. */
const struct srtp_suite *srtp_suite_find(struct slice name);
/* By the number in use_srtp (RFC 5764, 4.1.2); NULL for others. */
const struct srtp_suite *srtp_suite_of_profile(uint16_t profile);

#endif
