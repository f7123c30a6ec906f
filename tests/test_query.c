/*
 * The search: values as text, and what each key finds in a small table.
 */
#include <check.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "storage/query_search.h"
#include "storage/query_text.h"
#include "storage/sink.h"
#include "tests/run_suite.h"

#define SEC  1000000000ull
#define NOON (1795953600ull * SEC) /* 2026-11-29T12:00:00Z */

static char dir[] = "/tmp/callscope-query-XXXXXX";
static char path[64], why[DB_WHY];
static struct db *db;

/* Minutes apart, from 12:00:00; the uid's last letter is the name. */
static const struct {
	char name;
	const char *type, *call_id, *group, *caller, *rev, *callee, *rev2;
	const char *caller_addr, *callee_addr, *agent, *state;
	int status;
	double ms, mos_a, mos_b;
} calls[] = {
	{'A', "call", "a@x", "g1", "4917112", "2117194", "300", "003",
	 "10.1.0.9:5060", "10.2.0.1:5060", "Phone 1.0", "completed", 200, 60000,
	 4.1, 4.2},
	{'B', "call", "b@x", "g1", "300", "003", "4917134", "4317194",
	 "10.1.1.9:5060", "10.2.0.1:5061", "Phone 2.0", "completed", 200,
	 600000, 4.1, 2.9},
	{'C', "call", "c@x", NULL, "alice", "ecila",
	 "b\xc3\xb6"
	 "b",
	 "b\xc3\xb6"
	 "b",
	 "[2001:db8::1]:5060", "10.1.0.90:5060", "Gate", "failed", 486, 1000, 0,
	 0},
	{'D', "session", NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
	 NULL, 0, 0, 1.5, 0},
	{'E', "call", "e@x", NULL, "49171", "17194", "49172", "27194",
	 "10.1.0.1:5060", "192.0.2.7:5060", NULL, "cancelled", 487, 3000, 0, 0},
};

static void uid_of(size_t i, char out[ULID_SIZE])
{
	ulid_make(out, NOON + i * 60 * SEC, NULL, 0);
	out[25] = calls[i].name;
}

static void bind_text(sqlite3_stmt *s, int at, const char *text)
{
	if (text)
		sqlite3_bind_text(s, at, text, -1, SQLITE_TRANSIENT);
}

static void insert(sqlite3 *raw, size_t i)
{
	static const char sql[] =
		"INSERT INTO cdr (uid, type, call_id, group_id, caller_user, "
		"caller_user_rev, callee_user, callee_user_rev, caller_addr, "
		"callee_addr, caller_agent, state, status, duration_ms, "
		"a_mos_adaptive, b_mos_adaptive, start) VALUES "
		"(?,?,?,?,?,?,?,?,?,?,?,?,nullif(?,0),nullif(?,0.0),"
		"nullif(?,0.0),nullif(?,0.0),?)";
	char uid[ULID_SIZE], start[64];
	sqlite3_stmt *s;

	uid_of(i, uid);
	snprintf(start, sizeof(start), "2026-11-29T12:%02zu:00.000500Z", i);
	ck_assert_int_eq(sqlite3_prepare_v2(raw, sql, -1, &s, NULL), SQLITE_OK);
	bind_text(s, 1, uid);
	bind_text(s, 2, calls[i].type);
	bind_text(s, 3, calls[i].call_id);
	bind_text(s, 4, calls[i].group);
	bind_text(s, 5, calls[i].caller);
	bind_text(s, 6, calls[i].rev);
	bind_text(s, 7, calls[i].callee);
	bind_text(s, 8, calls[i].rev2);
	bind_text(s, 9, calls[i].caller_addr);
	bind_text(s, 10, calls[i].callee_addr);
	bind_text(s, 11, calls[i].agent);
	bind_text(s, 12, calls[i].state);
	sqlite3_bind_int(s, 13, calls[i].status);
	sqlite3_bind_double(s, 14, calls[i].ms);
	sqlite3_bind_double(s, 15, calls[i].mos_a);
	sqlite3_bind_double(s, 16, calls[i].mos_b);
	bind_text(s, 17, calls[i].name == 'D' ? NULL : start);
	ck_assert_int_eq(sqlite3_step(s), SQLITE_DONE);
	sqlite3_finalize(s);
}

