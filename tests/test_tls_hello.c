#include <check.h>

#include "dissectors/tls_hello.h"
#include "dissectors/tls_names.h"
#include "tests/hex.h"
#include "tests/prefix.h"
#include "tests/run_suite.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

#define RANDOM32                                                               \
	"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

/* RFC 8448, 3, without the headers of the messages. */
#define RFC_CLIENT                                                             \
	"0303 "                                                                \
	"cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7"     \
	"00 0006130113031302 0100 0091 0000000b0009000006736572766572"         \
	"ff01000100 000a00140012001d00170018001901000101010201030104"          \
	"00230000 003300260024001d0020"                                        \
	"99381de560e4bd43d23d8e435a7dbafeb3c06e51c13cae4d5413691e529aaf2c"     \
	"002b0003020304 000d0020001e0403050306030203080408050806"              \
	"04010501060102010402050206020202 002d00020101 001c00024001"
#define RFC_SERVER                                                             \
	"0303 "                                                                \
	"a6af06a4121860dc5e6e60249cd34c95930c8ac5cb1434dac155772ed3e26928"     \
	"00 1301 00 002e 00330024001d0020"                                     \
	"c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f"     \
	"002b00020304"
#define RFC_EXTENSIONS                                                         \
	"0022 000a00140012001d00170018001901000101010201030104"                \
	"001c00024001 00000000"

#define RETRY_RANDOM                                                           \
	"cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"

/* --- ClientHello ------------------------------------------------------- */

static const struct {
	const char *name, *hex;
	bool dtls;
	enum parse want;
	uint16_t version;
	size_t session, cookie, ciphers, profiles, versions, groups;
} clients[] = {
	{"RFC 8448", RFC_CLIENT, false, PARSE_OK, 0x0304, 0, 0, 6, 0, 2, 18},
	{"RFC 8448 as DTLS", RFC_CLIENT, true, PARSE_BAD},
	{"no extensions", "fefd" RANDOM32 "00 00 0002 c02b 0100", true,
	 PARSE_OK, 0xfefd, 0, 0, 2, 0, 0, 0},
	{"empty extensions", "fefd" RANDOM32 "00 00 0002 c02b 0100 0000", true,
	 PARSE_OK, 0xfefd, 0, 0, 2, 0, 0, 0},
	{"session and cookie",
	 "feff" RANDOM32 "01aa 03bbbbbb 0004c02bc02f 0100", true, PARSE_OK,
	 0xfeff, 1, 3, 4, 0, 0, 0},
	{"1.3, 1.2 and GREASE",
	 "fefd" RANDOM32 "00 00 00021301 0100 000b"
	 "002b 0007 06 eaea fefc fefd",
	 true, PARSE_OK, 0xfefc, 0, 0, 2, 0, 6, 0},
	{"versions of TLS are none of DTLS",
	 "fefd" RANDOM32 "00 00 00021301 0100 0009 002b 0005 04 0304 0303",
	 true, PARSE_OK, 0xfefd, 0, 0, 2, 0, 4, 0},
	{"use_srtp with an MKI",
	 "fefd" RANDOM32 "00 00 0002c02b 0100 000f"
	 "000e 000b 0004 0001 0007 04 01020304",
	 true, PARSE_OK, 0xfefd, 0, 0, 2, 4, 0, 0},
	{"use_srtp longer than it is",
	 "fefd" RANDOM32 "00 00 0002c02b 0100 0009 000e 0005 0006 0001 00",
	 true, PARSE_OK, 0xfefd, 0, 0, 2, 0, 0, 0},
	{"half a profile",
	 "fefd" RANDOM32 "00 00 0002c02b 0100 000a 000e 0006 0003 0001 00 00",
	 true, PARSE_OK, 0xfefd, 0, 0, 2, 2, 0, 0},
	{"bytes behind the extensions",
	 "fefd" RANDOM32 "00 00 0002c02b 0100 0000 ff", true, PARSE_OK, 0xfefd,
	 0, 0, 2, 0, 0, 0},
	{"no ciphers", "fefd" RANDOM32 "00 00 0000 0100", true, PARSE_BAD},
	{"half a cipher", "fefd" RANDOM32 "00 00 0003c02bc0 0100", true,
	 PARSE_BAD},
	{"session of 33 bytes",
	 "fefd" RANDOM32 "21" RANDOM32 "00 00 0002c02b 0100", true, PARSE_BAD},
	{"extension past the end",
	 "fefd" RANDOM32 "00 00 0002c02b 0100 0004 0017 0001", true, PARSE_BAD},
	{"extensions past the end",
	 "fefd" RANDOM32 "00 00 0002c02b 0100 0005 00170000", true, PARSE_BAD},
	{"ciphers past the end", "fefd" RANDOM32 "00 00 0004c02b", true,
	 PARSE_BAD},
};

