/*
 * The first line of a SIP message (RFC 3261, 7.1 and 7.2), for sip.c: shared
 * by probing, parsing and resynchronising. Pure.
 */
#ifndef DISSECTORS_SIP_START_H
#define DISSECTORS_SIP_START_H

#include "dissectors/sip.h"

/* Fills the start-line fields of out; NULL, or the name of what makes the
 * line unusable. line is without its end. */
const char *sip_start_parse(struct slice line, struct sip_msg *out);

/* False when no continuation can make these first bytes of a line a start
 * line. */
bool sip_start_possible(struct slice line);

/* Length of the CRLFs (and lone LFs) in front. */
size_t sip_skip_crlf(struct slice in);

#endif
