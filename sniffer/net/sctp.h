/*
 * The user messages of an SCTP packet (RFC 9260), as far as they came in one
 * piece: SIP over SCTP (RFC 4168) is one SIP message in one user message.
 */
#ifndef NET_SCTP_H
#define NET_SCTP_H

#include "sniffer/base/slice.h"

struct sctp_data {
	uint32_t tsn;
	uint16_t stream, seq;
	uint32_t ppid; /* payload protocol */
	struct slice payload;
};

struct sctp_iter {
	struct slice left;
	unsigned fragments; /* DATA chunks passed over: parts of a message */
	bool bad;	    /* ended at a damaged or cut chunk */
};

/* chunks: what follows the common header, as in pkt.payload. */
struct sctp_iter sctp_begin(struct slice chunks);
/* False at the end; *out is written only on success. */
bool sctp_next(struct sctp_iter *it, struct sctp_data *out);

#endif
