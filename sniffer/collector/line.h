/*
 * A connection to a collector, used by one thread. Blocking, but no call takes
 * longer than some seconds.
 */
#ifndef COLLECTOR_LINE_H
#define COLLECTOR_LINE_H

#include <openssl/ssl.h>

#include "sniffer/base/peer.h"

#define LINE_WHY 256

struct line {
	int fd; /* -1 = closed */
	SSL *ssl;
	bool datagrams;
};

/* ca: PEM file, NULL = those of the system. 0 or -errno with why. */
int line_tls(SSL_CTX **out, const char *ca, char why[LINE_WHY]);

/* Resolves, connects, shakes hands. tls: for PEER_TLS only. The certificate
 * must be that of to->host. 0 or -errno with why. */
int line_open(struct line *l, const struct peer *to, SSL_CTX *tls,
	      char why[LINE_WHY]);
void line_close(struct line *l);

/* All of it, or one datagram. 0 or -errno with why; -ECONNREFUSED of UDP is
 * about an earlier one. */
int line_write(struct line *l, struct slice bytes, char why[LINE_WHY]);

#endif
