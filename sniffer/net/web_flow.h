/*
 * A connection of the web, of TCP or of decrypted TLS: HTTP/1, HTTP/2,
 * WebSocket, whichever it is and becomes. Bytes in order go in, bodies and
 * messages come out (web_msg.h). Only what is needed to complete them is
 * kept, bounded by web_mem.h. Owned by the core thread.
 *
 *	struct web_flow *w = web_flow_new(mem, emit, arg);
 *	...
 *	if (!web_flow_feed(w, dir, tcp_bytes(t), pkt->ts_ns))
 *		... nothing more will come of it: close it, ignore the rest
 *
 * Besides what http_conn.h, h2_conn.h, ws_plain.h, web_body.h and web_mem.h
 * name, "web.held_limit" is counted: bytes that nothing could be made of.
 */
#ifndef NET_WEB_FLOW_H
#define NET_WEB_FLOW_H

#include "dissectors/parse.h"
#include "sniffer/net/web_mem.h"
#include "sniffer/net/web_msg.h"

struct web_flow;

/* Do these first bytes of a direction begin HTTP/1 or HTTP/2? *client: it is
 * the client that sends them. Pure. */
enum parse web_probe(struct slice head, bool *client);

/* The same for a WebSocket whose handshake was not seen; head should begin
 * with a segment. Strict: only whole frames of text, compressed or not, are
 * taken. MORE when the frame has no end yet. Memory is used for inflating. */
enum parse web_probe_ws(struct slice head, struct web_mem *m, bool *client);

/* NULL without memory: counted. m lives longer than the flow. emit must not
 * call functions of this flow. */
struct web_flow *web_flow_new(struct web_mem *m, web_fn *emit, void *arg);

/* Takes all bytes of direction dir (0 or 1). False when the connection is
 * none of the above, or not any more: closed, a tunnel, given up. */
bool web_flow_feed(struct web_flow *w, int dir, struct slice bytes,
		   uint64_t ts_ns);

/* Bytes of this direction are missing here. */
void web_flow_gap(struct web_flow *w, int dir);

/* The direction was closed by its sender: a body that has no other end is
 * complete. */
void web_flow_end(struct web_flow *w, int dir);

/* Ends both directions and frees everything. w may be NULL. */
void web_flow_close(struct web_flow *w);

/* It is a WebSocket connection (over HTTP/1), of which dir is the client;
 * otherwise -1. */
int web_flow_ws_client(const struct web_flow *w);

#endif
