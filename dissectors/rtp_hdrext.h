/*
 * What RTP header extensions say (RFC 8285 is in rtp.h): their URIs, and the
 * values of one packet by the numbers that were negotiated. Clear under SRTP
 * unless RFC 6904 or cryptex hides them. Pure: slices point into the packet.
 */
#ifndef DISSECTORS_RTP_HDREXT_H
#define DISSECTORS_RTP_HDREXT_H

#include "dissectors/rtp.h"

enum rtp_hdrext_kind {
	RTP_HDREXT_NONE,	      /* none that is known here */
	RTP_HDREXT_MID,		      /* RFC 9143 */
	RTP_HDREXT_RID,		      /* RFC 8852 */
	RTP_HDREXT_REPAIRED_RID,      /* RFC 8852 */
	RTP_HDREXT_AUDIO_LEVEL,	      /* RFC 6464 */
	RTP_HDREXT_TWCC,	      /* transport-wide numbers, 01 and 02 */
	RTP_HDREXT_ABS_SEND_TIME,     /* webrtc.org */
	RTP_HDREXT_TOFFSET,	      /* RFC 5450 */
	RTP_HDREXT_VIDEO_ORIENTATION, /* 3GPP TS 26.114, 7.4.5 */
	RTP_HDREXT_DEPENDENCY_DESCRIPTOR, /* rtp_dd.h */
	RTP_HDREXT_FRAME_MARKING,	  /* RFC 9626 */
	RTP_HDREXT_KINDS,
};

/* Of the URI of an a=extmap line, with or without attributes behind it.
 * *encrypted: it came as the argument of RFC 6904's own URI. */
enum rtp_hdrext_kind rtp_hdrext_kind(struct slice uri, bool *encrypted);

/* What was negotiated: the number of each kind, 0 = not. */
struct rtp_hdrext_ids {
	uint8_t id[RTP_HDREXT_KINDS];
	uint32_t encrypted; /* bit 1 << kind: RFC 6904 */
};

struct rtp_hdrext {
	uint32_t has; /* bit 1 << kind: that one is there and well-formed */
	struct slice mid, rid, repaired_rid;
	struct slice dd;
	uint32_t abs_send_time; /* seconds modulo 64, times 2^18 */
	int32_t toffset;	/* sent so much after its timestamp, ticks */
	uint16_t twcc;		/* number of the whole transport */
	uint8_t level;		/* -dBov: 0 loudest, 127 silence */
	bool voice;
	uint8_t rotation; /* quarters of a turn to the right */
	bool flip, back_camera;
	struct rtp_frame_marking {
		bool start, end, independent, discardable, base_sync;
		uint8_t temporal;
	} marking;
};

static inline bool rtp_hdrext_has(const struct rtp_hdrext *x,
				  enum rtp_hdrext_kind kind)
{
	return x->has >> kind & 1;
}

/* open: what RFC 6904 encrypts can be read. */
void rtp_hdrext_read(const struct rtp *r, const struct rtp_hdrext_ids *ids,
		     bool open, struct rtp_hdrext *out);

#endif
