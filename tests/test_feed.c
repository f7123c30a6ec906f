/* The feed for billers: its lines, files and manifests; what comes again; what
 * is killed or fails in between. */
#include "storage/feed.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sniffer/base/ulid.h"
#include "storage/feed_file.h"
#include "storage/feed_line.h"
#include "tests/made_cdr.h"
#include "tests/run_suite.h"

#define SEC	    1000000000ull
#define HOUR	    (3600 * SEC)
#define DAY	    (24 * HOUR)
#define COUNT(rows) (int)(sizeof(rows) / sizeof((rows)[0]))

static char dir[128], why[SINK_WHY];
static struct sink *sink;
static uint64_t clock_ns;

static uint64_t now_ns(void)
{
	return clock_ns;
}

/* --- the world around -------------------------------------------------------
 */

static void make_dir(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(dir, sizeof(dir), "%s/callscope-feed-XXXXXX",
		 tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	clock_ns = MADE_NS;
	sink = NULL;
}

static void path_of(const char *name, char path[512])
{
	snprintf(path, 512, "%s/%s", dir, name);
}

static void drop_dir(void)
{
	const struct dirent *e;
	char path[512];
	DIR *d = opendir(dir);

	feed_sink.close(sink, why);
	while (d && (e = readdir(d))) {
		path_of(e->d_name, path);
		if (unlink(path))
			rmdir(path);
	}
	closedir(d);
	ck_assert_int_eq(rmdir(dir), 0);
}

static int try_open(bool live)
{
	const struct feed_config cfg = {
		.dir = dir,
		.live = live,
		.memory_ns = 30 * DAY,
		.now_ns = now_ns,
	};

	return feed_open(&sink, &cfg, why);
}

static void open_feed(bool live)
{
	ck_assert_msg(!try_open(live), "%s", why);
}

static void close_feed(void)
{
	ck_assert_msg(!feed_sink.close(sink, why), "%s", why);
	sink = NULL;
}

static void flush(void)
{
	ck_assert_msg(!feed_sink.flush(sink, why), "%s", why);
}

/* Call n begins n minutes after MADE_NS and is billed for n seconds and n
 * microseconds. */
static struct cdr *call(unsigned n)
{
	struct cdr *cdr = made_call();
	uint8_t number[1] = {(uint8_t)n};
	struct slice part = slice_of(number, 1);
	uint64_t start = MADE_NS + n * 60 * SEC;

	ulid_make(cdr->uid, start, &part, 1);
	cdr->last_packet = start + n * SEC + SEC;
	cdr->call.start = start;
	cdr->call.answer = start + SEC;
	cdr->call.billing.billable_us = n * 1000001;
	return cdr;
}

static int try_put(struct cdr *cdr)
{
	int err = feed_sink.put(sink, cdr, why);

	cdr_free(cdr);
	return err;
}

static void put(struct cdr *cdr)
{
	ck_assert_msg(!try_put(cdr), "%s", why);
}

/* --- reading a feed ---------------------------------------------------------
 */

static size_t slurp(const char *name, char *buf, size_t size)
{
	char path[512];
	size_t n;
	FILE *f;

	path_of(name, path);
	f = fopen(path, "r");
	ck_assert_msg(f, "%s", path);
	n = fread(buf, 1, size - 1, f);
	buf[n] = '\0';
	fclose(f);
	return n;
}

/* By the number of the file. */
static int by_number(const void *a, const void *b)
{
	const char *x = a, *y = b;

	return strcmp(strrchr(x, '-'), strrchr(y, '-'));
}

static size_t list(const char *ending, char names[][FEED_NAME], size_t max)
{
	const struct dirent *e;
	DIR *d = opendir(dir);
	size_t n = 0;

	while ((e = readdir(d))) {
		const char *dot = strrchr(e->d_name, '.');

		if (strncmp(e->d_name, "calls-", 6) || !dot ||
		    strcmp(dot, ending))
			continue;
		ck_assert_uint_lt(n, max);
		snprintf(names[n++], FEED_NAME, "%.60s", e->d_name);
	}
	closedir(d);
	qsort(names, n, FEED_NAME, by_number);
	return n;
}

struct manifest {
	char file[FEED_NAME], sha[FEED_SHA];
	char previous[FEED_NAME + 2], previous_sha[FEED_SHA + 2];
	uint64_t number, first, last, lines, corrections, bytes;
	int64_t billable_us;
};

static void parse_manifest(const char *text, struct manifest *m)
{
	int n = sscanf(
		text,
		"{\"version\":1,\"file\":\"%63[^\"]\",\"number\":%" SCNu64
		",\"first_seq\":%" SCNu64 ",\"last_seq\":%" SCNu64
		",\"lines\":%" SCNu64 ",\"corrections\":%" SCNu64
		",\"billable_us\":%" SCNd64 ",\"bytes\":%" SCNu64
		",\"sha256\":\"%64[^\"]\",\"previous\":%65[^,],"
		"\"previous_sha256\":%66[^}]}",
		m->file, &m->number, &m->first, &m->last, &m->lines,
		&m->corrections, &m->billable_us, &m->bytes, m->sha,
		m->previous, m->previous_sha);

	ck_assert_msg(n == 11, "%d: %s", n, text);
}

struct feed {
	uint64_t lines, corrections, files;
	int64_t billable_us; /* of lines that nothing replaces */
	char text[200][256]; /* lines from 1 on, without their ends */
};

static struct feed feed;

static int64_t billable_of(const char *line)
{
	uint64_t s = 0, us = 0;
	const char *at = line;

	for (int i = 0; i < 7; i++)
		at = strchr(at, ',') + 1;
	sscanf(at, "%" SCNu64 ".%" SCNu64, &s, &us);
	return (int64_t)(s * 1000000 + us);
}

static uint64_t replaces_of(const char *line)
{
	uint64_t seq = 0;

	sscanf(strchr(line + 2, ',') + 1, "%" SCNu64, &seq);
	return seq;
}

static int64_t take_lines(struct slice text)
{
	struct slice line;
	int64_t sum = 0;

	while (slice_line(&text, &line)) {
		char *to = feed.text[feed.lines + 1];
		uint64_t seq;

		ck_assert_uint_lt(feed.lines + 1, 200);
		snprintf(to, 256, "%.*s", SLICE_ARG(line));
		ck_assert_int_eq(sscanf(to, "1,%" SCNu64 ",", &seq), 1);
		ck_assert_uint_eq(seq, ++feed.lines);
		sum += billable_of(to);
		feed.billable_us += billable_of(to);
		if (!replaces_of(to))
			continue;
		feed.corrections++;
		ck_assert_uint_lt(replaces_of(to), seq);
		feed.billable_us -= billable_of(feed.text[replaces_of(to)]);
	}
	return sum;
}

static void check_file(const char *csv, const struct manifest *m)
{
	static char buf[1 << 20];
	size_t n = slurp(csv, buf, sizeof(buf));
	uint64_t corrections = feed.corrections, lines = feed.lines;
	struct slice text = slice_of(buf, n), header;
	char sha[FEED_SHA];

	ck_assert(feed_sha(text, sha));
	ck_assert_str_eq(sha, m->sha);
	ck_assert_uint_eq(n, m->bytes);
	ck_assert_str_eq(csv, m->file);
	ck_assert_uint_eq(m->first, feed.lines + 1);
	ck_assert(slice_line(&text, &header));
	ck_assert(slice_starts(header, SLICE("version,seq,replaces,uid,")));
	ck_assert_int_eq(take_lines(text), m->billable_us);
	ck_assert_uint_eq(feed.lines, m->last);
	ck_assert_uint_eq(feed.lines - lines, m->lines);
	ck_assert_uint_eq(feed.corrections - corrections, m->corrections);
}

/* All that a biller can check. */
static void read_feed(void)
{
	static char csv[100][FEED_NAME], json[100][FEED_NAME];
	char text[1024], sha[FEED_SHA + 2] = "null";
	size_t n = list(".csv", csv, 100);
	struct manifest m;

	memset(&feed, 0, sizeof(feed));
	ck_assert_uint_eq(list(".json", json, 100), n);
	for (size_t i = 0; i < n; i++) {
		size_t len = slurp(json[i], text, sizeof(text));

		parse_manifest(text, &m);
		ck_assert_uint_eq(m.number, i + 1);
		ck_assert_str_eq(m.previous_sha, sha);
		ck_assert_int_eq(!strcmp(m.previous, "null"), i == 0);
		check_file(csv[i], &m);
		sha[0] = '"';
		ck_assert(feed_sha(slice_of(text, len), sha + 1));
		strcat(sha, "\"");
	}
	feed.files = n;
}

/* Calls from 1 to n, each billed once. */
static void expect(unsigned n, uint64_t lines, uint64_t files)
{
	read_feed();
	ck_assert_int_eq(feed.billable_us, (int64_t)n * (n + 1) / 2 * 1000001);
	ck_assert_uint_eq(feed.lines, lines);
	if (files)
		ck_assert_uint_eq(feed.files, files);
}

/* --- lines ------------------------------------------------------------------
 */

static const struct {
	struct slice in;
	const char *want;
} texts[] = {
	{SLICE_INIT("plain 'text'"), "plain 'text'"},
	{SLICE_INIT(""), ""},
	{{NULL, 0}, ""},
	{SLICE_INIT("a,b"), "\"a,b\""},
	{SLICE_INIT("a\"b"), "\"a\"\"b\""},
	{SLICE_INIT("\"\""), "\"\"\"\"\"\""},
	{SLICE_INIT("a\r\nb"), "\"a\r\nb\""},
	{SLICE_INIT("\xc3\xa9\xe9\0"), "\xc3\xa9\\xe9\\x00"},
	{SLICE_INIT("\xe9,\xff"), "\"\\xe9,\\xff\""},
};

START_TEST(text_is_quoted)
{
	struct outbuf b = {0};

	feed_put_text(&b, texts[_i].in);
	outbuf_char(&b, '\0');
	ck_assert_str_eq(b.p, texts[_i].want);
	outbuf_free(&b);
}
END_TEST

START_TEST(line_of_a_call)
{
	static const char want[] =
		"01KAQ00000000000000000CA11,2026-11-23T01:02:03.456789Z,"
		"2026-11-23T01:02:05.456789Z,2026-11-23T01:02:15.456790Z,"
		"10.000001,+4930123,4420,+4930123,,carrier,out,200,,PCMA,"
		"4.390,no-ack partial-end";
	struct cdr *cdr = made_call();
	struct outbuf b = {0};

	feed_put_call(&b, cdr);
	outbuf_char(&b, '\0');
	ck_assert_str_eq(b.p, want);
	outbuf_reset(&b);
	cdr->call.billing.billable_us = CDR_NO_US;
	cdr->call.billing.end = 0;
	cdr->call.b = cdr->call.a;
	cdr->call.b.mos.adaptive = 3.5;
	cdr->call.a.stream_uid[0] = '\0';
	feed_put_call(&b, cdr);
	outbuf_char(&b, '\0');
	ck_assert_ptr_nonnull(strstr(b.p, "05.456789Z,,,+4930123"));
	ck_assert_ptr_nonnull(strstr(b.p, ",200,,PCMA,3.500,"));
	outbuf_free(&b);
	cdr_free(cdr);
}
END_TEST

START_TEST(what_is_chargeable)
{
	struct cdr *active = call(1), *unanswered = call(2);

	active->call.state = "active";
	unanswered->call.answer = 0;
	open_feed(false);
	put(active);
	put(unanswered);
	put(made_session());
	put(made_webrtc());
	put(made_registration());
	put(made_transaction());
	put(made_summary());
	close_feed();
	expect(0, 0, 0);
	open_feed(false);
	put(call(1));
	close_feed();
	expect(1, 1, 1);
	ck_assert_ptr_nonnull(strstr(feed.text[1], "1,1,,01"));
}
END_TEST

/* --- what comes again -------------------------------------------------------
 */

/* In one batch, in two, in another run. */
static void again(int how)
{
	if (how == 1)
		flush();
	if (how != 2)
		return;
	close_feed();
	open_feed(false);
}

START_TEST(replay_makes_no_line)
{
	open_feed(false);
	for (unsigned n = 1; n <= 5; n++)
		put(call(n));
	again(_i);
	for (unsigned n = 5; n > 0; n--)
		put(call(n));
	close_feed();
	expect(5, 5, 0);
}
END_TEST

START_TEST(correction_names_its_line)
{
	struct cdr *less = call(2), *more = call(2), *most = call(2);

	less->last_packet -= SEC;
	less->call.billing.billable_us = 7;
	most->packets++;
	most->call.billing.flags = SLICE("");
	open_feed(false);
	put(call(1));
	put(less);
	again(_i);
	put(more);
	again(_i);
	put(most);
	put(call(2)); /* knows less */
	close_feed();
	expect(2, 4, 0);
	ck_assert_uint_eq(replaces_of(feed.text[3]), 2);
	ck_assert_uint_eq(replaces_of(feed.text[4]), 3);
	ck_assert_uint_eq(feed.corrections, 2);
}
END_TEST

/* The same call by other rules. */
START_TEST(other_rules_correct)
{
	struct cdr *cdr = call(1);

	cdr->call.billing.callee_e164 = SLICE("+494420");
	open_feed(false);
	put(call(1));
	again(_i);
	put(cdr);
	close_feed();
	expect(1, 2, 0);
	ck_assert_uint_eq(replaces_of(feed.text[2]), 1);
}
END_TEST

/* More packets that change nothing for the biller. */
START_TEST(same_line_is_none)
{
	struct cdr *more = call(1), *less = call(1);

	more->packets = 200;
	less->packets = 150;
	less->call.billing.billable_us = 9;
	open_feed(false);
	put(call(1));
	again(_i);
	put(more);
	again(_i);
	put(less);
	close_feed();
	expect(1, 1, 0);
}
END_TEST

/* --- hours ------------------------------------------------------------------
 */

/* MADE_NS is 01:02; call 58 is from 02:00. */
START_TEST(hours_of_packets)
{
	open_feed(false);
	for (unsigned n = 1; n <= 130; n++)
		put(call(n));
	put(call(1));
	close_feed();
	expect(130, 130, 3);
	open_feed(false);
	put(call(131)); /* the same hour: another file */
	close_feed();
	expect(131, 131, 4);
}
END_TEST

START_TEST(hours_of_the_clock)
{
	char names[8][FEED_NAME];

	open_feed(true);
	put(call(1));
	put(call(90)); /* its packets do not matter */
	flush();
	ck_assert_uint_eq(list(".csv", names, 8), 0);
	clock_ns -= HOUR; /* set back: the file goes on */
	put(call(2));
	flush();
	ck_assert_uint_eq(list(".csv", names, 8), 0);
	clock_ns += 2 * HOUR;
	flush(); /* without any record */
	ck_assert_uint_eq(list(".csv", names, 8), 1);
	ck_assert_str_eq(names[0], "calls-20261123T01-00000001.csv");
	read_feed();
	ck_assert_uint_eq(feed.lines, 3);
	clock_ns += HOUR;
	flush(); /* an hour without calls has no file */
	ck_assert_uint_eq(list(".csv", names, 8), 1);
	put(call(3));
	clock_ns += HOUR;
	put(call(4));
	close_feed();
	read_feed();
	ck_assert_uint_eq(feed.lines, 5);
	ck_assert_uint_eq(feed.files, 3);
	list(".csv", names, 8);
	ck_assert_str_eq(names[2], "calls-20261123T04-00000003.csv");
}
END_TEST

START_TEST(biller_may_take_files_away)
{
	char path[512], names[8][FEED_NAME];

	open_feed(true);
	put(call(1));
	clock_ns += HOUR;
	flush();
	ck_assert_uint_eq(list(".csv", names, 8), 1);
	path_of(names[0], path);
	ck_assert_int_eq(unlink(path), 0);
	list(".json", names, 8);
	path_of(names[0], path);
	ck_assert_int_eq(unlink(path), 0);
	put(call(1));
	put(call(2));
	close_feed();
	ck_assert_uint_eq(list(".csv", names, 8), 1);
	ck_assert_str_eq(names[0], "calls-20261123T02-00000002.csv");
}
END_TEST

/* A name that is taken for a while. */
START_TEST(rename_is_tried_again)
{
	char path[512], names[8][FEED_NAME];

	path_of(_i ? "calls-20261123T01-00000001.json"
		   : "calls-20261123T01-00000001.csv",
		path);
	open_feed(true);
	put(call(1));
	flush();
	clock_ns += HOUR;
	ck_assert_int_eq(mkdir(path, 0700), 0);
	if (_i == 0) {
		ck_assert_int_eq(feed_sink.flush(sink, why), -EAGAIN);
		ck_assert_msg(strstr(why, "feed-00000001.part"), "%s", why);
		ck_assert_int_eq(try_put(call(2)), 0);
		ck_assert_int_eq(feed_sink.flush(sink, why), -EAGAIN);
	}
	ck_assert_int_eq(rmdir(path), 0);
	flush();
	ck_assert_uint_eq(list(".csv", names, 8), 1);
	put(call(2));
	close_feed();
	expect(2, 2, 2);
}
END_TEST

/* --- what is forgotten ------------------------------------------------------
 */

START_TEST(old_calls_are_refused_not_doubled)
{
	struct cdr *late = call(100);

	late->last_packet = MADE_NS + 40 * DAY;
	open_feed(true);
	put(call(1));
	put(call(2));
	flush();
	clock_ns += 40 * DAY;
	flush();
	put(call(1)); /* packet time has not gone on: still known */
	put(late);
	flush();
	clock_ns += HOUR;
	flush();
	ck_assert_int_eq(try_put(call(1)), -ERANGE);
	ck_assert_msg(strstr(why, "does not remember"), "%s", why);
	flush();
	close_feed();
	read_feed();
	ck_assert_uint_eq(feed.lines, 3);
	open_feed(false); /* also later, from a file */
	ck_assert_int_eq(try_put(call(2)), -ERANGE);
	close_feed();
}
END_TEST

/* --- kills ------------------------------------------------------------------
 */

#define CALLS 40

/* Puts all calls, a batch of five at a time; stops dead after so many
 * steps. */
static void work(int steps, bool live)
{
	open_feed(live);
	for (unsigned n = 1; n <= CALLS; n++) {
		clock_ns = MADE_NS + n * 10 * 60 * SEC;
		if (steps-- == 0)
			_exit(0);
		put(call(n));
		if (n % 5)
			continue;
		if (steps-- == 0)
			_exit(0);
		flush();
	}
	if (steps-- == 0)
		_exit(0);
	close_feed();
}

static void work_and_die(int steps, bool live)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		work(steps, live);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && !WEXITSTATUS(status), "%d", status);
}

