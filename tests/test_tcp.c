/*
 * TCP reassembly. Segments are cut out of one stream of letters, so that
 * what comes out tells its own position.
 */
#include "sniffer/net/tcp.h"
#include "tests/run_suite.h"

#include <check.h>
#include <stdlib.h>

#define SEC 1000000000ull

static const char stream[] = "abcdefghijklmnopqrstuvwxyz0123456789";

/* One segment of a case: bytes [from, to) of the stream. */
struct cut {
	int from, to;
	uint8_t flags;
	uint32_t ms; /* after the one before */
	int snap;    /* captured bytes, 0 = all */
};

enum {
	S = PKT_TCP_SYN,
	F = PKT_TCP_FIN,
	R = PKT_TCP_RST
};

struct bench {
	struct tcp_dir t;
	struct tcp_mem m;
	struct counters counters;
	uint32_t seq0; /* of the stream's first byte */
	uint64_t now_ns, number;
	char out[4096]; /* all consumed bytes, '|' where resynchronised */
	size_t len;
	bool keep; /* nothing is consumed */
};

static void bench_init(struct bench *b, uint32_t seq0)
{
	*b = (struct bench){.seq0 = seq0, .now_ns = SEC};
	b->m = (struct tcp_mem){
		.cfg = {1 << 18, 1 << 20, 8, 2 * SEC},
		.counters = &b->counters,
	};
}

static void bench_close(struct bench *b)
{
	tcp_close(&b->t, &b->m);
	ck_assert_uint_eq(b->m.held, 0);
}

static void drink(struct bench *b)
{
	struct slice s = tcp_bytes(&b->t);

	if (b->keep || !s.len)
		return;
	if (tcp_resync(&b->t))
		b->out[b->len++] = '|';
	memcpy(b->out + b->len, s.p, s.len);
	b->len += s.len;
	b->out[b->len] = '\0';
	tcp_consume(&b->t, s.len);
}

static void swallow(struct bench *b, bool look)
{
	if (look)
		do
			drink(b);
		while (tcp_skip(&b->t, &b->m));
	tcp_settle(&b->t, &b->m);
}

/* The payload lies in a heap block of its own size that is gone afterwards:
 * a borrowed byte that is kept shows. The frame is the same bytes. */
static void push(struct bench *b, const struct cut *c)
{
	size_t wire = (size_t)(c->to - c->from);
	size_t len = c->snap ? (size_t)c->snap : wire;
	uint8_t *p = malloc(len ? len : 1);
	struct frame f = {
		.data = {p, len},
		.ts_ns = b->now_ns += c->ms * 1000000ull,
		.number = ++b->number,
	};
	struct pkt pkt = {
		.frames = &f,
		.frame_count = 1,
		.ts_ns = f.ts_ns,
		.payload = {p, len},
		.payload_wire = (uint32_t)wire,
		.tcp_seq = b->seq0 + (uint32_t)c->from,
		.tcp_flags = c->flags,
		.proto = PKT_TCP,
	};

	memcpy(p, stream + (c->from < 0 ? 0 : c->from), len);
	if (c->flags & S)
		pkt.tcp_seq--;
	swallow(b, tcp_push(&b->t, &b->m, &pkt));
	free(p);
}

static void push_all(struct bench *b, const struct cut *c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		push(b, &c[i]);
}

