/*
 * Session descriptions: SDP (RFC 8866) with the attributes of RTP, SDES,
 * DTLS-SRTP, ICE, BUNDLE and WebRTC. Pure: slices point into the input,
 * nothing is allocated, any thread may use it. struct sdp is about 50 KB:
 * keep one as scratch rather than many. Its pointers lead into itself, so it
 * is not to be copied.
 */
#ifndef DISSECTORS_SDP_H
#define DISSECTORS_SDP_H

#include "dissectors/parse.h"
#include "sniffer/base/addr.h"
#include "sniffer/base/slice.h"

/* Limits of one description, all media together. */
#define SDP_MEDIA_MAX	     32
#define SDP_FORMATS_MAX	     192
#define SDP_CANDIDATES_MAX   64
#define SDP_SSRCS_MAX	     64
#define SDP_SSRC_GROUPS_MAX  32
#define SDP_CRYPTOS_MAX	     32
#define SDP_FINGERPRINTS_MAX 32
#define SDP_EXTMAPS_MAX	     128
#define SDP_RIDS_MAX	     32
#define SDP_GROUPS_MAX	     8
#define SDP_GROUP_SSRCS_MAX  6

enum sdp_kind {
	SDP_OTHER,
	SDP_AUDIO,
	SDP_VIDEO,
	SDP_APPLICATION,
	SDP_IMAGE,
	SDP_TEXT,
	SDP_MESSAGE,
};

enum sdp_direction {
	SDP_SENDRECV, /* also when nothing is said */
	SDP_SENDONLY,
	SDP_RECVONLY,
	SDP_INACTIVE,
};
const char *sdp_direction_name(enum sdp_direction d);

enum sdp_setup {
	SDP_SETUP_NONE,
	SDP_SETUP_ACTPASS,
	SDP_SETUP_ACTIVE,
	SDP_SETUP_PASSIVE,
	SDP_SETUP_HOLDCONN,
};

/* An address of c=, a=rtcp, o=: text may be a host name. */
struct sdp_addr {
	struct slice text; /* without "/ttl/count"; empty: none */
	struct addr addr;  /* port filled in where one belongs to it */
	bool parsed;	   /* text is an IP literal and addr is valid */
};

struct sdp_format {
	struct slice text; /* as in the m= line: "0", "t38", "*" */
	struct slice name; /* encoding; empty when unknown */
	struct slice fmtp;
	uint32_t clock_hz; /* RTP clock; 0 when unknown */
	uint8_t pt;	   /* of RTP profiles, else 0xff */
	uint8_t channels;  /* 1 unless said otherwise */
	bool has_rtpmap;   /* false: from the static table, or unknown */
};

struct sdp_ssrc {
	uint32_t ssrc;
	struct slice cname;
	struct slice msid; /* "stream track" */
};

struct sdp_ssrc_group {
	struct slice semantics; /* "FID", "SIM", "FEC-FR" */
	uint32_t ssrc[SDP_GROUP_SSRCS_MAX];
	uint8_t count;
};

struct sdp_group {
	struct slice semantics; /* "BUNDLE", "LS" */
	struct slice mids;	/* blank-separated: sdp_word() */
};

/* RFC 4568: the line keys what its sender sends. */
struct sdp_crypto {
	uint32_t tag;
	struct slice suite;
	struct slice key; /* base64 of key and salt: a secret, never log it */
	struct slice key_params; /* "inline:..." whole, lifetime and MKI too */
	struct slice session_params;
};

struct sdp_fingerprint {
	struct slice hash;  /* "sha-256" */
	struct slice value; /* "AA:BB:..." */
};

enum sdp_candidate_type {
	SDP_CAND_OTHER,
	SDP_CAND_HOST,
	SDP_CAND_SRFLX,
	SDP_CAND_PRFLX,
	SDP_CAND_RELAY,
};
const char *sdp_candidate_type_name(enum sdp_candidate_type t);

/* RFC 8839, 5.1 */
struct sdp_candidate {
	struct slice text; /* the attribute's value */
	struct slice foundation;
	struct slice transport;	 /* "udp", "TCP": case as on the wire */
	struct slice tcptype;	 /* RFC 6544 */
	struct slice ufrag;	 /* extension used by browsers */
	struct sdp_addr addr;	 /* may be an mDNS name (.local): not parsed */
	struct sdp_addr related; /* raddr, rport */
	uint32_t priority;
	uint16_t component;
	enum sdp_candidate_type type;
	struct slice type_text;
};

struct sdp_extmap {
	uint16_t id;
	struct slice uri; /* and its attributes: of RFC 6904's "encrypt" they
			     name what is encrypted */
};

/* RFC 8851 */
struct sdp_rid {
	struct slice id;
	struct slice params;
	bool send;
};

