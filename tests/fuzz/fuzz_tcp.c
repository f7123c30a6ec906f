/*
 * TCP reassembly under random segments. Each byte follows from its sequence
 * number, so whatever is exposed must be the bytes of its position, within
 * the limits. Six bytes of input are one segment.
 */
#include "sniffer/net/tcp.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
	if (!held)
		abort();
}

static uint8_t byte_at(uint32_t seq)
{
	return (uint8_t)(seq * 167 + (seq >> 8));
}

struct bench {
	struct tcp_dir t;
	struct tcp_mem m;
	uint64_t ts_ns, number;
	uint8_t greed; /* how much is consumed: 0 nothing .. 3 all */
};

static void check_frames(const struct bench *b)
{
	struct frame f[4];
	size_t len = tcp_bytes(&b->t).len;
	size_t n = tcp_frames(&b->t, len, f, 4);

	must((len == 0) == (n == 0));
	for (size_t i = 0; i < n && i < 4; i++) {
		must(f[i].data.len == 1 || f[i].data.len == 9);
		must(f[i].data.p[0] == (uint8_t)f[i].number);
		must(!i || n > 4 || f[i - 1].number < f[i].number);
	}
}

static void drink(struct bench *b)
{
	struct slice s = tcp_bytes(&b->t);
	uint64_t pos = tcp_pos(&b->t);

	must(b->m.held <= b->m.cfg.total_bytes);
	must(b->t.held <= b->m.cfg.buffer_bytes);
	for (size_t i = 0; i < s.len; i++)
		must(s.p[i] == byte_at((uint32_t)(pos + i)));
	check_frames(b);
	tcp_consume(&b->t, s.len * b->greed / 3);
}

static void swallow(struct bench *b, bool look)
{
	if (look)
		do
			drink(b);
		while (tcp_skip(&b->t, &b->m));
	tcp_settle(&b->t, &b->m);
	must(!tcp_gap(&b->t));
}

/* Payload and frames lie in blocks that are freed after the push. */
static void push(struct bench *b, struct cursor *c)
{
	uint32_t seq = 0xffffff00u + cursor_u16(c);
	size_t len = cursor_u8(c);
	uint8_t flags = cursor_u8(c), how = cursor_u8(c);
	uint8_t *p = malloc(len + 1);
	uint8_t *mark = malloc(9);
	struct frame f[2] = {
		{.data = {mark, how & 1 ? 1 : 9}, .number = ++b->number},
		{.data = {mark, 1}, .number = b->number},
	};
	struct pkt pkt = {
		.frames = f,
		.frame_count = 1 + (how >> 1 & 1),
		.ts_ns = b->ts_ns += cursor_u8(c) * 10000000ull,
		.payload = {p, how & 4 ? len / 2 : len},
		.payload_wire = (uint32_t)len,
		.tcp_seq = how & 8 ? seq + 0x40000000u : seq,
		.tcp_flags = flags & 0xe0 ? 0 : flags & 7,
		.proto = PKT_TCP,
	};
	uint32_t first = pkt.tcp_seq + !!(pkt.tcp_flags & PKT_TCP_SYN);

	must(p && mark);
	memset(mark, (int)(uint8_t)b->number, 9);
	for (size_t i = 0; i < len; i++)
		p[i] = byte_at(first + (uint32_t)i);
	b->greed = how >> 6;
	if (how == 0x10)
		tcp_ignore(&b->t, &b->m);
	swallow(b, tcp_push(&b->t, &b->m, &pkt));
	free(p);
	free(mark);
	if (how & 0x20)
		swallow(b, tcp_expire(&b->t, &b->m, b->ts_ns));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct counters counters;
	struct cursor c = cursor_of(slice_of(data, size));
	struct bench b = {
		.m = {{4096, 6000, 6, 1000000000}, &counters, 0},
	};

	if (cursor_u8(&c) & 1)
		b.m.cfg.total_bytes = 700;
	while (cursor_left(&c) >= 6)
		push(&b, &c);
	b.greed = 3;
	swallow(&b, tcp_finish(&b.t, &b.m));
	must(!b.t.ahead);
	tcp_close(&b.t, &b.m);
	must(b.m.held == 0);
	return 0;
}
