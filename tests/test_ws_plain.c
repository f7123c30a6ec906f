/*
 * One direction of a WebSocket: fragments, masks, compression, limits, loss.
 * Messages are shown as lines: "text Hello", "binary abc cut".
 */
#include <check.h>
#include <stdio.h>
#include <zlib.h>

#include "sniffer/net/ws_plain.h"
#include "tests/run_suite.h"
#include "tests/web_split.h"

struct bench {
	struct counters counters;
	struct web_mem mem;
	struct ws_plain ws;
	char out[1 << 16];
	size_t len;
	uint64_t messages, bytes;
};

static void put(struct bench *b, const char *p, size_t n)
{
	if (n > sizeof(b->out) - 1 - b->len)
		n = sizeof(b->out) - 1 - b->len;
	if (n)
		memcpy(b->out + b->len, p, n);
	b->len += n;
	b->out[b->len] = '\0';
}

static void on_message(void *arg, const struct ws_message *m)
{
	struct bench *b = arg;

	b->messages++;
	b->bytes += m->body.len;
	put(b, m->text ? "text " : "binary ", m->text ? 5 : 7);
	put(b, (const char *)m->body.p, m->body.len);
	put(b, m->cut ? " cut\n" : "\n", m->cut ? 5 : 1);
}

static void bench_open(struct bench *b, bool client, bool synced)
{
	memset(b, 0, sizeof(*b));
	b->mem = (struct web_mem){
		.cfg = {.message_bytes = 1 << 20, .total_bytes = 16 << 20},
		.counters = &b->counters,
	};
	ws_plain_init(&b->ws, &b->mem, client, synced, on_message, b);
}

static void bench_close(struct bench *b)
{
	ws_plain_close(&b->ws);
	ck_assert_uint_eq(b->mem.held, 0);
}

static uint64_t counted(const struct bench *b, const char *name)
{
	return counters_get(&b->counters, name);
}

static void feed(struct slice in, void *arg)
{
	struct bench *b = arg;

	ws_plain_feed(&b->ws, in);
}

/* Something else: not synced, it has to be told from it by its looks. */
#define JUNK "\x00\x81\x05\xff\x01"