static const struct {
	const char *name;
	struct cut cut[12];
	size_t n;
	const char *want;
	bool ended;
	unsigned gaps;
} rows[] = {
	{"in order", {{0, 0, S}, {0, 5}, {5, 10}}, 3, "abcdefghij"},
	{"mid-stream", {{4, 6}, {6, 8}}, 2, "|efgh"},
	{"swapped", {{0, 0, S}, {3, 6}, {0, 3}}, 3, "abcdef"},
	{"retransmitted", {{0, 0, S}, {0, 3}, {0, 3}, {3, 5}}, 4, "abcde"},
	{"retransmitted with more",
	 {{0, 0, S}, {0, 3}, {0, 6}, {2, 7}},
	 4,
	 "abcdefg"},
	{"SYN twice", {{0, 0, S}, {0, 0, S}, {0, 3}, {0, 0, S}}, 4, "abc"},
	{"SYN with data", {{0, 3, S}, {3, 5}}, 2, "abcde"},
	{"SYN late", {{0, 3}, {0, 0, S}, {3, 5}}, 3, "|abcde"},
	{"keep-alive", {{0, 0, S}, {0, 3}, {2, 3}, {3, 5}}, 4, "abcde"},
	{"keep-alive behind the SYN", {{0, 0, S}, {-1, 0}, {0, 3}}, 3, "abc"},
	{"FIN", {{0, 0, S}, {0, 3, F}}, 2, "abc", .ended = true},
	{"FIN alone", {{0, 0, S}, {0, 3}, {3, 3, F}}, 3, "abc", .ended = true},
	{"FIN early",
	 {{0, 0, S}, {3, 6, F}, {0, 3}},
	 3,
	 "abcdef",
	 .ended = true},
	{"FIN behind a gap", {{0, 0, S}, {3, 6, F}}, 2, ""},
	{"FIN first", {{0, 0, F}}, 1, "", .ended = true},
	{"RST", {{0, 0, S}, {0, 3}, {3, 3, R}}, 3, "abc", .ended = true},
	{"RST gives gaps up",
	 {{0, 0, S}, {3, 5}, {7, 9}, {9, 9, R}},
	 4,
	 "|de|hi",
	 .ended = true,
	 .gaps = 2},
	{"data of a RST is none", {{0, 0, S}, {0, 3, R}}, 2, "", .ended = true},
	{"gap by time",
	 {{0, 0, S}, {0, 3}, {5, 7}, {7, 9, 0, 2100}},
	 4,
	 "abc|fghi",
	 .gaps = 1},
	{"gap filled in time",
	 {{0, 0, S}, {0, 3}, {5, 7}, {3, 5, 0, 1900}},
	 4,
	 "abcdefg"},
	{"progress keeps waiting",
	 {{0, 0, S},
	  {9, 10},
	  {0, 2, 0, 1500},
	  {2, 4, 0, 1500},
	  {4, 9, 0, 1500}},
	 5,
	 "abcdefghij"},
	{"gap by count",
	 {{0, 0, S},
	  {1, 2},
	  {3, 4},
	  {5, 6},
	  {7, 8},
	  {9, 10},
	  {11, 12},
	  {13, 14},
	  {15, 16},
	  {17, 18},
	  {18, 19}},
	 11,
	 "|b|d",
	 .gaps = 2},
	{"overlap ahead, first wins",
	 {{0, 0, S}, {4, 8}, {2, 10}, {0, 2}},
	 4,
	 "abcdefghij"},
	{"cut by the snap length",
	 {{0, 0, S}, {0, 5, .snap = 3}, {5, 8}},
	 3,
	 "abc|fgh"},
	{"cut, out of order",
	 {{0, 0, S}, {3, 8, .snap = 2}, {0, 3}, {8, 9}},
	 4,
	 "abcde|i"},
	{"cut, then whole",
	 {{0, 0, S}, {3, 8, .snap = 2}, {5, 8}, {0, 3}},
	 4,
	 "abcdefgh"},
};

START_TEST(cases)
{
	/* The sequence numbers wrap at each place of the stream. */
	for (uint32_t k = 0; k < 24; k++) {
		struct bench b;

		bench_init(&b, k ? -k : 1000);
		push_all(&b, rows[_i].cut, rows[_i].n);
		ck_assert_msg(!strcmp(b.out, rows[_i].want), "%s: %s, not %s",
			      rows[_i].name, b.out, rows[_i].want);
		ck_assert_msg(tcp_ended(&b.t) == rows[_i].ended, "%s: ended",
			      rows[_i].name);
		ck_assert_msg(counters_get(&b.counters, "tcp.gap") ==
				      rows[_i].gaps,
			      "%s: gaps", rows[_i].name);
		bench_close(&b);
	}
}
END_TEST

