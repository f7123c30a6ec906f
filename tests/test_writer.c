/*
 * The writer: order, batches, sinks that fail. One sink here remembers what
 * it was told, another fails on demand.
 */
#include "storage/writer.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/made_cdr.h"
#include "tests/run_suite.h"

#define SEC 1000000000ull

struct sink {
	int unused;
};

/* "1 2 flush 3 ...", one text per kind of sink. */
static char told[2][8192];
static int put_err, flush_err, close_err;
static struct sink sinks[2];

static void tell(const struct sink *s, const char *word)
{
	char *text = told[s - sinks];
	size_t len = strlen(text);

	snprintf(text + len, sizeof(told[0]) - len, "%s%s", len ? " " : "",
		 word);
}

static int open_good(struct sink **out, const struct sink_config *cfg,
		     char why[SINK_WHY])
{
	if (!strcmp(cfg->path, "bad")) {
		snprintf(why, SINK_WHY, "bad is bad");
		return -EACCES;
	}
	*out = &sinks[0];
	return 0;
}

static int open_weak(struct sink **out, const struct sink_config *cfg,
		     char why[SINK_WHY])
{
	(void)cfg;
	(void)why;
	*out = &sinks[1];
	return 0;
}

static int put(struct sink *s, const struct cdr *cdr, char why[SINK_WHY])
{
	char number[24];

	snprintf(number, sizeof(number), "%u", (unsigned)cdr->number);
	tell(s, number);
	snprintf(why, SINK_WHY, "put %s", number);
	return s == &sinks[1] ? put_err : 0;
}

static int flush(struct sink *s, char why[SINK_WHY])
{
	tell(s, "flush");
	snprintf(why, SINK_WHY, "flush");
	return s == &sinks[1] ? flush_err : 0;
}

static int close_sink(struct sink *s, char why[SINK_WHY])
{
	tell(s, "close");
	snprintf(why, SINK_WHY, "close");
	return s == &sinks[1] ? close_err : 0;
}

static const struct sink_ops good = {"good", open_good, put, flush, close_sink};
static const struct sink_ops weak = {"weak", open_weak, put, flush, close_sink};

/* --- the bench ------------------------------------------------------------ */

static struct writer *w;
static char complaint[SINK_WHY];
static unsigned complaints;

static void complain(void *arg, const char *sink, const char *why)
{
	ck_assert_ptr_eq(arg, &w);
	complaints++;
	snprintf(complaint, sizeof(complaint), "%.100s: %.300s", sink, why);
}

static void begin(void)
{
	struct sink_config cfg = {.path = "x"};
	char why[SINK_WHY];

	w = writer_new(complain, &w);
	ck_assert_ptr_nonnull(w);
	ck_assert_int_eq(writer_open(w, &good, &cfg, why), 0);
	ck_assert_int_eq(writer_open(w, &weak, &cfg, why), 0);
}

static void end(void)
{
	writer_free(w);
}

static void give(uint64_t number, uint64_t last_packet)
{
	struct cdr *cdr = made_transaction();

	cdr->number = number;
	cdr->last_packet = last_packet;
	writer_put(w, cdr);
}

/* --- order ---------------------------------------------------------------- */

static const struct {
	const char *name;
	int in[10];		    /* negative: skipped */
	const char *before, *after; /* writer_close() */
} orders[] = {
	{"in order", {1, 2, 3}, "1 2 3", "1 2 3 flush close"},
	{"reversed", {4, 3, 2, 1}, "1 2 3 4", "1 2 3 4 flush close"},
	{"mixed", {3, 1, 5, 2, 4}, "1 2 3 4 5", "1 2 3 4 5 flush close"},
	{"skipped", {3, 1, -2}, "1 3", "1 3 flush close"},
	{"skipped early", {-2, 3, 1}, "1 3", "1 3 flush close"},
	{"a gap waits", {1, 4, 3}, "1", "1 3 4 flush close"},
	{"behind goes out", {1, 2, 1, 3}, "1 2 1 3", "1 2 1 3 flush close"},
	{"nothing", {0}, "", "flush close"},
};

