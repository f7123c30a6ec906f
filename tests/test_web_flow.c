/*
 * Connections of the web, both directions. A message is shown as a line:
 *
 *	> request #1 POST /x host "application/sdp" [v=0]
 *	< response #1 201 /there "application/sdp" [v=0] cut
 *	> text #1 sip /ws host [INVITE]
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "sniffer/net/web_flow.h"
#include "tests/run_suite.h"
#include "tests/web_split.h"

#define S 1000000000ull

/* What a case consists of. */
enum op {
	END, /* of the case */
	C,   /* the client's bytes */
	V,   /* the server's */
	GAP_C,
	GAP_V,
	FIN_C,
	FIN_V,
};

struct step {
	enum op op;
	struct slice in;
};

struct bench {
	struct counters counters;
	struct web_mem mem;
	struct web_flow *flow;
	int client; /* its direction */
	int dir;    /* that is fed */
	uint64_t now_ns;
	bool goes_on;
	char out[1 << 15];
	size_t len;
	uint64_t last_ns[2]; /* of the last message */
	uint64_t bytes;
};

static void put(struct bench *b, const char *p, size_t n)
{
	if (n > sizeof(b->out) - 1 - b->len)
		n = sizeof(b->out) - 1 - b->len;
	if (n)
		memcpy(b->out + b->len, p, n);
	b->len += n;
	b->out[b->len] = '\0';
}

static void put_slice(struct bench *b, const char *before, struct slice s,
		      const char *behind)
{
	if (!s.len)
		return;
	put(b, before, strlen(before));
	put(b, (const char *)s.p, s.len);
	put(b, behind, strlen(behind));
}

static void on_msg(void *arg, const struct web_msg *m)
{
	static const char *const kinds[] = {
		[WEB_WS_TEXT] = "text",
		[WEB_WS_BINARY] = "binary",
		[WEB_HTTP_REQUEST] = "request",
		[WEB_HTTP_RESPONSE] = "response",
	};
	struct bench *b = arg;
	char head[64];
	int n;

	n = snprintf(head, sizeof(head), "%c %s #%u",
		     m->dir == b->client ? '>' : '<', kinds[m->kind],
		     m->exchange);
	put(b, head, (size_t)n);
	n = snprintf(head, sizeof(head), " %u", m->status);
	put(b, head, m->status ? (size_t)n : 0);
	put_slice(b, " ", m->subprotocol, "");
	put_slice(b, " ", m->method, "");
	put_slice(b, " ", m->target, "");
	put_slice(b, " ", m->host, "");
	put_slice(b, " ", m->location, "");
	put_slice(b, " \"", m->content_type, "\"");
	put_slice(b, " [", m->body, "]");
	put(b, m->cut ? " cut\n" : "\n", m->cut ? 5 : 1);
	b->last_ns[m->dir] = m->ts_ns;
	b->bytes += m->body.len;
}

static void bench_open(struct bench *b, int client)
{
	memset(b, 0, sizeof(*b));
	b->mem = (struct web_mem){
		.cfg = {.message_bytes = 1 << 20, .total_bytes = 16 << 20},
		.counters = &b->counters,
	};
	b->client = client;
	b->goes_on = true;
	b->flow = web_flow_new(&b->mem, on_msg, b);
	ck_assert_ptr_nonnull(b->flow);
}

static void bench_close(struct bench *b)
{
	web_flow_close(b->flow);
	ck_assert_uint_eq(b->mem.held, 0);
}

static uint64_t counted(const struct bench *b, const char *name)
{
	return counters_get(&b->counters, name);
}

static void feed(struct slice in, void *arg)
{
	struct bench *b = arg;

	b->now_ns += S;
	b->goes_on = web_flow_feed(b->flow, b->dir, in, b->now_ns);
}

static void run_step(struct bench *b, const struct step *s, size_t way)
{
	bool client = s->op == C || s->op == GAP_C || s->op == FIN_C;

	b->dir = client ? b->client : !b->client;
	if (s->op == C || s->op == V)
		split_feed(s->in, way > s->in.len ? 0 : way, feed, b);
	else if (s->op == GAP_C || s->op == GAP_V)
		web_flow_gap(b->flow, b->dir);
	else
		web_flow_end(b->flow, b->dir);
}

/* --- cases --------------------------------------------------------------- */

#define IN(op, text)                                                           \
	{                                                                      \
		op, SLICE_INIT(text)                                           \
	}

