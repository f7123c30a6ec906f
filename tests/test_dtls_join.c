#include <check.h>
#include <stdlib.h>

#include "sniffer/net/dtls_join.h"
#include "tests/run_suite.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static struct counters counters;
static struct dtls_join join;

static void setup(void)
{
	counters = (struct counters){0};
	join = (struct dtls_join){0};
}

static void teardown(void)
{
	dtls_join_close(&join);
	ck_assert_uint_eq(join.held, 0);
	ck_assert_uint_eq(join.count, 0);
}

/* The message is "abcdefghijklmnopqrstuvwxyz"; W whole, P part, R repeat. */
static const char text[] = "abcdefghijklmnopqrstuvwxyz";

static enum dtls_joined add(uint16_t seq, unsigned from, unsigned to)
{
	struct dtls_fragment f = {
		.type = 11,
		.length = 26,
		.seq = seq,
		.offset = from,
		.len = to - from,
		.data = slice_of(text + from, to - from),
	};
	struct slice body = {0};
	enum dtls_joined how;
	void *kept;

	how = dtls_join_add(&join, &f, &counters, &body, &kept);
	if (how == DTLS_JOINED_WHOLE)
		ck_assert(slice_eq(body, slice_of(text, 26)));
	free(kept);
	return how;
}

static const struct {
	const char *name;
	struct {
		unsigned from, to;
		char want;
	} step[8];
} rows[] = {
	{"whole", {{0, 26, 'W'}, {0, 26, 'R'}}},
	{"in order", {{0, 10, 'P'}, {10, 20, 'P'}, {20, 26, 'W'}}},
	{"backwards", {{20, 26, 'P'}, {10, 20, 'P'}, {0, 10, 'W'}}},
	{"the middle last", {{0, 10, 'P'}, {20, 26, 'P'}, {10, 20, 'W'}}},
	{"overlaps", {{0, 12, 'P'}, {18, 26, 'P'}, {8, 20, 'W'}}},
	{"one covers all",
	 {{3, 5, 'P'}, {8, 9, 'P'}, {0, 25, 'P'}, {25, 26, 'W'}}},
	{"repeated parts",
	 {{0, 10, 'P'},
	  {0, 10, 'R'},
	  {2, 8, 'R'},
	  {10, 26, 'W'},
	  {0, 10, 'R'}}},
	{"whole after a part", {{4, 9, 'P'}, {0, 26, 'W'}, {4, 9, 'R'}}},
	{"other cuts the second time",
	 {{0, 13, 'P'}, {0, 7, 'R'}, {7, 14, 'P'}, {14, 26, 'W'}}},
};

START_TEST(orders)
{
	static const char names[] = {
		[DTLS_JOINED_WHOLE] = 'W',
		[DTLS_JOINED_PART] = 'P',
		[DTLS_JOINED_REPEAT] = 'R',
		[DTLS_JOINED_NOT] = 'N',
	};

	for (int i = 0; i < 8 && rows[_i].step[i].want; i++)
		ck_assert_msg(names[add(5, rows[_i].step[i].from,
					rows[_i].step[i].to)] ==
				      rows[_i].step[i].want,
			      "%s: step %d", rows[_i].name, i);
	ck_assert_uint_eq(counters.len, 0);
}
END_TEST

/* Every order of four pieces that overlap. */
START_TEST(all_orders)
{
	static const unsigned piece[4][2] = {
		{0, 8}, {6, 14}, {14, 20}, {19, 26}};

	for (int n = 0; n < 256; n++) {
		int order[4] = {n & 3, n >> 2 & 3, n >> 4 & 3, n >> 6 & 3};
		unsigned seen = 0;

		for (int i = 0; i < 4; i++)
			seen |= 1u << order[i];
		if (seen != 15)
			continue;
		setup();
		for (int i = 0; i < 4; i++)
			ck_assert_int_eq(
				add(0, piece[order[i]][0], piece[order[i]][1]),
				i < 3 ? DTLS_JOINED_PART : DTLS_JOINED_WHOLE);
		teardown();
	}
}
END_TEST

