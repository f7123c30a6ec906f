/*
 * What repairs a stream: retransmissions (RTX), redundant audio (RED), parity
 * (ULPFEC, FlexFEC); in a stream of its own SSRC, or inside. Which lost
 * numbers it brings back, where its payload can be read.
 *
 * Kept with every stream that has a struct stream_extra, on either side: what
 * it repairs, and what was brought back of its own.
 */
#ifndef MEDIA_STREAM_REPAIR_H
#define MEDIA_STREAM_REPAIR_H

#include "sniffer/media/codec.h"
#include "sniffer/media/parity.h"

struct stream;
struct stream_arrival;

enum {
	STREAM_OSNS = 8, /* original numbers kept until it is known whose */
};

struct stream_repair {
	/* As a stream that repairs. */
	struct stream *of; /* NULL = nobody, or not seen yet */
	uint32_t of_ssrc;  /* what signalling says; 0 = nothing */
	struct {	   /* whose numbers fit */
		struct stream *maybe;
		uint32_t tries, hits;
		uint16_t osn[STREAM_OSNS];
	} guess;
	struct { /* whose timestamps it shares */
		struct stream *maybe;
		uint32_t tries, hits;
		bool back; /* they went back between two packets in order */
	} near;

	/* As a stream that is repaired. */
	struct marks marks;
	struct parity *parity;	/* NULL = none waits */
	uint64_t recovered;	/* numbers that were lost, but for this */
	uint64_t parity_inside; /* parity packets inside RED */

	bool unsure; /* more may have come back than was recovered */

	bool late;     /* its payload is read after others came: a late key */
	uint64_t read; /* packets of RTX, RED, parity whose payload was read */
};

/* A packet of a payload type, each once. plain: its payload, p == NULL when
 * it cannot be read. */
void stream_repair_packet(struct stream *s, const struct stream_arrival *a,
			  const struct rtp *rtp, struct slice plain);
/* The number, which is lost unless it is seen, is final. */
void stream_repair_final(struct stream *s, uint64_t ext, bool seen);
/* Before the numbers that are left become final, and after a restart. */
void stream_repair_end(struct stream *s);
void stream_repair_restart(struct stream *s);
void stream_repair_free(struct stream *s);

/* It carries nothing but RTX or parity. */
bool stream_repairs(const struct stream *s);
void stream_repair_result(const struct stream *s, struct cdr_stream *out);

/* --- who repairs whom (stream_tie.c) ----------------------------------- */

/* Looks for the stream that this one repairs: as signalling says, as header
 * extensions say, else the only one that it can be. */
void stream_tie(struct stream *s, const struct codec *c);
/* The same by the original numbers of RTX; true when that has become sure,
 * with those that told it in guess.osn. */
bool stream_tie_number(struct stream *s, uint16_t number);

/* The same by timestamps alone, where nothing can be read: RTX has those of
 * the stream that it repairs, and goes back in time. */
bool stream_tie_time(struct stream *s, const struct stream_arrival *a);

/* Of the same flow and direction, NULL without. */
struct stream *stream_sibling(const struct stream *s, uint32_t ssrc);
/* They may be of one m-line, for all that is known. */
bool stream_same_line(const struct stream *a, const struct stream *b);

#endif
