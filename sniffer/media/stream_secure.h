/*
 * A stream of SRTP: its packets are opened as they are counted. Numbers,
 * jitter and receivers never wait for that; what a payload tells and how long
 * it is does: packets that come before their key are held, bounded, and read
 * in order when it is there.
 */
#ifndef MEDIA_STREAM_SECURE_H
#define MEDIA_STREAM_SECURE_H

#include "sniffer/media/opener.h"
#include "sniffer/media/stream.h"

struct stream_secure {
	struct opener opener;
	struct hold hold;
	struct keyring *ring; /* of its flow; NULL: no keys so far */
	uint64_t closed;      /* packets before the first that was opened */
	uint64_t opened;
	uint64_t failed; /* after the first, no key fits */
	uint32_t tag;	 /* bytes behind a payload, once known is set */
	bool known, cryptex;
};

enum payload_state {
	PAYLOAD_AS_IS,	/* it may well be plain RTP: taken as that */
	PAYLOAD_OPENED, /* *rtp is what was inside */
	PAYLOAD_CLOSED,
};

/* From now on its packets may be protected; with a ring there are keys. Both
 * may be said again. False without memory. */
bool stream_secure(struct stream *s, struct keyring *ring);
void stream_secure_free(struct stream_secure *c); /* NULL is fine */

/* A packet that is no copy, before it is counted. *bytes: of payload, as far
 * as known, unless it is taken as is. */
enum payload_state stream_open(struct stream *s, const struct media_pkt *p,
			       struct rtp *rtp, uint64_t ext,
			       enum seq_what what, uint32_t *bytes);
/* Where packets are opened; NULL without memory (counted). */
uint8_t *stream_room(struct stream_env *env);
/* No more packets come: what is held is opened or given up. */
void stream_secure_end(struct stream *s);

/* For the report: srtp, decrypted, key and how many were opened. */
void stream_secure_result(const struct stream *s, struct arena *mem,
			  struct cdr_stream *out);

#endif
