/*
 * Media for tests: RTP and RTCP datagrams made by number, fed to a group of
 * one flow, 192.0.2.1:4000 -> 192.0.2.2:5000, without recording.
 */
#ifndef TESTS_MEDIA_FEED_H
#define TESTS_MEDIA_FEED_H

#include "sniffer/media/media.h"

#define FEED_START_NS 1700000000000000000u /* a multiple of 10 s */
#define FEED_MS	      1000000ull
#define FEED_SSRC     0x11223344u

struct feed {
	struct counters counters;
	struct media *media;
	struct media_group *group;
	struct media_flow *flow;
	struct arena *mem;
	struct media_result result;
};

/* One RTP datagram. */
struct feed_rtp {
	uint64_t at_ns; /* after FEED_START_NS */
	uint32_t ts, ssrc;
	uint16_t seq, ip_id;
	uint8_t pt, dir, ttl;
	bool marker;
	struct slice payload; /* null: 160 bytes */
	struct slice ext;     /* elements of the one-byte form */
	uint32_t csrc;	      /* 0 = none */
};

void feed_begin(struct feed *f, bool g711_plc);
/* The same with SRTP held for late keys. */
void feed_begin_held(struct feed *f, uint32_t hold, size_t hold_max);
/* A datagram as it is. */
void feed_datagram(struct feed *f, unsigned dir, uint64_t at_ns,
		   struct slice packet);
/* A group with room for more streams than four. */
void feed_begin_web(struct feed *f);
void feed_rtp(struct feed *f, const struct feed_rtp *r);
void feed_rtcp(struct feed *f, unsigned dir, uint64_t at_ns,
	       struct slice packet);
/* The number n of a PCMA stream of 20 ms, so much later than due. */
void feed_pcma(struct feed *f, uint32_t n, uint64_t late_ns);
void feed_describe(struct feed *f, unsigned dir, uint8_t pt, const char *codec,
		   uint32_t clock_hz);
/* The stream of that SSRC in the result; fails without. */
const struct cdr_stream *feed_stream(const struct feed *f, uint32_t ssrc);
/* Closes the group: result is filled. */
const struct cdr_stream *feed_close(struct feed *f);
void feed_end(struct feed *f);

#endif
