/*
 * The MySQL sink without a server: what errors mean, rows that are cut, and
 * which record of a batch stays. tests/e2e/mysql.sh has a server.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/run_suite.h"

#ifdef HAVE_MYSQL

#include <errmsg.h>
#include <mysqld_error.h>

#include "storage/mysql_batch.h"
#include "storage/mysql_rows.h"
#include "tests/made_cdr.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

static const struct {
	unsigned error;
	enum mysql_class want;
} errors[] = {
	{CR_SERVER_GONE_ERROR, MYSQL_LOST},
	{CR_SERVER_LOST, MYSQL_LOST},
	{2002, MYSQL_LOST},
	{2003, MYSQL_LOST},
	{1040, MYSQL_LOST},    /* too many connections */
	{1053, MYSQL_LOST},    /* shutdown */
	{1213, MYSQL_RETRY},   /* deadlock, Galera certification */
	{1205, MYSQL_LATER},   /* lock wait */
	{1047, MYSQL_LATER},   /* WSREP is not ready */
	{1290, MYSQL_LATER},   /* --read-only */
	{1836, MYSQL_LATER},   /* read-only mode */
	{1021, MYSQL_LATER},   /* disk full */
	{1114, MYSQL_LATER},   /* table full */
	{1142, MYSQL_LATER},   /* not granted */
	{1146, MYSQL_SCHEMA},  /* no such table */
	{1054, MYSQL_SCHEMA},  /* no such column */
	{1406, MYSQL_REFUSED}, /* data too long */
	{1366, MYSQL_REFUSED}, /* incorrect string */
	{1264, MYSQL_REFUSED}, /* out of range */
	{1644, MYSQL_REFUSED}, /* SIGNAL of a trigger */
	{1048, MYSQL_REFUSED}, /* must not be null */
	{0, MYSQL_REFUSED},
};

START_TEST(errors_are_told_apart)
{
	ck_assert_int_eq(mysql_class_of(errors[_i].error), errors[_i].want);
}
END_TEST

/* --- rows ----------------------------------------------------------------- */

static const struct {
	const char *in;
	size_t chars, bytes;
	const char *want;
} cuts[] = {
	{"short", 10, 40, "short"},
	{"exactly", 7, 28, "exactly"},
	{"too long", 5, 20, "too l"},
	{"\xc3\xa9\xc3\xa9\xc3\xa9", 2, 8, "\xc3\xa9\xc3\xa9"},
	{"\xf0\x9f\x98\x80\xf0\x9f\x98\x80", 2, 8,
	 "\xf0\x9f\x98\x80\xf0\x9f\x98\x80"},
	{"\xf0\x9f\x98\x80\xf0\x9f\x98\x80", 0, 7, "\xf0\x9f\x98\x80"},
	{"a\xc3\xa9", 0, 2, "a"},
	{"", 1, 4, ""},
};

static void set_widths(struct mysql_rows *r, size_t chars, size_t bytes)
{
	for (size_t i = 0; i < r->columns; i++)
		r->column[i] = (struct mysql_column){chars, bytes};
}

START_TEST(long_texts_are_cut_at_a_character)
{
	static struct row_table tables[TABLES];
	const struct row_table *t = &tables[TABLE_DIAGNOSIS];
	struct mysql_rows r = {0};
	struct row row = {0};

	row_tables(tables);
	mysql_rows_init(&r, t);
	set_widths(&r, cuts[_i].chars, cuts[_i].bytes);
	row_begin(&row);
	row_text(&row, slice_str(cuts[_i].in));
	while (row.n < r.columns)
		row_null(&row);
	ck_assert_int_eq(mysql_rows_add(&r, &row, 0), 0);
	ck_assert_uint_eq(r.cell[0].len, strlen(cuts[_i].want));
	if (r.cell[0].len)
		ck_assert_mem_eq(r.text.p + r.cell[0].off, cuts[_i].want,
				 r.cell[0].len);
	ck_assert_uint_eq(r.cut, strlen(cuts[_i].in) > r.cell[0].len);
	mysql_rows_free(&r);
	outbuf_free(&row.text);
}
END_TEST

START_TEST(ascii_stays_ascii)
{
	static struct row_table tables[TABLES];
	struct mysql_rows r = {0};
	struct row row = {0};

	row_tables(tables);
	mysql_rows_init(&r, &tables[TABLE_DIAGNOSIS]);
	set_widths(&r, 4, 4);
	r.column[0].ascii = true;
	row_begin(&row);
	row_text(&row, SLICE("a\xc3\xa9z"));
	while (row.n < r.columns)
		row_null(&row);
	ck_assert_int_eq(mysql_rows_add(&r, &row, 0), 0);
	ck_assert_uint_eq(r.cell[0].len, 4);
	ck_assert_mem_eq(r.text.p, "a??z", 4);
	mysql_rows_free(&r);
	outbuf_free(&row.text);
}
END_TEST

