/*
 * An HTTP/2 connection, both directions (RFC 9113): the bodies of its streams
 * come out. Header blocks are not read, so that of a message no more is known
 * than its body. A stream that carries WebSocket frames (RFC 8441) is known
 * by what the client sends in it. Owned by the core thread.
 *
 * Counted are "h2.bad_frame" (the direction is given up) and
 * "h2.stream_limit" (the stream used longest ago is forgotten).
 */
#ifndef NET_H2_CONN_H
#define NET_H2_CONN_H

#include "dissectors/h2.h"
#include "sniffer/net/web_body.h"
#include "sniffer/net/web_msg.h"

enum {
	H2_STREAMS = 64, /* with a body, at a time */
};

struct h2_stream;

enum h2_state {
	H2_AT_PREFACE,
	H2_AT_HEADER,
	H2_AT_PAD, /* the byte with the length of the padding */
	H2_AT_PAYLOAD,
	H2_GIVEN_UP,
};

struct h2_side {
	enum h2_state state;
	struct h2_frame frame;
	uint32_t left;		  /* of its payload */
	uint32_t pad;		  /* of those, at the end */
	uint8_t held[H2_PREFACE]; /* of the preface or a header */
	uint8_t held_len;
};

struct h2_conn {
	struct web_mem *mem;
	web_fn *emit; /* with the side in place of dir; no ts_ns */
	void *arg;
	struct h2_side side[2]; /* client, server */
	struct h2_stream *stream[H2_STREAMS];
	uint64_t clock; /* of their use */
};

void h2_conn_init(struct h2_conn *h, struct web_mem *m, web_fn *emit,
		  void *arg);
/* Takes everything. */
void h2_conn_feed(struct h2_conn *h, int side, struct slice in);
/* Bytes are missing here: the direction is given up. */
void h2_conn_gap(struct h2_conn *h, int side);
void h2_conn_close(struct h2_conn *h);

#endif
