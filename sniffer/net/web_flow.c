#include "sniffer/net/web_flow.h"

#include "dissectors/h2.h"
#include "sniffer/net/h2_conn.h"
#include "sniffer/net/http_conn.h"
#include "sniffer/net/ws_conn.h"

enum {
	HELD_MAX = HTTP_HEAD_MAX + 4096, /* bytes that wait for more */
	STRANGE_MAX = 65536, /* so many of no known kind: none of ours */
};

enum mode {
	MODE_UNKNOWN,
	MODE_HTTP,
	MODE_H2,
	MODE_WS,
	MODE_OVER,
};

struct web_flow {
	struct web_mem *mem;
	web_fn *emit;
	void *arg;
	enum mode mode;
	int client; /* its direction, once the mode is known */
	uint64_t ts_ns[2];
	struct web_buf held[2]; /* not yet used, by direction */
	size_t strange;		/* bytes of no known kind */
	union {
		struct http_conn *http;
		struct h2_conn *h2;
		struct ws_conn *ws;
	};
};

struct web_flow *web_flow_new(struct web_mem *m, web_fn *emit, void *arg)
{
	struct web_flow *w = web_alloc(m, sizeof(*w));

	if (!w)
		return NULL;
	w->mem = m;
	w->emit = emit;
	w->arg = arg;
	return w;
}

int web_flow_ws_client(const struct web_flow *w)
{
	return w->mode == MODE_WS ? w->client : -1;
}

/* The side of a direction, and the direction of a side. */
static int turned(const struct web_flow *w, int dir)
{
	return dir ^ w->client;
}

/* --- what comes out ------------------------------------------------------ */

static void emit_msg(void *arg, const struct web_msg *from)
{
	struct web_flow *w = arg;
	struct web_msg m = *from;

	m.dir = turned(w, from->dir);
	m.ts_ns = w->ts_ns[m.dir];
	w->emit(w->arg, &m);
}

/* --- what the connection is ---------------------------------------------- */

static void leave_mode(struct web_flow *w)
{
	switch (w->mode) {
	case MODE_HTTP:
		http_conn_close(w->http);
		web_free(w->mem, w->http, sizeof(*w->http));
		break;
	case MODE_H2:
		h2_conn_close(w->h2);
		web_free(w->mem, w->h2, sizeof(*w->h2));
		break;
	case MODE_WS:
		ws_conn_close(w->ws);
		web_free(w->mem, w->ws, sizeof(*w->ws));
		break;
	case MODE_UNKNOWN:
	case MODE_OVER:
		break;
	}
	w->mode = MODE_OVER;
}

static void become_http(struct web_flow *w, int client)
{
	w->client = client;
	w->mode = MODE_OVER;
	w->http = web_alloc(w->mem, sizeof(*w->http));
	if (!w->http)
		return;
	http_conn_init(w->http, w->mem, emit_msg, w);
	w->mode = MODE_HTTP;
}

static void become_h2(struct web_flow *w, int client)
{
	w->client = client;
	w->mode = MODE_OVER;
	w->h2 = web_alloc(w->mem, sizeof(*w->h2));
	if (!w->h2)
		return;
	h2_conn_init(w->h2, w->mem, emit_msg, w);
	w->mode = MODE_H2;
}

static struct ws_conn *new_ws(struct web_flow *w, const bool synced[2])
{
	struct ws_conn *c = web_alloc(w->mem, sizeof(*c));

	if (c)
		ws_conn_init(c, w->mem, synced, emit_msg, w);
	return c;
}

static void become_ws(struct web_flow *w, int client, int synced_dir)
{
	bool synced[2] = {synced_dir == client, synced_dir != client};

	w->client = client;
	w->ws = new_ws(w, synced);
	w->mode = w->ws ? MODE_WS : MODE_OVER;
}

/* response is empty when only frames tell that there was one; then the
 * server's place is not known. */
static void upgrade(struct web_flow *w, const struct http_head *response)
{
	bool synced[2] = {true, response->status != 0};
	struct ws_conn *c = new_ws(w, synced);
	struct http_conn *h = w->http;

	if (c)
		ws_conn_handshake(c, &h->side[HTTP_CLIENT].head, response,
				  h->side[response->status != 0].exchange);
	leave_mode(w);
	w->ws = c;
	w->mode = c ? MODE_WS : MODE_OVER;
}

/* --- probing ------------------------------------------------------------- */

enum parse web_probe(struct slice head, bool *client)
{
	enum parse got[3] = {http_probe(head), h2_preface(head),
			     h2_probe_server(head)};

	for (int i = 0; i < 3; i++) {
		if (got[i] != PARSE_OK)
			continue;
		*client = i == 0 ? !slice_starts(head, SLICE("HTTP/")) : i == 1;
		return PARSE_OK;
	}
	if (got[0] == PARSE_MORE || got[1] == PARSE_MORE ||
	    got[2] == PARSE_MORE)
		return PARSE_MORE;
	return PARSE_BAD;
}

enum parse web_probe_ws(struct slice head, struct web_mem *m, bool *client)
{
	bool masked = head.len > 1 && head.p[1] >> 7;
	size_t n;
	enum parse got = ws_sure(head, masked, m, &n);

	if (got == PARSE_OK)
		*client = masked;
	return got;
}

/* MORE: hold these bytes. */
static enum parse recognise(struct web_flow *w, int dir, struct slice in)
{
	enum parse web, ws;
	bool client;

