/*
 * The records that leave the engine: calls, sessions, registrations, other
 * SIP transactions and the summary. Everything a record points to lies in
 * its own arena; whoever holds the record frees it with cdr_free().
 *
 * The names, units and nesting are those of the report (DESIGN.md, 5); the
 * const tables at the end describe each struct once, and the JSON, SQL and
 * later CSV writers walk them.
 */
#ifndef SNIFFER_CDR_H
#define SNIFFER_CDR_H

#include <math.h>

#include "sniffer/base/addr.h"
#include "sniffer/base/arena.h"
#include "sniffer/base/counters.h"

/* How "null" is said: slices by p == NULL, times and enum texts by 0 and
 * NULL, addresses by port 0 and any IP, numbers by these. */
#define CDR_NO_US  INT64_MIN /* a duration in microseconds */
#define CDR_NO_U32 UINT32_MAX
#define CDR_UID	   27 /* ULID text and its terminator */

enum cdr_kind {
	CDR_CALL,
	CDR_SESSION,
	CDR_REGISTRATION,
	CDR_TRANSACTION,
	CDR_SUMMARY,
};

struct cdr_strings {
	struct slice *v;
	size_t n;
};

struct cdr_party {
	struct slice user, host, name, uri, tag;
	struct addr addr;
	struct slice agent, asserted;
};

struct cdr_dialog {
	struct slice caller_tag, callee_tag;
	struct addr callee_addr;
	uint32_t status;
	uint64_t ring, answer, end; /* ns, 0 = null */
	const char *ended_by;
};

struct cdr_message {
	uint64_t time;
	struct addr src, dst;
	const char *transport;
	struct slice method;
	uint32_t status; /* CDR_NO_U32 for requests */
	uint32_t cseq;
	uint32_t len;
	bool retransmission;
	uint32_t copy_of; /* index in messages[], or CDR_NO_U32 */
};

struct cdr_offer_media {
	struct slice mid;
	const char *kind;
	uint32_t port;
	const char *direction;
	struct cdr_strings codecs; /* "PCMA/8000" */
	bool bundle, rejected;
	/* What the answer made of it. */
	uint32_t answer_port;
	const char *answer_direction;
	struct cdr_strings negotiated;
	const char *bundled, *rtcp_mux; /* true | false | null */
};

struct cdr_offer {
	uint64_t time;
	const char *by;	  /* caller | callee */
	uint64_t version; /* of o=; UINT64_MAX = null */
	bool answered;
	const char *state; /* pending | answered | refused | glare */
	uint64_t answer_time, answer_version;
	const char *ice_lite, *answer_ice_lite; /* true | false | null */
	struct cdr_offer_media *media;
	size_t media_n;
};

struct cdr_dtmf {
	uint64_t time;
	struct slice digit;
	int64_t duration_us; /* CDR_NO_US = null */
	const char *via;     /* rfc4733 | info | inband */
	struct slice stream; /* stream_uid, null for info */
};

struct cdr_diagnosis {
	const char *code;
	const char *severity; /* error | warning | notice */
	const char *side;     /* caller | callee | a | b | null */
	struct slice detail;
};

struct cdr_codec {
	uint32_t payload_type;
	struct slice codec;  /* null when unknown */
	uint32_t clock_rate; /* CDR_NO_U32 when unknown */
	uint64_t packets;
};

/* Ten seconds of one stream, aligned to UTC. The quality table's grain. */
struct cdr_slice10 {
	uint64_t start_s; /* UNIX seconds, a multiple of 10 */
	uint32_t packets, lost, duplicates;
	uint32_t late_f1, late_f2,
		late_adaptive; /* discarded by each receiver */
	float jitter_ms_max, delta_ms_max;
	float mos_f1, mos_f2, mos_adaptive; /* NAN without a codec model */
	uint32_t bytes;
	/* RTCP feedback about the stream: packets; numbers that were asked
	 * for; the last REMB, 0 = none. */
	uint32_t nack, nack_numbers, pli, fir, remb_kbps;
	uint32_t frames; /* of video that began */
};

struct cdr_pair {
	double mean, max; /* NAN = null */
};

struct cdr_mos {
	double f1, f2, adaptive, min; /* NAN without a codec model */
	const char *scale;	      /* NB | WB | FB */
	const char *model;
	bool assumed;
};

struct cdr_burst {
	double gap_loss_pct, burst_loss_pct, burst_ms, gap_ms;
};

