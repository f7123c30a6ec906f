/*
 * Opens the records of one direction of a TLS connection under one set of
 * keys. Nothing counts here: the caller names the record's sequence number,
 * and may try several.
 */
#ifndef NET_TLS_OPEN_H
#define NET_TLS_OPEN_H

#include "dissectors/tls.h"
#include "sniffer/net/tls_keys.h"

struct tls_opener;

/* version as on the wire, 0x0301 to 0x0304. keys are copied, and wiped with
 * the opener. NULL without memory, or for a cipher that OpenSSL has not. */
struct tls_opener *tls_opener_new(const struct tls_suite *s, uint16_t version,
				  bool encrypt_then_mac,
				  const struct tls_keys *keys);
void tls_opener_free(struct tls_opener *o); /* NULL is fine */

struct tls_plain {
	uint8_t type; /* in 1.3 the one inside */
	struct slice bytes;
};

/*
 * Writes the plaintext to buf and shows where it lies there. False when the
 * record does not authenticate under that number. The same record may be
 * tried again; when it is done with, opened or not, tls_opener_pass() must
 * see it: in TLS 1.0 the next one depends on it.
 */
bool tls_open(struct tls_opener *o, const struct tls_record *r, uint64_t seq,
	      uint8_t buf[TLS_FRAGMENT_MAX], struct tls_plain *out);
void tls_opener_pass(struct tls_opener *o, const struct tls_record *r);

#endif
