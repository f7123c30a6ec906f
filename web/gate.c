#include "web/gate.h"

bool gate_pass(struct web_request *rq, struct web_answer *an)
{
	(void)an;
	rq->user = "";
	rq->role = WEB_ADMIN;
	return true;
}

void gate_done(struct web_request *rq, const struct web_answer *an)
{
	(void)rq;
	(void)an;
}