#define GET_A	     "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
#define OK(n)	     "HTTP/1.1 200 OK\r\nContent-Length: " #n "\r\n\r\n"
#define UPGRADE	     "Connection: Upgrade\r\nUpgrade: websocket\r\n"
#define WS_GET(more) "GET /ws HTTP/1.1\r\nHost: h\r\n" UPGRADE more "\r\n"
#define WS_101(more) "HTTP/1.1 101 Switching Protocols\r\n" UPGRADE more "\r\n"
#define SHOWN_GET    "> request #1 GET /ws h\n< response #1 101\n"
#define HELLO	     "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"
#define LONGER	     "\x81\x88\x20\x20\x20\x20LONGER\x0e\x0e"
#define DEFLATED     "\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"
#define PREFACE	     "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
#define H2_SETTINGS  "\0\0\0\4\0\0\0\0\0"

/* gzip, zlib and deflate of "v=0 v=0 v=0" */
#define GZIP_10 "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03"
#define GZIP_16                                                                \
	"\x2b\xb3\x35\x50\x28\x83\x60\x00\x7a\x08\x58\x1d\x0b\x00\x00"         \
	"\x00"
#define GZIP GZIP_10 GZIP_16
#define RAW  "\x2b\xb3\x35\x50\x28\x83\x60\x00"
#define ZLIB "\x78\xda" RAW "\x12\x53\x02\xea"

