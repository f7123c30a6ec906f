/*
 * Key logs that lie in pcapng files: who asks gets them, before the packets
 * that follow them; what is no such block is a fault.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sniffer/capture/file_source.h"
#include "sniffer/capture/secrets.h"
#include "tests/capture_image.h"
#include "tests/run_suite.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define TLSK	 0x544c534bu

/* Texts and packets in the order in which they came. */
struct log {
	char text[8192];
};

static void on_secrets(void *arg, struct slice text)
{
	struct log *l = arg;

	ck_assert_uint_lt(strlen(l->text) + text.len, sizeof(l->text));
	strncat(l->text, (const char *)text.p, text.len);
}

static void read_all(struct source *s, struct log *l)
{
	struct frame v[64];
	int n;

	while ((n = source_read(s, v, 64)) > 0)
		for (int i = 0; i < n; i++)
			on_secrets(l, v[i].data);
	ck_assert_int_eq(n, 0);
}

static void begin(struct image *im)
{
	image_section(im);
	image_interface(im, 1, 0, 6, 0);
}

static void packet(struct image *im, uint64_t sec, const char *mark)
{
	struct slice s = slice_str(mark);

	image_packet(im, 0, sec * 1000000, s, (uint32_t)s.len);
}

static void secrets(struct image *im, const char *text)
{
	struct slice s = slice_str(text);

	image_secrets(im, TLSK, s, (uint32_t)s.len);
}

static void expect(const struct image *im, const char *want, size_t faults)
{
	struct log l = {""};
	struct source *s;

	ck_assert_int_eq(file_source_open_memory(&s, "mem", image_slice(im)),
			 0);
	s->secrets = on_secrets;
	s->secrets_arg = &l;
	read_all(s, &l);
	ck_assert_str_eq(l.text, want);
	ck_assert_uint_eq(s->faults.len, faults);
	source_close(s);
}

START_TEST(before_the_packets)
{
	struct image im = {.big = _i};

	begin(&im);
	secrets(&im, "one\n");
	secrets(&im, "two");
	packet(&im, 1, "a");
	packet(&im, 2, "b");
	expect(&im, "one\ntwo\nab", 0);
}
END_TEST

/* A block behind the first packet is not later than the second one. */
START_TEST(between_packets)
{
	struct image im = {.big = _i};
	struct log l = {""};
	struct frame v[1];
	struct source *s;

	begin(&im);
	packet(&im, 1, "a");
	secrets(&im, "one\n");
	packet(&im, 2, "b");
	secrets(&im, "two\n");
	ck_assert_int_eq(file_source_open_memory(&s, "mem", image_slice(&im)),
			 0);
	s->secrets = on_secrets;
	s->secrets_arg = &l;
	ck_assert_int_eq(source_read(s, v, 1), 1);
	ck_assert_int_eq(source_read(s, v, 1), 1);
	ck_assert_ptr_nonnull(strstr(l.text, "one\n"));
	ck_assert_int_eq(source_read(s, v, 1), 0);
	ck_assert_str_eq(l.text, "one\ntwo\n");
	ck_assert_uint_eq(s->faults.len, 0);
	source_close(s);
}
END_TEST

START_TEST(nobody_asks)
{
	struct image im = {.len = 0};
	struct frame v[8];
	struct source *s;

	begin(&im);
	secrets(&im, "one\n");
	packet(&im, 1, "a");
	secrets(&im, "two\n");
	packet(&im, 2, "b");
	ck_assert_int_eq(file_source_open_memory(&s, "mem", image_slice(&im)),
			 0);
	ck_assert_int_eq(source_read(s, v, 8), 2);
	ck_assert_int_eq(source_read(s, v, 8), 0);
	source_close(s);
	/* or nobody reads at all */
	ck_assert_int_eq(file_source_open_memory(&s, "mem", image_slice(&im)),
			 0);
	source_close(s);
}
END_TEST

static const struct {
	const char *name;
	uint32_t type;
	struct slice text;
	uint32_t len;
	const char *want;
	size_t faults;
} rows[] = {
	{"a key log", TLSK, SLICE_INIT("key\n"), 4, "key\nab", 0},
	{"padding is none of it", TLSK, SLICE_INIT("key\nxxxx"), 4, "key\nab",
	 0},
	{"nothing in it", TLSK, SLICE_INIT(""), 0, "ab", 0},
	{"of WireGuard", 0x57474b4c, SLICE_INIT("key\n"), 4, "ab", 0},
	{"longer than its block", TLSK, SLICE_INIT("key\n"), 5, "ab", 1},
	{"much longer", TLSK, SLICE_INIT("key\n"), 0xffffffff, "ab", 1},
};