START_TEST(client_hello)
{
	uint8_t buf[512];
	struct slice in = hex_bytes(clients[_i].hex, buf, sizeof(buf));
	struct tls_client_hello h;

	ck_assert_msg(tls_client_hello_parse(in, clients[_i].dtls, &h) ==
			      clients[_i].want,
		      "%s", clients[_i].name);
	if (clients[_i].want != PARSE_OK)
		return;
	ck_assert_uint_eq(h.max_version, clients[_i].version);
	ck_assert_uint_eq(h.random.len, TLS_RANDOM);
	ck_assert_uint_eq(h.session_id.len, clients[_i].session);
	ck_assert_uint_eq(h.cookie.len, clients[_i].cookie);
	ck_assert_uint_eq(h.ciphers.len, clients[_i].ciphers);
	ck_assert_uint_eq(h.srtp_profiles.len, clients[_i].profiles);
	ck_assert_uint_eq(h.versions.len, clients[_i].versions);
	ck_assert_uint_eq(h.groups.len, clients[_i].groups);
}
END_TEST

START_TEST(client_rfc8448)
{
	uint8_t buf[512];
	struct slice in = hex_bytes(RFC_CLIENT, buf, sizeof(buf));
	struct tls_client_hello h;
	uint16_t v;

	ck_assert_uint_eq(in.len, 0xc0);
	ck_assert_int_eq(tls_client_hello_parse(in, false, &h), PARSE_OK);
	ck_assert_uint_eq(h.legacy_version, 0x0303);
	ck_assert_uint_eq(h.random.p[0], 0xcb);
	ck_assert_uint_eq(h.random.p[31], 0xe7);
	ck_assert(slice_eq(h.server_name, SLICE("server")));
	ck_assert(slice_eq(h.compressions, SLICE("\0")));
	ck_assert_uint_eq(h.signatures.len, 30);
	ck_assert(!h.extended_master_secret && !h.pre_shared_key);
	ck_assert(tls_u16_has(h.ciphers, 0x1302));
	ck_assert(!tls_u16_has(h.ciphers, 0x0113));
	ck_assert(tls_u16_next(&h.ciphers, &v));
	ck_assert_uint_eq(v, 0x1301);
	ck_assert(tls_u16_next(&h.ciphers, &v));
	ck_assert_uint_eq(v, 0x1303);
	ck_assert(tls_u16_next(&h.ciphers, &v));
	ck_assert(!tls_u16_next(&h.ciphers, &v));
	ck_assert_uint_eq(v, 0x1302);
}
END_TEST

