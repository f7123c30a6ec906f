#include <check.h>
#include <stdlib.h>

#include "sniffer/net/frag.h"
#include "tests/run_suite.h"

#define SECOND 1000000000ull

static const struct seed seed = {1, 2};
static struct counters *faults;
static struct frag *frag;
static uint8_t text[(1 << 16) + 64];

static void open_frag(size_t bytes, size_t sets)
{
	struct frag_limits limits = {bytes, sets, 30 * SECOND};

	frag_free(frag);
	frag = frag_new(&limits, &seed, faults);
	ck_assert_ptr_nonnull(frag);
}

static void setup(void)
{
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(i * 31 + (i >> 8));
	faults = calloc(1, sizeof(*faults));
	ck_assert_ptr_nonnull(faults);
	open_frag(1 << 20, 64);
}

/* What is not handed out again must go with the module: ASan sees the rest. */
static void teardown(void)
{
	frag_free(frag);
	frag = NULL;
	free(faults);
}

/* One fragment in one frame of its own, whose memory goes at once. */
struct piece {
	uint32_t id, begin, end;
	bool last;
	uint64_t ts_ns;
	uint8_t add;  /* to each byte: other content in the same place */
	uint32_t cut; /* bytes the capture left out at the end */
};

static enum frag_result add(const struct piece *p, struct frag_whole *out)
{
	static uint64_t number;
	size_t len = p->end - p->begin - p->cut;
	uint8_t *raw = malloc(34 + len);
	struct frame f = {.data = slice_of(raw, 34 + len), .number = ++number};
	struct frag_in in = {.id = p->id,
			     .proto = 17,
			     .next = p->begin ? 99 : 17,
			     .more = !p->last,
			     .offset = p->begin,
			     .data = slice_of(raw + 34, len),
			     .wire = p->end - p->begin,
			     .frames = &f,
			     .frame_count = 1,
			     .ts_ns = p->ts_ns};
	enum frag_result got;

	memset(raw, 0x11, 34);
	for (size_t i = 0; i < len; i++)
		raw[34 + i] = (uint8_t)(text[p->begin + i] + p->add);
	frag_reap(frag, p->ts_ns);
	got = frag_add(frag, &in, out);
	free(raw);
	return got;
}

static void check_whole(const struct frag_whole *w, size_t len, size_t frames)
{
	ck_assert_uint_eq(w->wire, len);
	ck_assert(slice_eq(w->data, slice_of(text, len)));
	ck_assert_uint_eq(w->next, 17);
	ck_assert_uint_eq(w->frame_count, frames);
	for (size_t i = 1; i < frames; i++)
		ck_assert(w->frames[i - 1].number < w->frames[i].number);
	for (size_t i = 0; i < frames; i++)
		ck_assert_uint_eq(w->frames[i].data.p[0], 0x11);
}

/* All 24 orders of four fragments. */
START_TEST(any_order)
{
	struct piece p[4] = {{1, 0, 800, false, 0, 0, 0},
			     {1, 800, 1608, false, 0, 0, 0},
			     {1, 1608, 2400, false, 0, 0, 0},
			     {1, 2400, 2407, true, 0, 0, 0}};
	int left[4] = {0, 1, 2, 3};
	int order = _i;
	struct frag_whole w;

	for (int n = 4; n > 0; n--) {
		int at = order % n;
		enum frag_result got = add(&p[left[at]], &w);

		order /= n;
		left[at] = left[n - 1];
		ck_assert_int_eq(got, n > 1 ? FRAG_HELD : FRAG_WHOLE);
	}
	check_whole(&w, 2407, 4);
	ck_assert_uint_eq(frag_sets(frag), 0);
	ck_assert_uint_gt(frag_bytes(frag), 0);
	frag_reap(frag, 0);
	ck_assert_uint_eq(frag_bytes(frag), 0);
	ck_assert_uint_eq(faults->len, 0);
}
END_TEST

/* A mirror shows each frame twice. One datagram after the other comes twice;
 * a copy of a fragment that still waits is dropped. */
static const struct {
	const char *order; /* a b c: fragments of one datagram */
	const char *whole; /* x where it becomes whole */
	unsigned copies, sets;
} copies[] = {
	{"abcabc", "..x..x", 0, 0}, {"abcbac", "..x..x", 0, 0},
	{"aabbcc", "....x.", 2, 1}, {"abacbc", "...x..", 1, 1},
	{"ccbbaa", "....x.", 2, 1}, {"aaabbbccc", "......x..", 5, 1},
};

START_TEST(mirrored)
{
	static const struct piece p[3] = {{7, 0, 80, false, 0, 0, 0},
					  {7, 80, 160, false, 0, 0, 0},
					  {7, 160, 200, true, 0, 0, 0}};

	for (size_t i = 0; copies[_i].order[i]; i++) {
		struct frag_whole w;
		enum frag_result got = add(&p[copies[_i].order[i] - 'a'], &w);

		ck_assert_msg((got == FRAG_WHOLE) ==
				      (copies[_i].whole[i] == 'x'),
			      "%s at %zu", copies[_i].order, i);
		if (got == FRAG_WHOLE)
			check_whole(&w, 200, 3);
	}
	ck_assert_uint_eq(frag_sets(frag), copies[_i].sets);
	ck_assert_uint_eq(counters_get(faults, "ip.fragment_copy"),
			  copies[_i].copies);
}
END_TEST

