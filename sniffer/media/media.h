/*
 * Media: what happened to the RTP of one group of flows (a call or a
 * session). It sees packets and copied descriptions, never a call. A group
 * and its flows have one owner at a time, the core thread or a media worker
 * (crew.h), and groups of several owners share nothing but what is locked or
 * atomic. Nothing calls back.
 *
 * A group holds flows (5-tuples, both directions); a flow holds streams (one
 * SSRC in one direction). Results are copied out when the group is closed.
 */
#ifndef MEDIA_MEDIA_H
#define MEDIA_MEDIA_H

#include "dissectors/rtp_hdrext.h"
#include "sniffer/base/counters.h"
#include "sniffer/base/frame.h"
#include "sniffer/cdr.h"
#include "sniffer/media/media_key.h"
#include "sniffer/media/record.h"

struct media;
struct media_group;
struct media_flow;

/* One payload that can be read: clear, or opened. */
struct media_payload {
	uint32_t serial; /* of the stream: that of its cdr_stream */
	uint32_t ts;
	uint64_t ts_ns; /* of arrival */
	uint64_t ext;	/* number, with wraps */
	uint8_t pt;
	bool opened;	   /* it was SRTP; else it is as it came, which is
			      not what was said when the stream turns out to
			      be SRTP */
	struct slice data; /* without padding; borrowed */
};

/* Each once, in order of arrival; what was opened late comes late. */
typedef void media_heard_fn(void *arg, const struct media_payload *p);

/* --- who watches a stream, packet by packet ----------------------------- */

struct emodel_codec;

/* A packet that counts: no copy. In order of arrival. */
struct media_passed {
	uint32_t serial; /* of the stream: that of its cdr_stream */
	uint8_t pt, dscp;
	bool stray;   /* far away from the others: ext says nothing */
	bool restart; /* the stray before was the first of this segment */
	uint64_t ts_ns, ext;
	uint32_t bytes;	   /* of payload */
	uint32_t jitter_n; /* how often jitter was taken so far, and how large
			      it is now */
	double jitter_ns;
};

/* What became of a number that did not arrive, or not in time. */
struct media_missed {
	uint32_t serial;
	uint64_t ext;
	bool lost;   /* it never came; else the adaptive receiver had it late */
	bool begins; /* a run of what the adaptive receiver lacks */
};

/* A report about a stream, as it came. */
struct media_reported {
	uint64_t ts_ns;
	const struct addr *from, *to; /* of the report */
	const char *type;	      /* SR | RR | XR */
	uint32_t serial; /* of the stream it is about; 0: none so far */
	uint32_t ssrc;	 /* likewise; has_block says whether there is one */
	bool has_block;
	double fraction_lost_pct; /* NAN: not said, as all below */
	int64_t lost;		  /* cumulative; CDR_NO_US: not said */
	double jitter_ticks;	  /* in units of the stream's clock */
	double rtt_ms;		  /* both halves, see struct media_result */
};

/* Each may be NULL. */
struct media_watch {
	void (*passed)(void *arg, const struct media_passed *p);
	/* Jitter of a packet that passed before its clock was known. */
	void (*timed)(void *arg, uint32_t serial, uint64_t ts_ns,
		      uint32_t jitter_n, double jitter_ns);
	/* Once the number is final (seq.h). */
	void (*missed)(void *arg, const struct media_missed *m);
	/* The stream's result is made; model is NULL without one. */
	void (*over)(void *arg, uint32_t serial,
		     const struct emodel_codec *model);
	void (*reported)(void *arg, const struct media_reported *r);
};

struct media_config {
	size_t max_streams;    /* over all groups; 0 = no limit */
	unsigned flow_streams; /* SSRCs of one flow, e.g. 64 */
	bool g711_plc;	       /* receivers conceal G.711 losses */
	uint32_t srtp_hold;    /* bytes of a stream that wait for a key */
	size_t srtp_hold_max;  /* of all of them */
	struct slice sensor;   /* part of every stream_uid */
	struct record_config record;
	media_heard_fn *heard; /* who wants the payloads; NULL = nobody */
	void *heard_arg;
	const struct media_watch *watch; /* NULL = nobody */
	void *watch_arg;
	bool hide_events; /* telephone events are recorded without payload */
	bool shared;	  /* groups belong to several threads (crew.h): counters
			     have a lock then, heard and watch are NULL */
};

