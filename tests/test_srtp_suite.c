/*
 * Names of suites, keys out of a=crypto lines and out of key files.
 */
#include <check.h>

#include "sniffer/media/sdes.h"
#include "sniffer/media/srtp_keys.h"
#include "tests/prefix.h"
#include "tests/run_suite.h"

#define ROWS(a) ((int)(sizeof(a) / sizeof((a)[0])))

/* Base64 of the bytes 0, 1, 2 ... */
#define KEY_28 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw=="
#define KEY_30 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"
#define KEY_44 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKis="
#define KEY_46                                                                 \
	"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLQ=="

static const struct {
	const char *name;
	const char *found; /* NULL: nobody knows it */
	uint16_t profile;
	uint8_t cipher, key, salt, rtp, rtcp;
} suites[] = {
	{"AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_80", 1, SUITE_AES_CM,
	 16, 14, 10, 10},
	{"SRTP_AES128_CM_HMAC_SHA1_32", "AES_CM_128_HMAC_SHA1_32", 2,
	 SUITE_AES_CM, 16, 14, 4, 10},
	{"SRTP_AES128_CM_SHA1_80", "AES_CM_128_HMAC_SHA1_80", 1, SUITE_AES_CM,
	 16, 14, 10, 10},
	{"AES_192_CM_HMAC_SHA1_80", "AES_192_CM_HMAC_SHA1_80", 0, SUITE_AES_CM,
	 24, 14, 10, 10},
	{"AES_CM_256_HMAC_SHA1_80", "AES_256_CM_HMAC_SHA1_80", 3, SUITE_AES_CM,
	 32, 14, 10, 10},
	{"AES_256_CM_HMAC_SHA1_32", "AES_256_CM_HMAC_SHA1_32", 4, SUITE_AES_CM,
	 32, 14, 4, 10},
	{"NULL_HMAC_SHA1_80", "NULL_HMAC_SHA1_80", 5, SUITE_NULL, 16, 14, 10,
	 10},
	{"srtp_null_hmac_sha1_32", "NULL_HMAC_SHA1_32", 6, SUITE_NULL, 16, 14,
	 4, 10},
	{"AEAD_AES_128_GCM", "AEAD_AES_128_GCM", 7, SUITE_AES_GCM, 16, 12, 16,
	 16},
	{"SRTP_AEAD_AES_256_GCM", "AEAD_AES_256_GCM", 8, SUITE_AES_GCM, 32, 12,
	 16, 16},
	{"F8_128_HMAC_SHA1_80", "F8_128_HMAC_SHA1_80", 0, SUITE_UNSUPPORTED, 16,
	 14, 10, 10},
	{"SRTP_AEAD_ARIA_128_GCM", "SRTP_AEAD_ARIA_128_GCM", 15,
	 SUITE_UNSUPPORTED, 16, 12, 16, 16},
	{"AES_CM_128_HMAC_SHA1_8", NULL, 0, 0, 0, 0, 0, 0},
	{"", NULL, 0, 0, 0, 0, 0, 0},
};

START_TEST(names)
{
	const struct srtp_suite *s =
		srtp_suite_find(slice_str(suites[_i].name));

	if (!suites[_i].found) {
		ck_assert_ptr_null(s);
		return;
	}
	ck_assert_ptr_nonnull(s);
	ck_assert_str_eq(s->name, suites[_i].found);
	ck_assert_uint_eq(s->profile, suites[_i].profile);
	ck_assert_uint_eq(s->cipher, suites[_i].cipher);
	ck_assert_uint_eq(s->key_len, suites[_i].key);
	ck_assert_uint_eq(s->salt_len, suites[_i].salt);
	ck_assert_uint_eq(s->rtp_tag, suites[_i].rtp);
	ck_assert_uint_eq(s->rtcp_tag, suites[_i].rtcp);
	if (s->profile)
		ck_assert_ptr_eq(srtp_suite_of_profile(s->profile), s);
}
END_TEST

