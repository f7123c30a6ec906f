/*
 * A WebSocket connection, both directions, with what its handshake told
 * (RFC 6455, 4). Owned by the core thread.
 */
#ifndef NET_WS_CONN_H
#define NET_WS_CONN_H

#include "dissectors/http.h"
#include "sniffer/net/web_msg.h"
#include "sniffer/net/ws_plain.h"

struct ws_conn {
	struct web_mem *mem;
	web_fn *emit; /* with the side in place of dir; no ts_ns */
	void *arg;
	struct ws_plain side[2]; /* client, server */
	struct web_buf text;	 /* of the handshake */
	struct slice target, host, subprotocol;
	unsigned exchange;
};

/* synced: whether the first byte of a side begins a frame. */
void ws_conn_init(struct ws_conn *c, struct web_mem *m, const bool synced[2],
		  web_fn *emit, void *arg);

/* Either head may be empty: not seen. */
void ws_conn_handshake(struct ws_conn *c, const struct http_head *request,
		       const struct http_head *response, unsigned exchange);

void ws_conn_close(struct ws_conn *c);

#endif