START_TEST(records_go_out_by_number)
{
	for (size_t i = 0; orders[_i].in[i]; i++)
		if (orders[_i].in[i] > 0)
			give((uint64_t)orders[_i].in[i], SEC);
		else
			writer_skip(w, (uint64_t)-orders[_i].in[i]);
	ck_assert_str_eq(told[0], orders[_i].before);
	writer_close(w);
	ck_assert_str_eq(told[0], orders[_i].after);
	ck_assert_str_eq(told[1], orders[_i].after);
	ck_assert(!writer_failed(w));
}
END_TEST

START_TEST(many_out_of_order)
{
	for (uint64_t i = 0; i < 500; i++)
		give((i * 7) % 500 + 1, SEC);
	ck_assert_uint_eq(writer_count(w, CDR_TRANSACTION), 500);
	ck_assert_uint_eq(writer_count(w, CDR_CALL), 0);
	ck_assert_int_eq(strncmp(told[0], "1 2 3 4 5 6 7 8 9 10 11 ", 24), 0);
}
END_TEST

/* --- batches -------------------------------------------------------------- */

START_TEST(batch_ends_with_a_second_of_packets)
{
	give(1, 10 * SEC);
	give(2, 11 * SEC);
	give(3, 11 * SEC + 1);
	give(4, 5 * SEC); /* an older end: no reason to hurry */
	give(5, 12 * SEC + 2);
	ck_assert_str_eq(told[0], "1 2 flush 3 4 flush 5");
	writer_flush(w);
	ck_assert_str_eq(told[0], "1 2 flush 3 4 flush 5 flush");
}
END_TEST

START_TEST(batch_ends_with_its_records)
{
	for (uint64_t i = 1; i <= 512; i++)
		give(i, SEC);
	ck_assert_ptr_nonnull(strstr(told[0], " 512 flush"));
	ck_assert_ptr_null(strstr(told[0], " 511 flush"));
}
END_TEST

/* --- failures ------------------------------------------------------------- */

START_TEST(sink_that_fails_stops_no_other)
{
	put_err = -EIO;
	give(1, SEC);
	put_err = 0;
	flush_err = -ENOSPC;
	give(2, SEC);
	writer_flush(w);
	close_err = -EIO;
	writer_close(w);
	ck_assert(writer_failed(w));
	ck_assert_str_eq(told[0], "1 2 flush flush close");
	ck_assert_str_eq(told[1], "1 2 flush flush close");
	ck_assert_uint_eq(complaints, 1);
	ck_assert_str_eq(complaint, "weak: put 1");
}
END_TEST

START_TEST(failure_at_the_end_is_seen)
{
	close_err = -EIO;
	give(1, SEC);
	ck_assert(!writer_failed(w));
	writer_close(w);
	ck_assert(writer_failed(w));
	ck_assert_str_eq(complaint, "weak: close");
}
END_TEST

START_TEST(sink_that_does_not_open_is_no_sink)
{
	struct sink_config cfg = {.path = "bad"};
	char why[SINK_WHY];

	ck_assert_int_eq(writer_open(w, &good, &cfg, why), -EACCES);
	ck_assert_str_eq(why, "bad is bad");
	give(1, SEC);
	ck_assert_str_eq(told[0], "1");
	ck_assert(!writer_failed(w));
}
END_TEST

/* --- a store ----------------------------------------------------------------
 */

static int open_down(struct sink **out, const struct sink_config *cfg,
		     char why[SINK_WHY])
{
	(void)out;
	(void)cfg;
	snprintf(why, SINK_WHY, "down");
	return -EAGAIN;
}

static const struct sink_ops down = {"down", open_down, put, flush, close_sink};

static char announced[8192];

static void announce(void *arg, const struct cdr *cdr)
{
	size_t len = strlen(announced);
	struct store_stats s;

	store_stats(arg, &s);
	ck_assert_uint_ge(s.waiting, cdr->number); /* it is on disk */
	snprintf(announced + len, sizeof(announced) - len, " %u",
		 (unsigned)cdr->number);
}

