/* Whether a request that changes something was made by our own pages. */
#include <openssl/crypto.h>
#include <strings.h>

#include "web/auth_priv.h"

/* What the browser calls us: behind a proxy that is its name. */
static const char *own_host(const struct auth *a, const struct web_request *rq)
{
	const char *host = NULL;

	if (auth_by_proxy(a, rq))
		host = web_header(rq, "X-Forwarded-Host");
	return host ? host : web_header(rq, "Host");
}

/* "http://host:port" without its beginning. */
static struct slice origin_host(struct slice origin)
{
	ptrdiff_t at = slice_find_slice(origin, SLICE("://"));

	return at < 0 ? slice_of(NULL, 0) : slice_from(origin, (size_t)at + 3);
}

static bool is_same_origin(const struct auth *a, const struct web_request *rq)
{
	const char *origin = web_header(rq, "Origin");
	const char *site = web_header(rq, "Sec-Fetch-Site");
	const char *host = own_host(a, rq);
	struct slice from;

	if (site && strcasecmp(site, "same-origin") && strcasecmp(site, "none"))
		return false;
	if (!origin)
		return true;
	from = origin_host(slice_str(origin));
	return host && from.len && slice_ieq(from, slice_str(host));
}

static bool has_token(const struct web_request *rq)
{
	const char *said = web_header(rq, "X-CSRF-Token");
	size_t len = rq->csrf ? strlen(rq->csrf) : 0;

	return said && len && strlen(said) == len &&
	       !CRYPTO_memcmp(said, rq->csrf, len);
}

bool auth_is_own(struct auth *a, const struct web_request *rq, bool token)
{
	/* No browser adds a bearer's token on its own. */
	if (rq->login == WEB_LOGIN_TOKEN)
		return true;
	return is_same_origin(a, rq) && (!token || has_token(rq));
}
