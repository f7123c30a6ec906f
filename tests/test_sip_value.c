/* Via, Reason, Session-ID, Replaces, folds, and multipart bodies. */
#include <check.h>
#include <stdlib.h>

#include "dissectors/multipart.h"
#include "tests/run_suite.h"
#include "tests/sip_inside.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define S(lit)	 SLICE_INIT(lit)

static void eq(struct slice got, const char *want)
{
	ck_assert_msg(slice_eq(got, slice_str(want)), "\"%.*s\", not \"%s\"",
		      SLICE_ARG(got), want);
}

static const struct {
	struct slice in;
	bool ok;
	const char *transport, *host;
	unsigned port;
	const char *branch, *received;
	bool has_rport;
	unsigned rport;
} vias[] = {
	{S("SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport"), true, "UDP",
	 "192.0.2.1", 5060, "z9hG4bK1", "", true, 0},
	{S("SIP/2.0/TLS h.example ;rport=7;received=192.0.2.9"), true, "TLS",
	 "h.example", 0, "", "192.0.2.9", true, 7},
	{S("SIP  /   2.0\r\n /UDP\r\n    192.0.2.2 : 99 ;branch = x"), true,
	 "UDP", "192.0.2.2", 99, "x", "", false, 0},
	/* RFC 5118, 4.5 and 4.10 */
	{S("SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255]"), true,
	 "UDP", "2001:db8::9:1", 0, "", "2001:db8::9:255", false, 0},
	{S("SIP/2.0/UDP [2001:db8::9:1]:5062;received=2001:db8::9:255"), true,
	 "UDP", "2001:db8::9:1", 5062, "", "2001:db8::9:255", false, 0},
	{S("SIP/2.0/UDP 192.0.2.15;;"), false, "UDP", "192.0.2.15", 0, "", "",
	 false, 0},
	{S("SIP/2.0/UDP h;;branch=a"), false, "UDP", "h", 0, "a", "", false, 0},
	{S("SIP/2.0/UDP h:x"), false, "UDP", "h", 0, "", "", false, 0},
	{S("SIP/2.0/UDP"), false, "UDP", "", 0, "", "", false, 0},
	{S("SIP/3.0/UDP h"), false, "", "", 0, "", "", false, 0},
	{S("HTTP/2.0/UDP h"), false, "", "", 0, "", "", false, 0},
	{S(""), false, "", "", 0, "", "", false, 0},
};

START_TEST(via)
{
	struct sip_via v;

	ck_assert(sip_via_parse(vias[_i].in, &v) == vias[_i].ok);
	eq(v.transport, vias[_i].transport);
	eq(v.host, vias[_i].host);
	eq(v.branch, vias[_i].branch);
	eq(v.received, vias[_i].received);
	ck_assert_uint_eq(v.port, vias[_i].port);
	ck_assert(v.has_rport == vias[_i].has_rport);
	ck_assert_uint_eq(v.rport, vias[_i].rport);
}
END_TEST

static void via_of(struct slice in, void *arg)
{
	struct sip_via v;

	(void)arg;
	sip_via_parse(in, &v);
	ck_assert(sip_via_inside(&v, in));
}

START_TEST(via_prefixes)
{
	prefix_each(vias[_i].in, via_of, NULL);
}
END_TEST

static const struct {
	struct slice in;
	bool ok;
	unsigned cause;
	const char *text;
} reasons[] = {
	{S("Q.850;cause=16;text=\"Terminated\""), true, 16, "Terminated"},
	{S("SIP;cause=200;text=\"a, b\",q.850 ; cause = 31"), true, 31, ""},
	{S("SIP;cause=486;text=\"Busy\""), false, 0, NULL},
	{S("Q.850;cause=x, Q.850;cause=17"), true, 17, ""},
	{S("Q.850"), false, 0, NULL},
	{S(""), false, 0, NULL},
};

START_TEST(reason)
{
	struct slice text = {0};
	unsigned cause = 0;

	ck_assert(sip_reason_q850(reasons[_i].in, &cause, &text) ==
		  reasons[_i].ok);
	ck_assert_uint_eq(cause, reasons[_i].cause);
	if (reasons[_i].ok)
		eq(text, reasons[_i].text);
}
END_TEST

START_TEST(reason_list)
{
	struct slice s = SLICE("SIP;cause=600 , X.1;text=\"t\"");
	struct sip_reason r;

	ck_assert(sip_reason_next(&s, &r) && r.has_cause);
	eq(r.protocol, "SIP");
	ck_assert_uint_eq(r.cause, 600);
	ck_assert(sip_reason_next(&s, &r) && !r.has_cause);
	eq(r.text, "t");
	ck_assert(!sip_reason_next(&s, &r));
}
END_TEST

#define UUID1 "ab30317f1a784dc48ff824d0d3715d86"
#define UUID2 "47755a9de7794ba387653f2099600ef2"

START_TEST(session_id)
{
	struct slice a = SLICE("unset");
	struct slice b = a;

	ck_assert(sip_session_id(SLICE(UUID1 ";remote=" UUID2), &a, &b));
	eq(a, UUID1);
	eq(b, UUID2);
	ck_assert(sip_session_id(SLICE(" " UUID2 " "), &a, &b));
	eq(a, UUID2);
	eq(b, "");
	ck_assert(!sip_session_id(SLICE(UUID1 "0"), &a, &b));
	ck_assert(!sip_session_id(SLICE(UUID1 ";remote=x"), &a, &b));
	ck_assert(!sip_session_id(SLICE("zb30317f1a784dc48ff824d0d3715d86"), &a,
				  &b));
}
END_TEST