static const struct {
	const char *name;
	struct step step[9];
	const char *want;
	const char *count; /* counted at least once; NULL = nothing is */
	bool over;	   /* nothing more will come */
	bool whole_only;   /* what is seen at once decides */
} rows[] = {
	/* HTTP/1 */
	{"WHIP",
	 {IN(C, "POST /whip HTTP/1.1\r\nHost: w.example\r\n"
		"Content-Type: application/sdp\r\nContent-Length: 9\r\n\r\n"
		"v=0\r\no=-\n"),
	  IN(V, "HTTP/1.1 201 Created\r\nContent-Type: application/sdp\r\n"
		"Content-Length: 4\r\nLocation: /r/1\r\n\r\nv=0\n"),
	  IN(C, "PATCH /r/1 HTTP/1.1\r\nHost: w.example\r\nContent-Type: "
		"application/trickle-ice-sdpfrag\r\nContent-Length: 3\r\n\r\n"
		"a=x"),
	  IN(V, "HTTP/1.1 204 No Content\r\n\r\n"),
	  IN(C, "DELETE /r/1 HTTP/1.1\r\n\r\n"), IN(V, OK(0))},
	 "> request #1 POST /whip w.example \"application/sdp\" "
	 "[v=0\r\no=-\n]\n"
	 "< response #1 201 /r/1 \"application/sdp\" [v=0\n]\n"
	 "> request #2 PATCH /r/1 w.example "
	 "\"application/trickle-ice-sdpfrag\" [a=x]\n"
	 "< response #2 204\n> request #3 DELETE /r/1\n< response #3 200\n"},
	{"pipelined, with empty lines between",
	 {IN(C, GET_A "\r\n" GET_A), IN(C, GET_A),
	  IN(V, OK(1) "x" OK(2) "yz\r\n" OK(0))},
	 "> request #1 GET /a h\n> request #2 GET /a h\n"
	 "> request #3 GET /a h\n< response #1 200 [x]\n"
	 "< response #2 200 [yz]\n< response #3 200\n"},
	{"chunked",
	 {IN(C, "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
		"3\r\nabc\r\n0A;x=y\r\n0123456789\r\n0\r\n\r\n" GET_A),
	  IN(V, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		"1\nx\n0\r\nTrailer: 1\r\nOther: 2\r\n\r\n" OK(1) "y")},
	 "> request #1 POST / [abc0123456789]\n> request #2 GET /a h\n"
	 "< response #1 200 [x]\n< response #2 200 [y]\n"},
	{"until the end",
	 {IN(C, "GET /a HTTP/1.0\r\n\r\n"),
	  IN(V, "HTTP/1.0 200 OK\nContent-Type: application/json\n\n{\"a\":"),
	  IN(V, "1}"),
	  {FIN_V, {0}}},
	 "> request #1 GET /a\n< response #1 200 \"application/json\" "
	 "[{\"a\":1}]\n"},
	{"HEAD, 304 and 100",
	 {IN(C, "HEAD /a HTTP/1.1\r\n\r\n" GET_A
		"PUT /a HTTP/1.1\r\nExpect: 100-continue\r\n"
		"Content-Length: 2\r\n\r\n"),
	  IN(V, OK(77) "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"
		       "HTTP/1.1 100 Continue\r\n\r\n"),
	  IN(C, "xy"), IN(V, OK(2) "zz")},
	 "> request #1 HEAD /a\n> request #2 GET /a h\n< response #1 200\n"
	 "< response #2 304\n> request #3 PUT /a [xy]\n"
	 "< response #3 200 [zz]\n"},
	{"gzip",
	 {IN(C, GET_A),
	  IN(V, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
		"Content-Length: 26\r\n\r\n" GZIP),
	  IN(C, GET_A), IN(V, OK(1) "x")},
	 "> request #1 GET /a h\n< response #1 200 [v=0 v=0 v=0]\n"
	 "> request #2 GET /a h\n< response #2 200 [x]\n"},
	{"deflate, both kinds, chunked",
	 {IN(C, GET_A GET_A),
	  IN(V, "HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n"
		"Transfer-Encoding: chunked\r\n\r\n"
		"1\r\n\x78\r\nd\r\n"
		"\xda" RAW "\x12\x53\x02\xea\r\n0\r\n\r\n"
		"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n"
		"Content-Length: 8\r\n\r\n" RAW)},
	 "> request #1 GET /a h\n> request #2 GET /a h\n"
	 "< response #1 200 [v=0 v=0 v=0]\n< response #2 200 [v=0 v=0 v=0]\n"},
	{"a coding that is not known, and damage",
	 {IN(C, GET_A GET_A GET_A),
	  IN(V, "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n"
		"Content-Length: 3\r\n\r\nabc"
		"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
		"Content-Length: 3\r\n\r\nabc" OK(1) "x")},
	 "> request #1 GET /a h\n> request #2 GET /a h\n"
	 "> request #3 GET /a h\n< response #1 200 cut\n"
	 "< response #2 200 cut\n< response #3 200 [x]\n",
	 "web.coding"},
	{"pictures are passed over",
	 {IN(C, GET_A), IN(V, "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n"
			      "Content-Length: 3\r\n\r\nPNG")},
	 "> request #1 GET /a h\n< response #1 200 \"image/png\" cut\n"},
	{"events",
	 {IN(C, GET_A),
	  IN(V, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream;x\r\n\r\n"
		": hello\n\nevent: offer\ndata: {\"a\":\ndata:1}\n\n"
		"data: b\r\nid: 7\r\n\r\nretry: 1\n\ndata\n\ndata: last\n"),
	  {FIN_V, {0}}},
	 "> request #1 GET /a h\n"
	 "< response #1 200 \"text/event-stream;x\" [{\"a\":\n1}]\n"
	 "< response #1 200 \"text/event-stream;x\" [b]\n"
	 "< response #1 200 \"text/event-stream;x\" [last]\n"},
	{"events, chunked",
	 {IN(C, GET_A GET_A),
	  IN(V, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
		"Transfer-Encoding: chunked\r\n\r\n"
		"9\r\ndata: a\n\n\r\n5\r\ndata:\r\n4\r\n b\n\n\r\n"),
	  IN(V, "0\r\n\r\n" OK(1) "x")},
	 "> request #1 GET /a h\n> request #2 GET /a h\n"
	 "< response #1 200 \"text/event-stream\" [a]\n"
	 "< response #1 200 \"text/event-stream\" [b]\n"
	 "< response #2 200 [x]\n"},
	{"the beginning was not seen",
	 {IN(V, OK(1) "x"), IN(C, GET_A), IN(V, OK(1) "y")},
	 "< response #1 200 [x]\n> request #2 GET /a h\n"
	 "< response #2 200 [y]\n"},
	{"a response that came early",
	 {IN(C, GET_A), IN(V, OK(1) "x" OK(1) "y"), IN(C, GET_A GET_A),
	  IN(V, OK(1) "z")},
	 "> request #1 GET /a h\n< response #1 200 [x]\n"
	 "< response #2 200 [y]\n> request #2 GET /a h\n"
	 "> request #3 GET /a h\n< response #3 200 [z]\n"},
	{"cut off by the end",
	 {IN(C, GET_A), IN(V, OK(5) "abc"), {FIN_V, {0}}},
	 "> request #1 GET /a h\n< response #1 200 [abc] cut\n"},
	{"a gap in a body",
	 {IN(C, GET_A),
	  IN(V, OK(50) "abc"),
	  {GAP_V, {0}},
	  IN(V, "def\nghi" OK(1) "y"),
	  IN(C, GET_A),
	  IN(V, OK(1) "z")},
	 "> request #1 GET /a h\n< response #1 200 [abc] cut\n"
	 "< response #2 200 [y]\n> request #3 GET /a h\n"
	 "< response #3 200 [z]\n",
	 "http.resync"},
	{"a gap of the client",
	 {IN(C, "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nab"),
	  {GAP_C, {0}},
	  IN(C, "cd\r\nefgh" GET_A),
	  IN(V, OK(1) "x")},
	 "> request #1 POST / [ab] cut\n> request #2 GET /a h\n"
	 "< response #2 200 [x]\n",
	 "http.resync"},
	{"lengths that are none",
	 {IN(C, "POST / HTTP/1.1\r\nContent-Length: 1, 2\r\n\r\nabc\r\n" GET_A),
	  IN(V, "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nxy"),
	  {FIN_V, {0}}},
	 "> request #1 POST / cut\n> request #2 GET /a h\n"
	 "< response #1 200 [xy]\n",
	 "http.bad_length"},
	{"chunks that are none",
	 {IN(C, GET_A GET_A),
	  IN(V, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		"1\r\nx\r\nno\r\n" OK(1) "y")},
	 "> request #1 GET /a h\n> request #2 GET /a h\n"
	 "< response #1 200 [x] cut\n< response #2 200 [y]\n",
	 "http.bad_chunk"},
	{"a chunk without its end",
	 {IN(C, GET_A GET_A),
	  IN(V, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		"1\r\nxyz\r\n" OK(1) "y")},
	 "> request #1 GET /a h\n> request #2 GET /a h\n"
	 "< response #1 200 [x] cut\n< response #2 200 [y]\n",
	 "http.bad_chunk"},
	{"heads that are none",
	 {IN(C, GET_A "foo bar\r\n\r\n" GET_A "\x01\x02\r\n" GET_A),
	  IN(V, "nothing\r\n" OK(1) "y")},
	 "> request #1 GET /a h\n> request #2 GET /a h\n"
	 "> request #3 GET /a h\n< response #1 200 [y]\n",
	 "http.bad_head"},
	{"a tunnel is not followed",
	 {IN(C, "CONNECT a:443 HTTP/1.1\r\n\r\n\x16\x03\x01"),
	  IN(V, "HTTP/1.1 200 Connection established\r\n\r\n\x16"),
	  IN(C, GET_A)},
	 "> request #1 CONNECT a:443\n< response #1 200\n",
	 NULL,
	 true},
	{"a tunnel that is refused",
	 {IN(C, "CONNECT a:443 HTTP/1.1\r\n\r\n" GET_A),
	  IN(V, "HTTP/1.1 407 No\r\nContent-Length: 1\r\n\r\nx" OK(1) "y")},
	 "> request #1 CONNECT a:443\n< response #1 407 [x]\n"
	 "< response #2 200 [y]\n> request #2 GET /a h\n",
	 NULL,
	 false,
	 true},
	{"an upgrade to something else",
	 {IN(C, "GET / HTTP/1.1\r\nUpgrade: h2c\r\n\r\n"),
	  IN(V, "HTTP/1.1 101 S\r\nUpgrade: h2c\r\n\r\n"), IN(C, PREFACE)},
	 "> request #1 GET /\n< response #1 101\n",
	 NULL,
	 true},

	/* WebSocket */
	{"WebSocket",
	 {IN(C, WS_GET("Sec-WebSocket-Protocol: x, sip\r\n")),
	  IN(V, WS_101("Sec-WebSocket-Protocol: sip\r\n") "\x81\x01x"),
	  IN(C, HELLO), IN(V, "\x82\x01y"), IN(C, "\x88\x80\0\0\0\0"),
	  IN(V, "\x88\0")},
	 SHOWN_GET "< text #1 sip /ws h [x]\n> text #1 sip /ws h [Hello]\n"
		   "< binary #1 sip /ws h [y]\n",
	 NULL,
	 true},
	{"the second exchange of a connection",
	 {IN(C, GET_A), IN(V, OK(1) "x"), IN(C, WS_GET("")), IN(V, WS_101("")),
	  IN(C, HELLO)},
	 "> request #1 GET /a h\n< response #1 200 [x]\n"
	 "> request #2 GET /ws h\n< response #2 101\n"
	 "> text #2 /ws h [Hello]\n"},
	{"compressed",
	 {IN(C, WS_GET("")),
	  IN(V, WS_101("Sec-WebSocket-Extensions: permessage-deflate; "
		       "server_no_context_takeover\r\n")),
	  IN(V, DEFLATED DEFLATED)},
	 SHOWN_GET "< text #1 /ws h [Hello]\n< text #1 /ws h [Hello]\n"},
	{"refused",
	 {IN(C, WS_GET("")),
	  IN(V, "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n"), IN(C, GET_A),
	  IN(V, OK(1) "x")},
	 "> request #1 GET /ws h\n< response #1 401\n> request #2 GET /a h\n"
	 "< response #2 200 [x]\n"},
	{"frames before the response was seen",
	 {IN(C, WS_GET("Sec-WebSocket-Protocol: sip\r\n") LONGER),
	  IN(C, LONGER), IN(V, WS_101("") "\x81\x0dhello, hello!")},
	 "> request #1 GET /ws h\n> text #1 sip /ws h [longer..]\n"
	 "> text #1 sip /ws h [longer..]\n"
	 "< text #1 sip /ws h [hello, hello!]\n",
	 "ws.resync"},
	{"a handshake with a length that is none",
	 {IN(C, WS_GET("Content-Length: x\r\n")), IN(V, WS_101("")),
	  IN(V, "\x81\x01x")},
	 "> request #1 GET /ws h cut\n< response #1 101\n< text #1 [x]\n",
	 "http.bad_length"},
	{"the handshake of the server alone",
	 {IN(V, WS_101("Sec-WebSocket-Protocol: sip\r\n") "\x81\x01x")},
	 "< response #1 101\n< text #1 sip [x]\n"},
	{"no handshake, the client first",
	 {IN(C, LONGER HELLO), IN(V, "xx\x81\x08longer.."), IN(V, "\x81\x01y")},
	 "> text #1 [longer..]\n> text #1 [Hello]\n< text #1 [longer..]\n"
	 "< text #1 [y]\n",
	 "ws.resync"},
	{"no handshake, the server first",
	 {IN(V, "\x82\x08longer.."), IN(C, LONGER)},
	 "< binary #1 [longer..]\n> text #1 [longer..]\n",
	 "ws.resync"},
	{"a gap",
	 {IN(C, WS_GET("")),
	  IN(V, WS_101("")),
	  IN(C, HELLO "\x81\x85\x37"),
	  {GAP_C, {0}},
	  IN(C, "\x51\x58" LONGER HELLO)},
	 SHOWN_GET "> text #1 /ws h [Hello]\n> text #1 /ws h [longer..]\n"
		   "> text #1 /ws h [Hello]\n",
	 "ws.resync"},

	/* HTTP/2 */
	{"HTTP/2",
	 {IN(C, PREFACE H2_SETTINGS "\0\0\1\1\4\0\0\0\1\x82"
				    "\0\0\4\0\0\0\0\0\1v=0\n"
				    "\0\0\5\0\1\0\0\0\1o=-\n\n"),
	  IN(V, H2_SETTINGS "\0\0\1\1\4\0\0\0\1\x88"
			    "\0\0\7\0\x09\0\0\0\1\2v=0\n\0\0"
			    "\0\0\4\7\0\0\0\0\0abcd")},
	 "> request #1 [v=0\no=-\n\n]\n< response #1 [v=0\n]\n"},
	{"the server first, streams mixed, one with trailers",
	 {IN(V, H2_SETTINGS "\0\0\1\0\0\0\0\0\1"
			    "a\0\0\1\0\1\0\0\0\3"
			    "b\0\0\2\0\0\0\0\0\1"
			    "c3\0\0\1\1\5\0\0\0\1\x88"),
	  IN(C, PREFACE "\0\0\1\0\1\0\0\0\5x")},
	 "< response #3 [b]\n< response #1 [ac3]\n> request #5 [x]\n"},
	{"HTTP/2 with gzip",
	 {IN(C, PREFACE), IN(V, H2_SETTINGS "\0\0\x0a\0\0\0\0\0\1" GZIP_10
					    "\0\0\x10\0\1\0\0\0\1" GZIP_16)},
	 "< response #1 [v=0 v=0 v=0]\n"},
	{"HTTP/2 with events",
	 {IN(C, PREFACE), IN(V, H2_SETTINGS "\0\0\x0d\0\0\0\0\0\1"
					    "data: a\n\ndata"
					    "\0\0\x05\0\0\0\0\0\1: b\n\n"
					    "\0\0\x00\0\1\0\0\0\1")},
	 "< response #1 [a]\n< response #1 [b]\n"},
	{"HTTP/2, a stream that is reset, one that is not ended",
	 {IN(C, PREFACE),
	  IN(V, H2_SETTINGS "\0\0\2\0\0\0\0\0\1"
			    "ab\0\0\4\3\0\0\0\0\1\0\0\0\0\0\0\1\0\0\0\0\0\3x")},
	 "< response #1 [ab] cut\n< response #3 [x] cut\n"},
	{"WebSocket in HTTP/2",
	 {IN(C, PREFACE), IN(V, H2_SETTINGS "\0\0\3\0\0\0\0\0\1\x81\1y"),
	  IN(C, "\0\0\x0e\0\0\0\0\0\1" LONGER "\0\0\x0b\0\0\0\0\0\1" HELLO),
	  IN(V, "\0\0\2\0\0\0\0\0\1\x81\1\0\0\1\0\1\0\0\0\1z")},
	 "> text #1 [longer..]\n< text #1 [y]\n> text #1 [Hello]\n"
	 "< text #1 [z]\n"},
	{"HTTP/2, frames that are none",
	 {IN(C, PREFACE "\0\0\2\0\x08\0\0\0\1\2x"
			"\0\0\1\0\1\0\0\0\1x"),
	  IN(V, H2_SETTINGS "\0\0\2\0\0\0\0\0\0ab")},
	 "",
	 "h2.bad_frame",
	 true},
	{"HTTP/2, a gap",
	 {IN(C, PREFACE "\0\0\2\0\0\0\0\0\1x"),
	  {GAP_C, {0}},
	  IN(C, "\0\0\2\0\0\0\0\0\1ab"),
	  IN(V, H2_SETTINGS "\0\0\1\0\1\0\0\0\1y")},
	 "> request #1 [x] cut\n< response #1 [y]\n",
	 "h2.bad_frame"},

	/* other */
	{"neither", {IN(C, "EHLO mail\r\n"), IN(V, "250 ok\r\n")}, ""},
	{"something else before",
	 {IN(V, "xyz\r\n"), IN(C, GET_A), IN(V, OK(1) "y")},
	 "> request #1 GET /a h\n< response #1 200 [y]\n",
	 NULL,
	 false,
	 true},
	{"only a part of a word", {IN(C, "GE"), IN(V, "HT")}, ""},
};

