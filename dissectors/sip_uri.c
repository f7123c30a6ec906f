#include "dissectors/sip_uri.h"

static bool lws(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool alpha(uint8_t c)
{
	return (uint8_t)((c | 0x20) - 'a') < 26;
}

/* token of 25.1 without blanks; what an unquoted display name is made of */
static bool token(uint8_t c)
{
	return alpha(c) || (c >= '0' && c <= '9') ||
	       (c && strchr("-.!%*_+`'~", c));
}

static int hex(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return (uint8_t)((c | 0x20) - 'a') < 6 ? (c | 0x20) - 'a' + 10 : -1;
}

/* Index behind the closing quote of the string that begins at s.p[at];
 * s.len + 1 when it never closes. */
static size_t quoted_end(struct slice s, size_t at)
{
	for (size_t i = at + 1; i < s.len; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			return i + 1;
	}
	return s.len + 1;
}

static struct slice between(struct slice s, size_t from, size_t to)
{
	return slice_from(slice_head(s, to), from);
}

struct slice sip_unquote(struct slice s)
{
	s = slice_trim(s);
	if (s.len >= 2 && s.p[0] == '"' && s.p[s.len - 1] == '"')
		return between(s, 1, s.len - 1);
	return s;
}

size_t sip_unescape(struct slice in, char *buf, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < in.len && n < size; i++) {
		uint8_t c = in.p[i];

		if (c == '%' && i + 2 < in.len && hex(in.p[i + 1]) >= 0 &&
		    hex(in.p[i + 2]) >= 0) {
			c = (uint8_t)(hex(in.p[i + 1]) << 4 | hex(in.p[i + 2]));
			i += 2;
		}
		buf[n++] = (char)c;
	}
	return n;
}

bool sip_param_next(struct slice *params, struct slice *name,
		    struct slice *value)
{
	struct slice s = slice_trim(*params);
	size_t end = 0;
	size_t eq = 0;

	if (s.len && s.p[0] == ';')
		s = slice_trim(slice_from(s, 1));
	if (s.len == 0) {
		*params = s;
		return false;
	}
	while (end < s.len && s.p[end] != ';') {
		if (s.p[end] == '=' && !eq)
			eq = end + 1;
		end = s.p[end] == '"' ? quoted_end(s, end) : end + 1;
	}
	*params = slice_from(s, end);
	s = slice_head(s, end);
	*name = slice_trim(slice_head(s, eq ? eq - 1 : s.len));
	*value = eq ? slice_trim(slice_from(s, eq)) : slice_from(s, s.len);
	return true;
}

bool sip_param(struct slice params, const char *name, struct slice *value)
{
	struct slice want = slice_str(name);
	struct slice n;
	struct slice v;

	while (sip_param_next(&params, &n, &v)) {
		if (!slice_ieq(n, want))
			continue;
		if (value)
			*value = v;
		return true;
	}
	return false;
}

bool sip_uri_param(const struct sip_uri *uri, const char *name,
		   struct slice *value)
{
	return sip_param(uri->params, name, value);
}

/* ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ) ":" */
static bool take_scheme(struct slice *s, struct slice *scheme)
{
	size_t i = 0;

	while (i < s->len && s->p[i] != ':') {
		uint8_t c = s->p[i++];

		if (!alpha(c) && !((c >= '0' && c <= '9') || c == '+' ||
				   c == '-' || c == '.'))
			return false;
	}
	if (i == 0 || i == s->len || !alpha(s->p[0]))
		return false;
	*scheme = slice_head(*s, i);
	*s = slice_from(*s, i + 1);
	return true;
}

static bool host_end(uint8_t c)
{
	return c == ':' || c == ';' || c == '?';
}

/* host [":" port] up to the first of ";?"; s is left at that character. */
static bool take_hostport(struct slice *s, struct slice *host, uint16_t *port)
{
	struct slice tail;
	size_t i = 0;
	size_t at;
	uint32_t n;

	if (s->len && s->p[0] == '[') {
		ptrdiff_t close = slice_find(*s, ']');

		if (close < 0) {
			*s = slice_from(*s, s->len);
			return false;
		}
		*host = between(*s, 1, (size_t)close);
		i = (size_t)close + 1;
	} else {
		while (i < s->len && !host_end(s->p[i]))
			i++;
		*host = slice_trim(slice_head(*s, i));
	}
	for (at = i; i < s->len && s->p[i] != ';' && s->p[i] != '?';)
		i++;
	tail = slice_trim(between(*s, at, i));
	*s = slice_from(*s, i);
	if (tail.len == 0)
		return host->len > 0;
	if (tail.p[0] != ':' || !slice_u32(slice_trim(slice_from(tail, 1)), &n))
		return false;
	if (n == 0 || n > UINT16_MAX)
		return false;
	*port = (uint16_t)n;
	return host->len > 0;
}

