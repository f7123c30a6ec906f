/* Key logs: lines, the store of secrets, and what comes out of it again. */
#include <check.h>
#include <stdio.h>

#include "sniffer/net/keylog.h"
#include "tests/prefix.h"
#include "tests/run_suite.h"

#define R1  "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define R2  "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"
#define S32 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define S48 S32 "202122232425262728292a2b2c2d2e2f"
#define T48 S32 "ffffffffffffffffffffffffffffffff"

static const struct seed seed = {1, 2};

/* --- lines -------------------------------------------------------------- */

static const struct {
	const char *name;
	struct slice in;
	enum keylog_kind want;
	enum keylog_label label;
	enum keylog_key by;
	size_t key_len, secret_len;
} rows[] = {
	{"master secret", SLICE_INIT("CLIENT_RANDOM " R1 " " S48),
	 KEYLOG_LINE_SECRET, KEYLOG_MASTER, KEYLOG_BY_RANDOM, 32, 48},
	{"client handshake, SHA-256",
	 SLICE_INIT("CLIENT_HANDSHAKE_TRAFFIC_SECRET " R1 " " S32),
	 KEYLOG_LINE_SECRET, KEYLOG_CLIENT_HANDSHAKE, KEYLOG_BY_RANDOM, 32, 32},
	{"server handshake, SHA-384",
	 SLICE_INIT("SERVER_HANDSHAKE_TRAFFIC_SECRET " R1 " " S48),
	 KEYLOG_LINE_SECRET, KEYLOG_SERVER_HANDSHAKE, KEYLOG_BY_RANDOM, 32, 48},
	{"client traffic", SLICE_INIT("CLIENT_TRAFFIC_SECRET_0 " R1 " " S32),
	 KEYLOG_LINE_SECRET, KEYLOG_CLIENT_TRAFFIC, KEYLOG_BY_RANDOM, 32, 32},
	{"server traffic", SLICE_INIT("SERVER_TRAFFIC_SECRET_0 " R1 " " S32),
	 KEYLOG_LINE_SECRET, KEYLOG_SERVER_TRAFFIC, KEYLOG_BY_RANDOM, 32, 32},
	{"exporter", SLICE_INIT("EXPORTER_SECRET " R1 " " S32),
	 KEYLOG_LINE_SECRET, KEYLOG_EXPORTER, KEYLOG_BY_RANDOM, 32, 32},
	{"early traffic", SLICE_INIT("CLIENT_EARLY_TRAFFIC_SECRET " R1 " " S32),
	 KEYLOG_LINE_SECRET, KEYLOG_CLIENT_EARLY, KEYLOG_BY_RANDOM, 32, 32},
	{"early exporter", SLICE_INIT("EARLY_EXPORTER_SECRET " R1 " " S32),
	 KEYLOG_LINE_SECRET, KEYLOG_EARLY_EXPORTER, KEYLOG_BY_RANDOM, 32, 32},
	{"premaster secret", SLICE_INIT("RSA 0011223344556677 " S48),
	 KEYLOG_LINE_SECRET, KEYLOG_PREMASTER, KEYLOG_BY_PREMASTER, 8, 48},
	{"session id", SLICE_INIT("RSA Session-ID:" S32 " Master-Key:" S48),
	 KEYLOG_LINE_SECRET, KEYLOG_MASTER, KEYLOG_BY_SESSION, 32, 48},
	{"short session id", SLICE_INIT("RSA Session-ID:0a Master-Key:" S48),
	 KEYLOG_LINE_SECRET, KEYLOG_MASTER, KEYLOG_BY_SESSION, 1, 48},
	{"blanks and tabs", SLICE_INIT("  CLIENT_RANDOM\t" R1 "   " S48 " \t "),
	 KEYLOG_LINE_SECRET, KEYLOG_MASTER, KEYLOG_BY_RANDOM, 32, 48},
	{"a byte order mark",
	 SLICE_INIT("\xef\xbb\xbf"
		    "CLIENT_RANDOM " R1 " " S48),
	 KEYLOG_LINE_SECRET, KEYLOG_MASTER, KEYLOG_BY_RANDOM, 32, 48},
	{"nothing", SLICE_INIT(""), KEYLOG_LINE_EMPTY, 0, 0, 0, 0},
	{"blanks", SLICE_INIT("  \t"), KEYLOG_LINE_EMPTY, 0, 0, 0, 0},
	{"a comment", SLICE_INIT("# SSL/TLS secrets log file"),
	 KEYLOG_LINE_EMPTY, 0, 0, 0, 0},
	{"a comment at once", SLICE_INIT("#x"), KEYLOG_LINE_EMPTY, 0, 0, 0, 0},
	{"encrypted hello", SLICE_INIT("ECH_SECRET " R1 " " S32),
	 KEYLOG_LINE_EMPTY, 0, 0, 0, 0},
	{"after an update", SLICE_INIT("CLIENT_TRAFFIC_SECRET_N " R1 " " S32),
	 KEYLOG_LINE_EMPTY, 0, 0, 0, 0},
	{"a label to come", SLICE_INIT("QUIC_SECRET " R1 " " S32),
	 KEYLOG_LINE_OTHER, 0, 0, 0, 0},
	{"words", SLICE_INIT("these are words"), KEYLOG_LINE_BAD, 0, 0, 0, 0},
	{"a label alone", SLICE_INIT("CLIENT_RANDOM"), KEYLOG_LINE_BAD, 0, 0, 0,
	 0},
	{"no secret", SLICE_INIT("CLIENT_RANDOM " R1), KEYLOG_LINE_BAD, 0, 0, 0,
	 0},
	{"a fourth word", SLICE_INIT("CLIENT_RANDOM " R1 " " S48 " x"),
	 KEYLOG_LINE_BAD, 0, 0, 0, 0},
	{"random cut", SLICE_INIT("CLIENT_RANDOM 0011 " S48), KEYLOG_LINE_BAD,
	 0, 0, 0, 0},
	{"random too long", SLICE_INIT("CLIENT_RANDOM " R1 "00 " S48),
	 KEYLOG_LINE_BAD, 0, 0, 0, 0},
	{"master secret of 32 bytes", SLICE_INIT("CLIENT_RANDOM " R1 " " S32),
	 KEYLOG_LINE_BAD, 0, 0, 0, 0},
	{"secret of 31 bytes",
	 SLICE_INIT("EXPORTER_SECRET " R1 " 0102030405060708090a0b0c0d0e0f10"
		    "1112131415161718191a1b1c1d1e1f"),
	 KEYLOG_LINE_BAD, 0, 0, 0, 0},
	{"secret too long", SLICE_INIT("CLIENT_RANDOM " R1 " " S48 "00"),
	 KEYLOG_LINE_BAD, 0, 0, 0, 0},
	{"half a byte", SLICE_INIT("CLIENT_RANDOM " R1 " " S48 "0"),
	 KEYLOG_LINE_BAD, 0, 0, 0, 0},
	{"no hex", SLICE_INIT("RSA 001122334455667g " S48), KEYLOG_LINE_BAD, 0,
	 0, 0, 0},
	{"session without a key", SLICE_INIT("RSA Session-ID:0a " S48),
	 KEYLOG_LINE_BAD, 0, 0, 0, 0},
	{"session without an id", SLICE_INIT("RSA Session-ID: Master-Key:" S48),
	 KEYLOG_LINE_BAD, 0, 0, 0, 0},
	{"a private key", SLICE_INIT("-----BEGIN RSA PRIVATE KEY-----"),
	 KEYLOG_LINE_BAD, 0, 0, 0, 0},
	{"NUL", SLICE_INIT("\0\0\0\0"), KEYLOG_LINE_BAD, 0, 0, 0, 0},
};

