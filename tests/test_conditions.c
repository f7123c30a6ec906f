/* Ranges, entity tags, encodings, addresses: headers of strangers. */
#include <check.h>

#include "sniffer/base/peer.h"
#include "tests/run_suite.h"
#include "web/conditions.h"
#include "web/listen.h"

/* --- ranges of a file of 1000 bytes -------------------------------------- */

static const struct {
	const char *in;
	enum range_kind want;
	uint64_t first, len;
} ranges[] = {
	{"bytes=0-0", RANGE_PART, 0, 1},
	{"bytes=0-499", RANGE_PART, 0, 500},
	{"bytes=500-", RANGE_PART, 500, 500},
	{"bytes=999-", RANGE_PART, 999, 1},
	{"bytes=0-", RANGE_PART, 0, 1000},
	{"bytes=-1", RANGE_PART, 999, 1},
	{"bytes=-1000", RANGE_PART, 0, 1000},
	{"bytes=-5000", RANGE_PART, 0, 1000},
	{"bytes=900-5000", RANGE_PART, 900, 100},
	{"Bytes = 0-1", RANGE_WHOLE, 0, 0},
	{" BYTES=1 - 2 ", RANGE_PART, 1, 2},
	{"bytes=0-18446744073709551615", RANGE_PART, 0, 1000},
	{"bytes=1000-", RANGE_NOT, 0, 0},
	{"bytes=1000-1001", RANGE_NOT, 0, 0},
	{"bytes=-0", RANGE_NOT, 0, 0},
	{"bytes=18446744073709551615-", RANGE_NOT, 0, 0},
	{"bytes=18446744073709551616-", RANGE_WHOLE, 0, 0},
	{"bytes=5-4", RANGE_WHOLE, 0, 0},
	{"bytes=-", RANGE_WHOLE, 0, 0},
	{"bytes=", RANGE_WHOLE, 0, 0},
	{"bytes=a-b", RANGE_WHOLE, 0, 0},
	{"bytes=--5", RANGE_WHOLE, 0, 0},
	{"bytes=0-1,5-6", RANGE_WHOLE, 0, 0},
	{"lines=0-1", RANGE_WHOLE, 0, 0},
	{"", RANGE_WHOLE, 0, 0},
};

START_TEST(range)
{
	uint64_t first = 0, len = 0;

	ck_assert_int_eq(
		range_parse(slice_str(ranges[_i].in), 1000, &first, &len),
		ranges[_i].want);
	ck_assert_uint_eq(first, ranges[_i].first);
	ck_assert_uint_eq(len, ranges[_i].len);
}
END_TEST

/* Nothing can be taken of nothing. */
START_TEST(range_of_nothing)
{
	uint64_t first = 7, len = 7;

	ck_assert_int_eq(range_parse(SLICE("bytes=0-"), 0, &first, &len),
			 RANGE_NOT);
	ck_assert_int_eq(range_parse(SLICE("bytes=-1"), 0, &first, &len),
			 RANGE_NOT);
	ck_assert_uint_eq(first, 7);
	ck_assert_uint_eq(len, 7);
}
END_TEST

/* --- the rest ------------------------------------------------------------ */

static const struct {
	const char *list, *etag;
	bool want;
} tags[] = {
	{"\"a\"", "\"a\"", true},
	{"W/\"a\"", "\"a\"", true},
	{"\"a\"", "W/\"a\"", true},
	{"\"b\", \"a\"", "\"a\"", true},
	{"\"b\" , W/\"a\"", "\"a\"", true},
	{"*", "\"a\"", true},
	{"\"b\"", "\"a\"", false},
	{"a", "\"a\"", false},
	{"", "\"a\"", false},
	{",,", "\"a\"", false},
	{"\"aa\"", "\"a\"", false},
};

START_TEST(tag)
{
	ck_assert_int_eq(etag_matches(slice_str(tags[_i].list), tags[_i].etag),
			 tags[_i].want);
}
END_TEST

static const struct {
	const char *in;
	bool want;
} encodings[] = {
	{"gzip", true},
	{"gzip, deflate, br", true},
	{"br;q=1.0, GZIP;q=0.5", true},
	{"gzip;q=0", false},
	{"gzip; q=0.000", false},
	{"gzip;q=0.001", true},
	{"deflate", false},
	{"identity", false},
	{"", false},
	{"gzipped", false},
	{"x-gzip", true},
};

START_TEST(encoding)
{
	ck_assert_int_eq(accepts_gzip(slice_str(encodings[_i].in)),
			 encodings[_i].want);
}
END_TEST

static const struct {
	const char *in;
	const char *want; /* NULL: none */
	bool local;
} addresses[] = {
	{"127.0.0.1:8080", "127.0.0.1:8080", true},
	{"127.9.9.9:0", "127.9.9.9:0", true},
	{"0.0.0.0:80", "0.0.0.0:80", false},
	{"192.0.2.1:65535", "192.0.2.1:65535", false},
	{"[::1]:8080", "[::1]:8080", true},
	{"[::]:8080", "[::]:8080", false},
	{"[2001:db8::1]:1", "[2001:db8::1]:1", false},
	{"::1:8080", NULL, false},
	{"127.0.0.1", NULL, false},
	{"127.0.0.1:", NULL, false},
	{":8080", NULL, false},
	{"8080", NULL, false},
	{"127.0.0.1:65536", NULL, false},
	{"127.0.0.1:-1", NULL, false},
	{"localhost:8080", NULL, false},
	{"[::1]8080", NULL, false},
	{"", NULL, false},
};

START_TEST(address)
{
	struct sockaddr_storage sa;
	char text[ADDR_TEXT];
	struct addr a, again;

	ck_assert_int_eq(listen_parse(slice_str(addresses[_i].in), &a),
			 addresses[_i].want != NULL);
	if (!addresses[_i].want)
		return;
	ck_assert_str_eq(addr_text(&a, text), addresses[_i].want);
	ck_assert_int_eq(listen_is_local(&a), addresses[_i].local);
	peer_sockaddr(&a, &sa);
	again = peer_addr_of((struct sockaddr *)&sa);
	ck_assert(addr_eq(&a, &again));
}
END_TEST

#define COUNT(rows) (int)(sizeof(rows) / sizeof((rows)[0]))

int main(void)
{
	Suite *s = suite_create("conditions");
	TCase *t = tcase_create("conditions");

	tcase_add_loop_test(t, range, 0, COUNT(ranges));
	tcase_add_test(t, range_of_nothing);
	tcase_add_loop_test(t, tag, 0, COUNT(tags));
	tcase_add_loop_test(t, encoding, 0, COUNT(encodings));
	tcase_add_loop_test(t, address, 0, COUNT(addresses));
	suite_add_tcase(s, t);
	return run_suite(s);
}
