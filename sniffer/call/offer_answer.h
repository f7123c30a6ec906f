/*
 * Offer and answer (RFC 3264): what each side announced, and where media for
 * it may arrive. Feeds the endpoint map.
 */
#ifndef CALL_OFFER_ANSWER_H
#define CALL_OFFER_ANSWER_H

#include "dissectors/sdp.h"
#include "sniffer/call/call.h"

/* Takes the description that m carries, if any. fresh: m is no copy and no
 * retransmission; a copy's addresses count all the same, since a relay may
 * have changed them. True when an address was claimed or changed. scratch
 * holds nothing between calls. */
bool offer_answer_on_sip(struct call *c, const struct sip_msg *m,
			 const struct sip_seen *seen, enum call_side by,
			 bool fresh, struct sdp *scratch);

#endif
