/*
 * RTP packets (RFC 3550, 5.1) and what rides in them: header extension
 * elements (RFC 8285), telephone events (RFC 4733), redundancy (RFC 2198).
 * Pure: slices in the output point into the input.
 */
#ifndef DISSECTORS_RTP_H
#define DISSECTORS_RTP_H

#include "dissectors/parse.h"

struct rtp {
	uint32_t ts, ssrc;
	struct slice csrc;    /* 4 bytes each */
	struct slice ext;     /* of the header extension, without its head */
	struct slice payload; /* padding included */
	uint16_t seq;
	uint16_t ext_profile; /* 0 without an extension */
	uint8_t pt;
	bool marker;
	bool padded; /* the padding bit, still to be judged */
};

/* Only the fixed header is filled when the rest is cut: *out then holds an
 * empty payload and the answer is PARSE_MORE. PARSE_BAD: no version 2. */
enum parse rtp_parse(struct slice in, struct rtp *out);

/* The payload without its padding (5.1); false when the count is
 * impossible. Not for SRTP, where the count is encrypted. */
bool rtp_unpad(const struct rtp *r, struct slice *payload);

/* Could this datagram be RTP: version, payload type outside of RTCP's range
 * (RFC 5761, 4), whole header? One packet proves nothing. */
bool rtp_looks(struct slice in);

/* --- header extension elements (RFC 8285, 4.2 and 4.3) ---------------- */

struct rtp_ext {
	uint8_t id;
	struct slice data;
};

struct rtp_ext_walk {
	struct cursor c;
	bool two_byte, known;
};

void rtp_ext_begin(struct rtp_ext_walk *w, const struct rtp *r);
/* False at the end, at a profile that is neither, and at damage. */
bool rtp_ext_next(struct rtp_ext_walk *w, struct rtp_ext *out);

/* --- telephone events (RFC 4733, 2.3) --------------------------------- */

struct rtp_event {
	uint16_t duration; /* timestamp units */
	uint8_t event;	   /* 0-15: 0-9 * # A-D; 16 flash; others no digit */
	uint8_t volume;	   /* -dBm0 */
	bool end;
};

enum parse rtp_event_parse(struct slice payload, struct rtp_event *out);
/* '0'-'9' '*' '#' 'A'-'D', 'F' for a hook flash, 0 for other events. */
char rtp_event_digit(uint8_t event);

/* --- redundant data (RFC 2198, 3) ------------------------------------- */

struct rtp_red {
	uint16_t ts_offset; /* earlier than the packet; 0 for the primary */
	uint8_t pt;
	bool primary;
	struct slice data;
};

struct rtp_red_walk {
	struct cursor head; /* over the block headers */
	struct cursor body;
};

/* PARSE_BAD when headers and block lengths do not fit the payload. */
enum parse rtp_red_begin(struct rtp_red_walk *w, struct slice payload);
bool rtp_red_next(struct rtp_red_walk *w, struct rtp_red *out);

#endif
