/*
 * Repair of RTP streams as far as numbers go: which packet a retransmission
 * (RFC 4588) brings back, and which ones a parity packet protects: ULPFEC
 * (RFC 5109), FlexFEC (RFC 8627, and draft-03 as browsers speak it). Pure.
 */
#ifndef DISSECTORS_RTP_FEC_H
#define DISSECTORS_RTP_FEC_H

#include "dissectors/parse.h"
#include "sniffer/base/slice.h"

enum {
	RTP_FEC_SETS = 4,   /* protected streams of one packet */
	RTP_FEC_BITS = 128, /* numbers of one set */
};

/* Numbers of one stream: base + i * step for each bit i of the mask. */
struct rtp_fec_set {
	uint32_t ssrc; /* 0: the header does not say */
	uint16_t base;
	uint8_t step;
	uint64_t mask[RTP_FEC_BITS / 64];
};

struct rtp_fec {
	unsigned n;
	struct rtp_fec_set set[RTP_FEC_SETS];
};

static inline bool rtp_fec_has(const struct rtp_fec_set *s, unsigned i)
{
	return s->mask[i / 64] >> (i % 64) & 1;
}

/* The original number of a retransmitted packet, and what follows it: its
 * payload. PARSE_BAD when there is none: padding only. */
enum parse rtp_rtx_parse(struct slice payload, uint16_t *number,
			 struct slice *rest);

/* RFC 5109, 7.3 and 7.4; of level 0. One set. */
enum parse rtp_ulpfec_parse(struct slice payload, struct rtp_fec *out);

/* RFC 8627, 4.2.2; the protected SSRCs are the CSRCs of the RTP header. */
enum parse rtp_flexfec_parse(struct slice payload, struct slice csrc,
			     struct rtp_fec *out);

/* draft-ietf-payload-flexible-fec-scheme-03, 4.2; flexible masks only. */
enum parse rtp_flexfec03_parse(struct slice payload, struct rtp_fec *out);

#endif