/* Records are told together once the queue has them: at 64, after 100 ms of
 * packets, or when asked for. */
START_TEST(announced_when_safe)
{
	char dir[] = "/tmp/callscope-writer-XXXXXX", why[SINK_WHY];
	struct sink_config sink = {.path = "x"};
	struct store_config cfg = {.ops = &down,
				   .what = "database",
				   .sink = &sink,
				   .dir = dir,
				   .queue_max = 1 << 24,
				   .live = true};
	struct store *store;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(store_open(&store, &cfg, why), 0);
	ck_assert_int_eq(writer_add_store(w, store), 0);
	writer_announce(w, announce, store);
	give(2, SEC);
	give(1, SEC);
	ck_assert_str_eq(announced, "");
	ck_assert_str_eq(told[0], "");
	writer_write(w);
	ck_assert_str_eq(announced, " 1 2");
	ck_assert_str_eq(told[0], "1 2");
	give(3, 2 * SEC);
	give(4, 2 * SEC + SEC / 10);
	ck_assert_str_eq(announced, " 1 2");
	give(5, 2 * SEC + SEC / 10 + 1);
	ck_assert_str_eq(announced, " 1 2 3 4");
	for (unsigned n = 6; n < 5 + 64; n++)
		give(n, 2 * SEC);
	ck_assert_uint_eq(writer_count(w, CDR_TRANSACTION), 68);
	ck_assert_ptr_nonnull(strstr(announced, " 67 68"));
	writer_close(w);
	store_close(store);
	ck_assert(store_behind(store));
	store_free(store);
	snprintf(why, sizeof(why), "rm -rf %s", dir);
	ck_assert_int_eq(system(why), 0);
}
END_TEST

/* Both stores get the same records: all of them, once. */
START_TEST(real_sinks_together)
{
	char dir[] = "/tmp/callscope-writer-XXXXXX";
	char db[64], json[64], why[SINK_WHY], line[65536];
	struct writer *real = writer_new(complain, &w);
	struct sink_config cfg[2] = {{.path = db}, {.path = json}};
	struct cdr *cdr = made_call();
	FILE *f;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(db, sizeof(db), "%s/db", dir);
	snprintf(json, sizeof(json), "%s/json", dir);
	ck_assert_int_eq(writer_open(real, &sqlite_sink, &cfg[0], why), 0);
	ck_assert_int_eq(writer_open(real, &jsonl_sink, &cfg[1], why), 0);
	writer_put(real, cdr);
	cdr = made_summary();
	cdr->number = 2;
	writer_put(real, cdr);
	writer_free(real);
	f = fopen(json, "r");
	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), f));
	ck_assert_int_eq(strncmp(line, "{\"type\":\"call\",", 15), 0);
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), f));
	ck_assert_int_eq(strncmp(line, "{\"type\":\"summary\",", 18), 0);
	ck_assert_ptr_null(fgets(line, sizeof(line), f));
	fclose(f);
	ck_assert_int_eq(unlink(json) | unlink(db) | rmdir(dir), 0);
	ck_assert_uint_eq(complaints, 0);
}
END_TEST

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

static Suite *writer_suite(void)
{
	Suite *suite = suite_create("writer");
	TCase *t = tcase_create("writer");

	tcase_add_checked_fixture(t, begin, end);
	tcase_add_loop_test(t, records_go_out_by_number, 0, COUNT(orders));
	tcase_add_test(t, many_out_of_order);
	tcase_add_test(t, batch_ends_with_a_second_of_packets);
	tcase_add_test(t, batch_ends_with_its_records);
	tcase_add_test(t, sink_that_fails_stops_no_other);
	tcase_add_test(t, failure_at_the_end_is_seen);
	tcase_add_test(t, sink_that_does_not_open_is_no_sink);
	tcase_add_test(t, announced_when_safe);
	tcase_add_test(t, real_sinks_together);
	suite_add_tcase(suite, t);
	return suite;
}

int main(void)
{
	return run_suite(writer_suite());
}
