#include <check.h>

#include "dissectors/hep.h"
#include "tests/hep_inside.h"
#include "tests/prefix.h"
#include "tests/run_suite.h"

#define HEAD6(total) "HEP3\0" total
#define FAMILY	     "\0\0\0\1\0\7\2"
#define UDP17	     "\0\0\0\2\0\7\x11"
#define SRC4	     "\0\0\0\3\0\x0a\xc0\0\2\1"
#define DST4	     "\0\0\0\4\0\x0a\xc0\0\2\2"
#define SRC6	     "\0\0\0\5\0\x16\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"
#define DST6	     "\0\0\0\6\0\x16\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2"
#define PORTS	     "\0\0\0\7\0\x08\x13\xc4\0\0\0\x08\0\x08\x13\xc6"
#define TYPE(t)	     "\0\0\0\x0b\0\7" t
#define HELLO	     "\0\0\0\x0f\0\x0bhello"

static const struct {
	const char *name;
	struct slice in;
	enum parse want;
	const char *src, *dst;
	uint8_t proto, type;
	bool compressed;
} rows[] = {
	{"half a chunk header",
	 SLICE_INIT(HEAD6("\x4e") FAMILY UDP17 SRC4 DST4 PORTS TYPE("\1") HELLO
		    "\0\0\0\x0c"),
	 PARSE_BAD, NULL, NULL, 0, 0, false},
	{"IPv4 and more behind",
	 SLICE_INIT(HEAD6("\x4a") FAMILY UDP17 SRC4 DST4 PORTS TYPE("\1") HELLO
		    "beyond"),
	 PARSE_OK, "192.0.2.1:5060", "192.0.2.2:5062", 17, 1, false},
	{"EEP3",
	 SLICE_INIT("EEP3\0\x4a" FAMILY UDP17 SRC4 DST4 PORTS TYPE("\1") HELLO),
	 PARSE_OK, "192.0.2.1:5060", "192.0.2.2:5062", 17, 1, false},
	{"ports first",
	 SLICE_INIT(HEAD6("\x43") PORTS UDP17 SRC4 DST4 TYPE("\4") HELLO),
	 PARSE_OK, "192.0.2.1:5060", "192.0.2.2:5062", 17, 4, false},
	{"IPv6, TCP",
	 SLICE_INIT(HEAD6("\x5b") PORTS "\0\0\0\2\0\7\6" SRC6 DST6 TYPE("\1")
			    HELLO),
	 PARSE_OK, "[2001:db8::1]:5060", "[2001:db8::2]:5062", 6, 1, false},
	{"unknown chunks, other vendors",
	 SLICE_INIT(HEAD6("\x5f") "\0\0\0\x63\0\x08xx"
				  "\0\2\0\3\0\7x"
				  "\0\3\0\x0f\0\x0d"
				  "notthis" SRC4 DST4 PORTS UDP17 TYPE("\1")
					  HELLO),
	 PARSE_OK, "192.0.2.1:5060", "192.0.2.2:5062", 17, 1, false},
	{"compressed",
	 SLICE_INIT(HEAD6("\x43") PORTS UDP17 SRC4 DST4 TYPE(
		 "\1") "\0\0\0\x10\0\x0bhello"),
	 PARSE_OK, "192.0.2.1:5060", "192.0.2.2:5062", 17, 1, true},
	{"no payload",
	 SLICE_INIT(HEAD6("\x38") PORTS UDP17 SRC4 DST4 TYPE("\1")), PARSE_BAD,
	 NULL, NULL, 0, 0, false},
	{"no destination",
	 SLICE_INIT(HEAD6("\x39") PORTS UDP17 SRC4 TYPE("\1") HELLO), PARSE_BAD,
	 NULL, NULL, 0, 0, false},
	{"address of 3 bytes",
	 SLICE_INIT(HEAD6("\x1a") "\0\0\0\3\0\x09"
				  "abc" HELLO),
	 PARSE_BAD, NULL, NULL, 0, 0, false},
	{"port of 1 byte", SLICE_INIT(HEAD6("\x18") "\0\0\0\7\0\7x" HELLO),
	 PARSE_BAD, NULL, NULL, 0, 0, false},
	{"chunk shorter than its header",
	 SLICE_INIT(HEAD6("\x0c") "\0\0\0\1\0\5"), PARSE_BAD, NULL, NULL, 0, 0,
	 false},
	{"chunk past the end", SLICE_INIT(HEAD6("\x0e") "\0\0\0\x0f\0\x09xx"),
	 PARSE_BAD, NULL, NULL, 0, 0, false},
	{"total below the header", SLICE_INIT(HEAD6("\5")), PARSE_BAD, NULL,
	 NULL, 0, 0, false},
	{"version 2", SLICE_INIT("\2\x10\2\x11\x13\xc4\x13\xc4"), PARSE_BAD,
	 NULL, NULL, 0, 0, false},
	{"not all here", SLICE_INIT(HEAD6("\x20") FAMILY), PARSE_MORE, NULL,
	 NULL, 0, 0, false},
	{"begins", SLICE_INIT("HEP3"), PARSE_MORE, NULL, NULL, 0, 0, false},
};

