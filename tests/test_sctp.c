#include <check.h>

#include "sniffer/net/sctp.h"
#include "tests/prefix.h"
#include "tests/run_suite.h"

#define DATA(flags, len) "\0" flags "\0" len "TSN!\0\1\0\2\0\0\0\0"

static const struct {
	const char *name;
	struct slice in;
	unsigned messages, fragments;
	bool bad;
} rows[] = {
	{"one", SLICE_INIT(DATA("\3", "\x13") "abc"), 1, 0, false},
	{"one, padded", SLICE_INIT(DATA("\3", "\x13") "abc\0"), 1, 0, false},
	{"two and a SACK",
	 SLICE_INIT("\3\0\0\x10TSN!\0\0\1\0\0\0\0\0" DATA(
		 "\7", "\x13") "abc\0" DATA("\x0b", "\x13") "abc\0"),
	 2, 0, false},
	{"fragments",
	 SLICE_INIT(DATA("\2", "\x13") "abc\0" DATA("\0", "\x13") "abc\0" DATA(
		 "\1", "\x13") "abc\0"),
	 0, 3, false},
	{"no data in DATA", SLICE_INIT(DATA("\3", "\x10")), 0, 0, true},
	{"DATA too short", SLICE_INIT("\0\3\0\x08TSN!"), 0, 0, true},
	{"length 0", SLICE_INIT("\0\3\0\0TSN!\0\1\0\2\0\0\0\0abc"), 0, 0, true},
	{"length past the end",
	 SLICE_INIT(DATA("\3", "\x13") "abc\0" DATA("\3", "\x40") "abc"), 1, 0,
	 true},
	{"half a header", SLICE_INIT("\0\3\0"), 0, 0, true},
	{"nothing", SLICE_INIT(""), 0, 0, false},
};

static void walk(struct slice in, struct sctp_iter *it, unsigned *count)
{
	struct sctp_data d;

	*it = sctp_begin(in);
	*count = 0;
	while (sctp_next(it, &d)) {
		(*count)++;
		ck_assert(slice_eq(d.payload, SLICE("abc")));
		ck_assert_uint_eq(d.tsn, 0x54534e21);
		ck_assert_uint_eq(d.stream, 1);
		ck_assert_uint_eq(d.seq, 2);
		ck_assert_uint_eq(d.ppid, 0);
	}
}

START_TEST(vectors)
{
	struct sctp_iter it;
	unsigned count;

	walk(rows[_i].in, &it, &count);
	ck_assert_msg(count == rows[_i].messages, "%s", rows[_i].name);
	ck_assert_msg(it.fragments == rows[_i].fragments, "%s", rows[_i].name);
	ck_assert_msg(it.bad == rows[_i].bad, "%s", rows[_i].name);
}
END_TEST

static void walk_prefix(struct slice in, void *arg)
{
	struct sctp_iter it;
	unsigned count;

	walk(in, &it, &count);
	ck_assert(count <= *(const unsigned *)arg);
}

START_TEST(every_prefix)
{
	unsigned most = rows[_i].messages;

	prefix_each(rows[_i].in, walk_prefix, &most);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
	Suite *s = suite_create("sctp");
	TCase *t = tcase_create("sctp");

	tcase_add_loop_test(t, vectors, 0, COUNT(rows));
	tcase_add_loop_test(t, every_prefix, 0, COUNT(rows));
	suite_add_tcase(s, t);
	return run_suite(s);
}
