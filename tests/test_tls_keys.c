/* From secrets to keys: vectors of RFCs, and what OpenSSL comes to. */
#include <check.h>
#include <openssl/srtp.h>
#include <stdio.h>

#include "dissectors/tls_names.h"
#include "sniffer/net/keylog.h"
#include "sniffer/net/tls_keys.h"
#include "tests/run_suite.h"
#include "tests/tls_pair.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static struct tls_identity identity;

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

static void is_hex(const uint8_t *got, const char *want)
{
	char text[512] = "";

	for (size_t i = 0; i < strlen(want) / 2; i++)
		snprintf(text + 2 * i, 3, "%02x", got[i]);
	ck_assert_str_eq(text, want);
}

/* --- suites ------------------------------------------------------------- */

static const char *const bulk_names[] = {
	[TLS_BULK_NULL] = "NULL",
	[TLS_BULK_3DES_CBC] = "3DES_EDE_CBC",
	[TLS_BULK_AES_128_CBC] = "AES_128_CBC",
	[TLS_BULK_AES_256_CBC] = "AES_256_CBC",
	[TLS_BULK_AES_128_GCM] = "AES_128_GCM",
	[TLS_BULK_AES_256_GCM] = "AES_256_GCM",
	[TLS_BULK_AES_128_CCM] = "AES_128_CCM",
	[TLS_BULK_AES_256_CCM] = "AES_256_CCM",
	[TLS_BULK_AES_128_CCM_8] = "AES_128_CCM_8",
	[TLS_BULK_AES_256_CCM_8] = "AES_256_CCM_8",
	[TLS_BULK_CHACHA20_POLY1305] = "CHACHA20_POLY1305",
};

static const char *const mac_names[] = {"", "_MD5", "_SHA", "_SHA256",
					"_SHA384"};

/* The name of a suite tells its parts. */
static void name_of(const struct tls_suite *s, char *out, size_t size)
{
	const char *hash = s->hash == TLS_HASH_SHA384 ? "_SHA384" : "_SHA256";
	bool ccm = tls_bulk_info(s->bulk)->mode == TLS_MODE_CCM;

	if (s->mac != TLS_MAC_NONE)
		hash = mac_names[s->mac];
	else if (ccm && (s->id >> 8 == 0xc0))
		hash = "";
	snprintf(out, size, "%s%s", bulk_names[s->bulk], hash);
}

START_TEST(suites_are_as_named)
{
	unsigned known = 0, named = 0;

	for (unsigned id = 0; id < 0x10000; id++) {
		const struct tls_suite *s = tls_suite_find((uint16_t)id);
		const char *name = tls_cipher_name((uint16_t)id);
		char want[64];
		size_t len;

		if (!s)
			continue;
		known++;
		ck_assert_uint_eq(s->id, id);
		if (!name)
			continue;
		named++;
		name_of(s, want, sizeof(want));
		len = strlen(want);
		ck_assert_uint_gt(strlen(name), len);
		ck_assert_msg(!strcmp(name + strlen(name) - len, want),
			      "%s, not %s", name, want);
		ck_assert_msg(s->rsa == !strncmp(name, "TLS_RSA_WITH_", 13),
			      "%s", name);
	}
	ck_assert_uint_eq(known, 122);
	ck_assert_uint_ge(named, 60);
	ck_assert_ptr_null(tls_suite_find(0));
	ck_assert_ptr_null(tls_suite_find(0x0005)); /* RC4 */
	ck_assert_ptr_null(tls_suite_find(0xffff));
}
END_TEST

START_TEST(versions)
{
	const struct tls_suite *s = tls_suite_find(0x009d);

	ck_assert_int_eq(tls_hash_of(s, 0x0303), TLS_HASH_SHA384);
	ck_assert_int_eq(tls_hash_of(s, 0xfefd), TLS_HASH_SHA384);
	ck_assert_int_eq(tls_hash_of(s, 0x0302), TLS_HASH_MD5_SHA1);
	ck_assert_int_eq(tls_hash_of(s, 0xfeff), TLS_HASH_MD5_SHA1);
	ck_assert(tls_is_dtls(0xfefc) && !tls_is_dtls(0x0304));
	ck_assert(tls_is_13(0xfefc) && tls_is_13(0x0304));
	ck_assert(!tls_is_13(0xfefd) && !tls_is_13(0x0303));
}
END_TEST

/* --- vectors ------------------------------------------------------------ */

