/*
 * The target of a request and other text of a stranger, taken apart: %XX and +
 * are decoded, what cannot be decoded is refused. Pure.
 */
#ifndef WEB_URI_H
#define WEB_URI_H

#include "web/request.h"

#define URI_PAIRS 64

struct uri {
	const char *path;  /* begins with / */
	const char *query; /* as it came; "" */
	struct web_pairs params;
};

/* Origin form (RFC 9112, 3.2.1), or absolute form, whose host is left out.
 * 0; -EINVAL: no such target, a broken escape, a NUL; -E2BIG: more than
 * URI_PAIRS parameters; -ENOMEM. */
int uri_parse(struct slice raw, struct arena *mem, struct uri *out);

/* a=1&b=2, as in a query and in forms. The same errors. */
int uri_pairs(struct slice raw, struct arena *mem, struct web_pairs *out);

/* %XX decoded, + too when plus is set; NULL as above (errno says which). */
char *uri_decode(struct slice raw, bool plus, struct arena *mem);

#endif