#define MEDIA_MID 32 /* longer ones are cut */
#define MEDIA_RID 16

/* One m-line. Of several in a BUNDLE, a stream finds its own by RFC 9143,
 * 9.2: its MID extension, its SSRC, its payload type. */
struct media_line {
	const char *media; /* audio | video | application; NULL = unknown */
	char mid[MEDIA_MID];
	uint16_t ptime_ms; /* announced; 0 = not */
};

/* One payload type of a description. */
struct media_pt {
	char codec[24];	   /* encoding name as in rtpmap: "PCMA", "opus" */
	char fmtp[64];	   /* cut when longer; "" without */
	uint32_t clock_hz; /* RTP clock; 0 = unknown */
	uint8_t pt;
	uint16_t lines; /* bit 1 << i: line i has it; 0 = all have */
};

/* a=ssrc of the sender, and its groups FID and FEC-FR. */
struct media_ssrc {
	uint32_t ssrc;
	uint32_t repairs; /* SSRC that it repairs; 0 = none */
	uint8_t line;
};

/* a=rid */
struct media_rid {
	char rid[MEDIA_RID];
	uint8_t line;
};

#define MEDIA_DESC_LINES 16
#define MEDIA_DESC_PTS	 96
#define MEDIA_DESC_SSRCS 64
#define MEDIA_DESC_RIDS	 16

/* What signalling said of one direction of a flow: of the packets that flow
 * towards the announced address. */
struct media_desc {
	const char *sender; /* caller | callee | a | b; NULL = unknown */
	const char *srtp;   /* suite, "unknown", or NULL = plain RTP */
	bool keyless; /* SRTP whose key will not come: nothing waits for it */
	bool guess;   /* nobody will ever say more: clocks and Opus may be
			 guessed from what is seen */
	uint16_t lines_n, n, ssrcs_n, rids_n;
	struct rtp_hdrext_ids ext; /* the same for all m-lines (9143, 9.1) */
	/* Rows beyond the counts are not looked at. */
	struct media_line line[MEDIA_DESC_LINES];
	struct media_pt pt[MEDIA_DESC_PTS];
	struct media_ssrc ssrc[MEDIA_DESC_SSRCS];
	struct media_rid rid[MEDIA_DESC_RIDS];
};

/* An empty one; the rows, 12 KB, stay as they are. */
static inline void media_desc_begin(struct media_desc *d)
{
	memset(d, 0, offsetof(struct media_desc, line));
}

/* One datagram of a flow. */
struct media_pkt {
	const struct frame *frames; /* as captured: for the recording */
	size_t frame_count;
	uint64_t ts_ns;
	struct slice payload;  /* of UDP */
	uint32_t payload_wire; /* its length on the wire, >= payload.len */
	uint32_t vlan;	       /* CDR_NO_U32 without */
	uint16_t ip_id;	       /* 0 for IPv6 */
	uint8_t dscp, ttl;
};

/* cfg is copied; spool and counters must outlive the media. */
struct media *media_new(const struct media_config *cfg,
			const struct spool_ops *spool, void *spool_arg,
			struct counters *counters);
void media_free(struct media *m); /* after all its groups */

/* NULL at a limit or without memory (counted). */
struct media_group *media_group_new(struct media *m);

/* The recording of the group gets frames that are not media: signalling. A
 * frame already recorded last for this group is not written twice. */
void media_group_frames(struct media_group *g, const struct frame *frames,
			size_t n);

/* From now on the recording may go to disk, whereto uid says; before, it is
 * held in memory, bounded. */
void media_group_keep(struct media_group *g, const char uid[CDR_UID]);

/* The recording goes on with what an earlier run has written of that uid, if
 * there is anything: what is recorded from now on comes behind it. */
void media_group_adopt(struct media_group *g, const char uid[CDR_UID]);
/* While on, packets are counted but not recorded: they have been before. */
void media_replay(struct media *m, bool on);

/* a -> b is direction 0. NULL at a limit or without memory (counted). */
struct media_flow *media_flow_open(struct media_group *g, const struct addr *a,
				   const struct addr *b);

