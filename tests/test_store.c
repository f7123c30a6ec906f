/*
 * The store: a sink here is a database that does what a test says: down,
 * refusing, with another schema. What it took in the end is compared.
 */
#include "storage/store.h"

#include <check.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "storage/queue.h"
#include "tests/made_cdr.h"
#include "tests/run_suite.h"

/* --- a database -------------------------------------------------------------
 */

enum {
	RECORDS = 4096
};

/* Of the thread that feeds until it is joined; what the test sets before the
 * store is opened, or atomic. */
static struct database {
	atomic_int open_err, flush_err;
	atomic_int failures; /* of flush_err; then it works */
	bool refused[RECORDS];
	int refuse_err;
	unsigned rows[RECORDS]; /* how often each number was committed */
	unsigned order[RECORDS];
	unsigned committed, opens, flushes, expired;
} db;

struct sink {
	unsigned batch[RECORDS];
	size_t n;
	bool failed;
};

static int db_open(struct sink **out, const struct sink_config *cfg,
		   char why[SINK_WHY])
{
	ck_assert_str_eq(cfg->path, "path");
	db.opens++;
	snprintf(why, SINK_WHY, "cannot open it");
	if (atomic_load(&db.open_err))
		return atomic_load(&db.open_err);
	*out = calloc(1, sizeof(**out));
	return 0;
}

static int db_put(struct sink *s, const struct cdr *cdr, char why[SINK_WHY])
{
	if (s->failed)
		return -EIO;
	snprintf(why, SINK_WHY, "record %u is bad", (unsigned)cdr->number);
	if (db.refused[cdr->number]) {
		s->failed = true;
		s->n = 0;
		return db.refuse_err;
	}
	s->batch[s->n++] = (unsigned)cdr->number;
	return 0;
}

static void commit(struct sink *s)
{
	for (size_t i = 0; i < s->n; i++) {
		if (db.rows[s->batch[i]]++ == 0)
			db.order[db.committed++] = s->batch[i];
	}
}

static int db_flush(struct sink *s, char why[SINK_WHY])
{
	int err = atomic_load(&db.flush_err);

	snprintf(why, SINK_WHY, "it is down");
	db.flushes++;
	if (!s->n)
		err = 0;
	else if (err && atomic_fetch_sub(&db.failures, 1) <= 0)
		err = 0;
	if (!err)
		commit(s);
	s->n = 0;
	s->failed = false;
	return err;
}

static int db_close(struct sink *s, char why[SINK_WHY])
{
	(void)why;
	free(s);
	return 0;
}

static int db_expire(struct sink *s, const struct sink_age *age,
		     struct sink_expired *out, char why[SINK_WHY])
{
	(void)why;
	(void)out;
	ck_assert_ptr_nonnull(s);
	ck_assert_uint_eq(age->now_ms - age->before_ms, 1000);
	db.expired++;
	return 0;
}

static const struct sink_ops ops = {.name = "test",
				    .open = db_open,
				    .put = db_put,
				    .flush = db_flush,
				    .close = db_close,
				    .expire = db_expire};

/* --- the bench ---------------------------------------------------------------
 */

static char dir[] = "/tmp/callscope-store-XXXXXX";
static char queue_dir[64], why[SINK_WHY], said[8192];
static struct store *store;
static struct store_config config;

static void say(void *arg, const char *line)
{
	size_t len = strlen(said);

	ck_assert_ptr_eq(arg, &db);
	snprintf(said + len, sizeof(said) - len, "%s\n", line);
}

static void begin(void)
{
	static const struct sink_config sink = {.path = "path"};

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(queue_dir, sizeof(queue_dir), "%s/queue/test", dir);
	config = (struct store_config){
		.ops = &ops,
		.what = "database",
		.sink = &sink,
		.dir = dir,
		.queue_max = 64 << 20,
		.keep_ms = 1000,
		.say = say,
		.arg = &db,
	};
	db.refuse_err = -EINVAL;
}

static void end(void)
{
	char command[80];

	store_free(store);
	store = NULL;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	ck_assert_int_eq(system(command), 0);
}

static void open_store(void)
{
	ck_assert_msg(!store_open(&store, &config, why), "%s", why);
}

static void put_all(unsigned from, unsigned to)
{
	for (unsigned n = from; n < to; n++) {
		struct cdr *cdr = made_transaction();

		cdr->number = n;
		snprintf(cdr->uid, sizeof(cdr->uid), "%026u", n);
		store_put(store, cdr);
		cdr_free(cdr);
	}
	store_write(store);
}

static struct store_stats stats(void)
{
	struct store_stats s;

	store_stats(store, &s);
	return s;
}

/* In order, each there; but for those that are refused. */
static void check_stored(unsigned from, unsigned to)
{
	unsigned at = 0;

	for (unsigned n = from; n < to; n++) {
		if (db.refused[n]) {
			ck_assert_uint_eq(db.rows[n], 0);
			continue;
		}
		ck_assert_uint_gt(db.rows[n], 0);
		ck_assert_uint_eq(db.order[at], n);
		at++;
	}
	ck_assert_uint_eq(db.committed, at);
}

