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

struct calls_config {
	struct slice sensor;
	size_t max_calls, max_registrations, max_transactions;
	size_t call_bytes;	   /* memory of one call */
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
};
struct calls_others calls_others(const struct calls *cs);

/* --- for the modules of this folder ----------------------------------- */

struct registrations;
struct transactions;
struct legs;

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
	struct list tombs;	/* oldest first */
	size_t open, tombs_n;
	struct endpoints endpoints;
	struct registrations *registrations;
	struct transactions *transactions;
	struct legs *legs;
	struct sdp *sdp; /* scratch */
};

#endif
