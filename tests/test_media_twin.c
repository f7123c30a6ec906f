/* The two sides of a relay: what it adds, and what stays in it. */
#include <check.h>

#include "tests/media_feed.h"
#include "tests/run_suite.h"

#define MS FEED_MS

static struct feed feed;
static struct media_flow *side[2]; /* before and behind, for direction 0 */
static bool turned;

static struct media_flow *open_side(uint8_t last)
{
	const uint8_t ip[2][4] = {{192, 0, 2, 9}, {192, 0, 2, last}};
	struct addr a = addr_v4(ip[0], 3478), b = addr_v4(ip[1], 7000);

	return media_flow_open(feed.group, &a, &b);
}

static void setup(void)
{
	feed_begin_web(&feed);
	side[0] = feed.flow;
	side[1] = open_side(7);
	turned = false;
	ck_assert_ptr_nonnull(side[1]);
}

static void teardown(void)
{
	feed_end(&feed);
}

static void tie(bool turn)
{
	turned = turn;
	media_flow_twins(side[0], side[1], turned);
}

/* Packet seq of a direction (that of the first side). */
static void put(unsigned at, unsigned dir, uint32_t ssrc, uint16_t seq,
		uint64_t at_ns)
{
	struct feed_rtp r = {.at_ns = at_ns,
			     .ts = seq * 160u,
			     .ssrc = ssrc,
			     .seq = seq,
			     .pt = 8,
			     .dir = (uint8_t)(at && turned ? !dir : dir)};

	feed.flow = side[at];
	feed_rtp(&feed, &r);
}

/* Enters on one side and leaves on the other. */
static void pass(unsigned from, unsigned dir, uint16_t seq, uint64_t at_ns,
		 uint64_t stays_ns)
{
	put(from, dir, 0, seq, at_ns);
	put(!from, dir, 0, seq, at_ns + stays_ns);
}

static void ck_relay(double delay_ms, uint64_t lost)
{
	struct media_relay r;

	for (int s = 0; s < 2; s++) {
		ck_assert(media_flow_relay(side[s], &r));
		ck_assert_double_eq_tol(r.delay_ms, delay_ms, 1e-6);
		ck_assert_uint_eq(r.lost, lost);
	}
}

START_TEST(delay)
{
	tie(_i);
	for (uint16_t n = 0; n < 100; n++)
		pass(0, 0, n, n * 20 * MS, 3 * MS);
	ck_relay(3, 0);
}
END_TEST

/* 2 ms one way, 4 ms the other. */
START_TEST(both_ways)
{
	tie(_i);
	for (uint16_t n = 0; n < 100; n++) {
		pass(0, 0, n, n * 20 * MS, 2 * MS);
		pass(1, 1, n, (n * 20 + 7) * MS, 4 * MS);
	}
	ck_relay(3, 0);
}
END_TEST

/* Every tenth stays in the relay, from the other side every fifth. */
START_TEST(loss)
{
	tie(_i);
	for (uint16_t n = 0; n < 100; n++) {
		put(0, 0, 0, n, n * 20 * MS);
		if (n % 10)
			put(1, 0, 0, n, (n * 20 + 3) * MS);
		put(1, 1, 0, n, (n * 20 + 5) * MS);
		if (n % 5)
			put(0, 1, 0, n, (n * 20 + 8) * MS);
	}
	ck_relay(3, 10 + 20);
}
END_TEST

/* What is lost elsewhere is missing on both sides. */
START_TEST(loss_before)
{
	tie(false);
	for (uint16_t n = 0; n < 100; n++)
		if (n % 10)
			pass(0, 0, n, n * 20 * MS, 3 * MS);
	ck_relay(3, 0);
}
END_TEST

