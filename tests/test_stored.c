/*
 * Records that were stored become the report's lines again, byte for byte;
 * and CSV.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "storage/query.h"
#include "storage/report.h"
#include "storage/sink.h"
#include "storage/stored.h"
#include "tests/made_cdr.h"
#include "tests/run_suite.h"

static char dir[] = "/tmp/callscope-stored-XXXXXX";
static char path[64], why[DB_WHY];
static struct outbuf wanted, got;
static struct db *db;

static void setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/callscope.db", dir);
}

static void teardown(void)
{
	static const char *const tails[] = {"", "-wal", "-shm"};
	char other[80];

	db_close(db);
	db = NULL;
	outbuf_free(&wanted);
	outbuf_free(&got);
	for (size_t i = 0; i < 3; i++) {
		snprintf(other, sizeof(other), "%s%s", path, tails[i]);
		unlink(other);
	}
	ck_assert_int_eq(rmdir(dir), 0);
	snprintf(dir, sizeof(dir), "/tmp/callscope-stored-XXXXXX");
}

/* Keeps what the report says of it. */
static void store(struct cdr *cdr)
{
	struct sink_config cfg = {.path = path};
	struct sink *sink;

	ck_assert_ptr_nonnull(cdr);
	report_put_line(&wanted, cdr);
	ck_assert_int_eq(sqlite_sink.open(&sink, &cfg, why), 0);
	ck_assert_int_eq(sqlite_sink.put(sink, cdr, why), 0);
	ck_assert_int_eq(sqlite_sink.close(sink, why), 0);
	cdr_free(cdr);
}

static struct db_rows *rows(void)
{
	struct query q = {0};
	struct outbuf columns = {0};
	struct db_config cfg = {0};
	struct db_rows *out;
	char url[80];

	snprintf(url, sizeof(url), "sqlite:%s", path);
	cfg.url = url;
	ck_assert_msg(!db_open(&db, &cfg, why), "%s", why);
	stored_columns(&columns);
	outbuf_char(&columns, '\0');
	ck_assert_msg(!query_run(&q, columns.p, db, &out, why), "%s", why);
	outbuf_free(&columns);
	ck_assert_int_eq(db_next(out, why), 1);
	return out;
}

static void same(void)
{
	outbuf_char(&wanted, '\0');
	outbuf_char(&got, '\0');
	ck_assert_str_eq(got.p, wanted.p);
}

/* Two exchanges more, one of which has pairs only, between those that have
 * candidates. */
static struct cdr *many_exchanges(void)
{
	struct cdr *cdr = made_webrtc();
	struct cdr_call *c = &cdr->call;
	struct cdr_ice *ice = arena_alloc(cdr->mem, 3 * sizeof(*ice));

	ck_assert(ice && c->ice_n && c->ice[0].candidates_n &&
		  c->ice[0].pairs_n);
	for (uint32_t i = 0; i < 3; i++) {
		ice[i] = c->ice[0];
		ice[i].generation = i;
	}
	ice[1].candidates_n = 0;
	ice[2].pairs_n = 0;
	c->ice = ice;
	c->ice_n = 3;
	return cdr;
}

static struct cdr *(*const makers[])(void) = {
	made_call,
	made_session,
	made_webrtc,
	many_exchanges,
};

START_TEST(as_the_report)
{
	struct db_rows *r;

	store(makers[_i]());
	r = rows();
	ck_assert_msg(!stored_put_json(&got, db, r, why), "%s", why);
	ck_assert_int_eq(db_next(r, why), 0);
	db_rows_close(r);
	same();
}
END_TEST

static size_t commas(struct slice s)
{
	size_t n = 0;

	while (slice_cut(s, ',', &(struct slice){0}, &s))
		n++;
	return n;
}

/* As many cells as names; quotes only where they must be. */
START_TEST(csv)
{
	struct cdr *cdr = made_call();
	struct db_rows *r;
	struct slice all, head, line;

	ck_assert_ptr_nonnull(cdr);
	cdr->call.reason = SLICE("a \"b\", c\r\nd");
	store(cdr);
	stored_put_csv_header(&got);
	r = rows();
	stored_put_csv(&got, r);
	db_rows_close(r);
	all = slice_of(got.p, got.len);
	ck_assert(slice_starts(all, SLICE("uid,type,sensor,partial,")));
	ck_assert(slice_find_slice(all, SLICE("\"a \"\"b\"\", c\r\nd\"")) > 0);
	ck_assert(slice_find_slice(all, SLICE("_rev")) < 0);
	ck_assert(slice_find_slice(all, SLICE(",offers")) < 0);
	ck_assert(slice_cut(all, '\n', &head, &line));
	ck_assert_uint_eq(head.p[head.len - 1], '\r');
	ck_assert(slice_starts(line, SLICE("01")));
	ck_assert_uint_eq(commas(line), commas(head) + 1); /* the reason's */
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("stored");
	TCase *t = tcase_create("stored");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, as_the_report, 0,
			    sizeof(makers) / sizeof(makers[0]));
	tcase_add_test(t, csv);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
