/*
 * What the engine's parts share. Not for others.
 *
 *   engine.c     life, time, from frame to flow
 *   batch.c      looking ahead of the packet that is taken
 *   stream.c     TCP connections and what they carry
 *   plain.c      TLS that keys open
 *   exported.c   messages that come without their transport
 *   sip.c        SIP out of datagrams and streams
 *   signal.c     signalling that is not SIP
 *   link.c       owners of media and their links to flows
 *   rtc.c        what ICE, DTLS and TURN tell of an owner
 *   nat.c        the NATs of a record's clients
 *   stun.c       STUN: checks, NAT, whose they are
 *   turn.c       TURN: what is inside
 *   turn_auth.c  whether its clients know their passwords
 *   dtls.c       DTLS: associations and what they agreed on
 *   keys.c       the keys of SRTP that follow from it
 *   media.c      which call or session a media flow belongs to
 *   describe.c   who sends on it, and which descriptions tell more
 *   sdp.c        what those mean for it
 *   share.c      several calls on the same two addresses
 *   session.c    RTP that nobody announced
 *   memory.c     bytes held, by what for
 *   pending.c    which of what is nobody's goes when there is no room
 *   cdr.c        records of what is over
 *   ending.c     that wait for what their media came to
 *   journal.c    what is open, told for a later run
 *   restore.c    going on with what an earlier run told
 *   snapshot.c   what is open, as it runs
 *   watch.c      what passes, told to whoever watches
 *   mirror.c     what the packets tell of the mirror port
 */
#ifndef SNIFFER_ENGINE_PRIV_H
#define SNIFFER_ENGINE_PRIV_H

#include "dissectors/rtp.h"
#include "dissectors/sdp_find.h"
#include "sniffer/base/list.h"
#include "sniffer/base/pool.h"
#include "sniffer/call/nat.h"
#include "sniffer/call/rtc.h"
#include "sniffer/call/signal.h"
#include "sniffer/call/turn.h"
#include "sniffer/engine/engine.h"
#include "sniffer/media/crew.h"
#include "sniffer/net/flow.h"
#include "sniffer/net/keylog.h"
#include "sniffer/net/tls_plain.h"
#include "sniffer/net/web_mem.h"

enum {
	ENGINE_BATCH = 32,
	SCRATCH_BYTES = 1 << 20,
	PLAIN_FRAME_MAX = 1 << 17,
	STREAM_FRAMES = 65, /* of a message: conn.h */
};

/* What one host does within so long belongs together, if nothing else tells. */
#define ENGINE_NEAR_NS (10 * 1000000000ull)

/* In place of a protocol number: what TURN carried, in flows of its own. */
#define PROTO_INSIDE 254

/* Whose media it is: a call, a session, or nobody yet. */
struct owner {
	struct crew_group group;
	struct call *call; /* NULL: a session, or pending */
	bool session;	   /* it is one for sure */
	struct list all;   /* without a call: in order of creation */
	struct list age;   /* in engine.waiting or .silent, or in none */
	uint64_t looked;   /* packets it had when it was looked at last */
	struct list links;
	unsigned links_n;
	char uid[ULID_SIZE];
	uint64_t rtp;	       /* packets not counted in the summary yet */
	uint64_t first_ns;     /* what made it */
	struct rtc *rtc;       /* NULL without ICE, DTLS and TURN */
	struct signal *signal; /* signalling that is not SIP; or NULL */
	struct timer timer;    /* a session without a flow waits for one */
	struct owner_log *log; /* NULL: no journal, or nothing to tell yet */
};

/* What the journal has of an owner, and had of it before a restart. */
struct owner_log {
	struct owner *owner;
	struct timer timer; /* of the next checkpoint */
	uint64_t id;
	uint64_t pause_ns; /* until then */
	uint64_t told;	   /* packets that it knows */
	size_t bytes;	   /* of messages */
	bool restored;
	/* Of one that was restored: */
	struct cdr *before;  /* what its media had come to, or NULL */
	uint64_t before_ns;  /* its last media packet */
	uint64_t since_ns;   /* what is later came after the restart */
	bool over;	     /* its end was seen before */
	bool heard;	     /* a message came after it */
	bool missed, unseen; /* engine_restored_look() */
};

