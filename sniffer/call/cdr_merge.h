/*
 * Two parts of one call or session, seen before and after a restart, become
 * one record. Pure: works on the records alone.
 *
 * Signalling is not added up: whoever goes on with a call goes through its
 * messages again, so that the later record has all of it; rows of the earlier
 * one that are missing there are taken over. Media is: each part has counted
 * its own packets. Numbers that passed between the two are neither received
 * nor lost.
 */
#ifndef CALL_CDR_MERGE_H
#define CALL_CDR_MERGE_H

#include "sniffer/cdr.h"

/*
 * Adds what `before` knows to cdr, before cdr_conclude(): streams of the same
 * SSRC, source and destination become one, under the name of the first.
 * What cannot be added is averaged by packets (jitter, MOS, bursts), or is
 * the worst (maxima, mos.min). cdr borrows texts and rows of before, which
 * stays as it is. Without memory some rows are missing.
 */
void cdr_merge(struct cdr *cdr, const struct cdr *before);

/* cdr_merge(), then before is gone: cdr owns what it borrowed. */
void cdr_merge_take(struct cdr *cdr, struct cdr *before);

/* One stream (cdr_merge_stream.c). Rows go into mem. */
void cdr_merge_stream(struct cdr_stream *s, const struct cdr_stream *before,
		      struct arena *mem);

/* ICE, DTLS, TURN and NAT (cdr_merge_rtc.c). */
void cdr_merge_rtc(struct cdr *cdr, const struct cdr_call *before);

#endif
