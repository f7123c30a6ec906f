/* MESSAGE-INTEGRITY and its keys. */
#include <check.h>

#include "sniffer/net/stun_auth.h"
#include "tests/run_suite.h"
#include "tests/stun_vectors.h"

#define ROWS(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define TID	"abcdefghijkl"
#define PRIO	"\0\x24\0\4\0\0\0\7"

static enum stun_auth checked(struct slice in, struct slice key)
{
	struct stun_msg m;

	ck_assert_int_eq(stun_parse(in, &m), PARSE_OK);
	return stun_auth_check(in, &m, key);
}

/* --- short-term -------------------------------------------------------- */

static const struct {
	const char *name;
	struct slice in, key;
	enum stun_auth want;
} rows[] = {
	{"RFC 5769, 2.1", SLICE_INIT(RFC5769_REQUEST),
	 SLICE_INIT(RFC5769_PASSWORD), STUN_AUTH_OK},
	{"RFC 5769, 2.2", SLICE_INIT(RFC5769_RESPONSE4),
	 SLICE_INIT(RFC5769_PASSWORD), STUN_AUTH_OK},
	{"RFC 5769, 2.3", SLICE_INIT(RFC5769_RESPONSE6),
	 SLICE_INIT(RFC5769_PASSWORD), STUN_AUTH_OK},
	{"more behind", SLICE_INIT(RFC5769_REQUEST "more"),
	 SLICE_INIT(RFC5769_PASSWORD), STUN_AUTH_OK},
	{"wrong password", SLICE_INIT(RFC5769_REQUEST),
	 SLICE_INIT("VOkJxbRl1RmTxUk/WvJxBT"), STUN_AUTH_BAD},
	{"no password", SLICE_INIT(RFC5769_REQUEST), SLICE_INIT(""),
	 STUN_AUTH_BAD},
	{"no integrity", SLICE_INIT("\0\1\0\0" COOKIE TID),
	 SLICE_INIT(RFC5769_PASSWORD), STUN_AUTH_NONE},
	{"classic",
	 SLICE_INIT("\0\1\0\x18"
		    "0123456789abcdef"
		    "\0\x08\0\x14"
		    "aaaaaaaaaaaaaaaaaaaa"),
	 SLICE_INIT(RFC5769_PASSWORD), STUN_AUTH_NONE},
	/* Made with another implementation of HMAC. */
	{"SHA-256 of 16 bytes",
	 SLICE_INIT("\0\1\0\x1c" COOKIE TID PRIO
		    "\x00\x1c\x00\x10\x32\x0f\x36\xea\x8e\xb2\x64\x62"
		    "\xbd\xea\x1d\x03\xc7\x4e\xc4\xd0"),
	 SLICE_INIT("secret"), STUN_AUTH_OK},
	{"SHA-256 of 20 bytes",
	 SLICE_INIT("\0\1\0\x20" COOKIE TID PRIO
		    "\x00\x1c\x00\x14\x8f\xc4\x64\x1c\x50\xf2\xe2\xa8"
		    "\xc6\x6f\x33\x8d\x37\x2b\x59\x44\xde\xa2\x0d\xcd"),
	 SLICE_INIT("secret"), STUN_AUTH_OK},
	{"SHA-256 of 32 bytes",
	 SLICE_INIT("\0\1\0\x2c" COOKIE TID PRIO
		    "\x00\x1c\x00\x20\xd6\xb6\x4c\x44\x70\x44\x67\x8e"
		    "\x90\x80\x56\xa8\x38\x66\xab\xcf\x81\xc3\x02\x74"
		    "\x82\x73\xe0\x32\x4a\xcd\xd6\x1c\x91\xe3\x00\xc5"),
	 SLICE_INIT("secret"), STUN_AUTH_OK},
	{"SHA-256, last byte wrong",
	 SLICE_INIT("\0\1\0\x1c" COOKIE TID PRIO
		    "\x00\x1c\x00\x10\x32\x0f\x36\xea\x8e\xb2\x64\x62"
		    "\xbd\xea\x1d\x03\xc7\x4e\xc4\xd1"),
	 SLICE_INIT("secret"), STUN_AUTH_BAD},
	{"both",
	 SLICE_INIT("\0\1\0\x44" COOKIE TID PRIO
		    "\x00\x08\x00\x14\xcf\x87\x02\x54\x13\xef\x5a\xc9"
		    "\x28\x3b\x8f\xf3\xa7\xae\xd0\x24\x1d\xa8\x26\xa3"
		    "\x00\x1c\x00\x20\xae\xe8\x6e\xd7\xb6\x1f\x04\xcc"
		    "\x30\x91\xb9\x64\xf5\x90\x70\x76\x1e\x10\xd5\x65"
		    "\x59\x51\xf2\x9d\x0f\x89\x6a\x4e\x94\xc3\x0c\xb2"),
	 SLICE_INIT("secret"), STUN_AUTH_OK},
	{"SHA-1 wrong, the stronger one right",
	 SLICE_INIT("\0\1\0\x44" COOKIE TID PRIO
		    "\x00\x08\x00\x14\xcf\x87\x02\x54\x13\xef\x5a\xc9"
		    "\x28\x3b\x8f\xf3\xa7\xae\xd0\x24\x1d\xa8\x26\xa2"
		    "\x00\x1c\x00\x20\x1f\x73\x6f\xbd\x9c\xb5\x2f\xdb"
		    "\x2b\x8d\x5a\x46\xb6\xfc\xd1\xbb\x13\xb6\x89\x7b"
		    "\x82\x73\x14\xdc\x95\x70\xd8\x02\xc5\x66\xac\x92"),
	 SLICE_INIT("secret"), STUN_AUTH_OK},
	{"SHA-1 right, the stronger one wrong",
	 SLICE_INIT("\0\1\0\x44" COOKIE TID PRIO
		    "\x00\x08\x00\x14\xcf\x87\x02\x54\x13\xef\x5a\xc9"
		    "\x28\x3b\x8f\xf3\xa7\xae\xd0\x24\x1d\xa8\x26\xa3"
		    "\x00\x1c\x00\x20\xae\xe8\x6e\xd7\xb6\x1f\x04\xcc"
		    "\x30\x91\xb9\x64\xf5\x90\x70\x76\x1e\x10\xd5\x65"
		    "\x59\x51\xf2\x9d\x0f\x89\x6a\x4e\x94\xc3\x0c\xb3"),
	 SLICE_INIT("secret"), STUN_AUTH_BAD},
	{"libwebrtc's of 4 bytes",
	 SLICE_INIT("\0\1\0\x10" COOKIE TID PRIO
		    "\xc0\x60\x00\x04\x55\xb8\x0f\x29"),
	 SLICE_INIT("secret"), STUN_AUTH_OK},
	{"libwebrtc's of 4 bytes, another key",
	 SLICE_INIT("\0\1\0\x10" COOKIE TID PRIO
		    "\xc0\x60\x00\x04\x55\xb8\x0f\x29"),
	 SLICE_INIT("Secret"), STUN_AUTH_BAD},
};

