#include "web/uri.h"

#include <errno.h>

static int hex(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One character off the front of *s; -1 when it cannot be. */
static int decode_one(struct slice *s, bool plus)
{
	int c = s->p[0], hi, lo;

	if (c != '%') {
		*s = slice_from(*s, 1);
		return plus && c == '+' ? ' ' : c;
	}
	if (s->len < 3)
		return -1;
	hi = hex(s->p[1]);
	lo = hex(s->p[2]);
	*s = slice_from(*s, 3);
	return hi < 0 || lo < 0 ? -1 : hi << 4 | lo;
}

char *uri_decode(struct slice raw, bool plus, struct arena *mem)
{
	char *text = arena_alloc(mem, raw.len + 1);
	size_t n = 0;

	if (!text) {
		errno = ENOMEM;
		return NULL;
	}
	while (raw.len) {
		int c = decode_one(&raw, plus);

		if (c <= 0) { /* NUL would end the text early */
			errno = EINVAL;
			return NULL;
		}
		text[n++] = (char)c;
	}
	return text;
}

static int add_pair(struct web_pairs *out, struct slice text, struct arena *mem)
{
	struct slice name, value = {0};
	struct web_pair *p = &out->v[out->n];

	slice_cut(text, '=', &name, &value);
	p->name = uri_decode(name, true, mem);
	p->value = p->name ? uri_decode(value, true, mem) : NULL;
	if (!p->value)
		return -errno;
	out->n++;
	return 0;
}

int uri_pairs(struct slice raw, struct arena *mem, struct web_pairs *out)
{
	struct web_pairs pairs = {0};
	struct slice one;
	int err = 0;

	pairs.v = arena_alloc(mem, URI_PAIRS * sizeof(*pairs.v));
	if (!pairs.v)
		return -ENOMEM;
	while (raw.len && !err) {
		slice_cut(raw, '&', &one, &raw);
		if (!one.len)
			continue;
		err = pairs.n == URI_PAIRS ? -E2BIG
					   : add_pair(&pairs, one, mem);
	}
	if (!err)
		*out = pairs;
	return err;
}

/* http://host/path to /path. */
static struct slice without_host(struct slice raw)
{
	ptrdiff_t at;

	if (!slice_istarts(raw, SLICE("http://")) &&
	    !slice_istarts(raw, SLICE("https://")))
		return raw;
	at = slice_find_slice(raw, SLICE("//"));
	raw = slice_from(raw, (size_t)at + 2);
	at = slice_find(raw, '/');
	return at < 0 ? slice_of(NULL, 0) : slice_from(raw, (size_t)at);
}

int uri_parse(struct slice raw, struct arena *mem, struct uri *out)
{
	struct slice path, query = {0};
	struct uri u;
	int err;

	raw = without_host(raw);
	if (!raw.len || raw.p[0] != '/')
		return -EINVAL;
	slice_cut(raw, '?', &path, &query);
	u.path = uri_decode(path, false, mem);
	if (!u.path)
		return -errno;
	u.query = arena_str(mem, query);
	if (!u.query)
		return -ENOMEM;
	err = uri_pairs(query, mem, &u.params);
	if (!err)
		*out = u;
	return err;
}
