/*
 * SIP messages (RFC 3261 and common extensions) read from a datagram or off
 * the front of a byte stream. Pure: slices point into the input, nothing is
 * allocated, any thread may use it. Tolerant like a monitor must be: a
 * message is refused only when its start line, Call-ID or CSeq is unusable;
 * every other fault is named in sip_msg.fault.
 */
#ifndef DISSECTORS_SIP_H
#define DISSECTORS_SIP_H

#include "dissectors/parse.h"
#include "dissectors/sip_uri.h"
#include "sniffer/base/slice.h"

#define SIP_HDRS_MAX 128
#define SIP_HEAD_MAX 65536	/* start line and headers on a stream */
#define SIP_BODY_MAX (1u << 20) /* Content-Length on a stream */

enum sip_method {
	SIP_METHOD_OTHER, /* see method_text */
	SIP_INVITE,
	SIP_ACK,
	SIP_BYE,
	SIP_CANCEL,
	SIP_REGISTER,
	SIP_OPTIONS,
	SIP_INFO,
	SIP_PRACK,
	SIP_PUBLISH,
	SIP_SUBSCRIBE,
	SIP_NOTIFY,
	SIP_MESSAGE,
	SIP_REFER,
	SIP_UPDATE,
	SIP_METHODS,
};

/* Method names are case-sensitive (7.1). */
enum sip_method sip_method_of(struct slice text);
const char *sip_method_name(enum sip_method m); /* "OTHER" for OTHER */

enum sip_hdr_id {
	SIP_HDR_OTHER,
	SIP_HDR_ACCEPT,
	SIP_HDR_ACCEPT_CONTACT,
	SIP_HDR_ALLOW_EVENTS,
	SIP_HDR_AUTHORIZATION,
	SIP_HDR_CALL_ID,
	SIP_HDR_CONTACT,
	SIP_HDR_CONTENT_ENCODING,
	SIP_HDR_CONTENT_LENGTH,
	SIP_HDR_CONTENT_TYPE,
	SIP_HDR_CSEQ,
	SIP_HDR_DATE,
	SIP_HDR_DIVERSION,
	SIP_HDR_EVENT,
	SIP_HDR_EXPIRES,
	SIP_HDR_FROM,
	SIP_HDR_HISTORY_INFO,
	SIP_HDR_IDENTITY,
	SIP_HDR_IDENTITY_INFO,
	SIP_HDR_MAX_FORWARDS,
	SIP_HDR_MIN_EXPIRES,
	SIP_HDR_MIN_SE,
	SIP_HDR_P_ASSERTED_IDENTITY,
	SIP_HDR_P_PREFERRED_IDENTITY,
	SIP_HDR_PROXY_AUTHENTICATE,
	SIP_HDR_PROXY_AUTHORIZATION,
	SIP_HDR_RACK,
	SIP_HDR_REASON,
	SIP_HDR_RECORD_ROUTE,
	SIP_HDR_REFER_TO,
	SIP_HDR_REFERRED_BY,
	SIP_HDR_REJECT_CONTACT,
	SIP_HDR_REPLACES,
	SIP_HDR_REQUEST_DISPOSITION,
	SIP_HDR_REQUIRE,
	SIP_HDR_RETRY_AFTER,
	SIP_HDR_ROUTE,
	SIP_HDR_RSEQ,
	SIP_HDR_SERVER,
	SIP_HDR_SESSION_EXPIRES,
	SIP_HDR_SESSION_ID,
	SIP_HDR_SUBSCRIPTION_STATE,
	SIP_HDR_SUPPORTED,
	SIP_HDR_TO,
	SIP_HDR_USER_AGENT,
	SIP_HDR_VIA,
	SIP_HDR_WARNING,
	SIP_HDR_WWW_AUTHENTICATE,
	SIP_HDR_IDS,
};

/* Any case, compact forms included. */
enum sip_hdr_id sip_hdr_id_of(struct slice name);

/* Header values are trimmed; a folded one still holds CRLF and blanks inside
 * (sip_unfold). */
struct sip_hdr {
	enum sip_hdr_id id;
	struct slice name;
	struct slice value;
};

/* One Via value, 20.42. */
struct sip_via {
	struct slice transport; /* "UDP", case as on the wire */
	struct slice host;	/* sent-by; IPv6 without brackets */
	uint16_t port;		/* 0: none given */
	uint16_t rport;		/* 0: absent or empty */
	bool has_rport;
	struct slice branch;
	struct slice received;
};

struct sip_msg {
	bool request;
	bool truncated; /* more than SIP_HDRS_MAX headers: rest not in hdr[] */
	bool has_content_length;
	bool authorization; /* Authorization or Proxy-Authorization present */
	bool has_expires;
	bool has_max_forwards;
	bool has_rseq;
	bool has_rack;

	enum sip_method method; /* of the request line; response: CSeq's */
	enum sip_method cseq_method;
	struct slice method_text; /* request only */
	struct slice request_uri; /* request only */
	uint16_t status;	  /* response only, 100-699 */
	struct slice reason;	  /* response only, may be empty */

