#include "sniffer/net/h2_conn.h"

#include "sniffer/net/ws_plain.h"

/* A WebSocket in a stream shows itself in so many bytes. */
#define WS_WITHIN 4096

struct h2_body {
	struct h2_stream *stream;
	int side;
	bool begun;
	struct web_body body;
	struct ws_plain ws; /* of a stream that is one */
};

struct h2_stream {
	struct h2_conn *conn;
	uint32_t id;
	uint64_t used; /* by the clock */
	bool ws;
	bool no_ws; /* known not to be one */
	struct h2_body side[2];
};

static void count(struct h2_conn *h, const char *name)
{
	counters_add(h->mem->counters, name, 1);
}

void h2_conn_init(struct h2_conn *h, struct web_mem *m, web_fn *emit, void *arg)
{
	*h = (struct h2_conn){.mem = m, .emit = emit, .arg = arg};
	h->side[1].state = H2_AT_HEADER;
}

/* --- what comes out ------------------------------------------------------ */

static void emit_body(struct h2_body *b, struct slice body, bool cut)
{
	struct h2_conn *h = b->stream->conn;
	struct web_msg m = {
		.kind = b->side ? WEB_HTTP_RESPONSE : WEB_HTTP_REQUEST,
		.dir = b->side,
		.cut = cut,
		.exchange = b->stream->id,
		.body = body,
	};

	h->emit(h->arg, &m);
}

static void emit_event(void *arg, struct slice data)
{
	emit_body(arg, data, false);
}

static void emit_ws(void *arg, const struct ws_message *ws)
{
	struct h2_body *b = arg;
	struct h2_conn *h = b->stream->conn;
	struct web_msg m = {
		.kind = ws->text ? WEB_WS_TEXT : WEB_WS_BINARY,
		.dir = b->side,
		.cut = ws->cut,
		.exchange = b->stream->id,
		.body = ws->body,
	};

	h->emit(h->arg, &m);
}

/* --- streams ------------------------------------------------------------- */

/* Emits what there is of the side's body. */
static void body_end(struct h2_body *b, bool cut)
{
	struct slice rest;

	if (b->stream->ws)
		ws_plain_close(&b->ws);
	else if (b->begun && web_body_end(&b->body, &rest))
		emit_body(b, rest, cut || b->body.cut);
	web_body_free(&b->body);
	b->begun = false;
}

static void stream_free(struct h2_conn *h, struct h2_stream **at)
{
	for (int i = 0; i < 2; i++)
		body_end(&(*at)->side[i], true);
	web_free(h->mem, *at, sizeof(**at));
	*at = NULL;
}

/* Where the stream is; a free place, or that used longest ago, if none. */
static struct h2_stream **stream_find(struct h2_conn *h, uint32_t id)
{
	struct h2_stream **at = &h->stream[0];

	for (size_t i = 0; i < H2_STREAMS; i++) {
		struct h2_stream **s = &h->stream[i];

		if (*s && (*s)->id == id)
			return s;
		if (*at && (!*s || (*s)->used < (*at)->used))
			at = s;
	}
	return at;
}

static struct h2_stream *stream_of(struct h2_conn *h, uint32_t id)
{
	struct h2_stream **at = stream_find(h, id), *s;

	if (*at && (*at)->id != id) {
		count(h, "h2.stream_limit");
		stream_free(h, at);
	}
	if (!*at && (*at = web_alloc(h->mem, sizeof(**at)))) {
		(*at)->conn = h;
		(*at)->id = id;
		for (int i = 0; i < 2; i++)
			(*at)->side[i] =
				(struct h2_body){.stream = *at, .side = i};
	}
	s = *at;
	if (s)
		s->used = ++h->clock;
	return s;
}

/* The side has ended; the stream when the other one has nothing open. */
static void side_end(struct h2_conn *h, uint32_t id, int side)
{
	struct h2_stream **at = stream_find(h, id);

	if (!*at || (*at)->id != id)
		return;
	body_end(&(*at)->side[side], false);
	if ((*at)->ws ? (*at)->side[!side].ws.state == WS_OVER
		      : !(*at)->side[!side].begun)
		stream_free(h, at);
}

static void stream_reset(struct h2_conn *h, uint32_t id)
{
	struct h2_stream **at = stream_find(h, id);

	if (*at && (*at)->id == id)
		stream_free(h, at);
}

/* --- WebSockets in streams (RFC 8441) ------------------------------------ */

static void become_ws(struct h2_stream *s)
{
	s->ws = true;
	for (int i = 0; i < 2; i++) {
		struct h2_body *b = &s->side[i];

		ws_plain_init(&b->ws, s->conn->mem, i == 0, true, emit_ws, b);
		ws_plain_feed(&b->ws, web_body_bytes(&b->body));
		web_body_free(&b->body);
	}
}

