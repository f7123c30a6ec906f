#include "sniffer/net/http_conn.h"

#define LOST_LINE 8192 /* bytes of a line that may be a start line */

static void count(struct http_conn *h, const char *name)
{
	counters_add(h->mem->counters, name, 1);
}

void http_conn_init(struct http_conn *h, struct web_mem *m, web_fn *emit,
		    void *arg)
{
	*h = (struct http_conn){.mem = m, .emit = emit, .arg = arg};
	for (int i = 0; i < 2; i++) {
		h->side[i].conn = h;
		h->side[i].side = i;
	}
}

/* --- messages ------------------------------------------------------------ */

static void emit(struct http_side *s, struct slice body, bool cut)
{
	const struct http_head *head = &s->head;
	struct web_msg m = {
		.kind = s->side == HTTP_CLIENT ? WEB_HTTP_REQUEST
					       : WEB_HTTP_RESPONSE,
		.dir = s->side,
		.cut = cut,
		.exchange = s->exchange,
		.status = head->status,
		.body = body,
		.content_type = head->content_type,
		.method = head->method,
		.target = head->target,
		.host = head->host,
		.location = head->location,
	};

	s->conn->emit(s->conn->arg, &m);
}

static void emit_event(void *arg, struct slice data)
{
	emit(arg, data, false);
}

static void next_message(struct http_side *s)
{
	web_body_free(&s->body);
	web_buf_free(&s->text, s->conn->mem);
	s->head = (struct http_head){0};
	s->state = HTTP_HEAD;
	s->scanned = 0;
}

/* A stream of events was emitted already. */
static void message_end(struct http_side *s, bool cut)
{
	struct slice rest;

	if (web_body_end(&s->body, &rest))
		emit(s, rest, cut || s->body.cut);
	next_message(s);
}

static bool has_body(const struct http_side *s)
{
	return s->state >= HTTP_LENGTH && s->state <= HTTP_UNTIL_END;
}

/* What there is of the message is all that will come. */
static void message_break(struct http_side *s)
{
	if (has_body(s))
		message_end(s, true);
	else
		next_message(s);
}

static void lose(struct http_side *s, const char *why)
{
	count(s->conn, why);
	message_break(s);
	s->state = HTTP_LOST;
}

/* --- which response belongs to which request ------------------------------ */

static void forget_requests(struct http_conn *h)
{
	h->asked_count = 0;
	h->early = 0;
	h->midway = true;
}

static void asked(struct http_conn *h, const struct http_request *r)
{
	if (h->asked_count == HTTP_PIPELINE) {
		count(h, "http.pipeline_limit");
		forget_requests(h);
	}
	h->asked[(h->asked_first + h->asked_count++) % HTTP_PIPELINE] = *r;
}

/* In a capture of several taps a response may come before its request. */
static void number_request(struct http_side *s)
{
	struct http_conn *h = s->conn;

	if (h->early) {
		s->exchange = h->exchanges - --h->early;
		return;
	}
	s->exchange = ++h->exchanges;
	asked(h, &(struct http_request){
			 .exchange = s->exchange,
			 .head = slice_eq(s->head.method, SLICE("HEAD")),
			 .connect = slice_eq(s->head.method, SLICE("CONNECT")),
			 .waits = s->state == HTTP_WAIT,
		 });
}

static struct http_request number_response(struct http_side *s)
{
	struct http_conn *h = s->conn;
	struct http_request r = {0};

	if (h->asked_count) {
		r = h->asked[h->asked_first];
		h->asked_first = (h->asked_first + 1) % HTTP_PIPELINE;
		h->asked_count--;
	} else {
		/* Without its beginning, whose response this is was missed. */
		h->midway |= !h->exchanges;
		h->early += !h->midway;
		r.exchange = ++h->exchanges;
	}
	s->exchange = r.exchange;
	return r;
}

/* --- heads --------------------------------------------------------------- */

/* Pictures, films and the like bring no signalling. */
static bool unwanted(struct slice type)
{
	return slice_istarts(type, SLICE("image/")) ||
	       slice_istarts(type, SLICE("video/")) ||
	       slice_istarts(type, SLICE("audio/")) ||
	       slice_istarts(type, SLICE("font/"));
}

