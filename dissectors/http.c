#include "dissectors/http.h"

#define VERSION	   SLICE("HTTP/1.")
#define METHOD_MAX 32

/* Those a browser or a signalling client sends; others begin no connection
 * and are not looked for, but they are read where a request is due. */
static const struct slice methods[] = {
	SLICE_INIT("GET"),     SLICE_INIT("POST"),    SLICE_INIT("HEAD"),
	SLICE_INIT("PUT"),     SLICE_INIT("PATCH"),   SLICE_INIT("DELETE"),
	SLICE_INIT("OPTIONS"), SLICE_INIT("CONNECT"), SLICE_INIT("TRACE"),
};
#define METHODS (sizeof(methods) / sizeof(*methods))

/* tchar of RFC 9110, 5.6.2 */
static bool token(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		uint8_t c = s.p[i];

		if ((uint8_t)((c | 0x20) - 'a') < 26 || (uint8_t)(c - '0') < 10)
			continue;
		if (!c || !strchr("!#$%&'*+-.^_`|~", c))
			return false;
	}
	return s.len > 0;
}

static bool version(struct slice s)
{
	return s.len == VERSION.len + 1 && slice_starts(s, VERSION) &&
	       (uint8_t)(s.p[VERSION.len] - '0') < 10;
}

/* --- the beginning of a connection --------------------------------------- */

/* The shorter of both is the beginning of the other one. */
static bool agrees(struct slice in, struct slice want)
{
	return slice_starts(want, slice_head(in, want.len));
}

/* What may follow the method. CONNECT has a host and a port. */
static enum parse probe_target(struct slice s, bool connect)
{
	static const struct slice starts[] = {
		SLICE_INIT("/"),
		SLICE_INIT("* HTTP/1."),
		SLICE_INIT("http://"),
		SLICE_INIT("https://"),
	};
	struct slice target;

	if (connect) {
		slice_cut(s, ' ', &target, &s);
		if (!agrees(s, VERSION) || target.len > 300)
			return PARSE_BAD;
		return s.len >= VERSION.len && slice_find(target, ':') > 0
			       ? PARSE_OK
			       : PARSE_MORE;
	}
	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++)
		if (agrees(s, starts[i]))
			return s.len < starts[i].len ? PARSE_MORE : PARSE_OK;
	return PARSE_BAD;
}

enum parse http_probe(struct slice head)
{
	if (agrees(head, VERSION))
		return head.len < VERSION.len ? PARSE_MORE : PARSE_OK;
	for (size_t i = 0; i < METHODS; i++) {
		struct slice m = methods[i];

		if (!agrees(head, m))
			continue;
		if (head.len <= m.len)
			return PARSE_MORE;
		if (head.p[m.len] != ' ')
			return PARSE_BAD;
		return probe_target(slice_from(head, m.len + 1),
				    slice_eq(m, SLICE("CONNECT")));
	}
	return PARSE_BAD;
}

/* --- headers ------------------------------------------------------------- */

static void read_length(struct http_head *h, struct slice value)
{
	struct slice first;
	uint64_t n;

	/* "5, 5" of a careless proxy is 5 (RFC 9110, 8.6) */
	while (slice_cut(value, ',', &first, &value) || first.len) {
		if (!slice_u64(slice_trim(first), &n) ||
		    (h->has_length && n != h->content_length)) {
			h->bad_length = true;
			return;
		}
		h->has_length = true;
		h->content_length = n;
	}
}

static void read_transfer(struct http_head *h, struct slice value)
{
	struct slice word;

	while (value.len) {
		slice_cut(value, ',', &word, &value);
		word = slice_trim(word);
		if (slice_ieq(word, SLICE("chunked")))
			h->chunked = true;
		else if (word.len && !slice_ieq(word, SLICE("identity")))
			h->transfer_coded = true;
	}
}

static void read_coding(struct http_head *h, struct slice value)
{
	if (slice_ieq(value, SLICE("gzip")) ||
	    slice_ieq(value, SLICE("x-gzip")))
		h->coding = HTTP_CODING_GZIP;
	else if (slice_ieq(value, SLICE("deflate")))
		h->coding = HTTP_CODING_DEFLATE;
	else if (value.len && !slice_ieq(value, SLICE("identity")))
		h->coding = HTTP_CODING_OTHER;
}

static void read_upgrade(struct http_head *h, struct slice value)
{
	struct slice word;

	while (value.len) {
		slice_cut(value, ',', &word, &value);
		if (slice_ieq(slice_trim(word), SLICE("websocket")))
			h->upgrade_ws = true;
	}
}

/* Either the value is kept as it is, or read() takes it. */
static const struct {
	struct slice name;
	size_t keep; /* offset of a slice */
	void (*read)(struct http_head *h, struct slice value);
} headers[] = {
	{SLICE_INIT("content-type"), offsetof(struct http_head, content_type),
	 NULL},
	{SLICE_INIT("content-length"), 0, read_length},
	{SLICE_INIT("transfer-encoding"), 0, read_transfer},
	{SLICE_INIT("content-encoding"), 0, read_coding},
	{SLICE_INIT("host"), offsetof(struct http_head, host), NULL},
	{SLICE_INIT("location"), offsetof(struct http_head, location), NULL},
	{SLICE_INIT("upgrade"), 0, read_upgrade},
	{SLICE_INIT("sec-websocket-protocol"),
	 offsetof(struct http_head, ws_protocol), NULL},
	{SLICE_INIT("sec-websocket-extensions"),
	 offsetof(struct http_head, ws_extensions), NULL},
};