#define WATCHES 4 /* streams that may alternate on one port */

/* Watches for RTP where nobody announced it. */
struct rtp_watch {
	uint32_t ssrc;
	uint16_t seq;
	uint16_t run; /* packets that fit, in a row */
};

struct link_end {
	struct addr_node node;
	struct link *link;
};

/* What a flow carries besides RTP. */
struct link_rtc {
	struct ice_pair *pair; /* the latest checks were about */
	uint64_t pair_ns;      /* since then */
	int a_dir;	       /* the direction in which its a sends */
	struct ssrc_node {     /* of each direction: what goes on */
		struct map_node node;
		struct link *link;
		uint32_t ssrc;
		uint8_t dir;
		bool in;
	} ssrc[2];
	struct rtc_dtls *dtls;	 /* the latest association here */
	uint64_t dtls_ns;	 /* last record */
	struct turn_alloc *turn; /* it leads to a TURN server */
	int up;			 /* the direction from the client, then */
};

/* A flow that carries media. */
struct link {
	struct owner *owner;
	struct crew_flow mf; /* in its owner's group */
	struct flow *flow;
	struct link_rtc *rtc; /* NULL: RTP and RTCP only */
	struct link *next;    /* another call with the same two addresses */
	struct list in_owner;
	struct link_end end[2]; /* where signalling finds it */
	struct rtp_watch watch[2][WATCHES];
	uint8_t a_dir; /* without signalling: where its first sender sends */
	uint8_t twin_tries; /* looks for the relay's other side */
	bool rtcp_only;
};

/* One TCP connection: engine_conn.h. */
struct conn;

/* The engine's bytes in each flow; what each packet needs comes first. */
struct eflow {
	struct link *link;	   /* the first of several */
	struct share *share;	   /* several calls announced these addresses */
	struct turn_alloc *inside; /* the flow is inside of that */
	struct conn *conn;
	uint8_t lookups; /* of the endpoint map, while nothing is known */
	/* Of TCP without a byte so far: behind the SYN of each direction,
	 * where bit 1 << dir of opened is set. */
	uint8_t opened;
	uint32_t isn[2];
};

/* Frames that were decoded and wait for their turn. */
struct engine_batch {
	size_t n;
	uint64_t last_ns; /* engine time when all of them were taken */
	struct ahead {
		const struct frame *frame;
		enum decode_result result;
		int dir;
		struct flow_key key; /* of UDP and TCP, with its hash */
		uint64_t hash;
		struct link *link; /* a guess, for looking ahead only */
		struct pkt pkt;
	} v[ENGINE_BATCH];
};