static void run_case(struct bench *b, int i, int client, size_t way)
{
	const struct step *s = rows[i].step;

	bench_open(b, client);
	for (; s->op != END; s++)
		run_step(b, s, way);
	ck_assert_msg(b->goes_on == !rows[i].over, "%s, way %zu", rows[i].name,
		      way);
	web_flow_end(b->flow, 0);
	web_flow_end(b->flow, 1);
}

static size_t longest(int i)
{
	size_t n = 0;

	for (const struct step *s = rows[i].step; s->op != END; s++)
		if (s->in.len > n)
			n = s->in.len;
	return n;
}

START_TEST(connections)
{
	size_t ways = rows[_i].whole_only ? 1 : split_ways(longest(_i));
	static struct bench b;

	for (size_t way = 0; way < ways; way++) {
		run_case(&b, _i, (int)way % 2, way);
		web_flow_close(b.flow);
		ck_assert_msg(!strcmp(b.out, rows[_i].want),
			      "%s, way %zu:\n--- wanted\n%s--- got\n%s",
			      rows[_i].name, way, rows[_i].want, b.out);
		if (rows[_i].count)
			ck_assert_msg(counted(&b, rows[_i].count) > 0, "%s: %s",
				      rows[_i].name, rows[_i].count);
		else
			ck_assert_msg(!b.counters.len, "%s: %s", rows[_i].name,
				      b.counters.v[0].name);
		ck_assert_uint_eq(b.mem.held, 0);
	}
}
END_TEST

