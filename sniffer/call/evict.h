/*
 * Which call goes when there is no room for another one (docs/LIMITS.md). In
 * the order of their worth:
 *
 *  silent  one message (an INVITE may have been sent again) that is no answer,
 *          and nothing after it: no response, no other request, no media. What
 *          floods are made of.
 *  ended   hung up, failed or cancelled: its record is complete and only waits
 *          for what may come late.
 *  alive   all others. They are never given up for a new one.
 *
 * The larger of the first two classes gives its oldest: it is the one that
 * fills the table.
 */
#ifndef CALL_EVICT_H
#define CALL_EVICT_H

#include "sniffer/call/calls.h"

/* Calls that go for one new one, at most. */
#define EVICT_AT_ONCE 8

/* A new call, by its first message; and what became of it after each one. */
void evict_enter(struct calls *cs, struct call *c, const struct sip_msg *m,
		 const struct sip_seen *seen);
void evict_look(struct calls *cs, struct call *c, const struct sip_msg *m);
/* It is over. */
void evict_leave(struct calls *cs, struct call *c);

/* Makes room for the call that m begins. False: it must stay outside,
 * counted. */
bool evict_for(struct calls *cs, const struct sip_msg *m,
	       const struct sip_seen *seen);

#endif
