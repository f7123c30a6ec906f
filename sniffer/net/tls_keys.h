/*
 * From a session's secrets to the keys of its records, and to the keys of
 * SRTP that DTLS agreed on. Nothing is kept; what a caller gets he wipes
 * (OPENSSL_cleanse). Functions that can fail answer 0 or -errno: -EINVAL for
 * lengths that cannot be, -EIO when OpenSSL refuses.
 *
 * client and server are those of the TLS handshake.
 */
#ifndef NET_TLS_KEYS_H
#define NET_TLS_KEYS_H

#include "sniffer/base/slice.h"
#include "sniffer/net/tls_suite.h"

enum {
	TLS_MASTER = 48, /* bytes of a master secret, up to 1.2 */
};

/* Of one direction. */
struct tls_keys {
	uint8_t mac[TLS_HASH_MAX];
	uint8_t key[TLS_KEY_MAX];
	uint8_t iv[TLS_IV_MAX];
	uint8_t sn[TLS_KEY_MAX]; /* of sequence numbers, DTLS 1.3 */
};

/* --- up to 1.2 ---------------------------------------------------------- */

/* PRF(secret, label, a + b): RFC 5246, 5; with TLS_HASH_MD5_SHA1 that of
 * RFC 2246, 5. */
int tls_prf(enum tls_hash hash, struct slice secret, const char *label,
	    struct slice a, struct slice b, uint8_t *out, size_t n);

/* RFC 5246, 8.1. */
int tls_master(enum tls_hash hash, struct slice premaster,
	       struct slice client_random, struct slice server_random,
	       uint8_t out[TLS_MASTER]);

/* The key block, RFC 5246, 6.3: out[0] is what the client writes with. */
int tls12_keys(const struct tls_suite *s, uint16_t version, struct slice master,
	       struct slice client_random, struct slice server_random,
	       struct tls_keys out[2]);

/* --- 1.3 ---------------------------------------------------------------- */

/* RFC 8446, 7.1; RFC 9147, 5.9 for DTLS. */
int tls13_expand(enum tls_hash hash, bool dtls, struct slice secret,
		 const char *label, struct slice context, uint8_t *out,
		 size_t n);

/* key, iv and, of DTLS, sn: RFC 8446, 7.3; RFC 9147, 4.2.3. */
int tls13_keys(const struct tls_suite *s, bool dtls, struct slice secret,
	       struct tls_keys *out);

/* The traffic secret after a KeyUpdate, RFC 8446, 7.2; of the length of
 * secret. out may be where secret is. */
int tls13_update(const struct tls_suite *s, bool dtls, struct slice secret,
		 uint8_t out[TLS_HASH_MAX]);

/* --- SRTP --------------------------------------------------------------- */

enum {
	TLS_SRTP_KEY_MAX = 32,
	TLS_SRTP_SALT_MAX = 14,
	TLS_SRTP_BLOCK_MAX = 2 * (TLS_SRTP_KEY_MAX + TLS_SRTP_SALT_MAX),
};

/* The master keys and salts of SRTP; what the DTLS client sends is protected
 * with the client's. */
struct srtp_export {
	uint8_t client_key[TLS_SRTP_KEY_MAX], server_key[TLS_SRTP_KEY_MAX];
	uint8_t client_salt[TLS_SRTP_SALT_MAX], server_salt[TLS_SRTP_SALT_MAX];
	size_t key_len, salt_len;
};

/* n bytes of keying material for "EXTRACTOR-dtls_srtp" without context:
 * RFC 5705, 4, from the master secret up to 1.2; RFC 8446, 7.5, from the
 * EXPORTER_SECRET of 1.3. */
int tls_export_dtls_srtp12(enum tls_hash hash, struct slice master,
			   struct slice client_random,
			   struct slice server_random, size_t n, uint8_t *out);
int tls_export_dtls_srtp13(enum tls_hash hash, struct slice exporter_secret,
			   bool dtls13, size_t n, uint8_t *out);

/* RFC 5764, 4.2: block is 2 * (key_len + salt_len) bytes. */
int tls_srtp_split(struct slice block, size_t key_len, size_t salt_len,
		   struct srtp_export *out);

/* Bytes of key and salt of a profile (RFC 5764, 7714); false for
 * one that is not known. */
bool tls_srtp_sizes(uint16_t profile, size_t *key_len, size_t *salt_len);

#endif
