/*
 * The queue: order, what an earlier run left, torn ends and damage at every
 * byte, a disk that refuses, limits.
 */
#include "storage/queue.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/queue_segment.h"
#include "tests/run_suite.h"

static char top[] = "/tmp/callscope-queue-XXXXXX";
static char dir[128], why[QUEUE_WHY];
static struct queue *queue;
static struct queue_batch batch;

static struct queue_config config = {
	.dir = dir,
	.max_bytes = 64 << 20,
	.head = SLICE_INIT("head one"),
};

static void open_queue(void)
{
	ck_assert_msg(!queue_open(&queue, &config, why), "%s", why);
}

static void close_queue(void)
{
	queue_close(queue);
	queue = NULL;
}

static void begin(void)
{
	ck_assert_ptr_nonnull(mkdtemp(top));
	snprintf(dir, sizeof(dir), "%s/queue/db", top);
	open_queue();
}

static void end(void)
{
	char command[160];

	close_queue();
	snprintf(command, sizeof(command), "rm -rf %s", top);
	ck_assert_int_eq(system(command), 0);
}

static struct queue_stats stats(void)
{
	struct queue_stats s;

	queue_stats(queue, &s);
	return s;
}

static void text_of(unsigned n, char text[64])
{
	snprintf(text, 64, "piece %u%.*s", n, (int)(n % 7), "-------");
}

static int put(unsigned n)
{
	char text[64];

	text_of(n, text);
	return queue_put(queue, slice_str(text));
}

static void put_all(unsigned from, unsigned to)
{
	for (; from < to; from++) {
		ck_assert_int_eq(put(from), 0);
		if (from % 5 == 4)
			ck_assert_int_eq(queue_write(queue), 0);
	}
	ck_assert_int_eq(queue_write(queue), 0);
}

/* Takes and finds exactly these; done says so. */
static void take_all(unsigned from, unsigned to, size_t max, bool done)
{
	char text[64];

	while (from < to) {
		if (max > to - from)
			max = to - from;
		ck_assert_msg(!queue_take(queue, max, &batch, why), "%s", why);
		ck_assert_uint_gt(batch.n, 0);
		ck_assert_uint_le(batch.n, max);
		for (size_t i = 0; i < batch.n; i++) {
			text_of(from++, text);
			ck_assert_msg(
				slice_eq(batch.v[i].bytes, slice_str(text)),
				"%.*s, wanted %s", SLICE_ARG(batch.v[i].bytes),
				text);
		}
		if (done)
			queue_done(queue);
	}
	ck_assert_uint_eq(from, to);
}

static void nothing_left(void)
{
	ck_assert_int_eq(queue_take(queue, 10, &batch, why), 0);
	ck_assert_uint_eq(batch.n, 0);
}

/* The process is gone, without a word: its memory stays. */
static struct queue *gone[100];
static size_t gone_n;

static void kill_it(void)
{
	ck_assert_uint_lt(gone_n, 100);
	gone[gone_n++] = queue;
	open_queue();
}

static bool dir_is_there(void)
{
	return access(dir, F_OK) == 0;
}

/* --- order ------------------------------------------------------------------
 */

START_TEST(pieces_come_in_order)
{
	put_all(0, 1000);
	ck_assert_uint_eq(stats().pieces, 1000);
	take_all(0, 1000, 37, true);
	nothing_left();
	put_all(1000, 1003);
	take_all(1000, 1003, 512, true);
	ck_assert_uint_eq(stats().pieces, 0);
	ck_assert_uint_eq(stats().bytes, 0);
	close_queue();
	ck_assert(!dir_is_there());
	open_queue();
}
END_TEST

START_TEST(what_is_not_written_cannot_be_taken)
{
	ck_assert_int_eq(put(0), 0);
	nothing_left();
	ck_assert_int_eq(queue_write(queue), 0);
	take_all(0, 1, 1, true);
}
END_TEST

START_TEST(head_comes_with_the_pieces)
{
	put_all(0, 10);
	take_all(0, 10, 100, false);
	ck_assert(slice_eq(batch.head, SLICE("head one")));
}
END_TEST

START_TEST(old_pieces_keep_their_head)
{
	uint64_t id;

	put_all(0, 10);
	close_queue();
	config.head = SLICE("another");
	open_queue();
	config.head = SLICE("head one");
	put_all(10, 20);
	take_all(0, 10, 100, true);
	ck_assert(slice_eq(batch.head, SLICE("head one")));
	id = batch.head_id;
	take_all(10, 20, 100, true);
	ck_assert(slice_eq(batch.head, SLICE("another")));
	ck_assert_uint_ne(batch.head_id, id);
}
END_TEST