/* Five segments in every order, with and without SYN before them. */
START_TEST(permutations)
{
	int order[5], k = _i;
	bool used[5] = {false};
	struct bench b;

	bench_init(&b, 0xfffffff8);
	push(&b, &(struct cut){0, 0, S});
	for (int i = 0; i < 5; i++) {
		int nth = k % (5 - i), j = 0;

		k /= 5 - i;
		while (used[j] || nth--)
			j++;
		used[j] = true;
		order[i] = j;
	}
	for (int i = 0; i < 5; i++)
		push(&b, &(struct cut){order[i] * 4, order[i] * 4 + 4});
	ck_assert_str_eq(b.out, "abcdefghijklmnopqrst");
	ck_assert_uint_eq(b.counters.len, 0);
	bench_close(&b);
}
END_TEST

/* Two messages, each taken when whole, under every cut into three. */
START_TEST(splits)
{
	static const char text[] = "first message\nsecond one\n";
	const int n = sizeof(text) - 1;

	for (int i = 0; i <= n; i++) {
		struct tcp_dir t = {0};
		struct counters counters = {.len = 0};
		struct tcp_mem m = {{1 << 16, 1 << 16, 8, SEC}, &counters, 0};
		int at[4] = {0, _i < i ? _i : i, _i < i ? i : _i, n};
		char got[2][32] = {"", ""};
		int lines = 0;

		for (int j = 0; j < 3; j++) {
			size_t len = (size_t)(at[j + 1] - at[j]);
			uint8_t *p = malloc(len ? len : 1);
			struct frame f = {.data = {p, len},
					  .number = (uint64_t)j};
			struct pkt pkt = {.frames = &f,
					  .frame_count = 1,
					  .payload = {p, len},
					  .payload_wire = (uint32_t)len,
					  .tcp_seq = (uint32_t)at[j]};
			ptrdiff_t end;

			memcpy(p, text + at[j], len);
			tcp_push(&t, &m, &pkt);
			while ((end = slice_find(tcp_bytes(&t), '\n')) >= 0) {
				ck_assert_int_lt(lines, 2);
				memcpy(got[lines++], tcp_bytes(&t).p,
				       (size_t)end);
				tcp_consume(&t, (size_t)end + 1);
			}
			tcp_settle(&t, &m);
			free(p);
		}
		ck_assert_int_eq(lines, 2);
		ck_assert_str_eq(got[0], "first message");
		ck_assert_str_eq(got[1], "second one");
		tcp_close(&t, &m);
		ck_assert_uint_eq(m.held, 0);
	}
}
END_TEST

/* The frames of the first n bytes as digits. */
static const char *frames_of(const struct bench *b, size_t n, char text[16])
{
	struct frame f[8];
	size_t count = tcp_frames(&b->t, n, f, 8);

	for (size_t i = 0; i < count; i++)
		text[i] = (char)('0' + f[i].number);
	text[count] = '\0';
	return text;
}

START_TEST(frames_are_kept)
{
	struct bench b;
	struct frame f[2];
	char text[16];

	bench_init(&b, 7);
	b.keep = true;
	push(&b, &(struct cut){0, 0, S});
	push(&b, &(struct cut){0, 3});	 /* frame 2 */
	push(&b, &(struct cut){6, 9});	 /* frame 3 */
	push(&b, &(struct cut){12, 15}); /* frame 4: stays ahead */
	push(&b, &(struct cut){3, 6});	 /* frame 5 */
	ck_assert_uint_eq(tcp_bytes(&b.t).len, 9);
	ck_assert_mem_eq(tcp_bytes(&b.t).p, "abcdefghi", 9);
	ck_assert_str_eq(frames_of(&b, 0, text), "");
	ck_assert_str_eq(frames_of(&b, 3, text), "2");
	ck_assert_str_eq(frames_of(&b, 4, text), "25");
	ck_assert_str_eq(frames_of(&b, 9, text), "235");
	ck_assert_uint_eq(tcp_frames(&b.t, 9, f, 2), 3);

	tcp_consume(&b.t, 4);
	tcp_settle(&b.t, &b.m);
	ck_assert_str_eq(frames_of(&b, 2, text), "5");
	ck_assert_str_eq(frames_of(&b, 5, text), "35");
	ck_assert_uint_eq(tcp_frames(&b.t, 1, f, 2), 1);
	ck_assert_mem_eq(f[0].data.p, "def", 3);

	push(&b, &(struct cut){9, 12});
	ck_assert_str_eq(frames_of(&b, 11, text), "3456");
	bench_close(&b);
}
END_TEST