START_TEST(profiles)
{
	ck_assert_ptr_null(srtp_suite_of_profile(0));
	ck_assert_ptr_null(srtp_suite_of_profile(0x7777));
	ck_assert_str_eq(srtp_suite_of_profile(9)->dtls,
			 "DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM");
}
END_TEST

START_TEST(key_of_exporter)
{
	const struct srtp_suite *s = srtp_suite_of_profile(7);
	uint8_t raw[28];
	struct media_key k = {.ssrc = 9};

	memset(raw, 5, sizeof(raw));
	ck_assert(!media_key_set(&k, s, slice_of(raw, 16), slice_of(raw, 14),
				 MEDIA_KEY_DTLS));
	ck_assert(!media_key_set(&k, srtp_suite_of_profile(9),
				 slice_of(raw, 16), slice_of(raw, 12),
				 MEDIA_KEY_DTLS));
	ck_assert_uint_eq(k.ssrc, 9);
	ck_assert(media_key_set(&k, s, slice_of(raw, 16),
				slice_of(raw + 16, 12), MEDIA_KEY_DTLS));
	ck_assert(k.any_ssrc && k.suite == s && k.key[15] == 5 &&
		  k.key[16] == 0 && k.salt[11] == 5 && k.salt[12] == 0 &&
		  k.from == MEDIA_KEY_DTLS);
	ck_assert_uint_eq(media_key_trailer(&k), 16);
}
END_TEST

/* --- a=crypto ---------------------------------------------------------- */

#define CM   "AES_CM_128_HMAC_SHA1_80"
#define CM32 "AES_CM_128_HMAC_SHA1_32"
#define GCM  "AEAD_AES_128_GCM"