/* The same in two steps: the second is for the thread that has the group. */
struct media_flow *media_flow_make(struct media_group *g, const struct addr *a,
				   const struct addr *b);
void media_flow_enter(struct media_flow *f);

/* The flow lies inside of TURN: its ends are client and server, these are the
 * addresses that its packets are about. */
void media_flow_inside(struct media_flow *f, const struct addr *client,
		       const struct addr *relayed, const struct addr *peer);

/* The same packets pass on both flows: the two sides of a TURN relay. turned:
 * direction 0 of one is 1 of the other. A flow has one such twin; it lives
 * in the same group, and is let go when one of the two goes. */
void media_flow_twins(struct media_flow *a, struct media_flow *b, bool turned);
/* What lies between a flow and its twin: mean milliseconds of delay, and
 * packets seen before and not behind. False when nothing was seen twice. */
struct media_relay {
	double delay_ms;
	uint64_t lost;
};
bool media_flow_relay(const struct media_flow *f, struct media_relay *out);

/* Replaces the description of one direction; the copy belongs to the flow.
 * Packets seen before are seen in its light where they had none (clock rate
 * and codec of payload types are taken at the first packet that knows). NULL
 * leaves the old one. */
void media_flow_describe(struct media_flow *f, unsigned dir,
			 const struct media_desc *desc);
/* With a copy that was made before (desc_new()), which the flow takes; NULL:
 * there was no memory for it. */
struct desc;
void media_flow_described(struct media_flow *f, unsigned dir, struct desc *d);

/*
 * A key that packets of this direction may be protected with. There may be
 * several: offers with several lines, one for each profile that a handshake
 * may have chosen, rekeying; a packet is opened by the one that fits. The
 * last 16 are kept (media.key_limit), the same one once. May come before or
 * after the packets. 0; -ENOTSUP for a suite that nothing here can open,
 * which is remembered for the report; -ENOMEM.
 */
int media_flow_key(struct media_flow *f, unsigned dir,
		   const struct media_key *k);
/* Of a key file: for all flows. -ENOSPC: not kept (media.key_limit). */
int media_key_add(struct media *m, const struct media_key *k);
/* Whole lines of a key file (srtp_keys.h); the last may lack its end. Bad ones
 * are counted (keys.bad_srtp_line); answers the first one's number, from 1,
 * and *why it is bad, or 0. */
size_t media_keys_text(struct media *m, struct slice lines, const char **why);
/* Header extension elements of this direction that are encrypted (RFC 6904):
 * up to 16 IDs; before the keys, to spare work. */
void media_flow_encrypted_ext(struct media_flow *f, unsigned dir,
			      const uint8_t *ids, size_t n);

/* Asks for the memory that the next RTP packet of this direction will most
 * likely need, in MEDIA_STEPS steps (0 ..): each needs what the one before
 * has asked for, some time ago. Changes nothing. */
enum {
	MEDIA_STEPS = 5
};
void media_flow_prefetch(const struct media_flow *f, unsigned dir,
			 unsigned step);

/* Whether they take the datagram for what it is said to be. */
struct rtp;
bool media_rtp_parse(const struct media_pkt *p, struct rtp *out);
bool media_rtcp_looks(const struct media_pkt *p);

/* One RTP datagram. False: it is no RTP (counted by name) or a limit was
 * hit. */
bool media_flow_rtp(struct media_flow *f, unsigned dir,
		    const struct media_pkt *p);
/* One RTCP datagram, compound or reduced-size; the report blocks find their
 * streams by SSRC in the whole group. */
bool media_flow_rtcp(struct media_flow *f, unsigned dir,
		     const struct media_pkt *p);
/* Anything else on a media flow (STUN, DTLS, T.38): recorded only. */
void media_flow_other(struct media_flow *f, unsigned dir,
		      const struct media_pkt *p);

/* Moves a flow with its streams into another group. When the old group has
 * no flow left, what it recorded moves too and it is freed (*old_gone). */
void media_flow_move(struct media_flow *f, struct media_group *to,
		     bool *old_gone);

/* All flows of from and what it has recorded move to to; from is freed. */
void media_group_take(struct media_group *to, struct media_group *from);

/* Time of the last RTP packet of a flow and of a group, 0 without; also of
 * those that found no room for a stream. */
