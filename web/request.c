#include "web/request.h"

#include <errno.h>
#include <strings.h>

const char *web_param(const struct web_request *rq, const char *name)
{
	for (size_t i = 0; i < rq->params.n; i++)
		if (!strcmp(rq->params.v[i].name, name))
			return rq->params.v[i].value;
	return NULL;
}

const char *web_header(const struct web_request *rq, const char *name)
{
	for (size_t i = 0; i < rq->headers.n; i++)
		if (!strcasecmp(rq->headers.v[i].name, name))
			return rq->headers.v[i].value;
	return NULL;
}

const char *web_form(const struct web_request *rq, const char *name)
{
	for (size_t i = 0; i < rq->form.n; i++)
		if (!strcmp(rq->form.v[i].name, name))
			return rq->form.v[i].value;
	return NULL;
}

/* a=1; b=2 */
static const char *cookie_in(struct slice all, struct slice name,
			     struct arena *mem)
{
	struct slice one, key, value;

	while (all.len) {
		slice_cut(all, ';', &one, &all);
		if (slice_cut(slice_trim(one), '=', &key, &value) &&
		    slice_eq(key, name))
			return arena_str(mem, slice_trim(value));
	}
	return NULL;
}

const char *web_cookie(const struct web_request *rq, const char *name)
{
	const char *found = NULL;

	for (size_t i = 0; i < rq->headers.n && !found; i++)
		if (!strcasecmp(rq->headers.v[i].name, "cookie"))
			found = cookie_in(slice_str(rq->headers.v[i].value),
					  slice_str(name), rq->mem);
	return found;
}

int web_param_u64(const struct web_request *rq, const char *name, uint64_t min,
		  uint64_t max, uint64_t initial, uint64_t *out)
{
	const char *text = web_param(rq, name);
	uint64_t v = initial;

	if (text && (!slice_u64(slice_str(text), &v) || v < min || v > max))
		return -EINVAL;
	*out = v;
	return 0;
}
