/*
 * Records made by hand, for the suites of storage/: every type of field is
 * in them, and both null and something. The caller frees them.
 */
#ifndef TESTS_MADE_CDR_H
#define TESTS_MADE_CDR_H

#include "sniffer/cdr.h"

/* 2026-11-23T01:02:03.456789123Z */
#define MADE_NS 1795395723456789123ull

struct cdr *made_call(void);
struct cdr *made_session(void);
/* With a row of each of ICE, DTLS, TURN and NAT. */
struct cdr *made_webrtc(void);
struct cdr *made_registration(void);
struct cdr *made_transaction(void);
struct cdr *made_summary(void);

#endif
