/*
 * A SIP message with its numbers and pressed keys made unreadable, in place
 * and without a change of length: in URIs and display names (RFC 3261), the
 * user name of credentials (RFC 7616), o= of a description (RFC 4566), bodies
 * with digits (SIP INFO; KPML, RFC 4730) and ISUP (RFC 3204), which is blanked.
 * Pure.
 */
#ifndef DISSECTORS_SIP_MASK_H
#define DISSECTORS_SIP_MASK_H

#include "sniffer/base/mask.h"

/* p: the whole message. */
void sip_mask(uint8_t *p, size_t len, const struct mask *m);

#endif
