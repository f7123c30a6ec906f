/* STUN: headers, the RFCs' own messages, damage, classic messages. */
#include <check.h>
#include <stdio.h>

#include "dissectors/stun.h"
#include "tests/run_suite.h"
#include "tests/stun_inside.h"
#include "tests/stun_vectors.h"

#define ROWS(a)	    ((int)(sizeof(a) / sizeof((a)[0])))
#define TID	    "abcdefghijkl"
#define CLASSIC_TID "0123456789abcdef"

static struct stun_msg parsed(struct slice in)
{
	struct stun_msg m;

	ck_assert_int_eq(stun_parse(in, &m), PARSE_OK);
	ck_assert(stun_inside(&m, in));
	return m;
}

/* --- the messages of the RFCs ------------------------------------------ */

START_TEST(rfc5769_request)
{
	struct slice in = SLICE(RFC5769_REQUEST);
	struct stun_msg m = parsed(in);

	ck_assert_int_eq(m.class, STUN_REQUEST);
	ck_assert_uint_eq(m.method, STUN_BINDING);
	ck_assert(!m.classic && !m.bad_attr);
	ck_assert_uint_eq(m.total_len, 108);
	ck_assert_mem_eq(m.tid, RFC5769_TID "\0\0\0\0", STUN_TID);
	ck_assert(slice_eq(m.software, SLICE("STUN test client")));
	ck_assert(slice_eq(m.username, SLICE("evtj:h6vY")));
	ck_assert(m.has_priority && !m.use_candidate);
	ck_assert_uint_eq(m.priority, 1845494271);
	ck_assert_int_eq(m.role, STUN_CONTROLLED);
	ck_assert_uint_eq(m.tie_breaker, 0x932ff9b151263b36);
	ck_assert_uint_eq(m.integrity.offset, 76);
	ck_assert_uint_eq(m.integrity.value.len, 20);
	ck_assert(!m.integrity_sha256.value.p);
	ck_assert_uint_eq(m.fingerprint_offset, 100);
	ck_assert_uint_eq(m.fingerprint, 0xe57a3bcf);
	ck_assert(stun_fingerprint_ok(in, &m));
}
END_TEST

static const struct {
	const char *name;
	struct slice in;
	const char *mapped;
} responses[] = {
	{"2.2", SLICE_INIT(RFC5769_RESPONSE4), "192.0.2.1:32853"},
	{"2.3", SLICE_INIT(RFC5769_RESPONSE6),
	 "[2001:db8:1234:5678:11:2233:4455:6677]:32853"},
};

START_TEST(rfc5769_response)
{
	struct stun_msg m = parsed(responses[_i].in);
	char text[ADDR_TEXT];

	ck_assert_int_eq(m.class, STUN_SUCCESS);
	ck_assert(slice_eq(m.software, SLICE("test vector")));
	ck_assert(m.has_mapped && !m.has_plain_mapped);
	ck_assert_uint_eq(m.mapped_by, STUN_ATTR_XOR_MAPPED_ADDRESS);
	ck_assert_str_eq(addr_text(&m.mapped, text), responses[_i].mapped);
	ck_assert(stun_fingerprint_ok(responses[_i].in, &m));
	ck_assert_int_eq(m.role, STUN_NO_ROLE);
}
END_TEST

START_TEST(rfc5769_long_term)
{
	struct slice in = SLICE(RFC5769_LONG_TERM);
	struct stun_msg m = parsed(in);

	ck_assert(slice_eq(m.username, SLICE(LONG_TERM_USER)));
	ck_assert(slice_eq(m.realm, SLICE("example.org")));
	ck_assert(slice_eq(m.nonce, SLICE("f//499k954d6OL34oL9FSTvy64sA")));
	ck_assert_uint_eq(m.integrity.offset, 92);
	ck_assert(!m.has_fingerprint && !stun_fingerprint_ok(in, &m));
}
END_TEST