struct cdr_rtcp {
	uint64_t sr, rr, xr, nack, pli, fir, remb, twcc, bye;
	double fraction_lost_max; /* percent */
	int64_t lost_reported; /* cumulative, as reported; CDR_NO_US = null */
	double jitter_ms_max, rtt_a_ms, rtt_b_ms, rtt_ms_mean, rtt_ms_max;
	uint64_t nack_numbers; /* asked for again */
	double remb_kbps;      /* the last */
};

/* RFC 6464, in dBov: 0 loudest, -127 silence. */
struct cdr_audio_level {
	double mean, max, voice_pct;
};

/* What brought lost packets back: packets of RTX, RED and parity. */
struct cdr_repair {
	uint64_t rtx, red, fec;
	uint64_t lost_after; /* neither seen nor brought back; UINT64_MAX when
				what repairs could not be read */
};

struct cdr_video {
	uint64_t frames;
	double fps;
	uint64_t keyframes;	      /* UINT64_MAX when nothing tells */
	uint32_t width, height;	      /* of the last key frame */
	struct cdr_pair bitrate_kbps; /* of payloads; max: of a second */
	uint32_t spatial_layers, temporal_layers;
};

/* Where inside of TURN a stream was. */
struct cdr_stream_turn {
	struct addr client, relayed, peer;
};

struct cdr_stream {
	char stream_uid[CDR_UID];
	struct addr src, dst;
	uint32_t ssrc;
	uint32_t hop; /* 1 = nearest the sender */
	struct slice mid, rid;
	uint32_t repairs; /* SSRC; has_repairs says whether there is one */
	bool has_repairs;
	bool has_turn;
	struct cdr_stream_turn turn;
	const char *sender; /* caller | callee | a | b | null */
	const char *media;  /* audio | video | application | unknown */
	struct slice codec;
	uint32_t payload_type, clock_rate; /* of most packets */
	struct cdr_codec *codecs;
	size_t codecs_n;
	bool codec_guessed; /* clock, codec: from what was seen */
	bool is_repair;	    /* RTX or parity only: no media of its own */
	const char *srtp;
	bool decrypted;
	const char *key_state; /* see the media layer */
	uint64_t opened;      /* packets of SRTP that were; not in the report */
	uint32_t serial;      /* of its payloads (media.h); not in the report */
	uint64_t first, last; /* ns */
	uint64_t packets, bytes, expected, lost;
	double loss_pct;
	uint64_t out_of_order, duplicates, duplicates_tap;
	struct cdr_pair jitter_ms, delta_ms;
	double skew_ms;
	uint32_t dscp, vlan; /* of most / the last packet, CDR_NO_U32 = null */
	double ptime_ms;
	struct cdr_mos mos;
	double r_factor;
	struct cdr_burst burst;
	uint32_t loss_runs[10]; /* runs of 1 .. 9, 10 and more lost in a row */
	uint32_t delay_bins[8]; /* see the media layer */
	struct cdr_rtcp rtcp;
	/* Transport-wide numbers of all streams on this 5-tuple in this
	 * direction; UINT64_MAX without. */
	uint64_t transport_expected, transport_lost;
	bool has_audio_level, has_video;
	struct cdr_audio_level audio_level;
	struct cdr_repair repair;
	struct cdr_video video;
	struct cdr_slice10 *slices;
	size_t slices_n;
};

/* --- ICE (RFC 8445), DTLS-SRTP (RFC 5763), TURN (RFC 8656) ------------ */

struct cdr_ice_candidate {
	const char *side; /* a | b */
	struct slice foundation;
	uint32_t component;
	struct slice transport; /* udp | tcp */
	uint32_t priority;
	struct slice addr; /* ip:port, or the name that stands for the IP */
	const char *type;  /* host | srflx | prflx | relay | null */
	struct slice related;
	struct addr resolved; /* what checks showed a name to stand for */
};

/* Checks that one side sent. */
struct cdr_ice_checks {
	uint64_t requests, responses, errors, retransmissions;
	double rtt_ms_mean;
};

struct cdr_ice_pair {
	struct addr local, remote; /* of a, of b */
	uint32_t component;	   /* CDR_NO_U32 = unknown */
	const char *transport;
	const char *local_type, *remote_type;
	const char *state; /* not-tried | in-progress | succeeded | ... */
	struct slice reason;
	bool nominated, selected;
	struct cdr_ice_checks ab, ba;
	uint64_t first, last;
	bool via_relay, consent_lost;
};

