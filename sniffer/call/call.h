/*
 * One SIP call: a Call-ID and all its dialogs, as seen from outside. It
 * belongs to the core thread for life; everything it remembers lies in its
 * arena, so call_free() is arena_free(). It knows SIP and SDP, but no
 * packets beyond their addresses, no media statistics and no store.
 */
#ifndef CALL_CALL_H
#define CALL_CALL_H

#include "dissectors/sip.h"
#include "sniffer/base/addr.h"
#include "sniffer/base/arena.h"
#include "sniffer/base/list.h"
#include "sniffer/base/map.h"
#include "sniffer/base/timer.h"
#include "sniffer/base/ulid.h"
#include "sniffer/call/session_desc.h"
#include "sniffer/call/offers.h"
#include "sniffer/cdr.h"

struct calls;
struct legs_key;

enum call_side {
	CALL_CALLER,
	CALL_CALLEE,
	CALL_NOBODY,
};

/* How one SIP message came along. */
struct sip_seen {
	uint64_t ts_ns;
	struct addr src, dst;
	const char *transport; /* "udp", "tcp" ... */
	uint16_t realm;
	bool told; /* by an agent: its media need not be seen here */
};

/* What it is worth when the table is full: evict.h. */
enum call_class {
	CALL_SILENT,
	CALL_ENDED,
	CALL_ALIVE,
};

#define MSG_VIAS 8

/* What is kept of each message: the row of the ladder, and enough to tell
 * retransmissions and the copies at later hops. */
struct call_msg {
	struct call_msg *next, *prev;
	uint64_t time;
	struct addr src, dst;
	const char *transport;
	struct slice method; /* a response carries CSeq's */
	uint16_t status;     /* 0 for requests */
	uint8_t via_count;
	bool from_caller;
	bool retransmission;
	uint32_t cseq, rseq, len, index;
	uint32_t copy_of;	/* CDR_NO_U32 */
	uint64_t tags;		/* hash of From and To tags */
	uint64_t via[MSG_VIAS]; /* hashes of the branches, topmost first */
};

/* An address that a party announced for media, in the endpoint map. The call
 * owns it; entries end with their call. */
struct call_claim {
	struct map_node node;
	struct call_claim *next; /* of the same call */
	struct call *call;
	struct addr addr;
	uint16_t realm;
	bool rtcp;	/* the address of RTCP, not of RTP */
	bool candidate; /* of ICE: no default address */
	uint64_t since_ns;
	enum call_side side;
	const struct session_desc *desc; /* that named it last */
	const struct desc_line *line;	 /* of it; of a BUNDLE the first */
};

struct call_dialog {
	struct call_dialog *next;
	struct slice callee_tag;
	struct addr callee_addr;
	uint16_t status;
	uint64_t ring_ns, answer_ns, end_ns;
	enum call_side ended_by;
	bool challenge; /* only 401 and 407: no row of its own */
};

struct call_dtmf {
	struct call_dtmf *next;
	uint64_t time;
	struct slice digit;
	int64_t duration_us;
};

/* From tags of initial INVITEs: more than one where a B2BUA keeps the
 * Call-ID. */
struct call_tag {
	struct call_tag *next;
	struct slice tag;
};

struct call_party {
	struct slice user, host, name, uri, tag, agent, asserted;
	struct addr addr;
};

/* An INVITE transaction: told apart by CSeq and who sent it. */
struct call_invite {
	struct call_invite *next;
	uint32_t cseq;
	enum call_side by;
	bool initial; /* without To tag: part of setting up */
	bool unseen;  /* responses only */
};

struct call {
	struct map_node node; /* by Call-ID */
	struct list all;      /* in order of creation */
	struct timer timer;
	struct arena *mem;
	struct calls *owner;
	struct slice call_id;
	char uid[ULID_SIZE];
	uint64_t first_ns, last_sip_ns;
	uint64_t start_ns, ring_ns, answer_ns, bye_ns, final_ns;
	uint64_t refresh_ns;	  /* last 2xx that renewed the session timer */
	uint32_t session_expires; /* seconds; 0 = no timer */
	uint16_t final, last_final; /* answer's or last; challenges apart */
	uint16_t challenge;
	struct slice reason, challenge_reason;
	uint16_t q850;
	bool cancelled;	   /* CANCEL was seen */
	bool retried;	   /* an initial INVITE after the last final */
	bool acked;	   /* an ACK was seen */
	bool bye_unseen;   /* the answer to a BYE was, the BYE was not */
	bool on_hold;	   /* the last description lets no media flow */
	bool established;  /* a request inside a dialog was seen */
	bool told;	   /* by an agent, at least in part */
	bool shared_media; /* another call has the flow it announced */
	bool input_ended;  /* it is reported because the input ended */
	bool evicted;	   /* or because its place was needed */
	enum call_side ended_by;
	/* Of the answer, and whether its ACK was seen; of an ACK that was seen
	 * before any answer. */
	uint32_t answer_cseq, ack_cseq;
	struct slice ack_tag;
	bool answer_acked;
	const char *transport;
	struct call_party caller, callee;
	struct call_tag *caller_tags;
	struct call_dialog *dialogs, **dialogs_end;
	struct call_dialog *answered; /* of the first 2xx */
	struct call_invite *invites;
	struct call_msg *msgs, *last_msg;
	uint32_t msgs_n;
	struct offers offers;
	const struct session_desc *desc[2]; /* the last one of each side */
	struct call_claim *claims;
	unsigned claims_n;
	struct call_dtmf *dtmf, **dtmf_end;
	struct legs_key *leg;
	struct call_spare { /* evict.h */
		enum call_class class;
		bool refused; /* the last attempt was */
		struct list in_class, in_host;
		struct host *host; /* of a silent one; or NULL */
	} spare;
	void *media; /* the engine's: the media of this call */
};

/* first_ns names the uid together with sensor, Call-ID and From tag. NULL
 * without memory. */
struct call *call_new(struct calls *owner, const struct sip_msg *m,
		      const struct sip_seen *seen, struct slice sensor);
void call_free(struct call *c);

/* Takes a message of this call in. True when it is new: neither a
 * retransmission nor the copy at a later hop. */
bool call_on_sip(struct call *c, const struct sip_msg *m,
		 const struct sip_seen *seen);

/* The message list (call_msg.c): adds m; NULL when the call's memory is used
 * up. */
const struct call_msg *call_msg_add(struct call *c, const struct sip_msg *m,
				    const struct sip_seen *seen,
				    bool from_caller);

/* Who sent m: told by the From tag for requests, by To for responses. */
enum call_side call_sender(const struct call *c, const struct sip_msg *m);
static inline enum call_side call_other(enum call_side side)
{
	return side == CALL_CALLER ? CALL_CALLEE : CALL_CALLER;
}

/* When c is over if nothing more comes; last_media_ns 0 without media. */
uint64_t call_deadline(const struct call *c, uint64_t last_media_ns);
/* It was answered, or it was up before the capture began. */
static inline bool call_was_up(const struct call *c)
{
	return c->answer_ns || (!c->start_ns && c->established);
}

/* Digits sent by INFO (application/dtmf-relay, application/dtmf). */
void call_info_dtmf(struct call *c, const struct sip_msg *m, uint64_t ts_ns);

#endif
