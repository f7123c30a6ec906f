#include "sniffer/net/ws_plain.h"

#define PIECE	    4096  /* bytes unmasked at a time */
#define SEARCHED    16384 /* bytes searched at a time */
#define SEARCH_HELD (128 << 10)
#define SEARCH_WORK (16 << 20)	 /* bytes until a search is given up */
#define FRAME_MAX   (1ull << 32) /* nobody sends longer ones */

void ws_plain_init(struct ws_plain *w, struct web_mem *m, bool client,
		   bool synced, ws_fn *emit, void *arg)
{
	*w = (struct ws_plain){
		.mem = m,
		.emit = emit,
		.arg = arg,
		.state = synced ? WS_HEADER : WS_SEARCH,
		.client = client,
		.stray = !synced,
	};
}

static void count(struct ws_plain *w, const char *name)
{
	counters_add(w->mem->counters, name, 1);
}

/* --- messages ------------------------------------------------------------ */

static void message_begin(struct ws_plain *w, const struct ws_frame *f)
{
	w->open = true;
	w->text = f->opcode == WS_TEXT;
	w->zipped = f->rsv & WS_RSV1;
	w->cut = w->broken = w->stray = false;
}

/* Adds to the message what fits; where it begins there, or NULL. */
static uint8_t *message_add(struct ws_plain *w, struct slice s, size_t *n)
{
	size_t before = w->message.len;
	size_t max = w->mem->cfg.message_bytes;

	if (!w->cut && !web_buf_add(&w->message, w->mem, s, max)) {
		w->cut = true;
		if (w->message.len == max)
			count(w, "ws.message_limit");
	}
	*n = w->message.len - before;
	return *n ? w->message.p + before : NULL;
}

static void take_inflated(void *arg, struct slice out)
{
	size_t n;

	message_add(arg, out, &n);
}

/* Also what is beyond the limit is inflated: later messages refer to it. */
static void message_inflate(struct ws_plain *w, struct slice in)
{
	if (w->broken)
		return;
	if (!w->unzip)
		w->unzip = unzip_new(w->mem, UNZIP_RAW);
	if (w->unzip && !unzip_feed(w->unzip, in, take_inflated, w))
		return;
	if (w->unzip)
		unzip_reset(w->unzip);
	count(w, "ws.bad_deflate");
	w->cut = w->broken = true;
}

static void message_emit(struct ws_plain *w)
{
	struct ws_message m = {
		.body = web_buf_bytes(&w->message),
		.text = w->text,
		.cut = w->cut,
	};

	if (m.body.len || !m.cut)
		w->emit(w->arg, &m);
	web_buf_clear(&w->message, w->mem);
	w->open = false;
}

/* RFC 7692, 7.2.2: the sender took these four bytes away. */
static void message_end(struct ws_plain *w)
{
	if (w->zipped)
		message_inflate(w, SLICE("\x00\x00\xff\xff"));
	message_emit(w);
	if (w->no_takeover) {
		unzip_free(w->unzip);
		w->unzip = NULL;
	}
}

static void message_break(struct ws_plain *w)
{
	if (!w->open)
		return;
	w->cut = true;
	message_emit(w);
}

/* --- frames -------------------------------------------------------------- */

static void message_payload(struct ws_plain *w, struct slice in, uint64_t at)
{
	uint8_t piece[PIECE];
	uint8_t *p;
	size_t n;

	if (!w->zipped) {
		p = message_add(w, in, &n);
		if (p && w->frame.masked)
			ws_unmask(p, n, w->frame.mask, at);
		return;
	}
	while (in.len && !w->broken) {
		struct slice s = slice_head(in, PIECE);

		memcpy(piece, s.p, s.len);
		if (w->frame.masked)
			ws_unmask(piece, s.len, w->frame.mask, at);
		message_inflate(w, slice_of(piece, s.len));
		in = slice_from(in, s.len);
		at += s.len;
	}
}

/* The first two bytes of a close frame are its status. */
static void control_payload(struct ws_plain *w, struct slice in, uint64_t at)
{
	for (size_t i = 0; i < in.len && at + i < sizeof(w->close); i++)
		w->close[at + i] = in.p[i] ^ w->frame.mask[(at + i) & 3];
}

static void frame_end(struct ws_plain *w)
{
	const struct ws_frame *f = &w->frame;

	w->state = WS_HEADER;
	if (f->opcode == WS_CLOSE) {
		w->close_code =
			ws_close_code(slice_of(w->close, f->len < 2 ? 0 : 2));
		w->state = WS_OVER;
	} else if (!ws_is_control(f->opcode) && w->open && f->fin) {
		message_end(w);
	}
}

/* A header that cannot be true: the place is lost. One that only does not
 * fit to those before is followed. */