/* One frame whose bytes fill two holes is told once. */
START_TEST(frame_once)
{
	struct bench b;
	char text[16];

	bench_init(&b, 7);
	b.keep = true;
	push(&b, &(struct cut){0, 0, S});
	push(&b, &(struct cut){4, 6});
	push(&b, &(struct cut){2, 8});
	push(&b, &(struct cut){0, 2});
	ck_assert_uint_eq(tcp_bytes(&b.t).len, 8);
	ck_assert_str_eq(frames_of(&b, 8, text), "234");
	bench_close(&b);
}
END_TEST

/* In order and consumed at once: nothing is copied. */
START_TEST(no_copy)
{
	struct bench b;

	bench_init(&b, 1);
	for (int i = 0; i < 36; i++) {
		push(&b, &(struct cut){i, i + 1});
		ck_assert_uint_eq(b.m.held, 0);
	}
	ck_assert_str_eq(b.out + 1, stream);
	bench_close(&b);
}
END_TEST

START_TEST(expires_without_packets)
{
	struct bench b;

	bench_init(&b, 1);
	push(&b, &(struct cut){0, 0, S});
	ck_assert_uint_eq(tcp_due_ns(&b.t, &b.m), 0);
	push(&b, &(struct cut){3, 6});
	ck_assert_uint_eq(tcp_due_ns(&b.t, &b.m), 3 * SEC);
	ck_assert(!tcp_expire(&b.t, &b.m, 3 * SEC));
	ck_assert(tcp_expire(&b.t, &b.m, 3 * SEC + 1));
	swallow(&b, true);
	ck_assert_str_eq(b.out, "|def");
	bench_close(&b);
}
END_TEST

START_TEST(finish_gives_up)
{
	struct bench b;

	bench_init(&b, 1);
	push(&b, &(struct cut){0, 0, S});
	push(&b, &(struct cut){3, 6});
	push(&b, &(struct cut){8, 9});
	swallow(&b, tcp_finish(&b.t, &b.m));
	ck_assert_str_eq(b.out, "|def|i");
	ck_assert(tcp_ended(&b.t));
	ck_assert_uint_eq(counters_get(&b.counters, "tcp.gap"), 2);
	bench_close(&b);
}
END_TEST

/* What begins before a gap is shown before it is dropped. */
START_TEST(gap_shows_the_rest)
{
	struct bench b;

	bench_init(&b, 1);
	b.keep = true;
	push(&b, &(struct cut){0, 0, S});
	push(&b, &(struct cut){0, 3});
	push(&b, &(struct cut){5, 7});
	ck_assert(!tcp_gap(&b.t));
	ck_assert(tcp_finish(&b.t, &b.m));
	ck_assert(tcp_gap(&b.t));
	ck_assert_uint_eq(tcp_bytes(&b.t).len, 3);
	ck_assert(tcp_skip(&b.t, &b.m));
	ck_assert(tcp_resync(&b.t));
	ck_assert_uint_eq(tcp_bytes(&b.t).len, 2);
	ck_assert_mem_eq(tcp_bytes(&b.t).p, "fg", 2);
	ck_assert(!tcp_skip(&b.t, &b.m));
	bench_close(&b);
}
END_TEST

START_TEST(new_connection)
{
	struct bench b;

	bench_init(&b, 1000);
	push(&b, &(struct cut){0, 0, S});
	push(&b, &(struct cut){0, 3, F});
	ck_assert(tcp_ended(&b.t));
	b.seq0 = 0x90000000;
	push(&b, &(struct cut){0, 0, S});
	ck_assert(!tcp_ended(&b.t));
	push(&b, &(struct cut){0, 3});
	ck_assert_str_eq(b.out, "abcabc");
	bench_close(&b);
}
END_TEST

