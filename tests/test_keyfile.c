/*
 * Key files: read once, and followed while they grow, are cut, replaced, or
 * come late. Time is a number that the test counts up.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sniffer/keyfile.h"
#include "tests/run_suite.h"

struct taken {
	char text[200000];
	char said[4096];
	unsigned sayings;
	uint64_t now_us;
	char dir[256], path[300];
	struct keyfile *list;
};

static struct taken *all;

/* Lines that begin with ! are bad. */
static size_t take(void *arg, struct slice lines, const char **why)
{
	struct taken *t = arg;
	size_t number = 0, bad = 0;
	struct slice line;

	ck_assert_uint_lt(strlen(t->text) + lines.len, sizeof(t->text));
	strncat(t->text, (const char *)lines.p, lines.len);
	while (slice_line(&lines, &line)) {
		number++;
		if (line.len && line.p[0] == '!' && !bad)
			bad = number;
	}
	if (bad)
		*why = "it begins with !";
	return bad;
}

static void on_say(void *arg, const char *sentence)
{
	struct taken *t = arg;

	t->sayings++;
	snprintf(t->said, sizeof(t->said), "%s", sentence);
}

static void setup(void)
{
	const char *tmp = getenv("TMPDIR");

	umask(077);
	all = calloc(1, sizeof(*all));
	snprintf(all->dir, sizeof(all->dir), "%s/keyfile-XXXXXX",
		 tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(all->dir));
	snprintf(all->path, sizeof(all->path), "%s/keys", all->dir);
}

static void teardown(void)
{
	keyfile_close(all->list);
	unlink(all->path);
	rmdir(all->dir);
	free(all);
}