START_TEST(vectors)
{
	char text[ADDR_TEXT];
	struct hep h;

	ck_assert_msg(hep_parse(rows[_i].in, &h) == rows[_i].want, "%s",
		      rows[_i].name);
	if (rows[_i].want != PARSE_OK)
		return;
	ck_assert_str_eq(addr_text(&h.src, text), rows[_i].src);
	ck_assert_str_eq(addr_text(&h.dst, text), rows[_i].dst);
	ck_assert_uint_eq(h.proto, rows[_i].proto);
	ck_assert_uint_eq(h.type, rows[_i].type);
	ck_assert(h.compressed == rows[_i].compressed);
	ck_assert(slice_eq(h.payload, SLICE("hello")));
}
END_TEST

START_TEST(every_prefix)
{
	prefix_each(rows[_i].in, hep_inside, NULL);
}
END_TEST

START_TEST(all_chunks)
{
	struct slice in = SLICE(HEAD6("\x83") SRC4 DST4 PORTS UDP17 TYPE("\4")
					HELLO "\0\0\0\x09\0\x0a\1\2\3\4"
					      "\0\0\0\x0a\0\x0a\0\0\0\5"
					      "\0\0\0\x0c\0\x0a\0\0\7\xd1"
					      "\0\0\0\x11\0\x09"
					      "cid"
					      "\0\0\0\x12\0\x08\xf0\x64"
					      "\0\0\0\x13\0\x0anode"
					      "\0\0\0\x18\0\7\xb8");
	struct hep h;

	ck_assert_int_eq(hep_parse(in, &h), PARSE_OK);
	ck_assert_uint_eq(h.seconds, 0x01020304);
	ck_assert_uint_eq(h.microseconds, 5);
	ck_assert_uint_eq(h.capture_id, 2001);
	ck_assert_uint_eq(h.vlan, 100);
	ck_assert_uint_eq(h.tos, 0xb8);
	ck_assert(slice_eq(h.correlation_id, SLICE("cid")));
	ck_assert(slice_eq(h.node, SLICE("node")));
}
END_TEST

START_TEST(kinds)
{
	ck_assert_str_eq(hep_kind(HEP_SIP), "hep_sip");
	ck_assert_str_eq(hep_kind(HEP_RTCP), "hep_rtcp_json");
	ck_assert_str_eq(hep_kind(100), "hep_log");
	ck_assert_str_eq(hep_kind(0), "hep_unknown");
	ck_assert_str_eq(hep_kind(255), "hep_unknown");
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
	Suite *s = suite_create("hep");
	TCase *t = tcase_create("hep");

	tcase_add_loop_test(t, vectors, 0, COUNT(rows));
	tcase_add_loop_test(t, every_prefix, 0, COUNT(rows));
	tcase_add_test(t, all_chunks);
	tcase_add_test(t, kinds);
	suite_add_tcase(s, t);
	return run_suite(s);
}