START_TEST(messages_apart)
{
	ck_assert_int_eq(add(1, 0, 10), DTLS_JOINED_PART);
	ck_assert_int_eq(add(0, 10, 26), DTLS_JOINED_PART);
	ck_assert_int_eq(add(1, 10, 26), DTLS_JOINED_WHOLE);
	ck_assert_int_eq(add(0, 0, 10), DTLS_JOINED_WHOLE);
}
END_TEST

/* Another length for the same message_seq: the newer one stays. Another type
 * of a message that was whole is another message. */
START_TEST(contradictions)
{
	struct dtls_fragment f = {
		.type = 11, .length = 30, .len = 4, .data = slice_of(text, 4)};
	struct slice body;
	void *kept;

	ck_assert_int_eq(add(0, 0, 10), DTLS_JOINED_PART);
	ck_assert_int_eq(dtls_join_add(&join, &f, &counters, &body, &kept),
			 DTLS_JOINED_PART);
	ck_assert_uint_eq(counters_get(&counters, "dtls.fragment_conflict"), 1);
	ck_assert_int_eq(add(0, 0, 26), DTLS_JOINED_WHOLE);
	ck_assert_uint_eq(join.held, 0);
	f = (struct dtls_fragment){
		.type = 255, .length = 4, .len = 4, .data = slice_of(text, 4)};
	ck_assert_int_eq(dtls_join_add(&join, &f, &counters, &body, &kept),
			 DTLS_JOINED_WHOLE);
	ck_assert_int_eq(dtls_join_add(&join, &f, &counters, &body, &kept),
			 DTLS_JOINED_REPEAT);
}
END_TEST

static enum dtls_joined add_byte(uint16_t seq, uint32_t length, uint32_t offset)
{
	struct dtls_fragment f = {.type = 11,
				  .length = length,
				  .seq = seq,
				  .offset = offset,
				  .len = 1,
				  .data = slice_of(text, 1)};
	struct slice body;
	void *kept;

	return dtls_join_add(&join, &f, &counters, &body, &kept);
}

START_TEST(limits)
{
	/* As many messages at once. */
	for (uint16_t seq = 0; seq < DTLS_JOIN_PARTS; seq++)
		ck_assert_int_eq(add_byte(seq, 10, 0), DTLS_JOINED_PART);
	ck_assert_int_eq(add_byte(DTLS_JOIN_PARTS, 10, 0), DTLS_JOINED_NOT);
	ck_assert_uint_eq(counters_get(&counters, "dtls.join_limit"), 1);
	teardown();
	setup();

	/* So many bytes of them. */
	ck_assert_int_eq(add_byte(0, 65536, 0), DTLS_JOINED_PART);
	ck_assert_int_eq(add_byte(1, 2, 0), DTLS_JOINED_NOT);
	teardown();
	setup();
	ck_assert_int_eq(add_byte(0, 65537, 0), DTLS_JOINED_NOT);
	ck_assert_int_eq(add_byte(0, 0xffffff, 0), DTLS_JOINED_NOT);
	ck_assert_int_eq(add_byte(DTLS_JOIN_SEQ, 10, 0), DTLS_JOINED_NOT);
	ck_assert_uint_eq(counters_get(&counters, "dtls.message_seq"), 1);

	/* So many pieces: the message is given up. */
	for (uint32_t i = 0; i < DTLS_JOIN_GAPS; i++)
		ck_assert_int_eq(add_byte(2, 100, 2 * i), DTLS_JOINED_PART);
	ck_assert_int_eq(add_byte(2, 100, 90), DTLS_JOINED_NOT);
	ck_assert_uint_eq(join.held, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dtls_join");
	TCase *t = tcase_create("dtls_join");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, orders, 0, COUNT(rows));
	tcase_add_test(t, all_orders);
	tcase_add_test(t, messages_apart);
	tcase_add_test(t, contradictions);
	tcase_add_test(t, limits);
	suite_add_tcase(s, t);
	return run_suite(s);
}