/* With every amount of memory that is too little: nothing but less comes. */
START_TEST(no_memory)
{
	static struct bench b;
	size_t limit = 0;

	do {
		memset(&b, 0, sizeof(b));
		b.mem = (struct web_mem){
			.cfg = {.message_bytes = 1 << 20, .total_bytes = limit},
			.counters = &b.counters,
		};
		b.flow = web_flow_new(&b.mem, on_msg, &b);
		for (const struct step *s = rows[_i].step;
		     b.flow && s->op != END; s++)
			run_step(&b, s, limit % 7);
		ck_assert_uint_le(b.mem.held, limit);
		bench_close(&b);
		limit += 13 + limit / 64;
	} while (counted(&b, "web.memory_limit"));
}
END_TEST

/* --- limits -------------------------------------------------------------- */

static void say(struct bench *b, enum op op, struct slice in)
{
	struct step s = {op, in};

	run_step(b, &s, 0);
}

#define SAY(b, op, text) say(b, op, SLICE(text))

START_TEST(body_limit)
{
	static struct bench b;

	bench_open(&b, 0);
	b.mem.cfg.message_bytes = 5;
	SAY(&b, C, GET_A GET_A GET_A);
	SAY(&b, V, OK(5) "abcde" OK(6) "abcdef");
	SAY(&b, V,
	    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
	    "Content-Length: 26\r\n\r\n" GZIP);
	b.len = 0;
	SAY(&b, C, GET_A);
	SAY(&b, V, OK(1) "x");
	ck_assert_str_eq(b.out, "> request #4 GET /a h\n"
				"< response #4 200 [x]\n");
	ck_assert_uint_eq(counted(&b, "web.body_limit"), 2);
	ck_assert_uint_eq(b.bytes, 5 + 5 + 5 + 1);
	bench_close(&b);
}
END_TEST

