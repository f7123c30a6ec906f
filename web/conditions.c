#include "web/conditions.h"

/* 0-499, 500-, -500 */
enum range_kind range_parse(struct slice text, uint64_t size, uint64_t *first,
			    uint64_t *len)
{
	struct slice from, to;
	uint64_t a = 0, b = size - 1;

	text = slice_trim(text);
	if (!slice_istarts(text, SLICE("bytes=")) ||
	    slice_find(text, ',') >= 0 ||
	    !slice_cut(slice_from(text, 6), '-', &from, &to))
		return RANGE_WHOLE;
	from = slice_trim(from);
	to = slice_trim(to);
	if ((from.len && !slice_u64(from, &a)) ||
	    (to.len && !slice_u64(to, &b)) || (!from.len && !to.len) ||
	    (from.len && to.len && b < a))
		return RANGE_WHOLE;
	if (!from.len) { /* the last b bytes */
		a = b < size ? size - b : 0;
		if (!b)
			return RANGE_NOT;
		b = size - 1;
	}
	if (a >= size)
		return RANGE_NOT;
	if (b >= size)
		b = size - 1;
	*first = a;
	*len = b - a + 1;
	return RANGE_PART;
}

static struct slice without_weak(struct slice tag)
{
	return slice_starts(tag, SLICE("W/")) ? slice_from(tag, 2) : tag;
}

bool etag_matches(struct slice list, const char *etag)
{
	struct slice want = without_weak(slice_str(etag)), one;

	if (slice_eq(slice_trim(list), SLICE("*")))
		return true;
	while (list.len) {
		slice_cut(list, ',', &one, &list);
		if (slice_eq(without_weak(slice_trim(one)), want))
			return true;
	}
	return false;
}

/* ;q=0 and ;q=0.000 refuse. */
static bool refused(struct slice weight)
{
	struct slice name, value;

	if (!slice_cut(slice_trim(weight), '=', &name, &value) ||
	    !slice_ieq(slice_trim(name), SLICE("q")))
		return false;
	value = slice_trim(value);
	for (size_t i = 0; i < value.len; i++)
		if (value.p[i] != '0' && value.p[i] != '.')
			return false;
	return value.len;
}

bool accepts_gzip(struct slice text)
{
	struct slice one, name, weight = {0};

	while (text.len) {
		slice_cut(text, ',', &one, &text);
		slice_cut(one, ';', &name, &weight);
		name = slice_trim(name);
		if (slice_ieq(name, SLICE("gzip")) ||
		    slice_ieq(name, SLICE("x-gzip")))
			return !refused(weight);
	}
	return false;
}