START_TEST(times_are_the_servers)
{
	static struct row_table tables[TABLES];
	struct mysql_rows r = {0};
	struct row row = {0};

	row_tables(tables);
	mysql_rows_init(&r, &tables[TABLE_DTMF]);
	set_widths(&r, 0, 100);
	r.column[2].time = true;
	for (uint32_t n = 0; n < 300; n++) {
		row_begin(&row);
		row_text(&row, SLICE("01KAQ00000000000000000CA11"));
		row_int(&row, n);
		row_time(&row, MADE_NS);
		while (row.n < r.columns)
			row_null(&row);
		ck_assert_int_eq(mysql_rows_add(&r, &row, n), 0);
	}
	ck_assert_uint_eq(r.n, 300);
	for (uint32_t n = 0; n < 300; n++) {
		const struct row_cell *c = &r.cell[n * r.columns];
		const MYSQL_TIME *t;

		ck_assert_uint_eq(r.record[n], n);
		ck_assert_int_eq(c[1].i, n);
		t = (const void *)(r.text.p + c[2].off);
		ck_assert_uint_eq(c[2].len, sizeof(*t));
		ck_assert_uint_eq((uintptr_t)t % _Alignof(MYSQL_TIME), 0);
		ck_assert_uint_eq(t->year, 2026);
		ck_assert_uint_eq(t->month, 11);
		ck_assert_uint_eq(t->day, 23);
		ck_assert_uint_eq(t->hour, 1);
		ck_assert_uint_eq(t->minute, 2);
		ck_assert_uint_eq(t->second, 3);
		ck_assert_uint_eq(t->second_part, 456789);
		ck_assert_int_eq(c[3].type, CELL_NULL);
	}
	mysql_rows_clear(&r);
	ck_assert_uint_eq(r.n, 0);
	mysql_rows_free(&r);
	outbuf_free(&row.text);
}
END_TEST

/* --- batches -------------------------------------------------------------- */

/* A call, or a registration, of one of two uids: seconds after the others,
 * packets; does it stay? */
struct entry {
	char uid;
	bool registration;
	int64_t last_s;
	uint64_t packets;
	bool stays;
};

static const struct entry batches[][4] = {
	{{'A', 0, 0, 1, true}, {'B', 0, 0, 1, true}},
	{{'A', 0, 0, 1, false}, {'A', 0, 0, 1, true}},
	{{'A', 0, 1, 1, true}, {'A', 0, 0, 9, false}},
	{{'A', 0, 0, 9, true}, {'A', 0, 0, 1, false}},
	{{'A', 0, 0, 1, true}, {'A', 1, 0, 9, true}},
	{{'A', 0, 0, 1, false},
	 {'B', 0, 0, 5, true},
	 {'A', 0, 3, 1, true},
	 {'A', 0, 2, 9, false}},
	{{'A', 0, 0, 1, false},
	 {'A', 0, 0, 2, false},
	 {'A', 0, 0, 3, true},
	 {'B', 0, 0, 1, true}},
};

static void add(struct mysql_batch *b, const struct entry *e)
{
	struct cdr *cdr = e->registration ? made_registration() : made_call();

	memset(cdr->uid, e->uid, sizeof(cdr->uid) - 1);
	cdr->last_packet = MADE_NS + (uint64_t)(e->last_s * 1000000000);
	cdr->packets = e->packets;
	ck_assert_int_eq(mysql_batch_add(b, row_table_of(cdr->kind), cdr), 0);
	cdr_free(cdr);
}

START_TEST(one_of_a_uid_stays)
{
	struct mysql_batch b = {0};

	for (size_t i = 0; i < 4 && batches[_i][i].uid; i++)
		add(&b, &batches[_i][i]);
	mysql_batch_twins(&b);
	for (size_t i = 0; i < b.n; i++)
		ck_assert_int_eq(!b.dropped[i], batches[_i][i].stays);
	mysql_batch_free(&b);
}
END_TEST

#define AAA "AAAAAAAAAAAAAAAAAAAAAAAAAA"

/* What is stored; then the batch has it, with MADE_NS and 5 packets. */
static const struct {
	const char *last;
	int64_t packets;
	bool held, stays;
	const char *replaced, *hold;
} stored[] = {
	{"2026-11-23 01:02:03.456788", 9, false, true, "'" AAA "'", ""},
	{"2026-11-23 01:02:03.456789", 5, true, true, "'" AAA "'", "'" AAA "'"},
	{"2026-11-23 01:02:03.456789", 6, true, false, "", ""},
	{"2026-11-23 01:02:03.456790", 1, false, false, "", ""},
	{NULL, 99, false, true, "'" AAA "'", ""},
};

static void same(const struct outbuf *b, const char *want)
{
	ck_assert_uint_eq(b->len, strlen(want));
	ck_assert(!b->len || !memcmp(b->p, want, b->len));
}

START_TEST(stored_one_may_know_more)
{
	struct mysql_batch b = {0};

	add(&b, &(struct entry){'A', 0, 0, 5, true});
	add(&b, &(struct entry){'B', 0, 0, 5, true});
	mysql_batch_twins(&b);
	mysql_batch_stored(&b, TABLE_CDR, "CCCCCCCCCCCCCCCCCCCCCCCCCC", NULL, 0,
			   true);
	mysql_batch_stored(&b, TABLE_REGISTRATION, AAA, NULL, 0, true);
	mysql_batch_stored(&b, TABLE_CDR, AAA, stored[_i].last,
			   stored[_i].packets, stored[_i].held);
	ck_assert_int_eq(!b.dropped[0], stored[_i].stays);
	ck_assert(!b.dropped[1]);
	same(&b.replaced[TABLE_CDR], stored[_i].replaced);
	same(&b.replaced[TABLE_REGISTRATION], "");
	same(&b.held, stored[_i].hold);
	mysql_batch_free(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("mysql");
	TCase *t = tcase_create("mysql");

	tcase_add_loop_test(t, errors_are_told_apart, 0, COUNT(errors));
	tcase_add_loop_test(t, long_texts_are_cut_at_a_character, 0,
			    COUNT(cuts));
	tcase_add_test(t, ascii_stays_ascii);
	tcase_add_test(t, times_are_the_servers);
	tcase_add_loop_test(t, one_of_a_uid_stays, 0, COUNT(batches));
	tcase_add_loop_test(t, stored_one_may_know_more, 0, COUNT(stored));
	suite_add_tcase(s, t);
	return run_suite(s);
}

#else

int main(void)
{
	return run_suite(suite_create("mysql"));
}

#endif
