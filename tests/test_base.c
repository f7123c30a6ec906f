/* The helpers of sniffer/base. */
#include "sniffer/base/addr.h"
#include "sniffer/base/arena.h"
#include "sniffer/base/counters.h"
#include "sniffer/base/list.h"
#include "sniffer/base/map.h"
#include "sniffer/base/timer.h"
#include "sniffer/base/ulid.h"
#include "sniffer/base/utf8.h"
#include "tests/run_suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void slice_is(struct slice s, const char *want)
{
	ck_assert_msg(slice_eq(s, slice_str(want)), "\"%.*s\", not \"%s\"",
		      SLICE_ARG(s), want);
}

/* --- slice ---------------------------------------------------------------- */

START_TEST(slice_compare)
{
	ck_assert(slice_eq(SLICE("ab"), slice_str("ab")));
	ck_assert(!slice_eq(SLICE("ab"), SLICE("aB")));
	ck_assert(!slice_eq(SLICE("ab"), SLICE("abc")));
	ck_assert(slice_eq(SLICE(""), (struct slice){0}));
	ck_assert(slice_ieq(SLICE("Call-ID"), SLICE("cALL-id")));
	ck_assert(!slice_ieq(SLICE("@"), SLICE("`"))); /* 0x20 apart */
	ck_assert(!slice_ieq(SLICE("["), SLICE("{")));
	ck_assert(slice_starts(SLICE("sip:a"), SLICE("sip:")));
	ck_assert(!slice_starts(SLICE("sip"), SLICE("sip:")));
	ck_assert(!slice_starts(SLICE("SIP:a"), SLICE("sip:")));
	ck_assert(slice_istarts(SLICE("SIP:a"), SLICE("sip:")));
	ck_assert_uint_eq(slice_str(NULL).len, 0);
}
END_TEST

START_TEST(slice_parts)
{
	slice_is(slice_from(SLICE("abc"), 1), "bc");
	slice_is(slice_from(SLICE("abc"), 3), "");
	slice_is(slice_from(SLICE("abc"), 9), "");
	slice_is(slice_head(SLICE("abc"), 2), "ab");
	slice_is(slice_head(SLICE("abc"), 9), "abc");
	slice_is(slice_trim(SLICE(" \t\r\na b \r\n")), "a b");
	slice_is(slice_trim(SLICE(" \t ")), "");
	slice_is(slice_trim((struct slice){0}), "");
}
END_TEST

START_TEST(slice_search)
{
	ck_assert_int_eq(slice_find(SLICE("a;b;c"), ';'), 1);
	ck_assert_int_eq(slice_find(SLICE("abc"), ';'), -1);
	ck_assert_int_eq(slice_find((struct slice){0}, ';'), -1);
	ck_assert_int_eq(slice_find_slice(SLICE("aabab"), SLICE("ab")), 1);
	ck_assert_int_eq(slice_find_slice(SLICE("aab"), SLICE("abc")), -1);
	ck_assert_int_eq(slice_find_slice(SLICE("ab"), SLICE("abc")), -1);
	ck_assert_int_eq(slice_find_slice(SLICE("ab"), SLICE("")), 0);
}
END_TEST

START_TEST(slice_cuts)
{
	struct slice head, tail, s = SLICE("k=v=w");

	ck_assert(slice_cut(s, '=', &head, &tail));
	slice_is(head, "k");
	slice_is(tail, "v=w");
	ck_assert(slice_cut(tail, '=', &head, &tail)); /* in place */
	slice_is(head, "v");
	slice_is(tail, "w");
	ck_assert(!slice_cut(tail, '=', &head, &tail));
	slice_is(head, "w");
	slice_is(tail, "");
	ck_assert(slice_cut(SLICE("="), '=', &head, &tail));
	ck_assert_uint_eq(head.len + tail.len, 0);
}
END_TEST

