/*
 * From a call that is over to its record: functions from one to the other.
 * The media layer's results are filled in by the engine between the two
 * steps.
 */
#ifndef CALL_CALL_CDR_H
#define CALL_CALL_CDR_H

#include "sniffer/call/call.h"

/* What signalling tells. Texts are copied into cdr->mem. now_ns is the time
 * of the input when the call was found to be over. */
void call_cdr(const struct call *c, uint64_t now_ns, struct cdr *cdr);

/* What media adds to it: DTMF of both kinds in order of time, hops, the two
 * sides, the end of a call without BYE, its bill, findings. Works on the record
 * alone, also of a session. */
void cdr_conclude(struct cdr *cdr);

/* From when to when a call is billed, and what makes that doubtful; called by
 * cdr_conclude() when everything else is known. State, partial, times, streams
 * and of the flags "no-ack" are read. May be repeated. */
void cdr_bill(struct cdr *cdr);

/* The findings; called by cdr_conclude(). */
void cdr_diagnose(struct cdr *cdr);

#endif
