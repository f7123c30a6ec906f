/*
 * Whether the sender of a STUN message knew the password (RFC 8489, 9 and
 * 14.5 - 14.6). Keeps nothing; any thread may call it.
 */
#ifndef NET_STUN_AUTH_H
#define NET_STUN_AUTH_H

#include "dissectors/stun.h"

enum stun_auth {
	STUN_AUTH_NONE, /* nothing that could be checked */
	STUN_AUTH_OK,
	STUN_AUTH_BAD, /* another key, or the message was changed */
};

enum {
	STUN_KEY_MAX = 32, /* bytes of a long-term key or a user hash */
};

/*
 * Checks the strongest integrity that is there: SHA-256, SHA-1, libwebrtc's
 * short one. in is what m was parsed from. key is the password itself for
 * short-term credentials (ICE: a=ice-pwd of the receiver of the request, for
 * both the request and its answer), else what stun_long_term_key() makes.
 * Classic messages have their keys from a TLS exchange: NONE is the answer,
 * and so it is when the crypto library fails.
 */
enum stun_auth stun_auth_check(struct slice in, const struct stun_msg *m,
			       struct slice key);

/*
 * RFC 8489, 9.2.2 and 18.5: MD5, or SHA-256 for password algorithm 2, of
 * user:realm:password. Quotes around user and realm and zeros at their ends
 * are left out as RFC 5389, 15.4 says. The texts are taken as given: without
 * SASLprep or OpaqueString, which leave ASCII as it is. 0, or -EIO.
 */
int stun_long_term_key(struct slice user, struct slice realm,
		       struct slice password, bool sha256,
		       uint8_t out[STUN_KEY_MAX], size_t *len);

enum {
	STUN_REST_PASSWORD = 28, /* base64 of 20 bytes */
};

/* The password of credentials that end (draft-uberti-behave-turn-rest):
 * base64(HMAC-SHA1(secret, user)), without a terminator. 0, or -EIO. */
int stun_rest_password(struct slice secret, struct slice user,
		       uint8_t out[STUN_REST_PASSWORD]);

/* Is this USERHASH that of user and realm (RFC 8489, 14.4)? */
bool stun_userhash_is(struct slice hash, struct slice user, struct slice realm);

#endif