static const struct {
	const char *name, *suite, *key, *session;
	size_t n;
	const char *fault;	   /* NULL: the last one was good */
	const char *mki;	   /* of the last key */
	unsigned mki_len, trailer; /* of it */
	bool unencrypted, unauthenticated;
} lines[] = {
	{"plain", CM, "inline:" KEY_30, "", 1, NULL, "", 0, 10, 0, 0},
	{"lifetime", CM, "inline:" KEY_30 "|2^20", "", 1, NULL, "", 0, 10, 0,
	 0},
	{"decimal lifetime", CM, "inline:" KEY_30 "|1048576", "", 1, NULL, "",
	 0, 10, 0, 0},
	{"MKI", CM32, "INLINE:" KEY_30 "|2^20|1:4", "", 1, NULL, "\0\0\0\1", 4,
	 8, 0, 0},
	{"MKI alone", CM, "inline:" KEY_30 "|258:2", "", 1, NULL, "\1\2", 2, 12,
	 0, 0},
	{"largest MKI", CM, "inline:" KEY_30 "|18446744073709551615:8", "", 1,
	 NULL, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, 18, 0, 0},
	{"two keys", CM, "inline:" KEY_30 "|1:1;inline:" KEY_30 "|2:1", "", 2,
	 NULL, "\2", 1, 11, 0, 0},
	{"one of two", CM, "inline:xx;inline:" KEY_30 "|2:1", "", 1, NULL, "\2",
	 1, 11, 0, 0},
	{"no padding", GCM, "inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw", "",
	 1, NULL, "", 0, 16, 0, 0},
	{"GCM", GCM, "inline:" KEY_28, "", 1, NULL, "", 0, 16, 0, 0},
	{"GCM 256", "AEAD_AES_256_GCM", "inline:" KEY_44, "", 1, NULL, "", 0,
	 16, 0, 0},
	{"AES 256", "AES_256_CM_HMAC_SHA1_80", "inline:" KEY_46, "", 1, NULL,
	 "", 0, 10, 0, 0},
	{"unencrypted", CM, "inline:" KEY_30, "UNENCRYPTED_SRTP WSH=60", 1,
	 NULL, "", 0, 10, 1, 0},
	{"unauthenticated", CM, "inline:" KEY_30, "WSH=64 UNAUTHENTICATED_SRTP",
	 1, NULL, "", 0, 0, 0, 1},
	{"unencrypted SRTCP", CM, "inline:" KEY_30,
	 "UNENCRYPTED_SRTCP FEC_ORDER=FEC_SRTP -new", 1, NULL, "", 0, 10, 0, 0},
	{"no tag at all", "AES_CM_128_NULL_AUTH", "inline:" KEY_30, "", 1, NULL,
	 "", 0, 0, 0, 1},
	{"no derivation rate", CM, "inline:" KEY_30, "KDR=0", 1, NULL, "", 0,
	 10, 0, 0},

	{"derivation rate", CM, "inline:" KEY_30, "KDR=1", 0, "sdes.kdr"},
	{"GCM in clear", GCM, "inline:" KEY_28, "UNENCRYPTED_SRTP", 0,
	 "sdes.gcm_params"},
	{"salt of AES-CM", GCM, "inline:" KEY_30, "", 0, "key.gcm_salt"},
	{"salt of AES-CM, 256", "AEAD_AES_256_GCM", "inline:" KEY_46, "", 0,
	 "key.gcm_salt"},
	{"salt of GCM", CM, "inline:" KEY_28, "", 0, "key.bad_length"},
	{"key too long", CM, "inline:" KEY_46, "", 0, "key.bad_length"},
	{"no key", CM, "inline:", "", 0, "key.bad_length"},
	{"no base64", CM, "inline:AAEC*wQF", "", 0, "key.bad_base64"},
	{"half a byte", CM, "inline:AAECA", "", 0, "key.bad_base64"},
	{"padding inside", CM, "inline:AA==AwQF", "", 0, "key.bad_base64"},
	{"suite unknown", "AES_CM", "inline:" KEY_30, "", 0,
	 "sdes.unknown_suite"},
	{"suite of others", "F8_128_HMAC_SHA1_80", "inline:" KEY_30, "", 0,
	 "key.unsupported_suite"},
	{"no inline", CM, KEY_30, "", 0, "sdes.bad_key_params"},
	{"nothing", CM, "", "", 0, "sdes.bad_key_params"},
	{"MKI too long", CM, "inline:" KEY_30 "|1:9", "", 0, "sdes.long_mki"},
	{"MKI of no length", CM, "inline:" KEY_30 "|1:0", "", 0,
	 "sdes.bad_key_params"},
	{"MKI no number", CM, "inline:" KEY_30 "|x:1", "", 0,
	 "sdes.bad_key_params"},
	{"MKI too large", CM, "inline:" KEY_30 "|256:1", "", 0,
	 "sdes.bad_key_params"},
};

START_TEST(crypto)
{
	struct media_key k[SDES_KEYS];
	const char *fault = "";
	size_t n =
		sdes_keys(slice_str(lines[_i].suite), slice_str(lines[_i].key),
			  slice_str(lines[_i].session), k, SDES_KEYS, &fault);

	ck_assert_uint_eq(n, lines[_i].n);
	if (lines[_i].fault) {
		ck_assert_str_eq(fault, lines[_i].fault);
		return;
	}
	ck_assert_ptr_null(fault);
	for (unsigned i = 0; i < k->suite->key_len; i++)
		ck_assert_uint_eq(k[n - 1].key[i], i);
	for (unsigned i = 0; i < k->suite->salt_len; i++)
		ck_assert_uint_eq(k[n - 1].salt[i], k->suite->key_len + i);
	ck_assert_uint_eq(k[n - 1].mki_len, lines[_i].mki_len);
	ck_assert_mem_eq(k[n - 1].mki, lines[_i].mki, lines[_i].mki_len);
	ck_assert_uint_eq(media_key_trailer(&k[n - 1]), lines[_i].trailer);
	ck_assert(k->any_ssrc && k->from == MEDIA_KEY_SDES);
	ck_assert_int_eq(k->unencrypted, lines[_i].unencrypted);
	ck_assert_int_eq(k->unauthenticated, lines[_i].unauthenticated);
}
END_TEST

