/*
 * Names of the numbers of TLS and DTLS, as IANA and the RFCs spell them. NULL
 * for a number that is not known. Pure.
 */
#ifndef DISSECTORS_TLS_NAMES_H
#define DISSECTORS_TLS_NAMES_H

#include <stdint.h>

/* "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256" */
const char *tls_cipher_name(uint16_t id);

/* "SRTP_AES128_CM_HMAC_SHA1_80" (RFC 5764, 7714, 8269, 8723) */
const char *tls_srtp_profile_name(uint16_t id);

/* "1.2", for versions of TLS (0x0303) and of DTLS (0xfefd) alike; "3.0" is
 * SSL. What OpenSSL called DTLS before RFC 4347 (0x0100) is "1.0". */
const char *tls_version_name(uint16_t version);

/* "handshake_failure" */
const char *tls_alert_name(uint8_t description);

/* "client_hello" */
const char *tls_handshake_name(uint8_t type);

#endif