/* All extensions of which more than a length is asked. */
START_TEST(client_extensions)
{
	uint8_t buf[512];
	struct slice in = hex_bytes(
		"fefd" RANDOM32 "00 00 0002c02b 0100 004c"
		"0000 000c 000a 01 0001 78 00 0003 612e62" /* type 1, then a.b
							    */
		"0010 000e 000c 06 776562727463 04 632d7765"
		"0036 0003 02 1234"   /* connection_id */
		"0017 0000"	      /* extended_master_secret */
		"0016 0000"	      /* encrypt_then_mac */
		"0023 0002 abcd"      /* session_ticket */
		"002c 0004 0002 5566" /* cookie */
		"0029 0000 002a 0000" /* pre_shared_key, early_data */
		"fe0d 0001 00",
		buf, sizeof(buf));
	struct tls_client_hello h;
	struct slice name;

	ck_assert_int_eq(tls_client_hello_parse(in, true, &h), PARSE_OK);
	ck_assert(slice_eq(h.server_name, SLICE("a.b")));
	ck_assert(tls_alpn_next(&h.alpn, &name));
	ck_assert(slice_eq(name, SLICE("webrtc")));
	ck_assert(tls_alpn_next(&h.alpn, &name));
	ck_assert(slice_eq(name, SLICE("c-we")));
	ck_assert(!tls_alpn_next(&h.alpn, &name));
	ck_assert(h.has_connection_id);
	ck_assert(slice_eq(h.connection_id, SLICE("\x12\x34")));
	ck_assert(slice_eq(h.session_ticket, SLICE("\xab\xcd")));
	ck_assert(slice_eq(h.retry_cookie, SLICE("\x55\x66")));
	ck_assert(h.extended_master_secret && h.encrypt_then_mac);
	ck_assert(h.pre_shared_key && h.early_data && h.encrypted_hello);
}
END_TEST

static void client_inside(struct slice in, void *arg)
{
	struct tls_client_hello h;

	if (tls_client_hello_parse(in, *(const bool *)arg, &h) != PARSE_OK)
		return;
	ck_assert(prefix_inside(h.random, in));
	ck_assert(prefix_inside(h.session_id, in));
	ck_assert(prefix_inside(h.cookie, in));
	ck_assert(prefix_inside(h.ciphers, in));
	ck_assert(prefix_inside(h.server_name, in));
	ck_assert(prefix_inside(h.alpn, in));
	ck_assert(prefix_inside(h.srtp_profiles, in));
	ck_assert(prefix_inside(h.versions, in));
	ck_assert(prefix_inside(h.groups, in));
	ck_assert(prefix_inside(h.connection_id, in));
}

START_TEST(client_prefix)
{
	uint8_t buf[512];
	bool dtls = clients[_i].dtls;

	prefix_each(hex_bytes(clients[_i].hex, buf, sizeof(buf)), client_inside,
		    &dtls);
}
END_TEST

/* --- ServerHello ------------------------------------------------------- */

static const struct {
	const char *name, *hex;
	enum parse want;
	uint16_t version, cipher, profile, group;
	bool retry, ems, etm, ticket, psk, cid;
} servers[] = {
	{"RFC 8448", RFC_SERVER, PARSE_OK, 0x0304, 0x1301, 0, 0x001d},
	{"no extensions", "fefd" RANDOM32 "00 c02b 00", PARSE_OK, 0xfefd,
	 0xc02b},
	{"use_srtp of 1.2",
	 "fefd" RANDOM32 "00 c02b 00 0009 000e 0005 0002 0007 00", PARSE_OK,
	 0xfefd, 0xc02b, 0x0007},
	{"1.3 of DTLS",
	 "fefd" RANDOM32 "00 1303 00 000c 002b 0002 fefc 0029 0002 0000",
	 PARSE_OK, 0xfefc, 0x1303, 0, 0, .psk = true},
	{"flags",
	 "fefd" RANDOM32 "00 c00a 00 0011 0017 0000 0016 0000 0023 0000"
	 "0036 0001 00",
	 PARSE_OK, 0xfefd, 0xc00a, .ems = true, .etm = true, .ticket = true,
	 .cid = true},
	{"HelloRetryRequest",
	 "fefd" RETRY_RANDOM
	 "00 1301 00 0014 0033 0002 0017 002c 0004 0002 aabb"
	 "002b 0002 fefc",
	 PARSE_OK, 0xfefc, 0x1301, 0, 0x0017, .retry = true},
	{"two profiles: the first",
	 "fefd" RANDOM32 "00 c02b 00 000b 000e 0007 0004 0001 0002 00",
	 PARSE_OK, 0xfefd, 0xc02b, 0x0001},
	{"an empty list of profiles",
	 "fefd" RANDOM32 "00 c02b 00 0007 000e 0003 0000 00", PARSE_OK, 0xfefd,
	 0xc02b, 0},
	{"version of one byte", "fefd" RANDOM32 "00 c02b 00 0005 002b 0001 fe",
	 PARSE_OK, 0xfefd, 0xc02b},
	{"session of 33 bytes", "fefd" RANDOM32 "21" RANDOM32 "00 c02b 00",
	 PARSE_BAD},
	{"extension past the end", "fefd" RANDOM32 "00 c02b 00 0004 0017 0001",
	 PARSE_BAD},
	{"cipher cut", "fefd" RANDOM32 "00 c0", PARSE_BAD},
};

