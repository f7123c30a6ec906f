/*
 * Blocks of frames: bounded, counted, given back by the last who holds them,
 * whichever thread that is.
 */
#include <check.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "sniffer/base/block.h"
#include "tests/run_suite.h"

START_TEST(bounded)
{
	struct block_pool *p = block_pool_new(1000, 2);
	struct block *a = block_take(p), *b = block_take(p);

	ck_assert(a && b && a != b);
	ck_assert_uint_ge(a->size, 1000);
	ck_assert_uint_eq((uintptr_t)a->data % 64, 0);
	memset(a->data, 1, a->size);
	memset(b->data, 2, b->size);
	a->used = 7;
	ck_assert_ptr_null(block_take(p));
	ck_assert_uint_eq(block_pool_used(p), 2);
	block_drop(a, 1);
	ck_assert_uint_eq(block_pool_used(p), 1);
	ck_assert_ptr_eq(block_take(p), a);
	ck_assert_uint_eq(a->used, 0);
	ck_assert_uint_eq(b->data[b->size - 1], 2);
	block_drop(a, 1);
	block_drop(b, 1);
	block_pool_free(p);
}
END_TEST

START_TEST(counted)
{
	struct block_pool *p = block_pool_new(64, 1);
	struct block *b = block_take(p);

	block_hold(b, 3);
	block_drop(b, 1);
	block_drop(b, 2);
	ck_assert_ptr_null(block_take(p));
	block_drop(b, 1);
	ck_assert_ptr_eq(block_take(p), b);
	block_drop(b, 1);
	block_pool_free(p);
}
END_TEST

/* Who still holds a block may let it go after the pool was closed. */
START_TEST(outlives_pool)
{
	struct block_pool *p = block_pool_new(64, 2);
	struct block *a = block_take(p), *b = block_take(p);

	block_pool_free(p);
	memset(a->data, 1, a->size);
	block_drop(a, 1);
	block_drop(b, 1);
	block_pool_free(NULL);
}
END_TEST

struct reader {
	pthread_t thread;
	struct block *block;
	unsigned sum;
};

static void *read_and_drop(void *arg)
{
	struct reader *r = arg;

	for (size_t i = 0; i < r->block->size; i++)
		r->sum += r->block->data[i];
	block_drop(r->block, 1);
	return NULL;
}

START_TEST(threads)
{
	enum {
		ROUNDS = 50,
		READERS = 4,
		BYTES = 256
	};
	struct block_pool *p = block_pool_new(BYTES, 2);

	for (unsigned k = 0; k < ROUNDS; k++) {
		struct block *b = block_take(p);
		struct reader r[READERS];

		ck_assert_ptr_nonnull(b);
		memset(b->data, (int)k, b->size);
		block_hold(b, READERS);
		for (size_t i = 0; i < READERS; i++) {
			r[i] = (struct reader){.block = b};
			ck_assert_int_eq(pthread_create(&r[i].thread, NULL,
							read_and_drop, &r[i]),
					 0);
		}
		block_drop(b, 1);
		for (size_t i = 0; i < READERS; i++) {
			pthread_join(r[i].thread, NULL);
			ck_assert_uint_eq(r[i].sum, k * BYTES);
		}
		ck_assert_uint_eq(block_pool_used(p), 0);
	}
	block_pool_free(p);
}
END_TEST

static void *drop_one(void *arg)
{
	block_drop(arg, 1);
	return NULL;
}

START_TEST(waits)
{
	struct block_pool *p = block_pool_new(64, 1);
	struct block *b = block_wait(p, 0);
	pthread_t thread;

	ck_assert_ptr_nonnull(b);
	ck_assert_ptr_null(block_wait(p, 1));
	ck_assert_int_eq(pthread_create(&thread, NULL, drop_one, b), 0);
	ck_assert_ptr_eq(block_wait(p, 60000), b);
	pthread_join(thread, NULL);
	block_drop(b, 1);
	block_pool_free(p);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("block");
	TCase *t = tcase_create("block");

	tcase_add_test(t, bounded);
	tcase_add_test(t, counted);
	tcase_add_test(t, outlives_pool);
	tcase_add_test(t, threads);
	tcase_add_test(t, waits);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
