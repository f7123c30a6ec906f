/*
 * Session descriptions for tests, typed in. Each call parses into the same
 * scratch: one at a time.
 */
#ifndef TESTS_MADE_SDP_H
#define TESTS_MADE_SDP_H

#include <stdlib.h>

#include "dissectors/sdp.h"

/* Aborts on what is no SDP: a mistake in the test. */
static inline const struct sdp *made_sdp(const char *text)
{
	static struct sdp sdp;

	if (sdp_parse(slice_str(text), &sdp) != PARSE_OK || sdp.bad_lines)
		abort();
	return &sdp;
}

#define SDP_HEAD(version)                                                      \
	"v=0\no=- 7001234567 " version " IN IP4 192.0.2.1\ns=-\n"              \
	"c=IN IP4 192.0.2.1\nt=0 0\n"

#endif