static const struct {
	const char *text;
	bool u32, u64;
	uint64_t v;
} numbers[] = {
	{"0", true, true, 0},
	{"007", true, true, 7},
	{"4294967295", true, true, 4294967295},
	{"4294967296", false, true, 4294967296},
	{"18446744073709551615", false, true, UINT64_MAX},
	{"18446744073709551616", false, false, 0},
	{"99999999999999999999", false, false, 0},
	{"", false, false, 0},
	{"-1", false, false, 0},
	{"+1", false, false, 0},
	{" 1", false, false, 0},
	{"1x", false, false, 0},
};

START_TEST(slice_numbers)
{
	struct slice s = slice_str(numbers[_i].text);
	uint32_t a = 77;
	uint64_t b = 77;

	ck_assert(slice_u32(s, &a) == numbers[_i].u32);
	ck_assert(slice_u64(s, &b) == numbers[_i].u64);
	ck_assert_uint_eq(a, numbers[_i].u32 ? numbers[_i].v : 77);
	ck_assert_uint_eq(b, numbers[_i].u64 ? numbers[_i].v : 77);
}
END_TEST

START_TEST(slice_lines)
{
	static const char *const want[] = {"a", "", "b\rc", "d"};
	struct slice s = SLICE("a\r\n\nb\rc\nd"), line;

	for (size_t i = 0; i < COUNT(want); i++) {
		ck_assert(slice_line(&s, &line));
		slice_is(line, want[i]);
	}
	ck_assert(!slice_line(&s, &line));
}
END_TEST

/* --- cursor --------------------------------------------------------------- */

START_TEST(cursor_reads)
{
	static const uint8_t b[] = {1,	2,  3,	4,  5,	6,  7,	8,  9,
				    10, 11, 12, 13, 14, 15, 16, 17, 18,
				    19, 20, 21, 22, 23, 24, 25};
	struct cursor c = cursor_of(slice_of(b, sizeof(b)));

	ck_assert_uint_eq(cursor_u8(&c), 1);
	ck_assert_uint_eq(cursor_u16(&c), 0x0203);
	ck_assert_uint_eq(cursor_u24(&c), 0x040506);
	ck_assert_uint_eq(cursor_u32(&c), 0x0708090a);
	ck_assert_uint_eq(cursor_u64(&c), 0x0b0c0d0e0f101112);
	ck_assert_uint_eq(cursor_le16(&c), 0x1413);
	ck_assert_uint_eq(cursor_le32(&c), 0x18171615);
	ck_assert_uint_eq(cursor_left(&c), 1);
	ck_assert_uint_eq(cursor_rest(&c).len, 1);
	ck_assert(!c.bad);
	ck_assert_uint_eq(cursor_rest(&c).len, 0);
	ck_assert(!c.bad);
}
END_TEST

START_TEST(cursor_goes_bad)
{
	static const uint8_t b[] = {1, 2, 3};
	struct cursor c = cursor_of(slice_of(b, sizeof(b)));

	ck_assert_uint_eq(cursor_u32(&c), 0);
	ck_assert(c.bad);
	ck_assert_uint_eq(cursor_u8(&c), 0); /* though there are bytes */
	ck_assert_uint_eq(cursor_rest(&c).len, 0);
	ck_assert_ptr_null(cursor_take(&c, 1).p);

	c = cursor_of(slice_of(b, sizeof(b)));
	ck_assert_uint_eq(cursor_take(&c, 3).len, 3);
	ck_assert(!c.bad);
	ck_assert_uint_eq(cursor_take(&c, SIZE_MAX).len, 0);
	ck_assert(c.bad);
}
END_TEST

START_TEST(cursor_of_nothing)
{
	struct cursor c = cursor_of((struct slice){0});

	ck_assert_uint_eq(cursor_left(&c), 0);
	ck_assert_uint_eq(cursor_rest(&c).len, 0);
	ck_assert(!c.bad);
	ck_assert_uint_eq(cursor_u8(&c), 0);
	ck_assert(c.bad);
}
END_TEST