START_TEST(rfc8489_long_term)
{
	struct stun_msg m = parsed(SLICE(RFC8489_LONG_TERM));

	ck_assert(slice_eq(m.userhash, SLICE(RFC8489_USERHASH)));
	ck_assert(slice_eq(m.nonce, SLICE("obMatJos2AAACf//499k954d6OL34oL9"
					  "FSTvy64sA")));
	ck_assert(m.has_password_algorithm && m.password_algorithm == 2);
	ck_assert_uint_eq(m.integrity_sha256.offset, 128);
	ck_assert_uint_eq(m.integrity_sha256.value.len, 32);
	ck_assert(!m.integrity.value.p && !m.username.p);
}
END_TEST

/* Each single bit of a message matters to its fingerprint. */
START_TEST(fingerprint)
{
	char bytes[] = RFC5769_RESPONSE4;
	struct slice in = slice_of(bytes, sizeof(bytes) - 1);
	struct stun_msg m = parsed(in);

	for (size_t i = 0; i < m.fingerprint_offset; i++) {
		bytes[i] ^= 0x10;
		ck_assert(!stun_fingerprint_ok(in, &m));
		bytes[i] ^= 0x10;
	}
	ck_assert(stun_fingerprint_ok(in, &m));
	m.fingerprint ^= 1;
	ck_assert(!stun_fingerprint_ok(in, &m));
	m.fingerprint_offset = in.len + 1;
	ck_assert(!stun_fingerprint_ok(in, &m));
}
END_TEST

/* --- headers ----------------------------------------------------------- */

#define AT(type) type "\0\0" COOKIE TID

static const struct {
	const char *name;
	struct slice in;
	enum parse want;
	size_t total_len;
	bool looks, turn;
	const char *text; /* method and class */
} heads[] = {
	{"binding", SLICE_INIT(AT("\0\1")), PARSE_OK, 20, true, false,
	 "Binding request"},
	{"keep-alive", SLICE_INIT(AT("\0\x11")), PARSE_OK, 20, true, false,
	 "Binding indication"},
	{"error", SLICE_INIT(AT("\1\x11")), PARSE_OK, 20, true, false,
	 "Binding error"},
	{"allocate", SLICE_INIT(AT("\1\3")), PARSE_OK, 20, true, true,
	 "Allocate success"},
	{"refresh", SLICE_INIT(AT("\0\4")), PARSE_OK, 20, true, true,
	 "Refresh request"},
	{"send", SLICE_INIT(AT("\0\x16")), PARSE_OK, 20, true, true,
	 "Send indication"},
	{"data", SLICE_INIT(AT("\0\x17")), PARSE_OK, 20, true, true,
	 "Data indication"},
	{"permission", SLICE_INIT(AT("\0\x08")), PARSE_OK, 20, true, true,
	 "CreatePermission request"},
	{"channel", SLICE_INIT(AT("\1\x19")), PARSE_OK, 20, true, true,
	 "ChannelBind error"},
	{"connect", SLICE_INIT(AT("\0\x0a")), PARSE_OK, 20, true, true,
	 "Connect request"},
	{"connection", SLICE_INIT(AT("\1\x0b")), PARSE_OK, 20, true, true,
	 "ConnectionBind success"},
	{"attempt", SLICE_INIT(AT("\0\x1c")), PARSE_OK, 20, true, true,
	 "ConnectionAttempt indication"},
	{"ping", SLICE_INIT(AT("\3\0")), PARSE_OK, 20, true, false,
	 "GoogPing success"},
	{"method 5", SLICE_INIT(AT("\0\5")), PARSE_OK, 20, true, false,
	 "unknown request"},
	{"all method bits", SLICE_INIT(AT("\x3e\xef")), PARSE_OK, 20, true,
	 false, "unknown request"},
	{"more behind", SLICE_INIT(AT("\0\1") "\x80\x00"), PARSE_OK, 20, true,
	 false, "Binding request"},
	{"length of 3", SLICE_INIT("\0\1\0\3" COOKIE TID "abc"), PARSE_OK, 23,
	 true, false, "Binding request"},
	{"length of 3, more behind", SLICE_INIT("\0\1\0\3" COOKIE TID "abcd"),
	 PARSE_OK, 23, false, false, "Binding request"},
	{"cut", SLICE_INIT("\0\1\0\4" COOKIE TID "abc"), PARSE_MORE, 24, false,
	 false, NULL},
	{"only a length", SLICE_INIT("\0\1\1\x2c"), PARSE_MORE, 320, false,
	 false, NULL},
	{"only a type", SLICE_INIT("\0\1\0"), PARSE_MORE, 0, false, false,
	 NULL},
	{"nothing", SLICE_INIT(""), PARSE_MORE, 0, false, false, NULL},
	{"channel data", SLICE_INIT("\x40\1\0\0" COOKIE TID), PARSE_BAD, 0,
	 false, false, NULL},
	{"RTP", SLICE_INIT("\x80\1\0\0" COOKIE TID), PARSE_BAD, 0, false, false,
	 NULL},
	{"one byte of RTP", SLICE_INIT("\x80"), PARSE_BAD, 0, false, false,
	 NULL},
	{"no cookie, TURN", SLICE_INIT("\0\3\0\0" CLASSIC_TID), PARSE_BAD, 0,
	 false, true, NULL},
	{"8 bytes, no cookie",
	 SLICE_INIT("\0\3\0\0"
		    "\x21\x12\xa4\x43"),
	 PARSE_BAD, 0, false, true, NULL},
};

