/*
 * Registrations (RFC 3261, 10): one per address-of-record, contact and
 * source. A record is written each time the state changes.
 */
#ifndef CALL_REGISTER_H
#define CALL_REGISTER_H

#include "sniffer/call/calls.h"

struct registrations *registrations_new(struct calls *owner);
void registrations_free(struct registrations *rs);

/* REGISTER requests and the responses to them. */
void registrations_on_sip(struct registrations *rs, const struct sip_msg *m,
			  const struct sip_seen *seen);
/* The input ended: what was not written since it changed is written. */
void registrations_end(struct registrations *rs);
size_t registrations_count(const struct registrations *rs);
size_t registrations_bytes(const struct registrations *rs);

#endif