static void read_header(struct http_head *h, struct slice line)
{
	struct slice name;
	struct slice value;

	if (!slice_cut(line, ':', &name, &value))
		return;
	name = slice_trim(name);
	value = slice_trim(value);
	for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++) {
		struct slice *kept;

		if (!slice_ieq(name, headers[i].name))
			continue;
		if (headers[i].read) {
			headers[i].read(h, value);
			return;
		}
		kept = (struct slice *)(void *)((char *)h + headers[i].keep);
		if (!kept->len)
			*kept = value;
		return;
	}
}

/* --- the head ------------------------------------------------------------ */

/* HTTP-version SP status-code SP [reason-phrase] */
static bool status_line(struct slice line, struct http_head *h)
{
	struct slice word;
	struct slice code;
	uint32_t n;

	slice_cut(line, ' ', &word, &line);
	slice_cut(line, ' ', &code, &line);
	if (!version(word) || code.len != 3 || !slice_u32(code, &n) || n < 100)
		return false;
	h->http10 = word.p[VERSION.len] == '0';
	h->status = (uint16_t)n;
	return true;
}

/* method SP request-target SP HTTP-version. A target with blanks in it is
 * wrong, and taken. */
static bool request_line(struct slice line, struct http_head *h)
{
	struct slice rest;
	struct slice v;

	while (line.len && line.p[line.len - 1] <= ' ')
		line.len--;
	if (line.len < VERSION.len + 5)
		return false;
	v = slice_from(line, line.len - VERSION.len - 1);
	if (!version(v) || v.p[-1] != ' ')
		return false;
	slice_cut(slice_head(line, line.len - v.len - 1), ' ', &h->method,
		  &rest);
	h->target = slice_trim(rest);
	h->http10 = v.p[VERSION.len] == '0';
	h->request = true;
	return token(h->method) && h->target.len;
}

static bool start_line(struct slice line, struct http_head *h)
{
	return slice_starts(line, VERSION) ? status_line(line, h)
					   : request_line(line, h);
}

size_t http_blank_line(struct slice in, size_t from)
{
	/* An end that was cut in two is to be seen, too. */
	size_t at = from > 3 ? from - 3 : 0;
	ptrdiff_t lf;

	while ((lf = slice_find(slice_from(in, at), '\n')) >= 0) {
		at += (size_t)lf + 1;
		if (at < in.len && in.p[at] == '\n')
			return at + 1;
		if (at + 1 < in.len && in.p[at] == '\r' && in.p[at + 1] == '\n')
			return at + 2;
	}
	return 0;
}

bool http_head_possible(struct slice in, bool request)
{
	struct slice word;

	if (!request)
		return agrees(in, VERSION);
	slice_cut(slice_head(in, METHOD_MAX), ' ', &word, &in);
	return word.len < METHOD_MAX && (!word.len || token(word));
}

enum parse http_head_parse(struct slice in, struct http_head *out)
{
	struct http_head h = {.len = http_blank_line(in, 0)};
	struct slice rest;
	struct slice line;

	if (!h.len)
		return PARSE_MORE;
	rest = slice_head(in, h.len);
	slice_line(&rest, &line);
	if (!start_line(line, &h))
		return PARSE_BAD;
	while (slice_line(&rest, &line) && line.len)
		read_header(&h, line);
	*out = h;
	return PARSE_OK;
}

/* chunk-size [ chunk-ext ] CRLF */
enum parse http_chunk_parse(struct slice in, uint64_t *size, size_t *used)
{
	ptrdiff_t lf = slice_find(in, '\n');
	uint64_t n = 0;
	size_t i = 0;

	for (; i < in.len; i++) {
		uint8_t c = in.p[i] | 0x20;
		bool digit = (uint8_t)(c - '0') < 10;

		if (!digit && (uint8_t)(c - 'a') > 5)
			break;
		if (n >> 60)
			return PARSE_BAD;
		n = n << 4 | (uint8_t)(digit ? c - '0' : c - 'a' + 10);
	}
	if (i < in.len && (!i || !strchr(" \t;\r\n", in.p[i]) || !in.p[i]))
		return PARSE_BAD;
	if (lf < 0)
		return in.len > HTTP_CHUNK_LINE ? PARSE_BAD : PARSE_MORE;
	*size = n;
	*used = (size_t)lf + 1;
	return PARSE_OK;
}

/* --- finding the place again --------------------------------------------- */

/* A body need not end with a line: what comes before a known method in the
 * same line belongs to it. */
static ptrdiff_t request_in(struct slice line)
{
	struct http_head h;

	for (size_t i = 0; i < METHODS; i++) {
		ptrdiff_t at = slice_find_slice(line, methods[i]);
		struct slice rest =
			slice_from(line, at < 0 ? line.len : (size_t)at);

		if (at >= 0 && http_probe(rest) == PARSE_OK &&
		    request_line(rest, &h))
			return at;
	}
	return -1;
}

static ptrdiff_t response_in(struct slice line)
{
	ptrdiff_t at = slice_find_slice(line, VERSION);
	struct http_head h;

	if (at < 0 || !status_line(slice_from(line, (size_t)at), &h))
		return -1;
	return at;
}

ptrdiff_t http_resync(struct slice in, bool request)
{
	struct slice rest = in;
	struct slice line;
	ptrdiff_t lf;

	while ((lf = slice_find(rest, '\n')) >= 0) {
		ptrdiff_t at;

		line = slice_head(rest, (size_t)lf);
		if (line.len && line.p[line.len - 1] == '\r')
			line.len--;
		at = request ? request_in(line) : response_in(line);
		if (at >= 0)
			return line.p - in.p + at;
		rest = slice_from(rest, (size_t)lf + 1);
	}
	return -1;
}
