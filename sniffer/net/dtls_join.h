/*
 * Puts handshake messages of DTLS together from their fragments (RFC 6347,
 * 4.2.3): one struct dtls_join for each sender. Fragments may come in any
 * order, overlap and be repeated; messages need not come in order either. It
 * owns what it keeps, within its limits, until dtls_join_close().
 */
#ifndef NET_DTLS_JOIN_H
#define NET_DTLS_JOIN_H

#include "dissectors/dtls.h"
#include "sniffer/base/counters.h"

enum {
	DTLS_JOIN_BYTES = 65536, /* of unfinished messages of one sender */
	DTLS_JOIN_PARTS = 8,	 /* unfinished messages of one sender */
	DTLS_JOIN_GAPS = 16,	 /* pieces of one message */
	DTLS_JOIN_SEQ = 64,	 /* message_seq goes so far */
};

struct dtls_part;

struct dtls_join {
	struct dtls_part *parts;
	size_t held;		      /* bytes of parts */
	unsigned count;		      /* of parts */
	uint16_t done[DTLS_JOIN_SEQ]; /* type + 1 of what was whole */
};

enum dtls_joined {
	DTLS_JOINED_WHOLE,  /* *body is the message */
	DTLS_JOINED_PART,   /* it said something new, more must come */
	DTLS_JOINED_REPEAT, /* all of it was known: retransmitted */
	DTLS_JOINED_NOT,    /* turned away and counted */
};

/* With DTLS_JOINED_WHOLE *body points into f->data or into memory that is
 * *kept, which the caller frees; NULL when there is nothing to free. */
enum dtls_joined dtls_join_add(struct dtls_join *j,
			       const struct dtls_fragment *f,
			       struct counters *counters, struct slice *body,
			       void **kept);

void dtls_join_close(struct dtls_join *j);

#endif