static void read_crypto(struct slice in, void *arg)
{
	struct media_key k[2];
	const char *fault;

	(void)arg;
	sdes_keys(SLICE(CM), in, SLICE(""), k, 2, &fault);
	sdes_keys(in, SLICE("inline:" KEY_30), in, k, 2, &fault);
}

START_TEST(crypto_prefix)
{
	prefix_each(slice_str(lines[_i].key), read_crypto, NULL);
	prefix_each(slice_str(lines[_i].session), read_crypto, NULL);
}
END_TEST

START_TEST(no_more_than_room)
{
	struct media_key k[2];
	const char *fault;

	ck_assert_uint_eq(sdes_keys(SLICE(CM),
				    SLICE("inline:" KEY_30 ";inline:" KEY_30
					  ";inline:" KEY_30),
				    SLICE(""), k, 2, &fault),
			  2);
}
END_TEST

START_TEST(same_keys)
{
	struct media_key a, b;
	const char *fault;

	sdes_keys(SLICE(CM), SLICE("inline:" KEY_30), SLICE(""), &a, 1, &fault);
	b = a;
	b.from = MEDIA_KEY_FILE;
	b.ssrc = 1;
	ck_assert(media_key_same(&a, &b));
	b.any_ssrc = false;
	ck_assert(!media_key_same(&a, &b));
	b = a;
	b.salt[13]++;
	ck_assert(!media_key_same(&a, &b));
	b = a;
	b.mki_len = 1;
	ck_assert(!media_key_same(&a, &b));
	b = a;
	b.suite = srtp_suite_find(SLICE(CM32));
	ck_assert(!media_key_same(&a, &b));
}
END_TEST

/* --- key files --------------------------------------------------------- */

struct seen {
	unsigned n;
	struct media_key k[8];
};

static void see(void *arg, const struct media_key *k)
{
	struct seen *s = arg;

	ck_assert_uint_lt(s->n, 8);
	s->k[s->n++] = *k;
}

static const char text[] = "# of a media server\n"
			   "0x1234abcd " CM " " KEY_30 "\n"
			   "\n"
			   "* SRTP_AES128_CM_HMAC_SHA1_32 " KEY_30 " # any\r\n"
			   "\t305441741  AEAD_AES_128_GCM\t" KEY_28 "\r\n"
			   "* " CM "\n"
			   "0xffFFffFF AEAD_AES_256_GCM " KEY_44;

static void check_text(const struct seen *s, const struct srtp_keys *k)
{
	ck_assert_uint_eq(s->n, 4);
	ck_assert(!s->k[0].any_ssrc && s->k[0].ssrc == 0x1234abcd);
	ck_assert(s->k[1].any_ssrc && s->k[1].suite->rtp_tag == 4);
	ck_assert(!s->k[2].any_ssrc && s->k[2].ssrc == 0x1234abcd);
	ck_assert_str_eq(s->k[2].suite->name, GCM);
	ck_assert(s->k[3].ssrc == 0xffffffff && s->k[3].key[31] == 31 &&
		  s->k[3].from == MEDIA_KEY_FILE);
	ck_assert_uint_eq(k->lines, 7);
	ck_assert_uint_eq(k->bad, 1);
	ck_assert_uint_eq(k->bad_line, 6);
	ck_assert_str_eq(k->why, "not an SSRC, a suite and a key");
}

START_TEST(file_cut_anywhere)
{
	size_t len = sizeof(text) - 1, cut = (size_t)_i;
	struct srtp_keys k = {0};
	struct seen s = {0};

	srtp_keys_feed(&k, slice_of(text, cut), see, &s);
	srtp_keys_feed(&k, slice_of(text + cut, len - cut), see, &s);
	ck_assert_uint_eq(s.n, 3);
	srtp_keys_end(&k, see, &s);
	check_text(&s, &k);
	srtp_keys_end(&k, see, &s);
	check_text(&s, &k);
}
END_TEST