static bool queue_is_there(void)
{
	return access(queue_dir, F_OK) == 0;
}

static unsigned times_said(const char *text)
{
	unsigned n = 0;

	for (const char *p = said; (p = strstr(p, text)); p++)
		n++;
	return n;
}

/* --- a store that works
 * ------------------------------------------------------- */

START_TEST(all_is_stored_in_order)
{
	config.live = _i;
	open_store();
	put_all(0, 2000);
	store_close(store);
	check_stored(0, 2000);
	ck_assert(!queue_is_there());
	ck_assert(!store_behind(store));
	ck_assert_uint_eq(stats().stored, 2000);
	ck_assert_uint_eq(stats().waiting, 0);
	ck_assert_str_eq(said, "");
	ck_assert_uint_le(db.flushes, 50);
	ck_assert_uint_eq(db.expired, config.live ? 1 : 0);
}
END_TEST

START_TEST(nothing_to_store)
{
	open_store();
	store_close(store);
	ck_assert(!queue_is_there());
	ck_assert(!store_behind(store));
}
END_TEST

/* What is due by the clock is due without records, too. */
START_TEST(live_sink_is_asked_what_is_due)
{
	config.live = _i;
	open_store();
	store_close(store);
	ck_assert_int_eq(db.flushes > 0, config.live);
}
END_TEST

/* A file waits for a database that works. */
START_TEST(file_waits_for_room)
{
	config.queue_max = 1 << 20;
	open_store();
	for (unsigned n = 0; n < RECORDS; n += 64) {
		for (int i = 0; i < 40; i++) {
			put_all(n, n + 64);
		}
	}
	store_close(store);
	ck_assert(!store_behind(store));
	check_stored(0, RECORDS);
}
END_TEST

/* --- one that does not
 * ---------------------------------------------------------- */

static const struct {
	const char *name;
	int err, failures;
	unsigned down; /* times said */
} passing[] = {
	{"a conflict", -EAGAIN, 1, 0},
	{"down for a second", -EAGAIN, 2, 1},
};

START_TEST(what_passes_loses_nothing)
{
	db.flush_err = passing[_i].err;
	db.failures = passing[_i].failures;
	open_store();
	put_all(0, 100);
	store_close(store);
	check_stored(0, 100);
	ck_assert(!store_behind(store));
	ck_assert_uint_eq(times_said("it is down; records wait in"),
			  passing[_i].down);
	ck_assert_uint_eq(times_said("takes records again"), passing[_i].down);
	ck_assert(!queue_is_there());
}
END_TEST

static const struct {
	const char *name;
	int open_err, flush_err;
	const char *said;
} lasting[] = {
	{"down", -EAGAIN, 0, "cannot open it; records wait in"},
	{"another schema", -ESTALE, 0, "cannot open it; records wait in"},
	{"full", 0, -EAGAIN, "it is down; records wait in"},
	{"schema changed", 0, -ESTALE, "it is down; records wait in"},
};

/* Also at the start; a planned stop does not wait, and the next run stores
 * them first. */
START_TEST(next_run_stores_what_waits)
{
	config.live = true;
	db.open_err = lasting[_i].open_err;
	db.flush_err = lasting[_i].flush_err;
	db.failures = 1000;
	open_store();
	put_all(0, 100);
	store_close(store);
	ck_assert(store_behind(store));
	ck_assert_uint_eq(stats().waiting, 100);
	ck_assert_uint_gt(stats().bytes, 100);
	ck_assert_uint_gt(stats().oldest_ms, 1);
	ck_assert_uint_eq(times_said(lasting[_i].said), 1);
	ck_assert_uint_eq(times_said("100 records wait in"), 1);
	ck_assert_uint_eq(db.committed, 0);
	store_free(store);
	db.open_err = db.flush_err = 0;
	said[0] = '\0';
	open_store();
	put_all(100, 150);
	store_close(store);
	ck_assert(!store_behind(store));
	check_stored(0, 150);
	ck_assert_str_eq(said, "");
	ck_assert(!queue_is_there());
}
END_TEST

START_TEST(what_will_never_be_one_is_told)
{
	db.open_err = -EACCES;
	ck_assert_int_eq(store_open(&store, &config, why), -EACCES);
	ck_assert_str_eq(why, "cannot open it");
	ck_assert(!queue_is_there());
	ck_assert_str_eq(said, "");
}
END_TEST

START_TEST(full_queue_is_said_once_and_counted)
{
	config.live = true;
	config.queue_max = 1 << 20;
	db.open_err = -EAGAIN;
	open_store();
	for (int i = 0; i < 10; i++)
		put_all(0, RECORDS);
	store_close(store);
	ck_assert(store_behind(store));
	ck_assert_uint_eq(stats().lost + stats().waiting, 10 * RECORDS);
	ck_assert_uint_gt(stats().lost, 0);
	ck_assert_uint_eq(times_said("is full (queue-max)"), 1);
	ck_assert_uint_eq(times_said("records are lost: "), 1);
}
END_TEST