START_TEST(headers)
{
	struct slice in = heads[_i].in;
	struct stun_msg m = {.total_len = 99};
	char text[64];

	ck_assert_msg(stun_parse(in, &m) == heads[_i].want, "%s",
		      heads[_i].name);
	ck_assert_int_eq(stun_looks(in), heads[_i].looks);
	if (heads[_i].want == PARSE_BAD) {
		ck_assert_uint_eq(m.total_len, 99);
		return;
	}
	ck_assert_uint_eq(m.total_len, heads[_i].total_len);
	ck_assert_int_eq(stun_is_turn(in), heads[_i].turn);
	if (heads[_i].want == PARSE_MORE)
		return;
	snprintf(text, sizeof(text), "%s %s", stun_method_name(m.method),
		 stun_class_name(m.class));
	ck_assert_str_eq(text, heads[_i].text);
	ck_assert_mem_eq(m.tid, TID "\0\0\0\0", STUN_TID);
}
END_TEST

/* --- classic messages -------------------------------------------------- */

static const struct {
	const char *name;
	struct slice in;
	enum parse want;
} classics[] = {
	{"no attributes", SLICE_INIT("\0\1\0\0" CLASSIC_TID), PARSE_OK},
	{"change request",
	 SLICE_INIT("\0\1\0\x08" CLASSIC_TID "\0\3\0\4\0\0\0\6"), PARSE_OK},
	{"error", SLICE_INIT("\1\x11\0\0" CLASSIC_TID), PARSE_OK},
	{"optional attribute",
	 SLICE_INIT("\0\1\0\x08" CLASSIC_TID "\x80\x22\0\4vovi"), PARSE_OK},
	{"cut", SLICE_INIT("\0\1\0\x08" CLASSIC_TID "\0\3\0\4"), PARSE_MORE},
	{"more behind", SLICE_INIT("\0\1\0\0" CLASSIC_TID "x"), PARSE_BAD},
	{"length of 3", SLICE_INIT("\0\1\0\3" CLASSIC_TID "abc"), PARSE_BAD},
	{"shared secret", SLICE_INIT("\0\2\0\0" CLASSIC_TID), PARSE_BAD},
	{"attribute past the end",
	 SLICE_INIT("\0\1\0\x08" CLASSIC_TID "\0\3\0\x08\0\0\0\6"), PARSE_BAD},
	{"attribute of others",
	 SLICE_INIT("\0\1\0\x08" CLASSIC_TID "\1\1\0\4\0\0\0\6"), PARSE_BAD},
	{"attribute 0", SLICE_INIT("\0\1\0\x08" CLASSIC_TID "\0\0\0\4\0\0\0\6"),
	 PARSE_BAD},
};