/* --- addr ----------------------------------------------------------------- */

/* kind: v v4, a any, m multicast, p private */
static const struct {
	const char *text, *want, *kind;
} addrs[] = {
	{"192.0.2.1", "192.0.2.1", "v"},
	{"0.0.0.0", "0.0.0.0", "va"},
	{"::", "::", "a"},
	{"::1", "::1", "p"},
	{"2001:DB8:0:0:0:0:0:1", "2001:db8::1", ""},
	{"[2001:db8::1]", "2001:db8::1", ""},
	{"::ffff:10.0.0.1", "10.0.0.1", "vp"},
	{"10.255.0.1", "10.255.0.1", "vp"},
	{"127.0.0.1", "127.0.0.1", "vp"},
	{"172.15.0.1", "172.15.0.1", "v"},
	{"172.16.0.1", "172.16.0.1", "vp"},
	{"172.31.0.1", "172.31.0.1", "vp"},
	{"172.32.0.1", "172.32.0.1", "v"},
	{"192.168.9.9", "192.168.9.9", "vp"},
	{"169.254.1.1", "169.254.1.1", "vp"},
	{"100.63.0.1", "100.63.0.1", "v"},
	{"100.64.0.1", "100.64.0.1", "vp"},
	{"100.128.0.1", "100.128.0.1", "v"},
	{"224.0.0.1", "224.0.0.1", "vm"},
	{"239.255.255.255", "239.255.255.255", "vm"},
	{"240.0.0.1", "240.0.0.1", "v"},
	{"ff02::1", "ff02::1", "m"},
	{"fd00::1", "fd00::1", "p"},
	{"fe80::1", "fe80::1", "p"},
	{"fec0::1", "fec0::1", ""},
	{"", NULL, ""},
	{"[]", NULL, ""},
	{"1.2.3", NULL, ""},
	{"1.2.3.256", NULL, ""},
	{"1.2.3.4:5", NULL, ""},
	{"example.com", NULL, ""},
	{"::1%eth0", NULL, ""},
	{"1:2:3:4:5:6:7:8:9", NULL, ""},
	{"00000000000000000000000000000000000000000000000000", NULL, ""},
};

START_TEST(addr_kinds)
{
	const char *kind = addrs[_i].kind;
	struct addr a;
	char buf[ADDR_TEXT];

	ck_assert(addr_parse_ip(slice_str(addrs[_i].text), &a) ==
		  !!addrs[_i].want);
	if (!addrs[_i].want)
		return;
	ck_assert_str_eq(addr_ip_text(&a, buf), addrs[_i].want);
	ck_assert(addr_is_v4(&a) == !!strchr(kind, 'v'));
	ck_assert(addr_is_any(&a) == !!strchr(kind, 'a'));
	ck_assert(addr_is_multicast(&a) == !!strchr(kind, 'm'));
	ck_assert(addr_is_private(&a) == !!strchr(kind, 'p'));
}
END_TEST

START_TEST(addr_texts)
{
	struct addr a, b;
	char buf[ADDR_TEXT];

	ck_assert(addr_parse_ip(SLICE("192.0.2.1"), &a));
	ck_assert_uint_eq(a.port, 0);
	b = a;
	b.port = 65535;
	ck_assert_str_eq(addr_text(&b, buf), "192.0.2.1:65535");
	ck_assert(!addr_eq(&a, &b));
	ck_assert(addr_ip_eq(&a, &b));
	ck_assert(addr_cmp(&a, &b) == -addr_cmp(&b, &a));
	ck_assert_int_eq(addr_cmp(&a, &a), 0);
	ck_assert(addr_parse_ip(SLICE("ffff:ffff:ffff:ffff:ffff:ffff:ffff:"
				      "fffe"),
				&a));
	a.port = 5060;
	ck_assert_str_eq(addr_text(&a, buf),
			 "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe]:5060");
}
END_TEST

