#include "sniffer/base/ring.h"
#include "sniffer/base/waker.h"
#include "tests/run_suite.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

enum {
	LONG_MS = 60 * 1000, /* more than anything here takes */
	ITEMS = 20000,
	RINGS = 3,
};

struct item {
	uint64_t number;
	uint64_t twice;
	char rest[9]; /* an odd size */
};

static bool put(struct ring *r, uint64_t number, size_t reserve)
{
	struct item *m = ring_slot(r, reserve);

	if (!m)
		return false;
	*m = (struct item){.number = number, .twice = number * 2};
	ring_put(r);
	return true;
}

static void must_get(struct ring *r, uint64_t number)
{
	const struct item *m = ring_peek(r);

	ck_assert_ptr_nonnull(m);
	ck_assert_uint_eq(m->number, number);
	ck_assert_uint_eq(m->twice, number * 2);
	ring_next(r);
}

/* --- one thread ----------------------------------------------------------- */

static const struct {
	size_t asked, slots;
} sizes[] = {{0, 2}, {2, 2}, {3, 4}, {64, 64}, {65, 128}};

START_TEST(test_size)
{
	struct ring *r = ring_new(sizeof(struct item), sizes[_i].asked);
	size_t n = 0;

	ck_assert_uint_eq(ring_slots(r), sizes[_i].slots);
	ck_assert_ptr_null(ring_peek(r));
	while (put(r, n, 0))
		n++;
	ck_assert_uint_eq(n, sizes[_i].slots);
	ck_assert_uint_eq(ring_used(r), n);
	for (size_t i = 0; i < n; i++)
		ck_assert_uint_eq(
			((const struct item *)ring_ahead(r, i))->number, i);
	ck_assert_ptr_null(ring_ahead(r, n));
	for (size_t i = 0; i < n; i++)
		must_get(r, i);
	ck_assert_ptr_null(ring_peek(r));
	ck_assert_uint_eq(ring_used(r), 0);
	ring_free(r);
}
END_TEST

START_TEST(test_slot_is_the_same_until_put)
{
	struct ring *r = ring_new(sizeof(struct item), 4);
	void *first = ring_slot(r, 0);

	ck_assert_ptr_eq(ring_slot(r, 0), first);
	ck_assert_ptr_null(ring_peek(r));
	ring_put(r);
	ck_assert_ptr_ne(ring_slot(r, 0), first);
	ck_assert_ptr_eq(ring_peek(r), first);
	ring_free(r);
}
END_TEST

START_TEST(test_reserve)
{
	struct ring *r = ring_new(sizeof(struct item), 8);
	uint64_t n = 0;

	while (put(r, n, 3))
		n++;
	ck_assert_uint_eq(n, 5);
	ck_assert(put(r, n++, 2));
	ck_assert(!put(r, n, 2));
	ck_assert(put(r, n++, 0));
	ck_assert(put(r, n++, 0));
	ck_assert(!put(r, n, 0));
	ck_assert(!ring_wait_room(r, 1, 0));
	must_get(r, 0);
	ck_assert(ring_wait_room(r, 1, 0));
	ck_assert(!ring_wait_room(r, 2, 0));
	ck_assert(!ring_wait_room(r, 9, LONG_MS));
	ring_free(r);
}
END_TEST

START_TEST(test_nothing_comes)
{
	struct ring *r = ring_new(sizeof(struct item), 8);

	ck_assert(!ring_wait(r, 0));
	ck_assert(!ring_wait(r, 2));
	put(r, 7, 0);
	ck_assert(ring_wait(r, 0));
	must_get(r, 7);
	/* Woken for what was taken already: it sleeps all the same. */
	ck_assert(!ring_wait(r, 2));
	ring_free(r);
}
END_TEST

START_TEST(test_null)
{
	ring_free(NULL);
}
END_TEST