	struct slice call_id; /* never empty after PARSE_OK */
	uint32_t cseq;
	struct slice cseq_method_text;
	struct sip_addr from;
	struct sip_addr to;
	struct sip_via via; /* topmost */
	uint8_t via_count;  /* values, not lines; 255 and more are 255 */

	/* First value of each, raw; empty when absent. Lists (contact,
	 * p_asserted_identity, reason_header) by sip_list_next(). */
	struct slice contact;
	struct slice user_agent;
	struct slice server;
	struct slice content_type;
	struct slice content_encoding;
	struct slice reason_header; /* Reason, RFC 3326: sip_reason_q850() */
	struct slice session_id;    /* RFC 7989: sip_session_id() */
	struct slice p_asserted_identity;
	struct slice replaces;
	struct slice refer_to;
	struct slice referred_by;
	struct slice event;
	struct slice subscription_state;
	struct slice warning;

	uint32_t expires;	  /* seconds */
	uint32_t session_expires; /* seconds, 0: absent */
	struct slice refresher;	  /* of Session-Expires: uac, uas or empty */
	uint32_t max_forwards;
	uint32_t rseq;
	uint32_t rack_rseq;
	uint32_t rack_cseq;
	enum sip_method rack_method;
	uint32_t content_length;

	struct slice body;
	size_t head_len;   /* start line to the empty line, that included */
	size_t total_len;  /* bytes used of the input, leading CRLFs too */
	const char *fault; /* first one found ("sip.bad_via"), or NULL */

	uint16_t hdr_count;
	struct sip_hdr hdr[SIP_HDRS_MAX]; /* in order, the first hdr_count */
};

enum sip_framing {
	SIP_DATAGRAM, /* also one WebSocket message */
	SIP_STREAM,   /* TCP, TLS */
};

/* Is this the start of a SIP message: a request or status line of SIP/2.0,
 * after any CRLFs? A first line without its end is judged by what is there
 * and needs to be recognisable: a known method and a scheme, or "SIP/2.0 d".
 * HTTP, RTSP, SSDP and MSRP are not taken. */
bool sip_probe(struct slice head);

/*
 * SIP_DATAGRAM: the whole input is the message; octets past Content-Length
 * are ignored, a body that is cut short is the fault "sip.body_cut".
 * SIP_STREAM: one message off the front; PARSE_MORE while it is incomplete,
 * no Content-Length means no body. On PARSE_BAD out->fault names the reason
 * and out->total_len is what a stream may skip to go on behind the message; 0
 * when its end is unknown: sip_resync(). No other field is valid then.
 * Leading CRLFs (RFC 5626 keep-alives) are skipped; input of nothing else is
 * PARSE_MORE with total_len set to what may be dropped.
 */
enum parse sip_parse(struct slice in, enum sip_framing framing,
		     struct sip_msg *out);

/* Offset of the next line that sip_probe() takes and that is complete, or
 * -1: for a stream after a gap. */
ptrdiff_t sip_resync(struct slice in);

/* The n-th (from 0) header of this name, any case, compact form included;
 * NULL when there is none. */
const struct sip_hdr *sip_header(const struct sip_msg *m, const char *name,
				 unsigned n);
const struct sip_hdr *sip_header_id(const struct sip_msg *m, enum sip_hdr_id id,
				    unsigned n);

/* Line folds become one space each; at most size bytes, no terminator.
 * Returns the bytes written. */
size_t sip_unfold(struct slice value, char *buf, size_t size);

bool sip_via_parse(struct slice value, struct sip_via *out);

/* The body part that is SDP: the whole body of application/sdp (or without
 * Content-Type, when it begins with "v="), or a part of a multipart body. */
bool sip_find_sdp(const struct sip_msg *m, struct slice *sdp);

/* Content type without its parameters, case ignored. */
bool sip_content_is(struct slice content_type, const char *type);

/* The Q.850 value of a Reason header (RFC 3326) with one or more values:
 * cause, and text without quotes (empty when absent). False without one. */
bool sip_reason_q850(struct slice value, unsigned *cause, struct slice *text);

struct sip_reason {
	struct slice protocol; /* "SIP", "Q.850" */
	struct slice text;     /* without quotes */
	uint32_t cause;
	bool has_cause;
};
/* Next value of a Reason header; false at the end. */
bool sip_reason_next(struct slice *list, struct sip_reason *out);

/* Session-ID (RFC 7989): local and remote UUID, 32 hex digits each; remote
 * is empty in the older form (RFC 7329). False when not of that shape. */
bool sip_session_id(struct slice value, struct slice *local,
		    struct slice *remote);

/* Replaces (RFC 3891), also the unescaped one out of a Refer-To URI. */
struct sip_replaces {
	struct slice call_id;
	struct slice to_tag;
	struct slice from_tag;
	bool early_only;
};
bool sip_replaces_parse(struct slice value, struct sip_replaces *out);

#endif
