/*
 * Signalling for tests of the engine: descriptions, in SIP or in JSON.
 */
#ifndef TESTS_MADE_SIGNAL_H
#define TESTS_MADE_SIGNAL_H

#include "tests/made_engine.h"

enum {
	MADE_TEXT = 4096
};

/* One audio line. NULL and 0 leave things out. */
struct made_party {
	const char *id; /* of o= */
	unsigned version;
	const char *ip; /* c=; NULL: 0.0.0.0 and port 9, as in trickle */
	uint16_t port;
	const char *ufrag, *pwd;
	const char *setup, *fingerprint; /* "sha-256 AA:..." */
	const char *more;		 /* whole lines, "\r\n" behind each */
	bool plain;			 /* RTP/AVP */
};

void made_description(char out[MADE_TEXT], const struct made_party *p);
/* {"type":"offer","sdp":"..."} */
void made_json(char out[MADE_TEXT], const char *type,
	       const struct made_party *p);
/* {"candidate":{"candidate":"...","sdpMid":"0","usernameFragment":"..."}} */
void made_json_candidate(char out[MADE_TEXT], const char *candidate,
			 const char *ufrag);

/* A SIP message between these two; start as "INVITE sip:b@x SIP/2.0" or
 * "SIP/2.0 200 OK", to_tag "" or ";tag=b"; media may be NULL. */
struct made_sip {
	struct addr from, to;
	const char *start, *id, *cseq, *to_tag;
	const struct made_party *media;
};

size_t made_sip_text(char out[MADE_TEXT], const struct made_sip *s);
void made_sip(struct made_engine *m, uint64_t ms, const struct made_sip *s);

#endif
