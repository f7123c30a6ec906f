/*
 * Inside of the SDP parser: attributes (sdp_attr.c) and what they share with
 * the lines around them (sdp.c).
 */
#ifndef DISSECTORS_SDP_ATTR_H
#define DISSECTORS_SDP_ATTR_H

#include "dissectors/sdp.h"

/* a=name[:value] of the session (m is NULL) or of a medium. Unknown ones
 * are skipped. */
void sdp_attribute(struct sdp *s, struct sdp_media *m, struct slice line);

/* Counts an unreadable line. */
void sdp_bad(struct sdp *s, const char *fault);

/* "IN IP4 192.0.2.1[/ttl[/count]]"; false when the address is missing. The
 * port of out is left as it is. */
bool sdp_address(struct slice text, struct sdp_addr *out);

/* text as an address, with this port. */
void sdp_addr_set(struct sdp_addr *out, struct slice text, uint16_t port);

#endif
