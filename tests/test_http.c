/* HTTP/1: probing, heads, chunk lines, finding the next message. */
#include <check.h>

#include "dissectors/http.h"
#include "tests/prefix.h"
#include "tests/run_suite.h"

/* --- probing ------------------------------------------------------------- */

static const struct {
	struct slice in;
	enum parse want;
} probes[] = {
	{SLICE_INIT("GET / HTTP/1.1\r\n"), PARSE_OK},
	{SLICE_INIT("GET /"), PARSE_OK},
	{SLICE_INIT("POST /whip/a?b HTTP/1.1\r\n"), PARSE_OK},
	{SLICE_INIT("PATCH /x"), PARSE_OK},
	{SLICE_INIT("DELETE http://a/b"), PARSE_OK},
	{SLICE_INIT("OPTIONS * HTTP/1.1"), PARSE_OK},
	{SLICE_INIT("CONNECT a.example:443 HTTP/1.1"), PARSE_OK},
	{SLICE_INIT("HTTP/1.1 200 OK"), PARSE_OK},
	{SLICE_INIT("HTTP/1.0"), PARSE_OK},
	{SLICE_INIT(""), PARSE_MORE},
	{SLICE_INIT("P"), PARSE_MORE},
	{SLICE_INIT("GET"), PARSE_MORE},
	{SLICE_INIT("GET "), PARSE_MORE},
	{SLICE_INIT("GET htt"), PARSE_MORE},
	{SLICE_INIT("HTTP/"), PARSE_MORE},
	{SLICE_INIT("CONNECT a.example:443"), PARSE_MORE},
	{SLICE_INIT("OPTIONS * RTSP/1.0\r\n"), PARSE_BAD},
	{SLICE_INIT("OPTIONS sip:a@b SIP/2.0\r\n"), PARSE_BAD},
	{SLICE_INIT("GETX / HTTP/1.1"), PARSE_BAD},
	{SLICE_INIT("GET  / HTTP/1.1"), PARSE_BAD},
	{SLICE_INIT("HTTP/2.0 200"), PARSE_BAD},
	{SLICE_INIT("INVITE sip:a@b SIP/2.0"), PARSE_BAD},
	{SLICE_INIT("CONNECT a.example HTTP/1.1"), PARSE_MORE},
	{SLICE_INIT("CONNECT a:1 SIP/2.0"), PARSE_BAD},
	{SLICE_INIT("PRI * HTTP/2.0\r\n"), PARSE_BAD},
	{SLICE_INIT("\x16\x03\x01"), PARSE_BAD},
};

START_TEST(probe)
{
	ck_assert_msg(http_probe(probes[_i].in) == probes[_i].want, "%.*s",
		      SLICE_ARG(probes[_i].in));
}
END_TEST

/* Once it is OK it stays so; before it is MORE. */
static void probe_prefix(struct slice in, void *arg)
{
	int i = *(int *)arg;

	if (probes[i].want == PARSE_OK)
		ck_assert_int_ne(http_probe(in), PARSE_BAD);
	if (probes[i].want == PARSE_MORE)
		ck_assert_int_eq(http_probe(in), PARSE_MORE);
}

START_TEST(probe_every_prefix)
{
	prefix_each(probes[_i].in, probe_prefix, &_i);
}
END_TEST

/* --- heads --------------------------------------------------------------- */