struct sdp_media {
	enum sdp_kind kind;
	struct slice kind_text;
	struct slice proto; /* "RTP/AVP", "UDP/TLS/RTP/SAVPF", "udptl" */
	struct slice mid;
	struct slice title;  /* i= */
	uint16_t port;	     /* 0: rejected, or only in the bundle */
	uint16_t port_count; /* 1 unless "port/count" */
	bool rtp_profile;    /* formats are payload types */
	bool rejected;	     /* port 0 and no bundle-only */
	bool bundle_only;
	bool rtcp_mux;
	bool rtcp_rsize;
	bool end_of_candidates;
	bool ice_mismatch;

	/* Media level, else session level. rtp carries the port; rtcp is
	 * a=rtcp, else port + 1 (the offered one: mux is not applied). */
	struct sdp_addr rtp;
	struct sdp_addr rtcp;
	bool has_rtcp; /* there was an a=rtcp */
	enum sdp_direction direction;
	enum sdp_setup setup;
	struct slice ice_ufrag;
	struct slice ice_pwd; /* a secret, never log it */

	uint32_t ptime_ms; /* 0: not given */
	uint32_t maxptime_ms;
	uint32_t bandwidth_kbps; /* b=AS, 0: not given */
	struct slice msid;
	struct slice simulcast; /* RFC 8853, raw */
	uint32_t sctp_port;	/* RFC 8841 */

	/* Into the arrays of struct sdp; in order of appearance. */
	struct sdp_format *formats;
	struct sdp_candidate *candidates;
	struct sdp_ssrc *ssrcs;
	struct sdp_ssrc_group *ssrc_groups;
	struct sdp_crypto *cryptos;
	struct sdp_fingerprint *fingerprints; /* else session level */
	struct sdp_extmap *extmaps;
	struct sdp_rid *rids;
	uint16_t format_count;
	uint16_t candidate_count;
	uint16_t ssrc_count;
	uint16_t ssrc_group_count;
	uint16_t crypto_count;
	uint16_t fingerprint_count;
	uint16_t extmap_count;
	uint16_t rid_count;
};

struct sdp {
	struct slice username; /* o= */
	struct slice sess_id;  /* digits, but some send text */
	struct slice sess_version;
	struct sdp_addr origin;
	struct slice name;    /* s= */
	struct sdp_addr conn; /* session-level c= */
	bool has_version;     /* v=0 was there */
	bool ice_lite;
	bool truncated; /* a limit was hit: rest of that kind ignored */
	enum sdp_direction direction;
	enum sdp_setup setup;
	struct slice ice_ufrag;
	struct slice ice_pwd;
	struct slice ice_options;
	struct slice tool; /* a=tool */
	uint32_t bandwidth_kbps;
	uint16_t fingerprint_count; /* session level: fingerprints[0..] */
	uint16_t bad_lines;	    /* not "x=..." or an unreadable value */
	const char *fault; /* first one found ("sdp.bad_media"), or NULL */

	uint16_t group_count;
	struct sdp_group groups[SDP_GROUPS_MAX];

	uint16_t media_count;
	struct sdp_media media[SDP_MEDIA_MAX];

	/* What all media share; read through struct sdp_media. */
	struct sdp_format formats[SDP_FORMATS_MAX];
	struct sdp_candidate candidates[SDP_CANDIDATES_MAX];
	struct sdp_ssrc ssrcs[SDP_SSRCS_MAX];
	struct sdp_ssrc_group ssrc_groups[SDP_SSRC_GROUPS_MAX];
	struct sdp_crypto cryptos[SDP_CRYPTOS_MAX];
	struct sdp_fingerprint fingerprints[SDP_FINGERPRINTS_MAX];
	struct sdp_extmap extmaps[SDP_EXTMAPS_MAX];
	struct sdp_rid rids[SDP_RIDS_MAX];
	struct {
		uint16_t formats, candidates, ssrcs, ssrc_groups, cryptos,
			fingerprints, extmaps, rids;
	} used;
};
_Static_assert(sizeof(struct sdp) <= 65536, "struct sdp outgrew its budget");

/* PARSE_OK when there was at least one v=, o=, c= or m= line; lines that
 * cannot be read are counted in bad_lines and skipped. Never PARSE_MORE. */
enum parse sdp_parse(struct slice in, struct sdp *out);

/* "candidate:..." or its value alone, as trickled in JSON or SIP INFO. */
bool sdp_candidate_parse(struct slice value, struct sdp_candidate *out);

/* The format with this payload type; NULL when not offered. */
const struct sdp_format *sdp_format_of(const struct sdp_media *m, uint8_t pt);

/* Takes the next blank-separated word off *rest; false at the end. */
bool sdp_word(struct slice *rest, struct slice *word);

/* RFC 3551 tables 4 and 5; NULL for an unassigned or dynamic number. */
struct sdp_static_pt {
	uint8_t pt;
	uint8_t channels;
	bool video;
	uint32_t clock_hz; /* of RTP: G722 is 8000 */
	struct slice name;
};
const struct sdp_static_pt *sdp_static_pt(uint8_t pt);

#endif
