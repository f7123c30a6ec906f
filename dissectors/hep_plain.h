/*
 * What HEP carries, made plain: compressed payloads (zlib, gzip) inflated, a
 * report of RTCP in JSON made a packet. Pure.
 */
#ifndef DISSECTORS_HEP_PLAIN_H
#define DISSECTORS_HEP_PLAIN_H

#include "dissectors/hep.h"

#define HEP_PLAIN_MAX 65536

/* What is changed lies in room, HEP_PLAIN_MAX bytes, afterwards. False: it was
 * compressed and is damaged, or would be larger than room. JSON that is no
 * report stays as it is. */
bool hep_plain(struct hep *h, uint8_t *room);

/* RTCP as it was on the wire. */
bool hep_has_rtcp(const struct hep *h);

/* SIP, a description, RTP, RTCP: what can be analysed. */
bool hep_is_known(const struct hep *h);

#endif