START_TEST(large_pieces)
{
	size_t size = 5 << 20;
	char *big = malloc(size);

	memset(big, 'x', size);
	ck_assert_int_eq(put(0), 0);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(queue_put(queue, slice_of(big, size - i)), 0);
	ck_assert_int_eq(queue_put(queue, (struct slice){0}), 0);
	ck_assert_int_eq(queue_write(queue), 0);
	take_all(0, 1, 1, true);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(queue_take(queue, 1, &batch, why), 0);
		ck_assert_uint_eq(batch.n, 1);
		ck_assert(slice_eq(batch.v[0].bytes, slice_of(big, size - i)));
		queue_done(queue);
	}
	ck_assert_int_eq(queue_take(queue, 1, &batch, why), 0);
	ck_assert_uint_eq(batch.n, 1);
	ck_assert_uint_eq(batch.v[0].bytes.len, 0);
	queue_done(queue);
	ck_assert_int_eq(queue_put(queue, slice_of(big, QUEUE_PIECE_MAX + 1)),
			 -E2BIG);
	ck_assert_uint_eq(stats().lost, 1);
	free(big);
}
END_TEST

/* --- the next run ------------------------------------------------------------
 */

START_TEST(what_is_not_done_comes_again)
{
	put_all(0, 100);
	take_all(0, 40, 20, true);
	take_all(40, 60, 20, false);
	close_queue();
	ck_assert(dir_is_there());
	open_queue();
	ck_assert_uint_eq(stats().pieces, 60);
	ck_assert_uint_gt(stats().bytes, 60 * FRAME_HEADER);
	put_all(100, 110);
	take_all(40, 110, 30, true);
	close_queue();
	ck_assert(!dir_is_there());
	open_queue();
}
END_TEST

START_TEST(kills_lose_nothing_written)
{
	unsigned in = 0, out = 0;

	srandom(7);
	for (int i = 0; i < 60; i++) {
		unsigned n = (unsigned)random() % 40;

		put_all(in, in + n);
		in += n;
		ck_assert_int_eq(put(in), 0); /* not written: not safe */
		while (in - out > 30) {
			take_all(out, out + 10, 10, true);
			out += 10;
		}
		if (in > out)
			take_all(out, out + 1, 1, false);
		kill_it();
	}
	take_all(out, in, 512, true);
	nothing_left();
}
END_TEST

START_TEST(segments_that_are_done_are_removed)
{
	config.max_bytes = 1 << 20;
	close_queue();
	open_queue();
	config.max_bytes = 64 << 20;
	for (unsigned n = 0; n < 50000; n += 500) {
		put_all(n, n + 500);
		take_all(n, n + 500, 512, true);
	}
	ck_assert_uint_eq(stats().lost, 0);
}
END_TEST

/* --- limits
 * ------------------------------------------------------------------- */

START_TEST(full_queue_takes_nothing_more)
{
	unsigned n = 0;

	config.max_bytes = 1 << 20;
	close_queue();
	open_queue();
	config.max_bytes = 64 << 20;
	while (put(n) == 0) {
		n++;
		queue_write(queue);
	}
	ck_assert_int_eq(put(n), -ENOSPC);
	ck_assert_uint_eq(stats().lost, 2);
	ck_assert_uint_gt(stats().bytes, 900 << 10);
	ck_assert(!queue_wait_room(queue, 1000, 1));
	take_all(0, n / 2, n / 2, true);
	ck_assert(queue_wait_room(queue, 800 << 10, 1));
	put_all(n, n + 10);
	take_all(n / 2, n + 10, 512, true);
}
END_TEST

/* Files may not grow any more: as if the disk were full. What check itself
 * writes must fit. */
static rlim_t limit_files(rlim_t bytes)
{
	struct rlimit r;
	rlim_t before;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &r);
	before = r.rlim_cur;
	r.rlim_cur = bytes;
	setrlimit(RLIMIT_FSIZE, &r);
	return before;
}

static char thick[100 << 10];

static void put_thick(unsigned from, unsigned to)
{
	for (; from < to; from++) {
		memcpy(thick, &from, sizeof(from));
		ck_assert_int_eq(
			queue_put(queue, slice_of(thick, sizeof(thick))), 0);
		queue_write(queue);
	}
}