static const struct {
	const char *name;
	struct slice in;
	const char *want;
	const char *count; /* counted once; NULL = nothing is */
	bool server;
	bool search; /* not synced */
} rows[] = {
	/* RFC 6455, 5.7 */
	{"unmasked", SLICE_INIT("\x81\x05\x48\x65\x6c\x6c\x6f"), "text Hello\n",
	 NULL, true},
	{"masked", SLICE_INIT("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"),
	 "text Hello\n", NULL},
	{"fragmented", SLICE_INIT("\x01\x03\x48\x65\x6c\x80\x02\x6c\x6f"),
	 "text Hello\n", NULL, true},
	{"ping and pong",
	 SLICE_INIT("\x89\x05\x48\x65\x6c\x6c\x6f\x8a\x85\x37\xfa\x21\x3d\x7f"
		    "\x9f\x4d\x51\x58"),
	 "", NULL},
	{"a ping between fragments",
	 SLICE_INIT("\x02\x01"
		    "a\x89\x01x\x00\x01"
		    "b\x89\x00\x80\x00"),
	 "binary ab\n", NULL, true},
	{"each fragment with its mask",
	 SLICE_INIT("\x01\x82\x20\x20\x00\x00"
		    "AB\x80\x83\x00\x00\x00\x20"
		    "cde"),
	 "text abcde\n", NULL},
	{"empty", SLICE_INIT("\x81\x00\x82\x80\x01\x02\x03\x04"),
	 "text \nbinary \n", NULL},
	{"16-bit length",
	 SLICE_INIT("\x81\x7e\x00\x03"
		    "abc\x81\x01x"),
	 "text abc\ntext x\n", NULL, true},
	{"64-bit length, masked",
	 SLICE_INIT("\x82\xff\x00\x00\x00\x00\x00\x00\x00\x03\x01\x01\x01\x01"
		    "```"),
	 "binary aaa\n", NULL},
	{"nothing behind a close",
	 SLICE_INIT("\x81\x01"
		    "a\x88\x02\x03\xe8\x81\x01"
		    "b"),
	 "text a\n", NULL, true},

	/* RFC 7692, 7.2.3 */
	{"compressed", SLICE_INIT("\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"),
	 "text Hello\n", NULL, true},
	{"compressed, in fragments",
	 SLICE_INIT("\x41\x03\xf2\x48\xcd\x80\x04\xc9\xc9\x07\x00"),
	 "text Hello\n", NULL, true},
	{"with the window of the one before",
	 SLICE_INIT("\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00\xc1\x05\xf2\x00\x11"
		    "\x00\x00"),
	 "text Hello\ntext Hello\n", NULL, true},
	{"a block without compression",
	 SLICE_INIT("\xc1\x0b\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"),
	 "text Hello\n", NULL, true},
	{"with BFINAL", SLICE_INIT("\xc1\x08\xf3\x48\xcd\xc9\xc9\x07\x00\x00"),
	 "text Hello\n", NULL, true},
	{"with BFINAL, and the window goes on",
	 SLICE_INIT("\xc1\x08\xf3\x48\xcd\xc9\xc9\x07\x00\x00\xc1\x05\xf2\x00"
		    "\x11\x00\x00"),
	 "text Hello\ntext Hello\n", NULL, true},
	{"two blocks",
	 SLICE_INIT("\xc1\x0d\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07"
		    "\x00"),
	 "text Hello\n", NULL, true},
	{"compressed, empty", SLICE_INIT("\xc1\x01\x00"), "text \n", NULL,
	 true},
	{"compressed and masked",
	 SLICE_INIT("\xc1\x87\x01\x02\x04\x08\xf3\x4a\xc9\xc1\xc8\x05\x04"),
	 "text Hello\n", NULL},
	{"one of two is compressed",
	 SLICE_INIT("\x81\x01x\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00\x81\x01y"),
	 "text x\ntext Hello\ntext y\n", NULL, true},
	{"damaged, then a good one",
	 SLICE_INIT("\xc1\x04\xff\xff\xff\xff\xc1\x07\xf2\x48\xcd\xc9\xc9\x07"
		    "\x00"),
	 "text Hello\n", "ws.bad_deflate", true},
	{"refers to what was not there",
	 SLICE_INIT("\xc1\x05\xf2\x00\x11\x00\x00\x81\x01y"),
	 "text H cut\ntext y\n", "ws.bad_deflate", true},

	/* faults */
	{"a continuation of nothing", SLICE_INIT("\x80\x01x\x81\x01y"),
	 "text y\n", "ws.bad_frame", true},
	{"a message within a message",
	 SLICE_INIT("\x01\x01x\x81\x01y\x81\x01!"),
	 "text x cut\ntext y\ntext !\n", "ws.bad_frame", true},
	{"the end of it is missing",
	 SLICE_INIT("\x81\x05"
		    "abc"),
	 "text abc cut\n", NULL, true},
	{"a reserved opcode, then a frame",
	 SLICE_INIT("\x81\x01"
		    "a\x83\x08xxxxxxxx\x81\x08longer..\x81\x01"
		    "b"),
	 "text a\ntext longer..\ntext b\n", "ws.resync", true},
	{"a header of two bytes that is none",
	 SLICE_INIT("\x89\x7f\x81\x08longer.."), "text longer..\n", "ws.resync",
	 true},
	{"reserved bits", SLICE_INIT("\xa1\x81\x08longer.."), "text longer..\n",
	 "ws.resync", true},

	/* looking for a frame */
	{"found behind junk",
	 SLICE_INIT(JUNK "\x81\x0ehow do you do?\x81\x01x"),
	 "text how do you do?\ntext x\n", "ws.resync", true, true},
	{"found behind junk, masked",
	 SLICE_INIT(JUNK "\x82\x88\x01\x02\x04\x08"
			 "bafkqlj`"),
	 "binary ccbcpnnh\n", NULL, false, true},
	{"found, compressed",
	 SLICE_INIT(JUNK "\xc1\x0a\xf2\x48\xcd\xc9\xc9\xf7\x00\x11\x00\x00"),
	 "text HelloHello\n", "ws.resync", true, true},
	{"too short to be sure", SLICE_INIT("\x81\x05hello"), "", NULL, true,
	 true},
	{"masked as the other side does it", SLICE_INIT("\x81\x08longer.."), "",
	 NULL, false, true},
	{"no text", SLICE_INIT("\x82\x08longer\x01."), "", NULL, true, true},
	{"no UTF-8", SLICE_INIT("\x81\x08longer\xc3."), "", NULL, true, true},
	{"UTF-8", SLICE_INIT("\x81\x08longe\xc3\xa9."), "text longe\xc3\xa9.\n",
	 "ws.resync", true, true},
	{"a frame in what was none",
	 SLICE_INIT("\x81\x7e\x40\x00\x81\x08longer.."), "text longer..\n",
	 "ws.resync", true, true},
	{"in a longer one that is not whole",
	 SLICE_INIT("\x81\x40@A\xc2\x81\x20"
		    "abcdefghijklmnopqrstuvwxyz012345"),
	 "", NULL, true, true},
};