/* One ufrag pair. */
struct cdr_ice {
	struct slice a, b;
	uint32_t generation;
	const char *controlling; /* a | b | null */
	const char *lite;	 /* a | b | both | null */
	const char *nomination;	 /* regular | aggressive | null */
	uint64_t role_conflicts;
	struct cdr_ice_candidate *candidates;
	size_t candidates_n;
	struct cdr_ice_pair *pairs;
	size_t pairs_n;
	const char *result; /* connected | failed | restarted | unknown */
	int64_t connect_us;
	uint64_t started;
};

struct cdr_dtls {
	struct addr client, server;
	const char *version; /* 1.0 | 1.2 | 1.3 */
	struct slice cipher, srtp_profile;
	struct cdr_strings offered_profiles;
	uint64_t started, finished;
	int64_t handshake_us;
	uint64_t retransmissions;
	struct slice fingerprint_client, fingerprint_server;
	const char *fingerprint_match, *setup_match; /* true | false | null */
	struct slice alert;
	const char *state; /* finished | failed | unfinished | in-progress */
	const char *key_state; /* null = none known | ok | wrong */
};

struct cdr_turn_permission {
	struct slice peer; /* IP */
	uint64_t created, expires;
	uint32_t error;
};

struct cdr_turn_channel {
	struct slice channel; /* 0x4000 */
	struct addr peer;
	uint64_t created, expires;
	uint32_t error;
};

struct cdr_turn {
	struct addr client, server;
	const char *transport; /* client to server: udp | tcp | tls */
	struct slice realm, username;
	struct addr relayed, mapped;
	uint32_t lifetime_s;
	uint64_t created, closed;
	struct cdr_turn_permission *permissions;
	size_t permissions_n;
	struct cdr_turn_channel *channels;
	size_t channels_n;
	uint64_t bytes_up, bytes_down, packets_up, packets_down;
	uint32_t error;
	double delay_ms; /* that the relay adds; NAN = one side only seen */
	uint64_t lost;	 /* in the relay; UINT64_MAX likewise */
	struct slice software;
	const char *integrity; /* null = no password known | ok | wrong */
};

struct cdr_nat {
	struct addr addr; /* of the client, inside */
	const char *class;
	uint32_t remotes;	/* independent ones */
	const char *confidence; /* sure | likely | weak */
	struct addr mapped;	/* the last */
};

/* The hop-1 audio stream of one direction, repeated in the call's row for
 * searches and bills. */
struct cdr_side {
	char stream_uid[CDR_UID]; /* "" = no such stream: all null */
	struct slice codec;
	uint64_t packets, lost;
	double loss_pct;
	struct cdr_pair jitter_ms;
	struct cdr_mos mos;
	double rtt_ms_mean;
};

/* What a bill needs of a call (docs/BILLING.md): the first group follows from
 * the call, the second from the site's rules. All null in sessions. */
struct cdr_billing {
	uint64_t end;	     /* first BYE, else the last media packet */
	int64_t billable_us; /* answer -> end; CDR_NO_US = null */
	struct slice flags;  /* words with a space between; "" = none */

	struct slice caller_e164, callee_e164;
	struct slice trunk_in, trunk_out; /* of the caller, of the callee */
	const char *direction;		  /* in | out | transit | internal */
};

struct cdr_call {
	const char *kind;	/* sessions: webrtc | rtp */
	const char *signalling; /* sessions: json | whip ... */
	struct slice call_id, group_id;
	const char *state;
	uint32_t status;
	struct slice reason;
	const char *ended_by;
	uint32_t q850;
	struct cdr_party caller, callee;
	const char *transport;
	uint64_t start, ring, answer, end;
	int64_t duration_us, connect_us, pdd_us, setup_us;
	struct cdr_billing billing;
	struct cdr_side a, b;
	struct cdr_dialog *dialogs;
	size_t dialogs_n;
	struct cdr_message *messages;
	size_t messages_n;
	struct cdr_offer *offers;
	size_t offers_n;
	struct cdr_stream *streams;
	size_t streams_n;
	struct cdr_ice *ice;
	size_t ice_n;
	struct cdr_dtls *dtls;
	size_t dtls_n;
	struct cdr_turn *turn;
	size_t turn_n;
	struct cdr_nat *nat;
	size_t nat_n;
	struct cdr_dtmf *dtmf;
	size_t dtmf_n;
	struct cdr_diagnosis *diagnoses;
	size_t diagnoses_n;
	struct slice pcap; /* path below DIR */
	bool shared_media; /* for the findings only, */
	bool told;	   /* this too: agents see no media */
};

