/*
 * Opens the packets of one SSRC of SRTP, or the SRTCP of one direction: with
 * the key that worked last, else with another of the keyring. The rollover
 * counter, which no packet tells, is guessed where a stream was joined in the
 * middle. A tag that fits proves both.
 *
 * Bounded: while it looks for a key it makes one box a packet and tries a few
 * times; having tried everything it pauses, longer each time, until there are
 * new keys.
 */
#ifndef MEDIA_OPENER_H
#define MEDIA_OPENER_H

#include "sniffer/media/keyring.h"

enum {
	OPENER_ROCS = 64, /* the highest rollover counter that is tried */
};

struct opener {
	uint32_t box; /* id of the one that worked last; 0 = none */
	bool begun;   /* one has: roc is known */
	uint32_t roc; /* of the packet opened with number ext */
	uint64_t ext;
	const struct srtp_suite *suite; /* of the last key; NULL: none has */
	bool unverified; /* it has no tags: whatever came fitted */
	uint32_t fails;	 /* in a row */
	/* The search. */
	uint32_t candidates;  /* keyring_candidates() when it began */
	uint32_t skip, pause; /* packets to leave alone; the next time */
	uint16_t at, guess;
	bool deep; /* with counters other than the likely one */
	bool over;
	bool tried; /* a key, on a packet */
};

/* One packet. */
struct opener_job {
	struct keyring *ring;
	struct slice in;
	uint8_t *room; /* SRTP_ROOM bytes */
	uint32_t ssrc;
	bool rtcp;
	bool restart;	    /* the sender began anew (seq.h) */
	bool last;	    /* no later packet will do: search to the end */
	uint64_t ext;	    /* extended number of RTP */
	struct slice plain; /* the answer, in room */
};

enum opener_result {
	OPENER_OPENED, /* like the one before */
	OPENER_FOUND,  /* with a key or counter found just now */
	OPENER_SEEN,   /* SRTCP that was opened before */
	OPENER_CLOSED,
};

enum opener_result opener_open(struct opener *o, struct opener_job *j);
/* With the key that worked last, and no other. */
bool opener_again(struct opener *o, struct opener_job *j);

/* The next packet begins the search anew. */
void opener_look_again(struct opener *o);
/* Whether a later packet may still find a key among those there are. */
bool opener_searching(const struct opener *o, const struct keyring *r,
		      uint32_t ssrc);
/* Expects the packet with this number next: what was kept of an SSRC is
 * opened in order, or opening goes on behind it. False: the number lies
 * before the first one of the key, or there is no key. */
bool opener_seek(const struct opener *o, struct keyring *r, uint32_t ssrc,
		 uint64_t ext);

#endif
