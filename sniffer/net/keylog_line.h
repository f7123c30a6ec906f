/*
 * One line of an NSS key log (RFC 9850): LABEL SP client_random SP secret, in
 * hex. Older writers name what the secret belongs to in two other ways:
 *
 *	RSA <8 bytes of the encrypted premaster secret> <premaster secret>
 *	RSA Session-ID:<session id> Master-Key:<master secret>
 *
 * Pure.
 */
#ifndef NET_KEYLOG_LINE_H
#define NET_KEYLOG_LINE_H

#include "sniffer/base/slice.h"

enum keylog_label {
	KEYLOG_MASTER, /* TLS and DTLS up to 1.2 */
	KEYLOG_PREMASTER,
	KEYLOG_CLIENT_EARLY,
	KEYLOG_CLIENT_HANDSHAKE,
	KEYLOG_SERVER_HANDSHAKE,
	KEYLOG_CLIENT_TRAFFIC,
	KEYLOG_SERVER_TRAFFIC,
	KEYLOG_EARLY_EXPORTER,
	KEYLOG_EXPORTER,
	KEYLOG_LABELS,
};

enum keylog_key {
	KEYLOG_BY_RANDOM,    /* of the ClientHello, 32 bytes */
	KEYLOG_BY_SESSION,   /* session id, 1 to 32 bytes */
	KEYLOG_BY_PREMASTER, /* first 8 bytes of it, encrypted */
};

enum {
	KEYLOG_KEY_MAX = 32,
	KEYLOG_SECRET_MAX = 48,
	KEYLOG_LINE_MAX = 256, /* of those with a secret */
};

enum keylog_kind {
	KEYLOG_LINE_SECRET,
	KEYLOG_LINE_EMPTY, /* also a comment, and a secret of no use */
	KEYLOG_LINE_OTHER, /* a label that is not known */
	KEYLOG_LINE_BAD,
};

struct keylog_line {
	enum keylog_label label;
	enum keylog_key by;
	uint8_t key[KEYLOG_KEY_MAX];
	uint8_t secret[KEYLOG_SECRET_MAX];
	size_t key_len, secret_len;
};

/* The line without its end. out is written for a secret only; whoever has it
 * wipes it (OPENSSL_cleanse). */
enum keylog_kind keylog_line_parse(struct slice line, struct keylog_line *out);

/* "CLIENT_RANDOM", "EXPORTER_SECRET" ...; NULL for the premaster secret. */
const char *keylog_label_name(enum keylog_label label);

#endif
