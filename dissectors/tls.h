/*
 * The record layer of TLS 1.0 to 1.3 on a stream (RFC 8446, 5.1; RFC 5246,
 * 6.2.1), and the messages in a handshake record. Pure. The bodies of
 * messages are for tls_hello.h.
 */
#ifndef DISSECTORS_TLS_H
#define DISSECTORS_TLS_H

#include "dissectors/parse.h"

enum tls_content {
	TLS_CHANGE_CIPHER_SPEC = 20,
	TLS_ALERT = 21,
	TLS_HANDSHAKE = 22,
	TLS_APPLICATION_DATA = 23,
	TLS_HEARTBEAT = 24, /* RFC 6520 */
};

enum {
	TLS_RECORD_HEAD = 5,
	TLS_PLAIN_MAX = 16384,		 /* of one record, opened */
	TLS_FRAGMENT_MAX = 16384 + 2048, /* of one record, as sent */
	TLS_HANDSHAKE_HEAD = 4,
};

struct tls_record {
	uint8_t type;
	uint16_t version;  /* of the record: 0x0301 to 0x0303, says little */
	struct slice head; /* TLS_RECORD_HEAD bytes */
	struct slice fragment;
	size_t len; /* of head and fragment, known from the head on */
};

/* A stream begins with a ClientHello or ServerHello of TLS, as far as head
 * goes: PARSE_MORE as long as too little is there (6 bytes are enough). */
enum parse tls_probe(struct slice head);

/* Takes a record off the front of in: out->len bytes. MORE sets out->len once
 * the head is there, else to 0. BAD: no record begins here. */
enum parse tls_record_parse(struct slice in, struct tls_record *out);

/* A handshake message: type 1 | length 3 | body. MORE sets *len once the head
 * is there, else to 0; there is no BAD. len counts the head. */
enum parse tls_message_parse(struct slice in, uint8_t *type, struct slice *body,
			     size_t *len);

#endif