struct engine {
	struct engine_config cfg;
	struct engine_out out;
	struct counters counters;
	struct engine_stats stats;
	struct timers timers;
	struct decoder *decoder;
	struct flow_table *flows;
	struct addr_index links_at;
	struct calls *calls;
	struct crew *crew; /* of the media */
	struct tcp_mem tcp;
	struct tls_mem tls;
	struct keylog *keylog;
	struct ice_table ice;
	struct turn_table turn;
	struct nat_table nat;
	struct signal_table signals;
	struct map ssrcs;	 /* of sessions, to find them again elsewhere */
	struct list tls_waiting; /* connections, for keys */
	struct list dtls_waiting; /* associations, likewise */
	struct web_mem web;
	struct sdp *sdp;      /* scratch of signal.c */
	struct sdp_find find; /* likewise */
	uint8_t *scratch;     /* SCRATCH_BYTES, likewise */
	uint8_t *plain;	      /* PLAIN_FRAME_MAX, of plain.c */
	struct list owners;   /* without a call */
	struct pool owner_pool, link_pool;
	struct list waiting; /* of them: pending; those that had another turn
				last */
	struct list silent;  /* sessions, until more was seen of them */
	struct list endings; /* ending.c, the oldest first */
	size_t endings_n;
	struct counters all;	  /* those of the media workers, too */
	size_t pending, sessions; /* of them */
	size_t owners_n, links_n;
	size_t rtc_bytes;  /* of their rtc and signal */
	struct list conns; /* of TCP: conn.h */
	size_t conns_n;
	uint64_t now_ns, numbers;
	uint64_t coming_ns; /* what now_ns becomes when all timers have fired */
	const struct frame *frames; /* that carried the current message */
	size_t frame_count;
	struct frame *stream_frames; /* of stream.c */
	struct frame held; /* after a jump in time: waits for the next */
	bool holding, ended;
	/* Of the journal. */
	uint64_t journal_ids;
	struct { /* the message at hand */
		const struct sip_msg *m;
		const struct sip_seen *seen;
		struct slice text;
	} message;
	bool replaying; /* between engine_restore_begin() and _end() */
	struct {
		struct engine_stats stats;
		struct counters counters, media;
		struct decoder *decoder;
		uint64_t id;
		size_t bytes;
	} replay;
	uint64_t restored_ns;
	bool gap;
	struct engine_batch batch;
	struct engine_mirror *mirror; /* NULL without memory */
};

static inline struct eflow *eflow_of(struct flow *f)
{
	return (struct eflow *)(void *)f->user;
}

/* batch.c. Decodes a frame, which must stay until the batch has run,
 * and sees to it that packets are taken in their order by engine_take(). */
void engine_batch_add(struct engine *e, const struct frame *f);
void engine_batch_run(struct engine *e);

/* The address space of a flow's ends. */
static inline uint16_t engine_flow_realm(const struct flow *f)
{
	return f->key.proto == PROTO_INSIDE ? 0 : f->key.realm;
}

/* engine.c */
void engine_take(struct engine *e, const struct ahead *a);
uint16_t engine_realm(const struct engine *e, const struct pkt *p);

/* sip.c. True when the payload was SIP. */
bool engine_sip_datagram(struct engine *e, const struct pkt *p,
			 struct slice payload, const char *transport);

/* stream.c */
void engine_stream_tcp(struct engine *e, struct flow *f, int dir,
		       const struct pkt *p);
/* Nothing is known of what it carries, and nothing of it is held. */
bool engine_stream_is_spare(const struct flow *f);
/* What the connection still holds is looked at a last time, and freed. */
void engine_stream_closed(struct engine *e, struct flow *f);
/* The input ended: all of them. */
void engine_stream_finish(struct engine *e);
/* What TLS carries on this flow, if it does. */
bool engine_stream_is_tls(const struct flow *f);
/* Its client asks to have it bound to that peer (RFC 6062, 4.4); it is. */
void engine_stream_bind(struct flow *f, const struct addr *peer);
void engine_stream_bound(struct flow *f);

/* exported.c. The packet is a whole message. */
void engine_exported(struct engine *e, struct flow *f, int dir,
		     const struct pkt *p);

/* plain.c. The key log has grown. */
void engine_plain_keys(struct engine *e);

/* signal.c. The owner stays for a while, also without a flow. */
void engine_owner_wait(struct engine *e, struct owner *o);

/* link.c. c is NULL for media that no call owns yet. NULL without
 * memory. */
struct owner *engine_owner_new(struct engine *e, struct call *c);
/* Frees it; its group has gone before. */
void engine_owner_forget(struct engine *e, struct owner *o);
/* Nothing came of one that was made: it goes, if it has nothing. */
void engine_owner_unused(struct engine *e, struct owner *o);
/* The call's own, made when there is none; NULL without memory. */
struct owner *engine_owner_of_call(struct engine *e, struct call *c);
/* It has as many flows as one owner may: counted. */
bool engine_owner_full(struct engine *e, const struct owner *o);
/* NULL at a limit or without memory. */
struct link *engine_link_new(struct engine *e, struct owner *o, struct flow *f);
void engine_link_free(struct engine *e, struct link *l);
/* They lie between the same two ends: the two sides of a TURN relay. */
bool engine_link_alike(const struct link *a, const struct link *b);
/* Lets go of all flows; the owner itself stays. */
void engine_unlink_all(struct engine *e, struct owner *o);
/* The link of this owner (or NULL) to the flow, NULL without. */
struct link *engine_link_in(const struct owner *o, const struct flow *f);