/* An event that is too long ends its stream; what is behind it is lost. */
START_TEST(event_limit)
{
	static struct bench b;

	bench_open(&b, 0);
	b.mem.cfg.message_bytes = 12;
	SAY(&b, C, GET_A);
	SAY(&b, V,
	    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
	SAY(&b, V, "data: a\n\ndata: bc\n\ndata: def\n\n");
	ck_assert_uint_eq(b.bytes, 6);
	ck_assert_uint_eq(counted(&b, "web.body_limit"), 0);
	SAY(&b, V, "data: 12345678\n\ndata: a\n\n");
	ck_assert_uint_eq(b.bytes, 6);
	ck_assert_uint_eq(counted(&b, "web.body_limit"), 1);
	bench_close(&b);
}
END_TEST

/* 40 MB of zeros in 40 KB: given up long before. */
START_TEST(bomb)
{
	static uint8_t zeros[1 << 20], packed[1 << 20];
	static struct bench b;
	z_stream z = {0};
	char head[128];
	int n;

	ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, 31, 9, 0), Z_OK);
	z.next_out = packed;
	z.avail_out = sizeof(packed);
	for (int i = 0; i < 40; i++) {
		z.next_in = zeros;
		z.avail_in = sizeof(zeros);
		ck_assert_int_eq(deflate(&z, i < 39 ? 0 : Z_FINISH),
				 i < 39 ? Z_OK : Z_STREAM_END);
	}
	bench_open(&b, 0);
	SAY(&b, C, GET_A GET_A);
	n = snprintf(head, sizeof(head),
		     "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
		     "Content-Length: %lu\r\n\r\n",
		     z.total_out);
	say(&b, V, slice_of(head, (size_t)n));
	say(&b, V, slice_of(packed, z.total_out));
	ck_assert_uint_eq(b.bytes, b.mem.cfg.message_bytes);
	SAY(&b, V, OK(1) "x");
	ck_assert_uint_eq(b.bytes, b.mem.cfg.message_bytes + 1);
	deflateEnd(&z);
	bench_close(&b);
}
END_TEST

