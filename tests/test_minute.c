/* What a live capture tells of itself: the line, status as text and JSON. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sniffer/base/link_bits.h"
#include "sniffer/minute.h"
#include "sniffer/status_text.h"
#include "tests/run_suite.h"

static struct snapshot *s;
static struct outbuf out;

static void setup(void)
{
	s = calloc(1, sizeof(*s));
	ck_assert_ptr_nonnull(s);
	s->live = true;
}

static void teardown(void)
{
	outbuf_free(&out);
	free(s);
}

static void thread(size_t i, const char *name, uint64_t cpu_ms, double busy)
{
	snprintf(s->thread[i].name, sizeof(s->thread[i].name), "%s", name);
	s->thread[i].cpu_ns = cpu_ms * 1000000;
	s->thread[i].busy = busy;
	s->threads = i + 1;
}

START_TEST(line)
{
	struct minute since = {0};
	char text[MINUTE_LINE];

	s->made_ms = 5000;
	s->packets = 100;
	s->bytes = 1000;
	thread(0, "core", 500, NAN);
	thread(1, "media0", 100, NAN);
	minute_line(&since, s, 0, text);
	s->made_ms = 65000;
	s->packets += 600000;
	s->bytes += 75000000;
	s->calls = 12;
	s->dropped.kernel = 7;
	s->dropped.workers = 3;
	thread(1, "media0", 30100, NAN);
	stats_put1(&s->stats, STATS_RECORDS, "call", 40);
	minute_line(&since, s, 200 << 20, text);
	ck_assert_str_eq(
		text,
		"stats seconds=60 pps=10000 mbps=10.0 calls=12 sessions=0 "
		"ended=40 drop_kernel=7 drop_ring=0 drop_workers=3 "
		"drop_limit=0 spool_skipped=0 store_waiting=0 spool_bytes=0 "
		"rss_mb=200 busiest=media0 busy=0.50");
	s->made_ms = 66000;
	minute_line(&since, s, 0, text);
	ck_assert_ptr_nonnull(strstr(text, " pps=0 "));
	ck_assert_ptr_nonnull(strstr(text, " ended=0 drop_kernel=0 "));
}
END_TEST

static const char *shown(void)
{
	outbuf_char(&out, '\0');
	return out.p;
}

static struct health healthy(void)
{
	struct snapshot_tap *t = &s->tap[0];

	s->packets_minute = 6000;
	s->bytes_minute = 7500000;
	s->minute_ms = 60000;
	snprintf(t->name, sizeof(t->name), "eth0");
	t->frames_minute = 6000;
	s->taps = 1;
	thread(0, "core", 1, 0.414);
	return (struct health){.version = "1",
			       .sensor = "tap",
			       .uptime_s = 93784,
			       .capture = s};
}

START_TEST(text)
{
	struct health h = healthy();

	ck_assert(!status_wrong(&h));
	status_text(&out, &h);
	shown();
	ck_assert_ptr_nonnull(strstr(out.p, "callscope  1, healthy, process "));
	ck_assert_ptr_nonnull(strstr(out.p, ", up 1 d 2 h, sensor tap\n"));
	ck_assert_ptr_nonnull(strstr(out.p, " 100/s, 1.0 Mbit/s"));
	ck_assert_ptr_nonnull(
		strstr(out.p, "interface  eth0            up, 100 packets/s"));
	ck_assert_ptr_nonnull(strstr(out.p, "threads    core 41 %\n"));
	ck_assert_ptr_null(strstr(out.p, "WARNING"));
}
END_TEST

START_TEST(warned)
{
	struct health h = healthy();

	s->tap[0].bits = LINK_DOWN;
	s->dropped.ring_minute = 5;
	ck_assert(status_wrong(&h));
	status_text(&out, &h);
	shown();
	ck_assert_ptr_nonnull(strstr(out.p, "with WARNINGS"));
	ck_assert_ptr_nonnull(strstr(out.p, "WARNING    ring_drops: 5 "));
	ck_assert_ptr_nonnull(
		strstr(out.p, "WARNING    interface_down: The interface eth0"));
	outbuf_reset(&out);
	status_json(&out, &h);
	shown();
	ck_assert(!strncmp(out.p, "{\"status\":\"warning\",\"pid\":", 26));
	ck_assert_ptr_nonnull(strstr(out.p, ",\"version\":\"1\",\"sensor\""));
	ck_assert_ptr_nonnull(strstr(
		out.p, "{\"code\":\"interface_down\",\"about\":\"eth0\","));
}
END_TEST

/* Before the first figures, and of names that are too long to show. */
START_TEST(nothing_yet)
{
	struct health h = {.version = "1", .sensor = "tap"};

	status_text(&out, &h);
	shown();
	ck_assert_ptr_nonnull(strstr(out.p, "healthy"));
}
END_TEST

int main(void)
{
	Suite *su = suite_create("minute");
	TCase *tc = tcase_create("words");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, line);
	tcase_add_test(tc, text);
	tcase_add_test(tc, warned);
	tcase_add_test(tc, nothing_yet);
	suite_add_tcase(su, tc);
	return run_suite(su);
}
