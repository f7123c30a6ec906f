/*
 * An HTTP/1 connection, both directions (RFC 9112): messages with their
 * bodies come out, responses tied to their requests. Owned by the core
 * thread.
 *
 * Counted are "http.bad_head", "http.head_limit", "http.bad_length",
 * "http.bad_chunk", "http.resync" and "http.pipeline_limit".
 */
#ifndef NET_HTTP_CONN_H
#define NET_HTTP_CONN_H

#include "sniffer/net/web_body.h"
#include "sniffer/net/web_msg.h"

enum {
	HTTP_CLIENT, /* sides */
	HTTP_SERVER,
	HTTP_PIPELINE = 64, /* requests without their response */
};

enum http_state {
	HTTP_HEAD,
	HTTP_LENGTH, /* a body of known length */
	HTTP_CHUNK_LINE_NEXT,
	HTTP_CHUNK, /* the inside of one */
	HTTP_CHUNK_BEHIND,
	HTTP_TRAILER,
	HTTP_UNTIL_END,
	HTTP_WAIT, /* the response tells what follows the request */
	HTTP_LOST, /* looking for the next message */
};

/* What the connection has become. */
enum http_turn {
	HTTP_GOES_ON,
	HTTP_TO_WS,    /* a WebSocket connection on both sides */
	HTTP_TO_OTHER, /* a tunnel, or a protocol that is not followed */
};

struct http_conn;

struct http_side {
	struct http_conn *conn;
	int side;
	enum http_state state;
	size_t scanned; /* bytes at hand that hold no end of a head */
	uint64_t left;	/* of the body or the chunk */
	unsigned exchange;
	struct http_head head; /* of the message at hand, into text */
	struct web_buf text;
	struct web_body body;
};

struct http_request {
	unsigned exchange;
	bool head; /* its response has no body */
	bool connect;
	bool waits; /* for the response */
};

struct http_conn {
	struct web_mem *mem;
	web_fn *emit; /* with the side in place of dir; no ts_ns */
	void *arg;
	struct http_side side[2];
	enum http_turn turn;

	struct http_request asked[HTTP_PIPELINE]; /* a ring */
	unsigned asked_first, asked_count;
	unsigned exchanges; /* numbers given */
	unsigned early;	    /* responses that came before their request */
	bool midway;	    /* the beginning was not seen */
};

void http_conn_init(struct http_conn *h, struct web_mem *m, web_fn *emit,
		    void *arg);
/* Takes one step; how many bytes it used of those in front of it, 0 when it
 * needs more. Afterwards turn is to be looked at: what was not used belongs
 * to what the connection has become. With HTTP_TO_WS the heads of both sides
 * are those of the handshake, as far as they were seen. */
size_t http_conn_take(struct http_conn *h, int side, struct slice in);
/* Bytes are missing here: what there is of a message is emitted as cut. */
void http_conn_gap(struct http_conn *h, int side);
/* The side will send no more. */
void http_conn_end(struct http_conn *h, int side);
void http_conn_close(struct http_conn *h);

#endif
