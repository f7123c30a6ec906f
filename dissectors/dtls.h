/*
 * Recognises DTLS records (RFC 6347, 4.1; RFC 9147, 4) among the packets of
 * a UDP flow. Pure.
 */
#ifndef DISSECTORS_DTLS_H
#define DISSECTORS_DTLS_H

#include "dissectors/parse.h"

/* A record of DTLS 1.0 to 1.3 with a plaintext header, whole. */
bool dtls_looks(struct slice in);

#endif