static void take_thick(unsigned from, unsigned to)
{
	while (from < to) {
		ck_assert_int_eq(queue_take(queue, 512, &batch, why), 0);
		ck_assert_uint_gt(batch.n, 0);
		for (size_t i = 0; i < batch.n; i++, from++) {
			memcpy(thick, &from, sizeof(from));
			ck_assert(slice_eq(batch.v[i].bytes,
					   slice_of(thick, sizeof(thick))));
		}
		queue_done(queue);
	}
	ck_assert_uint_eq(from, to);
}

START_TEST(disk_that_refuses_loses_nothing)
{
	rlim_t all;

	put_thick(0, 5);
	all = limit_files(1 << 20);
	put_thick(5, 30);
	ck_assert(stats().disk_failed);
	ck_assert_uint_eq(stats().pieces, 30);
	ck_assert_uint_eq(stats().bytes, 30 * (sizeof(thick) + FRAME_HEADER));
	if (_i) /* before there is room again */
		take_thick(0, 30);
	limit_files(all);
	put_thick(30, 40);
	ck_assert(!stats().disk_failed);
	take_thick(_i ? 30 : 0, 40);
	nothing_left();
	ck_assert_uint_eq(stats().lost, 0);
	ck_assert_uint_eq(stats().bytes, 0);
}
END_TEST

/* What could not be written in the end is lost, and counted; what was taken
 * out of memory is written when there is room. */
START_TEST(end_with_a_full_disk)
{
	rlim_t all;

	put_thick(0, 5);
	all = limit_files(1 << 20);
	put_thick(5, 30);
	while (!queue_take(queue, 512, &batch, why) && batch.n < 12)
		queue_done(queue); /* the rest of the disk's */
	if (_i)
		limit_files(all);
	queue_settle(queue);
	ck_assert_uint_eq(stats().lost, _i ? 0 : batch.n);
	ck_assert_uint_eq(stats().pieces, _i ? batch.n : 0);
	close_queue();
	limit_files(all);
	ck_assert_int_eq(dir_is_there(), _i);
	open_queue();
	take_thick(_i ? 30 - (unsigned)batch.n : 30, 30);
}
END_TEST

START_TEST(memory_for_a_full_disk_is_bounded)
{
	size_t size = 1 << 20;
	char *big = calloc(1, size);
	rlim_t all = limit_files(size);

	for (int i = 0; i < 20; i++) {
		ck_assert_int_eq(queue_put(queue, slice_of(big, size)), 0);
		ck_assert_int_ne(queue_write(queue), 0);
	}
	ck_assert_uint_eq(stats().pieces, 15);
	ck_assert_uint_eq(stats().lost, 5);
	limit_files(all);
	put_all(0, 5);
	ck_assert_uint_eq(stats().pieces, 20);
	free(big);
}
END_TEST

/* --- damage
 * ------------------------------------------------------------------- */

static char file[160];
static struct outbuf saved;

/* The only segment's bytes. */
static void save_segment(void)
{
	struct stat st;
	int fd;

	snprintf(file, sizeof(file), "%s/0000000000000001.seg", dir);
	fd = open(file, O_RDONLY);
	ck_assert_int_ge(fd, 0);
	fstat(fd, &st);
	outbuf_reset(&saved);
	ck_assert_int_eq(read(fd, outbuf_grow(&saved, (size_t)st.st_size),
			      (size_t)st.st_size),
			 st.st_size);
	close(fd);
}

static void write_segment(size_t n)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_eq(write(fd, saved.p, n), (ssize_t)n);
	close(fd);
}

static void remove_all(void)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d)))
		unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		closedir(d);
}

/* How many pieces of 0, 1, 2 ... come. */
static unsigned count_whole(void)
{
	char text[64];
	unsigned n = 0;

	while (!queue_take(queue, 1, &batch, why) && batch.n) {
		text_of(n++, text);
		ck_assert(slice_eq(batch.v[0].bytes, slice_str(text)));
		queue_done(queue);
	}
	return n;
}

START_TEST(torn_at_every_byte)
{
	size_t last = 0;

	put_all(0, 6);
	save_segment();
	for (size_t n = 0; n <= saved.len; n++) {
		unsigned got;

		close_queue();
		remove_all();
		open_queue(); /* makes the folder */
		put_all(0, 1);
		close_queue();
		write_segment(n);
		open_queue();
		got = count_whole();
		ck_assert_uint_ge(got, last);
		last = got;
		/* and it goes on behind */
		put_all(got, got + 2);
		take_all(got, got + 2, 5, true);
	}
	ck_assert_uint_eq(last, 6);
	outbuf_free(&saved);
}
END_TEST

