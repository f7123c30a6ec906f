#include "web/api_server.h"

int api_healthz(struct web_request *rq, struct web_answer *an)
{
	(void)rq;
	an->type = "text/plain; charset=utf-8";
	outbuf_str(&an->body, "ok\n");
	return 0;
}
