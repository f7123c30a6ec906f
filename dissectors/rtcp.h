/*
 * RTCP: compounds (RFC 3550, 6; reduced-size RFC 5506), reports, SDES, BYE,
 * APP, extended reports (RFC 3611) and feedback (RFC 4585, 5104, REMB,
 * transport-wide congestion control). Pure: slices point into the input.
 */
#ifndef DISSECTORS_RTCP_H
#define DISSECTORS_RTCP_H

#include "dissectors/parse.h"

enum rtcp_type {
	RTCP_SR = 200,
	RTCP_RR = 201,
	RTCP_SDES = 202,
	RTCP_BYE = 203,
	RTCP_APP = 204,
	RTCP_RTPFB = 205,
	RTCP_PSFB = 206,
	RTCP_XR = 207,
};

enum rtcp_rtpfb { /* FMT of RTPFB */
	RTCP_NACK = 1,
	RTCP_TMMBR = 3,
	RTCP_TMMBN = 4,
	RTCP_CCFB = 11, /* RFC 8888 */
	RTCP_TWCC = 15,
};

enum rtcp_psfb { /* FMT of PSFB */
	RTCP_PLI = 1,
	RTCP_SLI = 2,
	RTCP_RPSI = 3,
	RTCP_FIR = 4,
	RTCP_AFB = 15, /* application layer: REMB */
};

enum rtcp_xr_type { /* RFC 3611, 4 */
	RTCP_XR_LOSS_RLE = 1,
	RTCP_XR_DUP_RLE = 2,
	RTCP_XR_TIMES = 3,
	RTCP_XR_RRT = 4,
	RTCP_XR_DLRR = 5,
	RTCP_XR_STATS = 6,
	RTCP_XR_VOIP = 7,
};

/* Could this datagram be RTCP (RFC 5761, 4)? The first packet has version 2,
 * an RTCP type and a length that fits; any type may come first (RFC 5506).
 * What follows is not held to anything: SRTCP leaves only 8 bytes clear. */
bool rtcp_looks(struct slice in);

/* --- the compound ------------------------------------------------------ */

struct rtcp_walk {
	struct cursor c;
};

/* One packet of a compound. */
struct rtcp {
	uint8_t type;
	uint8_t count;	   /* RC, SC, FMT or subtype */
	struct slice body; /* after the first word, without padding */
};

void rtcp_begin(struct rtcp_walk *w, struct slice in);
/* PARSE_OK: one more. PARSE_MORE: the end. PARSE_BAD: bytes that are no
 * RTCP packet; the walk is over. */
enum parse rtcp_next(struct rtcp_walk *w, struct rtcp *out);

/* --- reports (RFC 3550, 6.4) ------------------------------------------- */

struct rtcp_report {
	uint32_t ssrc; /* of the reporter */
	bool sender;   /* SR: the next five are filled */
	uint64_t ntp;  /* 32.32 seconds since 1900 */
	uint32_t rtp_ts, packets, octets;
	struct slice blocks; /* 24 bytes each, whole ones only */
};

struct rtcp_block {
	uint32_t ssrc;	       /* whom it is about */
	uint8_t fraction_lost; /* of 256 */
	int32_t lost;	       /* cumulative, signed 24 bit */
	uint32_t ext_seq, jitter, lsr, dlsr;
};

/* The middle 32 bits of an NTP time: what LSR refers to. */
static inline uint32_t rtcp_ntp_mid(uint64_t ntp)
{
	return (uint32_t)(ntp >> 16);
}

enum parse rtcp_report_parse(const struct rtcp *p, struct rtcp_report *out);
/* Takes the next block off *blocks; false when there is none. */
bool rtcp_block_next(struct slice *blocks, struct rtcp_block *out);

/* --- SDES, BYE, APP (6.5 - 6.7) ---------------------------------------- */

enum rtcp_sdes_item {
	RTCP_CNAME = 1,
	RTCP_NAME = 2,
	RTCP_TOOL = 6,
	RTCP_MID = 15,
};

struct rtcp_sdes_walk {
	struct cursor c;
	uint32_t ssrc;
	unsigned chunks; /* still to come */
	bool inside;
};

struct rtcp_sdes {
	uint32_t ssrc;
	uint8_t item;
	struct slice text;
};

void rtcp_sdes_begin(struct rtcp_sdes_walk *w, const struct rtcp *p);
bool rtcp_sdes_next(struct rtcp_sdes_walk *w, struct rtcp_sdes *out);