START_TEST(server_hello)
{
	uint8_t buf[512];
	struct slice in = hex_bytes(servers[_i].hex, buf, sizeof(buf));
	struct tls_server_hello h;

	ck_assert_msg(tls_server_hello_parse(in, &h) == servers[_i].want, "%s",
		      servers[_i].name);
	if (servers[_i].want != PARSE_OK)
		return;
	ck_assert_uint_eq(h.version, servers[_i].version);
	ck_assert_uint_eq(h.cipher, servers[_i].cipher);
	ck_assert_uint_eq(h.srtp_profile, servers[_i].profile);
	ck_assert_uint_eq(h.group, servers[_i].group);
	ck_assert(h.hello_retry == servers[_i].retry);
	ck_assert(h.extended_master_secret == servers[_i].ems);
	ck_assert(h.encrypt_then_mac == servers[_i].etm);
	ck_assert(h.session_ticket == servers[_i].ticket);
	ck_assert(h.pre_shared_key == servers[_i].psk);
	ck_assert(h.has_connection_id == servers[_i].cid);
	ck_assert(!servers[_i].retry ||
		  slice_eq(h.retry_cookie, SLICE("\xaa\xbb")));
}
END_TEST

static void server_inside(struct slice in, void *arg)
{
	struct tls_server_hello h;

	(void)arg;
	if (tls_server_hello_parse(in, &h) != PARSE_OK)
		return;
	ck_assert(prefix_inside(h.random, in));
	ck_assert(prefix_inside(h.session_id, in));
	ck_assert(prefix_inside(h.alpn, in));
	ck_assert(prefix_inside(h.retry_cookie, in));
	ck_assert(prefix_inside(h.connection_id, in));
}

START_TEST(server_prefix)
{
	uint8_t buf[512];

	prefix_each(hex_bytes(servers[_i].hex, buf, sizeof(buf)), server_inside,
		    NULL);
}
END_TEST

/* --- the others -------------------------------------------------------- */

static const struct {
	const char *name, *hex;
	enum parse want;
	uint16_t profile;
	const char *alpn;
} extensions[] = {
	{"RFC 8448", RFC_EXTENSIONS, PARSE_OK, 0, ""},
	{"none", "0000", PARSE_OK, 0, ""},
	{"SRTP and protocol",
	 "0016 000e 0005 0002 0008 00 0010 0009 0007 06 776562727463", PARSE_OK,
	 0x0008, "webrtc"},
	{"nothing at all", "", PARSE_BAD, 0, ""},
	{"cut", "0009 000e 0005 0002 00", PARSE_BAD, 0, ""},
	{"extension past the end", "0004 000e 0005", PARSE_BAD, 0, ""},
};

START_TEST(encrypted_extensions)
{
	uint8_t buf[128];
	struct slice in = hex_bytes(extensions[_i].hex, buf, sizeof(buf));
	struct tls_encrypted_extensions e;

	ck_assert_msg(tls_encrypted_extensions_parse(in, &e) ==
			      extensions[_i].want,
		      "%s", extensions[_i].name);
	if (extensions[_i].want != PARSE_OK)
		return;
	ck_assert_uint_eq(e.srtp_profile, extensions[_i].profile);
	ck_assert(slice_eq(e.alpn, slice_str(extensions[_i].alpn)));
}
END_TEST

