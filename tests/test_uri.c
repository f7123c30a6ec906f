/* The target of a request: path and parameters of strangers. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>

#include "tests/run_suite.h"
#include "web/uri.h"

static const struct {
	const char *in;
	int want;
	const char *path, *query;
	const char *name[2], *value[2];
} rows[] = {
	{"/", 0, "/", "", {0}, {0}},
	{"/calls", 0, "/calls", "", {0}, {0}},
	{"/calls?", 0, "/calls", "", {0}, {0}},
	{"/calls?q=", 0, "/calls", "q=", {"q"}, {""}},
	{"/calls?q", 0, "/calls", "q", {"q"}, {""}},
	{"/a?q=1&r=2", 0, "/a", "q=1&r=2", {"q", "r"}, {"1", "2"}},
	{"/a?&q=1&&", 0, "/a", "&q=1&&", {"q"}, {"1"}},
	{"/a?q=x=y", 0, "/a", "q=x=y", {"q"}, {"x=y"}},
	{"/a?q=mos%3C3.5+ip", 0, "/a", "q=mos%3C3.5+ip", {"q"}, {"mos<3.5 ip"}},
	{"/a+b%20c", 0, "/a+b c", "", {0}, {0}},
	{"/a?q=%2B49", 0, "/a", "q=%2B49", {"q"}, {"+49"}},
	{"/%C3%A4?q=%c3%a4", 0, "/\xc3\xa4", "q=%c3%a4", {"q"}, {"\xc3\xa4"}},
	{"http://host/a?q=1", 0, "/a", "q=1", {"q"}, {"1"}},
	{"HTTPS://host:1/a", 0, "/a", "", {0}, {0}},
	{"//host/a", 0, "//host/a", "", {0}, {0}},
	{"", -EINVAL, NULL, NULL, {0}, {0}},
	{"*", -EINVAL, NULL, NULL, {0}, {0}},
	{"a", -EINVAL, NULL, NULL, {0}, {0}},
	{"http://host", -EINVAL, NULL, NULL, {0}, {0}},
	{"/%", -EINVAL, NULL, NULL, {0}, {0}},
	{"/%2", -EINVAL, NULL, NULL, {0}, {0}},
	{"/%zz", -EINVAL, NULL, NULL, {0}, {0}},
	{"/a%00b", -EINVAL, NULL, NULL, {0}, {0}},
	{"/a?q=%00", -EINVAL, NULL, NULL, {0}, {0}},
	{"/a?%=1", -EINVAL, NULL, NULL, {0}, {0}},
};

/* Each in a block of its own size: an over-read is seen. */
static int parse(const char *in, size_t len, struct arena *mem, struct uri *u)
{
	uint8_t *copy = malloc(len ? len : 1);
	int err;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, in, len);
	err = uri_parse(slice_of(copy, len), mem, u);
	free(copy);
	return err;
}

START_TEST(target)
{
	struct arena *mem = arena_new(1024, 0);
	struct uri u;
	size_t n = 0;

	ck_assert_int_eq(parse(rows[_i].in, strlen(rows[_i].in), mem, &u),
			 rows[_i].want);
	if (!rows[_i].want) {
		ck_assert_str_eq(u.path, rows[_i].path);
		ck_assert_str_eq(u.query, rows[_i].query);
		for (; n < 2 && rows[_i].name[n]; n++) {
			ck_assert_str_eq(u.params.v[n].name, rows[_i].name[n]);
			ck_assert_str_eq(u.params.v[n].value,
					 rows[_i].value[n]);
		}
		ck_assert_uint_eq(u.params.n, n);
	}
	for (size_t i = 0; i < strlen(rows[_i].in); i++)
		parse(rows[_i].in, i, mem, &u);
	arena_free(mem);
}
END_TEST

START_TEST(many)
{
	struct arena *mem = arena_new(1024, 0);
	struct web_pairs pairs = {0};
	char text[4 * (URI_PAIRS + 1)] = "";

	for (int i = 0; i < URI_PAIRS; i++)
		strcat(text, "a=1&");
	ck_assert_int_eq(uri_pairs(slice_str(text), mem, &pairs), 0);
	ck_assert_uint_eq(pairs.n, URI_PAIRS);
	strcat(text, "a=1");
	ck_assert_int_eq(uri_pairs(slice_str(text), mem, &pairs), -E2BIG);
	ck_assert_uint_eq(pairs.n, URI_PAIRS);
	arena_free(mem);
}
END_TEST

/* Without memory it says so, and writes nothing. */
START_TEST(no_memory)
{
	for (unsigned n = 1; n < 6; n++) {
		struct arena *mem = arena_new(4096, 0);
		struct uri u = {.path = "kept"};
		int err;

		arena_fail_at(n);
		err = uri_parse(SLICE("/a?b=c"), mem, &u);
		arena_fail_at(0);
		ck_assert_int_eq(err, -ENOMEM);
		ck_assert_str_eq(u.path, "kept");
		arena_free(mem);
	}
}
END_TEST

/* --- what handlers ask -------------------------------------------------- */

static struct web_pair headers[] = {
	{"Cookie", "a=1; callscope=x y ;b=\"2\""},
	{"cookie", "late=3"},
	{"X-Empty", ""},
};
static struct web_pair params[] = {
	{"limit", "7"},
	{"limit", "8"},
	{"words", "7 "},
	{"none", ""},
};

START_TEST(request)
{
	struct web_request rq = {
		.headers = {headers, 3},
		.params = {params, 4},
		.mem = arena_new(256, 0),
	};
	uint64_t v = 0;

	ck_assert_str_eq(web_header(&rq, "x-EMPTY"), "");
	ck_assert_ptr_null(web_header(&rq, "x"));
	ck_assert_str_eq(web_param(&rq, "limit"), "7");
	ck_assert_ptr_null(web_param(&rq, "Limit"));
	ck_assert_ptr_null(web_form(&rq, "limit"));
	ck_assert_str_eq(web_cookie(&rq, "a"), "1");
	ck_assert_str_eq(web_cookie(&rq, "callscope"), "x y");
	ck_assert_str_eq(web_cookie(&rq, "late"), "3");
	ck_assert_ptr_null(web_cookie(&rq, "c"));
	ck_assert_int_eq(web_param_u64(&rq, "limit", 1, 9, 5, &v), 0);
	ck_assert_uint_eq(v, 7);
	ck_assert_int_eq(web_param_u64(&rq, "gone", 1, 9, 5, &v), 0);
	ck_assert_uint_eq(v, 5);
	ck_assert_int_eq(web_param_u64(&rq, "limit", 8, 9, 8, &v), -EINVAL);
	ck_assert_int_eq(web_param_u64(&rq, "words", 1, 9, 5, &v), -EINVAL);
	ck_assert_int_eq(web_param_u64(&rq, "none", 1, 9, 5, &v), -EINVAL);
	ck_assert_uint_eq(v, 5);
	arena_free(rq.mem);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("uri");
	TCase *t = tcase_create("uri");

	tcase_add_loop_test(t, target, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(t, many);
	tcase_add_test(t, no_memory);
	tcase_add_test(t, request);
	suite_add_tcase(s, t);
	return run_suite(s);
}
