/*
 * What comes out of a web connection: a body, with what is known of the
 * message that brought it.
 */
#ifndef NET_WEB_MSG_H
#define NET_WEB_MSG_H

#include "sniffer/base/slice.h"

enum web_kind {
	WEB_WS_TEXT,
	WEB_WS_BINARY,
	WEB_HTTP_REQUEST,
	WEB_HTTP_RESPONSE,
};

/* All slices are good until the function returns that is called with it.
 * What the connection does not tell is empty or 0: HTTP/2 tells no more than
 * kind, body and exchange. */
struct web_msg {
	enum web_kind kind;
	int dir;	/* as given to web_flow_feed() */
	uint64_t ts_ns; /* when its last byte came */
	bool cut;	/* the body has no end, or nothing of it was kept */
	/* Joins a response to its request; a WebSocket connection has that of
	 * its handshake. From 1 on in each connection; of HTTP/2 the number
	 * of the stream. */
	unsigned exchange;
	uint16_t status;   /* of a response */
	struct slice body; /* unmasked, inflated, unchunked; of a stream of
			    * events (SSE) the data of one event */
	struct slice content_type;
	struct slice method, target; /* of a request; target and host also of
				      * the handshake of a WebSocket */
	struct slice host;
	struct slice location;	  /* of a response */
	struct slice subprotocol; /* of a WebSocket: "sip" */
};

typedef void web_fn(void *arg, const struct web_msg *m);

#endif