static const struct {
	const char *name;
	struct slice in;
	enum parse want;
	struct http_head head;
} rows[] = {
	{"request",
	 SLICE_INIT("POST /whip/endpoint?x=1 HTTP/1.1\r\n"
		    "Host: whip.example.com\r\n"
		    "Content-Type: application/sdp\r\n"
		    "Content-Length: 1101\r\n\r\nv=0"),
	 PARSE_OK,
	 {.request = true,
	  .len = 113,
	  .method = SLICE_INIT("POST"),
	  .target = SLICE_INIT("/whip/endpoint?x=1"),
	  .host = SLICE_INIT("whip.example.com"),
	  .content_type = SLICE_INIT("application/sdp"),
	  .has_length = true,
	  .content_length = 1101}},
	{"response",
	 SLICE_INIT("HTTP/1.1 201 Created\r\n"
		    "ETag: \"xyzzy\"\r\n"
		    "content-type:application/sdp\r\n"
		    "LOCATION:\t https://whip.example.org/resource/id \r\n"
		    "Transfer-Encoding: gzip, Chunked\r\n\r\n"),
	 PARSE_OK,
	 {.status = 201,
	  .len = 153,
	  .location = SLICE_INIT("https://whip.example.org/resource/id"),
	  .content_type = SLICE_INIT("application/sdp"),
	  .chunked = true,
	  .transfer_coded = true}},
	/* RFC 6455, 1.2 */
	{"client handshake",
	 SLICE_INIT("GET /chat HTTP/1.1\r\n"
		    "Host: server.example.com\r\n"
		    "Upgrade: websocket\r\n"
		    "Connection: Upgrade\r\n"
		    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		    "Origin: http://example.com\r\n"
		    "Sec-WebSocket-Protocol: chat, superchat\r\n"
		    "Sec-WebSocket-Version: 13\r\n\r\n"),
	 PARSE_OK,
	 {.request = true,
	  .len = 230,
	  .method = SLICE_INIT("GET"),
	  .target = SLICE_INIT("/chat"),
	  .host = SLICE_INIT("server.example.com"),
	  .upgrade_ws = true,
	  .ws_protocol = SLICE_INIT("chat, superchat")}},
	{"server handshake",
	 SLICE_INIT("HTTP/1.1 101 Switching Protocols\r\n"
		    "Upgrade: WebSocket\r\n"
		    "Sec-WebSocket-Protocol: sip\r\n"
		    "Sec-WebSocket-Extensions: permessage-deflate\r\n"
		    "Connection: Upgrade\r\n\r\n"),
	 PARSE_OK,
	 {.status = 101,
	  .len = 152,
	  .upgrade_ws = true,
	  .ws_protocol = SLICE_INIT("sip"),
	  .ws_extensions = SLICE_INIT("permessage-deflate")}},
	{"HTTP/1.0, LF only, no reason",
	 SLICE_INIT("HTTP/1.0 404\nContent-Encoding: x-gzip\n\n"),
	 PARSE_OK,
	 {.status = 404,
	  .http10 = true,
	  .len = 39,
	  .coding = HTTP_CODING_GZIP}},
	{"the first of two counts, one length said twice",
	 SLICE_INIT("PUT / HTTP/1.1\r\nHost: a\r\nHost: b\r\n"
		    "Content-Length: 5\r\nContent-Length: 5, 5\r\n"
		    "Content-Encoding: deflate\r\n\r\n"),
	 PARSE_OK,
	 {.request = true,
	  .len = 104,
	  .method = SLICE_INIT("PUT"),
	  .target = SLICE_INIT("/"),
	  .host = SLICE_INIT("a"),
	  .has_length = true,
	  .content_length = 5,
	  .coding = HTTP_CODING_DEFLATE}},
	{"two lengths",
	 SLICE_INIT("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
		    "Content-Length: 6\r\nContent-Encoding: br\r\n\r\n"),
	 PARSE_OK,
	 {.status = 200,
	  .len = 79,
	  .has_length = true,
	  .content_length = 5,
	  .bad_length = true,
	  .coding = HTTP_CODING_OTHER}},
	{"no length",
	 SLICE_INIT("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"),
	 PARSE_OK,
	 {.status = 200, .len = 38, .bad_length = true}},
	{"length beyond 64 bits",
	 SLICE_INIT("HTTP/1.1 200 OK\r\n"
		    "Content-Length: 18446744073709551616\r\n\r\n"),
	 PARSE_OK,
	 {.status = 200, .len = 57, .bad_length = true}},
	{"lines that are no headers",
	 SLICE_INIT("GET / HTTP/1.1\r\nfoo\r\n:\r\n bar: 1\r\nHost : h\r\n"
		    "Upgrade: h2c, websocket\r\nTransfer-Encoding: identity"
		    "\r\nContent-Encoding: identity\r\n\r\n"),
	 PARSE_OK,
	 {.request = true,
	  .len = 127,
	  .method = SLICE_INIT("GET"),
	  .target = SLICE_INIT("/"),
	  .host = SLICE_INIT("h"),
	  .upgrade_ws = true}},
	{"a target with blanks",
	 SLICE_INIT("GET /a b HTTP/1.1\r\n\r\n"),
	 PARSE_OK,
	 {.request = true,
	  .len = 21,
	  .method = SLICE_INIT("GET"),
	  .target = SLICE_INIT("/a b")}},
	{"no end",
	 SLICE_INIT("GET / HTTP/1.1\r\nHost: a\r\n"),
	 PARSE_MORE,
	 {0}},
	{"a status of two digits",
	 SLICE_INIT("HTTP/1.1 20 OK\r\n\r\n"),
	 PARSE_BAD,
	 {0}},
	{"a status below 100",
	 SLICE_INIT("HTTP/1.1 099 OK\r\n\r\n"),
	 PARSE_BAD,
	 {0}},
	{"no version", SLICE_INIT("GET /\r\n\r\n"), PARSE_BAD, {0}},
	{"no target", SLICE_INIT("GET HTTP/1.1\r\n\r\n"), PARSE_BAD, {0}},
	{"no method", SLICE_INIT(" / HTTP/1.1\r\n\r\n"), PARSE_BAD, {0}},
	{"another version",
	 SLICE_INIT("GET / HTTP/2.0\r\n\r\n"),
	 PARSE_BAD,
	 {0}},
};

