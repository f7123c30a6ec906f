/*
 * One direction of a WebSocket. The first byte tells which, and how the rest
 * is cut; each message must be the same as when all comes at once, unless a
 * frame had to be looked for.
 */
#include <assert.h>

#include "sniffer/net/ws_plain.h"
#include "tests/prefix.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	MESSAGE = 2000,
	TOTAL = 400000,
};

struct bench {
	struct counters counters;
	struct web_mem mem;
	struct ws_plain ws;
	uint64_t sum; /* over all messages */
};

static void on_message(void *arg, const struct ws_message *m)
{
	struct bench *b = arg;

	assert(m->body.len <= MESSAGE);
	b->sum = b->sum * 31 + m->text * 2 + m->cut;
	for (size_t i = 0; i < m->body.len; i++)
		b->sum = b->sum * 31 + m->body.p[i];
}

static void feed(struct slice in, void *arg)
{
	struct bench *b = arg;

	ws_plain_feed(&b->ws, in);
	assert(b->mem.held <= TOTAL);
}

static void run(struct bench *b, struct slice in, uint8_t how, size_t piece)
{
	memset(b, 0, sizeof(*b));
	b->mem = (struct web_mem){
		.cfg = {.message_bytes = MESSAGE, .total_bytes = TOTAL},
		.counters = &b->counters,
	};
	ws_plain_init(&b->ws, &b->mem, how & 1, !(how & 2), on_message, b);
	b->ws.no_takeover = how & 4;
	for (size_t at = 0; at < in.len; at += piece) {
		if (how & 8 && at)
			ws_plain_gap(&b->ws);
		prefix_whole(slice_head(slice_from(in, at), piece), feed, b);
	}
	ws_plain_close(&b->ws);
	assert(b->mem.held == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct bench whole, cut;
	struct ws_deflate d;
	struct slice in;
	uint8_t how;

	if (!size)
		return 0;
	how = data[0];
	in = slice_of(data + 1, size - 1);
	ws_deflate_parse(in, &d);
	assert(d.offered || !d.client_no_context_takeover);
	run(&cut, in, how, 1 + (how >> 4));
	if (how & 8)
		return 0;
	run(&whole, in, how, in.len + 1);
	if (!counters_get(&whole.counters, "ws.resync") &&
	    !counters_get(&cut.counters, "ws.resync") &&
	    !counters_get(&whole.counters, "ws.bad_deflate"))
		assert(whole.sum == cut.sum);
	return 0;
}