/* rtc.c */
/* The owner's, made when there is none; NULL without memory (counted). */
struct rtc *engine_rtc(struct engine *e, struct owner *o);
struct link_rtc *engine_link_rtc(struct engine *e, struct link *l);
/* The link of this owner to the flow, made when there is none; what nobody
 * had claimed there comes along. NULL at a limit. */
struct link *engine_link_to(struct engine *e, struct owner *o, struct flow *f);
/* All of from goes to to, which stays; from is freed. Not for two calls. */
void engine_owner_merge(struct engine *e, struct owner *to, struct owner *from);
/* Which of two that turned out to be one stays; the other is gone. NULL when
 * both are calls: they stay apart. */
struct owner *engine_owner_join(struct engine *e, struct owner *a,
				struct owner *b);
/* It is a session from now on; f (or NULL) is the flow that proved it. */
void engine_session_confirm(struct engine *e, struct owner *o,
			    const struct flow *f);
/* A description of that party of an owner. */
void engine_rtc_describe(struct engine *e, struct owner *o, unsigned party,
			 const struct sdp *sdp, bool offer);
/* An owner that has nothing of its own but an allocation, say: it is o's. */
void engine_owner_take(struct engine *e, struct owner *o, struct owner *from);
/* A relayed candidate became known: its allocation belongs here. */
void engine_rtc_relayed(struct engine *e, struct owner *o);
/* Candidates alone (RFC 8840). */
void engine_rtc_fragment(struct engine *e, struct owner *o, unsigned party,
			 const struct sdp *sdp);
/* What ICE, DTLS, TURN and NAT add to the record of an owner. To be called
 * while its links are there. */
void engine_rtc_result(struct engine *e, struct owner *o, struct cdr *cdr);
/* An RTP packet of a session with checks: after a restart that nobody
 * signalled the SSRC tells which session goes on. */
void engine_session_follow(struct engine *e, struct link *l, int dir,
			   struct slice rtp);
/* The flow had media: the pair remembers when. */
void engine_pair_media(struct link *l);

/* nat.c. The rows of nat[]; while the links are there. */
void engine_nat_result(struct engine *e, struct owner *o, struct cdr *cdr);

/* stun.c. NULL: it is nobody's (a STUN server's, a stranger's). */
struct link *engine_stun(struct engine *e, struct flow *f, int dir,
			 const struct pkt *p);

/* turn.c. A STUN message of TURN, or channel data; data that is inside
 * has been taken when they return. */
struct link *engine_turn_stun(struct engine *e, struct flow *f, int dir,
			      const struct pkt *p, const struct stun_msg *m);
struct link *engine_turn_channel(struct engine *e, struct flow *f, int dir,
				 const struct pkt *p);
/* turn_auth.c. in is what m was parsed from. */
void engine_turn_authenticate(struct engine *e, struct turn_alloc *t,
			      struct slice in, const struct stun_msg *m);
/* Whose the allocation is that the flow leads to, on the relay's other side:
 * one of its ends is the relayed address. NULL without. */
struct owner *engine_turn_owner(struct engine *e, const struct flow *f);
/* It begins like what media flows hold: STUN, DTLS, RTP, RTCP (RFC 7983). */
bool engine_media_looks(struct slice s);
/* Of a connection that was bound to that peer; raw: not a packet of ours. */
void engine_turn_bound(struct engine *e, struct flow *f, int dir,
		       const struct pkt *p, const struct addr *peer, bool raw);

