/*
 * Several captures as one: order of time, folders, what cannot be opened,
 * standard input, the filter.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sniffer/capture/file_source.h"
#include "sniffer/capture/filter.h"
#include "tests/capture_image.h"
#include "tests/run_suite.h"

#define PCAP_US 0xa1b2c3d4u

/* A folder of the test's own, removed with what lies in it. */
struct scratch {
	char dir[256];
	char *path[256];
	size_t len;
};

static struct scratch *scratch_new(void)
{
	const char *tmp = getenv("TMPDIR");
	struct scratch *sc = calloc(1, sizeof(*sc));

	ck_assert_ptr_nonnull(sc);
	snprintf(sc->dir, sizeof(sc->dir), "%s/capture-XXXXXX",
		 tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(sc->dir));
	return sc;
}

static const char *scratch_path(struct scratch *sc, const char *name)
{
	char **path = &sc->path[sc->len++];

	ck_assert_int_gt(asprintf(path, "%s/%s", sc->dir, name), 0);
	return *path;
}

static void scratch_free(struct scratch *sc)
{
	for (size_t i = sc->len; i-- > 0;) {
		remove(sc->path[i]);
		free(sc->path[i]);
	}
	rmdir(sc->dir);
	free(sc);
}

/* A pcap of packets at these seconds, each of one byte: the file's mark. */
static const char *save(struct scratch *sc, const char *name, char mark,
			const uint32_t *secs)
{
	const char *path = scratch_path(sc, name);
	struct image im = {.len = 0};

	image_pcap(&im, PCAP_US, 1);
	for (; *secs; secs++)
		image_record(&im, *secs, 0, slice_of(&mark, 1), 1);
	image_save(&im, path);
	return path;
}

static const char *save_text(struct scratch *sc, const char *name)
{
	const char *path = scratch_path(sc, name);
	struct image im = {.len = 0};

	image_bytes(&im, SLICE("notes about the captures\n"));
	image_save(&im, path);
	return path;
}

#define SECS(...)                                                              \
	(const uint32_t[])                                                     \
	{                                                                      \
		__VA_ARGS__, 0                                                 \
	}

static struct source *open_files(const char *const *paths, size_t n)
{
	char err[SOURCE_ERROR_MAX];
	struct source *s = NULL;

	ck_assert_msg(!file_source_open(&s, paths, n, err, sizeof(err)), "%s",
		      err);
	return s;
}

/* All frames' marks in order, read batch frames at a time. */
static void read_marks(struct source *s, size_t batch, char *marks)
{
	struct frame v[64];
	uint64_t number = 0;
	size_t len = 0;
	int n;

	while ((n = source_read(s, v, batch)) > 0) {
		for (int i = 0; i < n; i++) {
			ck_assert_uint_eq(v[i].number, ++number);
			marks[len++] = (char)v[i].data.p[0];
		}
	}
	ck_assert_int_eq(n, 0);
	marks[len] = 0;
}

static void check_order(const char *const *paths, size_t n, const char *want)
{
	for (size_t batch = 1; batch <= 64; batch += 9) {
		struct source *s = open_files(paths, n);
		char marks[256];

		read_marks(s, batch, marks);
		ck_assert_str_eq(marks, want);
		ck_assert_uint_eq(s->progress.bytes_read,
				  s->progress.bytes_total);
		source_close(s);
	}
}

START_TEST(merge)
{
	struct scratch *sc = scratch_new();
	const char *paths[] = {
		save(sc, "a", 'a', SECS(10, 20, 30, 40)),
		save(sc, "b", 'b', SECS(5, 20, 45)),
		save(sc, "c", 'c', SECS(20, 20, 50)),
		save(sc, "d", 'd', SECS(41)),
	};

	check_order(paths, 4, "baabccaadbc");
	scratch_free(sc);
}
END_TEST

/* Equal times: as named. A file's own disorder is kept. */
START_TEST(merge_ties)
{
	struct scratch *sc = scratch_new();
	const char *a = save(sc, "a", 'a', SECS(10, 10, 10));
	const char *b = save(sc, "b", 'b', SECS(10, 10));
	const char *c = save(sc, "c", 'c', SECS(12, 9, 13));
	const char *ab[] = {a, b, c}, *ba[] = {c, b, a};

	check_order(ab, 3, "aaabbccc");
	check_order(ba, 3, "bbaaaccc");
	scratch_free(sc);
}
END_TEST