START_TEST(file_byte_by_byte)
{
	struct srtp_keys k = {0};
	struct seen s = {0};

	for (size_t i = 0; i < sizeof(text) - 1; i++)
		srtp_keys_feed(&k, slice_of(text + i, 1), see, &s);
	srtp_keys_end(&k, see, &s);
	check_text(&s, &k);
	for (size_t i = 0; i < sizeof(k.line); i++)
		ck_assert_int_eq(k.line[i], 0);
}
END_TEST

static const struct {
	const char *line, *why;
} bad[] = {
	{"x " CM " " KEY_30, "the SSRC is neither a number nor *"},
	{"4294967296 " CM " " KEY_30, "the SSRC is neither a number nor *"},
	{"0x123456789 " CM " " KEY_30, "the SSRC is neither a number nor *"},
	{"0x " CM " " KEY_30, "the SSRC is neither a number nor *"},
	{"0x12g4 " CM " " KEY_30, "the SSRC is neither a number nor *"},
	{"* AES " KEY_30, "no such suite"},
	{"* " CM " " KEY_28, "the key has not the length of its suite"},
	{"* " GCM " " KEY_30,
	 "the key has a salt of 14 bytes: with AES-GCM it has 12"},
	{"* " CM " :::", "the key is not base64"},
	{"* F8_128_HMAC_SHA1_80 " KEY_30, "nothing here can open this suite"},
	{"* " CM " " KEY_30 " more", "not an SSRC, a suite and a key"},
	{"CLIENT_RANDOM 00 11", "no such suite"},
};

START_TEST(bad_line)
{
	struct srtp_keys k = {0};
	struct seen s = {0};

	srtp_keys_feed(&k, slice_str(bad[_i].line), see, &s);
	srtp_keys_end(&k, see, &s);
	ck_assert_uint_eq(s.n, 0);
	ck_assert_uint_eq(k.bad_line, 1);
	ck_assert_str_eq(k.why, bad[_i].why);
}
END_TEST

START_TEST(long_line)
{
	struct srtp_keys k = {0};
	struct seen s = {0};
	char blanks[SRTP_KEYS_LINE];

	memset(blanks, ' ', sizeof(blanks));
	srtp_keys_feed(&k, slice_of(blanks, sizeof(blanks)), see, &s);
	srtp_keys_feed(&k, SLICE("\n"), see, &s);
	ck_assert_uint_eq(k.bad, 0);
	srtp_keys_feed(&k, slice_of(blanks, sizeof(blanks)), see, &s);
	srtp_keys_feed(&k, SLICE(" * " CM " " KEY_30 "\n* " CM " " KEY_30 "\n"),
		       see, &s);
	ck_assert_uint_eq(k.bad_line, 2);
	ck_assert_str_eq(k.why, "the line is too long");
	ck_assert_uint_eq(s.n, 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("srtp_suite");
	TCase *t = tcase_create("suites");

	tcase_add_loop_test(t, names, 0, ROWS(suites));
	tcase_add_test(t, profiles);
	tcase_add_test(t, key_of_exporter);
	suite_add_tcase(s, t);
	t = tcase_create("sdes");
	tcase_add_loop_test(t, crypto, 0, ROWS(lines));
	tcase_add_loop_test(t, crypto_prefix, 0, ROWS(lines));
	tcase_add_test(t, no_more_than_room);
	tcase_add_test(t, same_keys);
	suite_add_tcase(s, t);
	t = tcase_create("files");
	tcase_add_loop_test(t, file_cut_anywhere, 0, (int)sizeof(text));
	tcase_add_test(t, file_byte_by_byte);
	tcase_add_loop_test(t, bad_line, 0, ROWS(bad));
	tcase_add_test(t, long_line);
	suite_add_tcase(s, t);
	return run_suite(s);
}