START_TEST(killed_after_each_step)
{
	work_and_die(_i, true);
	work_and_die(_i / 2, true);
	work(1000, true);
	expect(CALLS, CALLS, 0);
}
END_TEST

/* --- a full disk ------------------------------------------------------------
 */

static void limit_files(rlim_t bytes)
{
	struct rlimit l = {bytes, RLIM_INFINITY};

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &l), 0);
}

/* What the caller of a sink does: a batch that failed comes again, whole. */
static bool batch(unsigned first)
{
	bool ok = true;

	for (unsigned n = first; n < first + 5 && ok; n++) {
		int err = try_put(call(n));

		ck_assert_msg(!err || err == -EAGAIN, "%s", why);
		ok = !err;
	}
	if (ok && feed_sink.flush(sink, why))
		ok = false;
	return ok;
}

START_TEST(disk_is_full)
{
	unsigned failed = 0;

	open_feed(true);
	limit_files((rlim_t)_i * 600);
	for (unsigned n = 1; n <= CALLS; n += 5) {
		clock_ns = MADE_NS + n * 20 * 60 * SEC;
		while (!batch(n)) {
			ck_assert_uint_lt(++failed, 50);
			limit_files(failed % 2 ? RLIM_INFINITY
					       : (rlim_t)_i * 600 + 200);
		}
	}
	limit_files(RLIM_INFINITY);
	close_feed();
	expect(CALLS, CALLS, 0);
	ck_assert(_i > 20 || failed);
}
END_TEST