uint64_t media_flow_last_ns(const struct media_flow *f);
uint64_t media_group_last_ns(const struct media_group *g);
/* Everything that passed: datagrams of its flows, and recorded frames. */
uint64_t media_group_packets(const struct media_group *g);
/* Whether this direction has had RTP; whether it has a stream of this SSRC,
 * and whether the packet with this number, now, would go on with it. */
bool media_flow_heard(const struct media_flow *f, unsigned dir);
bool media_flow_has(const struct media_flow *f, unsigned dir, uint32_t ssrc);
bool media_flow_goes_on(const struct media_flow *f, unsigned dir, uint32_t ssrc,
			uint16_t number, uint64_t now_ns);

/* First RTP packet of the group, 0 without. */
uint64_t media_group_first_ns(const struct media_group *g);

/*
 * What the fields of a stream mean beyond the report's text:
 * - rtcp: sr and bye were sent by the stream's sender, all else is about the
 *   stream: rr counts report blocks (in RR and SR), xr, nack, pli, fir, remb
 *   and twcc the packets that name it. rtt_a_ms is the mean round trip
 *   between the tap and the stream's sender, rtt_b_ms that between the tap
 *   and its receiver, rtt_ms_* the two chained.
 * - delay_bins: packets by how far they came behind the least transit of the
 *   last 5 to 10 s: below 50, 70, 90, 120, 150, 200, 300 ms, and above.
 * - skew_ms: the largest difference between the time of the timestamps and
 *   that of arrival since the first packet; positive when the timestamps run
 *   fast. Jumps of the timestamps are left out.
 * - burst: means; without a burst there is one gap, the whole stream.
 * - mos.min: null when no 10 s slice holds 5 s of media.
 * - key_state: null (plain RTP) | ok | partly (more than a tenth of the packets
 *   after the first that was opened fit no key) | wrong (none fits) | missing
 *   (there is none) | unverified (the suite has no tags to check) |
 *   unsupported (a suite, or header extensions, that nothing here can open).
 * - bytes: of SRTP, without tag and padding as soon as a key is known.
 * - dtmf: a key that a relay passed on (same SSRC and timestamp) is one key,
 *   of the hop where it was seen first.
 */
struct media_result {
	struct cdr_stream *streams; /* by first packet, then SSRC; hop is 0:
				       the caller of this numbers the hops */
	size_t streams_n;
	struct cdr_dtmf *dtmf; /* via rfc4733, by time */
	size_t dtmf_n;
	uint64_t packets;     /* RTP and RTCP datagrams and recorded frames */
	uint64_t last_packet; /* ns */
	struct slice pcap;    /* path below DIR, null without */
};

/* The recording is to carry these lines of a key log; borrowed until the group
 * is closed. */
void media_group_secrets(struct media_group *g, struct slice keylog);

/* Ends the group: results are copied into mem, the recording is completed
 * under its final name (record.h), the group and its flows are freed. 0 or
 * -errno of the recording; the result is filled in any case. */
int media_group_close(struct media_group *g, const char uid[CDR_UID],
		      struct arena *mem, struct media_result *out);
/* What the group has found so far, and all goes on as if nothing had been
 * asked: packets that wait for keys still do, pcap stays null. 0 or -ENOMEM:
 * rows are missing. */
int media_group_peek(struct media_group *g, struct arena *mem,
		     struct media_result *out);
/* How the audio of one party runs: its stream that has most packets. */
struct media_side {
	struct addr src; /* whence; port 0: nothing was heard of it */
	char codec[24];	 /* "" = unknown */
	uint64_t first_ns, packets, lost;
	double jitter_ms; /* now, RFC 3550; NAN before there is one */
	double mos; /* so far, of the adaptive receiver; NAN without model */
	double mos_now;	   /* of the last SEQ_WINDOW numbers */
	const char *scale; /* of both */
};
/* Of caller (or a) and callee (or b). Cheap, and changes nothing. */
void media_group_glance(const struct media_group *g, struct media_side out[2]);

/* Ends it without trace: the recording is thrown away. */
void media_group_drop(struct media_group *g);

/* Bytes of memory held for streams and for recordings; and open streams. */
struct media_memory {
	uint64_t streams, recording;
	size_t open;
};
struct media_memory media_memory(const struct media *m);

#endif
