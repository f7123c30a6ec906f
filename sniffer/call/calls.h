/*
 * All calls, registrations and other SIP transactions of the core thread:
 * SIP messages in, ended records out. Time is packet time, given with each
 * message and by calls_tick().
 */
#ifndef CALL_CALLS_H
#define CALL_CALLS_H

#include "dissectors/sdp.h"
#include "sniffer/base/counters.h"
#include "sniffer/call/call.h"
#include "sniffer/call/endpoint.h"
#include "sniffer/call/host.h"

struct calls_config {
	struct slice sensor;
	size_t max_calls, max_registrations, max_transactions;
	size_t call_bytes;     /* memory of one call */
	size_t max_bytes;      /* of all; 0 = no limit */
	size_t other_bytes;    /* of registrations, of transactions; likewise */
	size_t buried_bytes;   /* of what is remembered of calls; likewise */
	size_t source_waiting; /* silent calls of one host; 0 = no limit */
	uint64_t flood_records;	   /* a minute: flood.h */
	uint64_t linger_ns;	   /* after the end, for late packets */
	uint64_t retry_ns;	   /* after a final failure, for a new try */
	uint64_t unanswered_ns;	   /* no final response */
	uint64_t media_silence_ns; /* answered, media stopped */
	uint64_t silence_ns;	   /* answered, no media, no timer */
	const struct slice *leg_headers; /* whose value joins legs */
	size_t leg_headers_n;
	bool session_id; /* RFC 7989 joins legs */
};

struct calls_ops {
	/* Every message of a call, after it was taken in: record it. */
	void (*message)(void *arg, struct call *c);
	/* A description by that side, offer or answer; fragment: candidates
	 * alone (RFC 8840). Before claimed(). */
	void (*described)(void *arg, struct call *c, enum call_side by,
			  const struct sdp *sdp, bool offer, bool fragment);
	/* Media addresses of c are new or changed. */
	void (*claimed)(void *arg, struct call *c);
	/* Time of the last media packet of c in ns, 0 without. */
	uint64_t (*last_media)(void *arg, struct call *c);
	/* c is over (or the input ended: active); it is freed on return. */
	void (*over)(void *arg, struct call *c);
	/* A finished record: the callee owns it. */
	void (*record)(void *arg, struct cdr *cdr);
	/* c is given up, and freed on return. Its record, which the caller
	 * owns, when it is wanted; NULL without memory. */
	struct cdr *(*given_up)(void *arg, struct call *c, bool wanted);
};

/* NULL without memory. ops, arg, counters and timers outlive it. */
struct calls *calls_new(const struct calls_config *cfg, struct seed seed,
			const struct calls_ops *ops, void *arg,
			struct timers *timers, struct counters *counters);
/* Frees without reporting; calls_end() first. */
void calls_free(struct calls *cs);

void calls_on_sip(struct calls *cs, const struct sip_msg *m,
		  const struct sip_seen *seen);

/* The input ended at now_ns: everything open is over, in order of
 * creation. */
void calls_end(struct calls *cs, uint64_t now_ns);

/* The open call of that Call-ID; NULL. */
struct call *calls_find(const struct calls *cs, struct slice call_id);
/* The open calls in order of creation; f must not end one. */
void calls_each(struct calls *cs, void (*f)(void *arg, struct call *c),
		void *arg);

/* The open call that was made before c; of NULL the newest. NULL: none. */
const struct call *calls_before(const struct calls *cs, const struct call *c);

/* What is remembered of a call that was reported, so that what still comes of
 * it makes no new one: an INVITE by from_tag with no higher CSeq is late. */
struct calls_buried {
	struct slice call_id, from_tag;
	uint32_t cseq;
	uint64_t until_ns;
	bool was_up; /* else it makes room first for others like it */
};
/* Of a call that is just over at now_ns; slices lie in the call. */
struct calls_buried calls_epitaph(const struct call *c, uint64_t now_ns);
/* As if it had been reported here; without memory it is forgotten. */
void calls_bury(struct calls *cs, const struct calls_buried *b);

const struct endpoints *calls_endpoints(const struct calls *cs);
size_t calls_open(const struct calls *cs);
/* Others that are remembered. */
struct calls_others {
	size_t registrations, transactions;
	size_t buried; /* calls that were reported: so late messages are known
			*/
	size_t hosts;  /* hosts with silent calls */
};
/* Bytes of memory: of calls, of all others. */
struct calls_memory {
	size_t calls, others;
};
struct calls_memory calls_memory(const struct calls *cs);
struct calls_others calls_others(const struct calls *cs);

/* --- for the modules of this folder ----------------------------------- */

struct registrations;
struct transactions;
struct legs;

/* An ended call, before its time: with a complete record. */
void calls_close_early(struct calls *cs, struct call *c, uint64_t now_ns);
/* Any call, with its record handed out as calls_ops.given_up() does. */
struct cdr *calls_give_up(struct calls *cs, struct call *c, bool wanted);

struct calls {
	struct calls_config cfg;
	const struct calls_ops *ops;
	void *arg;
	struct timers *timers;
	struct counters *counters;
	struct seed seed;
	struct map by_id; /* calls, by Call-ID */
	struct list all;
	struct map tombs_by_id; /* Call-IDs of calls that were reported */
	struct tombs {		/* of calls that were up, and of others */
		struct list oldest;
		size_t n;
	} tombs[2];
	size_t tombs_bytes;
	size_t open;
	size_t bytes; /* of their arenas */
	struct spare {
		struct list oldest;
		size_t n;
	} spare[CALL_ALIVE]; /* by class: evict.h */
	struct hosts hosts;
	struct list floods; /* flood.h */
	size_t floods_n;    /* of one host each */
	struct endpoints endpoints;
	struct registrations *registrations;
	struct transactions *transactions;
	struct legs *legs;
	struct sdp *sdp; /* scratch */
};

#endif