/* --- one that refuses
 * ------------------------------------------------------------ */

static unsigned lines_of_refused(char *text, size_t size)
{
	char path[80];
	unsigned n = 0;
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "%s/refused", queue_dir);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	len = fread(text, 1, size - 1, f);
	text[len] = '\0';
	for (const char *p = text; (p = strchr(p, '\n')); p++)
		n++;
	fclose(f);
	return n;
}

START_TEST(poisoned_records_are_set_aside)
{
	static char text[65536];

	db.refused[3] = db.refused[600] = db.refused[999] = true;
	open_store();
	put_all(0, 1000);
	store_close(store);
	check_stored(0, 1000);
	ck_assert(store_behind(store));
	ck_assert_uint_eq(stats().refused, 3);
	ck_assert_uint_eq(stats().stored, 997);
	ck_assert_uint_le(db.flushes, 90); /* not one for each record */
	ck_assert_uint_eq(stats().waiting, 0);
	ck_assert_uint_eq(times_said("is refused and set aside"), 1);
	ck_assert_uint_eq(lines_of_refused(text, sizeof(text)), 3);
	ck_assert_int_eq(strncmp(text,
				 "{\"uid\":\"00000000000000000000000003"
				 "\",\"time\":\"2",
				 45),
			 0);
	ck_assert_ptr_nonnull(strstr(text, "Z\",\"reason\":\"record 3 is bad\","
					   "\"record\":{\"type\":"
					   "\"sip_transaction\","));
}
END_TEST

START_TEST(only_record_may_be_poisoned)
{
	static char text[65536];

	db.refused[0] = true;
	open_store();
	put_all(0, 1);
	store_close(store);
	ck_assert_uint_eq(stats().refused, 1);
	ck_assert_uint_eq(lines_of_refused(text, sizeof(text)), 1);
}
END_TEST

/* Not the records are wrong then. */
START_TEST(database_that_refuses_everything_is_down)
{
	config.live = true;
	memset(db.refused, 1, sizeof(db.refused));
	open_store();
	put_all(0, 50);
	store_close(store);
	ck_assert_uint_eq(stats().refused, 0);
	ck_assert_uint_eq(stats().waiting, 50);
	store_free(store);
	memset(db.refused, 0, sizeof(db.refused));
	open_store();
	store_close(store);
	check_stored(0, 50);
	ck_assert(!queue_is_there());
}
END_TEST

/* Unless it is sure. */
START_TEST(all_may_be_to_blame)
{
	config.live = true;
	db.refuse_err = -ERANGE;
	memset(db.refused, 1, 50 * sizeof(db.refused[0]));
	open_store();
	put_all(0, 60);
	store_close(store);
	check_stored(0, 60);
	ck_assert_uint_eq(stats().refused, 50);
	ck_assert_uint_eq(stats().waiting, 0);
}
END_TEST

/* Of a program from another time, or damaged in a way that its CRC does not
 * tell. */
START_TEST(what_cannot_be_read_is_set_aside)
{
	static char text[65536];
	struct queue_config qc = {.dir = queue_dir,
				  .max_bytes = 1 << 20,
				  .head = _i ? SLICE("\x01\x02")
					     : (struct slice){0}};
	struct queue *q;

	ck_assert_int_eq(queue_open(&q, &qc, why), 0);
	ck_assert_int_eq(queue_put(q, SLICE("\xff\x01garbage")), 0);
	ck_assert_int_eq(queue_write(q), 0);
	queue_close(q);
	open_store();
	put_all(1, 20);
	store_close(store);
	check_stored(1, 20);
	ck_assert_uint_eq(stats().refused, 1);
	ck_assert_uint_eq(lines_of_refused(text, sizeof(text)), 1);
	ck_assert_ptr_nonnull(
		strstr(text, "\"bytes\":\"ff0167617262616765\"}"));
}
END_TEST

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

static Suite *store_suite(void)
{
	Suite *suite = suite_create("store");
	TCase *t = tcase_create("store");

	tcase_add_checked_fixture(t, begin, end);
	tcase_add_loop_test(t, all_is_stored_in_order, 0, 2);
	tcase_add_test(t, nothing_to_store);
	tcase_add_loop_test(t, live_sink_is_asked_what_is_due, 0, 2);
	tcase_add_test(t, file_waits_for_room);
	tcase_add_loop_test(t, what_passes_loses_nothing, 0, COUNT(passing));
	tcase_add_loop_test(t, next_run_stores_what_waits, 0, COUNT(lasting));
	tcase_add_test(t, what_will_never_be_one_is_told);
	tcase_add_test(t, full_queue_is_said_once_and_counted);
	tcase_add_test(t, poisoned_records_are_set_aside);
	tcase_add_test(t, only_record_may_be_poisoned);
	tcase_add_test(t, database_that_refuses_everything_is_down);
	tcase_add_test(t, all_may_be_to_blame);
	tcase_add_loop_test(t, what_cannot_be_read_is_set_aside, 0, 2);
	suite_add_tcase(suite, t);
	return suite;
}

int main(void)
{
	return run_suite(store_suite());
}
