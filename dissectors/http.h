/*
 * HTTP/1: the head of a message and the framing of its body (RFC 9112), read
 * as leniently as browsers and servers do. Pure; any thread may use it.
 */
#ifndef DISSECTORS_HTTP_H
#define DISSECTORS_HTTP_H

#include "dissectors/parse.h"

enum {
	HTTP_HEAD_MAX = 65536,	/* bytes of a head that are waited for */
	HTTP_CHUNK_LINE = 4096, /* the same of a chunk-size line */
};

enum http_coding {
	HTTP_CODING_NONE,
	HTTP_CODING_GZIP,
	HTTP_CODING_DEFLATE,
	HTTP_CODING_OTHER, /* br, zstd, several */
};

/* Slices point into the input, without blanks around them; empty when the
 * header is not there. Of a header that comes twice the first one counts. */
struct http_head {
	bool request;
	bool http10; /* HTTP/1.0: no connection is kept */
	uint16_t status;
	size_t len; /* of the head, with the empty line */

	struct slice method, target; /* of a request */
	struct slice host;
	struct slice content_type;
	struct slice location;
	struct slice ws_protocol;   /* Sec-WebSocket-Protocol */
	struct slice ws_extensions; /* Sec-WebSocket-Extensions */

	bool chunked;	     /* the last transfer coding */
	bool transfer_coded; /* by another one: its end is not known */
	bool upgrade_ws;     /* Upgrade: websocket */
	bool has_length;     /* Content-Length, readable */
	bool bad_length;     /* unreadable, or two that differ */
	uint64_t content_length;
	enum http_coding coding; /* Content-Encoding */
};

/*
 * Do these first bytes of a direction begin a request or a response? MORE
 * when they are too few to tell. Only what is bound for a web server counts:
 * the target of a request is a path, "*", an http(s) URI, or what CONNECT
 * has.
 */
enum parse http_probe(struct slice head);

/* Offset behind the first empty line, which ends a head; 0 when there is
 * none yet. The first from bytes were looked at before. */
size_t http_blank_line(struct slice in, size_t from);

/* False when no continuation makes these bytes a head. */
bool http_head_possible(struct slice in, bool request);

/* A head, its body not looked at. MORE without the empty line; BAD when the
 * first line is none. */
enum parse http_head_parse(struct slice in, struct http_head *out);

/* The line in front of a chunk (7.1), with its CRLF; MORE without that. */
enum parse http_chunk_parse(struct slice in, uint64_t *size, size_t *used);

/* Where the next message begins when its place is not known: offset of a
 * whole start line of a request or of a response; -1 when there is none. */
ptrdiff_t http_resync(struct slice in, bool request);

#endif