START_TEST(streams)
{
	struct slice in = rows[_i].in;
	static struct bench b;

	for (size_t way = 0; way < split_ways(in.len); way++) {
		bench_open(&b, !rows[_i].server, !rows[_i].search);
		split_feed(in, way, feed, &b);
		ws_plain_close(&b.ws);
		ck_assert_msg(!strcmp(b.out, rows[_i].want), "%s, way %zu:\n%s",
			      rows[_i].name, way, b.out);
		if (rows[_i].count)
			ck_assert_msg(counted(&b, rows[_i].count) == 1,
				      "%s: %s", rows[_i].name, rows[_i].count);
		else if (!rows[_i].search)
			ck_assert_uint_eq(b.counters.len, 0);
		bench_close(&b);
	}
}
END_TEST

static void feed_prefix(struct slice in, void *arg)
{
	static struct bench b;
	int i = *(int *)arg;

	bench_open(&b, !rows[i].server, !rows[i].search);
	ws_plain_feed(&b.ws, in);
	bench_close(&b);
}

START_TEST(every_prefix)
{
	prefix_each(rows[_i].in, feed_prefix, &_i);
}
END_TEST

/* --- frames made here ---------------------------------------------------- */

static uint8_t frame[3 << 20];

/* A frame of n bytes, each c; 64-bit length. */
static struct slice make_frame(uint8_t b0, uint8_t c, size_t n)
{
	frame[0] = b0;
	frame[1] = 127;
	for (int i = 0; i < 8; i++)
		frame[2 + i] = (uint8_t)((uint64_t)n >> (56 - 8 * i));
	memset(frame + 10, c, n);
	return slice_of(frame, n + 10);
}

/* The same with a payload that is deflated, behind what z did before. */
static struct slice make_zipped(z_stream *z, struct slice in, bool reset)
{
	if (reset)
		deflateReset(z);
	z->next_in = (uint8_t *)(uintptr_t)in.p;
	z->avail_in = (unsigned)in.len;
	z->next_out = frame + 10;
	z->avail_out = sizeof(frame) - 10;
	ck_assert_int_eq(deflate(z, Z_SYNC_FLUSH), Z_OK);
	make_frame(0xc1, 0, 0);
	for (int i = 0; i < 8; i++)
		frame[2 + i] =
			(uint8_t)((uint64_t)(z->total_out - 4) >> (56 - 8 * i));
	return slice_of(frame, sizeof(frame) - z->avail_out - 4);
}

START_TEST(message_limit)
{
	static struct bench b;

	bench_open(&b, false, true);
	b.mem.cfg.message_bytes = 5;
	feed(make_frame(0x81, 'a', 5), &b);
	ck_assert_uint_eq(counted(&b, "ws.message_limit"), 0);
	feed(make_frame(0x01, 'b', 4), &b);
	feed(make_frame(0x00, 'b', 4), &b);
	feed(make_frame(0x80, 'b', 4), &b);
	feed(make_frame(0x81, 'c', 2), &b);
	ck_assert_str_eq(b.out, "text aaaaa\ntext bbbbb cut\ntext cc\n");
	ck_assert_uint_eq(counted(&b, "ws.message_limit"), 1);
	bench_close(&b);
}
END_TEST