static bool frame_begin(struct ws_plain *w, const struct ws_frame *f)
{
	if (f->rsv & (WS_RSV2 | WS_RSV3) || f->len > FRAME_MAX)
		return false;
	w->frame = *f;
	w->left = f->len;
	w->state = WS_PAYLOAD;
	if (f->opcode == WS_CONTINUATION && !w->open && !w->stray) {
		count(w, "ws.bad_frame");
		w->stray = true;
	} else if (f->opcode == WS_TEXT || f->opcode == WS_BINARY) {
		if (w->open)
			count(w, "ws.bad_frame");
		message_break(w);
		message_begin(w, f);
	}
	if (!w->left)
		frame_end(w);
	return true;
}

static size_t take_payload(struct ws_plain *w, struct slice in)
{
	uint64_t at = w->frame.len - w->left;

	if (in.len > w->left)
		in = slice_head(in, (size_t)w->left);
	if (ws_is_control(w->frame.opcode))
		control_payload(w, in, at);
	else if (w->open)
		message_payload(w, in, at);
	w->left -= in.len;
	if (!w->left)
		frame_end(w);
	return in.len;
}

/* --- finding the next frame ---------------------------------------------- */

static void give_up(struct ws_plain *w)
{
	count(w, "ws.lost");
	web_buf_free(&w->queue, w->mem);
	unzip_free(w->unzip);
	w->unzip = NULL;
	w->at = 0;
	w->state = WS_OVER;
}

static void search_begin(struct ws_plain *w)
{
	message_break(w);
	if (w->unzip)
		unzip_reset(w->unzip);
	w->stray = true;
	w->header_len = 0;
	w->want = 0;
	w->work = 0;
	w->state = WS_SEARCH;
}

/* The bytes of the header that were taken before are searched too. When any
 * are queued, those lie in front of them. */
static void put_back(struct ws_plain *w)
{
	if (w->at >= w->header_len)
		w->at -= w->header_len;
	else
		web_buf_add(&w->queue, w->mem,
			    slice_of(w->header, w->header_len), SEARCH_HELD);
}

static void search(struct ws_plain *w)
{
	while (w->at < w->queue.len) {
		struct slice rest = slice_from(web_buf_bytes(&w->queue), w->at);
		size_t n;

		switch (ws_sure(rest, w->client, w->mem, &n)) {
		case PARSE_OK:
			count(w, "ws.resync");
			w->state = WS_HEADER;
			return;
		case PARSE_MORE:
			w->want = n;
			return;
		case PARSE_BAD:
			break;
		}
		w->at++;
		w->want = 0;
		w->work += n;
		if (w->work > SEARCH_WORK) {
			give_up(w);
			return;
		}
	}
}

/* Queues a piece of in, and looks; how much was taken. */
static size_t search_more(struct ws_plain *w, struct slice in)
{
	in = slice_head(in, SEARCHED);
	web_buf_drop(&w->queue, w->at);
	w->at = 0;
	if (!web_buf_add(&w->queue, w->mem, in, SEARCH_HELD))
		give_up(w);
	else if (w->queue.len >= w->want)
		search(w);
	return in.len;
}

/* --- the direction ------------------------------------------------------- */

static size_t take_header(struct ws_plain *w, struct slice in)
{
	size_t had = w->header_len;
	size_t n = WS_HEADER_MAX - had;
	struct ws_frame f;

	n = n < in.len ? n : in.len;
	memcpy(w->header + had, in.p, n);
	switch (ws_frame_parse(slice_of(w->header, had + n), &f)) {
	case PARSE_MORE:
		w->header_len = (uint8_t)(had + n);
		return n;
	case PARSE_OK:
		if (!frame_begin(w, &f))
			break;
		w->header_len = 0;
		return f.header_len - had;
	case PARSE_BAD:
		break;
	}
	count(w, "ws.bad_frame");
	put_back(w);
	search_begin(w);
	search(w);
	return 0;
}

static size_t take(struct ws_plain *w, struct slice in)
{
	return w->state == WS_HEADER ? take_header(w, in) : take_payload(w, in);
}

void ws_plain_feed(struct ws_plain *w, struct slice in)
{
	while (w->state != WS_OVER) {
		struct slice queued =
			slice_from(web_buf_bytes(&w->queue), w->at);

		if (w->state != WS_SEARCH && queued.len)
			w->at += take(w, queued);
		else if (!in.len)
			break;
		else if (w->state == WS_SEARCH)
			in = slice_from(in, search_more(w, in));
		else
			in = slice_from(in, take(w, in));
		if (w->queue.len && w->at == w->queue.len) {
			web_buf_free(&w->queue, w->mem);
			w->at = 0;
		}
	}
}

void ws_plain_gap(struct ws_plain *w)
{
	if (w->state == WS_OVER)
		return;
	web_buf_free(&w->queue, w->mem);
	w->at = 0;
	search_begin(w);
}

void ws_plain_close(struct ws_plain *w)
{
	message_break(w);
	web_buf_free(&w->message, w->mem);
	web_buf_free(&w->queue, w->mem);
	unzip_free(w->unzip);
	w->unzip = NULL;
	w->at = 0;
	w->state = WS_OVER;
}