/* --- what cannot be opened --------------------------------------------------
 */

START_TEST(one_at_a_time)
{
	struct sink *first;

	open_feed(false);
	first = sink;
	sink = NULL;
	ck_assert_int_eq(try_open(false), -EAGAIN);
	ck_assert_msg(strstr(why, "one callscope at a time"), "%s", why);
	sink = first;
	close_feed();
}
END_TEST

static void leave_unfinished(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		open_feed(false);
		put(call(1));
		flush();
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
}

/* Each byte that is missing is found. */
START_TEST(shorter_file_is_refused)
{
	char path[512];
	struct stat st;

	leave_unfinished();
	path_of("feed-00000001.part", path);
	ck_assert_int_eq(stat(path, &st), 0);
	for (off_t size = st.st_size - 1; size >= 0; size--) {
		ck_assert_int_eq(truncate(path, size), 0);
		ck_assert_int_eq(try_open(false), -EINVAL);
		ck_assert_msg(strstr(why, "shorter"), "%s", why);
	}
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(try_open(false), -ENOENT);
	ck_assert_msg(strstr(why, "feed-00000001.part"), "%s", why);
}
END_TEST

START_TEST(longer_file_is_cut)
{
	char path[512];
	FILE *f;

	leave_unfinished();
	path_of("feed-00000001.part", path);
	f = fopen(path, "a");
	fputs("1,2,,half a li", f);
	fclose(f);
	open_feed(false);
	put(call(2));
	close_feed();
	expect(2, 2, 1);
}
END_TEST