/* The vector of the TLS working group's list for P_SHA256. */
START_TEST(prf_sha256)
{
	uint8_t secret[16], seed[16], out[100];

	ck_assert_int_eq(
		tls_prf(TLS_HASH_SHA256,
			bytes("9bbe436ba940f017b17652849a71db35", secret),
			"test label",
			bytes("a0ba9f936cda311827a6f796ffd5198c", seed),
			slice_of(NULL, 0), out, sizeof(out)),
		0);
	is_hex(out, "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4"
		    "e61edb5a6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17"
		    "abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d1"
		    "22ee42c5a72e5a5110fff70187347b66");
	ck_assert_int_lt(tls_prf(TLS_HASH_SHA256, slice_of(NULL, 0), "x",
				 slice_of(NULL, 0), slice_of(NULL, 0), out, 10),
			 0);
}
END_TEST

/* RFC 8448, 3. */
static const struct {
	const char *secret, *key, *iv;
} rfc8448[] = {
	{"b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38",
	 "3fce516009c21727d0f2e4e86ee403bc", "5d313eb2671276ee13000b30"},
	{"b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21",
	 "dbfaa693d1762c5b666af5d950258d01", "5bd3c71b836e0b76bb73265f"},
	{"9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5",
	 "17422dda596ed5d9acd890e3c63f5051", "5b78923dee08579033e523d9"},
	{"a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643",
	 "9f02283b6c9c07efc26bb9f2ac92e356", "cf782b88dd83549aadf1e984"},
};

START_TEST(keys_of_13)
{
	const struct tls_suite *s = tls_suite_find(0x1301);
	struct tls_keys k;
	uint8_t secret[32], next[TLS_HASH_MAX];
	struct slice in = bytes(rfc8448[_i].secret, secret);

	ck_assert_int_eq(tls13_keys(s, false, in, &k), 0);
	is_hex(k.key, rfc8448[_i].key);
	is_hex(k.iv, rfc8448[_i].iv);
	ck_assert_int_eq(k.sn[0] | k.sn[15], 0);
	ck_assert_int_eq(tls13_keys(s, true, in, &k), 0);
	ck_assert_int_ne(k.sn[0] | k.sn[15], 0);
	ck_assert_int_eq(tls13_update(s, false, in, next), 0);
	ck_assert_int_ne(memcmp(next, secret, 32), 0);
	/* of the other hash's length */
	ck_assert_int_lt(tls13_keys(tls_suite_find(0x1302), false, in, &k), 0);
	ck_assert_int_lt(tls13_update(tls_suite_find(0x1302), false, in, next),
			 0);
}
END_TEST

START_TEST(srtp_split)
{
	struct slice block = SLICE("CCCCSSSScccsss");
	struct srtp_export x;
	size_t key, salt;

	ck_assert_int_eq(tls_srtp_split(block, 4, 3, &x), 0);
	ck_assert(!memcmp(x.client_key, "CCCC", 4));
	ck_assert(!memcmp(x.server_key, "SSSS", 4));
	ck_assert(!memcmp(x.client_salt, "ccc", 3));
	ck_assert(!memcmp(x.server_salt, "sss", 3));
	ck_assert_int_lt(tls_srtp_split(block, 4, 4, &x), 0);
	ck_assert_int_lt(tls_srtp_split(block, 400, 4, &x), 0);
	ck_assert(tls_srtp_sizes(1, &key, &salt) && key == 16 && salt == 14);
	ck_assert(tls_srtp_sizes(2, &key, &salt) && key == 16 && salt == 14);
	ck_assert(tls_srtp_sizes(7, &key, &salt) && key == 16 && salt == 12);
	ck_assert(tls_srtp_sizes(8, &key, &salt) && key == 32 && salt == 12);
	ck_assert(!tls_srtp_sizes(0, &key, &salt));
	ck_assert(!tls_srtp_sizes(9, &key, &salt));
}
END_TEST

/* --- OpenSSL's exporter ------------------------------------------------- */