/* --- arena ---------------------------------------------------------------- */

START_TEST(arena_gives)
{
	struct arena *a = arena_new(64, 0);
	uint8_t *last = NULL;

	for (size_t n = 1; n < 3000; n += 7) {
		uint8_t *p = arena_alloc(a, n);

		ck_assert_ptr_nonnull(p);
		ck_assert_uint_eq((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < n; i++)
			ck_assert_uint_eq(p[i], 0);
		memset(p, 0xff, n);
		ck_assert_ptr_ne(p, last);
		last = p;
	}
	ck_assert_ptr_nonnull(arena_alloc(a, 1000000));
	ck_assert_ptr_null(arena_alloc(a, SIZE_MAX));
	ck_assert_uint_ge(arena_size(a), 1000000 + 428 * 1500);
	arena_free(a);
	arena_free(NULL);
}
END_TEST

START_TEST(arena_keeps)
{
	struct arena *a = arena_new(0, 0);
	char text[] = "abc";
	struct slice kept = arena_keep(a, slice_str(text));
	char *str = arena_str(a, slice_str(text));

	text[0] = 'x';
	slice_is(kept, "abc");
	ck_assert_str_eq(str, "abc");
	ck_assert_str_eq(arena_str(a, (struct slice){0}), "");
	ck_assert_uint_eq(arena_keep(a, (struct slice){0}).len, 0);
	arena_free(a);
}
END_TEST

START_TEST(arena_limit)
{
	struct arena *a = arena_new(64, 1000);
	size_t got = 0;

	while (arena_alloc(a, 32))
		got += 32;
	ck_assert_uint_le(arena_size(a), 1000);
	ck_assert_uint_ge(got, 400);
	ck_assert_uint_eq(arena_keep(a, slice_of(addrs, 1000)).len, 0);
	ck_assert_ptr_null(arena_str(a, slice_of(addrs, 1000)));
	arena_free(a);
}
END_TEST

/* Either may be empty; what both kept stays, and there is room for more. */
START_TEST(arena_adopts)
{
	struct arena *a = arena_new(64, 4096), *b = arena_new(64, 4096);
	struct slice x = {0}, y = {0};
	size_t size;

	if (_i & 1)
		x = arena_keep(a, SLICE("of a"));
	for (int n = 0; n < 50 && _i & 2; n++)
		y = arena_keep(b, SLICE("of b, which has many pieces"));
	size = arena_size(a) + arena_size(b);
	arena_adopt(a, b);
	ck_assert_uint_eq(arena_size(a), size);
	ck_assert(slice_eq(x, _i & 1 ? SLICE("of a") : SLICE("")));
	ck_assert(slice_eq(y, _i & 2 ? SLICE("of b, which has many pieces")
				     : SLICE("")));
	ck_assert(slice_eq(arena_keep(a, SLICE("more")), SLICE("more")));
	while (arena_alloc(a, 32))
		;
	ck_assert_uint_le(arena_size(a), 4096);
	arena_free(a);
}
END_TEST

/* Together they may have more than the limit: then nothing is added. */
START_TEST(arena_adopts_beyond_its_limit)
{
	struct arena *a = arena_new(64, 1024), *b = arena_new(64, 4096);
	struct slice x = arena_keep(a, SLICE("of a")), y = {0};

	for (int n = 0; n < 50; n++)
		y = arena_keep(b, SLICE("of b, which has many pieces"));
	arena_adopt(a, b);
	ck_assert_uint_gt(arena_size(a), 1024);
	ck_assert_ptr_null(arena_alloc(a, 4096));
	ck_assert(slice_eq(x, SLICE("of a")));
	ck_assert(slice_eq(y, SLICE("of b, which has many pieces")));
	arena_free(a);
}
END_TEST

START_TEST(arena_fails)
{
	struct arena *a = arena_new(64, 0);

	arena_fail_at(3);
	ck_assert_ptr_nonnull(arena_alloc(a, 1));
	ck_assert_ptr_nonnull(arena_alloc(a, 1));
	ck_assert_ptr_null(arena_alloc(a, 1));
	ck_assert_ptr_nonnull(arena_alloc(a, 1));
	arena_fail_at(1);
	arena_fail_at(0);
	ck_assert_ptr_nonnull(arena_alloc(a, 1));
	arena_free(a);
}
END_TEST

/* --- map ------------------------------------------------------------------ */

/* SipHash-1-3 with the key 00 01 .. 0f over the bytes 00 01 ..; values from
 * a second implementation, which gives the paper's vector for 2-4. */
static const struct {
	size_t len;
	uint64_t want;
} hashes[] = {
	{0, 0xabac0158050fc4dc},  {1, 0xc9f49bf37d57ca93},
	{7, 0xd3927d989bb11140},  {8, 0x369095118d299a8e},
	{15, 0xd320d86d2a519956}, {40, 0xc1d2363299e41531},
};

START_TEST(map_hash)
{
	const struct seed key = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
	uint8_t in[40];

	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)i;
	if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
		ck_assert_uint_eq(seed_hash(&key, in, hashes[_i].len),
				  hashes[_i].want);
	else
		puts("SKIP map_hash: the vectors are for little-endian hosts");
}
END_TEST

