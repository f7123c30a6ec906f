/*
 * The engine: frames and packet time in, finished records out. One struct,
 * one thread, no clock of its own: the same input gives the same records.
 * Only this file's code joins flows, calls and media.
 */
#ifndef SNIFFER_ENGINE_H
#define SNIFFER_ENGINE_H

#include "sniffer/base/counters.h"
#include "sniffer/base/frame.h"
#include "sniffer/base/map.h"
#include "sniffer/base/mask.h"
#include "sniffer/base/mirror.h"
#include "sniffer/call/calls.h"
#include "sniffer/cdr.h"
#include "sniffer/media/media.h"
#include "sniffer/net/decode.h"
#include "sniffer/net/tcp.h"
#include "sniffer/snapshot.h"

enum engine_realm {
	REALM_NONE, /* one address space */
	REALM_VLAN, /* one for each VLAN ID */
};

struct engine_config {
	struct slice sensor;
	enum engine_realm realm;
	struct decode_config decode;
	struct tcp_config tcp;
	struct calls_config calls;
	struct media_config media;
	unsigned workers; /* threads for media; 0: the caller's (crew.h) */
	bool wait; /* for room in a worker's full ring; else media is dropped
		      there, counted */
	size_t max_keys;     /* TLS sessions whose secrets are kept */
	bool keys_may_come;  /* there are key files */
	bool record_secrets; /* a recording carries those of its DTLS */
	struct mask mask;    /* of the SIP in recordings */
	size_t tls_hold_bytes, tls_total_bytes; /* tls_plain.h */
	size_t max_flows;
	uint64_t udp_idle_ns, tcp_idle_ns;
	size_t max_pending;  /* flows whose owner is not known yet */
	size_t max_sessions; /* 0 = no limit */
	size_t max_conns;    /* of TCP; likewise */
	size_t rtc_bytes;    /* ICE, DTLS, TURN, signalling of all; likewise */
	/* Passwords of TURN: "NAME:PASSWORD", and secrets that they follow
	 * from (stun_rest_password()). */
	const struct slice *turn_users, *turn_secrets;
	size_t turn_users_n, turn_secrets_n;
	size_t max_nat; /* clients whose NAT is watched */
	size_t web_message_bytes, web_total_bytes; /* one body; all of them */
	uint64_t adopt_ns;	  /* signalling claims media this far back */
	unsigned session_packets; /* in a row make RTP a session */
	struct seed seed;
};

/*
 * What an engine tells of what is open, so that another one can go on with it
 * after a restart (docs/RESTART.md). id names an open call or session; all is
 * borrowed.
 */
struct journal_ops {
	/* A message of an open call, without credentials, and masked. urgent:
	 * worth to be safe at once. */
	void (*message)(void *arg, uint64_t id, const struct sip_seen *seen,
			struct slice text, bool urgent);
	/* All that is known of it at now_ns, in place of what was told before;
	 * not concluded. May be changed, is gone afterwards. */
	void (*record)(void *arg, uint64_t id, struct cdr *cdr,
		       uint64_t now_ns);
	/* Its record has been handed out. buried: of a call, what to remember
	 * of it for a while. */
	void (*over)(void *arg, uint64_t id, const struct calls_buried *buried);
};

/* A check of ICE, or what answers it, as it passed. */
struct engine_check {
	uint64_t ts_ns;
	/* Its exchange and pair: of agents 0 and 1 ufrag and address. */
	struct slice ufrag[2];
	const struct addr *end[2];
	unsigned sender;  /* of the check; of an answer who is answered */
	const char *kind; /* request | response | error */
	unsigned code;	  /* of an error; 0 */
	bool use_candidate;
};

/* A message of a DTLS handshake, an alert or a change of keys. */
struct engine_dtls_seen {
	uint64_t ts_ns;
	const struct addr *end[2]; /* of the association, where it began */
	const char *what;	   /* client_hello ... */
};

/* Signalling that is not SIP, with a description or a candidate in it. */
struct engine_signalling {
	uint64_t ts_ns;
	const char *uid; /* of the session, so far */
	const struct addr *src, *dst;
	const char *transport; /* ws | wss | http | https */
	bool request;	       /* of HTTP */
	struct slice text;
};

/* Bytes as they were on the wire, but masked where recordings are. */
struct engine_wire {
	uint64_t ts_ns;
	const struct addr *src, *dst;
	struct slice bytes;
	struct slice call_id; /* of RTCP: of the call that it belongs to */
	uint16_t vlan;	      /* PKT_NO_VLAN without */
	uint8_t proto, dscp;
};

/* What passes, told as it is seen; each may be NULL, all is borrowed. */
struct engine_watch {
	/* A message of a call, which is its last_msg; text: all of it. */
	void (*message)(void *arg, const struct call *c, struct slice text);
	void (*signalling)(void *arg, const struct engine_signalling *s);
	void (*check)(void *arg, const struct engine_check *c);
	void (*dtls)(void *arg, const struct engine_dtls_seen *d);
	/* Each SIP message, of a call or not; RTCP of calls, encrypted or
	 * not. */
	void (*sip)(void *arg, const struct engine_wire *w);
	void (*rtcp)(void *arg, const struct engine_wire *w);
};