static void body_begin(struct http_side *s)
{
	struct web_mem *m = s->conn->mem;
	struct slice type = s->head.content_type;

	if (unwanted(type))
		web_body_skip(&s->body, m);
	else
		web_body_begin(&s->body, m, s->head.coding,
			       slice_istarts(type, SLICE("text/event-stream"))
				       ? emit_event
				       : NULL,
			       s);
}

/* How the end of the body is known: RFC 9112, 6.3. */
static enum http_state framing(struct http_side *s, bool no_body)
{
	const struct http_head *head = &s->head;

	if (no_body)
		return HTTP_HEAD;
	if (head->chunked)
		return HTTP_CHUNK_LINE_NEXT;
	if (head->bad_length)
		count(s->conn, "http.bad_length");
	if (head->transfer_coded || head->bad_length)
		return head->request ? HTTP_LOST : HTTP_UNTIL_END;
	if (!head->has_length)
		return head->request ? HTTP_HEAD : HTTP_UNTIL_END;
	return head->content_length ? HTTP_LENGTH : HTTP_HEAD;
}

static void on_request(struct http_side *s)
{
	bool waits = s->head.upgrade_ws ||
		     slice_eq(s->head.method, SLICE("CONNECT"));

	s->state = framing(s, false);
	if (waits && s->state == HTTP_HEAD)
		s->state = HTTP_WAIT;
	number_request(s);
}

static void on_response(struct http_side *s)
{
	struct http_conn *h = s->conn;
	struct http_side *client = &h->side[HTTP_CLIENT];
	uint16_t status = s->head.status;
	struct http_request r = number_response(s);

	s->state = framing(s, r.head || status == 101 || status == 204 ||
				      status == 304);
	if (status == 101)
		h->turn = s->head.upgrade_ws || client->head.upgrade_ws
				  ? HTTP_TO_WS
				  : HTTP_TO_OTHER;
	else if (r.connect && status / 100 == 2)
		h->turn = HTTP_TO_OTHER;
	else if (r.waits && client->state == HTTP_WAIT)
		next_message(client);
}

/* The head is kept while its body comes. */
static void keep_head(struct http_side *s, struct slice in)
{
	struct slice text = slice_head(in, s->head.len);

	if (!web_buf_add(&s->text, s->conn->mem, text, text.len) ||
	    http_head_parse(web_buf_bytes(&s->text), &s->head) != PARSE_OK)
		s->head = (struct http_head){.coding = s->head.coding};
}

/* What comes next is known. A head that is not needed any more must go: its
 * bytes do. */
static void begin(struct http_side *s, struct slice in)
{
	enum http_state next = s->state;

	s->left = s->head.content_length;
	if (has_body(s)) {
		keep_head(s, in);
		body_begin(s);
	} else if (next == HTTP_WAIT) {
		keep_head(s, in);
	} else {
		next_message(s);
		s->state = next;
	}
}

static size_t take_whole_head(struct http_side *s, struct slice in)
{
	struct http_conn *h = s->conn;
	bool request = s->side == HTTP_CLIENT;
	size_t len;

	if (http_head_parse(in, &s->head) != PARSE_OK ||
	    s->head.request != request) {
		lose(s, "http.bad_head");
		return 0;
	}
	len = s->head.len;
	if (!request && s->head.status / 100 == 1 && s->head.status != 101) {
		next_message(s);
		return len;
	}
	if (request)
		on_request(s);
	else
		on_response(s);
	if (s->state == HTTP_HEAD || s->state == HTTP_WAIT ||
	    s->state == HTTP_LOST)
		emit(s, (struct slice){0}, s->state == HTTP_LOST);
	if (h->turn == HTTP_TO_WS)
		return len;
	begin(s, in);
	return len;
}

static size_t take_head(struct http_side *s, struct slice in)
{
	size_t blank = 0;

	while (blank < in.len && (in.p[blank] == '\r' || in.p[blank] == '\n'))
		blank++;
	if (blank)
		return blank;
	if (!http_head_possible(in, s->side == HTTP_CLIENT)) {
		lose(s, "http.bad_head");
		return 0;
	}
	if (http_blank_line(in, s->scanned))
		return take_whole_head(s, in);
	s->scanned = in.len;
	if (in.len <= HTTP_HEAD_MAX)
		return 0;
	lose(s, "http.head_limit");
	return in.len;
}

