/* HTTP/2: the preface, frame headers, DATA. */
#include <check.h>

#include "dissectors/h2.h"
#include "tests/prefix.h"
#include "tests/run_suite.h"

#define PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

static const struct {
	const char *name;
	struct slice in;
	enum parse preface, server, frame;
	struct h2_frame want;
} rows[] = {
	{"preface",
	 SLICE_INIT(PREFACE),
	 PARSE_OK,
	 PARSE_BAD,
	 PARSE_OK,
	 {0x505249, 0x20485454, ' ', '*'}},
	{"preface and more",
	 SLICE_INIT(PREFACE "\0\0\0"),
	 PARSE_OK,
	 PARSE_BAD,
	 PARSE_OK,
	 {0x505249, 0x20485454, ' ', '*'}},
	{"half a preface",
	 SLICE_INIT("PRI * H"),
	 PARSE_MORE,
	 PARSE_BAD,
	 PARSE_MORE,
	 {0}},
	{"HTTP/1",
	 SLICE_INIT("PRINT / HTTP/1.1\r\n"),
	 PARSE_BAD,
	 PARSE_BAD,
	 PARSE_OK,
	 {0x505249, 0x202f2048, 'N', 'T'}},
	{"settings",
	 SLICE_INIT("\0\0\x0c\4\0\0\0\0\0\0\3\0\0\0\x64\0\4\0\0\xff\xff"),
	 PARSE_BAD,
	 PARSE_OK,
	 PARSE_OK,
	 {12, 0, H2_SETTINGS, 0}},
	{"empty settings",
	 SLICE_INIT("\0\0\0\4\0\0\0\0\0"),
	 PARSE_BAD,
	 PARSE_OK,
	 PARSE_OK,
	 {0, 0, H2_SETTINGS, 0}},
	{"settings acknowledged",
	 SLICE_INIT("\0\0\0\4\1\0\0\0\0"),
	 PARSE_BAD,
	 PARSE_BAD,
	 PARSE_OK,
	 {0, 0, H2_SETTINGS, H2_ACK}},
	{"settings of an odd length",
	 SLICE_INIT("\0\0\5\4\0\0\0\0\0"),
	 PARSE_BAD,
	 PARSE_BAD,
	 PARSE_OK,
	 {5, 0, H2_SETTINGS, 0}},
	{"settings of a stream",
	 SLICE_INIT("\0\0\6\4\0\0\0\0\1"),
	 PARSE_BAD,
	 PARSE_BAD,
	 PARSE_BAD,
	 {0}},
	{"data",
	 SLICE_INIT("\0\1\0\0\1\x80\0\0\3"),
	 PARSE_BAD,
	 PARSE_BAD,
	 PARSE_OK,
	 {256, 3, H2_DATA, H2_END_STREAM}},
	{"data of no stream",
	 SLICE_INIT("\0\1\0\0\1\0\0\0\0"),
	 PARSE_BAD,
	 PARSE_BAD,
	 PARSE_BAD,
	 {0}},
	{"goaway of a stream",
	 SLICE_INIT("\0\0\x08\7\0\0\0\0\1"),
	 PARSE_BAD,
	 PARSE_BAD,
	 PARSE_BAD,
	 {0}},
	{"unknown type",
	 SLICE_INIT("\0\0\x08\xaa\0\0\0\0\0"),
	 PARSE_BAD,
	 PARSE_BAD,
	 PARSE_OK,
	 {8, 0, 0xaa, 0}},
	{"nothing", SLICE_INIT(""), PARSE_MORE, PARSE_MORE, PARSE_MORE, {0}},
	{"half a header",
	 SLICE_INIT("\0\0\6\4\0"),
	 PARSE_BAD,
	 PARSE_MORE,
	 PARSE_MORE,
	 {0}},
};

START_TEST(vectors)
{
	const struct h2_frame *want = &rows[_i].want;
	struct h2_frame f;

	ck_assert_msg(h2_preface(rows[_i].in) == rows[_i].preface, "%s",
		      rows[_i].name);
	ck_assert_msg(h2_probe_server(rows[_i].in) == rows[_i].server, "%s",
		      rows[_i].name);
	ck_assert_msg(h2_frame_parse(rows[_i].in, &f) == rows[_i].frame, "%s",
		      rows[_i].name);
	if (rows[_i].frame != PARSE_OK)
		return;
	ck_assert_uint_eq(f.len, want->len);
	ck_assert_uint_eq(f.stream, want->stream);
	ck_assert_uint_eq(f.type, want->type);
	ck_assert_uint_eq(f.flags, want->flags);
}
END_TEST

/* What was OK is MORE before; what is BAD stays so. */
static void parse_prefix(struct slice in, void *arg)
{
	int i = *(int *)arg;
	struct h2_frame f;

	if (in.len < H2_HEADER)
		ck_assert_int_eq(h2_frame_parse(in, &f), PARSE_MORE);
	if (rows[i].preface != PARSE_BAD)
		ck_assert_int_ne(h2_preface(in), PARSE_BAD);
	if (rows[i].server != PARSE_BAD)
		ck_assert_int_ne(h2_probe_server(in), PARSE_BAD);
}

START_TEST(every_prefix)
{
	prefix_each(rows[_i].in, parse_prefix, &_i);
}
END_TEST

START_TEST(padding)
{
	struct h2_frame f = {.type = H2_DATA};
	struct slice data;

	ck_assert(h2_data(&f, SLICE("\2abc"), &data));
	ck_assert(slice_eq(data, SLICE("\2abc")));
	f.flags = H2_PADDED;
	ck_assert(h2_data(&f, SLICE("\2a\0\0"), &data));
	ck_assert(slice_eq(data, SLICE("a")));
	ck_assert(h2_data(&f, SLICE("\3\0\0\0"), &data));
	ck_assert_uint_eq(data.len, 0);
	ck_assert(!h2_data(&f, SLICE("\4\0\0\0"), &data));
	ck_assert(!h2_data(&f, SLICE(""), &data));
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
	Suite *s = suite_create("h2");
	TCase *t = tcase_create("h2");

	tcase_add_loop_test(t, vectors, 0, COUNT(rows));
	tcase_add_loop_test(t, every_prefix, 0, COUNT(rows));
	tcase_add_test(t, padding);
	suite_add_tcase(s, t);
	return run_suite(s);
}