struct cdr_registration {
	struct slice aor, contact, call_id;
	struct addr src, dst;
	struct slice agent;
	uint32_t expires; /* seconds */
	const char *state;
	uint32_t status;
	int64_t rtt_us;
	uint64_t refreshes;
	const char *nat; /* null | "yes": Via names another address */
	uint64_t start, end;
};

struct cdr_transaction {
	struct slice method, from_uri, to_uri, call_id;
	struct addr src, dst;
	uint32_t status;
	int64_t rtt_us;
	uint64_t start;
};

struct cdr_dropped {
	uint64_t kernel, ring, limit;
};

struct cdr_summary {
	uint64_t packets, bytes, first, last, decoded, ip_fragments;
	uint64_t sip, rtp, rtcp, stun, turn, dtls, other;
	uint64_t calls, sessions, registrations, sip_transactions;
	struct cdr_dropped dropped;
	struct counters malformed; /* sorted by name */
	int64_t elapsed_us;
};

struct cdr {
	enum cdr_kind kind;
	uint64_t number; /* order of release; the core counts */
	char uid[CDR_UID];
	struct slice sensor;
	const char *partial;  /* start | end | both | gap | null */
	uint64_t last_packet; /* ns; with packets decides an upsert: later,
				 then more, replaces */
	uint64_t packets;
	struct arena *mem;
	union {
		struct cdr_call call; /* and session */
		struct cdr_registration registration;
		struct cdr_transaction transaction;
		struct cdr_summary summary;
	};
};

/* For qsort(): by the first packet, then by SSRC and addresses. */
int cdr_stream_order(const void *a, const void *b);

/* Microseconds from one event to another, whose times (ns) are truncated to
 * microseconds first; CDR_NO_US when one of them is not known (0). */
static inline int64_t cdr_between(uint64_t from_ns, uint64_t to_ns)
{
	if (!from_ns || !to_ns)
		return CDR_NO_US;
	return (int64_t)(to_ns / 1000) - (int64_t)(from_ns / 1000);
}

/* NULL without memory. */
struct cdr *cdr_new(enum cdr_kind kind);
void cdr_free(struct cdr *cdr); /* NULL is fine */

/* --- the shape of a record, for writers ------------------------------- */

enum cdr_type {
	CDR_T_TEXT,   /* struct slice */
	CDR_T_UID,    /* char[CDR_UID]; "" = null */
	CDR_T_NAME,   /* const char *, NULL = null */
	CDR_T_ADDR,   /* struct addr -> ip:port */
	CDR_T_TIME,   /* uint64_t ns, 0 = null */
	CDR_T_US,     /* int64_t us -> milliseconds, three digits */
	CDR_T_DOUBLE, /* double, three digits, NAN = null */
	CDR_T_U32,    /* CDR_NO_U32 = null */
	CDR_T_U64,    /* UINT64_MAX = null */
	CDR_T_I64,    /* CDR_NO_US = null */
	CDR_T_BOOL,
	CDR_T_TRUTH,	/* const char * "true" | "false", NULL = null */
	CDR_T_SSRC,	/* uint32_t -> "0x1234abcd" */
	CDR_T_REPAIRS,	/* struct cdr_stream: SSRC or null */
	CDR_T_STRINGS,	/* struct cdr_strings -> array of text */
	CDR_T_U32S,	/* count numbers in place -> array of numbers */
	CDR_T_OBJECT,	/* fields in place -> nested object, a_b in SQL */
	CDR_T_OPTIONAL, /* likewise, or null: a bool at count_offset */
	CDR_T_ROWS,	/* pointer at offset, size_t count at count_offset */
	CDR_T_COUNTERS, /* struct counters -> {NAME: COUNT} */
	CDR_T_NULL,	/* always null */
	CDR_T_END = 255,
};

struct cdr_field {
	const char *name;
	enum cdr_type type;
	size_t offset;
	const struct cdr_field *fields; /* of OBJECT, OPTIONAL and ROWS */
	size_t size;			/* of a row; numbers of U32S */
	size_t count_offset;		/* of ROWS, OPTIONAL */
};

/* By kind; relative to struct cdr_call, _registration, _transaction,
 * _summary. type, uid, sensor and partial come first on every line and are
 * not in these tables. End with CDR_T_END. */
const struct cdr_field *cdr_fields(enum cdr_kind kind);
const char *cdr_kind_name(enum cdr_kind kind); /* "call", ... */
/* The struct that cdr_fields() describes. */
const void *cdr_body(const struct cdr *cdr);

#endif