START_TEST(head_limit)
{
	static char header[1024];
	static struct bench b;

	memset(header, 'x', sizeof(header) - 1);
	header[0] = 'A';
	header[1] = ':';
	header[sizeof(header) - 1] = '\n';
	bench_open(&b, 1);
	SAY(&b, C, "GET / HTTP/1.1\r\n");
	for (int i = 0; i < 80; i++) {
		say(&b, C, slice_of(header, sizeof(header)));
		ck_assert_uint_le(b.mem.held, 300 << 10);
	}
	ck_assert_uint_eq(counted(&b, "http.head_limit"), 1);
	SAY(&b, C, "\r\n" GET_A);
	ck_assert_str_eq(b.out, "> request #1 GET /a h\n");
	bench_close(&b);
}
END_TEST

START_TEST(pipeline_limit)
{
	static struct bench b;

	bench_open(&b, 0);
	for (int i = 0; i < 65; i++)
		SAY(&b, C, GET_A);
	ck_assert_uint_eq(counted(&b, "http.pipeline_limit"), 1);
	b.len = 0;
	SAY(&b, V, OK(1) "x");
	ck_assert_str_eq(b.out, "< response #65 200 [x]\n");
	bench_close(&b);
}
END_TEST

/* Bytes for which nobody waits: a client that goes on before it was
 * answered, and says no frames. */
START_TEST(held_limit)
{
	static uint8_t junk[200 << 10];
	static struct bench b;

	bench_open(&b, 0);
	SAY(&b, C, WS_GET(""));
	say(&b, C, slice_of(junk, sizeof(junk)));
	ck_assert_uint_ge(counted(&b, "web.held_limit"), 1);
	ck_assert_uint_le(b.mem.held, 300 << 10);
	SAY(&b, C, "\r\n" GET_A);
	ck_assert_str_eq(b.out, "> request #1 GET /ws h\n"
				"> request #2 GET /a h\n");
	bench_close(&b);
}
END_TEST

START_TEST(stream_limit)
{
	static struct bench b;
	uint8_t frame[] = {0, 0, 1, 0, 0, 0, 0, 0, 1, 'x'};

	bench_open(&b, 0);
	SAY(&b, C, PREFACE);
	for (uint8_t i = 0; i < 66; i++) {
		frame[8] = (uint8_t)(2 * i + 1);
		say(&b, C, slice_of(frame, sizeof(frame)));
	}
	ck_assert_uint_eq(counted(&b, "h2.stream_limit"), 2);
	ck_assert_str_eq(b.out, "> request #1 [x] cut\n"
				"> request #3 [x] cut\n");
	bench_close(&b);
}
END_TEST

/* Not ours: says so after a while. */
START_TEST(strange)
{
	static uint8_t junk[1 << 10];
	static struct bench b;
	int n = 0;

	bench_open(&b, 0);
	while (b.goes_on) {
		say(&b, C, slice_of(junk, sizeof(junk)));
		ck_assert_int_le(++n, 65);
	}
	ck_assert_uint_le(b.mem.held, 1024);
	bench_close(&b);
}
END_TEST

