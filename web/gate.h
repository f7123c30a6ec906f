/*
 * Who may: before a handler is run, and what is written down after it.
 */
#ifndef WEB_GATE_H
#define WEB_GATE_H

#include "web/routes.h"

/* Finds out who asks. False: refused, and the answer says why. */
bool gate_pass(struct web_request *rq, struct web_answer *an);
/* The answer is made: the audit log. What cannot be written down is refused.
 * A route's action "rows" is csv or json, by the parameter format; "wav" is
 * listen with a parameter of that name. */
void gate_done(struct web_request *rq, struct web_answer *an);

/* One line of the audit log; what may be NULL. 0, or -errno: it was said. */
int gate_write_down(struct web_request *rq, const char *action,
		    const char *user, const char *what, unsigned status);

#endif
