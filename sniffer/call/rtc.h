/*
 * What ICE, DTLS and TURN tell of one call or session: the part of a record
 * that does not need SIP. Made when the first of them is seen, or when a
 * description has a ufrag or a fingerprint; belongs to whoever owns the
 * media (the engine's owner) and goes with it. Core thread only.
 *
 * It has two parties: 0 is the caller or a, 1 the callee or b.
 */
#ifndef CALL_RTC_H
#define CALL_RTC_H

#include "sniffer/base/list.h"
#include "sniffer/call/ice.h"
#include "sniffer/net/dtls_flow.h"

struct turn_alloc;
struct srtp_secret;

/* A DTLS association of the session. Its ends are those of the flow where it
 * began; it may go on elsewhere. */
struct rtc_dtls {
	struct rtc_dtls *next;
	struct rtc *rtc;
	struct dtls_assoc *assoc;
	struct addr end[2];    /* by the association's direction */
	int party[2];	       /* who each end is; -1 = nobody knows */
	struct slice ufrag[2]; /* of their agents; empty without ICE */
	uint32_t revision;     /* of what was last looked at */
	bool keys_known;       /* there were secrets for it */
	/* The engine's: */
	struct list waiting;	/* for secrets; in no list else */
	struct srtp_secret *srtp; /* what SRTP's keys are made of */
};

/* What one description promised: of its fingerprints one must fit. Another
 * description of the same agent, seen at another hop, is another promise. */
struct rtc_fingerprint {
	struct rtc_fingerprint *next;
	struct slice hash, value;
	struct slice ufrag; /* the agent's; empty without ICE */
	struct addr addr;   /* the default address of its m-line */
	unsigned promise;
	uint8_t party;
};

struct rtc {
	struct arena *mem;
	struct ice_agent *agents;
	struct ice *exchanges, **exchanges_end;
	unsigned agents_n, generation;
	struct rtc_dtls *dtls;
	unsigned dtls_n;
	struct turn_alloc *turns; /* turn.h */
	struct rtc_fingerprint *fingerprints;
	unsigned fingerprints_n, promises;
	enum sdp_setup setup[2]; /* last said by each party */
	void *owner;		 /* the engine's */
};

/* bytes: at most so much memory. NULL without any. */
struct rtc *rtc_new(size_t bytes);
/* Its agents and exchanges leave the table, its associations go. NULL is
 * fine. */
void rtc_free(struct rtc *r, struct ice_table *t);

/* A description of that party: its ufrags, candidates, fingerprints and DTLS
 * role are taken in. True when it has ufrags. */
bool rtc_describe(struct rtc *r, struct ice_table *t, unsigned party,
		  const struct sdp *sdp, bool offer);
/* A candidate trickled by that party: to the agent of that ufrag (empty: its
 * own, or the party's latest). */
void rtc_trickle(struct rtc *r, struct ice_table *t, unsigned party,
		 struct slice ufrag, const struct sdp_candidate *c);

/* The parties of from are the other way round, as agents that both know
 * tell. */
bool rtc_turned(const struct rtc *to, const struct rtc *from);
/* Who was party 0 is party 1. */
void rtc_turn(struct rtc *r);
/* Everything of from goes to to, its memory too. */
void rtc_merge(struct rtc *to, struct rtc *from, struct ice_table *t);

/* NULL at a limit or without memory (counted). */
struct rtc_dtls *rtc_dtls_new(struct rtc *r, struct counters *counters,
			      const struct rtc_dtls *before);
/* The latest whose handshake is not over; NULL. */
struct rtc_dtls *rtc_dtls_open(const struct rtc *r);

/* Fills ice[] and dtls[] of the record. */
void rtc_result(struct rtc *r, const struct ice_view *v, struct cdr *cdr);

#endif