START_TEST(reordered_in_the_relay)
{
	tie(false);
	for (uint16_t n = 0; n < 100; n += 2) {
		put(0, 0, 0, n, n * 20 * MS);
		put(0, 0, 0, n + 1, (n * 20 + 20) * MS);
		put(1, 0, 0, n + 1, (n * 20 + 22) * MS);
		put(1, 0, 0, n, (n * 20 + 24) * MS);
	}
	ck_relay((2 + 24) / 2.0, 0);
}
END_TEST

/* Numbers come round: what passed there long ago is another packet. */
START_TEST(long_ago)
{
	struct media_relay r;

	tie(false);
	for (uint16_t n = 0; n < 10; n++)
		put(0, 0, 0, n, n * 20 * MS);
	for (uint16_t n = 0; n < 10; n++)
		put(1, 0, 0, n, 3000 * MS + n * 20 * MS);
	ck_assert(!media_flow_relay(side[0], &r));
}
END_TEST

START_TEST(another_stream)
{
	struct media_relay r;

	tie(false);
	for (uint16_t n = 0; n < 10; n++) {
		put(0, 0, 1, n, n * 20 * MS);
		put(1, 0, 2, n, (n * 20 + 1) * MS);
	}
	ck_assert(!media_flow_relay(side[0], &r));
}
END_TEST

START_TEST(one_side_only)
{
	struct media_relay r;

	for (uint16_t n = 0; n < 10; n++)
		put(0, 0, 0, n, n * 20 * MS);
	ck_assert(!media_flow_relay(side[0], &r));
	tie(false);
	ck_assert(!media_flow_relay(side[0], &r));
	ck_assert(!media_flow_relay(side[1], &r));
}
END_TEST

/* The capture begins with packets inside of the relay: what comes out first
 * does not tell where it went in. */
START_TEST(joined_in_the_middle)
{
	tie(false);
	for (uint16_t n = 0; n < 3; n++)
		put(1, 0, 0, n, n * 20 * MS);
	for (uint16_t n = 3; n < 103; n++) {
		put(0, 0, 0, n, (n * 20 - 50) * MS);
		if (n % 10)
			put(1, 0, 0, n, n * 20 * MS);
	}
	/* three came out that were not seen to go in */
	ck_relay(50, 10 - 3);
}
END_TEST

/* Two streams, one of them with loss. */
START_TEST(streams_one_by_one)
{
	tie(false);
	for (uint16_t n = 0; n < 50; n++) {
		put(0, 0, 1, n, n * 20 * MS);
		put(0, 0, 2, n, n * 20 * MS);
		put(1, 0, 1, n, (n * 20 + 4) * MS);
		if (n != 7)
			put(1, 0, 2, n, (n * 20 + 4) * MS);
	}
	ck_relay(4, 1);
}
END_TEST

/* A flow has one twin; the first stays until it goes. */
START_TEST(only_one_twin)
{
	struct media_flow *third = open_side(8);
	struct media_relay r;

	tie(false);
	media_flow_twins(side[0], third, false);
	media_flow_twins(third, side[1], false);
	media_flow_twins(third, third, false);
	for (uint16_t n = 0; n < 10; n++)
		pass(0, 0, n, n * 20 * MS, MS);
	ck_relay(1, 0);
	ck_assert(!media_flow_relay(third, &r));
	feed.flow = side[0];
	ck_assert_ptr_nonnull(feed_close(&feed)); /* all three are let go */
}
END_TEST

int main(void)
{
	Suite *s = suite_create("media_twin");
	TCase *t = tcase_create("media_twin");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, delay, 0, 2);
	tcase_add_loop_test(t, both_ways, 0, 2);
	tcase_add_loop_test(t, loss, 0, 2);
	tcase_add_test(t, loss_before);
	tcase_add_test(t, reordered_in_the_relay);
	tcase_add_test(t, long_ago);
	tcase_add_test(t, another_stream);
	tcase_add_test(t, one_side_only);
	tcase_add_test(t, joined_in_the_middle);
	tcase_add_test(t, streams_one_by_one);
	tcase_add_test(t, only_one_twin);
	suite_add_tcase(s, t);
	return run_suite(s);
}