START_TEST(test_waker_remembers)
{
	struct waker w;

	ck_assert_int_eq(waker_init(&w), 0);
	ck_assert(!waker_wait(&w, 0));
	waker_wake(&w);
	waker_wake(&w);
	ck_assert(waker_wait(&w, LONG_MS));
	ck_assert(!waker_wait(&w, 1));
	waker_close(&w);
}
END_TEST

/* --- two threads ---------------------------------------------------------- */

struct writer {
	struct ring *ring;
	size_t reserve;
	bool quiet;
	pthread_t thread;
};

static void write_one(struct writer *w, uint64_t number)
{
	struct item *m;

	while (!(m = ring_slot(w->ring, w->reserve)))
		ring_wait_room(w->ring, w->reserve + 1, LONG_MS);
	*m = (struct item){.number = number, .twice = number * 2};
	if (w->quiet)
		ring_put_quiet(w->ring);
	else
		ring_put(w->ring);
}

static void *write_all(void *arg)
{
	struct writer *w = arg;

	for (uint64_t i = 0; i < ITEMS; i++)
		write_one(w, i);
	ring_wake(w->ring);
	return NULL;
}

static void begin(struct writer *w)
{
	ck_assert_int_eq(pthread_create(&w->thread, NULL, write_all, w), 0);
}

static const struct {
	size_t slots, reserve;
	bool quiet;
} threads[] = {
	{2, 0, false}, {2, 1, true},	 {8, 3, false},
	{64, 0, true}, {1024, 9, false}, {1 << 17, 0, true},
};

START_TEST(test_two_threads)
{
	struct writer w = {.reserve = threads[_i].reserve,
			   .quiet = threads[_i].quiet};

	w.ring = ring_new(sizeof(struct item), threads[_i].slots);
	begin(&w);
	for (uint64_t i = 0; i < ITEMS; i++) {
		ck_assert(ring_wait(w.ring, LONG_MS));
		ck_assert_uint_le(ring_used(w.ring), ring_slots(w.ring));
		must_get(w.ring, i);
	}
	pthread_join(w.thread, NULL);
	ck_assert_ptr_null(ring_peek(w.ring));
	ring_free(w.ring);
}
END_TEST

/* Takes what waits in one ring; next is the number that must come. */
static void take_all(struct ring *r, uint64_t *next)
{
	while (ring_peek(r))
		must_get(r, (*next)++);
}

START_TEST(test_one_waker_for_several)
{
	struct writer w[RINGS];
	uint64_t next[RINGS] = {0};
	struct waker waker;

	ck_assert_int_eq(waker_init(&waker), 0);
	for (int i = 0; i < RINGS; i++) {
		w[i] = (struct writer){.quiet = i == 1};
		w[i].ring = ring_new(sizeof(struct item), 16u << i);
		ring_set_waker(w[i].ring, &waker);
		begin(&w[i]);
	}
	while (next[0] + next[1] + next[2] < RINGS * ITEMS) {
		ck_assert(waker_wait(&waker, LONG_MS));
		for (int i = 0; i < RINGS; i++)
			take_all(w[i].ring, &next[i]);
	}
	for (int i = 0; i < RINGS; i++) {
		pthread_join(w[i].thread, NULL);
		ring_free(w[i].ring);
	}
	waker_close(&waker);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ring");
	TCase *one = tcase_create("one thread");
	TCase *two = tcase_create("two threads");

	tcase_add_loop_test(one, test_size, 0, sizeof(sizes) / sizeof(*sizes));
	tcase_add_test(one, test_slot_is_the_same_until_put);
	tcase_add_test(one, test_reserve);
	tcase_add_test(one, test_nothing_comes);
	tcase_add_test(one, test_null);
	tcase_add_test(one, test_waker_remembers);
	tcase_add_loop_test(two, test_two_threads, 0,
			    sizeof(threads) / sizeof(*threads));
	tcase_add_test(two, test_one_waker_for_several);
	tcase_set_timeout(two, 120);
	suite_add_tcase(s, one);
	suite_add_tcase(s, two);
	return run_suite(s);
}