static void setup(void)
{
	struct sink_config sc = {.path = path};
	struct db_config cfg = {0};
	struct sink *sink;
	char url[80];
	sqlite3 *raw;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/callscope.db", dir);
	snprintf(url, sizeof(url), "sqlite:%s", path);
	ck_assert_int_eq(sqlite_sink.open(&sink, &sc, why), 0);
	ck_assert_int_eq(sqlite_sink.close(sink, why), 0);
	ck_assert_int_eq(sqlite3_open(path, &raw), SQLITE_OK);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		insert(raw, i);
	sqlite3_close(raw);
	cfg.url = url;
	ck_assert_msg(!db_open(&db, &cfg, why), "%s", why);
}

static void teardown(void)
{
	static const char *const tails[] = {"", "-wal", "-shm"};
	char other[80];

	db_close(db);
	for (size_t i = 0; i < 3; i++) {
		snprintf(other, sizeof(other), "%s%s", path, tails[i]);
		unlink(other);
	}
	ck_assert_int_eq(rmdir(dir), 0);
	snprintf(dir, sizeof(dir), "/tmp/callscope-query-XXXXXX");
}

/* The last letters of the uids that it finds, in order. */
static void finds(const struct query *q, const char *wanted)
{
	struct db_rows *rows;
	char got[32];
	size_t n = 0;
	int err = query_run(q, "uid", db, &rows, why);

	ck_assert_msg(!err, "%s", why);
	while (n < 31 && db_next(rows, why) == 1)
		got[n++] = (char)db_cell(rows, 0).s.p[25];
	got[n] = '\0';
	db_rows_close(rows);
	ck_assert_str_eq(got, wanted);
}

static void add(struct query *q, enum query_key key, const char *value)
{
	int err = query_add(q, key, slice_str(value), why);

	ck_assert_msg(!err, "%s", why);
}

static const struct {
	enum query_key key;
	const char *value, *finds;
} searches[] = {
	{QUERY_CALL_ID, "b@x", "B"},
	{QUERY_CALL_ID, "B@x", ""},
	{QUERY_GROUP, "g1", "AB"},
	{QUERY_NUMBER, "300", "AB"},
	{QUERY_NUMBER, "49171*", "ABE"},
	{QUERY_NUMBER, "*12", "A"},
	{QUERY_NUMBER,
	 "*b\xc3\xb6"
	 "b",
	 "C"},
	{QUERY_NUMBER,
	 "*\xc3\xb6"
	 "b",
	 "C"},
	{QUERY_CALLER, "49171*", "AE"},
	{QUERY_CALLER, "49171", "E"},
	{QUERY_CALLEE, "49171*", "B"},
	{QUERY_CALLEE, "*34", "B"},
	{QUERY_IP, "10.1.0.9", "A"},
	{QUERY_IP, "10.1.0.0/24", "ACE"},
	{QUERY_IP, "10.1.0.0/23", "ABCE"},
	{QUERY_IP, "10.1.0.88/29", "C"},
	{QUERY_IP, "10.0.0.0/8", "ABCE"},
	{QUERY_IP, "2001:db8:0::1", "C"},
	{QUERY_CALLER_IP, "10.1.0.0/16", "ABE"},
	{QUERY_CALLEE_IP, "10.1.0.0/16", "C"},
	{QUERY_AGENT, "Phone*", "AB"},
	{QUERY_AGENT, "Phone 2.0", "B"},
	{QUERY_TYPE, "session", "D"},
	{QUERY_STATE, "completed", "AB"},
	{QUERY_STATUS, "486", "C"},
	{QUERY_STATUS, "4xx", "CE"},
	{QUERY_MOS_BELOW, "3.5", "BD"},
	{QUERY_MOS_BELOW, "1.5", ""},
	{QUERY_LONGER, "1m", "AB"},
	{QUERY_LONGER, "60.001", "B"},
	{QUERY_SHORTER, "1000ms", "C"},
	{QUERY_NUMBER, "*917*", "ABE"},
	{QUERY_AGENT, "*one*", "AB"},
	{QUERY_MOS, "<3.5", "BD"},
	{QUERY_MOS, "<=2.9", "BD"},
	{QUERY_MOS, ">=4.1", "A"},
	{QUERY_MOS, ">1", "ABD"},
	{QUERY_DURATION, ">60", "B"},
	{QUERY_DURATION, "<=1000ms", "C"},
	{QUERY_DIAGNOSIS, "loss", ""},
	{QUERY_CODEC, "opus", ""},
	{QUERY_FROM, "2026-11-29T12:02", "CDE"},
	{QUERY_FROM, "2026-11-29T12:02:00.0006", "DE"},
	{QUERY_FROM, "-4m", "BCDE"},
	{QUERY_TO, "2026-11-29T12:02:00.0005", "AB"},
	{QUERY_TO, "2026-11-29T12:03", "ABC"},
	{QUERY_TO, "2026-11-29T12:03:00.001Z", "ABCD"},
	{QUERY_FROM, "2026-11-29", "ABCDE"},
	{QUERY_TO, "2026-11-29", ""},
};