/* --- bodies -------------------------------------------------------------- */

static size_t take_body(struct http_side *s, struct slice in)
{
	if (s->state != HTTP_UNTIL_END) {
		if (in.len > s->left)
			in = slice_head(in, (size_t)s->left);
		s->left -= in.len;
	}
	web_body_add(&s->body, in);
	if (s->state == HTTP_LENGTH && !s->left)
		message_end(s, false);
	else if (s->state == HTTP_CHUNK && !s->left)
		s->state = HTTP_CHUNK_BEHIND;
	return in.len;
}

static size_t take_chunk_line(struct http_side *s, struct slice in)
{
	size_t used = 0;

	switch (http_chunk_parse(in, &s->left, &used)) {
	case PARSE_OK:
		s->state = s->left ? HTTP_CHUNK : HTTP_TRAILER;
		break;
	case PARSE_MORE:
		break;
	case PARSE_BAD:
		lose(s, "http.bad_chunk");
		break;
	}
	return used;
}

static size_t take_chunk_end(struct http_side *s, struct slice in)
{
	size_t len = in.p[0] == '\n' ? 1 : 2;

	if (in.p[0] != '\n' && in.p[0] != '\r') {
		lose(s, "http.bad_chunk");
		return 0;
	}
	if (in.len < len)
		return 0;
	s->state = HTTP_CHUNK_LINE_NEXT;
	return len;
}

/* Header lines up to an empty one; none of them is of use. */
static size_t take_trailer(struct http_side *s, struct slice in)
{
	ptrdiff_t lf = slice_find(in, '\n');
	struct slice line = slice_head(in, lf < 0 ? 0 : (size_t)lf);

	if (lf < 0)
		return 0;
	if (!slice_trim(line).len)
		message_end(s, false);
	return (size_t)lf + 1;
}

/* Keeps the last line: it may be the beginning of a start line. */
static size_t take_lost(struct http_side *s, struct slice in)
{
	ptrdiff_t at = http_resync(in, s->side == HTTP_CLIENT);
	const uint8_t *lf;

	if (at >= 0) {
		count(s->conn, "http.resync");
		next_message(s);
		return (size_t)at;
	}
	lf = memrchr(in.p, '\n', in.len);
	if (lf)
		return (size_t)(lf - in.p) + 1;
	return in.len > LOST_LINE ? in.len : 0;
}

/* --- the connection ------------------------------------------------------ */

static size_t take(struct http_side *s, struct slice in)
{
	switch (s->state) {
	case HTTP_HEAD:
		return take_head(s, in);
	case HTTP_LENGTH:
	case HTTP_CHUNK:
	case HTTP_UNTIL_END:
		return take_body(s, in);
	case HTTP_CHUNK_LINE_NEXT:
		return take_chunk_line(s, in);
	case HTTP_CHUNK_BEHIND:
		return take_chunk_end(s, in);
	case HTTP_TRAILER:
		return take_trailer(s, in);
	case HTTP_LOST:
		return take_lost(s, in);
	case HTTP_WAIT:
		break;
	}
	return 0;
}

/* A step that only changes the state is none for the caller. */
size_t http_conn_take(struct http_conn *h, int side, struct slice in)
{
	struct http_side *s = &h->side[side];
	enum http_state before;
	size_t used = 0;

	do {
		before = s->state;
		used = in.len ? take(s, in) : 0;
	} while (!used && s->state != before);
	return used;
}

void http_conn_gap(struct http_conn *h, int side)
{
	message_break(&h->side[side]);
	h->side[side].state = HTTP_LOST;
	forget_requests(h);
}

void http_conn_end(struct http_conn *h, int side)
{
	struct http_side *s = &h->side[side];

	if (s->state == HTTP_UNTIL_END)
		message_end(s, false);
	else
		message_break(s);
}

void http_conn_close(struct http_conn *h)
{
	for (int i = 0; i < 2; i++) {
		http_conn_end(h, i);
		next_message(&h->side[i]);
	}
}
