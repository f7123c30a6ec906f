/* HEP in a byte stream. */
#include "dissectors/hep_priv.h"

/* Where a packet may begin, at or after from; the end of in when nowhere. The
 * last bytes may be the head of a mark. */
static size_t find_mark(struct slice in, size_t from)
{
	size_t at = from;

	while (at < in.len) {
		struct slice rest = slice_from(in, at);

		if (rest.len >= 4 ? hep_probe(rest)
				  : !memcmp(rest.p, "HEP", rest.len) ||
					    !memcmp(rest.p, "EEP", rest.len))
			return at;
		at++;
	}
	return at;
}

/* OK: chunks fill it to the byte. MORE: so far they may. */
static enum parse walk_chunks(struct slice in, size_t total)
{
	size_t at = HEP_HEADER;

	while (at < total) {
		struct cursor c = cursor_of(slice_from(in, at));
		size_t len;

		cursor_u32(&c);
		len = cursor_u16(&c);
		if (c.bad)
			return total - at < HEP_HEADER ? PARSE_BAD : PARSE_MORE;
		if (len < HEP_HEADER || len > total - at)
			return PARSE_BAD;
		at += len;
	}
	return total <= in.len ? PARSE_OK : PARSE_MORE;
}

static enum parse at_mark(struct slice in, size_t *len)
{
	struct cursor c = cursor_of(in);
	size_t total;

	cursor_u32(&c);
	total = cursor_u16(&c);
	if (c.bad)
		return PARSE_MORE;
	if (total < HEP_HEADER)
		return PARSE_BAD;
	*len = total;
	return walk_chunks(slice_head(in, total), total);
}

enum parse hep_frame(struct slice in, size_t *skip, size_t *len)
{
	size_t at = find_mark(in, 0), n = 0;
	enum parse r = PARSE_MORE;

	while (at < in.len) {
		r = at_mark(slice_from(in, at), &n);
		if (r != PARSE_BAD)
			break;
		at = find_mark(in, at + 1);
		r = PARSE_MORE;
	}
	*skip = at;
	if (r == PARSE_OK)
		*len = n;
	return r;
}