START_TEST(classic)
{
	struct slice in = classics[_i].in;
	struct stun_msg m;

	ck_assert_msg(stun_parse(in, &m) == classics[_i].want, "%s",
		      classics[_i].name);
	ck_assert_int_eq(stun_looks(in), classics[_i].want == PARSE_OK);
	if (classics[_i].want != PARSE_OK)
		return;
	ck_assert(m.classic && !m.bad_attr);
	ck_assert_mem_eq(m.tid, CLASSIC_TID, STUN_TID);
	ck_assert_uint_eq(m.total_len, in.len);
}
END_TEST

/* The XOR forms cover the address with what lies where the cookie is now. */
START_TEST(classic_response)
{
	struct stun_msg m = parsed(SLICE(
		"\1\1\0\x30" CLASSIC_TID "\0\1\0\x08\0\1\x12\x34\xc0\0\2\1"
		"\0\4\0\x08\0\1\x0d\x96\xc6\x33\x64\1"
		"\0\5\0\x08\0\1\x0d\x97\xc6\x33\x64\2"
		"\x80\x20\0\x08\0\1\x22\x05\xf0\x31\x30\x32"));
	char text[ADDR_TEXT];

	ck_assert_str_eq(addr_text(&m.plain_mapped, text), "192.0.2.1:4660");
	ck_assert_str_eq(addr_text(&m.mapped, text), "192.0.2.1:4660");
	ck_assert_uint_eq(m.mapped_by, STUN_ATTR_OLD_XOR_MAPPED_ADDRESS);
	ck_assert(m.has_response_origin && m.has_other_address);
	ck_assert_str_eq(addr_text(&m.response_origin, text),
			 "198.51.100.1:3478");
	ck_assert_str_eq(addr_text(&m.other_address, text),
			 "198.51.100.2:3479");
}
END_TEST

/* --- damage ------------------------------------------------------------ */

#define PAST_END "stun.attribute_past_end"
#define BAD_ATTR "stun.bad_attribute"
#define PRIO	 "\0\x24\0\4\0\0\0\7"