START_TEST(finds_calls)
{
	struct query q = {.now_ns = NOON + 300 * SEC};

	add(&q, searches[_i].key, searches[_i].value);
	finds(&q, searches[_i].finds);
}
END_TEST

START_TEST(keys_are_joined)
{
	struct query q = {.now_ns = NOON};
	char uid[ULID_SIZE];

	finds(&q, "ABCDE");
	add(&q, QUERY_NUMBER, "300");
	add(&q, QUERY_NUMBER, "alice");
	finds(&q, "ABC");
	add(&q, QUERY_STATUS, "4xx");
	finds(&q, "C");
	add(&q, QUERY_IP, "192.0.2.7");
	finds(&q, "");
	q.n = 0;
	uid_of(3, uid);
	add(&q, QUERY_UID, uid);
	finds(&q, "D");
}
END_TEST

/* Negated, and in groups of one's own. */
START_TEST(terms_are_grouped)
{
	struct query q = {.now_ns = NOON};
	struct query_term t[] = {
		{QUERY_STATUS, QUERY_GROUPS, true, SLICE("200")},
		{QUERY_NUMBER, QUERY_GROUPS + 1, false, SLICE("alice")},
		{QUERY_CALLER_IP, QUERY_GROUPS + 1, false, SLICE("10.1.0.1")},
	};

	ck_assert_int_eq(query_add_term(&q, &t[0], why), 0);
	finds(&q, "CDE");
	ck_assert_int_eq(query_add_term(&q, &t[1], why), 0);
	finds(&q, "C");
	ck_assert_int_eq(query_add_term(&q, &t[2], why), 0);
	finds(&q, "CE");
}
END_TEST

/* --- bounded -------------------------------------------------------------- */

struct letters {
	char v[64];
	size_t n;
};

static int take_letter(void *arg, struct db_rows *rows)
{
	struct letters *l = arg;

	ck_assert_uint_lt(l->n, sizeof(l->v) - 2);
	l->v[l->n++] = (char)db_cell(rows, 0).s.p[25];
	return 0;
}

/* All pages of two calls, a blank between them. */
static void pages_are(const struct query *q, enum query_order order,
		      uint64_t budget_ns, const char *wanted)
{
	struct query_ask ask = {.columns = "cdr.uid AS uid",
				.limit = 2,
				.order = order,
				.budget_ns = budget_ns};
	char cursor[QUERY_CURSOR] = "";
	struct query_found found;
	struct letters l = {0};

	do {
		int err;

		ask.cursor = cursor;
		err = query_search(q, &ask, db, take_letter, &l, &found, why);
		ck_assert_msg(!err, "%s", why);
		memcpy(cursor, found.next, sizeof(cursor));
		if (cursor[0] && found.rows)
			l.v[l.n++] = ' ';
	} while (cursor[0]);
	ck_assert_str_eq(l.v, wanted);
}

