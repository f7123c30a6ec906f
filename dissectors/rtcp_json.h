/*
 * RTCP reports as JSON, in the form that agents of Homer send them (captagent,
 * heplify, rtpengine): one sender or receiver report with its blocks.
 *
 *  {"ssrc":1,"type":200,"report_count":1,
 *   "sender_information":{"ntp_timestamp_sec":..,"ntp_timestamp_usec":..,
 *    "rtp_timestamp":..,"packets":..,"octets":..},
 *   "report_blocks":[{"source_ssrc":..,"fraction_lost":..,"packets_lost":..,
 *    "highest_seq_no":..,"ia_jitter":..,"lsr":..,"dlsr":..}]}
 *
 * Both halves of the NTP time are as in the packet. Pure.
 */
#ifndef DISSECTORS_RTCP_JSON_H
#define DISSECTORS_RTCP_JSON_H

#include "sniffer/base/slice.h"

/* The report is made a packet again (RFC 3550, 6.4); its length, 0 when there
 * is none in it or no room. */
#define RTCP_JSON_PACKET_MAX (28 + 31 * 24)
size_t rtcp_json_read(struct slice json, uint8_t out[RTCP_JSON_PACKET_MAX]);

/* The first report of a compound; the length of the text, 0 without one, or
 * when the compound is not whole or encrypted. */
#define RTCP_JSON_TEXT_MAX 8192
size_t rtcp_json_write(struct slice rtcp, char out[RTCP_JSON_TEXT_MAX]);

#endif
