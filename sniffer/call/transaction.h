/*
 * SIP transactions outside of calls and registrations (OPTIONS, MESSAGE,
 * SUBSCRIBE, NOTIFY, PUBLISH ...): one record each, when the final response
 * came or nobody answered.
 */
#ifndef CALL_TRANSACTION_H
#define CALL_TRANSACTION_H

#include "sniffer/call/calls.h"

struct transactions *transactions_new(struct calls *owner);
void transactions_free(struct transactions *ts);

void transactions_on_sip(struct transactions *ts, const struct sip_msg *m,
			 const struct sip_seen *seen);
/* The input ended: open ones are written without a status. */
void transactions_end(struct transactions *ts);
size_t transactions_count(const struct transactions *ts);
size_t transactions_bytes(const struct transactions *ts);

#endif