static void heads_equal(const struct http_head *a, const struct http_head *b)
{
	ck_assert(a->request == b->request && a->http10 == b->http10);
	ck_assert_uint_eq(a->status, b->status);
	ck_assert_uint_eq(a->len, b->len);
	ck_assert(slice_eq(a->method, b->method));
	ck_assert(slice_eq(a->target, b->target));
	ck_assert(slice_eq(a->host, b->host));
	ck_assert(slice_eq(a->content_type, b->content_type));
	ck_assert(slice_eq(a->location, b->location));
	ck_assert(slice_eq(a->ws_protocol, b->ws_protocol));
	ck_assert(slice_eq(a->ws_extensions, b->ws_extensions));
	ck_assert(a->chunked == b->chunked);
	ck_assert(a->transfer_coded == b->transfer_coded);
	ck_assert(a->upgrade_ws == b->upgrade_ws);
	ck_assert(a->has_length == b->has_length);
	ck_assert(a->bad_length == b->bad_length);
	ck_assert_uint_eq(a->content_length, b->content_length);
	ck_assert_int_eq(a->coding, b->coding);
}

START_TEST(heads)
{
	struct http_head h;

	ck_assert_msg(http_head_parse(rows[_i].in, &h) == rows[_i].want, "%s",
		      rows[_i].name);
	if (rows[_i].want != PARSE_OK)
		return;
	heads_equal(&h, &rows[_i].head);
	ck_assert(http_head_possible(rows[_i].in, h.request));
	ck_assert(!h.request || !http_head_possible(rows[_i].in, false));
}
END_TEST

static void head_prefix(struct slice in, void *arg)
{
	int i = *(int *)arg;
	struct http_head h;
	enum parse got = http_head_parse(in, &h);

	if (rows[i].want == PARSE_BAD)
		ck_assert_int_ne(got, PARSE_OK);
	else if (rows[i].want == PARSE_MORE || in.len < rows[i].head.len)
		ck_assert_int_eq(got, PARSE_MORE);
	else
		heads_equal(&h, &rows[i].head);
	if (rows[i].want == PARSE_OK)
		ck_assert(http_head_possible(in, rows[i].head.request));
	/* The end is the same wherever the look for it begins. */
	for (size_t from = 0; from <= in.len; from++)
		if (!http_blank_line(slice_head(in, from), 0))
			ck_assert_uint_eq(http_blank_line(in, from),
					  http_blank_line(in, 0));
}

START_TEST(heads_every_prefix)
{
	prefix_each(rows[_i].in, head_prefix, &_i);
}
END_TEST

/* --- chunks -------------------------------------------------------------- */

static const struct {
	struct slice in;
	enum parse want;
	uint64_t size;
	size_t used;
} chunks[] = {
	{SLICE_INIT("0\r\n\r\n"), PARSE_OK, 0, 3},
	{SLICE_INIT("1aF\r\nx"), PARSE_OK, 0x1af, 5},
	{SLICE_INIT("5 \r\n"), PARSE_OK, 5, 4},
	{SLICE_INIT("5;a=b\r\n"), PARSE_OK, 5, 7},
	{SLICE_INIT("5\n"), PARSE_OK, 5, 2},
	{SLICE_INIT("0000000000000000ff\r\n"), PARSE_OK, 255, 20},
	{SLICE_INIT("fffffffffffffff\r\n"), PARSE_OK, 0xfffffffffffffff, 17},
	{SLICE_INIT(""), PARSE_MORE, 0, 0},
	{SLICE_INIT("5"), PARSE_MORE, 0, 0},
	{SLICE_INIT("5;name"), PARSE_MORE, 0, 0},
	{SLICE_INIT("\r\n"), PARSE_BAD, 0, 0},
	{SLICE_INIT("x"), PARSE_BAD, 0, 0},
	{SLICE_INIT("5x\r\n"), PARSE_BAD, 0, 0},
	{SLICE_INIT("5\0\r\n"), PARSE_BAD, 0, 0},
	{SLICE_INIT("-1\r\n"), PARSE_BAD, 0, 0},
	{SLICE_INIT("fffffffffffffffff\r\n"), PARSE_BAD, 0, 0},
};