static bool sip_uri_rest(struct slice s, struct sip_uri *out)
{
	struct slice userinfo;
	struct slice rest;
	bool ok;

	/* ';', '?' and ':' may stand in the user part: look for '@' first. */
	if (slice_cut(s, '@', &userinfo, &rest)) {
		slice_cut(userinfo, ':', &out->user, &userinfo);
		s = rest;
	}
	ok = take_hostport(&s, &out->host, &out->port);
	slice_cut(s, '?', &out->params, &out->headers);
	if (out->params.len)
		out->params = slice_from(out->params, 1);
	return ok;
}

bool sip_uri_parse(struct slice text, struct sip_uri *out)
{
	struct slice s = slice_trim(text);

	*out = (struct sip_uri){.whole = s};
	if (!take_scheme(&s, &out->scheme))
		return false;
	if (slice_ieq(out->scheme, SLICE("sip")) ||
	    slice_ieq(out->scheme, SLICE("sips")))
		return sip_uri_rest(s, out);
	if (slice_ieq(out->scheme, SLICE("tel"))) {
		slice_cut(s, ';', &out->user, &out->params);
		return out->user.len > 0;
	}
	return true;
}

static bool display_ok(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!token(s.p[i]) && !lws(s.p[i]))
			return false;
	return true;
}

/* The display name in front of '<'; *at is where that is, or where the
 * addr-spec begins without one. False when a quote stays open. */
static bool take_display(struct slice v, struct slice *display, size_t *at)
{
	size_t i = 0;
	size_t end = 0;

	if (v.len && v.p[0] == '"') {
		end = quoted_end(v, 0);
		if (end <= v.len) {
			*display = between(v, 1, end - 1);
			while (end < v.len && lws(v.p[end]))
				end++;
			*at = end;
			return end < v.len && v.p[end] == '<';
		}
	}
	while (i < v.len && v.p[i] != '<' && v.p[i] != ';')
		i++;
	/* With an open quote, all up to '<' was meant to be the name. */
	while (end && i < v.len && v.p[i] != '<')
		i++;
	*at = 0;
	if (i == v.len || v.p[i] == ';')
		return !end;
	*at = i;
	*display = slice_trim(slice_head(v, i));
	if (!end)
		return display_ok(*display);
	*display = slice_from(*display, 1);
	return false;
}

/* "<" uri ">" at the front of s; leaves what follows. */
static bool take_bracketed(struct slice *s, struct slice *uri)
{
	ptrdiff_t close = slice_find(*s, '>');

	if (close < 0) {
		*uri = slice_trim(slice_from(*s, 1));
		*s = slice_from(*s, s->len);
		return false;
	}
	*uri = between(*s, 1, (size_t)close);
	*s = slice_trim(slice_from(*s, (size_t)close + 1));
	if (uri->len && !lws(uri->p[0]) && !lws(uri->p[uri->len - 1]))
		return s->len == 0 || s->p[0] == ';';
	*uri = slice_trim(*uri);
	return false;
}

bool sip_addr_parse(struct slice value, struct sip_addr *out)
{
	struct slice v = slice_trim(value);
	size_t at;
	bool ok;

	*out = (struct sip_addr){.text = v};
	if (v.len == 1 && v.p[0] == '*') {
		out->star = true;
		return true;
	}
	ok = take_display(v, &out->display, &at);
	v = slice_from(v, at);
	if (v.len && v.p[0] == '<') {
		ok &= take_bracketed(&v, &out->uri_text);
		if (v.len && v.p[0] == ';')
			out->params = slice_trim(slice_from(v, 1));
	} else {
		/* A bare addr-spec: what follows ';' belongs to the header,
		 * and '?' may not occur (20.10). */
		slice_cut(v, ';', &out->uri_text, &out->params);
		out->uri_text = slice_trim(out->uri_text);
		ok &= slice_find(out->uri_text, '?') < 0;
	}
	if (!sip_uri_parse(out->uri_text, &out->uri))
		ok = false;
	sip_param(out->params, "tag", &out->tag);
	return ok && !slice_starts(out->params, SLICE(";"));
}

bool sip_list_next(struct slice *list, struct slice *item)
{
	struct slice s = *list;
	bool bracket = false;
	size_t i = 0;

	while (s.len && (lws(s.p[0]) || s.p[0] == ','))
		s = slice_from(s, 1);
	while (i < s.len && (bracket || s.p[i] != ',')) {
		if (s.p[i] == '"' && !bracket) {
			i = quoted_end(s, i);
			continue;
		}
		if (s.p[i] == '<' || s.p[i] == '>')
			bracket = s.p[i] == '<';
		i++;
	}
	*item = slice_trim(slice_head(s, i));
	*list = slice_from(s, i);
	return item->len > 0;
}