START_TEST(files_without_their_state)
{
	char path[512];

	open_feed(false);
	put(call(1));
	close_feed();
	path_of("feed.db", path);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(try_open(false), -EINVAL);
	ck_assert_msg(strstr(why, "not its feed.db"), "%s", why);
}
END_TEST

START_TEST(state_of_something_else)
{
	char path[512];
	FILE *f;

	path_of("feed.db", path);
	f = fopen(path, "w");
	fputs("no database at all, but long enough to look at", f);
	fclose(f);
	ck_assert_int_eq(try_open(false), -EAGAIN);
	ck_assert_msg(strstr(why, "feed.db"), "%s", why);
}
END_TEST

START_TEST(no_folder)
{
	const struct sink_config cfg = {.path = "/nonexistent/feed"};

	ck_assert_int_eq(feed_sink.open(&sink, &cfg, why), -ENOENT);
	ck_assert_msg(strstr(why, "/nonexistent/feed"), "%s", why);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("feed");
	TCase *t = tcase_create("feed");

	tcase_add_checked_fixture(t, make_dir, drop_dir);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, text_is_quoted, 0, COUNT(texts));
	tcase_add_test(t, line_of_a_call);
	tcase_add_test(t, what_is_chargeable);
	tcase_add_loop_test(t, replay_makes_no_line, 0, 3);
	tcase_add_loop_test(t, correction_names_its_line, 0, 3);
	tcase_add_loop_test(t, other_rules_correct, 0, 3);
	tcase_add_loop_test(t, same_line_is_none, 0, 3);
	tcase_add_test(t, hours_of_packets);
	tcase_add_test(t, hours_of_the_clock);
	tcase_add_test(t, biller_may_take_files_away);
	tcase_add_loop_test(t, rename_is_tried_again, 0, 2);
	tcase_add_test(t, old_calls_are_refused_not_doubled);
	tcase_add_loop_test(t, killed_after_each_step, 0, CALLS + 10);
	tcase_add_loop_test(t, disk_is_full, 0, 30);
	tcase_add_test(t, one_at_a_time);
	tcase_add_test(t, shorter_file_is_refused);
	tcase_add_test(t, longer_file_is_cut);
	tcase_add_test(t, files_without_their_state);
	tcase_add_test(t, state_of_something_else);
	tcase_add_test(t, no_folder);
	suite_add_tcase(s, t);
	return run_suite(s);
}