/* Requests have ordinary bodies, unless they begin with a masked frame. */
static void look_for_ws(struct h2_stream *s)
{
	struct h2_body *client = &s->side[0];
	struct slice first = web_body_bytes(&client->body);
	size_t n;

	if (s->ws || s->no_ws || !first.len)
		return;
	switch (ws_sure(first, true, s->conn->mem, &n)) {
	case PARSE_OK:
		become_ws(s);
		break;
	case PARSE_MORE:
		s->no_ws = n > WS_WITHIN;
		break;
	case PARSE_BAD:
		s->no_ws = true;
		break;
	}
}

/* --- frames -------------------------------------------------------------- */

static void data(struct h2_conn *h, int side, struct slice in)
{
	struct h2_stream *s = stream_of(h, h->side[side].frame.stream);
	struct h2_body *b = s ? &s->side[side] : NULL;

	if (!s)
		return;
	if (s->ws) {
		ws_plain_feed(&b->ws, in);
		return;
	}
	if (!b->begun)
		web_body_sniff(&b->body, h->mem, side ? emit_event : NULL, b);
	b->begun = true;
	web_body_add(&b->body, in);
	if (side == 0)
		look_for_ws(s);
}

static void frame_end(struct h2_conn *h, int side)
{
	struct h2_side *s = &h->side[side];
	const struct h2_frame *f = &s->frame;

	s->state = H2_AT_HEADER;
	s->held_len = 0;
	if (f->type == H2_RST_STREAM)
		stream_reset(h, f->stream);
	else if ((f->type == H2_DATA || f->type == H2_HEADERS) &&
		 f->flags & H2_END_STREAM)
		side_end(h, f->stream, side);
}

static void frame_begin(struct h2_conn *h, int side)
{
	struct h2_side *s = &h->side[side];

	s->left = s->frame.len;
	s->pad = 0;
	s->state = H2_AT_PAYLOAD;
	if (s->frame.type == H2_DATA && s->frame.flags & H2_PADDED)
		s->state = H2_AT_PAD;
	if (!s->left)
		frame_end(h, side);
}

static void give_up(struct h2_conn *h, int side)
{
	count(h, "h2.bad_frame");
	h->side[side].state = H2_GIVEN_UP;
}

static size_t take_payload(struct h2_conn *h, int side, struct slice in)
{
	struct h2_side *s = &h->side[side];
	uint32_t inside = s->left - s->pad;

	in = slice_head(in, s->left);
	if (s->frame.type == H2_DATA && inside)
		data(h, side, slice_head(in, inside));
	s->left -= (uint32_t)in.len;
	if (s->left < s->pad)
		s->pad = s->left;
	if (!s->left)
		frame_end(h, side);
	return in.len;
}

static size_t take_pad(struct h2_conn *h, int side, struct slice in)
{
	struct h2_side *s = &h->side[side];

	s->pad = in.p[0];
	s->left--;
	s->state = H2_AT_PAYLOAD;
	if (s->pad > s->left)
		give_up(h, side);
	else if (!s->left)
		frame_end(h, side);
	return 1;
}

/* Collects the preface or a header. */
static size_t take_held(struct h2_conn *h, int side, struct slice in)
{
	struct h2_side *s = &h->side[side];
	bool preface = s->state == H2_AT_PREFACE;
	struct slice held;

	in = slice_head(in, (preface ? H2_PREFACE : H2_HEADER) - s->held_len);
	memcpy(s->held + s->held_len, in.p, in.len);
	s->held_len += (uint8_t)in.len;
	held = slice_of(s->held, s->held_len);
	switch (preface ? h2_preface(held) : h2_frame_parse(held, &s->frame)) {
	case PARSE_OK:
		s->held_len = 0;
		s->state = H2_AT_HEADER;
		if (!preface)
			frame_begin(h, side);
		break;
	case PARSE_MORE:
		break;
	case PARSE_BAD:
		give_up(h, side);
		break;
	}
	return in.len;
}

static size_t take(struct h2_conn *h, int side, struct slice in)
{
	switch (h->side[side].state) {
	case H2_AT_PREFACE:
	case H2_AT_HEADER:
		return take_held(h, side, in);
	case H2_AT_PAD:
		return take_pad(h, side, in);
	case H2_AT_PAYLOAD:
		return take_payload(h, side, in);
	case H2_GIVEN_UP:
		break;
	}
	return in.len;
}

void h2_conn_feed(struct h2_conn *h, int side, struct slice in)
{
	while (in.len)
		in = slice_from(in, take(h, side, in));
}

void h2_conn_gap(struct h2_conn *h, int side)
{
	for (size_t i = 0; i < H2_STREAMS; i++)
		if (h->stream[i])
			body_end(&h->stream[i]->side[side], true);
	if (h->side[side].state != H2_GIVEN_UP)
		give_up(h, side);
}

void h2_conn_close(struct h2_conn *h)
{
	for (size_t i = 0; i < H2_STREAMS; i++)
		if (h->stream[i])
			stream_free(h, &h->stream[i]);
}
