/*
 * Keys in SDP (RFC 4568): what an a=crypto line says, made into keys. The
 * line keys what its sender sends.
 */
#ifndef MEDIA_SDES_H
#define MEDIA_SDES_H

#include "sniffer/media/media_key.h"

#define SDES_KEYS 8 /* master keys of one line, told apart by MKI */

/*
 * One line: its suite, key-params ("inline:KEY|LIFETIME|MKI:LEN;inline:...")
 * and session-params. Answers how many keys it has, at most max; 0: none
 * that could be used, and *fault says why by a counter's name: those of
 * media_key_decode() and
 *
 *   sdes.unknown_suite   nobody knows the name
 *   sdes.bad_key_params  no "inline:", or a damaged MKI
 *   sdes.long_mki        more than MEDIA_MKI bytes
 *   sdes.kdr             a key derivation rate (6.3.1): nobody implements it
 *   sdes.gcm_params      UNENCRYPTED_SRTP or UNAUTHENTICATED_SRTP, which
 *                        AEAD does not have
 *
 * Parameters that change nothing for a listener are skipped: UNENCRYPTED_SRTCP
 * (each packet says it), FEC_ORDER, FEC_KEY, WSH, unknown ones.
 */
size_t sdes_keys(struct slice suite, struct slice key_params,
		 struct slice session_params, struct media_key *out, size_t max,
		 const char **fault);

#endif
