#include "dissectors/rfc4571.h"

/* RFC 4571, 2: length 2 | packet. */
enum parse rfc4571_parse(struct slice in, struct slice *packet, size_t *used)
{
	struct cursor c = cursor_of(in);
	struct slice s = cursor_take(&c, cursor_u16(&c));

	if (c.bad)
		return PARSE_MORE;
	*packet = s;
	*used = RFC4571_HEAD + s.len;
	return PARSE_OK;
}
