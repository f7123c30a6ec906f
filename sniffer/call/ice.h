/*
 * ICE as an outsider sees it (RFC 8445, 8838, 8839; consent RFC 7675): agents
 * by their ufrag, their candidates from descriptions, trickle and checks, and
 * what became of each candidate pair. Knows STUN messages and addresses, no
 * flows; belongs to the core thread. Everything lies in the arena of its rtc
 * (rtc.h), which owns it.
 */
#ifndef CALL_ICE_H
#define CALL_ICE_H

#include "dissectors/sdp.h"
#include "dissectors/stun.h"
#include "sniffer/base/arena.h"
#include "sniffer/base/counters.h"
#include "sniffer/base/map.h"
#include "sniffer/cdr.h"

struct rtc;
struct ice;

#define ICE_TRANSACTIONS 6 /* of one side of a pair that are remembered */

/* The two ends of one exchange: a made the offer, or checked first. */
enum ice_end {
	ICE_A,
	ICE_B,
};

struct ice_candidate {
	struct ice_candidate *next;
	struct map_node at; /* by its address, where it was described */
	struct ice_agent *agent;
	struct slice foundation;
	struct slice name; /* mDNS: what stands for the IP; addr has the port */
	struct addr addr, related;
	uint32_t priority;
	uint16_t component; /* 0 = unknown */
	enum sdp_candidate_type type;
	bool tcp;
	bool learned; /* from checks, not from a description */
};

/* One side of a session under one ufrag. */
struct ice_agent {
	struct map_node node; /* by ufrag */
	struct ice_agent *next;
	struct rtc *rtc;
	struct slice ufrag, pwd; /* pwd: a secret, never log it */
	struct ice_candidate *candidates;
	unsigned candidates_n;
	uint8_t party;	/* of the session: 0 caller or a, 1 callee or b */
	bool described; /* by signalling: candidates are known */
	bool lite, offerer;
};

/* Checks that one end sent. */
struct ice_checks {
	uint64_t requests, responses, errors, retransmissions;
	uint64_t rtt_ns, rtt_n;
	uint64_t first_ns, last_ns; /* requests */
	uint64_t answered_ns;	    /* the last success */
	uint64_t unanswered_ns;	    /* first request since then; 0 = none */
	uint32_t unanswered;	    /* requests since then */
	uint16_t error;		    /* the last; 0 = none */
	bool use_candidate;	    /* in an answered request */
	struct ice_transaction {
		uint8_t tid[STUN_TID];
		uint64_t ns;
		const void *via;
		bool open, answered, use_candidate;
	} tx[ICE_TRANSACTIONS];
	unsigned tx_next;
};

/* Addresses as the tap sees them; inside TURN the relayed ones. */
struct ice_pair {
	struct ice_pair *next;
	struct ice *ice;
	struct addr end[2];	   /* of a, of b */
	struct ice_checks sent[2]; /* by a, by b */
	uint64_t towards[2];	   /* packets seen towards a, towards b */
	uint64_t connected_ns;	   /* nominated and succeeded */
	uint64_t media_ns;	   /* last DTLS or RTP; 0 = none */
	bool inside, outside; /* of TURN, where it was seen */
	bool tcp;
	bool consent_lost;
};

/* One ufrag pair. */
struct ice {
	struct map_node node; /* by both ufrags */
	struct ice *next;     /* of the same rtc */
	struct ice_agent *agent[2];
	struct ice_pair *pairs, **pairs_end;
	unsigned pairs_n;
	unsigned generation; /* from 1; a restart is the next one */
	int controlling;     /* enum ice_end, -1 = nobody knows */
	uint64_t first_ns;   /* check */
	uint64_t last_ns;
	uint64_t answered_ns; /* the first success */
	uint64_t connected_ns;
	uint64_t role_conflicts;
	bool aggressive, nominating;
};

/* --- all agents and exchanges ------------------------------------------ */

struct ice_table {
	struct map agents, exchanges, addresses;
	struct seed seed;
	struct counters *counters;
};

int ice_table_init(struct ice_table *t, struct seed seed,
		   struct counters *counters);
void ice_table_close(struct ice_table *t);

/* USERNAME of a check is "receiver:sender" (RFC 8445, 7.2.2). False when it
 * is not of that form. */
bool ice_username(struct slice username, struct slice *receiver,
		  struct slice *sender);

/* The exchange of these two ufrags, in either order; NULL. */
struct ice *ice_find(const struct ice_table *t, struct slice x, struct slice y);
/* The agents of that ufrag, newest first: go on with ice_agent_next(). */
struct ice_agent *ice_agent_find(const struct ice_table *t, struct slice ufrag);
struct ice_agent *ice_agent_next(const struct ice_agent *a);

/* The agent that described a candidate with that address; NULL. */
struct ice_agent *ice_agent_at(const struct ice_table *t, const struct addr *a);

/* --- of one rtc --------------------------------------------------------- */

/* The rtc's agent of that ufrag, made when there is none. NULL at a limit or
 * without memory (counted). */
struct ice_agent *ice_agent_get(struct ice_table *t, struct rtc *r,
				struct slice ufrag, unsigned party);
/* A candidate of a description or trickled; the same one again changes
 * nothing. */
void ice_agent_candidate(struct ice_table *t, struct ice_agent *a,
			 const struct sdp_candidate *c);
/* The same of a candidate that another agent has: one of the same ufrag. */
void ice_agent_take(struct ice_table *t, struct ice_agent *a,
		    const struct ice_candidate *c);
/* Where a check came from (base NULL), or what its answer says it came from:
 * a candidate of the agent that nobody had told. */
void ice_learn(struct ice_table *t, struct ice_agent *a,
	       const struct addr *addr, const struct addr *base,
	       uint32_t priority, bool tcp);
/* An exchange between two agents of one rtc. NULL as above. */
struct ice *ice_new(struct ice_table *t, struct ice_agent *a,
		    struct ice_agent *b);
void ice_agent_forget(struct ice_table *t, struct ice_agent *a);
/* Out of the table; the memory goes with the arena. */
void ice_forget(struct ice_table *t, struct rtc *r);

/* The pair with these addresses, made when there is none; NULL at a limit.
 * relay: it is seen inside of TURN here. */
struct ice_pair *ice_pair_get(struct ice_table *t, struct ice *i,
			      const struct addr *a, const struct addr *b,
			      bool relay, bool tcp);

/* One STUN Binding message (or GOOG-PING) on the pair, sent by that end. via
 * tells the hops apart where the tap sees several. True when it says anything:
 * a check, or what answers one; false for copies and strays. */
bool ice_pair_stun(struct ice_table *t, struct ice_pair *p, enum ice_end sender,
		   const struct stun_msg *m, const void *via, uint64_t ts_ns);
/* The pair has an open transaction that this answer of that end belongs
 * to. */
bool ice_pair_waits(const struct ice_pair *p, enum ice_end sender,
		    const struct stun_msg *m);

/* --- results ------------------------------------------------------------ */

struct ice_view {
	uint64_t now_ns;
	bool input_ended;
	/* What kind of candidate an address nobody described is, if that is
	 * known otherwise (a relay's, a mapped one). May be NULL. */
	enum sdp_candidate_type (*type_of)(void *arg, const struct addr *a);
	/* The tap has seen packets towards that host. May be NULL. */
	bool (*hears)(void *arg, const struct addr *a);
	void *arg;
};

/* The entry of the report. Texts go into mem. */
void ice_result(const struct ice *i, const struct ice_view *v,
		struct arena *mem, struct cdr_ice *out);

#endif
