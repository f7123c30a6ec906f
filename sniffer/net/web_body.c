#include "sniffer/net/web_body.h"

enum {
	SNIFFED = 6,	 /* bytes that tell what it is */
	INFLATED = 4096, /* bytes that go in at a time */
};

static void count(struct web_body *b, const char *name)
{
	counters_add(b->mem->counters, name, 1);
}

void web_body_skip(struct web_body *b, struct web_mem *m)
{
	*b = (struct web_body){.mem = m, .cut = true};
}

static void inflate_by(struct web_body *b, enum unzip_kind kind)
{
	b->unzip = unzip_new(b->mem, kind);
	b->cut = !b->unzip;
}

void web_body_begin(struct web_body *b, struct web_mem *m,
		    enum http_coding coding, web_event_fn *event, void *arg)
{
	*b = (struct web_body){.mem = m, .event = event, .arg = arg};
	switch (coding) {
	case HTTP_CODING_NONE:
		break;
	case HTTP_CODING_GZIP:
		inflate_by(b, UNZIP_GZIP);
		break;
	case HTTP_CODING_DEFLATE:
		inflate_by(b, UNZIP_DEFLATE);
		break;
	case HTTP_CODING_OTHER:
		count(b, "web.coding");
		b->cut = true;
		break;
	}
}

void web_body_sniff(struct web_body *b, struct web_mem *m, web_event_fn *event,
		    void *arg)
{
	*b = (struct web_body){
		.mem = m, .event = event, .arg = arg, .sniff = true};
}

/* --- events -------------------------------------------------------------- */

/* The data lines of an event, joined, in place. */
static struct slice event_data(struct slice event, uint8_t *out)
{
	struct slice all = {out, 0};
	struct slice line;
	bool first = true;

	while (slice_line(&event, &line)) {
		if (!slice_starts(line, SLICE("data")) ||
		    (line.len > 4 && line.p[4] != ':'))
			continue;
		line = slice_from(line, 5);
		if (line.len && line.p[0] == ' ')
			line = slice_from(line, 1);
		if (!first)
			out[all.len++] = '\n';
		first = false;
		if (line.len)
			memmove(out + all.len, line.p, line.len);
		all.len += line.len;
	}
	return all;
}

/* Emits the events that are whole. */
static void split(struct web_body *b)
{
	size_t done = 0, end;

	while ((end = http_blank_line(slice_from(web_buf_bytes(&b->buf), done),
				      b->scanned))) {
		struct slice event = slice_of(b->buf.p + done, end);
		struct slice data = event_data(event, b->buf.p + done);

		if (data.len)
			b->event(b->arg, data);
		done += end;
		b->scanned = 0;
	}
	web_buf_drop(&b->buf, done);
	b->scanned = b->buf.len;
}

/* --- what comes in ------------------------------------------------------- */

static void end_here(struct web_body *b, const char *why)
{
	if (why)
		count(b, why);
	b->cut = true;
}

/* What was decoded. Events are taken out as soon as the limit is near. */
static void keep(void *arg, struct slice s)
{
	struct web_body *b = arg;
	size_t max = b->mem->cfg.message_bytes;

	while (s.len && !b->cut) {
		struct slice part = s;

		if (b->event && part.len > max - b->buf.len)
			part = slice_head(part, max - b->buf.len);
		if (!web_buf_add(&b->buf, b->mem, part, max))
			end_here(b,
				 b->buf.len == max ? "web.body_limit" : NULL);
		s = slice_from(s, part.len);
		if (b->event && !b->sniff)
			split(b);
		if (s.len && b->buf.len == max)
			end_here(b, "web.body_limit");
	}
}

/* In small pieces: what is inflated beyond the limit is for nothing. */
static void decode(struct web_body *b, struct slice in)
{
	if (!b->unzip)
		keep(b, in);
	while (b->unzip && in.len && !b->cut) {
		struct slice part = slice_head(in, INFLATED);

		if (unzip_feed(b->unzip, part, keep, b) && !b->cut)
			end_here(b, "web.bad_deflate");
		in = slice_from(in, part.len);
	}
}

static bool looks_like_events(struct slice s)
{
	return slice_starts(s, SLICE("data:")) ||
	       slice_starts(s, SLICE("event:")) ||
	       slice_starts(s, SLICE("id:")) ||
	       slice_starts(s, SLICE("retry:"));
}

/* The first bytes are there: enough of them, or all. */
static void decide(struct web_body *b, bool inflated)
{
	struct web_buf first = b->buf;
	struct slice s = web_buf_bytes(&first);

	if (!inflated && slice_starts(s, SLICE("\x1f\x8b\x08"))) {
		b->buf = (struct web_buf){0};
		inflate_by(b, UNZIP_GZIP);
		if (!b->cut)
			decode(b, s);
		web_buf_free(&first, b->mem);
		return;
	}
	if (!looks_like_events(s))
		b->event = NULL;
	b->sniff = false;
	if (b->event)
		split(b);
}

/* Beyond the limit nothing is looked at. */
void web_body_add(struct web_body *b, struct slice in)
{
	while (in.len && !b->cut) {
		struct slice part = in;
		bool inflated = b->unzip;

		if (b->sniff && !inflated)
			part = slice_head(in, SNIFFED);
		decode(b, part);
		in = slice_from(in, part.len);
		if (b->sniff && b->buf.len >= SNIFFED)
			decide(b, inflated);
	}
	if (b->cut && b->unzip) {
		unzip_free(b->unzip);
		b->unzip = NULL;
	}
}

bool web_body_end(struct web_body *b, struct slice *rest)
{
	struct slice s = web_buf_bytes(&b->buf);

	if (b->event && !b->sniff)
		s = event_data(s, b->buf.p);
	*rest = s;
	return !b->event || b->sniff || s.len;
}

void web_body_free(struct web_body *b)
{
	if (!b->mem)
		return;
	web_buf_free(&b->buf, b->mem);
	unzip_free(b->unzip);
	*b = (struct web_body){0};
}
