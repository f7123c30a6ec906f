#include "sniffer/net/ws_conn.h"

static void emit_ws(struct ws_conn *c, const struct ws_message *ws, int side)
{
	struct web_msg m = {
		.kind = ws->text ? WEB_WS_TEXT : WEB_WS_BINARY,
		.dir = side,
		.cut = ws->cut,
		.exchange = c->exchange,
		.body = ws->body,
		.target = c->target,
		.host = c->host,
		.subprotocol = c->subprotocol,
	};

	c->emit(c->arg, &m);
}

static void emit_ws_client(void *arg, const struct ws_message *m)
{
	emit_ws(arg, m, 0);
}

static void emit_ws_server(void *arg, const struct ws_message *m)
{
	emit_ws(arg, m, 1);
}

void ws_conn_init(struct ws_conn *c, struct web_mem *m, const bool synced[2],
		  web_fn *emit, void *arg)
{
	*c = (struct ws_conn){
		.mem = m, .emit = emit, .arg = arg, .exchange = 1};
	ws_plain_init(&c->side[0], m, true, synced[0], emit_ws_client, c);
	ws_plain_init(&c->side[1], m, false, synced[1], emit_ws_server, c);
}

/* --- the handshake ------------------------------------------------------- */

/* Keeps s; where the copy lies in text is told by the offset, as text may
 * move. */
static size_t keep(struct ws_conn *c, struct slice s)
{
	size_t at = c->text.len;

	if (!web_buf_add(&c->text, c->mem, s, at + s.len))
		c->text.len = at;
	return at;
}

static struct slice kept(const struct ws_conn *c, size_t from, size_t to)
{
	return slice_from(slice_head(web_buf_bytes(&c->text), to), from);
}

/* What was chosen; where that was not seen, what was offered, if it was only
 * one. */
static struct slice subprotocol(const struct http_head *request,
				const struct http_head *response)
{
	if (response->status)
		return response->ws_protocol;
	if (slice_find(request->ws_protocol, ',') >= 0)
		return (struct slice){0};
	return request->ws_protocol;
}

void ws_conn_handshake(struct ws_conn *c, const struct http_head *request,
		       const struct http_head *response, unsigned exchange)
{
	size_t target = keep(c, request->target);
	size_t host = keep(c, request->host);
	size_t protocol = keep(c, subprotocol(request, response));
	struct ws_deflate d;

	c->target = kept(c, target, host);
	c->host = kept(c, host, protocol);
	c->subprotocol = kept(c, protocol, c->text.len);
	c->exchange = exchange;
	ws_deflate_parse(response->ws_extensions, &d);
	c->side[0].no_takeover = d.client_no_context_takeover;
	c->side[1].no_takeover = d.server_no_context_takeover;
}

void ws_conn_close(struct ws_conn *c)
{
	ws_plain_close(&c->side[0]);
	ws_plain_close(&c->side[1]);
	web_buf_free(&c->text, c->mem);
}