	web = web_probe(in, &client);
	if (web == PARSE_OK) {
		if (h2_preface(in) == PARSE_OK ||
		    h2_probe_server(in) == PARSE_OK)
			become_h2(w, client ? dir : !dir);
		else
			become_http(w, client ? dir : !dir);
		return PARSE_OK;
	}
	ws = web_probe_ws(in, w->mem, &client);
	if (ws == PARSE_OK)
		become_ws(w, client ? dir : !dir, dir);
	else if (web == PARSE_MORE)
		ws = PARSE_MORE;
	return ws;
}

static size_t take_unknown(struct web_flow *w, int dir, struct slice in)
{
	switch (recognise(w, dir, in)) {
	case PARSE_OK:
	case PARSE_MORE:
		return 0;
	case PARSE_BAD:
		break;
	}
	w->strange += in.len;
	if (w->strange > STRANGE_MAX)
		w->mode = MODE_OVER;
	return in.len;
}

/* --- bytes --------------------------------------------------------------- */

static size_t take_http(struct web_flow *w, int dir, struct slice in)
{
	static const struct http_head none;
	struct http_conn *h = w->http;
	int side = turned(w, dir);
	size_t n, used = http_conn_take(h, side, in);

	if (h->turn == HTTP_TO_WS)
		upgrade(w, &h->side[HTTP_SERVER].head);
	else if (h->turn == HTTP_TO_OTHER)
		leave_mode(w);
	else if (!used && h->side[side].state == HTTP_WAIT &&
		 h->side[side].head.upgrade_ws &&
		 ws_sure(in, true, w->mem, &n) == PARSE_OK)
		upgrade(w, &none);
	return used;
}

/* One step: how many bytes were used. With 0 and an unchanged mode more are
 * needed. */
static size_t take(struct web_flow *w, int dir, struct slice in)
{
	int side = turned(w, dir);

	switch (w->mode) {
	case MODE_UNKNOWN:
		return take_unknown(w, dir, in);
	case MODE_HTTP:
		return take_http(w, dir, in);
	case MODE_H2:
		h2_conn_feed(w->h2, side, in);
		break;
	case MODE_WS:
		ws_plain_feed(&w->ws->side[side], in);
		break;
	case MODE_OVER:
		break;
	}
	return in.len;
}

/* Uses what it can; how many bytes. */
static size_t take_all(struct web_flow *w, int dir, struct slice in)
{
	size_t done = 0;

	while (done < in.len) {
		enum mode before = w->mode;
		size_t used = take(w, dir, slice_from(in, done));

		done += used;
		if (!used && w->mode == before)
			break;
	}
	return done;
}

static void overflow(struct web_flow *w, int dir)
{
	counters_add(w->mem->counters, "web.held_limit", 1);
	web_flow_gap(w, dir);
	if (w->mode == MODE_UNKNOWN)
		w->mode = MODE_OVER;
}

/* Bytes that are held, then those of in, which are held in their turn. */
static void pump(struct web_flow *w, int dir, struct slice in)
{
	struct web_buf *held = &w->held[dir];

	if (!held->len)
		in = slice_from(in, take_all(w, dir, in));
	while (in.len || held->len) {
		struct slice part = slice_head(in, HELD_MAX - held->len);
		size_t used;

		if (!web_buf_add(held, w->mem, part, HELD_MAX)) {
			web_flow_gap(w, dir);
			break;
		}
		in = slice_from(in, part.len);
		used = take_all(w, dir, web_buf_bytes(held));
		web_buf_drop(held, used);
		if (!in.len)
			break;
		if (!used && !part.len)
			overflow(w, dir);
	}
	if (!held->len)
		web_buf_free(held, w->mem);
}

static bool ws_over(const struct web_flow *w)
{
	return w->mode == MODE_WS && w->ws->side[0].state == WS_OVER &&
	       w->ws->side[1].state == WS_OVER;
}

static bool h2_over(const struct web_flow *w)
{
	return w->mode == MODE_H2 && w->h2->side[0].state == H2_GIVEN_UP &&
	       w->h2->side[1].state == H2_GIVEN_UP;
}

/* What one direction says may tell what the bytes of the other one are; so
 * does a response for a client that waits. */
bool web_flow_feed(struct web_flow *w, int dir, struct slice bytes,
		   uint64_t ts_ns)
{
	enum mode before = w->mode;

	w->ts_ns[dir] = ts_ns;
	pump(w, dir, bytes);
	if (w->held[!dir].len && (w->mode != before || dir != w->client))
		pump(w, !dir, (struct slice){0});
	return w->mode != MODE_OVER && !ws_over(w) && !h2_over(w);
}

void web_flow_gap(struct web_flow *w, int dir)
{
	int side = turned(w, dir);

	web_buf_free(&w->held[dir], w->mem);
	switch (w->mode) {
	case MODE_HTTP:
		http_conn_gap(w->http, side);
		break;
	case MODE_H2:
		h2_conn_gap(w->h2, side);
		break;
	case MODE_WS:
		ws_plain_gap(&w->ws->side[side]);
		break;
	case MODE_UNKNOWN:
	case MODE_OVER:
		break;
	}
}

/* The other direction may still answer. */
void web_flow_end(struct web_flow *w, int dir)
{
	int side = turned(w, dir);

	web_buf_free(&w->held[dir], w->mem);
	if (w->mode == MODE_HTTP)
		http_conn_end(w->http, side);
	else if (w->mode == MODE_WS)
		ws_plain_close(&w->ws->side[side]);
}

void web_flow_close(struct web_flow *w)
{
	if (!w)
		return;
	leave_mode(w);
	web_buf_free(&w->held[0], w->mem);
	web_buf_free(&w->held[1], w->mem);
	web_free(w->mem, w, sizeof(*w));
}
