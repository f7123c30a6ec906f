/* Inflating in pieces: the three kinds, what follows an end, bombs, memory. */
#include <check.h>
#include <errno.h>
#include <zlib.h>

#include "sniffer/net/unzip.h"
#include "tests/run_suite.h"
#include "tests/web_split.h"

/* "v=0 v=0 v=0" */
#define RAW  "\x2b\xb3\x35\x50\x28\x83\x60\x00"
#define ZLIB "\x78\xda" RAW "\x12\x53\x02\xea"
#define GZIP                                                                   \
	"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03" RAW                         \
	"\x7a\x08\x58\x1d\x0b\x00\x00\x00"
#define TEXT "v=0 v=0 v=0"
/* RFC 7692, 7.2.3: "Hello", "Hello" again by its window */
#define HELLO	   "\xf2\x48\xcd\xc9\xc9\x07\x00\x00\x00\xff\xff"
#define AGAIN	   "\xf2\x00\x11\x00\x00\x00\x00\xff\xff"
#define HELLO_LAST "\xf3\x48\xcd\xc9\xc9\x07\x00"

struct bench {
	struct counters counters;
	struct web_mem mem;
	struct unzip *u;
	char out[256];
	size_t len;
	uint64_t all;
	int err;
};

static void on_out(void *arg, struct slice out)
{
	struct bench *b = arg;
	size_t n = out.len;

	ck_assert_uint_gt(n, 0);
	b->all += n;
	if (n > sizeof(b->out) - 1 - b->len)
		n = sizeof(b->out) - 1 - b->len;
	memcpy(b->out + b->len, out.p, n);
	b->len += n;
	b->out[b->len] = '\0';
}

static void bench_open(struct bench *b, enum unzip_kind kind, size_t total)
{
	memset(b, 0, sizeof(*b));
	b->mem = (struct web_mem){
		.cfg = {.message_bytes = 1 << 20, .total_bytes = total},
		.counters = &b->counters,
	};
	b->u = unzip_new(&b->mem, kind);
}

static void bench_close(struct bench *b)
{
	unzip_free(b->u);
	ck_assert_uint_eq(b->mem.held, 0);
}

static void feed(struct slice in, void *arg)
{
	struct bench *b = arg;

	if (!b->err)
		b->err = unzip_feed(b->u, in, on_out, b);
}

static const struct {
	const char *name;
	enum unzip_kind kind;
	struct slice in;
	const char *want;
	int err;
} rows[] = {
	{"raw", UNZIP_RAW, SLICE_INIT(RAW), TEXT, 0},
	{"gzip", UNZIP_GZIP, SLICE_INIT(GZIP), TEXT, 0},
	{"zlib", UNZIP_DEFLATE, SLICE_INIT(ZLIB), TEXT, 0},
	{"bare deflate", UNZIP_DEFLATE, SLICE_INIT(RAW), TEXT, 0},
	{"two members", UNZIP_GZIP, SLICE_INIT(GZIP GZIP), TEXT TEXT, 0},
	{"something behind", UNZIP_GZIP, SLICE_INIT(GZIP "\0\0xyz"), TEXT, 0},
	{"something behind zlib", UNZIP_DEFLATE, SLICE_INIT(ZLIB "xyz"), TEXT,
	 0},
	{"a window that goes on", UNZIP_RAW, SLICE_INIT(HELLO AGAIN AGAIN),
	 "HelloHelloHello", 0},
	{"also behind an end", UNZIP_RAW, SLICE_INIT(HELLO_LAST AGAIN),
	 "HelloHello", 0},
	{"not all", UNZIP_GZIP, SLICE_INIT("\x1f\x8b\x08"), "", 0},
	{"no gzip", UNZIP_GZIP, SLICE_INIT("nothing"), "", -EBADMSG},
	{"a wrong sum", UNZIP_DEFLATE,
	 SLICE_INIT("\x78\xda" RAW "\x12\x53\x02\xeb"), TEXT, -EBADMSG},
	{"no window", UNZIP_RAW, SLICE_INIT(AGAIN), "H", -EBADMSG},
};

START_TEST(kinds)
{
	static struct bench b;

	for (size_t way = 0; way < split_ways(rows[_i].in.len); way++) {
		bench_open(&b, rows[_i].kind, 1 << 20);
		split_feed(rows[_i].in, way, feed, &b);
		ck_assert_msg(b.err == rows[_i].err, "%s: %d", rows[_i].name,
			      b.err);
		ck_assert_msg(!strcmp(b.out, rows[_i].want), "%s: %s",
			      rows[_i].name, b.out);
		/* As new it does the same again, also after an error. */
		b.err = 0;
		b.len = 0;
		unzip_reset(b.u);
		split_feed(rows[_i].in, way, feed, &b);
		ck_assert_int_eq(b.err, rows[_i].err);
		ck_assert_str_eq(b.out, rows[_i].want);
		bench_close(&b);
	}
}
END_TEST

/* Much of nothing is a bomb; as much text is none. */
START_TEST(bomb)
{
	static uint8_t text[1 << 20], packed[1 << 20];
	static struct bench b;
	z_stream z = {0};

	for (size_t i = 0; _i && i < sizeof(text); i++)
		text[i] = (uint8_t)(i * i >> 7);
	ck_assert_int_eq(deflateInit2(&z, 6, Z_DEFLATED, -15, 9, 0), Z_OK);
	bench_open(&b, UNZIP_RAW, 1 << 20);
	for (int i = 0; i < 16; i++) {
		z.next_in = text;
		z.avail_in = sizeof(text);
		z.next_out = packed;
		z.avail_out = sizeof(packed);
		ck_assert_int_eq(deflate(&z, Z_SYNC_FLUSH), Z_OK);
		feed(slice_of(packed, sizeof(packed) - z.avail_out), &b);
	}
	ck_assert_int_eq(b.err, _i ? 0 : -E2BIG);
	if (_i)
		ck_assert_uint_eq(b.all, 16 << 20);
	else
		ck_assert_uint_lt(b.all, 6 << 20);
	deflateEnd(&z);
	bench_close(&b);
}
END_TEST

START_TEST(memory)
{
	static struct bench b;

	for (size_t total = 0; total < 60000; total += 97) {
		bench_open(&b, UNZIP_DEFLATE, total);
		if (b.u)
			feed(SLICE(ZLIB), &b);
		ck_assert(b.err == 0 || b.err == -ENOMEM);
		if (!b.u || b.err)
			ck_assert_uint_ge(
				counters_get(&b.counters, "web.memory_limit"),
				1);
		else
			ck_assert_str_eq(b.out, TEXT);
		bench_close(&b);
	}
	ck_assert_int_eq(b.err, 0);
	unzip_free(NULL);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
	Suite *s = suite_create("unzip");
	TCase *t = tcase_create("unzip");

	tcase_add_loop_test(t, kinds, 0, COUNT(rows));
	tcase_add_loop_test(t, bomb, 0, 2);
	tcase_add_test(t, memory);
	suite_add_tcase(s, t);
	return run_suite(s);
}
