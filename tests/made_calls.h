/*
 * A table of calls that is fed messages, and what it reports.
 */
#ifndef TESTS_MADE_CALLS_H
#define TESTS_MADE_CALLS_H

#include <check.h>

#include "sniffer/call/call_cdr.h"
#include "sniffer/call/calls.h"

#define MS 1000000ull
#define S  1000000000ull
#define T0 (1700000000ull * S)

#define A "10.0.0.1"
#define P "10.0.0.5"
#define B "10.0.0.9"

#define VIA(b) "Via: SIP/2.0/UDP h;branch=z9hG4bK" b "\r\n"

struct made_calls {
	struct calls *calls;
	struct timers timers;
	struct counters counters;
	struct cdr *got[16];
	size_t got_n;
	uint64_t now, media_ns; /* media_ns: of the last packet of media */
};

/* That of the test at hand: set up before each, freed after it. */
extern struct made_calls made;

void made_calls_setup(void);
void made_calls_teardown(void);
void made_calls_end(void);

/* One message from src to dst, ms after the start. */
void made_say(unsigned ms, const char *src, const char *dst, struct slice text);

#define ck_text(s, lit)                                                        \
	ck_assert_msg(slice_eq((s), slice_str(lit)), "%.*s, not %s",           \
		      SLICE_ARG(s), (lit))

#endif