struct engine_out {
	/* A finished record, numbered from 1; the callee owns it. */
	void (*record)(void *arg, struct cdr *cdr);
	void *arg;
	const struct spool_ops *spool; /* NULL: nothing is recorded */
	void *spool_arg;
	const struct journal_ops *journal; /* NULL: none is kept */
	void *journal_arg;
	const struct engine_watch *watch; /* NULL: nobody does */
	void *watch_arg;
};

/* Packets by what they were, for the summary and for "no calls found". */
struct engine_stats {
	uint64_t packets, bytes, first_ns, last_ns;
	uint64_t sip, rtp, rtcp, stun, turn, dtls, other;
	uint64_t tls; /* TCP segments of connections that began as TLS */
	uint64_t calls, sessions, registrations, transactions;
	uint64_t answered;     /* calls of them */
	uint64_t webrtc;       /* sessions of them */
	uint64_t dropped_ring; /* media packets, by full rings of workers */
	uint64_t open_calls, open_calls_max, open_sessions;
	/* SIP as it came, retransmissions too: requests by enum sip_method,
	 * responses by class (1 .. 6). */
	uint64_t requests[SIP_METHODS], responses[7];
};

struct engine;

/* cfg is copied, but not what its slices point to; out is copied. NULL
 * without memory. */
struct engine *engine_new(const struct engine_config *cfg,
			  const struct engine_out *out);
void engine_free(struct engine *e); /* NULL is fine */

/* Takes frames in order; their bytes are not needed afterwards. */
void engine_feed(struct engine *e, const struct frame *frames, size_t n);
/*
 * Before the first frame: going on with what an earlier engine told of. Order:
 * begin, messages of all open calls as they came, records, what is buried,
 * the unrecorded, frames, end. ids of new ones come after last_id.
 */
void engine_restore_begin(struct engine *e, uint64_t last_id);
void engine_restore_message(struct engine *e, uint64_t id,
			    const struct sip_seen *seen, struct slice text);
/* Takes cdr over: of a call whose messages are gone it is reported as it
 * is. */
void engine_restore_record(struct engine *e, uint64_t id, struct cdr *cdr);
void engine_restore_buried(struct engine *e, const struct calls_buried *b);
/* The uids of calls that have no record yet: they go on with what was recorded
 * of them when f() has returned. */
void engine_restore_unrecorded(struct engine *e,
			       void (*f)(void *arg, const char *uid),
			       void *arg);
/* Media packets that came after the last record was told. */
void engine_restore_frames(struct engine *e, const struct frame *frames,
			   size_t n);
/* last_ns: the last packet of the earlier engine. gap: packets have been
 * missed since; else that depends on when the next one comes. */
void engine_restore_end(struct engine *e, uint64_t last_ns, bool gap);

/* Time goes on without a packet (live). */
void engine_tick(struct engine *e, uint64_t now_ns);
/* Secrets come: whole lines of a key log (keylog.h), or of SRTP master keys
 * (media/srtp_keys.h). The number of the first bad line, from 1, and *why it
 * is bad; or 0. */
size_t engine_keylog(struct engine *e, struct slice lines);
size_t engine_srtp_keys(struct engine *e, struct slice lines, const char **why);
/* TLS sessions whose secrets are kept. */
size_t engine_keys(const struct engine *e);
/* The input ended: everything open is reported, calls before sessions, each in
 * order of creation. */
void engine_end(struct engine *e);

const struct engine_stats *engine_stats(struct engine *e);
const struct decode_stats *engine_decode_stats(const struct engine *e);
/* Good until it is called again. */
const struct counters *engine_counters(struct engine *e);
/* Packets and messages that found a full table; each limit also counts by
 * name. */
uint64_t engine_turned_away(struct engine *e);

/* How busy the media workers are; how many of them were written to out. */
struct engine_thread {
	char name[16];	   /* "media 0" */
	uint64_t busy_ns;  /* so far */
	size_t used, size; /* of its queue: messages */
};
size_t engine_threads(const struct engine *e, struct engine_thread *out,
		      size_t max);

/* What the packets told so far of the mirror port. */
const struct mirror *engine_mirror(const struct engine *e);

/* What is open, and the figures of all that the engine owns; the rest of the
 * block is the caller's. The same state gives the same rows. */
void engine_snapshot(struct engine *e, struct snapshot *out);

/* Bytes of memory held now, by what for. Objects whose memory is kept for later
 * ones count as long as they are in use, flows always. */
struct engine_memory {
	uint64_t calls, others; /* others: registrations, transactions, what is
				   remembered of calls that are over */
	uint64_t owners;	/* who owns media, and their flows' links */
	uint64_t rtc, streams, recordings, flows, fragments;
	uint64_t connections, tcp, tls, web, keys, nat;
};
struct engine_memory engine_memory(const struct engine *e);
uint64_t engine_memory_sum(const struct engine_memory *m);

/* The summary record but for what only the source knows (dropped.kernel, and
 * what dropped.ring has of it) and elapsed_us; NULL without memory. */
struct cdr *engine_summary(struct engine *e);

#endif
