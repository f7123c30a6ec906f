/*
 * What must hold of any RTP or RTCP input, parsed or not: all slices lie in
 * it, all walks end. For the suites' prefix tests and the fuzz targets.
 */
#ifndef TESTS_RTP_INSIDE_H
#define TESTS_RTP_INSIDE_H

#include "dissectors/parse.h"

/* True when it holds. */
bool rtp_inside(struct slice in);
bool rtcp_inside(struct slice in);

#endif