START_TEST(map_hash_in_words)
{
	const struct seed key = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
	const uint8_t in[16] = "fifteen bytes !";
	uint64_t a, b;

	memcpy(&a, in, sizeof(a));
	memcpy(&b, in + 8, sizeof(b));
	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		return; /* the words are put together otherwise there */
	ck_assert_uint_eq(seed_hash15(&key, a, b | 7ull << 56),
			  seed_hash(&key, in, 15));
}
END_TEST

START_TEST(map_seeds_differ)
{
	struct seed a = seed_random(), b = seed_random();

	ck_assert(a.k0 != b.k0 || a.k1 != b.k1);
	ck_assert_uint_ne(seed_hash(&a, "x", 1), seed_hash(&b, "x", 1));
}
END_TEST

struct item {
	struct map_node node;
	unsigned key;
};

static struct item *item_find(const struct map *m, uint64_t hash, unsigned key)
{
	for (struct map_node *n = map_first(m, hash); n; n = map_next(n)) {
		struct item *it = container_of(n, struct item, node);

		if (it->key == key)
			return it;
	}
	return NULL;
}

/* Three items of each hash, so that chains are long and grow with it. */
START_TEST(map_holds)
{
	enum {
		N = 3000
	};
	static struct item items[N];
	struct map m;

	ck_assert_int_eq(map_init(&m, 3), 0);
	for (unsigned i = 0; i < N; i++) {
		items[i].key = i;
		map_insert(&m, &items[i].node, i / 3 * 0x9e3779b97f4a7c15);
	}
	ck_assert_uint_eq(m.count, N);
	ck_assert_uint_ge(m.mask + 1, N / 2);
	for (unsigned i = 0; i < N; i++)
		ck_assert_ptr_eq(item_find(&m, items[i].node.hash, i),
				 &items[i]);
	for (unsigned i = 0; i < N; i += 2) {
		map_remove(&m, &items[i].node);
		map_remove(&m, &items[i].node); /* twice does no harm */
	}
	ck_assert_uint_eq(m.count, N / 2);
	for (unsigned i = 0; i < N; i++)
		ck_assert(!!item_find(&m, items[i].node.hash, i) == (i & 1));
	map_close(&m);
}
END_TEST

