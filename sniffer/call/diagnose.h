/*
 * Findings: what diagnose*.c share. A code is a stable name; the detail is a
 * sentence.
 */
#ifndef CALL_DIAGNOSE_H
#define CALL_DIAGNOSE_H

#include "sniffer/cdr.h"

/* severity: error | warning | notice. side: caller | callee | a | b | NULL. */
__attribute__((format(printf, 5, 6))) void
cdr_find(struct cdr *cdr, const char *code, const char *severity,
	 const char *side, const char *format, ...);

static inline bool cdr_is(const char *a, const char *b)
{
	return a && !strcmp(a, b);
}

/* Of ICE, DTLS, TURN and NAT (diagnose_rtc.c). */
void cdr_diagnose_rtc(struct cdr *cdr);

#endif
