#include "web/api_server.h"

#include "web/assets.h"

int api_healthz(struct web_request *rq, struct web_answer *an)
{
	(void)rq;
	an->type = "text/plain; charset=utf-8";
	outbuf_str(&an->body, "ok\n");
	return 0;
}

int api_openapi(struct web_request *rq, struct web_answer *an)
{
	(void)rq;
	return asset_answer(an, "openapi.json");
}