START_TEST(lines)
{
	struct keylog_line l;

	ck_assert_msg(keylog_line_parse(rows[_i].in, &l) == rows[_i].want, "%s",
		      rows[_i].name);
	if (rows[_i].want != KEYLOG_LINE_SECRET)
		return;
	ck_assert_int_eq(l.label, rows[_i].label);
	ck_assert_int_eq(l.by, rows[_i].by);
	ck_assert_uint_eq(l.key_len, rows[_i].key_len);
	ck_assert_uint_eq(l.secret_len, rows[_i].secret_len);
	ck_assert_uint_eq(l.secret[31], 31);
}
END_TEST

static void parse_prefix(struct slice in, void *arg)
{
	struct keylog_line l;

	(void)arg;
	if (keylog_line_parse(in, &l) == KEYLOG_LINE_SECRET) {
		ck_assert_uint_le(l.key_len, KEYLOG_KEY_MAX);
		ck_assert_uint_le(l.secret_len, KEYLOG_SECRET_MAX);
	}
}

START_TEST(every_prefix)
{
	prefix_each(rows[_i].in, parse_prefix, NULL);
}
END_TEST

/* --- the store ---------------------------------------------------------- */

static struct slice bytes(const char *hex, uint8_t *buf)
{
	size_t n = strlen(hex) / 2;

