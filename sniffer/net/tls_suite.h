/*
 * What a cipher suite is made of: those whose records can be opened when the
 * keys are known. The names are in dissectors/tls_names.h.
 */
#ifndef NET_TLS_SUITE_H
#define NET_TLS_SUITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tls_hash {
	TLS_HASH_MD5_SHA1, /* of TLS 1.0, 1.1 and DTLS 1.0, whatever suite */
	TLS_HASH_SHA256,
	TLS_HASH_SHA384,
};

enum tls_mac {
	TLS_MAC_NONE, /* the cipher authenticates */
	TLS_MAC_MD5,
	TLS_MAC_SHA1,
	TLS_MAC_SHA256,
	TLS_MAC_SHA384,
};

enum tls_bulk {
	TLS_BULK_NULL,
	TLS_BULK_3DES_CBC,
	TLS_BULK_AES_128_CBC,
	TLS_BULK_AES_256_CBC,
	TLS_BULK_AES_128_GCM,
	TLS_BULK_AES_256_GCM,
	TLS_BULK_AES_128_CCM,
	TLS_BULK_AES_256_CCM,
	TLS_BULK_AES_128_CCM_8,
	TLS_BULK_AES_256_CCM_8,
	TLS_BULK_CHACHA20_POLY1305,
};

enum tls_mode {
	TLS_MODE_NULL,
	TLS_MODE_CBC,
	TLS_MODE_GCM,
	TLS_MODE_CCM,
	TLS_MODE_CHACHA20,
};

struct tls_suite {
	uint16_t id;
	enum tls_bulk bulk;
	enum tls_mac mac;
	enum tls_hash hash; /* of the PRF of 1.2, of HKDF in 1.3 */
	bool rsa;	    /* the premaster secret comes encrypted with RSA */
};

/* All lengths are bytes. */
struct tls_bulk_info {
	const char *evp; /* as OpenSSL calls it; NULL for none */
	enum tls_mode mode;
	uint8_t key_len;
	uint8_t fixed_iv; /* of AEAD before 1.3, from the key block */
	uint8_t block;	  /* of CBC */
	uint8_t tag_len;  /* of AEAD */
};

enum {
	TLS_KEY_MAX = 32,
	TLS_IV_MAX = 16,
	TLS_HASH_MAX = 48,
};

/* NULL for a suite that cannot be opened or is unknown. */
const struct tls_suite *tls_suite_find(uint16_t id);
const struct tls_bulk_info *tls_bulk_info(enum tls_bulk bulk);

/* "SHA256", as OpenSSL calls it. */
const char *tls_hash_name(enum tls_hash hash);
size_t tls_hash_len(enum tls_hash hash);
const char *tls_mac_name(enum tls_mac mac); /* NULL for none */
size_t tls_mac_len(enum tls_mac mac);

/* Versions are those of the wire, of TLS (0x0301 ...) or DTLS (0xfeff ...). */
static inline bool tls_is_dtls(uint16_t version)
{
	return version >> 8 == 0xfe || version == 0x0100;
}

static inline bool tls_is_13(uint16_t version)
{
	return version == 0x0304 || version == 0xfefc;
}

/* TLS 1.0 and 1.1, DTLS 1.0: MD5 and SHA-1 together. */
static inline bool tls_is_old(uint16_t version)
{
	return version == 0x0301 || version == 0x0302 || version == 0xfeff ||
	       version == 0x0100;
}

/* The hash of the PRF, or of HKDF, of a connection. */
static inline enum tls_hash tls_hash_of(const struct tls_suite *s,
					uint16_t version)
{
	return tls_is_old(version) ? TLS_HASH_MD5_SHA1 : s->hash;
}

#endif
