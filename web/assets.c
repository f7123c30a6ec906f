#include "web/assets.h"

#include <stdio.h>
#include <string.h>

static const struct asset *find(const char *name)
{
	for (const struct asset *a = assets; a->name; a++)
		if (!strcmp(a->name, name))
			return a;
	return NULL;
}

int asset_answer(struct web_answer *an, const char *name)
{
	const struct asset *a = find(name);

	if (!a)
		return web_fail(an, 404, "not_found",
				"this program has no file %.100s: load the "
				"page again",
				name);
	an->type = a->type;
	an->fixed = a->gzip;
	an->gzipped = true;
	an->cache = WEB_CACHE_ASK;
	snprintf(an->etag, sizeof(an->etag), "%s", a->etag);
	return 0;
}

int api_asset(struct web_request *rq, struct web_answer *an)
{
	asset_answer(an, rq->path + 1);
	if (an->status == 200) /* its name has a hash */
		an->cache = WEB_CACHE_EVER;
	return 0;
}

int api_page(struct web_request *rq, struct web_answer *an)
{
	(void)rq;
	return asset_answer(an, "index.html");
}