START_TEST(map_newest_first)
{
	struct item items[100];
	struct map m;
	unsigned want = 100;

	ck_assert_int_eq(map_init(&m, 0), 0);
	for (unsigned i = 0; i < 100; i++) {
		items[i].key = i;
		map_insert(&m, &items[i].node, 5);
	}
	for (struct map_node *n = map_first(&m, 5); n; n = map_next(n))
		ck_assert_uint_eq(container_of(n, struct item, node)->key,
				  --want);
	ck_assert_uint_eq(want, 0);
	ck_assert_ptr_null(map_first(&m, 5 + 16)); /* same bucket */
	map_close(&m);
}
END_TEST

/* --- list ----------------------------------------------------------------- */

START_TEST(list_order)
{
	struct list head, n[3];
	size_t i = 0;

	list_init(&head);
	ck_assert(list_empty(&head));
	ck_assert_ptr_null(list_first(&head));
	for (int k = 0; k < 3; k++)
		list_append(&head, &n[k]);
	list_each(it, &head) ck_assert_ptr_eq(it, &n[i++]);
	ck_assert_uint_eq(i, 3);
	list_remove(&n[1]);
	list_remove(&n[1]);
	ck_assert_ptr_eq(list_first(&head), &n[0]);
	ck_assert_ptr_eq(n[0].next, &n[2]);
	list_each_safe(it, &head) list_remove(it);
	ck_assert(list_empty(&head));
}
END_TEST

/* --- timer ---------------------------------------------------------------- */

struct alarm {
	struct timer t;
	char name;
	uint64_t again_ns; /* set anew when it fires */
};

struct bell {
	struct timers ts;
	char rung[64];
	uint64_t at_ns[64];
	size_t n;
};

static void ring(struct timer *t, uint64_t now_ns, void *arg)
{
	struct bell *b = arg;
	struct alarm *a = container_of(t, struct alarm, t);

	b->rung[b->n] = a->name;
	b->at_ns[b->n++] = now_ns;
	if (a->again_ns)
		timer_set(&b->ts, t, now_ns + a->again_ns);
}

START_TEST(timer_order)
{
	struct bell b = {.n = 0};
	struct alarm a[8];

	timers_init(&b.ts, &b);
	for (int i = 0; i < 8; i++) {
		static const uint64_t at[] = {50, 20, 50, 10, 90, 20, 50, 5};

		a[i] = (struct alarm){.t.fire = ring, .name = (char)('a' + i)};
		ck_assert(timer_set(&b.ts, &a[i].t, at[i]));
	}
	timers_run(&b.ts, 4);
	ck_assert_str_eq(b.rung, "");
	timers_run(&b.ts, 20);
	ck_assert_str_eq(b.rung, "hdbf");
	ck_assert_uint_eq(b.at_ns[1], 10); /* its own time, not 20 */
	timer_stop(&b.ts, &a[2].t);
	timer_stop(&b.ts, &a[2].t);
	timer_set(&b.ts, &a[4].t, 30); /* moved to the front */
	timers_run(&b.ts, UINT64_MAX);
	ck_assert_str_eq(b.rung, "hdbfeag");
	ck_assert_uint_eq(b.ts.len, 0);
	timers_close(&b.ts);
}
END_TEST

START_TEST(timer_again)
{
	struct bell b = {.n = 0};
	struct alarm a = {.t.fire = ring, .name = 'x', .again_ns = 10};

	timers_init(&b.ts, &b);
	timer_set(&b.ts, &a.t, 10);
	timers_run(&b.ts, 35);
	ck_assert_str_eq(b.rung, "xxx");
	ck_assert_uint_eq(b.at_ns[2], 30);
	ck_assert_uint_ne(a.t.index, 0);
	timers_close(&b.ts);
}
END_TEST