/* PRIO is read all the same. */
static const struct {
	const char *name;
	struct slice in;
	const char *fault;
} damages[] = {
	{"whole", SLICE_INIT("\0\1\0\x08" COOKIE TID PRIO), NULL},
	{"length ffff",
	 SLICE_INIT("\0\1\0\x10" COOKIE TID PRIO "\0\6\xff\xff"
		    "abcd"),
	 PAST_END},
	{"3 bytes at the end",
	 SLICE_INIT("\0\1\0\x0b" COOKIE TID PRIO "\0\x25\0"), PAST_END},
	{"1 byte at the end", SLICE_INIT("\0\1\0\x09" COOKIE TID PRIO "\0"),
	 PAST_END},
	{"priority of 2 bytes, then a good one",
	 SLICE_INIT("\0\1\0\x10" COOKIE TID "\0\x24\0\2\0\0\0\0" PRIO),
	 BAD_ATTR},
	{"family 3",
	 SLICE_INIT("\1\1\0\x14" COOKIE TID
		    "\0\1\0\x08\0\3\x12\x34\xc0\0\2\1" PRIO),
	 BAD_ATTR},
	{"IPv6 of 8 bytes",
	 SLICE_INIT("\1\1\0\x14" COOKIE TID
		    "\0\x20\0\x08\0\2\x12\x34\xc0\0\2\1" PRIO),
	 BAD_ATTR},
	{"integrity of 16 bytes",
	 SLICE_INIT("\0\1\0\x1c" COOKIE TID PRIO "\0\x08\0\x10"
		    "aaaaaaaaaaaaaaaa"),
	 BAD_ATTR},
	{"SHA-256 of 12 bytes",
	 SLICE_INIT("\0\1\0\x18" COOKIE TID PRIO "\0\x1c\0\x0c"
		    "aaaaaaaaaaaa"),
	 BAD_ATTR},
	{"fingerprint of 8 bytes",
	 SLICE_INIT("\0\1\0\x14" COOKIE TID PRIO "\x80\x28\0\x08"
		    "aaaaaaaa"),
	 BAD_ATTR},
	{"error code of 3 bytes",
	 SLICE_INIT("\1\x11\0\x10" COOKIE TID PRIO "\0\x09\0\3\0\0\4\0"),
	 BAD_ATTR},
	{"the first fault is told",
	 SLICE_INIT("\1\x11\0\x10" COOKIE TID "\0\x09\0\3\0\0\4\0"
		    "\0\x24\0\x08\0\0\0\7"),
	 BAD_ATTR},
	{"a method of others",
	 SLICE_INIT("\x08\0\0\x10" COOKIE TID "\x80\x2b\0\4\2\0\0\0" PRIO),
	 NULL},
};

START_TEST(damaged)
{
	struct slice in = damages[_i].in;
	struct stun_msg m = parsed(in);

	ck_assert(stun_looks(in));
	if (damages[_i].fault) {
		ck_assert_ptr_nonnull(m.fault);
		ck_assert_str_eq(m.fault, damages[_i].fault);
	}
	ck_assert_msg(m.bad_attr == (damages[_i].fault != NULL), "%s",
		      damages[_i].name);
	ck_assert(m.has_priority && m.priority == 7);
	ck_assert(!m.username.p && !m.has_mapped && !m.has_error);
	ck_assert(!m.integrity.value.p && !m.integrity_sha256.value.p);
	ck_assert(!m.has_fingerprint);
}
END_TEST

/* An address whose length is nonsense but whose bytes are there is one. */
START_TEST(salvaged)
{
	struct stun_msg m = parsed(SLICE("\1\1\0\x0c" COOKIE TID
					 "\0\1\xff\xff\0\1\x11\xfc\x46\xc7\x80"
					 "\x2e"));
	char text[ADDR_TEXT];

	ck_assert(m.bad_attr);
	ck_assert_str_eq(m.fault, PAST_END);
	ck_assert_str_eq(addr_text(&m.mapped, text), "70.199.128.46:4604");
}
END_TEST

/* What MS-TURN sends: no padding, so that only the reading without fits. */
START_TEST(unpadded)
{
	struct stun_msg m = parsed(SLICE("\0\3\0\x18" COOKIE TID "\0\6\0\3usr"
					 "\0\x24\0\4\0\0\0\7"
					 "\0\x15\0\5nonce"));

	ck_assert(!m.bad_attr);
	ck_assert(slice_eq(m.username, SLICE("usr")));
	ck_assert_uint_eq(m.priority, 7);
	ck_assert(slice_eq(m.nonce, SLICE("nonce")));
}
END_TEST

/* The padding of the last attribute may be missing. */
START_TEST(last_unpadded)
{
	struct stun_msg m = parsed(SLICE("\0\3\0\x11" COOKIE TID "\0\6\0\3usr\0"
					 "\0\x15\0\5nonce"));

	ck_assert(!m.bad_attr);
	ck_assert(slice_eq(m.username, SLICE("usr")));
	ck_assert(slice_eq(m.nonce, SLICE("nonce")));
}
END_TEST

#define SHA1                                                                   \
	"\0\x08\0\x14"                                                         \
	"aaaaaaaaaaaaaaaaaaaa"