static const struct {
	const char *name, *hex;
	bool v13;
	enum parse want;
	int count;
	const char *first;
} certificates[] = {
	{"two of 1.2", "00000b 000003 616263 000002 6465", false, PARSE_OK, 2,
	 "abc"},
	{"two of 1.3", "00 000012 000003 616263 0003 112233 000002 6465 0000",
	 true, PARSE_OK, 2, "abc"},
	{"a context", "02 5555 000008 000003 616263 0000", true, PARSE_OK, 1,
	 "abc"},
	{"none", "000000", false, PARSE_OK, 0, NULL},
	{"none of 1.3", "00 000000", true, PARSE_OK, 0, NULL},
	{"an empty one ends the list", "000009 000000 000003 616263", false,
	 PARSE_OK, 0, NULL},
	{"the second is cut", "00000a 000003 616263 000002 64", false, PARSE_OK,
	 1, "abc"},
	{"the list is cut", "00000a 000003 616263", false, PARSE_BAD, 0, NULL},
	{"nothing", "", true, PARSE_BAD, 0, NULL},
};

START_TEST(certificate)
{
	uint8_t buf[128];
	struct slice in = hex_bytes(certificates[_i].hex, buf, sizeof(buf));
	bool v13 = certificates[_i].v13;
	struct slice list, der;
	int count = 0;

	ck_assert_msg(tls_certificate_parse(in, v13, &list) ==
			      certificates[_i].want,
		      "%s", certificates[_i].name);
	if (certificates[_i].want != PARSE_OK)
		return;
	while (tls_certificate_next(&list, v13, &der)) {
		ck_assert(prefix_inside(der, in));
		if (count++ == 0)
			ck_assert(slice_eq(der,
					   slice_str(certificates[_i].first)));
	}
	ck_assert_int_eq(count, certificates[_i].count);
}
END_TEST

static void others_inside(struct slice in, void *arg)
{
	struct tls_encrypted_extensions e;
	struct slice list, der, cookie;

	(void)arg;
	if (tls_encrypted_extensions_parse(in, &e) == PARSE_OK)
		ck_assert(prefix_inside(e.alpn, in));
	if (tls_hello_verify_parse(in, &cookie) == PARSE_OK)
		ck_assert(prefix_inside(cookie, in));
	for (int v13 = 0; v13 < 2; v13++) {
		if (tls_certificate_parse(in, v13, &list) != PARSE_OK)
			continue;
		while (tls_certificate_next(&list, v13, &der))
			ck_assert(prefix_inside(der, in));
	}
}

START_TEST(others_prefix)
{
	uint8_t buf[128];

	prefix_each(hex_bytes(certificates[_i].hex, buf, sizeof(buf)),
		    others_inside, NULL);
	if (_i < COUNT(extensions))
		prefix_each(hex_bytes(extensions[_i].hex, buf, sizeof(buf)),
			    others_inside, NULL);
}
END_TEST

START_TEST(hello_verify)
{
	struct slice cookie;

	ck_assert_int_eq(tls_hello_verify_parse(SLICE("\xfe\xff\x03"
						      "abc"),
						&cookie),
			 PARSE_OK);
	ck_assert(slice_eq(cookie, SLICE("abc")));
	ck_assert_int_eq(tls_hello_verify_parse(SLICE("\xfe\xff\x04"
						      "abc"),
						&cookie),
			 PARSE_BAD);
}
END_TEST

START_TEST(alerts)
{
	struct tls_alert a;

	ck_assert_int_eq(tls_alert_parse(SLICE("\2\x28"), &a), PARSE_OK);
	ck_assert_uint_eq(a.level, TLS_ALERT_FATAL);
	ck_assert_str_eq(tls_alert_name(a.description), "handshake_failure");
	ck_assert_int_eq(tls_alert_parse(SLICE("\1\0"), &a), PARSE_OK);
	ck_assert_str_eq(tls_alert_name(a.description), "close_notify");
	ck_assert_int_eq(tls_alert_parse(SLICE("\3\0"), &a), PARSE_BAD);
	ck_assert_int_eq(tls_alert_parse(SLICE("\2"), &a), PARSE_BAD);
	ck_assert_int_eq(tls_alert_parse(SLICE("\2\x28\0"), &a), PARSE_BAD);
	ck_assert_ptr_null(tls_alert_name(255));
}
END_TEST