static const struct {
	const char *name;
	enum query_key key;
	const char *value;
	bool newest;
	enum query_order order;
	const char *pages;
} searched[] = {
	{"all", QUERY_KEYS, "", true, QUERY_BY_START, "ED CB A"},
	{"oldest first", QUERY_KEYS, "", false, QUERY_BY_START, "AB CD E"},
	{"index", QUERY_NUMBER, "49171*", true, QUERY_BY_START, "EB A"},
	{"suffix", QUERY_NUMBER, "*00", false, QUERY_BY_START, "AB "},
	{"no index", QUERY_NUMBER, "*917*", true, QUERY_BY_START, "EB A"},
	{"time", QUERY_FROM, "2026-11-29T12:02", true, QUERY_BY_START, "ED C"},
	{"nothing", QUERY_CALL_ID, "z", true, QUERY_BY_START, ""},
	{"longest", QUERY_KEYS, "", true, QUERY_BY_DURATION, "BA EC D"},
	{"shortest", QUERY_KEYS, "", false, QUERY_BY_DURATION, "CE AB D"},
	{"worst", QUERY_KEYS, "", false, QUERY_BY_MOS, "DB AE C"},
	{"worst of some", QUERY_MOS, "<5", false, QUERY_BY_MOS, "DB A"},
};

START_TEST(hands_out_pages)
{
	struct query q = {.now_ns = NOON, .newest_first = searched[_i].newest};

	if (searched[_i].key != QUERY_KEYS)
		add(&q, searched[_i].key, searched[_i].value);
	pages_are(&q, searched[_i].order, NOON, searched[_i].pages);
}
END_TEST

START_TEST(refuses_cursors)
{
	static const char *const cursors[] = {
		"x", "01KB7Q5GW0EXAMPLE000000000X", "a~b", "~~~1", "a~b~c~1x"};
	struct query q = {.now_ns = NOON, .newest_first = true};
	struct query_found found;
	struct letters l = {0};

	for (size_t i = 0; i < sizeof(cursors) / sizeof(cursors[0]); i++) {
		struct query_ask ask = {.columns = "uid",
					.limit = 2,
					.budget_ns = NOON,
					.order = i > 1 ? QUERY_BY_MOS
						       : QUERY_BY_START,
					.cursor = cursors[i]};

		ck_assert_int_eq(query_search(&q, &ask, db, take_letter, &l,
					      &found, why),
				 -EBADMSG);
		ck_assert_ptr_nonnull(strstr(why, "begin again"));
	}
}
END_TEST

/* More calls than are looked at once, and no time: each answer comes further,
 * and together they have all. */
