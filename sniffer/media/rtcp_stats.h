/*
 * What RTCP said of one stream, and the round trips that follow from it.
 *
 * A tap in the middle sees two halves: from the tap to the stream's sender
 * and back (a), and from the tap to its receiver and back (b). The receiver's
 * half: a report block about the stream quotes a sender report that passed
 * the tap earlier (RFC 3550, 6.4.1). The sender's half: the same, in the
 * report blocks that the stream's sender writes about others. Chained, they
 * are the round trip from end to end.
 */
#ifndef MEDIA_RTCP_STATS_H
#define MEDIA_RTCP_STATS_H

#include "dissectors/rtcp.h"
#include "sniffer/cdr.h"

#define RTCP_STATS_SRS 8 /* sender reports that a block may refer to */

struct rtcp_stats {
	/* sr, bye: sent by the stream's sender. The others are about the
	 * stream: rr counts report blocks, in RR and SR alike, xr, nack, pli,
	 * fir, remb and twcc packets that name it. */
	uint64_t sr, rr, xr, nack, pli, fir, remb, twcc, bye;
	uint64_t nack_numbers; /* asked for again */
	uint64_t remb_bps;     /* the last */
	uint8_t fraction_max;  /* of 256 */
	int32_t lost;	       /* cumulative, the last */
	uint32_t jitter_max;   /* timestamp units */
	struct {
		uint32_t mid; /* of its NTP time */
		uint64_t ns;  /* when it passed */
	} sent[RTCP_STATS_SRS];
	struct rtcp_half {
		double sum_ms, last_ms;
		uint64_t n;
	} a, b;
	double rtt_sum_ms, rtt_max_ms;
	uint64_t rtt_n;
};

void rtcp_stats_sr(struct rtcp_stats *s, uint64_t now_ns, uint64_t ntp);
/* A block about the stream; true with the half round trip on the side of
 * its receiver. */
bool rtcp_stats_block(struct rtcp_stats *s, uint64_t now_ns,
		      const struct rtcp_block *b, double *half_ms);
/* The stream's sender answered somebody else's report. */
void rtcp_stats_answered(struct rtcp_stats *s, double half_ms);

/* s may be NULL: no RTCP. clock_hz 0: jitter stays null. */
void rtcp_stats_result(const struct rtcp_stats *s, uint32_t clock_hz,
		       struct cdr_rtcp *out);

#endif