/* Beyond the limit a compressed message is still read: the next one needs
 * it. A bomb is not. */
START_TEST(zipped_limit)
{
	static uint8_t zeros[1 << 20];
	static struct bench b;
	z_stream z = {0};

	ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, -15, 9, 0), Z_OK);
	bench_open(&b, false, true);
	b.mem.cfg.message_bytes = 5;
	feed(make_zipped(&z, SLICE("What is longer is cut"), true), &b);
	z.total_out = 0;
	feed(make_zipped(&z, SLICE("is cu"), false), &b);
	ck_assert_str_eq(b.out, "text What  cut\ntext is cu\n");
	ck_assert_uint_eq(counted(&b, "ws.message_limit"), 1);
	ck_assert_uint_eq(counted(&b, "ws.bad_deflate"), 0);

	/* 16 MB of zeros in 16 KB */
	for (int i = 0; i < 16; i++) {
		z.total_out = 0;
		feed(make_zipped(&z, slice_of(zeros, sizeof(zeros)), false),
		     &b);
	}
	ck_assert_uint_ge(counted(&b, "ws.bad_deflate"), 1);
	deflateReset(&z);
	feed(make_zipped(&z, SLICE("good"), true), &b);
	ck_assert_str_eq(b.out + b.len - 10, "text good\n");
	bench_close(&b);
	deflateEnd(&z);
}
END_TEST

/* A message deflated with each size of the window is read, with and without
 * context takeover. */
START_TEST(window_bits)
{
	static uint8_t text[40000];
	static struct bench b;
	z_stream z = {0};
	int bits = _i / 2;
	bool takeover = _i % 2;

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)('a' + (i * i >> 5) % 23);
	ck_assert_int_eq(deflateInit2(&z, 6, Z_DEFLATED, -bits, 8, 0), Z_OK);
	bench_open(&b, false, true);
	b.ws.no_takeover = !takeover;
	for (int i = 0; i < 3; i++) {
		z.total_out = 0;
		feed(make_zipped(&z, slice_of(text, sizeof(text)), !takeover),
		     &b);
		ck_assert_uint_eq(b.messages, i + 1u);
		ck_assert_uint_eq(b.bytes, (i + 1u) * sizeof(text));
		ck_assert((b.ws.unzip != NULL) == takeover);
	}
	ck_assert_uint_eq(b.counters.len, 0);
	bench_close(&b);
	deflateEnd(&z);
}
END_TEST

/* --- loss ---------------------------------------------------------------- */

START_TEST(gap)
{
	static struct bench b;

	bench_open(&b, false, true);
	feed(SLICE("\x01\x03"
		   "abc\x80\x03"
		   "d"),
	     &b);
	ws_plain_gap(&b.ws);
	ck_assert_str_eq(b.out, "text abcd cut\n");
	/* the rest of a frame, and a continuation */
	feed(SLICE("ef\x80\x02xy\x81\x08longer..\x81\x01z"), &b);
	ck_assert_str_eq(b.out, "text abcd cut\ntext longer..\ntext z\n");
	ck_assert_uint_eq(counted(&b, "ws.bad_frame"), 0);
	ck_assert_uint_eq(counted(&b, "ws.resync"), 1);
	ws_plain_gap(&b.ws);
	bench_close(&b);
}
END_TEST

/* The window is gone: what refers to it is cut, what does not is read. */
START_TEST(gap_in_compression)
{
	static struct bench b;

	bench_open(&b, false, true);
	feed(SLICE("\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"), &b);
	ws_plain_gap(&b.ws);
	feed(SLICE("\x81\x08longer..\xc1\x05\xf2\x00\x11\x00\x00"
		   "\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"),
	     &b);
	ck_assert_str_eq(b.out, "text Hello\ntext longer..\ntext H cut\n"
				"text Hello\n");
	bench_close(&b);
}
END_TEST

