/* What a thread does first, and the lines of the log. */
#include <check.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "run_suite.h"
#include "sniffer/base/thread.h"
#include "sniffer/log.h"

struct seen {
	char name[16];
	sigset_t mask;
	unsigned hooks;
	enum thread_kind kind;
};

static void on_begin(enum thread_kind kind, void *arg)
{
	struct seen *seen = arg;

	seen->kind = kind;
	seen->hooks++;
}

static void *run(void *arg)
{
	struct seen *seen = arg;

	thread_begin("a-rather-long-name", THREAD_MEDIA);
	pthread_getname_np(pthread_self(), seen->name, sizeof(seen->name));
	pthread_sigmask(SIG_SETMASK, NULL, &seen->mask);
	return NULL;
}

START_TEST(begins)
{
	struct seen seen = {0};
	sigset_t mine;
	pthread_t t;

	thread_hook(on_begin, &seen);
	ck_assert_int_eq(thread_start(&t, run, &seen), 0);
	pthread_join(t, NULL);
	thread_hook(NULL, NULL);
	ck_assert_str_eq(seen.name, "cs-a-rather-lon");
	ck_assert_uint_eq(seen.hooks, 1);
	ck_assert_int_eq(seen.kind, THREAD_MEDIA);
	ck_assert(sigismember(&seen.mask, SIGTERM));
	ck_assert(sigismember(&seen.mask, SIGHUP));
	ck_assert(!sigismember(&seen.mask, SIGSEGV));
	ck_assert(!sigismember(&seen.mask, SIGSYS));
	pthread_sigmask(SIG_SETMASK, NULL, &mine);
	ck_assert(!sigismember(&mine, SIGTERM));
}
END_TEST

static const struct {
	const char *stream; /* NULL: that of the file itself */
	const char *want;
} rows[] = {
	{"", "callscope: two lines, 7\n"},
	{"1:1", "callscope: two lines, 7\n"},
	{"nonsense", "callscope: two lines, 7\n"},
	{NULL, "<4>two lines, 7\n"},
};

START_TEST(line)
{
	char *text = NULL, stream[64];
	FILE *to = tmpfile();
	struct log l;
	struct stat st;
	size_t n = 0;

	ck_assert_ptr_nonnull(to);
	ck_assert_int_eq(fstat(fileno(to), &st), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu",
		 (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", rows[_i].stream ? rows[_i].stream : stream, 1);
	log_open(&l, to, NULL);
	log_line(&l, LEVEL_WARNING, "two\nlines, %d", 7);
	unsetenv("JOURNAL_STREAM");
	rewind(to);
	ck_assert_int_gt(getline(&text, &n, to), 0);
	ck_assert_str_eq(text, rows[_i].want);
	free(text);
	fclose(to);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("thread");
	TCase *tc = tcase_create("thread");

	suite_add_tcase(s, tc);
	tcase_add_test(tc, begins);
	tcase_add_loop_test(tc, line, 0, sizeof(rows) / sizeof(rows[0]));
	return run_suite(s);
}
