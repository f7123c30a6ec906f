/*
 * Offers and what became of them (RFC 3264, RFC 9429): per m-line what was
 * offered, what the answer made of it. Lies in the arena of its call or
 * session.
 */
#ifndef CALL_OFFERS_H
#define CALL_OFFERS_H

#include "dissectors/sdp.h"
#include "sniffer/cdr.h"

enum offer_state {
	OFFER_PENDING,
	OFFER_ANSWERED,
	OFFER_REFUSED, /* the transaction that carried it failed, rollback */
	OFFER_GLARE,   /* 491: the other side had made one too */
};

/* One m-line; what the answer says is filled in when it comes: of several the
 * last. */
struct offer_media {
	struct slice mid;
	const char *kind, *direction, *answer_direction;
	struct slice *codecs, *negotiated;
	size_t codecs_n, negotiated_n;
	uint32_t port, answer_port;
	bool bundle, mux, rejected; /* by the offer */
	bool answered;		    /* the answer has such a line */
	bool refused, bundle_agreed, mux_agreed;
};

struct offer {
	struct offer *next;
	uint64_t time, version, answer_time, answer_version;
	uint32_t key; /* of what carried it: CSeq */
	uint8_t by;   /* party 0 or 1 */
	bool lite, answer_lite;
	enum offer_state state;
	struct offer_media *media;
	size_t media_n;
};

struct offers {
	struct offer *first, *last;
	size_t n;
};

/* NULL without memory. */
struct offer *offers_add(struct offers *os, struct arena *mem,
			 const struct sdp *sdp, unsigned by, uint32_t key,
			 uint64_t ts_ns);
/* The latest of that party (with that key unless any_key); NULL. */
struct offer *offers_of(const struct offers *os, unsigned by, uint32_t key,
			bool any_key);
/* The answer, or a later one of the same exchange (a fork, 183 then 200). */
void offer_answered(struct offer *o, struct arena *mem, const struct sdp *sdp,
		    uint64_t ts_ns);
/* It failed with that status, unless it was answered before. */
void offer_refused(struct offer *o, unsigned status);

/* Rows of the report; names are those of party 0 and 1. */
void offers_result(const struct offers *os, const char *const names[2],
		   struct cdr *cdr);

#endif