/* Single refusals and overlaps: a sequence, its last answer, a counter. */
static const struct {
	const char *name;
	struct piece p[5];
	size_t count;
	enum frag_result want;
	const char *counter;
	size_t frames;
} odd[] = {
	{"overlap, first wins",
	 {{1, 0, 80, false, 0, 0, 0}, {1, 40, 120, true, 0, 9, 0}},
	 2,
	 FRAG_WHOLE,
	 "ip.fragment_overlap",
	 2},
	{"teardrop",
	 {{1, 0, 80, false, 0, 0, 0},
	  {1, 24, 40, false, 0, 9, 0},
	  {1, 80, 88, true, 0, 0, 0}},
	 3,
	 FRAG_WHOLE,
	 "ip.fragment_overlap",
	 3},
	{"one over two",
	 {{1, 0, 40, false, 0, 0, 0},
	  {1, 80, 120, true, 0, 0, 0},
	  {1, 32, 88, false, 0, 0, 0}},
	 3,
	 FRAG_WHOLE,
	 "ip.fragment_overlap",
	 3},
	{"empty",
	 {{1, 0, 0, false, 0, 0, 0}},
	 1,
	 FRAG_REFUSED,
	 "ip.fragment_empty",
	 0},
	{"odd length",
	 {{1, 0, 81, false, 0, 0, 0}},
	 1,
	 FRAG_REFUSED,
	 "ip.fragment_bad_length",
	 0},
	{"beyond 64 KB",
	 {{1, 65528, 65544, true, 0, 0, 0}},
	 1,
	 FRAG_REFUSED,
	 "ip.fragment_too_long",
	 0},
	{"two ends",
	 {{1, 80, 100, true, 0, 0, 0}, {1, 80, 90, true, 0, 0, 0}},
	 2,
	 FRAG_REFUSED,
	 "ip.fragment_conflict",
	 0},
	{"behind the end",
	 {{1, 80, 100, true, 0, 0, 0}, {1, 104, 112, false, 0, 0, 0}},
	 2,
	 FRAG_REFUSED,
	 "ip.fragment_conflict",
	 0},
	{"end before what is there",
	 {{1, 104, 112, false, 0, 0, 0}, {1, 80, 100, true, 0, 0, 0}},
	 2,
	 FRAG_REFUSED,
	 "ip.fragment_conflict",
	 0},
};

START_TEST(odd_ones)
{
	struct frag_whole w;
	enum frag_result got = FRAG_HELD;

	for (size_t i = 0; i < odd[_i].count; i++)
		got = add(&odd[_i].p[i], &w);
	ck_assert_msg(got == odd[_i].want, "%s", odd[_i].name);
	ck_assert_msg(counters_get(faults, odd[_i].counter) == 1, "%s",
		      odd[_i].name);
	ck_assert_uint_eq(faults->len, 1);
	if (got == FRAG_WHOLE && odd[_i].p[1].begin == 40) {
		/* bytes 80 to 120 are of the second, which says others */
		ck_assert(slice_eq(slice_head(w.data, 80), slice_of(text, 80)));
		ck_assert_uint_eq(w.data.p[80], (uint8_t)(text[80] + 9));
		ck_assert_uint_eq(w.data.len, 120);
	} else if (got == FRAG_WHOLE) {
		check_whole(&w, w.wire, odd[_i].frames);
	}
}
END_TEST

/* The sender's counter came round while half a datagram still waited: the
 * later one is put together from its own pieces. */
START_TEST(identifier_again)
{
	static const struct piece old = {5, 0, 80, false, 0, 50, 0};
	static const struct piece p[2] = {{5, 0, 80, false, SECOND, 0, 0},
					  {5, 80, 99, true, SECOND, 0, 0}};
	struct frag_whole w;

	ck_assert_int_eq(add(&old, &w), FRAG_HELD);
	ck_assert_int_eq(add(&p[0], &w), FRAG_HELD);
	ck_assert_int_eq(add(&p[1], &w), FRAG_WHOLE);
	check_whole(&w, 99, 2);
	ck_assert_uint_eq(frag_sets(frag), 1);
}
END_TEST

START_TEST(other_identifiers_do_not_mix)
{
	static const struct piece p[2] = {{5, 0, 80, false, 0, 0, 0},
					  {6, 80, 99, true, 0, 0, 0}};
	struct frag_whole w;

	ck_assert_int_eq(add(&p[0], &w), FRAG_HELD);
	ck_assert_int_eq(add(&p[1], &w), FRAG_HELD);
	ck_assert_uint_eq(frag_sets(frag), 2);
}
END_TEST

