/*
 * Connections of the web, both directions. A step is a byte, the length of
 * its bytes, and those: fed, or after a gap, or the last ones of a direction.
 */
#include <assert.h>

#include "sniffer/net/web_flow.h"
#include "tests/prefix.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	MESSAGE = 3000,
	TOTAL = 500000,
};

struct bench {
	struct counters counters;
	struct web_mem mem;
	struct web_flow *flow;
	int dir;
	uint64_t now_ns, bytes;
};

static uint64_t touch(struct slice s)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < s.len; i++)
		sum += s.p[i];
	return sum;
}

static void on_msg(void *arg, const struct web_msg *m)
{
	struct bench *b = arg;

	assert(m->dir == 0 || m->dir == 1);
	assert(m->ts_ns && m->ts_ns <= b->now_ns);
	assert(m->exchange);
	assert(m->body.len <= MESSAGE);
	assert(m->kind == WEB_HTTP_RESPONSE || !m->status);
	b->bytes += touch(m->body) + touch(m->content_type) + touch(m->method) +
		    touch(m->target) + touch(m->host) + touch(m->location) +
		    touch(m->subprotocol);
}

static void feed(struct slice in, void *arg)
{
	struct bench *b = arg;

	web_flow_feed(b->flow, b->dir, in, ++b->now_ns);
	assert(b->mem.held <= TOTAL);
}

static void step(struct bench *b, struct cursor *c)
{
	uint8_t how = cursor_u8(c);
	size_t len = how & 8 ? cursor_u16(c) : cursor_u8(c);
	struct slice in =
		cursor_take(c, len < cursor_left(c) ? len : cursor_left(c));

	b->dir = how & 1;
	if ((how & 0x30) == 0x30)
		web_flow_gap(b->flow, b->dir);
	prefix_whole(in, feed, b);
	if ((how & 0x30) == 0x20)
		web_flow_end(b->flow, b->dir);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct bench b;
	struct cursor c = cursor_of(slice_of(data, size));

	memset(&b, 0, sizeof(b));
	b.mem = (struct web_mem){
		.cfg = {.message_bytes = MESSAGE, .total_bytes = TOTAL},
		.counters = &b.counters,
	};
	b.flow = web_flow_new(&b.mem, on_msg, &b);
	while (b.flow && !c.bad && cursor_left(&c))
		step(&b, &c);
	web_flow_close(b.flow);
	assert(b.mem.held == 0);
	return 0;
}
