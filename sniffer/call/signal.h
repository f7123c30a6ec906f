/*
 * Signalling that is not SIP: what descriptions in JSON, HTTP bodies and the
 * like say of a session. One for each session that somebody signalled; lies
 * in an arena of its own. Core thread only.
 */
#ifndef CALL_SIGNAL_H
#define CALL_SIGNAL_H

#include "sniffer/base/map.h"
#include "sniffer/call/session_desc.h"
#include "sniffer/call/offers.h"

struct signal;

/* A party as its descriptions name it: o= keeps its username and session ID
 * over restarts and renegotiations (RFC 8866, 5.2). */
struct signal_origin {
	struct map_node node;
	struct signal *signal;
	struct slice username, sess_id;
	struct map_node by_host;
	struct addr host; /* who sent its first description; port 0: nobody */
	uint64_t host_ns;
};

struct signal {
	struct arena *mem;
	void *owner; /* the engine's */
	const char *kind;
	struct signal_origin origin[2];
	const struct session_desc *desc[2];
	struct offers offers;
	struct { /* an answer whose offer went elsewhere, or was not seen */
		struct slice text;
		uint64_t ns;
		unsigned by;
	} answer;
	uint64_t first_ns, last_ns;
};

struct signal_table {
	struct map origins, hosts;
	struct seed seed;
};

int signal_table_init(struct signal_table *t, struct seed seed);
void signal_table_close(struct signal_table *t);

/* NULL without memory. kind: a static text. */
struct signal *signal_new(const char *kind, uint64_t ts_ns);
void signal_free(struct signal *s, struct signal_table *t); /* NULL is fine */

/* Takes a description of that party in. offer: whether it is one. */
void signal_describe(struct signal *s, struct signal_table *t, unsigned party,
		     const struct sdp *sdp, struct slice text, bool offer,
		     uint64_t ts_ns);

/* That party's descriptions come from this host. */
void signal_host(struct signal *s, struct signal_table *t, unsigned party,
		 const struct addr *host, uint64_t ts_ns);
/* The only session that this host signalled lately; NULL for none or
 * several. */
struct signal *signal_of_host(const struct signal_table *t,
			      const struct addr *host, uint64_t since_ns);

/* The session of whoever made this description, by its origin; *party is who
 * it was. NULL when nobody is known. */
struct signal *signal_find(const struct signal_table *t, const struct sdp *sdp,
			   unsigned *party);

/* Who was party 0 is party 1. */
void signal_turn(struct signal *s, struct signal_table *t);
/* All of from, whose parties may be the other way round, goes to to; from is
 * freed. */
void signal_merge(struct signal *to, struct signal *from,
		  struct signal_table *t, bool swap);

#endif