/* keys.c. The key log has grown: associations without keys are looked
 * at again. */
void engine_keys_look_again(struct engine *e);
/* Keys of SRTP for the association, if there are any by now; true when there
 * are new ones. */
bool engine_keys_find(struct engine *e, struct rtc_dtls *d);
/* Gives the flow the keys that its owner's associations agreed on, for what
 * is sent in this direction. */
void engine_keys_give(struct link *l, int dir);
/* The lines of the key log that are about the owner's associations; the
 * caller wipes and frees p, which is NULL when there are none. */
struct keys_text {
	char *p;
	size_t len, size;
};
struct keys_text engine_keys_text(const struct engine *e,
				  const struct owner *o);
/* Wipes them; before rtc_free(). */
void engine_keys_forget(struct rtc *r);
/* A stream that was opened tells the profile of its association, where 1.3
 * hides it. */
void engine_keys_proved(struct cdr_call *c);

/* dtls.c. l may be NULL; answers the link it belongs to, or NULL. */
struct link *engine_dtls(struct engine *e, struct flow *f, struct link *l,
			 int dir, const struct pkt *p);
/* Signalling or checks may tell now who the ends of its association are. */
void engine_dtls_name(struct link *l);

/* media.c. Any datagram of a flow, also of one inside of TURN. */
void engine_media_udp(struct engine *e, struct flow *f, int dir,
		      const struct pkt *p);
/* The flow goes away. */
void engine_media_flow_closed(struct engine *e, struct flow *f);
/* Signalling named new addresses: media that waited for it is adopted. */
void engine_media_claimed(struct engine *e, struct call *c);
/* Nothing was heard of a session for long: it is over if no flow is left. */
void engine_owner_idle(struct engine *e, struct owner *o);
/* Owners without a call: sessions are reported, the rest is dropped. */
void engine_media_end(struct engine *e);
/* A link of this call to the flow, which it had not. */
struct link *engine_link_call(struct engine *e, struct call *c, struct flow *f);

/* share.c. From now on more than one call has the flow. */
void engine_share(struct flow *f);
/* Of a flow that is shared: the link that this RTP packet goes to; that for
 * all else. Never NULL. */
struct link *engine_shared_rtp(struct engine *e, struct flow *f, int dir,
			       const struct pkt *p);
struct link *engine_shared_other(struct flow *f);
/* The link has left the flow's chain and is about to go. */
void engine_share_forget(struct flow *f, const struct link *l);

/* The link of a flow that signalling named, made now; NULL. */
struct link *engine_link_claimed(struct engine *e, struct flow *f, int dir);

/* describe.c. The party of the link's owner that sends in this
 * direction: 0 caller or a, 1 callee or b; -1 when nobody knows. */
int engine_party_known(const struct link *l, int dir);
/* Tells the media layer what descriptions, checks and handshakes say of the
 * flow, keys among it; again when they say more. */
void engine_describe_link(struct engine *e, struct link *l);
/* Of all flows of an owner. */
void engine_describe_owner(struct engine *e, struct owner *o);
/* Without signalling the first sender is a: dir is where it sends. */
void engine_describe_session(struct engine *e, struct link *l, int dir);

/* session.c. RTP of a flow without a call: enough of it in a row makes
 * a session. */
void engine_session_watch(struct engine *e, struct link *l, int dir,
			  struct slice s);
void engine_session_over(struct engine *e, struct owner *o);
bool engine_session_is_webrtc(const struct owner *o);
/* What a session's record says before its media are known: uid, kind,
 * signalling; and when it began, afterwards. */
void engine_session_names(const struct owner *o, struct cdr *cdr);
void engine_session_start(uint64_t first_ns, struct cdr *cdr);
/* What else its end depends on, besides what its media came to. */
struct session_end {
	uint64_t first_ns, now_ns;
	bool webrtc, input_ended;
};
struct session_end engine_session_end(const struct engine *e,
				      const struct owner *o);
void engine_session_times(const struct session_end *n, struct cdr *cdr);

