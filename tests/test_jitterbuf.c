/* The three receivers: steady, late, stepped, stalled and drifting media. */
#include <check.h>
#include <stdlib.h>

#include "sniffer/media/jitterbuf.h"
#include "tests/run_suite.h"

#define ROWS(a) ((int)(sizeof(a) / sizeof((a)[0])))

#define MS	1000 /* us */
#define PTIME	20
#define PACKETS 3000

enum {
	F1,
	F2,
	ADAPTIVE
};

/* Transit in ms of packet i. */
static int steady(int i)
{
	(void)i;
	return 5;
}

static int one_late(int i)
{
	return i == 100 ? 80 : 0;
}

static int very_late(int i)
{
	return i == 100 ? 600 : 0;
}

/* For good: a new path. */
static int step_up(int i)
{
	return i < 1000 ? 0 : 300;
}

static int step_down(int i)
{
	return i < 1000 ? 300 : 0;
}

/* Nothing for 400 ms, then all that waited at once. */
static int stall(int i)
{
	return i >= 1000 && i < 1020 ? 400 - (i - 1000) * PTIME : 0;
}

/* The sender's clock is 0.1 % slow: 60 ms over the minute. */
static int drift(int i)
{
	return i * PTIME / 1000;
}

/* Every fifth packet is 100 ms late. */
static int often_late(int i)
{
	return i % 5 == 4 ? 100 : 0;
}

static const struct {
	const char *name;
	int (*transit_ms)(int i);
	int late[JITTERBUF_RECEIVERS];
} rows[] = {
	{"steady", steady, {0, 0, 0}},
	{"one late", one_late, {1, 0, 1}},
	{"very late", very_late, {1, 1, 1}},
	/* 8 packets, then each starts anew; the adaptive one is wide after
	 * the first. */
	{"step up", step_up, {8, 8, 1}},
	{"step down", step_down, {0, 0, 0}},
	/* behind by 400, 380 ... : more than 50 (18 of them), 200 (10);
	 * the adaptive one is wide enough after the first. */
	{"stall", stall, {18, 10, 1}},
	{"drift", drift, {0, 0, 0}},
	{"often late", often_late, {600, 0, 1}},
};

START_TEST(receivers)
{
	int late[JITTERBUF_RECEIVERS] = {0};
	struct jitterbuf j;
	int32_t delay_us;

	jitterbuf_init(&j, 0, rows[_i].transit_ms(0) * MS);
	for (int i = 0; i < PACKETS; i++) {
		int ms = rows[_i].transit_ms(i);
		unsigned bits =
			jitterbuf_put(&j, (uint64_t)(i * PTIME + ms) * 1000000,
				      ms * MS, false, &delay_us);

		for (int r = 0; r < JITTERBUF_RECEIVERS; r++)
			late[r] += bits >> r & 1;
	}
	for (int r = 0; r < JITTERBUF_RECEIVERS; r++)
		ck_assert_int_eq(late[r], rows[_i].late[r]);
}
END_TEST

/* The first of a talk spurt cannot be late: the receiver waits for it. */
START_TEST(talk_spurt)
{
	struct jitterbuf j;
	int32_t delay_us;

	jitterbuf_init(&j, 0, 0);
	ck_assert_uint_eq(jitterbuf_put(&j, 1, 1000 * MS, true, &delay_us), 0);
	ck_assert_int_eq(delay_us, 0);
	ck_assert_uint_eq(jitterbuf_put(&j, 2, 1040 * MS, false, &delay_us), 0);
	ck_assert_int_eq(delay_us, 40 * MS);
	ck_assert_uint_eq(jitterbuf_put(&j, 3, 1060 * MS, false, &delay_us),
			  1u << F1);
	ck_assert_uint_eq(jitterbuf_put(&j, 4, 1300 * MS, false, &delay_us),
			  1u << F1 | 1u << F2 | 1u << ADAPTIVE);
}
END_TEST

static const struct {
	int ms;
	unsigned bin;
} bins[] = {
	{0, 0},	  {49, 0},  {50, 1},  {69, 1},	{70, 2},  {89, 2},  {90, 3},
	{119, 3}, {120, 4}, {150, 5}, {200, 6}, {299, 6}, {300, 7}, {9999, 7},
};

START_TEST(histogram)
{
	ck_assert_uint_eq(jitterbuf_bin(bins[_i].ms * MS), bins[_i].bin);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("jitterbuf");
	TCase *t = tcase_create("jitterbuf");

	tcase_add_loop_test(t, receivers, 0, ROWS(rows));
	tcase_add_test(t, talk_spurt);
	tcase_add_loop_test(t, histogram, 0, ROWS(bins));
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