/* A damaged file in the middle: what is before it and in the next one comes. */
static struct queue_stats looked(void)
{
	struct queue_stats s;

	ck_assert_int_eq(queue_look(dir, &s), 0);
	return s;
}

START_TEST(looked_at_from_outside)
{
	struct queue_stats s;
	uint64_t before = queue_now_ms();

	ck_assert_uint_eq(looked().pieces, 0);
	put_all(0, 12);
	s = looked();
	ck_assert_uint_eq(s.pieces, 12);
	ck_assert_uint_ge(s.oldest_ms, before);
	take_all(0, 5, 5, true);
	ck_assert_uint_eq(looked().pieces, 7);
	kill_it();
	ck_assert_uint_eq(looked().pieces, 7);
	put_all(12, 15);
	ck_assert_uint_eq(looked().pieces, 10);
	take_all(5, 15, 5, true);
	ck_assert_uint_eq(looked().pieces, 0);
	ck_assert_uint_eq(looked().oldest_ms, 0);
	ck_assert_int_eq(queue_look("/nowhere/at/all", &s), -ENOENT);
}
END_TEST

START_TEST(damage_is_passed_over)
{
	put_all(0, 10);
	close_queue();
	open_queue();
	put_all(10, 20);
	close_queue();
	save_segment();
	for (size_t n = 0; n < saved.len; n += 7) {
		unsigned got = 0;
		int err;

		saved.p[n] ^= 0x55;
		write_segment(saved.len);
		saved.p[n] ^= 0x55;
		open_queue();
		while (!(err = queue_take(queue, 1, &batch, why)) && batch.n) {
			ck_assert_uint_lt(got++, 10);
		}
		ck_assert_int_eq(err, -EBADMSG);
		ck_assert_ptr_nonnull(strstr(why, "is damaged"));
		take_all(10, 20, 512, false);
		ck_assert_uint_eq(stats().lost, 10 - got);
		close_queue();
		snprintf(why, sizeof(why), "%s/0000000000000001.bad", dir);
		ck_assert_int_eq(unlink(why), 0);
	}
	write_segment(saved.len);
	outbuf_free(&saved);
	open_queue();
	take_all(0, 20, 512, true);
}
END_TEST

/* Without it all comes again: a store takes that. */
START_TEST(note_of_what_is_done_may_be_missing)
{
	char path[160];

	put_all(0, 20);
	take_all(0, 10, 10, true);
	close_queue();
	snprintf(path, sizeof(path), "%s/done", dir);
	if (_i)
		ck_assert_int_eq(truncate(path, 7), 0);
	else
		ck_assert_int_eq(unlink(path), 0);
	open_queue();
	take_all(0, 20, 10, true);
}
END_TEST

START_TEST(folder_that_cannot_be_made_is_named)
{
	struct queue_config bad = config;
	struct queue *q;

	bad.dir = "/proc/nowhere/queue/db";
	ck_assert_int_ne(queue_open(&q, &bad, why), 0);
	ck_assert_ptr_nonnull(strstr(why, "/proc/nowhere/queue/db"));
}
END_TEST

static Suite *queue_suite(void)
{
	Suite *suite = suite_create("queue");
	TCase *t = tcase_create("queue");

	tcase_add_checked_fixture(t, begin, end);
	tcase_add_test(t, pieces_come_in_order);
	tcase_add_test(t, what_is_not_written_cannot_be_taken);
	tcase_add_test(t, head_comes_with_the_pieces);
	tcase_add_test(t, old_pieces_keep_their_head);
	tcase_add_test(t, large_pieces);
	tcase_add_test(t, what_is_not_done_comes_again);
	tcase_add_test(t, kills_lose_nothing_written);
	tcase_add_test(t, segments_that_are_done_are_removed);
	tcase_add_test(t, full_queue_takes_nothing_more);
	tcase_add_loop_test(t, disk_that_refuses_loses_nothing, 0, 2);
	tcase_add_loop_test(t, end_with_a_full_disk, 0, 2);
	tcase_add_test(t, memory_for_a_full_disk_is_bounded);
	tcase_add_test(t, torn_at_every_byte);
	tcase_add_test(t, damage_is_passed_over);
	tcase_add_test(t, looked_at_from_outside);
	tcase_add_loop_test(t, note_of_what_is_done_may_be_missing, 0, 2);
	tcase_add_test(t, folder_that_cannot_be_made_is_named);
	suite_add_tcase(suite, t);
	return suite;
}

int main(void)
{
	return run_suite(queue_suite());
}
