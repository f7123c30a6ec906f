/*
 * The record layer of DTLS 1.0 to 1.3 (RFC 6347, 4.1; RFC 9146, 4; RFC 9147,
 * 4) and the header of its handshake messages (RFC 6347, 4.2.2). Pure.
 *
 * A datagram holds one or more records, a record of the handshake one or more
 * messages or fragments of them. What the capture's snap length took away is
 * marked (cut), so that what is left can be used.
 */
#ifndef DISSECTORS_DTLS_H
#define DISSECTORS_DTLS_H

#include "dissectors/parse.h"

enum dtls_content {
	DTLS_CHANGE_CIPHER_SPEC = 20,
	DTLS_ALERT = 21,
	DTLS_HANDSHAKE = 22,
	DTLS_APPLICATION_DATA = 23,
	DTLS_HEARTBEAT = 24,
	DTLS_TLS12_CID = 25, /* encrypted, with the real type inside */
	DTLS_ACK = 26,
};

enum {
	DTLS_1_0 = 0xfeff,
	DTLS_1_2 = 0xfefd,
	DTLS_1_3 = 0xfefc,
	DTLS_BAD = 0x0100, /* OpenSSL's before RFC 4347; AnyConnect's */
};

struct dtls_record {
	bool unified;	  /* the header of 1.3: type and number are encrypted */
	bool cut;	  /* the datagram ends before the record does */
	uint8_t type;	  /* 0 when unified */
	uint8_t seq_len;  /* bytes of seq on the wire: 6, or 1 or 2 */
	uint16_t version; /* 0 when unified */
	uint16_t epoch;	  /* unified: its low 2 bits */
	uint64_t seq;	  /* unified: its low bits, encrypted */
	struct slice cid; /* connection ID; empty without */
	struct slice header; /* up to the payload */
	struct slice payload;
};

/* A message of the handshake, or a part of one. */
struct dtls_fragment {
	uint8_t type;	 /* enum tls_handshake_type */
	uint32_t length; /* of the whole message */
	uint16_t seq;
	uint32_t offset;
	uint32_t len; /* of this part, data.len unless cut */
	bool cut;
	struct slice data;
};

/* A record of DTLS 1.0 to 1.3 with a plaintext header, whole. */
bool dtls_looks(struct slice in);

/* Nothing but records of 1.3 with the unified header, whole. That has few
 * marks: ask only on a flow that is known to carry DTLS, or where nothing else
 * fits (the first byte, 32 to 63, is nobody else's: RFC 7983). */
bool dtls13_record_looks(struct slice in);

/* Takes one record off the front of *in. cid_len is the length of connection
 * IDs that this sender was asked to use, 0 without. MORE when *in ends within
 * the header (also when it is empty), BAD when it begins no record. *in is
 * moved only on success. */
enum parse dtls_record_next(struct slice *in, size_t cid_len,
			    struct dtls_record *out);

/* Takes one message or fragment off the front of a plaintext handshake
 * record's payload; answers as above. */
enum parse dtls_fragment_next(struct slice *in, struct dtls_fragment *out);

#endif
