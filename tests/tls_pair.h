/*
 * A TLS or DTLS connection of OpenSSL with itself, in memory: what each side
 * sent, in order, and the key log of it.
 */
#ifndef TESTS_TLS_PAIR_H
#define TESTS_TLS_PAIR_H

#include <openssl/ssl.h>

#include "sniffer/base/slice.h"

/* A key with a certificate that it signed itself. */
struct tls_identity {
	EVP_PKEY *key;
	X509 *cert;
};

void tls_identity_make(struct tls_identity *id, bool rsa);
void tls_identity_free(struct tls_identity *id);

struct tls_pair_config {
	const struct tls_identity *identity; /* of the server */
	bool dtls;
	int version;	      /* TLS1_2_VERSION ...; 0 = the best */
	const char *ciphers;  /* up to 1.2, OpenSSL's names; NULL = all */
	const char *suites;   /* the same of 1.3 */
	uint64_t options;     /* SSL_OP_..., of both sides */
	const char *groups;   /* the server's; the client has others first */
	size_t fragment;      /* bytes of a record; 0 = as many as may be */
	size_t padding;	      /* multiple of, 1.3 */
	SSL_SESSION *session; /* to be resumed */
	const char *srtp;     /* "SRTP_AES128_CM_SHA1_80:..." */
	const char *alpn;     /* one name */
	const char *psk;      /* a shared key, up to 1.2 */
	SSL_CTX *server;      /* another pair's: it knows the session */
};

enum {
	TLS_PAIR_KEYLOG = 16384,
	TLS_PAIR_PIECES = 4096,
};

struct tls_piece {
	int from; /* 0 = the client */
	uint8_t *p;
	size_t len;
};

struct tls_pair {
	SSL_CTX *ctx[2];
	SSL *ssl[2]; /* 0 = the client */
	struct tls_piece piece[TLS_PAIR_PIECES];
	size_t pieces;
	char keylog[TLS_PAIR_KEYLOG];
	const char *psk;
};

/* They abort when it cannot be done; handshake answers whether it was. */
void tls_pair_open(struct tls_pair *p, const struct tls_pair_config *cfg);
void tls_pair_close(struct tls_pair *p);
bool tls_pair_handshake(struct tls_pair *p);
/* One write, read by the other side. */
void tls_pair_send(struct tls_pair *p, int from, const void *data, size_t len);
/* What one side has written goes into the list and to the other. */
void tls_pair_carry(struct tls_pair *p, int from);
/* Takes what both sides have to say to the other. */
void tls_pair_pump(struct tls_pair *p);

#endif