/* Two files of different link types in one run. */
START_TEST(interfaces)
{
	struct scratch *sc = scratch_new();
	const char *a = save(sc, "a", 'a', SECS(10));
	const char *b = scratch_path(sc, "b");
	const char *paths[] = {a, b};
	struct image im = {.len = 0};
	struct frame v[8];
	struct source *s;
	char where[300], want[300];

	image_section(&im);
	image_interface(&im, 113, 0, 9, 0);
	image_interface(&im, 101, 0, 9, 0);
	image_packet(&im, 1, UINT64_C(11000000000), SLICE("x"), 1);
	image_packet(&im, 0, UINT64_C(12000000000), SLICE("y"), 1);
	image_save(&im, b);

	s = open_files(paths, 2);
	ck_assert_int_eq(source_read(s, v, 1), 1);
	ck_assert_uint_eq(v[0].iface, 0);
	ck_assert_uint_eq(v[0].linktype, 1);
	ck_assert_int_eq(source_read(s, v, 8), 2);
	ck_assert_uint_eq(v[0].iface, 2);
	ck_assert_uint_eq(v[0].linktype, 101);
	ck_assert_uint_eq(v[1].iface, 1);
	ck_assert_uint_eq(v[1].linktype, 113);
	source_where(s, &v[1], where, sizeof(where));
	snprintf(want, sizeof(want), "%s: packet 2", b);
	ck_assert_str_eq(where, want);
	ck_assert_uint_eq(source_now_ns(s), 0);
	source_close(s);
	scratch_free(sc);
}
END_TEST

/* More files than may be open: rotated, and named in the wrong order. */
START_TEST(many_files)
{
	enum {
		FILES = 200
	};
	struct scratch *sc = scratch_new();
	const char *paths[FILES];
	uint64_t last = 0, count = 0;
	struct frame v[64];
	struct source *s;
	int n;

	for (uint32_t i = 0; i < FILES; i++) {
		uint32_t sec = 1000 + (i * 77 % FILES) * 10;
		char name[32];

		snprintf(name, sizeof(name), "rotated%u", i);
		/* reaches into the files after it */
		paths[i] = save(sc, name, 'x', SECS(sec, sec + 5, sec + 25));
	}
	s = open_files(paths, FILES);
	while ((n = source_read(s, v, 64)) > 0) {
		for (int i = 0; i < n; i++, count++) {
			ck_assert_uint_ge(v[i].ts_ns, last);
			last = v[i].ts_ns;
		}
	}
	ck_assert_uint_eq(count, FILES * 3);
	ck_assert_uint_eq(s->faults.len, 0);
	ck_assert_uint_eq(s->notes.len, 0);
	ck_assert_uint_eq(s->progress.bytes_read, s->progress.bytes_total);
	source_close(s);
	scratch_free(sc);
}
END_TEST

/* More that overlap than may be open: all is read, late, and noted. */
START_TEST(overlapping)
{
	enum {
		FILES = FILE_SOURCE_OPEN_MAX + 5
	};
	struct scratch *sc = scratch_new();
	const char *paths[FILES];
	struct source *s;
	char marks[256];

	for (uint32_t i = 0; i < FILES; i++) {
		char name[32];

		snprintf(name, sizeof(name), "f%u", i);
		paths[i] = save(sc, name, 'x', SECS(1000 + i, 2000, 3000));
	}
	s = open_files(paths, FILES);
	read_marks(s, 64, marks);
	ck_assert_uint_eq(strlen(marks), FILES * 3);
	ck_assert_uint_eq(s->faults.len, 0);
	ck_assert_uint_eq(s->notes.len, 1);
	source_close(s);
	scratch_free(sc);
}
END_TEST

/* One that vanishes before its time comes is a fault, the rest is read. */
START_TEST(vanished)
{
	enum {
		FILES = 70
	};
	struct scratch *sc = scratch_new();
	const char *paths[FILES];
	struct source *s;
	char marks[256];

	for (uint32_t i = 0; i < FILES; i++) {
		char name[32];

		snprintf(name, sizeof(name), "f%u", i);
		paths[i] = save(sc, name, 'x', SECS(1000 + i));
	}
	s = open_files(paths, FILES);
	ck_assert_int_eq(remove(paths[50]), 0);
	read_marks(s, 10, marks);
	ck_assert_uint_eq(strlen(marks), FILES - 1);
	ck_assert_uint_eq(s->faults.len, 1);
	ck_assert_int_eq(s->faults.v[0].kind, FAULT_IO);
	ck_assert_str_eq(s->faults.v[0].path, paths[50]);
	source_close(s);
	scratch_free(sc);
}
END_TEST

START_TEST(folder)
{
	struct scratch *sc = scratch_new();
	const char *dir = sc->dir;
	struct source *s;
	char marks[256], inside[300];

	save(sc, "b.pcap", 'b', SECS(10));
	save(sc, "a.pcap", 'a', SECS(10));
	save(sc, "c.txt", 'c', SECS(5)); /* by content, not by name */
	save_text(sc, "d.pcap");
	snprintf(inside, sizeof(inside), "%s/sub", sc->dir);
	ck_assert_int_eq(mkdir(inside, 0700), 0);

	s = open_files(&dir, 1);
	read_marks(s, 10, marks);
	ck_assert_str_eq(marks, "cab");
	ck_assert_uint_eq(s->faults.len, 0);
	ck_assert_uint_eq(s->notes.len, 2);
	source_close(s);
	rmdir(inside);
	scratch_free(sc);
}
END_TEST

