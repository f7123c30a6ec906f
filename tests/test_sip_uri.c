/* URIs, name-addr values, parameters, comma lists. */
#include <check.h>
#include <stdlib.h>

#include "tests/run_suite.h"
#include "tests/sip_inside.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define S(lit)	 SLICE_INIT(lit)

static void eq(const char *row, struct slice got, const char *want)
{
	ck_assert_msg(slice_eq(got, slice_str(want)),
		      "%s: \"%.*s\", not \"%s\"", row, SLICE_ARG(got), want);
}

static const struct {
	struct slice in;
	bool ok;
	const char *scheme, *user, *host;
	unsigned port;
	const char *params, *headers;
} uris[] = {
	{S("sip:a@b"), true, "sip", "a", "b", 0, "", ""},
	{S("SIPS:a:pw@b.c:5061;transport=tcp;lr?x=y&z=1"), true, "SIPS", "a",
	 "b.c", 5061, "transport=tcp;lr", "x=y&z=1"},
	{S("sip:b"), true, "sip", "", "b", 0, "", ""},
	{S("sip:b:5070"), true, "sip", "", "b", 5070, "", ""},
	{S("sip:b;lr"), true, "sip", "", "b", 0, "lr", ""},
	{S("sip:b?to=x"), true, "sip", "", "b", 0, "", "to=x"},
	{S(" sip:a@b "), true, "sip", "a", "b", 0, "", ""},
	{S("sip:a;p=u%40x@b"), true, "sip", "a;p=u%40x", "b", 0, "", ""},
	{S("sip:a?b;c@d"), true, "sip", "a?b;c", "d", 0, "", ""},
	{S("tel:+1-555-0100;phone-context=a.b"), true, "tel", "+1-555-0100", "",
	 0, "phone-context=a.b", ""},
	{S("tel:"), false, "tel", "", "", 0, "", ""},
	{S("urn:service:sos"), true, "urn", "", "", 0, "", ""},
	{S("http://www.example.com"), true, "http", "", "", 0, "", ""},
	/* RFC 5118, 4.1 to 4.4 */
	{S("sip:[2001:db8::10]"), true, "sip", "", "2001:db8::10", 0, "", ""},
	{S("sip:2001:db8::10"), false, "sip", "", "2001", 0, "", ""},
	{S("sip:a@[2001:db8::10:5070]"), true, "sip", "a", "2001:db8::10:5070",
	 0, "", ""},
	{S("sip:a@[2001:db8::10]:5070;lr"), true, "sip", "a", "2001:db8::10",
	 5070, "lr", ""},
	{S("sip:[2001:db8::10"), false, "sip", "", "", 0, "", ""},
	{S("sip:a@"), false, "sip", "a", "", 0, "", ""},
	{S("sip:a@b:0"), false, "sip", "a", "b", 0, "", ""},
	{S("sip:a@b:65536"), false, "sip", "a", "b", 0, "", ""},
	{S("sip:a@b:x"), false, "sip", "a", "b", 0, "", ""},
	{S("a@b"), false, "", "", "", 0, "", ""},
	{S("1sip:a@b"), false, "", "", "", 0, "", ""},
	{S(""), false, "", "", "", 0, "", ""},
};

START_TEST(uri)
{
	const char *name = (const char *)uris[_i].in.p;
	struct sip_uri u;

	ck_assert_msg(sip_uri_parse(uris[_i].in, &u) == uris[_i].ok, "%s",
		      name);
	eq(name, u.scheme, uris[_i].scheme);
	eq(name, u.user, uris[_i].user);
	eq(name, u.host, uris[_i].host);
	eq(name, u.params, uris[_i].params);
	eq(name, u.headers, uris[_i].headers);
	ck_assert_uint_eq(u.port, uris[_i].port);
}
END_TEST

static void uri_of(struct slice in, void *arg)
{
	struct sip_uri u;

	(void)arg;
	sip_uri_parse(in, &u);
	ck_assert(sip_uri_inside(&u, in));
}

START_TEST(uri_prefixes)
{
	prefix_each(uris[_i].in, uri_of, NULL);
}
END_TEST