START_TEST(cut_by_snap_length)
{
	static const struct piece p[2] = {{5, 0, 800, false, 0, 0, 700},
					  {5, 800, 900, true, 0, 0, 0}};
	struct frag_whole w;

	ck_assert_int_eq(add(&p[0], &w), FRAG_HELD);
	ck_assert_int_eq(add(&p[1], &w), FRAG_WHOLE);
	ck_assert_uint_eq(w.wire, 900);
	ck_assert(slice_eq(w.data, slice_of(text, 100)));
}
END_TEST

START_TEST(largest)
{
	struct piece p = {5, 0, 0, false, 0, 0, 0};
	struct frag_whole w;
	enum frag_result got = FRAG_HELD;
	size_t n = 0;

	while (got == FRAG_HELD) {
		p.begin = p.end;
		p.end = p.begin + 1480;
		p.last = p.end >= 65535;
		if (p.last)
			p.end = 65535;
		got = add(&p, &w);
		n++;
	}
	ck_assert_int_eq(got, FRAG_WHOLE);
	check_whole(&w, 65535, n);
}
END_TEST

START_TEST(too_many)
{
	struct piece p = {5, 0, 8, false, 0, 0, 0};
	struct frag_whole w;

	for (int i = 0; i < 256; i++, p.begin += 8, p.end += 8)
		ck_assert_int_eq(add(&p, &w), FRAG_HELD);
	ck_assert_int_eq(add(&p, &w), FRAG_REFUSED);
	ck_assert_uint_eq(counters_get(faults, "ip.fragment_too_many"), 1);
	ck_assert_uint_eq(frag_bytes(frag), 0);
}
END_TEST

/* 30 s after its first fragment, and no nanosecond earlier. */
START_TEST(time_limit)
{
	static const struct piece p[] = {
		{1, 0, 80, false, SECOND, 0, 0},
		{2, 0, 80, false, 2 * SECOND, 0, 0},
		{1, 80, 160, false, 31 * SECOND, 0, 0},
		{1, 160, 200, true, 31 * SECOND + 1, 0, 0},
	};
	struct frag_whole w;

	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(add(&p[i], &w), FRAG_HELD);
	ck_assert_uint_eq(frag_sets(frag), 2);
	ck_assert_uint_eq(counters_get(faults, "ip.fragment_timeout"), 1);
	frag_reap(frag, SECOND); /* time that goes back frees nothing */
	ck_assert_uint_eq(frag_sets(frag), 2);
	frag_end(frag);
	ck_assert_uint_eq(counters_get(faults, "ip.fragment_timeout"), 3);
	ck_assert_uint_eq(frag_sets(frag), 0);
	ck_assert_uint_eq(frag_bytes(frag), 0);
}
END_TEST

START_TEST(set_limit)
{
	struct piece p = {0, 0, 80, false, 0, 0, 0};
	struct frag_whole w;

	open_frag(1 << 20, 10);
	for (p.id = 1; p.id <= 25; p.id++)
		ck_assert_int_eq(add(&p, &w), FRAG_HELD);
	ck_assert_uint_eq(frag_sets(frag), 10);
	ck_assert_uint_eq(counters_get(faults, "ip.fragment_sets_limit"), 15);
	/* the youngest is still there */
	p = (struct piece){25, 80, 99, true, 0, 0, 0};
	ck_assert_int_eq(add(&p, &w), FRAG_WHOLE);
	check_whole(&w, 99, 2);
}
END_TEST

START_TEST(byte_limit)
{
	struct piece p = {0, 0, 8000, false, 0, 0, 0};
	struct frag_whole w;

	open_frag(100000, 1000);
	for (p.id = 1; p.id <= 100; p.id++) {
		ck_assert_int_eq(add(&p, &w), FRAG_HELD);
		ck_assert_uint_le(frag_bytes(frag), 100000);
	}
	ck_assert_uint_eq(frag_sets(frag) + counters_get(faults,
							 "ip.fragment_bytes_"
							 "limit"),
			  100);
	/* one alone that is larger than everything */
	open_frag(1000, 1000);
	ck_assert_int_eq(add(&p, &w), FRAG_REFUSED);
	ck_assert_uint_eq(frag_bytes(frag), 0);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
	Suite *s = suite_create("frag");
	TCase *t = tcase_create("frag");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, any_order, 0, 24);
	tcase_add_loop_test(t, mirrored, 0, COUNT(copies));
	tcase_add_loop_test(t, odd_ones, 0, COUNT(odd));
	tcase_add_test(t, identifier_again);
	tcase_add_test(t, other_identifiers_do_not_mix);
	tcase_add_test(t, cut_by_snap_length);
	tcase_add_test(t, largest);
	tcase_add_test(t, too_many);
	tcase_add_test(t, time_limit);
	tcase_add_test(t, set_limit);
	tcase_add_test(t, byte_limit);
	suite_add_tcase(s, t);
	return run_suite(s);
}