START_TEST(chunk_lines)
{
	uint64_t size = 77;
	size_t used = 77;

	ck_assert_msg(http_chunk_parse(chunks[_i].in, &size, &used) ==
			      chunks[_i].want,
		      "%d", _i);
	if (chunks[_i].want != PARSE_OK) {
		ck_assert_uint_eq(size, 77);
		ck_assert_uint_eq(used, 77);
		return;
	}
	ck_assert_uint_eq(size, chunks[_i].size);
	ck_assert_uint_eq(used, chunks[_i].used);
}
END_TEST

static void chunk_prefix(struct slice in, void *arg)
{
	int i = *(int *)arg;
	uint64_t size;
	size_t used;
	enum parse got = http_chunk_parse(in, &size, &used);

	if (chunks[i].want == PARSE_OK)
		ck_assert_int_eq(got, in.len < chunks[i].used ? PARSE_MORE
							      : PARSE_OK);
	else
		ck_assert_int_ne(got, PARSE_OK);
}

START_TEST(chunks_every_prefix)
{
	prefix_each(chunks[_i].in, chunk_prefix, &_i);
}
END_TEST

/* --- finding the place again --------------------------------------------- */

static const struct {
	struct slice in;
	bool request;
	ptrdiff_t want;
} places[] = {
	{SLICE_INIT("HTTP/1.1 200 OK\r\n"), false, 0},
	{SLICE_INIT("{\"a\":1}HTTP/1.1 200 OK\r\n"), false, 7},
	{SLICE_INIT("about HTTP/1.1\r\nx\r\nHTTP/1.0 404\r\n"), false, 19},
	{SLICE_INIT("HTTP/1.1 200 OK"), false, -1},
	{SLICE_INIT("GET / HTTP/1.1\r\n"), false, -1},
	{SLICE_INIT("GET / HTTP/1.1\r\n"), true, 0},
	{SLICE_INIT("xx\nv=0\r\nxxPOST /a HTTP/1.1\r\n"), true, 10},
	{SLICE_INIT("POST of a letter\r\nPATCH /a HTTP/1.0\n"), true, 18},
	{SLICE_INIT("GET it by POST /a HTTP/1.1\r\n"), true, 10},
	{SLICE_INIT("HTTP/1.1 200 OK\r\n"), true, -1},
	{SLICE_INIT(""), true, -1},
};

START_TEST(resync)
{
	ck_assert_int_eq(http_resync(places[_i].in, places[_i].request),
			 places[_i].want);
}
END_TEST

static void resync_prefix(struct slice in, void *arg)
{
	int i = *(int *)arg;

	if (places[i].want < 0)
		ck_assert_int_eq(http_resync(in, places[i].request), -1);
	else
		ck_assert_int_le(http_resync(in, places[i].request),
				 places[i].want);
}

START_TEST(resync_every_prefix)
{
	prefix_each(places[_i].in, resync_prefix, &_i);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
	Suite *s = suite_create("http");
	TCase *t = tcase_create("http");

	tcase_add_loop_test(t, probe, 0, COUNT(probes));
	tcase_add_loop_test(t, probe_every_prefix, 0, COUNT(probes));
	tcase_add_loop_test(t, heads, 0, COUNT(rows));
	tcase_add_loop_test(t, heads_every_prefix, 0, COUNT(rows));
	tcase_add_loop_test(t, chunk_lines, 0, COUNT(chunks));
	tcase_add_loop_test(t, chunks_every_prefix, 0, COUNT(chunks));
	tcase_add_loop_test(t, resync, 0, COUNT(places));
	tcase_add_loop_test(t, resync_every_prefix, 0, COUNT(places));
	suite_add_tcase(s, t);
	return run_suite(s);
}
