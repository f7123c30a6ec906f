/*
 * The text of a key file (--srtp-keys), a key a line:
 *
 *   SSRC SUITE KEY    # or a comment
 *
 * SSRC is 0x1234abcd, a decimal number, or * for any stream; SUITE a name of
 * SDES or of DTLS (srtp_suite.h); KEY base64 of master key and salt. The text
 * may come in pieces cut anywhere: a file is followed while it grows.
 */
#ifndef MEDIA_SRTP_KEYS_H
#define MEDIA_SRTP_KEYS_H

#include "sniffer/media/media_key.h"

enum {
	SRTP_KEYS_LINE = 512
};

/* Zeroed to begin with. */
struct srtp_keys {
	uint64_t lines, bad; /* so far; comments and empty lines count too */
	uint64_t bad_line;   /* number of the first bad one, from 1; 0 = none */
	const char *why;     /* what is wrong with that one: static text */
	size_t len;
	bool too_long;
	char line[SRTP_KEYS_LINE]; /* the one not complete yet */
};

typedef void srtp_keys_fn(void *arg, const struct media_key *key);

/* Calls on for each whole line that holds a key. */
void srtp_keys_feed(struct srtp_keys *k, struct slice text, srtp_keys_fn *on,
		    void *arg);
/* No more comes: a last line without its end is one too. Wipes what is
 * kept. */
void srtp_keys_end(struct srtp_keys *k, srtp_keys_fn *on, void *arg);

#endif