START_TEST(goes_on_when_stopped)
{
	static const char sql[] =
		"INSERT INTO cdr (uid, type) WITH RECURSIVE r(n) AS (SELECT 1 "
		"UNION ALL SELECT n + 1 FROM r WHERE n < 5000) "
		"SELECT printf('01KB%021dX', n), 'call' FROM r";
	struct query q = {.now_ns = NOON, .newest_first = true};
	struct query_ask ask = {.columns = "uid", .limit = 3};
	char cursor[QUERY_CURSOR] = "", last[ULID_SIZE] = "Z";
	struct query_found found;
	struct letters l = {0};
	size_t answers = 0;
	sqlite3 *raw;

	ck_assert_int_eq(sqlite3_open(path, &raw), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(raw, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(raw);
	add(&q, QUERY_NUMBER, "*917*");
	do {
		int err;

		ask.cursor = cursor;
		/* A first step may take five times the budget: 5 ms here. */
		ask.budget_ns = 1000000;
		err = query_search(&q, &ask, db, take_letter, &l, &found, why);
		ck_assert_msg(!err || err == -ETIME, "%s", why);
		if (err)
			continue;
		memcpy(cursor, found.next, sizeof(cursor));
		if (!found.complete) {
			ck_assert_int_lt(strcmp(found.reached, last), 0);
			memcpy(last, found.reached, sizeof(last));
		}
		answers++;
	} while (cursor[0]);
	ck_assert_str_eq(l.v, "EBA");
	ck_assert_uint_ge(answers, 1);
}
END_TEST

START_TEST(ends_when_it_is_late)
{
	static const char sql[] =
		"SELECT count(*) FROM (WITH RECURSIVE r(n) AS (SELECT 1 UNION "
		"ALL SELECT n + 1 FROM r) SELECT n FROM r)";
	struct db_rows *rows;

	db_until(db, 1);
	ck_assert_int_eq(db_query(db, sql, NULL, 0, &rows, why), 0);
	ck_assert_int_eq(db_next(rows, why), -ETIME);
	ck_assert_ptr_nonnull(strstr(why, "longer than it may"));
	db_rows_close(rows);
	db_until(db, 0);
}
END_TEST

START_TEST(pages)
{
	struct query q = {.now_ns = NOON, .limit = 2};

	finds(&q, "AB");
	uid_of(1, q.after);
	finds(&q, "CD");
	q.newest_first = true;
	q.after[0] = '\0';
	finds(&q, "ED");
	uid_of(3, q.after);
	finds(&q, "CB");
}
END_TEST

static const struct {
	enum query_key key;
	const char *value, *says;
} refused[] = {
	{QUERY_UID, "abc", "--uid abc: give 26 characters"},
	{QUERY_CALL_ID, "", "--call-id"},
	{QUERY_NUMBER, "*", "a star"},
	{QUERY_NUMBER, "4*1", "a star"},
	{QUERY_NUMBER, "**1", "a star"},
	{QUERY_AGENT, "*1", "its beginning"},
	{QUERY_IP, "10.1.0", "an IP address"},
	{QUERY_IP, "10.1.0.0/33", "an IP address"},
	{QUERY_IP, "10.0.0.0/7", "/8"},
	{QUERY_IP, "2001:db8::/32", "IPv4 subnet"},
	{QUERY_TYPE, "calls", "call or session"},
	{QUERY_STATE, "done", "completed"},
	{QUERY_STATUS, "99", "4xx"},
	{QUERY_STATUS, "7xx", "4xx"},
	{QUERY_MOS_BELOW, "low", "3.5"},
	{QUERY_LONGER, "1y", "10m"},
	{QUERY_FROM, "2026-02-29", "2026-11-26"},
	{QUERY_FROM, "2026-11-26T25:00", "2026-11-26"},
	{QUERY_FROM, "yesterday", "2026-11-26"},
	{QUERY_TO, "2026-11-26T10:00:00.", "2026-11-26"},
};

START_TEST(refuses)
{
	struct query q = {.now_ns = NOON};
	int err = query_add(&q, refused[_i].key, slice_str(refused[_i].value),
			    why);

	ck_assert_int_eq(err, -EINVAL);
	ck_assert_msg(strstr(why, refused[_i].says) != NULL, "%s", why);
	ck_assert_uint_eq(q.n, 0);
}
END_TEST

START_TEST(is_bounded)
{
	struct query q = {.now_ns = NOON};

	for (int i = 0; i < QUERY_TERMS; i++)
		add(&q, QUERY_IP, "10.0.0.0/9");
	ck_assert_int_eq(query_add(&q, QUERY_IP, SLICE("10.0.0.1"), why),
			 -ENOSPC);
	ck_assert_int_eq(
		query_run(&q, "uid", db, &(struct db_rows *){NULL}, why),
		-ENOSPC);
	ck_assert_msg(strstr(why, "subnets") != NULL, "%s", why);
}
END_TEST

static const struct {
	const char *text;
	uint64_t ns;
} times[] = {
	{"1970-01-01", 0},
	{"2000-02-29", 951782400ull * SEC},
	{"2026-11-29T12:00", NOON},
	{"2026-11-29 12:00:00Z", NOON},
	{"2026-11-29T12:00:01.000001", NOON + SEC + 1000},
	{"now", NOON},
	{"-90", NOON - 90 * SEC},
	{"-1.5h", NOON - 5400 * SEC},
};

START_TEST(reads_times)
{
	uint64_t ns = 1;

	ck_assert(query_time(slice_str(times[_i].text), NOON, &ns));
	ck_assert_uint_eq(ns, times[_i].ns);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("query");
	TCase *t = tcase_create("query");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, finds_calls, 0,
			    sizeof(searches) / sizeof(searches[0]));
	tcase_add_test(t, keys_are_joined);
	tcase_add_test(t, terms_are_grouped);
	tcase_add_test(t, pages);
	tcase_add_loop_test(t, hands_out_pages, 0,
			    sizeof(searched) / sizeof(searched[0]));
	tcase_add_test(t, refuses_cursors);
	tcase_add_test(t, goes_on_when_stopped);
	tcase_add_test(t, ends_when_it_is_late);
	tcase_add_loop_test(t, refuses, 0,
			    sizeof(refused) / sizeof(refused[0]));
	tcase_add_test(t, is_bounded);
	tcase_add_loop_test(t, reads_times, 0,
			    sizeof(times) / sizeof(times[0]));
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
