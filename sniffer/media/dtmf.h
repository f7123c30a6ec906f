/*
 * Keys pressed, as telephone events of one stream (RFC 4733): the repeats of
 * an event are merged by its timestamp; an event whose end was lost counts
 * with what was seen of it.
 */
#ifndef MEDIA_DTMF_H
#define MEDIA_DTMF_H

#include "dissectors/rtp.h"

#define DTMF_MAX 1024 /* of one stream */

struct dtmf_key {
	uint64_t start_ns; /* its first packet */
	uint32_t ts;	   /* its RTP timestamp */
	uint32_t duration; /* timestamp units, over all segments */
	uint32_t clock_hz; /* 0 = unknown */
	char digit;
};

struct dtmf {
	struct dtmf_key *v;
	uint32_t n, size;
	uint32_t segment_ts, segment; /* of a long event: what counts now */
	bool ended;
};

/* 0, -ENOSPC at DTMF_MAX, -ENOMEM. Events that are no key are left out. */
int dtmf_put(struct dtmf *d, uint64_t now_ns, uint32_t ts, uint32_t clock_hz,
	     const struct rtp_event *event);
void dtmf_free(struct dtmf *d);

#endif