struct rtcp_bye {
	struct slice ssrcs; /* 4 bytes each: rtcp_ssrc_next() */
	struct slice reason;
};

enum parse rtcp_bye_parse(const struct rtcp *p, struct rtcp_bye *out);
bool rtcp_ssrc_next(struct slice *ssrcs, uint32_t *out);

struct rtcp_app {
	uint32_t ssrc;
	struct slice name; /* 4 bytes */
	struct slice data;
};

enum parse rtcp_app_parse(const struct rtcp *p, struct rtcp_app *out);

/* --- extended reports (RFC 3611) --------------------------------------- */

struct rtcp_xr_walk {
	struct cursor c;
	uint32_t ssrc; /* of the reporter; right after rtcp_xr_begin() */
};

struct rtcp_xr {
	uint8_t type, specific;
	struct slice body;
};

enum parse rtcp_xr_begin(struct rtcp_xr_walk *w, const struct rtcp *p);
bool rtcp_xr_next(struct rtcp_xr_walk *w, struct rtcp_xr *out);

/* 4.7; rates of 256, densities of 256, times in ms. 127 = unavailable for
 * levels, R and MOS. */
struct rtcp_xr_voip {
	uint32_t ssrc;
	uint8_t loss_rate, discard_rate, burst_density, gap_density;
	uint16_t burst_ms, gap_ms, round_trip_ms, end_system_ms;
	int8_t signal_dbm0, noise_dbm0;
	uint8_t rerl, gmin, r, ext_r, mos_lq_10, mos_cq_10, rx_config;
	uint16_t jb_nominal_ms, jb_max_ms, jb_abs_max_ms;
};

struct rtcp_xr_stats { /* 4.6 */
	uint32_t ssrc, lost, dup;
	uint16_t begin_seq, end_seq;
	uint32_t jitter_min, jitter_max, jitter_mean, jitter_dev;
	uint8_t flags; /* L, D, J, ToH: which of them are filled */
};

struct rtcp_xr_dlrr { /* 4.5 */
	uint32_t ssrc, lrr, dlrr;
};

enum parse rtcp_xr_voip_parse(const struct rtcp_xr *x,
			      struct rtcp_xr_voip *out);
enum parse rtcp_xr_stats_parse(const struct rtcp_xr *x,
			       struct rtcp_xr_stats *out);
enum parse rtcp_xr_rrt_parse(const struct rtcp_xr *x, uint64_t *ntp);
bool rtcp_xr_dlrr_next(struct slice *body, struct rtcp_xr_dlrr *out);
/* The SSRC that a block of any type but 4 and 5 is about. */
bool rtcp_xr_about(const struct rtcp_xr *x, uint32_t *ssrc);

/* --- feedback (RFC 4585, 6.1) ------------------------------------------ */

struct rtcp_fb {
	uint32_t sender, media; /* SSRCs; media 0 where the FCI names it */
	uint8_t fmt;
	struct slice fci;
};

enum parse rtcp_fb_parse(const struct rtcp *p, struct rtcp_fb *out);

struct rtcp_nack { /* RFC 4585, 6.2.1 */
	uint16_t pid, blp;
};
bool rtcp_nack_next(struct slice *fci, struct rtcp_nack *out);

struct rtcp_fir { /* RFC 5104, 4.3.1 */
	uint32_t ssrc;
	uint8_t number;
};
bool rtcp_fir_next(struct slice *fci, struct rtcp_fir *out);

struct rtcp_tmmbr { /* RFC 5104, 4.2.1 */
	uint32_t ssrc;
	uint64_t bitrate; /* bit/s */
	uint16_t overhead;
};
bool rtcp_tmmbr_next(struct slice *fci, struct rtcp_tmmbr *out);

struct rtcp_remb {	    /* draft-alvestrand-rmcat-remb-03 */
	uint64_t bitrate;   /* bit/s */
	struct slice ssrcs; /* rtcp_ssrc_next() */
};
enum parse rtcp_remb_parse(const struct rtcp_fb *fb, struct rtcp_remb *out);

struct rtcp_twcc { /* draft-holmer-rmcat-transport-wide-cc-extensions-01 */
	uint16_t base_seq, count;
	uint32_t reference; /* units of 64 ms */
	uint8_t number;
	struct slice chunks; /* and deltas */
};
enum parse rtcp_twcc_parse(const struct rtcp_fb *fb, struct rtcp_twcc *out);

#endif
