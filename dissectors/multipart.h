/*
 * MIME multipart bodies (RFC 2046 section 5.1) as SIP carries them: parts
 * are read one by one, in place. Pure; any thread may use it.
 */
#ifndef DISSECTORS_MULTIPART_H
#define DISSECTORS_MULTIPART_H

#include "sniffer/base/slice.h"

struct sip_body_part {
	struct slice content_type; /* empty: text/plain */
	struct slice content_disposition;
	struct slice head; /* the part's headers */
	struct slice body;
};

struct multipart {
	struct slice rest; /* from the next delimiter on */
	struct slice boundary;
};

/* False when content_type is no multipart/... with a boundary. */
bool multipart_open(struct multipart *mp, struct slice content_type,
		    struct slice body);
/* Next part; false behind the last. A part whose closing delimiter is
 * missing ends with the body. */
bool multipart_next(struct multipart *mp, struct sip_body_part *part);

#endif
