/*
 * Numbers on their way out: which fields of JSON and CSV are masked, that the
 * JSON stays what it is, and that no number is left anywhere in the object.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/run_suite.h"
#include "web/masking.h"

static const struct {
	const char *name;
	uint64_t keep;
	const char *in, *out;
} rows[] = {
	{"user", 4, "{\"user\":\"+493012345\"}", "{\"user\":\"+4930xxxxx\"}"},
	{"nothing stays", 0, "{\"user\":\"112\"}", "{\"user\":\"xxx\"}"},
	{"all stay", 64, "{\"user\":\"112\"}", "{\"user\":\"112\"}"},
	{"null", 0, "{\"user\":null,\"status\":200}",
	 "{\"user\":null,\"status\":200}"},
	{"column", 2, "{\"caller_user\":\"4711\"}",
	 "{\"caller_user\":\"47xx\"}"},
	{"uri", 3, "{\"uri\":\"sip:49301@10.1.2.3:5060\"}",
	 "{\"uri\":\"sip:493xx@10.1.2.3:5060\"}"},
	{"uri without a scheme", 3, "{\"aor\":\"49301@10.1.2.3\"}",
	 "{\"aor\":\"493xx@10.1.2.3\"}"},
	{"name and uri", 2, "{\"asserted\":\"\\\"Tel 4711\\\" <tel:+4711>\"}",
	 "{\"asserted\":\"\\\"Tel 47xx\\\" <tel:+47xx>\"}"},
	{"others stay", 0,
	 "{\"host\":\"10.1.2.3\",\"start\":\"2026-11-26T10:00:00.000000Z\"}",
	 "{\"host\":\"10.1.2.3\",\"start\":\"2026-11-26T10:00:00.000000Z\"}"},
	{"inside of objects", 1,
	 "{\"caller\":{\"user\":\"12\",\"tag\":\"12\"},\"n\":[{\"name\":\"34\"}"
	 "]}",
	 "{\"caller\":{\"user\":\"1x\",\"tag\":\"12\"},\"n\":[{\"name\":\"3x\"}"
	 "]}"},
	{"escapes are no digits", 0, "{\"name\":\"\\u0007\\\\1\\\"2\"}",
	 "{\"name\":\"\\u0007\\\\x\\\"x\"}"},
	{"pressed keys", 64, "{\"digit\":\"5\"}", "{\"digit\":\"x\"}"},
	{"repeated elsewhere", 3,
	 "{\"user\":\"4930123\",\"call_id\":\"a4930123@h\",\"n\":4930123,"
	 "\"detail\":\"busy: 004930123\"}",
	 "{\"user\":\"493xxxx\",\"call_id\":\"a493xxxx@h\",\"n\":4930123,"
	 "\"detail\":\"busy: 00493xxxx\"}"},
	{"short ones are in everything", 1,
	 "{\"user\":\"200\",\"detail\":\"200 OK\"}",
	 "{\"user\":\"2xx\",\"detail\":\"200 OK\"}"},
	{"a name as a value", 0, "{\"key\":\"user\",\"value\":\"123456\"}",
	 "{\"key\":\"user\",\"value\":\"123456\"}"},
	{"cut", 0, "{\"user\":\"12", "{\"user\":\"12"},
	{"cut in an escape", 0, "{\"user\":\"12\\", "{\"user\":\"12\\"},
	{"empty", 0, "", ""},
};

START_TEST(json)
{
	size_t n = strlen(rows[_i].in);
	char *p = malloc(n ? n : 1);

	memcpy(p, rows[_i].in, n);
	masking_json(p, n, rows[_i].keep);
	ck_assert_msg(strlen(rows[_i].out) == n && !memcmp(p, rows[_i].out, n),
		      "%s: %.*s", rows[_i].name, (int)n, p);
	free(p);
}
END_TEST

/* Cut anywhere it touches nothing beyond (ASan), and changes digits only. */
START_TEST(every_prefix)
{
	size_t n = strlen(rows[_i].in);

	for (size_t len = 0; len <= n; len++) {
		char *p = malloc(len ? len : 1);

		memcpy(p, rows[_i].in, len);
		masking_json(p, len, rows[_i].keep);
		for (size_t i = 0; i < len; i++)
			ck_assert(p[i] == rows[_i].in[i] || p[i] == 'x');
		free(p);
	}
}
END_TEST

/* Longer than any number: nothing of the rest stays. */
START_TEST(a_long_text)
{
	char text[4096] = "{\"name\":\"";
	size_t n = strlen(text);

	memset(text + n, '7', 3000);
	memcpy(text + n + 1500, "\\u0007", 6);
	memcpy(text + n + 3000, "\"}", 2);
	masking_json(text, n + 3002, 5);
	ck_assert(!memcmp(text + n, "77777xxx", 8));
	ck_assert(!memcmp(text + n + 1499, "x\\u0007x", 8));
	for (size_t i = 5; i < 3000; i++)
		ck_assert(text[n + i] == 'x' || (i >= 1500 && i < 1506));
	ck_assert(!memcmp(text + n + 3000, "\"}", 2));
}
END_TEST

START_TEST(many_numbers)
{
	struct masking_numbers found = {.n = 0};
	char number[16];

	for (unsigned i = 0; i < 100; i++) {
		snprintf(number, sizeof(number), "%u", 100000 + i);
		masking_note(&found, SLICE("user"), slice_str(number));
		masking_note(&found, SLICE("user"), slice_str(number));
		masking_note(&found, SLICE("status"), slice_str("999999"));
	}
	ck_assert_uint_eq(found.n, MASKING_NUMBERS);
}
END_TEST

START_TEST(a_line_of_csv)
{
	struct masking_numbers found = {.n = 0};
	char line[] = "x,4930123,4930123-a@h";

	masking_note(&found, SLICE("caller_user"), SLICE("4930123"));
	masking_value(SLICE("caller_user"), line + 2, 7, 2);
	masking_value(SLICE("call_id"), line + 10, 11, 2);
	ck_assert_str_eq(line, "x,49xxxxx,4930123-a@h");
	masking_repeats(&found, line, strlen(line), 2);
	ck_assert_str_eq(line, "x,49xxxxx,49xxxxx-a@h");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("masking");
	TCase *t = tcase_create("all");
	int n = sizeof(rows) / sizeof(rows[0]);

	tcase_add_loop_test(t, json, 0, n);
	tcase_add_loop_test(t, every_prefix, 0, n);
	tcase_add_test(t, a_long_text);
	tcase_add_test(t, many_numbers);
	tcase_add_test(t, a_line_of_csv);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