START_TEST(short_term)
{
	ck_assert_msg(checked(rows[_i].in, rows[_i].key) == rows[_i].want, "%s",
		      rows[_i].name);
}
END_TEST

/* What lies before the attribute is covered, what lies behind is not. */
START_TEST(covered)
{
	char bytes[] = RFC5769_REQUEST;
	struct slice in = slice_of(bytes, sizeof(bytes) - 1);
	struct slice key = SLICE(RFC5769_PASSWORD);
	struct stun_msg m;

	ck_assert_int_eq(stun_parse(in, &m), PARSE_OK);
	for (size_t i = 0; i < in.len; i++) {
		bool length = i == 2 || i == 3;
		bool attr = i >= m.integrity.offset && i < 80;
		enum stun_auth want = i < 100 && !length && !attr
					      ? STUN_AUTH_BAD
					      : STUN_AUTH_OK;

		bytes[i] ^= 1;
		ck_assert_int_eq(stun_auth_check(in, &m, key), want);
		bytes[i] ^= 1;
	}
}
END_TEST

/* A message that is not the one that was parsed. */
START_TEST(another_input)
{
	struct slice in = SLICE(RFC5769_REQUEST);
	struct slice key = SLICE(RFC5769_PASSWORD);
	struct stun_msg m;

	ck_assert_int_eq(stun_parse(in, &m), PARSE_OK);
	ck_assert_int_eq(stun_auth_check(slice_head(in, 40), &m, key),
			 STUN_AUTH_NONE);
	m.integrity.offset = 0;
	ck_assert_int_eq(stun_auth_check(in, &m, key), STUN_AUTH_NONE);
}
END_TEST

/* --- long-term --------------------------------------------------------- */

static const uint8_t md5_key[] = {0xe8, 0xca, 0x7a, 0xd5, 0x9d, 0x5e,
				  0xb0, 0x51, 0x8e, 0x31, 0x29, 0x11,
				  0xd2, 0xda, 0xb2, 0xa9};
