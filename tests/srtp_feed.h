/*
 * SRTP for tests of the media layer: streams made by number, protected, and
 * fed to the flow of media_feed.h.
 */
#ifndef TESTS_SRTP_FEED_H
#define TESTS_SRTP_FEED_H

#include "tests/made_srtp.h"
#include "tests/media_feed.h"

#define CM80  "AES_CM_128_HMAC_SHA1_80"
#define CM32  "AES_CM_128_HMAC_SHA1_32"
#define GCM   "AEAD_AES_128_GCM"
#define HOLD  (32 * 1024)
#define PCMA  8
#define EVENT 101
#define BASE  1000u /* the first number */

/* Packet n of a stream of 20 ms: 160 bytes, or what it says. */
struct srtp_packet {
	uint32_t n;
	uint32_t number; /* with the rollover counter above 16 bits; 0: BASE + n
			  */
	uint32_t ssrc;
	uint8_t dir, pt, padding;
	struct slice payload;
};

/* Clear RTP; answers its length. */
size_t feed_make_rtp(const struct srtp_packet *p, uint8_t *out);
void feed_srtp(struct feed *f, const struct made_srtp *m,
	       const struct srtp_packet *p);
/* Packets from .. to - 1 of direction 0. */
void feed_srtp_run(struct feed *f, const struct made_srtp *m, uint32_t from,
		   uint32_t to);
/* What a described call says: PCMA and events, encrypted by that suite. */
void feed_describe_srtp(struct feed *f, unsigned dir, const char *srtp);
/* A key of the suite and what protects with it. */
struct media_key feed_key(struct made_srtp *m, const char *suite, uint8_t n);
/* The digits 1, 2 ... 5, an event of 60 ms each, in packets from .. from + 14;
 * some padded. m NULL: in clear. */
void feed_press_keys(struct feed *f, const struct made_srtp *m, uint32_t from);

uint64_t feed_count(const struct feed *f, const char *name);

#endif