/* --- names ------------------------------------------------------------- */

static const struct {
	uint16_t id;
	const char *name;
} cipher_names[] = {
	{0x0001, "TLS_RSA_WITH_NULL_MD5"},
	{0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA"},
	{0x1301, "TLS_AES_128_GCM_SHA256"},
	{0x1305, "TLS_AES_128_CCM_8_SHA256"},
	{0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
	{0xc0ff, "TLS_ECJPAKE_WITH_AES_128_CCM_8"},
	{0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"},
	{0xd005, "TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256"},
};

START_TEST(names)
{
	int known = 0;

	for (int i = 0; i < COUNT(cipher_names); i++)
		ck_assert_str_eq(tls_cipher_name(cipher_names[i].id),
				 cipher_names[i].name);
	for (unsigned id = 0; id <= 0xffff; id++)
		known += tls_cipher_name((uint16_t)id) != NULL;
	/* The search by halves finds each row: the table is in order. */
	ck_assert_int_eq(known, 118);
	ck_assert_ptr_null(tls_cipher_name(0));
	ck_assert_ptr_null(tls_cipher_name(0x0a0a));
	ck_assert_ptr_null(tls_cipher_name(0xffff));

	ck_assert_str_eq(tls_srtp_profile_name(1),
			 "SRTP_AES128_CM_HMAC_SHA1_80");
	ck_assert_str_eq(tls_srtp_profile_name(8), "SRTP_AEAD_AES_256_GCM");
	ck_assert_str_eq(tls_srtp_profile_name(10),
			 "DOUBLE_AEAD_AES_256_GCM_AEAD_AES_256_GCM");
	ck_assert_ptr_null(tls_srtp_profile_name(3));

	ck_assert_str_eq(tls_version_name(0xfefd), "1.2");
	ck_assert_str_eq(tls_version_name(0xfefc), "1.3");
	ck_assert_str_eq(tls_version_name(0xfeff), "1.0");
	ck_assert_str_eq(tls_version_name(0x0100), "1.0");
	ck_assert_str_eq(tls_version_name(0x0304), "1.3");
	ck_assert_ptr_null(tls_version_name(0xfefe));

	ck_assert_str_eq(tls_handshake_name(TLS_CLIENT_HELLO), "client_hello");
	ck_assert_str_eq(tls_handshake_name(TLS_FINISHED), "finished");
	ck_assert_ptr_null(tls_handshake_name(7));
	ck_assert(tls_is_grease(0x0a0a) && tls_is_grease(0xfafa));
	ck_assert(!tls_is_grease(0x0a1a) && !tls_is_grease(0x1301));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tls_hello");
	TCase *t = tcase_create("tls_hello");

	tcase_add_loop_test(t, client_hello, 0, COUNT(clients));
	tcase_add_test(t, client_rfc8448);
	tcase_add_test(t, client_extensions);
	tcase_add_loop_test(t, client_prefix, 0, COUNT(clients));
	tcase_add_loop_test(t, server_hello, 0, COUNT(servers));
	tcase_add_loop_test(t, server_prefix, 0, COUNT(servers));
	tcase_add_loop_test(t, encrypted_extensions, 0, COUNT(extensions));
	tcase_add_loop_test(t, certificate, 0, COUNT(certificates));
	tcase_add_loop_test(t, others_prefix, 0, COUNT(certificates));
	tcase_add_test(t, hello_verify);
	tcase_add_test(t, alerts);
	tcase_add_test(t, names);
	suite_add_tcase(s, t);
	return run_suite(s);
}