static const uint8_t sha256_key[] = {
	0xdd, 0x29, 0x5a, 0x61, 0x3b, 0x90, 0x58, 0xc3, 0xc2, 0x3d, 0x6d,
	0xc7, 0x16, 0x5b, 0xda, 0x07, 0x23, 0x04, 0xd9, 0x89, 0xc9, 0xd0,
	0xaf, 0x3a, 0x8c, 0x7e, 0x18, 0x4b, 0x4f, 0x9b, 0xb4, 0xa1};

static const struct {
	const char *name;
	struct slice user, realm;
} spellings[] = {
	{"plain", SLICE_INIT(LONG_TERM_USER), SLICE_INIT(LONG_TERM_REALM)},
	{"quoted realm", SLICE_INIT(LONG_TERM_USER),
	 SLICE_INIT("\"" LONG_TERM_REALM "\"")},
	{"zeros behind", SLICE_INIT(LONG_TERM_USER "\0\0"),
	 SLICE_INIT(LONG_TERM_REALM "\0")},
	{"quotes and a zero", SLICE_INIT("\"" LONG_TERM_USER "\"\0"),
	 SLICE_INIT("\"" LONG_TERM_REALM "\"\0")},
};

START_TEST(long_term)
{
	struct slice user = spellings[_i].user, realm = spellings[_i].realm;
	struct slice password = SLICE(LONG_TERM_PASSWORD);
	uint8_t key[STUN_KEY_MAX];
	size_t len = 0;

	ck_assert_int_eq(
		stun_long_term_key(user, realm, password, false, key, &len), 0);
	ck_assert_uint_eq(len, sizeof(md5_key));
	ck_assert_mem_eq(key, md5_key, len);
	ck_assert_int_eq(checked(SLICE(RFC5769_LONG_TERM), slice_of(key, len)),
			 STUN_AUTH_OK);
	ck_assert_int_eq(checked(SLICE(RFC8489_LONG_TERM), slice_of(key, len)),
			 STUN_AUTH_BAD);

	ck_assert_int_eq(
		stun_long_term_key(user, realm, password, true, key, &len), 0);
	ck_assert_uint_eq(len, sizeof(sha256_key));
	ck_assert_mem_eq(key, sha256_key, len);
	ck_assert_int_eq(checked(SLICE(RFC8489_LONG_TERM), slice_of(key, len)),
			 STUN_AUTH_OK);
	ck_assert_int_eq(checked(SLICE(RFC5769_LONG_TERM), slice_of(key, len)),
			 STUN_AUTH_BAD);
	ck_assert(stun_userhash_is(SLICE(RFC8489_USERHASH), user, realm));
}
END_TEST

/* A lone quote is no pair; empty texts are texts. */
START_TEST(odd_texts)
{
	struct slice none = {0};
	uint8_t a[STUN_KEY_MAX], b[STUN_KEY_MAX];
	size_t len;

	ck_assert_int_eq(
		stun_long_term_key(SLICE("\""), none, none, false, a, &len), 0);
	ck_assert_int_eq(stun_long_term_key(none, none, none, false, b, &len),
			 0);
	ck_assert_uint_eq(len, 16);
	ck_assert_mem_ne(a, b, len);
	ck_assert(!stun_userhash_is(SLICE("short"), none, none));
	ck_assert(!stun_userhash_is(none, none, none));
	ck_assert(!stun_userhash_is(SLICE(RFC8489_USERHASH),
				    SLICE(LONG_TERM_USER), SLICE("other.org")));
}
END_TEST

/* Worked out with Python's hmac and base64. */
START_TEST(rest_password)
{
	uint8_t out[STUN_REST_PASSWORD];

	ck_assert_int_eq(stun_rest_password(SLICE("north"),
					    SLICE("1433895918:ninefingers"),
					    out),
			 0);
	ck_assert_mem_eq(out, "jy8hTxmOO7UtEKXqSkSlvakPVYA=", sizeof(out));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("stun_auth");
	TCase *t = tcase_create("stun_auth");

	tcase_add_loop_test(t, short_term, 0, ROWS(rows));
	tcase_add_test(t, rest_password);
	tcase_add_test(t, covered);
	tcase_add_test(t, another_input);
	tcase_add_loop_test(t, long_term, 0, ROWS(spellings));
	tcase_add_test(t, odd_texts);
	suite_add_tcase(s, t);
	return run_suite(s);
}