START_TEST(replaces)
{
	struct sip_replaces r;

	ck_assert(sip_replaces_parse(
		SLICE("a@b ;to-tag=1;from-tag=2;early-only"), &r));
	eq(r.call_id, "a@b");
	eq(r.to_tag, "1");
	eq(r.from_tag, "2");
	ck_assert(r.early_only);
	ck_assert(sip_replaces_parse(SLICE("a;from-tag=2;to-tag=1"), &r));
	ck_assert(!r.early_only);
	ck_assert(!sip_replaces_parse(SLICE("a;to-tag=1"), &r));
	ck_assert(!sip_replaces_parse(SLICE(";to-tag=1;from-tag=2"), &r));
}
END_TEST

START_TEST(unfold)
{
	char buf[16];
	size_t n = sip_unfold(SLICE("a \r\n  b\n\tc"), buf, sizeof(buf));

	ck_assert_uint_eq(n, 5);
	ck_assert_mem_eq(buf, "a b c", 5);
	ck_assert_uint_eq(sip_unfold(SLICE("abc"), buf, 2), 2);
}
END_TEST

#define SDP "v=0\r\nm=audio 1 RTP/AVP 0"
#define MIXED                                                                  \
	"preamble\r\n--b\r\nContent-Type: text/plain\r\n\r\nhi --b\r\n"        \
	"--b\r\nc: application/sdp\r\n"                                        \
	"Content-Disposition: session\r\n\r\n" SDP "\r\n--b--\r\nepilogue"

START_TEST(parts)
{
	struct multipart mp;
	struct sip_body_part p;

	ck_assert(multipart_open(&mp, SLICE("Multipart/mixed; boundary=\"b\""),
				 SLICE(MIXED)));
	ck_assert(multipart_next(&mp, &p));
	eq(p.content_type, "text/plain");
	eq(p.body, "hi --b");
	ck_assert(multipart_next(&mp, &p));
	eq(p.content_type, "application/sdp");
	eq(p.content_disposition, "session");
	eq(p.body, SDP);
	ck_assert(!multipart_next(&mp, &p));
	ck_assert(!multipart_next(&mp, &p));
}
END_TEST

START_TEST(parts_unusual)
{
	struct multipart mp;
	struct sip_body_part p;

	/* no headers, and the end is missing */
	ck_assert(multipart_open(&mp, SLICE("multipart/x;boundary=b"),
				 SLICE("--b\n\nend\n")));
	ck_assert(multipart_next(&mp, &p));
	eq(p.body, "end\n");
	eq(p.content_type, "");
	ck_assert(!multipart_next(&mp, &p));
	ck_assert(!multipart_open(&mp, SLICE("multipart/x"), SLICE("--b\n")));
	ck_assert(!multipart_open(&mp, SLICE("text/x;boundary=b"), SLICE("")));
	ck_assert(!multipart_open(&mp, SLICE("multipart/x;boundary=\"\""),
				  SLICE("--\n")));
}
END_TEST

static const struct {
	const char *name;
	struct sip_msg m;
	const char *want; /* NULL: none */
} bodies[] = {
	{"plain", {.content_type = S("application/SDP"), .body = S(SDP)}, SDP},
	{"no type", {.body = S(SDP)}, SDP},
	{"no type, no SDP", {.body = S("hello")}, NULL},
	{"other type", {.content_type = S("text/plain"), .body = S(SDP)}, NULL},
	{"compressed",
	 {.content_type = S("application/sdp"),
	  .body = S(SDP),
	  .content_encoding = S("gzip")},
	 NULL},
	{"multipart",
	 {.content_type = S("multipart/mixed;boundary=b"), .body = S(MIXED)},
	 SDP},
	{"nested",
	 {.content_type = S("multipart/mixed;boundary=a"),
	  .body = S("--a\nContent-Type: multipart/alternative;boundary=b\n\n"
		    "--b\nContent-Type: application/sdp\n\nv=0\n--b--\n"
		    "--a--\n")},
	 "v=0"},
};

START_TEST(find_sdp)
{
	struct slice sdp;
	bool found = sip_find_sdp(&bodies[_i].m, &sdp);

	ck_assert_msg(found == (bodies[_i].want != NULL), "%s",
		      bodies[_i].name);
	if (found)
		eq(sdp, bodies[_i].want);
}
END_TEST

static void mixed_of(struct slice in, void *arg)
{
	struct sip_msg m = {.content_type = S("multipart/mixed;boundary=b")};
	struct slice sdp;

	(void)arg;
	m.body = in;
	if (sip_find_sdp(&m, &sdp))
		ck_assert(prefix_inside(sdp, in));
}

START_TEST(mixed_prefixes)
{
	prefix_each(SLICE(MIXED), mixed_of, NULL);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sip_value");
	TCase *tc = tcase_create("sip_value");

	tcase_add_loop_test(tc, via, 0, (int)COUNT(vias));
	tcase_add_loop_test(tc, via_prefixes, 0, (int)COUNT(vias));
	tcase_add_loop_test(tc, reason, 0, (int)COUNT(reasons));
	tcase_add_test(tc, reason_list);
	tcase_add_test(tc, session_id);
	tcase_add_test(tc, replaces);
	tcase_add_test(tc, unfold);
	tcase_add_test(tc, parts);
	tcase_add_test(tc, parts_unusual);
	tcase_add_loop_test(tc, find_sdp, 0, (int)COUNT(bodies));
	tcase_add_test(tc, mixed_prefixes);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