	for (size_t i = 0; i < n; i++) {
		unsigned v;

		sscanf(hex + 2 * i, "%2x", &v);
		buf[i] = (uint8_t)v;
	}
	return slice_of(buf, n);
}

static struct slice secret_of(const struct keylog *k, const char *random,
			      enum keylog_label label)
{
	uint8_t key[KEYLOG_KEY_MAX];

	return keylog_secret(
		keylog_find(k, KEYLOG_BY_RANDOM, bytes(random, key)), label);
}

static bool is_secret(struct slice s, const char *hex)
{
	uint8_t buf[KEYLOG_SECRET_MAX];

	return slice_eq(s, bytes(hex, buf));
}

START_TEST(several_secrets)
{
	struct counters c = {0};
	struct keylog *k = keylog_new(10, seed, &c);
	uint8_t key[KEYLOG_KEY_MAX];

	ck_assert_uint_eq(
		keylog_feed(k,
			    SLICE("# made by hand\r\n"
				  "CLIENT_TRAFFIC_SECRET_0 " R1 " " S32 "\r\n"
				  "\r\n"
				  "EXPORTER_SECRET " R1 " " S48 "\n"
				  "CLIENT_RANDOM " R2 " " T48)),
		0);
	ck_assert_uint_eq(keylog_count(k), 2);
	ck_assert_uint_eq(keylog_generation(k), 3);
	ck_assert(is_secret(secret_of(k, R1, KEYLOG_CLIENT_TRAFFIC), S32));
	ck_assert(is_secret(secret_of(k, R1, KEYLOG_EXPORTER), S48));
	ck_assert(is_secret(secret_of(k, R2, KEYLOG_MASTER), T48));
	ck_assert_uint_eq(secret_of(k, R1, KEYLOG_MASTER).len, 0);
	ck_assert_uint_eq(secret_of(k, S32, KEYLOG_MASTER).len, 0);
	ck_assert_ptr_null(keylog_find(k, KEYLOG_BY_SESSION, bytes(R1, key)));
	ck_assert_ptr_null(keylog_find(k, KEYLOG_BY_RANDOM, slice_of(NULL, 0)));
	ck_assert_ptr_null(keylog_find(k, KEYLOG_BY_RANDOM, SLICE(R1)));
	ck_assert_uint_eq(c.len, 0);
	keylog_free(k);
}
END_TEST

START_TEST(old_forms)
{
	struct counters c = {0};
	struct keylog *k = keylog_new(10, seed, &c);
	const struct keylog_entry *e;

	keylog_feed(k, SLICE("RSA Session-ID:0a0b Master-Key:" S48 "\n"
			     "RSA 0011223344556677 " T48 "\n"));
	e = keylog_find(k, KEYLOG_BY_SESSION, SLICE("\x0a\x0b"));
	ck_assert(is_secret(keylog_secret(e, KEYLOG_MASTER), S48));
	e = keylog_find(k, KEYLOG_BY_PREMASTER,
			SLICE("\x00\x11\x22\x33\x44\x55\x66\x77"));
	ck_assert(is_secret(keylog_secret(e, KEYLOG_PREMASTER), T48));
	keylog_free(k);
}
END_TEST

