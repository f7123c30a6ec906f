/* CPU time of threads by name, also of those that ended. */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "sniffer/base/thread.h"
#include "sniffer/thread_load.h"
#include "tests/run_suite.h"

#define WORK_NS 30000000

static struct snapshot_thread seen[SNAPSHOT_THREADS];
static atomic_bool worked, leave;

static uint64_t own_cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void rest(void)
{
	const struct timespec ts = {.tv_nsec = 1000000};

	nanosleep(&ts, NULL);
}

static void *work(void *arg)
{
	thread_begin("worker", THREAD_MEDIA);
	while (own_cpu_ns() < WORK_NS)
		;
	worked = true;
	while (!leave)
		rest();
	return arg;
}

static const struct snapshot_thread *named(const char *name, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(seen[i].name, name))
			return &seen[i];
	return NULL;
}

START_TEST(by_name)
{
	struct thread_load *t = thread_load_new();
	const struct snapshot_thread *w;
	pthread_t thread;
	size_t n = thread_load_look(t, 1000, seen, SNAPSHOT_THREADS);

	ck_assert_uint_ge(n, 1);
	ck_assert_str_eq(seen[0].name, "core");
	ck_assert(isnan(seen[0].busy));
	ck_assert(!thread_start(&thread, work, NULL));
	while (!worked)
		rest();
	n = thread_load_look(t, 1100, seen, SNAPSHOT_THREADS);
	w = named("worker", n);
	ck_assert_ptr_nonnull(w);
	ck_assert_uint_ge(w->cpu_ns, WORK_NS);
	ck_assert_double_ge(w->busy, 0.3); /* of the 100 ms that are told */
	leave = true;
	pthread_join(thread, NULL);
	n = thread_load_look(t, 2100, seen, SNAPSHOT_THREADS);
	w = named("worker", n);
	ck_assert_ptr_nonnull(w);
	ck_assert_uint_ge(w->cpu_ns, WORK_NS);
	thread_load_free(t);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("thread_load");
	TCase *tc = tcase_create("threads");

	tcase_add_test(tc, by_name);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
