/*
 * Real DTLS handshakes up to 1.2 for tests: two ends of OpenSSL's libssl in
 * one process, and a list of the datagrams that they sent to each other, as a
 * tap between them would have seen them. No sockets, no waiting: a datagram
 * that is dropped is sent again as soon as both ends have nothing to do.
 */
#ifndef TESTS_DTLS_PAIR_H
#define TESTS_DTLS_PAIR_H

#include <openssl/ssl.h>

#include "sniffer/base/slice.h"

enum {
	DTLS_PAIR_MAX = 128, /* datagrams */
	DTLS_PAIR_CLIENT = 0,
	DTLS_PAIR_SERVER = 1,
};

struct dtls_pair_config {
	int version;	      /* DTLS1_VERSION or, 0, DTLS1_2_VERSION */
	const char *ciphers;  /* NULL: libssl's choice */
	const char *profiles; /* the client's, libssl's names; NULL none */
	const char *server_profiles; /* NULL: the same */
	unsigned mtu;		     /* 0 = 1400 */
	bool client_certificate;     /* asked for and sent */
	bool no_client_certificate;  /* asked for and not there */
	bool server_refuses;	     /* the client's certificate */
	bool cookie;		     /* HelloVerifyRequest */
	uint32_t drop;	/* bit n: the n-th datagram does not arrive (the tap
			   still sees it) */
	bool no_ticket; /* sessions are kept by their ID */
	struct dtls_pair *resume; /* go on with the session of these ends */
};

struct dtls_sent {
	unsigned dir; /* DTLS_PAIR_... */
	size_t len;
	uint8_t *bytes;
};

struct dtls_pair {
	struct dtls_pair_config cfg;
	SSL_CTX *ctx[2];
	SSL *ssl[2];
	X509 *cert[2];
	SSL_SESSION *session; /* resumed */
	struct dtls_sent sent[DTLS_PAIR_MAX];
	size_t count;
	size_t arrived[2]; /* next datagram that goes to this end */
	bool done;	   /* both ends say so */
};

/* Runs the handshake to its end, good or bad. Aborts where libssl cannot. */
void dtls_pair_run(struct dtls_pair *p, const struct dtls_pair_config *cfg);
/* This end sends application data. */
void dtls_pair_data(struct dtls_pair *p, unsigned dir, const char *text);
/* This end closes: an encrypted close_notify. */
void dtls_pair_shutdown(struct dtls_pair *p, unsigned dir);
void dtls_pair_free(struct dtls_pair *p);

struct slice dtls_pair_sent(const struct dtls_pair *p, size_t n);
/* "AA:BB:..." by libssl; out as large as dtls_cert_digest() asks. */
void dtls_pair_digest(const struct dtls_pair *p, unsigned dir, const EVP_MD *md,
		      char *out);

#endif
