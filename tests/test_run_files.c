/*
 * Files that the viewer makes: once for all who ask, kept within bounds; and
 * the waveform of a sound.
 */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sniffer/run_peaks.h"
#include "storage/io.h"
#include "tests/run_suite.h"

static struct run_files *files;
static char dir[64], why[DB_WHY];
static _Atomic int made;

static void setup(void)
{
	snprintf(dir, sizeof(dir), "/tmp/callscope-files-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	files = run_files_new(dir, 1000);
	ck_assert_ptr_nonnull(files);
	made = 0;
}

static void teardown(void)
{
	run_files_free(files);
	/* Nothing was left there. */
	ck_assert_int_eq(rmdir(dir), 0);
}

/* arg: the text that it holds. */
static int make_text(void *arg, struct run_file *f, char text[DB_WHY])
{
	(void)text;
	made++;
	f->ending = "txt";
	return write_all(f->fd, slice_str(arg));
}

static int refuse(void *arg, struct run_file *f, char text[DB_WHY])
{
	(void)arg;
	(void)f;
	made++;
	snprintf(text, DB_WHY, "no such thing");
	return -ENODATA;
}

static void get(const char *key, const char *text)
{
	struct run_file f;
	char buf[64] = "";

	ck_assert_int_eq(
		run_files_get(files, key, make_text, (void *)text, &f, why), 0);
	ck_assert_uint_eq(f.len, strlen(text));
	ck_assert_str_eq(f.ending, "txt");
	ck_assert_int_eq(pread(f.fd, buf, sizeof(buf) - 1, 0),
			 (ssize_t)strlen(text));
	ck_assert_str_eq(buf, text);
	close(f.fd);
}

START_TEST(made_once)
{
	get("a", "one");
	get("a", "one");
	get("b", "two");
	get("a", "one");
	ck_assert_int_eq(made, 2);
}
END_TEST

START_TEST(what_fails_is_tried_again)
{
	struct run_file f;

	for (int i = 1; i <= 2; i++) {
		ck_assert_int_eq(
			run_files_get(files, "a", refuse, NULL, &f, why),
			-ENODATA);
		ck_assert_str_eq(why, "no such thing");
		ck_assert_int_eq(made, i);
	}
	get("a", "one");
}
END_TEST

/* More than fits: what was asked for longest ago goes, in number and bytes. */
START_TEST(bounded)
{
	char key[16], text[61];

	memset(text, 'x', 60);
	text[60] = '\0';
	for (int i = 0; i < 100; i++) {
		snprintf(key, sizeof(key), "%d", i);
		get(key, text);
	}
	ck_assert_int_eq(made, 100);
	get("99", text);
	ck_assert_int_eq(made, 100);
	get("0", text);
	ck_assert_int_eq(made, 101);
}
END_TEST

static void *ask(void *arg)
{
	(void)arg;
	for (int i = 0; i < 200; i++) {
		get("a", "one");
		get(i % 2 ? "b" : "c", "two");
	}
	return NULL;
}

START_TEST(several_ask_at_once)
{
	pthread_t t[4];

	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&t[i], NULL, ask, NULL), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	ck_assert_int_eq(made, 3);
}
END_TEST

/* The folder of the data may be another's: then it is TMPDIR's. */
START_TEST(a_folder_that_is_not_there)
{
	struct run_files *other = run_files_new("/nonexistent", 1000);
	struct run_file f;

	ck_assert_int_eq(
		run_files_get(other, "a", make_text, (void *)"one", &f, why),
		0);
	close(f.fd);
	run_files_free(other);
}
END_TEST

/* --- the waveform --------------------------------------------------------- */

static int make_sound(void *arg, struct run_file *f, char text[DB_WHY])
{
	/* 8 kHz, four moments: left 0.5, then silence; right -1 at last. */
	static const uint8_t wav[44 + 16] = {
		[24] = 0x40, [25] = 0x1f, [40] = 16,
		[45] = 0x40, [58] = 0x00, [59] = 0x80,
	};

	(void)arg;
	(void)text;
	f->ending = "wav";
	f->sound_ns = 1700000000 * 1000000000ull;
	return write_all(f->fd, slice_of(wav, sizeof(wav)));
}

static const struct {
	size_t points;
	const char *text;
} waves[] = {
	{2, "\"left\":[0.500,0.000],\"right\":[0.000,1.000]}\n"},
	{1, "\"left\":[0.500],\"right\":[1.000]}\n"},
	{100, "\"left\":[0.500,0.000,0.000,0.000],"
	      "\"right\":[0.000,0.000,0.000,1.000]}\n"},
};

START_TEST(waveform)
{
	struct outbuf b = {0};
	struct run_file f;
	size_t n = strlen(waves[_i].text);

	ck_assert_int_eq(run_files_get(files, "w", make_sound, NULL, &f, why),
			 0);
	ck_assert_int_eq(run_peaks_put(&b, &f, waves[_i].points, why), 0);
	outbuf_char(&b, '\0');
	ck_assert_str_eq(b.p + b.len - 1 - n, waves[_i].text);
	ck_assert_ptr_nonnull(strstr(b.p, "{\"available\":true,\"why\":null,"
					  "\"start\":\"2023-11-14T22:13:20."
					  "000000Z\",\"duration_ms\":0.500,"
					  "\"rate\":8000,\"left_why\":null,"));
	outbuf_free(&b);
	close(f.fd);
}
END_TEST

START_TEST(a_file_that_is_none)
{
	struct outbuf b = {0};
	struct run_file f;

	ck_assert_int_eq(
		run_files_get(files, "x", make_text, (void *)"RIFF", &f, why),
		0);
	ck_assert_int_eq(run_peaks_put(&b, &f, 10, why), -EIO);
	ck_assert_uint_eq(b.len, 0);
	close(f.fd);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("run_files");
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, made_once);
	tcase_add_test(t, what_fails_is_tried_again);
	tcase_add_test(t, bounded);
	tcase_add_test(t, several_ask_at_once);
	tcase_add_test(t, a_folder_that_is_not_there);
	tcase_add_loop_test(t, waveform, 0, sizeof(waves) / sizeof(waves[0]));
	tcase_add_test(t, a_file_that_is_none);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