static const struct {
	struct slice in;
	bool ok;
	const char *display, *uri, *user, *tag, *params;
} addrs[] = {
	{S("<sip:a@b>;tag=1"), true, "", "sip:a@b", "a", "1", "tag=1"},
	{S("sip:a@b;tag=1"), true, "", "sip:a@b", "a", "1", "tag=1"},
	{S("\"A, <B>\" <sip:a@b;x>;y"), true, "A, <B>", "sip:a@b;x", "a", "",
	 "y"},
	{S("\"a\\\"b\\\\\"<sip:a@b>"), true, "a\\\"b\\\\", "sip:a@b", "a", "",
	 ""},
	{S("Two  Words <sip:a@b>"), true, "Two  Words", "sip:a@b", "a", "", ""},
	{S("caller<sip:a@b>"), true, "caller", "sip:a@b", "a", "", ""},
	{S("\"\" <sip:a@b> ; TAG = 7 "), true, "", "sip:a@b", "a", "7",
	 "TAG = 7"},
	{S("<sip:a@b>;x=\";tag=no\";tag=yes"), true, "", "sip:a@b", "a", "yes",
	 "x=\";tag=no\";tag=yes"},
	{S("<tel:+1;ext=2>"), true, "", "tel:+1;ext=2", "+1", "", ""},
	{S("\"open <sip:a@b>;tag=1"), false, "open", "sip:a@b", "a", "1",
	 "tag=1"},
	{S("Bell, A <sip:a@b>;tag=1"), false, "Bell, A", "sip:a@b", "a", "1",
	 "tag=1"},
	{S("\"A\" < sip:a@b >"), false, "A", "sip:a@b", "a", "", ""},
	{S("<sip:a@b"), false, "", "sip:a@b", "a", "", ""},
	{S("<sip:a@b> junk"), false, "", "sip:a@b", "a", "", ""},
	{S("<sip:a@b>;;tag=1"), false, "", "sip:a@b", "a", "1", ";tag=1"},
	{S("sip:a@b?Route=x"), false, "", "sip:a@b?Route=x", "a", "", ""},
	{S("\"only a name\""), false, "only a name", "", "", "", ""},
	{S("\""), false, "", "\"", "", "", ""},
	{S("<>"), false, "", "", "", "", ""},
	{S(""), false, "", "", "", "", ""},
};

START_TEST(addr)
{
	const char *name = (const char *)addrs[_i].in.p;
	struct sip_addr a;

	ck_assert_msg(sip_addr_parse(addrs[_i].in, &a) == addrs[_i].ok, "%s",
		      name);
	eq(name, a.display, addrs[_i].display);
	eq(name, a.uri_text, addrs[_i].uri);
	eq(name, a.uri.user, addrs[_i].user);
	eq(name, a.tag, addrs[_i].tag);
	eq(name, a.params, addrs[_i].params);
	ck_assert(!a.star);
}
END_TEST

static void addr_of(struct slice in, void *arg)
{
	struct sip_addr a;

	(void)arg;
	sip_addr_parse(in, &a);
	ck_assert(sip_addr_inside(&a, in));
}

START_TEST(addr_prefixes)
{
	prefix_each(addrs[_i].in, addr_of, NULL);
}
END_TEST

START_TEST(star)
{
	struct sip_addr a;

	ck_assert(sip_addr_parse(SLICE(" * "), &a) && a.star);
}
END_TEST

START_TEST(list)
{
	struct slice s = SLICE(" , \"a,b\" <sip:c,d>;x=\",\" ,,sip:e, <f,g ");
	struct slice item;

	ck_assert(sip_list_next(&s, &item));
	eq("first", item, "\"a,b\" <sip:c,d>;x=\",\"");
	ck_assert(sip_list_next(&s, &item));
	eq("second", item, "sip:e");
	ck_assert(sip_list_next(&s, &item));
	eq("third", item, "<f,g");
	ck_assert(!sip_list_next(&s, &item));
	ck_assert(!sip_list_next(&s, &item));
}
END_TEST

START_TEST(params)
{
	struct slice s = SLICE(";a=1; b ;c = \"x;y\\\"=\" ;=e;a=2");
	struct sip_uri u = {.params = s};
	struct slice v;

	ck_assert(sip_uri_param(&u, "A", &v));
	eq("a", v, "1");
	ck_assert(sip_param(s, "b", &v));
	eq("b", v, "");
	ck_assert(sip_param(s, "c", &v));
	eq("c", v, "\"x;y\\\"=\"");
	eq("unquoted", sip_unquote(v), "x;y\\\"=");
	ck_assert(!sip_param(s, "d", &v));
	ck_assert(sip_param(s, "", &v));
	eq("empty name", v, "e");
}
END_TEST

START_TEST(unescape)
{
	char buf[16];
	size_t n = sip_unescape(SLICE("a%40b%00%zz%4"), buf, sizeof(buf));

	ck_assert_uint_eq(n, 9);
	ck_assert_mem_eq(buf, "a@b\0%zz%4", 9);
	ck_assert_uint_eq(sip_unescape(SLICE("%41%42%43"), buf, 2), 2);
	ck_assert_mem_eq(buf, "AB", 2);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sip_uri");
	TCase *tc = tcase_create("sip_uri");

	tcase_add_loop_test(tc, uri, 0, (int)COUNT(uris));
	tcase_add_loop_test(tc, uri_prefixes, 0, (int)COUNT(uris));
	tcase_add_loop_test(tc, addr, 0, (int)COUNT(addrs));
	tcase_add_loop_test(tc, addr_prefixes, 0, (int)COUNT(addrs));
	tcase_add_test(tc, star);
	tcase_add_test(tc, list);
	tcase_add_test(tc, params);
	tcase_add_test(tc, unescape);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