/* journal.c. The owner's log, made when there is none; NULL without a journal
 * or memory (counted). */
struct owner_log *engine_journal_log(struct engine *e, struct owner *o);
void engine_journal_forget(struct engine *e, struct owner *o);
/* The message at hand belongs to this call. */
void engine_journal_message(struct engine *e, struct owner *o);
/* A checkpoint of an owner with a log; of all of them. */
void engine_journal_record(struct engine *e, struct owner *o);
void engine_journal_all(struct engine *e);
/* Its record has been made; buried is NULL for sessions. */
void engine_journal_over(struct engine *e, struct owner *o,
			 const struct calls_buried *buried);
/* from is about to become part of to. */
void engine_journal_merge(struct engine *e, struct owner *to,
			  struct owner *from);

/* restore.c. A message of this call was gone through again. */
void engine_restore_heard(struct engine *e, struct owner *o);
void engine_restore_take(struct engine *e, const struct ahead *a);
/* Its last media packet before the restart, 0 without. */
uint64_t engine_restored_media_ns(const struct owner *o);
/* Looks what became of it since the restart, while its group is there; adds
 * what it had come to; then says so in its state. */
void engine_restored_look(const struct engine *e, struct owner *o);
void engine_restored_merge(struct owner *o, struct cdr *cdr);
void engine_restored_state(const struct owner *o, struct cdr *cdr);

/* mirror.c. A packet of a flow that counted it; a SIP message. */
void engine_mirror_begin(struct engine *e);
void engine_mirror_end(struct engine *e);
void engine_mirror_packet(struct engine *e, const struct flow *f, int dir,
			  const struct pkt *p);
void engine_mirror_sip(struct engine *e, const struct pkt *p,
		       const struct sip_msg *m);
/* The verdict is renewed; else that happens each minute of packet time. */
void engine_mirror_judge(struct engine *e);

/* watch.c. The message at hand belongs to this call; a check or an answer that
 * says something passed on the link's pair; a datagram of an association. */
void engine_watch_message(struct engine *e, const struct call *c);
void engine_watch_sip(struct engine *e, const struct pkt *p,
		      const struct sip_msg *m, struct slice text);
void engine_watch_rtcp(struct engine *e, const struct link *l,
		       const struct pkt *p);
void engine_watch_check(struct engine *e, const struct link *l,
			enum ice_end sender, const struct stun_msg *m,
			uint64_t ts_ns);
void engine_watch_dtls(struct engine *e, const struct rtc_dtls *d,
		       const struct pkt *p);

/* pending.c. Room for an owner that nobody has claimed, for a session; another
 * one may go for it. False at the limit, counted. */
bool engine_pending_room(struct engine *e);
bool engine_session_room(struct engine *e, const struct owner *o);

/* cdr.c */
/* Counters of full tables: each counts packets that were turned away. Ends
 * with NULL. */
extern const char *const engine_limits[];
extern const struct calls_ops engine_calls_ops;
/* The next number, and it counts as a record from now on; handed to whoever
 * takes records, in the order of the numbers. */
void engine_stamp(struct engine *e, struct cdr *cdr);
void engine_hand_out(struct engine *e, struct cdr *cdr);
/* What the group has found, into the record. */
void engine_media_result(struct cdr *cdr, const struct media_result *r);

/* ending.c. The owner's group is closed, and its record is handed out as soon
 * as it is whole; the journal hears of it. buried: of a call. */
void engine_ending(struct engine *e, struct owner *o, struct cdr *cdr,
		   const struct calls_buried *buried);
/* The same at once, and whoever asks hands it out. */
void engine_ending_kept(struct engine *e, struct owner *o, struct cdr *cdr,
			const struct calls_buried *buried);
/* A record that is whole. */
void engine_record(struct engine *e, struct cdr *cdr);
/* What became whole meanwhile; all. */
void engine_endings_poll(struct engine *e);
void engine_endings_wait(struct engine *e);

#endif
