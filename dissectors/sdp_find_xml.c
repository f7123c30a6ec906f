/*
 * Candidates of Jingle (XEP-0176) over WebSocket or BOSH: attributes of one
 * tag, put together as SDP has them.
 */
#include <stdio.h>

#include "dissectors/sdp_find_priv.h"

#define TAG_MAX 1024 /* bytes */

struct tag {
	struct slice name;
	struct slice rest; /* attributes */
	size_t len;
};

static bool tag_parse(struct slice s, struct tag *t)
{
	ptrdiff_t end = slice_find(slice_head(s, TAG_MAX), '>');
	struct slice in;
	size_t n = 0;

	if (end < 0)
		return false;
	in = slice_from(slice_head(s, (size_t)end), 1);
	while (n < in.len && in.p[n] > ' ' && in.p[n] != '/')
		n++;
	t->name = slice_head(in, n);
	t->rest = slice_from(in, n);
	t->len = (size_t)end + 1;
	return true;
}

static bool one_line(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] < ' ')
			return false;
	return true;
}

/* The value of an attribute; empty without it. */
static struct slice attr(const struct tag *t, struct slice name)
{
	struct slice rest = t->rest;
	struct slice key;
	struct slice value;

	while (slice_cut(rest, '=', &key, &rest) && rest.len) {
		uint8_t quote = rest.p[0];

		if (quote != '"' && quote != '\'')
			break;
		slice_cut(slice_from(rest, 1), quote, &value, &rest);
		if (slice_eq(slice_trim(key), name))
			return value;
	}
	return (struct slice){0};
}

static struct slice or_else(struct slice s, struct slice otherwise)
{
	return s.len ? s : otherwise;
}

/* RFC 8839, 5.1, from XEP-0176, 5.1. */
static struct slice candidate(const struct tag *t, char *line, size_t size)
{
	struct slice addr = attr(t, SLICE("ip"));
	struct slice port = attr(t, SLICE("port"));
	struct slice raddr = or_else(attr(t, SLICE("rel-addr")), SLICE(""));
	struct slice rport = or_else(attr(t, SLICE("rel-port")), SLICE(""));
	struct slice f = or_else(attr(t, SLICE("foundation")), SLICE("0"));
	struct slice comp = or_else(attr(t, SLICE("component")), SLICE("1"));
	struct slice proto = or_else(attr(t, SLICE("protocol")), SLICE("udp"));
	struct slice prio = or_else(attr(t, SLICE("priority")), SLICE("0"));
	struct slice type = or_else(attr(t, SLICE("type")), SLICE("host"));
	bool related = raddr.len && rport.len;
	int n;

	if (!addr.len || !port.len)
		return (struct slice){0};
	n = snprintf(line, size,
		     "candidate:%.*s %.*s %.*s %.*s %.*s %.*s typ %.*s"
		     "%s%.*s%s%.*s",
		     SLICE_ARG(f), SLICE_ARG(comp), SLICE_ARG(proto),
		     SLICE_ARG(prio), SLICE_ARG(addr), SLICE_ARG(port),
		     SLICE_ARG(type), related ? " raddr " : "",
		     related ? (int)raddr.len : 0, (const char *)raddr.p,
		     related ? " rport " : "", related ? (int)rport.len : 0,
		     (const char *)rport.p);
	if (n < 0 || (size_t)n >= size || !one_line(slice_str(line)))
		return (struct slice){0};
	return slice_of(line, (size_t)n);
}

bool sdp_xml_tag(struct sdp_find *f, struct slice s, struct sdp_about *about,
		 struct slice *line, size_t *used)
{
	struct slice ufrag;
	struct slice mid;
	struct tag t;

	*used = 1;
	if (!tag_parse(s, &t))
		return false;
	if (slice_eq(t.name, SLICE("candidate"))) {
		*used = t.len;
		*line = candidate(&t, f->line, sizeof(f->line));
		return line->len > 0;
	}
	ufrag = attr(&t, SLICE("ufrag"));
	mid = attr(&t, SLICE("name"));
	if (slice_eq(t.name, SLICE("transport")) && ufrag.len)
		about->ufrag = ufrag;
	else if (slice_eq(t.name, SLICE("content")) && mid.len)
		about->mid = mid;
	else
		return false;
	*used = t.len;
	return false;
}