/* Many timers set, moved and stopped: the rest fires in order. */
START_TEST(timer_many)
{
	enum {
		N = 2000
	};
	static struct alarm a[N];
	struct timers ts;
	uint64_t x = 1, last = 0;
	size_t n;

	timers_init(&ts, NULL);
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < N; i++) {
			x = x * 6364136223846793005 + 1442695040888963407;
			if (x >> 62 == 3)
				timer_stop(&ts, &a[i].t);
			else
				timer_set(&ts, &a[i].t, x >> 40);
		}
	}
	for (size_t i = 1; i <= ts.len; i++) {
		ck_assert_uint_eq(ts.heap[i]->index, i);
		ck_assert(i == 1 || ts.heap[i / 2]->at_ns <= ts.heap[i]->at_ns);
	}
	n = ts.len;
	ck_assert_uint_gt(n, N / 2);
	for (; ts.len; n--) {
		ck_assert_uint_ge(ts.heap[1]->at_ns, last);
		last = ts.heap[1]->at_ns;
		timer_stop(&ts, ts.heap[1]);
	}
	ck_assert_uint_eq(n, 0);
	timers_close(&ts);
}
END_TEST

/* --- ulid ----------------------------------------------------------------- */

/* Values from a second implementation over another SHA-256. */
START_TEST(ulid_values)
{
	struct slice call[] = {SLICE_INIT("file"),
			       SLICE_INIT("abc@example.com"),
			       SLICE_INIT("tag1")};
	struct slice ab_c[] = {SLICE_INIT("ab"), SLICE_INIT("c")};
	struct slice a_bc[] = {SLICE_INIT("a"), SLICE_INIT("bc")};
	char out[ULID_SIZE];

	ulid_make(out, 1700000000123456789, call, 3);
	ck_assert_str_eq(out, "01HF7YAT3VNWKA21R8WW6H4M8X");
	ck_assert_uint_eq(ulid_ms(out), 1700000000123);
	ulid_make(out, 1700000000123999999, ab_c, 2);
	ck_assert_str_eq(out, "01HF7YAT3VYA9SZ41G2VJVPADH");
	ulid_make(out, 1700000000123000000, a_bc, 2);
	ck_assert_str_eq(out, "01HF7YAT3VPMTCW5NCKJ5KD0HZ");
}
END_TEST

START_TEST(ulid_edges)
{
	char out[ULID_SIZE];

	ulid_make(out, 0, NULL, 0);
	ck_assert_uint_eq(strlen(out), 26);
	ck_assert_uint_eq(ulid_ms(out), 0);
	ck_assert_uint_eq(ulid_ms(""), 0);
	ck_assert_uint_eq(ulid_ms("01HF7"), 0);
	ck_assert_uint_eq(ulid_ms("01HF7YAT3I"), 0); /* no such digit */
	ck_assert_uint_eq(ulid_ms("7ZZZZZZZZZ"), (1ull << 48) - 1);
}
END_TEST

/* --- counters ------------------------------------------------------------- */

START_TEST(counters_count)
{
	struct counters c = {.len = 0};
	char same[] = "b.two";

	ck_assert_uint_eq(counters_get(&c, "a.one"), 0);
	counters_add(&c, "b.two", 2);
	counters_add(&c, "a.one", 1);
	counters_add(&c, same, 3);
	ck_assert_uint_eq(counters_get(&c, "b.two"), 5);
	ck_assert_uint_eq(counters_get(&c, "a.one"), 1);
	ck_assert_uint_eq(c.len, 2);
	counters_sort(&c);
	ck_assert_str_eq(c.v[0].name, "a.one");
	ck_assert_str_eq(c.v[1].name, "b.two");
}
END_TEST

START_TEST(counters_full)
{
	static char names[COUNTERS_MAX + 10][16];
	static struct counters c;
	uint64_t sum = 0;

	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(names[i], sizeof(names[i]), "n.%zu", i);
		counters_add(&c, names[i], 1);
	}
	ck_assert_uint_eq(c.len, COUNTERS_MAX);
	ck_assert_uint_eq(counters_get(&c, "n.254"), 1);
	ck_assert_uint_eq(counters_get(&c, "other"), 11);
	for (size_t i = 0; i < c.len; i++)
		sum += c.v[i].n;
	ck_assert_uint_eq(sum, COUNT(names));
}
END_TEST

