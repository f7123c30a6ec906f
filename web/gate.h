/*
 * Who may: before a handler is run, and what is written down after it.
 */
#ifndef WEB_GATE_H
#define WEB_GATE_H

#include "web/routes.h"

/* Finds out who asks. False: refused, and the answer says why. */
bool gate_pass(struct web_request *rq, struct web_answer *an);
/* The answer is made: the audit log. */
void gate_done(struct web_request *rq, const struct web_answer *an);

#endif