/* The generation tells whether to look again. */
START_TEST(known_and_new)
{
	struct counters c = {0};
	struct keylog *k = keylog_new(10, seed, &c);

	keylog_feed(k, SLICE("CLIENT_RANDOM " R1 " " S48 "\n"));
	ck_assert_uint_eq(keylog_generation(k), 1);
	keylog_feed(k, SLICE("CLIENT_RANDOM " R1 " " S48 "\n#\n"));
	ck_assert_uint_eq(keylog_generation(k), 1);
	keylog_feed(k, SLICE("CLIENT_RANDOM " R1 " " T48 "\n"));
	ck_assert_uint_eq(keylog_generation(k), 2);
	ck_assert(is_secret(secret_of(k, R1, KEYLOG_MASTER), T48));
	ck_assert_uint_eq(keylog_count(k), 1);
	keylog_free(k);
}
END_TEST

START_TEST(bad_lines)
{
	struct counters c = {0};
	struct keylog *k = keylog_new(10, seed, &c);

	ck_assert_uint_eq(keylog_feed(k, SLICE("# one\n"
					       "CLIENT_RANDOM " R1 " " S48 "\n"
					       "NEW_SECRET " R1 " 0011\n"
					       "what is this\n"
					       "CLIENT_RANDOM " R2 " " S48 "\n"
					       "and this\n")),
			  4);
	ck_assert_uint_eq(counters_get(&c, "keys.bad_line"), 2);
	ck_assert_uint_eq(counters_get(&c, "keys.other_label"), 1);
	ck_assert_uint_eq(keylog_count(k), 2);
	ck_assert_uint_eq(keylog_feed(k, SLICE("")), 0);
	keylog_free(k);
}
END_TEST

START_TEST(the_oldest_goes)
{
	struct counters c = {0};
	struct keylog *k = keylog_new(3, seed, &c);
	char line[300];

	for (int i = 0; i < 10; i++) {
		snprintf(line, sizeof(line), "CLIENT_RANDOM %064x " S48 "\n",
			 i);
		keylog_feed(k, slice_str(line));
	}
	ck_assert_uint_eq(keylog_count(k), 3);
	ck_assert_uint_eq(counters_get(&c, "keys.limit"), 7);
	for (int i = 0; i < 10; i++) {
		snprintf(line, sizeof(line), "%064x", i);
		ck_assert_uint_eq(secret_of(k, line, KEYLOG_MASTER).len,
				  i < 7 ? 0 : 48);
	}
	keylog_free(k);
	keylog_free(NULL);
}
END_TEST

/* --- out again ---------------------------------------------------------- */

static void append(void *arg, struct slice line)
{
	strncat(arg, (const char *)line.p, line.len);
}

START_TEST(only_these_sessions)
{
	static const char own[] =
		"CLIENT_HANDSHAKE_TRAFFIC_SECRET " R2 " " S32 "\n"
		"EXPORTER_SECRET " R2 " " S48 "\n";
	struct counters c = {0};
	struct keylog *k = keylog_new(10, seed, &c);
	uint8_t key[2][KEYLOG_KEY_MAX];
	struct slice randoms[2] = {bytes(R2, key[0]), bytes(S32, key[1])};
	char text[1024] = "";

	keylog_feed(k,
		    SLICE("CLIENT_RANDOM " R1 " " S48 "\n"
			  "EXPORTER_SECRET " R2 " " S48 "\n"
			  "CLIENT_HANDSHAKE_TRAFFIC_SECRET " R2 " " S32 "\n"));
	ck_assert_uint_eq(keylog_write(k, randoms, 2, append, text), 2);
	ck_assert_str_eq(text, own);
	ck_assert_uint_eq(keylog_write(k, NULL, 0, append, text), 0);
	keylog_free(k);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
	Suite *s = suite_create("keylog");
	TCase *t = tcase_create("keylog");

	tcase_add_loop_test(t, lines, 0, COUNT(rows));
	tcase_add_loop_test(t, every_prefix, 0, COUNT(rows));
	tcase_add_test(t, several_secrets);
	tcase_add_test(t, old_forms);
	tcase_add_test(t, known_and_new);
	tcase_add_test(t, bad_lines);
	tcase_add_test(t, the_oldest_goes);
	tcase_add_test(t, only_these_sessions);
	suite_add_tcase(s, t);
	return run_suite(s);
}