START_TEST(blocks)
{
	struct image im = {.len = 0};

	begin(&im);
	image_secrets(&im, rows[_i].type, rows[_i].text, rows[_i].len);
	packet(&im, 1, "a");
	packet(&im, 2, "b");
	expect(&im, rows[_i].want, rows[_i].faults);
}
END_TEST

START_TEST(too_short)
{
	struct image im = {.len = 0};

	begin(&im);
	image_block(&im, 10, SLICE("TLSK"));
	packet(&im, 1, "a");
	expect(&im, "a", 1);
}
END_TEST

/* Larger than any key log that we take: said, and passed over. */
START_TEST(too_long)
{
	size_t size = (16u << 20) + 12;
	struct image im = {.len = 0};
	uint8_t *p = calloc(1, size + sizeof(im.p));
	struct log l = {""};
	size_t len;
	struct source *s;

	begin(&im);
	image_u32(&im, 10);
	image_u32(&im, (uint32_t)size);
	memcpy(p, im.p, im.len);
	len = im.len - 8 + size;
	im.len = 0;
	image_u32(&im, (uint32_t)size);
	packet(&im, 1, "a");
	memcpy(p + len - 4, im.p, im.len);
	ck_assert_int_eq(file_source_open_memory(&s, "mem",
						 slice_of(p, len - 4 + im.len)),
			 0);
	s->secrets = on_secrets;
	s->secrets_arg = &l;
	read_all(s, &l);
	ck_assert_str_eq(l.text, "a");
	ck_assert_uint_eq(s->faults.len, 1);
	source_close(s);
	free(p);
}
END_TEST

/* More files than may be open at a time: each one's secrets once, before its
 * packets. */
START_TEST(many_files)
{
	enum {
		FILES = FILE_SOURCE_OPEN_MAX + 10
	};
	static char paths[FILES][64];
	const char *args[FILES];
	char err[SOURCE_ERROR_MAX], name[32];
	struct log l = {""};
	struct source *s;

	for (int i = 0; i < FILES; i++) {
		struct image im = {.len = 0};

		snprintf(paths[i], sizeof(paths[i]), "%s/secrets-%d-%d",
			 getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp",
			 (int)getpid(), i);
		begin(&im);
		snprintf(name, sizeof(name), "<%d\n", i);
		secrets(&im, name);
		snprintf(name, sizeof(name), "%d>", i);
		packet(&im, 100 + (uint64_t)i, name);
		image_save(&im, paths[i]);
		args[i] = paths[i];
	}
	ck_assert_int_eq(file_source_open(&s, args, FILES, err, sizeof(err)),
			 0);
	s->secrets = on_secrets;
	s->secrets_arg = &l;
	read_all(s, &l);
	for (int i = 0; i < FILES; i++) {
		char *key, *data;

		snprintf(name, sizeof(name), "<%d\n", i);
		key = strstr(l.text, name);
		ck_assert_ptr_nonnull(key);
		ck_assert_ptr_null(strstr(key + 1, name));
		snprintf(name, sizeof(name), "%d>", i);
		data = strstr(l.text, name);
		ck_assert(data && data > key);
		unlink(paths[i]);
	}
	source_close(s);
}
END_TEST

START_TEST(bound)
{
	struct secrets k = {0};
	size_t size = 1 << 20;
	char *p = calloc(1, size);
	int n = 0;

	while (!secrets_keep(&k, slice_of(p, size)))
		n++;
	ck_assert_int_eq(n, 63);
	ck_assert_uint_le(k.len, SECRETS_MAX);
	secrets_cut(&k, 10);
	ck_assert_uint_eq(secrets_text(&k).len, 10);
	secrets_cut(&k, 10);
	secrets_close(&k);
	secrets_cut(&k, 0);
	secrets_close(&k);
	free(p);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("secrets");
	TCase *t = tcase_create("secrets");

	tcase_add_loop_test(t, before_the_packets, 0, 2);
	tcase_add_loop_test(t, between_packets, 0, 2);
	tcase_add_test(t, nobody_asks);
	tcase_add_loop_test(t, blocks, 0, COUNT(rows));
	tcase_add_test(t, too_short);
	tcase_add_test(t, too_long);
	tcase_add_test(t, many_files);
	tcase_add_test(t, bound);
	suite_add_tcase(s, t);
	return run_suite(s);
}