static const struct {
	const char *name;
	bool dtls;
	int version;
	const char *ciphers, *suites;
	uint64_t options;
} exports[] = {
	{"DTLS 1.2, SHA-256", true, DTLS1_2_VERSION,
	 "ECDHE-ECDSA-AES128-GCM-SHA256", NULL, 0},
	{"DTLS 1.2, SHA-384", true, DTLS1_2_VERSION,
	 "ECDHE-ECDSA-AES256-GCM-SHA384", NULL, 0},
	{"DTLS 1.2, no extended master secret", true, DTLS1_2_VERSION,
	 "ECDHE-ECDSA-CHACHA20-POLY1305", NULL,
	 SSL_OP_NO_EXTENDED_MASTER_SECRET},
	{"DTLS 1.0", true, DTLS1_VERSION, "ECDHE-ECDSA-AES128-SHA", NULL, 0},
	{"TLS 1.2", false, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA", NULL, 0},
	{"TLS 1.0", false, TLS1_VERSION, "ECDHE-ECDSA-AES256-SHA", NULL, 0},
	{"TLS 1.3, SHA-256", false, TLS1_3_VERSION, NULL,
	 "TLS_CHACHA20_POLY1305_SHA256", 0},
	{"TLS 1.3, SHA-384", false, TLS1_3_VERSION, NULL,
	 "TLS_AES_256_GCM_SHA384", 0},
};

static int derive(const struct tls_pair *p, const struct keylog *k, size_t n,
		  uint8_t *out)
{
	uint8_t cr[32], sr[32];
	uint16_t version = (uint16_t)SSL_version(p->ssl[0]);
	const struct tls_suite *s = tls_suite_find(
		SSL_CIPHER_get_protocol_id(SSL_get_current_cipher(p->ssl[0])));
	const struct keylog_entry *e;

	SSL_get_client_random(p->ssl[0], cr, sizeof(cr));
	SSL_get_server_random(p->ssl[0], sr, sizeof(sr));
	e = keylog_find(k, KEYLOG_BY_RANDOM, slice_of(cr, 32));
	ck_assert(s && e);
	if (tls_is_13(version))
		return tls_export_dtls_srtp13(tls_hash_of(s, version),
					      keylog_secret(e, KEYLOG_EXPORTER),
					      false, n, out);
	return tls_export_dtls_srtp12(
		tls_hash_of(s, version), keylog_secret(e, KEYLOG_MASTER),
		slice_of(cr, 32), slice_of(sr, 32), n, out);
}

START_TEST(exporter)
{
	static const char label[] = "EXTRACTOR-dtls_srtp";
	struct tls_pair_config cfg = {
		.identity = &identity,
		.dtls = exports[_i].dtls,
		.version = exports[_i].version,
		.ciphers = exports[_i].ciphers,
		.suites = exports[_i].suites,
		.options = exports[_i].options,
		.srtp = exports[_i].dtls ? "SRTP_AES128_CM_SHA1_80" : NULL,
	};
	struct counters c = {0};
	struct keylog *k = keylog_new(10, (struct seed){1, 2}, &c);
	uint8_t want[60], got[60];
	struct tls_pair *p = malloc(sizeof(*p));

	tls_pair_open(p, &cfg);
	ck_assert_msg(tls_pair_handshake(p), "%s", exports[_i].name);
	ck_assert_uint_eq(keylog_feed(k, slice_str(p->keylog)), 0);
	for (int side = 0; side < 2; side++) {
		ck_assert_int_eq(SSL_export_keying_material(
					 p->ssl[side], want, sizeof(want),
					 label, sizeof(label) - 1, NULL, 0, 0),
				 1);
		ck_assert_int_eq(derive(p, k, sizeof(got), got), 0);
		ck_assert_mem_eq(got, want, sizeof(want));
	}
	tls_pair_close(p);
	free(p);
	keylog_free(k);
}
END_TEST

START_TEST(exporter_refuses)
{
	struct slice r = SLICE("0123456789abcdef0123456789abcdef");
	uint8_t out[10];

	ck_assert_int_lt(
		tls_export_dtls_srtp12(TLS_HASH_SHA256, r, r, r, 10, out), 0);
	ck_assert_int_lt(
		tls_export_dtls_srtp13(TLS_HASH_SHA384, r, true, 10, out), 0);
	ck_assert_int_lt(
		tls_export_dtls_srtp13(TLS_HASH_MD5_SHA1, r, true, 10, out), 0);
	ck_assert_int_eq(
		tls_export_dtls_srtp13(TLS_HASH_SHA256, r, true, 10, out), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tls_keys");
	TCase *t = tcase_create("tls_keys");
	int failed;

	tls_identity_make(&identity, false);
	tcase_add_test(t, suites_are_as_named);
	tcase_add_test(t, versions);
	tcase_add_test(t, prf_sha256);
	tcase_add_loop_test(t, keys_of_13, 0, COUNT(rfc8448));
	tcase_add_test(t, srtp_split);
	tcase_add_loop_test(t, exporter, 0, COUNT(exports));
	tcase_add_test(t, exporter_refuses);
	suite_add_tcase(s, t);
	failed = run_suite(s);
	tls_identity_free(&identity);
	return failed;
}