/* What follows is looked at, too, where it is there already. */
START_TEST(what_follows)
{
	static const struct slice in[] = {
		SLICE_INIT("\x81\x08longer..\x83\x00\x81\x08"
			   "another!"),
		SLICE_INIT("\x81\x08longer..\x80\x01x\x81\x08"
			   "another!"),
		SLICE_INIT("\x81\x08longer..\x81\x81\x81\x08"
			   "another!"),
		SLICE_INIT("\x81\x08longer..\xa1\x01x\x81\x08"
			   "another!"),
	};
	static struct bench b;

	bench_open(&b, false, false);
	feed(in[_i], &b);
	ck_assert_str_eq(b.out, "text another!\n");
	bench_close(&b);
}
END_TEST

/* A search has an end. */
START_TEST(lost)
{
	static uint8_t junk[1 << 20];
	static struct bench b;

	for (size_t i = 0; i < sizeof(junk); i++)
		junk[i] = (uint8_t)(i * 2654435761u >> 13);
	bench_open(&b, false, false);
	for (int i = 0; i < 16; i++) {
		feed(slice_of(junk, sizeof(junk)), &b);
		ck_assert_uint_le(b.mem.held, 256 << 10);
	}
	ck_assert_uint_eq(counted(&b, "ws.lost"), 1);
	ck_assert_int_eq(b.ws.state, WS_OVER);
	ck_assert_uint_eq(b.mem.held, 0);
	feed(SLICE("\x81\x08longer..\x81\x01z"), &b);
	ck_assert_str_eq(b.out, "");
	bench_close(&b);
}
END_TEST

/* What looks like frames again and again costs no more than a search. */
START_TEST(costly_junk)
{
	static const char *const parts[] = {
		"\xc5\x81~aa",
		"\x81\x7e\xff\xff",
		"\x81\x08longer..\x83",
		"\xc1\x7e\x7f\xff",
		"\x81\x0c\x81\x0c\x81\x0c",
	};
	struct slice part = slice_str(parts[_i]);
	static uint8_t junk[1 << 20];
	static struct bench b;

	for (size_t i = 0; i < sizeof(junk); i++)
		junk[i] = part.p[i % part.len];
	bench_open(&b, false, false);
	for (int i = 0; i < 4; i++)
		feed(slice_of(junk, sizeof(junk)), &b);
	bench_close(&b);
}
END_TEST

START_TEST(close_code)
{
	static struct bench b;

	bench_open(&b, true, true);
	feed(SLICE("\x88\x84\x01\x02\x03\x04\x02\xea"
		   "xx\x81\x01y"),
	     &b);
	ck_assert_uint_eq(b.ws.close_code, 1000);
	ck_assert_int_eq(b.ws.state, WS_OVER);
	ck_assert_str_eq(b.out, "");
	bench_close(&b);
}
END_TEST

/* With little memory or none messages are cut, and nothing else happens. */
START_TEST(no_memory)
{
	static struct bench b;

	for (size_t limit = 0; limit < 600; limit++) {
		bench_open(&b, false, true);
		b.mem.cfg.total_bytes = limit;
		feed(SLICE("\x81\x03"
			   "abc\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"
			   "\x81\x00\x83\x00\x81\x08longer.."),
		     &b);
		ck_assert_uint_ge(counted(&b, "web.memory_limit"), 1);
		ck_assert_uint_le(b.mem.held, limit);
		bench_close(&b);
	}
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
	Suite *s = suite_create("ws_plain");
	TCase *t = tcase_create("ws_plain");

	tcase_add_loop_test(t, streams, 0, COUNT(rows));
	tcase_add_loop_test(t, every_prefix, 0, COUNT(rows));
	tcase_add_test(t, message_limit);
	tcase_add_test(t, zipped_limit);
	tcase_add_loop_test(t, window_bits, 18, 32);
	tcase_add_test(t, gap);
	tcase_add_test(t, gap_in_compression);
	tcase_add_loop_test(t, what_follows, 0, 4);
	tcase_add_test(t, lost);
	tcase_add_loop_test(t, costly_junk, 0, 5);
	tcase_add_test(t, close_code);
	tcase_add_test(t, no_memory);
	suite_add_tcase(s, t);
	return run_suite(s);
}