#define SHA256                                                                 \
	"\0\x1c\0\x10"                                                         \
	"bbbbbbbbbbbbbbbb"
#define CRC                                                                    \
	"\x80\x28\0\4"                                                         \
	"cccc"

/* RFC 8489, 14.5 - 14.7 */
START_TEST(behind_integrity)
{
	struct stun_msg m =
		parsed(SLICE("\0\1\0\x6c" COOKIE TID SHA1 PRIO SHA256
			     "\0\6\0\4user" SHA1 CRC "\0\x14\0\4real" CRC));

	ck_assert_uint_eq(m.integrity.offset, 20);
	ck_assert_uint_eq(m.integrity_sha256.offset, 52);
	ck_assert_uint_eq(m.fingerprint_offset, 104);
	ck_assert(!m.has_priority && !m.username.p && !m.realm.p);
	ck_assert(!m.bad_attr);
}
END_TEST

/* --- every prefix ------------------------------------------------------ */

static const struct slice wholes[] = {
	SLICE_INIT(RFC5769_REQUEST),
	SLICE_INIT(RFC5769_RESPONSE6),
	SLICE_INIT(RFC5769_LONG_TERM),
	SLICE_INIT(RFC8489_LONG_TERM),
	SLICE_INIT("\0\1\0\x08" CLASSIC_TID "\0\3\0\4\0\0\0\6"),
	SLICE_INIT("\0\1\0\x10" COOKIE TID PRIO "\0\6\xff\xff"
		   "abcd"),
};

static void parse_prefix(struct slice in, void *arg)
{
	const struct slice *whole = arg;
	struct stun_msg m;

	ck_assert_int_eq(stun_parse(in, &m),
			 in.len == whole->len ? PARSE_OK : PARSE_MORE);
	ck_assert_uint_eq(m.total_len, in.len < 4 ? 0 : whole->len);
	ck_assert_int_eq(stun_looks(in), in.len == whole->len);
	if (in.len == whole->len)
		ck_assert(stun_inside(&m, in));
	else
		ck_assert(!stun_fingerprint_ok(in, &m));
}

START_TEST(every_prefix)
{
	prefix_each(wholes[_i], parse_prefix, (void *)&wholes[_i]);
}
END_TEST

/* The same with the length changed to fit: attributes end anywhere. */
START_TEST(every_length)
{
	for (size_t n = STUN_HEAD; n <= wholes[_i].len; n++) {
		uint8_t *copy = malloc(n);
		struct stun_msg m;

		ck_assert_ptr_nonnull(copy);
		memcpy(copy, wholes[_i].p, n);
		copy[3] = (uint8_t)(n - STUN_HEAD);
		if (stun_parse(slice_of(copy, n), &m) == PARSE_OK)
			ck_assert(stun_inside(&m, slice_of(copy, n)));
		free(copy);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("stun");
	TCase *t = tcase_create("stun");

	tcase_add_test(t, rfc5769_request);
	tcase_add_loop_test(t, rfc5769_response, 0, ROWS(responses));
	tcase_add_test(t, rfc5769_long_term);
	tcase_add_test(t, rfc8489_long_term);
	tcase_add_test(t, fingerprint);
	tcase_add_loop_test(t, headers, 0, ROWS(heads));
	tcase_add_loop_test(t, classic, 0, ROWS(classics));
	tcase_add_test(t, classic_response);
	tcase_add_loop_test(t, damaged, 0, ROWS(damages));
	tcase_add_test(t, salvaged);
	tcase_add_test(t, unpadded);
	tcase_add_test(t, last_unpadded);
	tcase_add_test(t, behind_integrity);
	tcase_add_loop_test(t, every_prefix, 0, ROWS(wholes));
	tcase_add_loop_test(t, every_length, 0, ROWS(wholes));
	suite_add_tcase(s, t);
	return run_suite(s);
}
