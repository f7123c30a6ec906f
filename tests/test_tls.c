/* The record layer of TLS. */
#include <check.h>

#include "dissectors/tls.h"
#include "tests/prefix.h"
#include "tests/run_suite.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static const struct {
	const char *name;
	struct slice in;
	enum parse want;
	uint8_t type;
	size_t fragment;
} rows[] = {
	{"handshake", SLICE_INIT("\x16\3\1\0\4\1\0\0\0"), PARSE_OK,
	 TLS_HANDSHAKE, 4},
	{"more behind", SLICE_INIT("\x16\3\3\0\1x\x17\3\3\0\1y"), PARSE_OK,
	 TLS_HANDSHAKE, 1},
	{"alert", SLICE_INIT("\x15\3\3\0\2\2\x28"), PARSE_OK, TLS_ALERT, 2},
	{"change cipher spec", SLICE_INIT("\x14\3\3\0\1\1"), PARSE_OK,
	 TLS_CHANGE_CIPHER_SPEC, 1},
	{"no application data", SLICE_INIT("\x17\3\3\0\0"), PARSE_OK,
	 TLS_APPLICATION_DATA, 0},
	{"heartbeat", SLICE_INIT("\x18\3\3\0\3\1\0\0"), PARSE_OK, TLS_HEARTBEAT,
	 3},
	{"an empty handshake", SLICE_INIT("\x16\3\3\0\0"), PARSE_BAD, 0, 0},
	{"an empty alert", SLICE_INIT("\x15\3\3\0\0"), PARSE_BAD, 0, 0},
	{"type 25", SLICE_INIT("\x19\3\3\0\1x"), PARSE_BAD, 0, 0},
	{"type 19", SLICE_INIT("\x13\3\3\0\1x"), PARSE_BAD, 0, 0},
	{"version 2.0", SLICE_INIT("\x16\2\0\0\1x"), PARSE_BAD, 0, 0},
	{"version 3.5", SLICE_INIT("\x16\3\5\0\1x"), PARSE_BAD, 0, 0},
	{"too long", SLICE_INIT("\x17\3\3\x48\1x"), PARSE_BAD, 0, 0},
	{"the longest, not all here", SLICE_INIT("\x17\3\3\x48\0x"), PARSE_MORE,
	 0, 0},
	{"text", SLICE_INIT("OPTIONS sip:x SIP/2.0\r\n"), PARSE_BAD, 0, 0},
	{"a head", SLICE_INIT("\x17\3\3\0\7"), PARSE_MORE, 0, 0},
	{"nothing", SLICE_INIT(""), PARSE_MORE, 0, 0},
};

START_TEST(records)
{
	struct tls_record r;

	ck_assert_msg(tls_record_parse(rows[_i].in, &r) == rows[_i].want, "%s",
		      rows[_i].name);
	if (rows[_i].want != PARSE_OK)
		return;
	ck_assert_uint_eq(r.type, rows[_i].type);
	ck_assert_uint_eq(r.fragment.len, rows[_i].fragment);
	ck_assert_uint_eq(r.len, rows[_i].fragment + TLS_RECORD_HEAD);
	ck_assert(slice_eq(r.head, slice_head(rows[_i].in, 5)));
}
END_TEST

static void record_prefix(struct slice in, void *arg)
{
	size_t whole = *(size_t *)arg;
	struct tls_record r = {0};
	enum parse got = tls_record_parse(in, &r);

	if (got == PARSE_OK)
		ck_assert(prefix_inside(r.fragment, in) &&
			  prefix_inside(r.head, in));
	if (got == PARSE_MORE && in.len >= TLS_RECORD_HEAD)
		ck_assert_uint_gt(r.len, in.len);
	if (got == PARSE_MORE && in.len < TLS_RECORD_HEAD)
		ck_assert_uint_eq(r.len, 0);
	if (whole)
		ck_assert(got == (in.len < whole ? PARSE_MORE : PARSE_OK));
	tls_probe(in);
}

START_TEST(every_prefix)
{
	size_t whole = 0;

	if (rows[_i].want == PARSE_OK)
		whole = TLS_RECORD_HEAD + rows[_i].fragment;
	prefix_each(rows[_i].in, record_prefix, &whole);
}
END_TEST

static const struct {
	const char *name;
	struct slice in;
	enum parse want;
} probes[] = {
	{"ClientHello", SLICE_INIT("\x16\3\1\2\0\1\0\1\xfc"), PARSE_OK},
	{"ServerHello", SLICE_INIT("\x16\3\3\0\x7a\2"), PARSE_OK},
	{"not all", SLICE_INIT("\x16\3\1\2\0"), PARSE_MORE},
	{"a type", SLICE_INIT("\x16"), PARSE_MORE},
	{"nothing", SLICE_INIT(""), PARSE_MORE},
	{"a certificate", SLICE_INIT("\x16\3\3\0\x7a\x0b"), PARSE_BAD},
	{"application data", SLICE_INIT("\x17\3\3\0\x7a\1"), PARSE_BAD},
	{"version 4", SLICE_INIT("\x16\4\0"), PARSE_BAD},
	{"version 3.5", SLICE_INIT("\x16\3\5"), PARSE_BAD},
	{"too short", SLICE_INIT("\x16\3\1\0\3"), PARSE_BAD},
	{"too long", SLICE_INIT("\x16\3\1\x40\1"), PARSE_BAD},
	{"text", SLICE_INIT("GET / HTTP/1.1"), PARSE_BAD},
};

START_TEST(probing)
{
	ck_assert_msg(tls_probe(probes[_i].in) == probes[_i].want, "%s",
		      probes[_i].name);
}
END_TEST

static void message_prefix(struct slice in, void *arg)
{
	struct slice body;
	uint8_t type;
	size_t len;
	enum parse got = tls_message_parse(in, &type, &body, &len);

	(void)arg;
	ck_assert_uint_eq(len, in.len < 4 ? 0 : 4 + 3);
	ck_assert(got == (in.len < 7 ? PARSE_MORE : PARSE_OK));
	if (got == PARSE_OK) {
		ck_assert_uint_eq(type, 20);
		ck_assert(slice_eq(body, SLICE("abc")));
		ck_assert(prefix_inside(body, in));
	}
}

START_TEST(messages)
{
	prefix_each(SLICE("\x14\0\0\3"
			  "abcdef"),
		    message_prefix, NULL);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tls");
	TCase *t = tcase_create("tls");

	tcase_add_loop_test(t, records, 0, COUNT(rows));
	tcase_add_loop_test(t, every_prefix, 0, COUNT(rows));
	tcase_add_loop_test(t, probing, 0, COUNT(probes));
	tcase_add_test(t, messages);
	suite_add_tcase(s, t);
	return run_suite(s);
}