static void put(const char *how, const char *text)
{
	FILE *f = fopen(all->path, how);

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static int open_it(bool follow, char why[KEYFILE_WHY])
{
	struct keyfile_config cfg = {
		.path = all->path,
		.what = "key log",
		.follow = follow,
		.take = take,
		.say = on_say,
		.arg = all,
	};

	why[0] = '\0';
	return keyfile_open(&all->list, &cfg, why);
}

static void must_open(bool follow)
{
	char why[KEYFILE_WHY];

	ck_assert_msg(!open_it(follow, why), "%s", why);
}

static void look(void)
{
	all->now_us += 100000;
	keyfile_poll(all->list, all->now_us);
}

static void told(const char *want)
{
	ck_assert_msg(strstr(all->said, want), "said: %s", all->said);
}

/* --- read once ---------------------------------------------------------- */

START_TEST(whole)
{
	put("w", "one\r\n\n# two\nthree");
	must_open(false);
	ck_assert_str_eq(all->text, "one\r\n\n# two\nthree");
	ck_assert_uint_eq(all->sayings, 0);
	put("a", "\nfour\n");
	look(); /* it is not followed */
	ck_assert_str_eq(all->text, "one\r\n\n# two\nthree");
}
END_TEST

START_TEST(empty)
{
	put("w", "");
	must_open(false);
	ck_assert_str_eq(all->text, "");
}
END_TEST

START_TEST(not_there)
{
	char why[KEYFILE_WHY];

	ck_assert_int_eq(open_it(false, why), -ENOENT);
	ck_assert_ptr_nonnull(strstr(why, all->path));
	ck_assert_ptr_nonnull(strstr(why, "No such file"));
	ck_assert_ptr_null(all->list);
}
END_TEST

START_TEST(a_folder)
{
	char why[KEYFILE_WHY];

	snprintf(all->path, sizeof(all->path), "%s", all->dir);
	ck_assert_int_eq(open_it(_i, why), -EISDIR);
	ck_assert_ptr_nonnull(strstr(why, "directory"));
}
END_TEST

/* The first bad line is named, in files of many reads, too. */
START_TEST(bad_lines)
{
	static const unsigned at[] = {1, 2, 700, 5000};
	FILE *f = fopen(all->path, "w");
	char want[64];

	for (unsigned i = 1; i <= 5000; i++)
		fprintf(f, "%s line of the log\n",
			i >= at[_i] && i % 7 == at[_i] % 7 ? "!" : "a");
	fclose(f);
	must_open(false);
	ck_assert_uint_eq(all->sayings, 1);
	snprintf(want, sizeof(want), "keys: line %u: not a key log line",
		 at[_i]);
	told(want);
	ck_assert_ptr_nonnull(strstr(all->text, "line of the log"));
}
END_TEST

START_TEST(long_lines)
{
	char *text = malloc(50001);

	memset(text, 'x', 50000);
	text[50000] = '\0';
	put("w", "first\n");
	put("a", text);
	put("a", "\nsecond\n");
	put("a", text);
	must_open(false);
	ck_assert_str_eq(all->text, "first\nsecond\n");
	ck_assert_uint_eq(all->sayings, 1);
	told("line 2: not a key log line");
	free(text);
}
END_TEST

START_TEST(everybodys)
{
	put("w", "one\n");
	chmod(all->path, 0644);
	must_open(false);
	ck_assert_str_eq(all->text, "one\n");
	ck_assert_uint_eq(all->sayings, 1);
	told("everybody may read these keys; chmod o-r ");
}
END_TEST

/* --- followed ----------------------------------------------------------- */

START_TEST(grows)
{
	put("w", "one\ntw");
	must_open(true);
	ck_assert_str_eq(all->text, "one\n");
	look();
	ck_assert_str_eq(all->text, "one\n");
	put("a", "o\nthree\nfo");
	look();
	ck_assert_str_eq(all->text, "one\ntwo\nthree\n");
	put("a", "ur");
	look();
	keyfile_close(all->list);
	all->list = NULL;
	ck_assert_str_eq(all->text, "one\ntwo\nthree\nfour");
	ck_assert_uint_eq(all->sayings, 0);
}
END_TEST

START_TEST(comes_later)
{
	must_open(true);
	look();
	look();
	ck_assert_uint_eq(all->sayings, 0);
	put("w", "one\n");
	look();
	ck_assert_str_eq(all->text, "one\n");
	put("a", "!two\n");
	look();
	told("line 2: not a key log line");
}
END_TEST

/* Ten times a second at most. */
START_TEST(not_too_often)
{
	put("w", "one\n");
	must_open(true);
	look();
	put("a", "two\n");
	keyfile_poll(all->list, all->now_us + 99999);
	ck_assert_str_eq(all->text, "one\n");
	keyfile_poll(all->list, all->now_us + 100000);
	ck_assert_str_eq(all->text, "one\ntwo\n");
}
END_TEST

START_TEST(is_cut)
{
	put("w", "one\ntwo\nhal");
	must_open(true);
	put("w", "new\n!bad\n");
	look();
	ck_assert_str_eq(all->text, "one\ntwo\nnew\n!bad\n");
	told("line 2: not a key log line");
	put("a", "more\n");
	look();
	ck_assert_str_eq(all->text, "one\ntwo\nnew\n!bad\nmore\n");
	put("w", "");
	look();
	put("a", "again\n");
	look();
	ck_assert_ptr_nonnull(strstr(all->text, "more\nagain\n"));
}
END_TEST

START_TEST(is_replaced)
{
	char old[320];

	snprintf(old, sizeof(old), "%s.1", all->path);
	put("w", "one\n");
	must_open(true);
	rename(all->path, old);
	look();
	/* the writer still has the old one open */
	{
		FILE *f = fopen(old, "a");

		fputs("two\nhalf a line", f);
		fclose(f);
	}
	put("w", "three\n");
	look();
	look();
	ck_assert_str_eq(all->text, "one\ntwo\nhalf a linethree\n");
	unlink(all->path);
	look();
	put("w", "four\n");
	look();
	look();
	ck_assert_str_eq(all->text, "one\ntwo\nhalf a linethree\nfour\n");
	unlink(old);
}
END_TEST

START_TEST(a_pipe)
{
	int fd;

	ck_assert_int_eq(mkfifo(all->path, 0600), 0);
	must_open(true);
	look();
	fd = open(all->path, O_WRONLY | O_NONBLOCK);
	ck_assert_int_ge(fd, 0);
	look();
	ck_assert_int_eq(write(fd, "one\ntw", 6), 6);
	look();
	ck_assert_str_eq(all->text, "one\n");
	ck_assert_int_eq(write(fd, "o\n", 2), 2);
	look();
	close(fd);
	look();
	/* another writer */
	fd = open(all->path, O_WRONLY | O_NONBLOCK);
	ck_assert_int_eq(write(fd, "three\n", 6), 6);
	look();
	ck_assert_str_eq(all->text, "one\ntwo\nthree\n");
	close(fd);
	ck_assert_uint_eq(all->sayings, 0);
}
END_TEST

START_TEST(everybodys_refused)
{
	char why[KEYFILE_WHY];

	put("w", "one\n");
	chmod(all->path, 0604);
	ck_assert_int_eq(open_it(true, why), -EPERM);
	ck_assert_ptr_nonnull(strstr(why, "chmod o-r "));
	ck_assert_ptr_nonnull(strstr(why, all->path));
	ck_assert_str_eq(all->text, "");
	ck_assert_uint_eq(all->sayings, 0);
}
END_TEST

/* One that comes later is refused, too: said once, used when it is right. */
START_TEST(everybodys_later)
{
	must_open(true);
	put("w", "one\n");
	chmod(all->path, 0644);
	look();
	look();
	ck_assert_str_eq(all->text, "");
	ck_assert_uint_eq(all->sayings, 1);
	told("everybody may read these keys, so they are not used");
	chmod(all->path, 0640);
	look();
	ck_assert_str_eq(all->text, "one\n");
	ck_assert_uint_eq(all->sayings, 1);
}
END_TEST

/* More than is read at a time. */
START_TEST(long_file)
{
	FILE *f = fopen(all->path, "w");

	for (int i = 0; i < 10000; i++)
		fprintf(f, "line %d\n", i);
	fclose(f);
	must_open(_i);
	ck_assert_ptr_nonnull(strstr(all->text, "line 0\n"));
	ck_assert_ptr_nonnull(strstr(all->text, "\nline 9999\n"));
}
END_TEST

START_TEST(several)
{
	struct taken *one = all;

	put("w", "one\n");
	must_open(true);
	must_open(true);
	ck_assert_str_eq(one->text, "one\none\n");
	put("a", "two\n");
	look();
	ck_assert_str_eq(one->text, "one\none\ntwo\ntwo\n");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("keyfile");
	TCase *t = tcase_create("keyfile");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, whole);
	tcase_add_test(t, empty);
	tcase_add_test(t, not_there);
	tcase_add_loop_test(t, a_folder, 0, 2);
	tcase_add_loop_test(t, bad_lines, 0, 4);
	tcase_add_test(t, long_lines);
	tcase_add_test(t, everybodys);
	tcase_add_test(t, grows);
	tcase_add_test(t, comes_later);
	tcase_add_test(t, not_too_often);
	tcase_add_test(t, is_cut);
	tcase_add_test(t, is_replaced);
	tcase_add_test(t, a_pipe);
	tcase_add_test(t, everybodys_refused);
	tcase_add_test(t, everybodys_later);
	tcase_add_loop_test(t, long_file, 0, 2);
	tcase_add_test(t, several);
	suite_add_tcase(s, t);
	return run_suite(s);
}