/* --- times, probes ------------------------------------------------------- */

/* A message is from when its last byte came, also when that lets one of the
 * other side go, or its end is told later. */
START_TEST(times)
{
	static struct bench b;

	bench_open(&b, 0);
	SAY(&b, C, "GET / HT");	      /* 1 s */
	SAY(&b, C, "TP/1.1\r\n\r\n"); /* 2 s */
	ck_assert_uint_eq(b.last_ns[0], 2 * S);
	SAY(&b, V, "HTTP/1.1 200 OK\r\n\r\nabc");   /* 3 s */
	SAY(&b, C, "CONNECT a:1 HTTP/1.1\r\n\r\n"); /* 4 s */
	SAY(&b, C, GET_A);			    /* 5 s */
	ck_assert_uint_eq(b.last_ns[1], 0);
	web_flow_end(b.flow, 1);
	ck_assert_uint_eq(b.last_ns[1], 3 * S);
	ck_assert_uint_eq(b.last_ns[0], 4 * S);
	SAY(&b, V, "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"); /* 6 s */
	ck_assert_uint_eq(b.last_ns[0], 5 * S);
	ck_assert_uint_eq(b.last_ns[1], 6 * S);
	bench_close(&b);
}
END_TEST

static const struct {
	struct slice in;
	enum parse web, ws;
	bool client;
} probes[] = {
	{SLICE_INIT(GET_A), PARSE_OK, PARSE_BAD, true},
	{SLICE_INIT(OK(1)), PARSE_OK, PARSE_BAD, false},
	{SLICE_INIT(PREFACE), PARSE_OK, PARSE_BAD, true},
	{SLICE_INIT(H2_SETTINGS), PARSE_OK, PARSE_BAD, false},
	{SLICE_INIT(LONGER), PARSE_BAD, PARSE_OK, true},
	{SLICE_INIT("\x81\x08longer..\x89\0"), PARSE_BAD, PARSE_OK, false},
	{SLICE_INIT("\x81\x08longer"), PARSE_BAD, PARSE_MORE, false},
	{SLICE_INIT("\x81"), PARSE_BAD, PARSE_MORE, false},
	{SLICE_INIT(""), PARSE_MORE, PARSE_MORE, false},
	{SLICE_INIT("P"), PARSE_MORE, PARSE_BAD, false},
	{SLICE_INIT(HELLO), PARSE_BAD, PARSE_BAD, false},
	{SLICE_INIT("INVITE sip:a SIP/2.0\r\n"), PARSE_BAD, PARSE_BAD, false},
	{SLICE_INIT("\x16\x03\x01\x02\0\1\0"), PARSE_BAD, PARSE_BAD, false},
};

START_TEST(probe)
{
	struct counters counters = {.len = 0};
	struct web_mem m = {
		.cfg = {.message_bytes = 1000, .total_bytes = 1 << 20},
		.counters = &counters,
	};
	bool client = !probes[_i].client;

	ck_assert_int_eq(web_probe(probes[_i].in, &client), probes[_i].web);
	if (probes[_i].web == PARSE_OK)
		ck_assert(client == probes[_i].client);
	client = !probes[_i].client;
	ck_assert_int_eq(web_probe_ws(probes[_i].in, &m, &client),
			 probes[_i].ws);
	if (probes[_i].ws == PARSE_OK)
		ck_assert(client == probes[_i].client);
	ck_assert_uint_eq(m.held, 0);
}
END_TEST

START_TEST(ws_client)
{
	static struct bench b;

	bench_open(&b, 1);
	SAY(&b, C, WS_GET(""));
	ck_assert_int_eq(web_flow_ws_client(b.flow), -1);
	SAY(&b, V, WS_101(""));
	ck_assert_int_eq(web_flow_ws_client(b.flow), 1);
	bench_close(&b);
	web_flow_close(NULL);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
	Suite *s = suite_create("web_flow");
	TCase *t = tcase_create("web_flow");

	tcase_add_loop_test(t, connections, 0, COUNT(rows));
	tcase_add_loop_test(t, no_memory, 0, COUNT(rows));
	tcase_add_test(t, body_limit);
	tcase_add_test(t, event_limit);
	tcase_add_test(t, bomb);
	tcase_add_test(t, head_limit);
	tcase_add_test(t, pipeline_limit);
	tcase_add_test(t, held_limit);
	tcase_add_test(t, stream_limit);
	tcase_add_test(t, strange);
	tcase_add_test(t, times);
	tcase_add_loop_test(t, probe, 0, COUNT(probes));
	tcase_add_test(t, ws_client);
	suite_add_tcase(s, t);
	return run_suite(s);
}