/* --- utf8 ----------------------------------------------------------------- */

static const struct {
	const char *text;
	size_t len;
	uint32_t rune;
} chars[] = {
	{"A", 1, 'A'},
	{"\xc3\xa4", 2, 0xe4},
	{"\xe2\x82\xac", 3, 0x20ac},
	{"\xf0\x9f\x93\x9e", 4, 0x1f4de},
	{"\xf4\x8f\xbf\xbf", 4, 0x10ffff},
	{"", 0, 0},
	{"\x80", 0, 0},
	{"\xc3", 0, 0},
	{"\xc3(", 0, 0},
	{"\xc0\x80", 0, 0}, /* overlong */
	{"\xe0\x80\xaf", 0, 0},
	{"\xf0\x80\x80\xaf", 0, 0},
	{"\xed\xa0\x80", 0, 0},	    /* a surrogate */
	{"\xf4\x90\x80\x80", 0, 0}, /* above the last */
	{"\xff", 0, 0},
};

START_TEST(utf8_chars)
{
	uint32_t rune = 7;
	struct slice s = slice_str(chars[_i].text);

	ck_assert_uint_eq(utf8_char(s, &rune), chars[_i].len);
	ck_assert_uint_eq(rune, chars[_i].len ? chars[_i].rune : 7);
	ck_assert_uint_eq(utf8_char(s, NULL), chars[_i].len);
	for (size_t n = 0; n < chars[_i].len; n++)
		ck_assert_uint_eq(utf8_char(slice_head(s, n), NULL), 0);
}
END_TEST

static void add_slices(Suite *s)
{
	TCase *tc = tcase_create("slice");

	suite_add_tcase(s, tc);
	tcase_add_test(tc, slice_compare);
	tcase_add_test(tc, slice_parts);
	tcase_add_test(tc, slice_search);
	tcase_add_test(tc, slice_cuts);
	tcase_add_loop_test(tc, slice_numbers, 0, COUNT(numbers));
	tcase_add_test(tc, slice_lines);
	tcase_add_test(tc, cursor_reads);
	tcase_add_test(tc, cursor_goes_bad);
	tcase_add_test(tc, cursor_of_nothing);
	tcase_add_loop_test(tc, utf8_chars, 0, COUNT(chars));
	tc = tcase_create("addr");
	suite_add_tcase(s, tc);
	tcase_add_loop_test(tc, addr_kinds, 0, COUNT(addrs));
	tcase_add_test(tc, addr_texts);
}

static void add_containers(Suite *s)
{
	TCase *tc = tcase_create("containers");

	suite_add_tcase(s, tc);
	tcase_add_test(tc, arena_gives);
	tcase_add_test(tc, arena_keeps);
	tcase_add_test(tc, arena_limit);
	tcase_add_loop_test(tc, arena_adopts, 0, 4);
	tcase_add_test(tc, arena_adopts_beyond_its_limit);
	tcase_add_test(tc, arena_fails);
	tcase_add_loop_test(tc, map_hash, 0, COUNT(hashes));
	tcase_add_test(tc, map_hash_in_words);
	tcase_add_test(tc, map_seeds_differ);
	tcase_add_test(tc, map_holds);
	tcase_add_test(tc, map_newest_first);
	tcase_add_test(tc, list_order);
	tcase_add_test(tc, timer_order);
	tcase_add_test(tc, timer_again);
	tcase_add_test(tc, timer_many);
	tcase_add_test(tc, counters_count);
	tcase_add_test(tc, counters_full);
	tcase_add_test(tc, ulid_values);
	tcase_add_test(tc, ulid_edges);
}

int main(void)
{
	Suite *s = suite_create("base");

	add_slices(s);
	add_containers(s);
	return run_suite(s);
}
