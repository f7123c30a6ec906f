/*
 * What is kept of a session description once its message is gone (RFC 8866
 * and what WebRTC adds, RFC 9429): per m-line what helps to read the media.
 * Lies in the arena it was made in; never changed afterwards.
 */
#ifndef CALL_SESSION_DESC_H
#define CALL_SESSION_DESC_H

#include "dissectors/sdp.h"
#include "sniffer/base/arena.h"

struct desc_format {
	struct slice name, fmtp;
	uint32_t clock_hz;
	uint8_t pt;
	uint8_t channels;
};

struct desc_ssrc {
	uint32_t ssrc;
	uint32_t repairs; /* the SSRC it repairs (FID, FEC-FR); 0 = none */
};

struct desc_ext {
	uint16_t id;
	struct slice uri;
};

/* RFC 4568: keys what the description's sender sends. */
struct desc_crypto {
	uint32_t tag;
	struct slice suite;
	struct slice key_params; /* a secret, never log it */
	struct slice session_params;
};

struct desc_line {
	struct slice mid, ufrag;
	const char *kind; /* audio | video | application | image | ... | NULL */
	enum sdp_direction direction;
	uint16_t index, port, ptime_ms;
	bool rejected, rtcp_mux, srtp, rtp_profile;
	uint8_t bundle; /* the BUNDLE groups are numbered from 1; 0 = none */
	struct desc_format *formats;
	struct desc_ssrc *ssrcs;
	struct desc_ext *exts;
	struct desc_crypto *cryptos;
	struct slice *rids; /* that it sends */
	uint16_t formats_n, ssrcs_n, exts_n, cryptos_n, rids_n;
};

struct session_desc {
	uint64_t digest;  /* of the text: the same one is kept once */
	uint64_t version; /* of o=; UINT64_MAX = none */
	struct slice sess_id, username;
	bool lite;
	size_t lines_n;
	struct desc_line *lines;
};

/* The description, kept; last is handed back when the text is the same (may
 * be NULL). NULL without memory. */
const struct session_desc *desc_keep(struct arena *mem, const struct sdp *sdp,
				     struct slice text,
				     const struct session_desc *last);

/* The m-line's name in the report; NULL for what has none. */
const char *desc_kind_name(enum sdp_kind kind);
/* The number of the BUNDLE group that the m-line is in, from 1; 0 = none. */
uint8_t desc_bundle(const struct sdp *sdp, const struct sdp_media *m);

static inline bool desc_bundled(const struct sdp *sdp,
				const struct sdp_media *m)
{
	return desc_bundle(sdp, m) != 0;
}

#endif