/* A damaged header does not move the stream; a real jump does. */
START_TEST(out_of_window)
{
	struct bench b;

	bench_init(&b, 1000);
	push(&b, &(struct cut){0, 0, S});
	push(&b, &(struct cut){0, 3});
	b.seq0 = 0x50000000;
	push(&b, &(struct cut){0, 3});
	b.seq0 = 1000;
	push(&b, &(struct cut){3, 5});
	ck_assert_str_eq(b.out, "abcde");
	ck_assert_uint_eq(counters_get(&b.counters, "tcp.out_of_window"), 1);
	b.seq0 = 0x50000000;
	for (int i = 0; i < 5; i++)
		push(&b, &(struct cut){i, i + 1});
	ck_assert_str_eq(b.out, "abcde|de");
	ck_assert_uint_eq(counters_get(&b.counters, "tcp.gap"), 1);
	bench_close(&b);
}
END_TEST

START_TEST(ignored)
{
	struct bench b;

	bench_init(&b, 1000);
	b.keep = true;
	push(&b, &(struct cut){0, 3});
	ck_assert_uint_gt(b.m.held, 0);
	tcp_ignore(&b.t, &b.m);
	ck_assert_uint_eq(b.m.held, 0);
	b.keep = false;
	push(&b, &(struct cut){3, 6});
	ck_assert(!tcp_finish(&b.t, &b.m));
	ck_assert_str_eq(b.out, "");
	b.seq0 = 5;
	push(&b, &(struct cut){0, 0, S});
	push(&b, &(struct cut){0, 3});
	ck_assert_str_eq(b.out, "abc");
	bench_close(&b);
}
END_TEST

/* A message that never ends: its bytes go, the stream goes on. */
START_TEST(limit_of_one)
{
	struct bench b;
	unsigned hit;

	bench_init(&b, 1000);
	b.m.cfg.buffer_bytes = 2048;
	b.keep = true;
	push(&b, &(struct cut){0, 0, S});
	for (int i = 0; i < 36; i++) {
		push(&b, &(struct cut){i, i + 1});
		ck_assert_uint_le(b.m.held, 2048);
	}
	hit = (unsigned)counters_get(&b.counters, "tcp.buffer_limit");
	ck_assert_uint_ge(hit, 1);
	ck_assert(tcp_resync(&b.t));
	/* What is exposed are the last bytes of the stream. */
	ck_assert_uint_gt(tcp_bytes(&b.t).len, 0);
	ck_assert_mem_eq(tcp_bytes(&b.t).p, stream + 36 - tcp_bytes(&b.t).len,
			 tcp_bytes(&b.t).len);
	bench_close(&b);
}
END_TEST

/* Nothing left for all together: a gap is given up at once instead of
 * being waited for. */
START_TEST(limit_of_all)
{
	struct bench b;

	bench_init(&b, 1000);
	b.m.cfg.total_bytes = 10;
	push(&b, &(struct cut){0, 0, S});
	push(&b, &(struct cut){0, 3});
	push(&b, &(struct cut){5, 8});
	push(&b, &(struct cut){8, 9});
	ck_assert_str_eq(b.out, "abc|fghi");
	ck_assert_uint_eq(counters_get(&b.counters, "tcp.gap"), 1);
	ck_assert_uint_eq(counters_get(&b.counters, "tcp.buffer_limit"), 1);
	bench_close(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tcp");
	TCase *tc = tcase_create("order");

	suite_add_tcase(s, tc);
	tcase_add_loop_test(tc, cases, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_loop_test(tc, permutations, 0, 120);
	tcase_add_loop_test(tc, splits, 0, 26);
	tc = tcase_create("holding");
	suite_add_tcase(s, tc);
	tcase_add_test(tc, frames_are_kept);
	tcase_add_test(tc, frame_once);
	tcase_add_test(tc, no_copy);
	tcase_add_test(tc, expires_without_packets);
	tcase_add_test(tc, finish_gives_up);
	tcase_add_test(tc, gap_shows_the_rest);
	tcase_add_test(tc, new_connection);
	tcase_add_test(tc, out_of_window);
	tcase_add_test(tc, ignored);
	tcase_add_test(tc, limit_of_one);
	tcase_add_test(tc, limit_of_all);
	return run_suite(s);
}