static void check_error(const char *path, int want, const char *text)
{
	char err[SOURCE_ERROR_MAX];
	struct source *s;

	ck_assert_int_eq(file_source_open(&s, &path, 1, err, sizeof(err)),
			 want);
	ck_assert_str_eq(err, text);
}

START_TEST(not_there)
{
	struct scratch *sc = scratch_new();
	const char *path = scratch_path(sc, "none.pcap");
	char want[600];

	snprintf(want, sizeof(want),
		 "cannot read %s: No such file or directory", path);
	check_error(path, -ENOENT, want);
	snprintf(want, sizeof(want), "no capture files in %s", sc->dir);
	check_error(sc->dir, -ENOENT, want);
	save_text(sc, "text");
	check_error(sc->dir, -ENOENT, want);
	scratch_free(sc);
}
END_TEST

/* What is no capture does not keep the others from being read. */
START_TEST(one_refused)
{
	struct scratch *sc = scratch_new();
	const char *paths[] = {save_text(sc, "text"),
			       save(sc, "a", 'a', SECS(10))};
	struct source *s = open_files(paths, 2);
	char marks[256], want[300];

	read_marks(s, 10, marks);
	ck_assert_str_eq(marks, "a");
	ck_assert_uint_eq(s->faults.len, 1);
	snprintf(want, sizeof(want),
		 "%s: not read: this is text, not pcap or pcapng", paths[0]);
	ck_assert_str_eq(s->faults.v[0].text, want);
	source_close(s);
	scratch_free(sc);
}
END_TEST

/* A pipe that gives its bytes a few at a time. */
START_TEST(standard_input)
{
	const char *path = "-";
	struct image im = {.len = 0}, gz = {.len = 0};
	struct source *s;
	char marks[256];
	int fd[2];

	image_pcap(&im, PCAP_US, 1);
	for (uint32_t i = 1; i < 100; i++)
		image_record(&im, i, 0, SLICE("s"), 1);
	if (_i == 1) {
		image_gzip(&gz, image_slice(&im));
		im = gz;
	}
	ck_assert_int_eq(pipe(fd), 0);
	if (fork() == 0) {
		for (size_t i = 0; i < im.len; i += 13) {
			size_t n = im.len - i < 13 ? im.len - i : 13;

			if (write(fd[1], im.p + i, n) < 0)
				_exit(1);
		}
		_exit(0);
	}
	close(fd[1]);
	dup2(fd[0], 0);
	s = open_files(&path, 1);
	ck_assert_uint_eq(s->progress.bytes_total, 0);
	read_marks(s, 10, marks);
	ck_assert_uint_eq(strlen(marks), 99);
	ck_assert_uint_eq(s->faults.len, 0);
	source_close(s);
	close(fd[0]);
}
END_TEST

START_TEST(stop)
{
	struct scratch *sc = scratch_new();
	const char *path = save(sc, "a", 'a', SECS(1, 2, 3));
	struct source *s = open_files(&path, 1);
	atomic_bool stopping = false;
	struct frame v[2];

	s->stop = &stopping;
	ck_assert_int_eq(source_read(s, v, 2), 2);
	atomic_store(&stopping, true);
	ck_assert_int_eq(source_read(s, v, 2), 0);
	source_close(s);
	scratch_free(sc);
}
END_TEST

/* Numbers go on over what the filter leaves out. */
START_TEST(filtered)
{
	struct image im = {.len = 0};
	char err[SOURCE_ERROR_MAX];
	struct frame v[8];
	struct source *s;
	struct filter *f = filter_new("greater 40", err, sizeof(err));

	ck_assert_ptr_nonnull(f);
	image_pcap(&im, PCAP_US, 1);
	for (uint32_t i = 0; i < 4; i++)
		image_record(&im, i, 0, SLICE("data"), i == 2 ? 50 : 4);
	ck_assert_int_eq(file_source_open_memory(&s, "mem", image_slice(&im)),
			 0);
	s->filter = f;
	ck_assert_int_eq(source_read(s, v, 8), 1);
	ck_assert_uint_eq(v[0].number, 3);
	ck_assert_int_eq(source_read(s, v, 8), 0);
	ck_assert_uint_eq(s->stats.frames, 1);
	ck_assert_uint_eq(s->stats.filtered, 3);
	ck_assert_uint_eq(s->stats.bytes, 4);
	ck_assert_uint_eq(s->stats.cut, 1);
	source_close(s);
	filter_free(f);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("source");
	TCase *t = tcase_create("files");

	tcase_add_test(t, merge);
	tcase_add_test(t, merge_ties);
	tcase_add_test(t, interfaces);
	tcase_add_test(t, many_files);
	tcase_add_test(t, overlapping);
	tcase_add_test(t, vanished);
	tcase_add_test(t, folder);
	tcase_add_test(t, not_there);
	tcase_add_test(t, one_refused);
	tcase_add_loop_test(t, standard_input, 0, 2);
	tcase_add_test(t, stop);
	tcase_add_test(t, filtered);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
