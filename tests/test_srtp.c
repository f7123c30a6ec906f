/*
 * A box opens what is made by the RFCs, and nothing else: vectors, all
 * suites, counters, MKI, header extensions, damage.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "sniffer/media/srtp.h"
#include "tests/made_srtp.h"
#include "tests/prefix.h"
#include "tests/run_suite.h"

#define ROWS(a) ((int)(sizeof(a) / sizeof((a)[0])))

_Alignas(8) static uint8_t room[SRTP_ROOM];

static size_t unhex(const char *text, uint8_t *out)
{
	size_t n = 0;
	unsigned v;

	for (; sscanf(text, "%2x", &v) == 1; text += 2)
		out[n++] = (uint8_t)v;
	return n;
}

static void assert_hex(const uint8_t *have, size_t len, const char *want)
{
	uint8_t raw[256];

	ck_assert_uint_eq(unhex(want, raw), len);
	ck_assert_mem_eq(have, raw, len);
}

/* --- the RFCs' vectors ------------------------------------------------- */

static const struct {
	const char *rfc, *key, *stream;
} streams[] = {
	{"3711, B.2", "2b7e151628aed2a6abf7158809cf4f3c",
	 "e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab"
	 "41e95b3bb0a2e8dd477901e4fca894c0"},
	{"6188, 7.1",
	 "57f82fe3613fd170a85ec93c40b1f0922ec4cb0dc025b58272147cc438944a98",
	 "92bdd28a93c3f52511c677d08b5515a49da71b2378a854f67050756ded165bac"
	 "63c4868b7096d88421b563b8c94c9a31"},
};

START_TEST(key_stream)
{
	uint8_t key[32], iv[16], data[48] = {0};
	size_t n = unhex(streams[_i].key, key);

	unhex("f0f1f2f3f4f5f6f7f8f9fafbfcfd0000", iv);
	made_aes_cm(key, (unsigned)n, iv, data, sizeof(data));
	assert_hex(data, sizeof(data), streams[_i].stream);
}
END_TEST

static struct media_key master(const char *suite, const char *key,
			       const char *salt)
{
	struct media_key k = made_key(suite, 0);

	ck_assert_uint_eq(unhex(key, k.key), k.suite->key_len);
	ck_assert_uint_eq(unhex(salt, k.salt), k.suite->salt_len);
	return k;
}

#define KEY_3711  "e1f97a0d3e018be0d64fa32c06de4139"
#define SALT_3711 "0ec675ad498afeebb6960b3aabe6"
#define KEY_6188                                                               \
	"f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6"
#define SALT_6188 "3b04803de51ee7c96423ab5b78d2"

static const struct {
	const char *rfc, *suite, *key, *salt;
	const char *session_key, *session_salt, *auth;
	const char *ext_key, *ext_salt; /* RFC 6904, A.1; NULL: not told */
} derivations[] = {
	{"3711, B.3", "AES_CM_128_HMAC_SHA1_80", KEY_3711, SALT_3711,
	 "c61e7a93744f39ee10734afe3ff7a087", "30cbbc08863d8c85d49db34a9ae1",
	 "cebe321f6ff7716b6fd4ab49af256a156d38baa4",
	 "549752054d6fb708622c4a2e596a1b93", "ab01818174c40d39a3781f7c2d27"},
	{"6188, 7.2", "AES_256_CM_HMAC_SHA1_80", KEY_6188, SALT_6188,
	 "5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4",
	 "fa31791685ca444a9e07c6c64e93",
	 "fd9c32d39ed5fbb5a9dc96b30818454d1313dc05", NULL, NULL},
};

START_TEST(key_derivation)
{
	struct media_key k = master(derivations[_i].suite, derivations[_i].key,
				    derivations[_i].salt);
	struct made_srtp m;

	made_srtp_init(&m, &k);
	assert_hex(m.rtp.key, k.suite->key_len, derivations[_i].session_key);
	assert_hex(m.rtp.salt, 14, derivations[_i].session_salt);
	assert_hex(m.rtp.auth, 20, derivations[_i].auth);
	if (!derivations[_i].ext_key)
		return;
	assert_hex(m.ext.key, 16, derivations[_i].ext_key);
	assert_hex(m.ext.salt, 14, derivations[_i].ext_salt);
}
END_TEST

/* RFC 7714, 16 and 17: from session keys on. */
#define RTP_7714                                                               \
	"8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e6973206469766973" \
	"6120696e207061727465732074726573"
#define RTCP_7714                                                              \
	"81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61dead" \
	"beefdeadbeefdeadbeefdeadbeefdeadbeef"

static const struct {
	const char *suite, *key, *srtp, *srtcp, *clear_srtcp;
} gcm_vectors[] = {
	{"AEAD_AES_128_GCM", "000102030405060708090a0b0c0d0e0f",
	 "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d29"
	 "4e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce",
	 "81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676"
	 "a5f1730d6fda4ce09b4686303ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade"
	 "800005d4",
	 "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61dead"
	 "beefdeadbeefdeadbeefdeadbeefdeadbeef841dd9683dd78ec92ae58790125f62b3"
	 "000005d4"},
	{"AEAD_AES_256_GCM",
	 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
	 "8040f17b8041f8d35501a0b232b1de78a822fe12ef9f78fa332e33aab18012389a58"
	 "e2f3b50b2a0276ffae0f1ba63799b87b7aa3db36dfffd6b0f9bb7878d7a76c13",
	 "81c8000d4d617273d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2ea"
	 "a5c1110555be8415f658c61de0476f1b6fad1d1eb30c4446839f57ff6f6cb26ac3be"
	 "800005d4",
	 "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61dead"
	 "beefdeadbeefdeadbeefdeadbeefdeadbeef91db4afbfeee5a978fab4393ed2615fe"
	 "000005d4"},
};

START_TEST(gcm_packets)
{
	struct media_key k = made_key(gcm_vectors[_i].suite, 0);
	uint8_t in[128], out[128];
	struct slice plain;
	struct made_srtp m;
	size_t n;

	made_srtp_init(&m, &k);
	unhex(gcm_vectors[_i].key, m.rtp.key);
	unhex("517569642070726f2071756f", m.rtp.salt);
	m.rtcp = m.rtp;
	n = unhex(RTP_7714, in);
	n = made_srtp_rtp(&m, slice_of(in, n), 0, out);
	assert_hex(out, n, gcm_vectors[_i].srtp);
	n = unhex(RTCP_7714, in);
	n = made_srtp_rtcp(&m, slice_of(in, n), 0x5d4, out);
	assert_hex(out, n, gcm_vectors[_i].srtcp);
	ck_assert(!srtcp_clear(slice_of(out, n), 0, &plain));
	m.clear_rtcp = true;
	n = made_srtp_rtcp(&m, slice_of(in, unhex(RTCP_7714, in)), 0x5d4, out);
	assert_hex(out, n, gcm_vectors[_i].clear_srtcp);
	/* 56 bytes by its own header, 52 are there: no exact RTCP. */
	ck_assert(!srtcp_clear(slice_of(out, n), 0, &plain));
}
END_TEST

/* Whole packets that libsrtp publishes, for master keys of the RFCs. */
#define RTP_PLAIN  "800f1234decafbadcafebabeabababababababababababababababab"
#define RTCP_PLAIN "81c8000bcafebabeabababababababababababababababab"

static const struct {
	const char *suite, *key, *salt, *srtp, *srtcp;
} packets[] = {
	{"AES_CM_128_HMAC_SHA1_80", KEY_3711, SALT_3711,
	 "800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99"
	 "ea179b8dbb",
	 "81c8000bcafebabe7128035be487b9bdbef89041f977a5a880000001993e08cd54"
	 "d6c1230798"},
	{"AES_CM_128_HMAC_SHA1_32", KEY_3711, SALT_3711,
	 "800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc",
	 "81c8000bcafebabe7128035be487b9bdbef89041f977a5a880000001993e08cd54"
	 "d6c1230798"},
	{"AES_256_CM_HMAC_SHA1_80", KEY_6188, SALT_6188,
	 "800f1234decafbadcafebabef1d9de17ff251ff1aa007774b0b4b40da08d9d9a5b"
	 "3a55d8873b",
	 NULL},
};

START_TEST(whole_packets)
{
	struct media_key k =
		master(packets[_i].suite, packets[_i].key, packets[_i].salt);
	struct srtp_box *b = srtp_box_new(&k, NULL, 0);
	struct slice plain;
	uint8_t raw[64];
	size_t n;

	ck_assert_ptr_nonnull(b);
	n = unhex(packets[_i].srtp, raw);
	ck_assert_int_eq(srtp_box_rtp(b, slice_of(raw, n), room, &plain),
			 SRTP_OPENED);
	assert_hex(plain.p, plain.len, RTP_PLAIN);
	if (packets[_i].srtcp) {
		n = unhex(packets[_i].srtcp, raw);
		ck_assert_int_eq(
			srtp_box_rtcp(b, slice_of(raw, n), room, &plain),
			SRTP_OPENED);
		assert_hex(plain.p, plain.len, RTCP_PLAIN);
	}
	srtp_box_free(b);
}
END_TEST

/* RFC 6904, A.2: header extensions 1, 3 and 4 of four are encrypted. */
START_TEST(header_extensions)
{
	static const uint8_t ids[] = {1, 3, 4};
	struct media_key k =
		master("AES_CM_128_HMAC_SHA1_80", KEY_3711, SALT_3711);
	struct srtp_box *b = srtp_box_new(&k, ids, sizeof(ids));
	struct made_srtp m;
	struct slice plain;
	uint8_t in[128], out[128];
	size_t len = unhex("900f1234decafbadcafebabebede0006"
			   "17414273a475262748220000c8308e46"
			   "55996386b395fb00abababababababab",
			   in);
	size_t n;

	made_srtp_init(&m, &k);
	m.encrypted_ext = 1 << 1 | 1 << 3 | 1 << 4;
	n = made_srtp_rtp(&m, slice_of(in, len), 0, out);
	assert_hex(out + 16, 24,
		   "17588a9270f4e15e1c220000c8309546a994f0bc54789700");
	ck_assert_int_eq(srtp_box_rtp(b, slice_of(out, n), room, &plain),
			 SRTP_OPENED);
	ck_assert_uint_eq(plain.len, len);
	ck_assert_mem_eq(plain.p, in, len);
	srtp_box_free(b);
}
END_TEST

/* --- all suites -------------------------------------------------------- */

#define SSRC 0x11223344u

static const char *const suites[] = {
	"AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32",
	"AES_CM_128_NULL_AUTH",	   "AES_192_CM_HMAC_SHA1_80",
	"AES_192_CM_HMAC_SHA1_32", "AES_256_CM_HMAC_SHA1_80",
	"AES_256_CM_HMAC_SHA1_32", "NULL_HMAC_SHA1_80",
	"NULL_HMAC_SHA1_32",	   "AEAD_AES_128_GCM",
	"AEAD_AES_256_GCM",	   "AEAD_AES_128_GCM_8",
	"AEAD_AES_256_GCM_8",
};

static size_t plain_rtp(uint16_t seq, size_t payload, uint8_t *out)
{
	const uint8_t head[12] = {0x80,
				  96,
				  (uint8_t)(seq >> 8),
				  (uint8_t)seq,
				  0,
				  0,
				  0,
				  1,
				  0x11,
				  0x22,
				  0x33,
				  0x44};

	memcpy(out, head, sizeof(head));
	for (size_t i = 0; i < payload; i++)
		out[12 + i] = (uint8_t)(seq + i);
	return 12 + payload;
}

/* An empty RR of SSRC, and SDES as far as it matters. */
static const uint8_t plain_rtcp[] = {0x80, 201, 0, 1, 0x11, 0x22, 0x33, 0x44,
				     0x80, 202, 0, 1, 0,    0,	  0,	9};

static enum srtp_result open_rtp(struct srtp_box *b, const struct made_srtp *m,
				 uint16_t seq, uint32_t roc, size_t payload)
{
	uint8_t in[1500], out[1500 + MADE_SRTP_MORE];
	size_t len = plain_rtp(seq, payload, in);
	size_t n = made_srtp_rtp(m, slice_of(in, len), roc, out);
	struct slice plain = {0};
	enum srtp_result res = srtp_box_rtp(b, slice_of(out, n), room, &plain);

	if (res == SRTP_OPENED) {
		ck_assert_uint_eq(plain.len, len);
		ck_assert_mem_eq(plain.p, in, len);
	} else {
		ck_assert_ptr_null(plain.p);
	}
	return res;
}

static enum srtp_result open_rtcp(struct srtp_box *b, const struct made_srtp *m,
				  uint32_t index)
{
	uint8_t out[64 + MADE_SRTP_MORE];
	size_t n = made_srtp_rtcp(m, slice_of(plain_rtcp, sizeof(plain_rtcp)),
				  index, out);
	struct slice plain = {0};
	enum srtp_result res = srtp_box_rtcp(b, slice_of(out, n), room, &plain);

	if (res == SRTP_OPENED) {
		ck_assert_uint_eq(plain.len, sizeof(plain_rtcp));
		ck_assert_mem_eq(plain.p, plain_rtcp, sizeof(plain_rtcp));
	}
	return res;
}

START_TEST(every_suite)
{
	struct media_key k = made_key(suites[_i], 1);
	struct media_key wrong = made_key(suites[_i], 2);
	struct srtp_box *b = srtp_box_new(&k, NULL, 0);
	struct srtp_box *other = srtp_box_new(&wrong, NULL, 0);
	struct made_srtp m;
	uint32_t roc;

	ck_assert(b && other);
	made_srtp_init(&m, &k);
	ck_assert(!srtp_box_knows(b, SSRC, &roc));
	ck_assert_int_eq(open_rtp(b, &m, 7, 0, 160), SRTP_OPENED);
	ck_assert(srtp_box_knows(b, SSRC, &roc) && roc == 0);
	ck_assert_int_eq(open_rtp(b, &m, 9, 0, 0), SRTP_OPENED);
	ck_assert_int_eq(open_rtp(b, &m, 8, 0, 1400), SRTP_OPENED);
	ck_assert_int_eq(open_rtp(b, &m, 8, 0, 1400), SRTP_SEEN);
	ck_assert_int_eq(open_rtcp(b, &m, 0), SRTP_OPENED);
	ck_assert_int_eq(open_rtcp(b, &m, 5), SRTP_OPENED);
	ck_assert_int_eq(open_rtcp(b, &m, 3), SRTP_OPENED);
	ck_assert_int_eq(open_rtcp(b, &m, 5), SRTP_SEEN);
	ck_assert_int_eq(open_rtcp(other, &m, 5), SRTP_WRONG);
	if (!k.unauthenticated)
		ck_assert_int_eq(open_rtp(other, &m, 7, 0, 160), SRTP_WRONG);
	srtp_box_free(b);
	srtp_box_free(other);
}
END_TEST

START_TEST(counters_roll_over)
{
	struct media_key k = made_key(suites[_i], 1);
	struct srtp_box *b = srtp_box_new(&k, NULL, 0);
	struct made_srtp m;
	uint32_t roc;

	made_srtp_init(&m, &k);
	for (uint32_t n = 0; n < 4 * 65536u; n += 7000)
		ck_assert_int_eq(open_rtp(b, &m, (uint16_t)n, n >> 16, 20),
				 SRTP_OPENED);
	ck_assert(srtp_box_knows(b, SSRC, &roc) && roc == 3);
	srtp_box_free(b);
}
END_TEST

/* Joined in the middle: the counter has to be told, and may be told again. */
START_TEST(counters_are_set)
{
	struct media_key k = made_key(suites[_i], 1);
	struct srtp_box *b = srtp_box_new(&k, NULL, 0);
	struct made_srtp m;
	uint32_t roc;

	if (k.unauthenticated) { /* takes anything */
		srtp_box_free(b);
		return;
	}
	made_srtp_init(&m, &k);
	ck_assert_int_eq(open_rtp(b, &m, 1000, 60, 20), SRTP_WRONG);
	for (uint32_t n = 59; n < 61; n++) {
		ck_assert(srtp_box_expect(b, SSRC, n));
		ck_assert(!srtp_box_knows(b, SSRC, &roc));
		ck_assert_int_eq(open_rtp(b, &m, 1000, 60, 20),
				 n == 60 ? SRTP_OPENED : SRTP_WRONG);
	}
	ck_assert(srtp_box_knows(b, SSRC, &roc) && roc == 60);
	ck_assert_int_eq(open_rtp(b, &m, 999, 60, 20), SRTP_OPENED);
	ck_assert_int_eq(open_rtp(b, &m, 30000, 60, 20), SRTP_OPENED);
	ck_assert_int_eq(open_rtp(b, &m, 60000, 60, 20), SRTP_OPENED);
	ck_assert_int_eq(open_rtp(b, &m, 5, 61, 20), SRTP_OPENED);
	/* Back again, down to zero. */
	ck_assert(srtp_box_expect(b, SSRC, 1));
	ck_assert_int_eq(open_rtp(b, &m, 7, 1, 20), SRTP_OPENED);
	ck_assert(srtp_box_expect(b, SSRC, 0));
	ck_assert_int_eq(open_rtp(b, &m, 7, 0, 20), SRTP_OPENED);
	ck_assert(srtp_box_knows(b, SSRC, &roc) && roc == 0);
	srtp_box_free(b);
}
END_TEST

START_TEST(mki)
{
	struct media_key k = made_key(suites[_i], 1);
	struct srtp_box *b;
	struct made_srtp m;

	k.mki_len = 4;
	memcpy(k.mki, "\1\2\3\4", 4);
	b = srtp_box_new(&k, NULL, 0);
	made_srtp_init(&m, &k);
	ck_assert_int_eq(open_rtp(b, &m, 1, 0, 160), SRTP_OPENED);
	ck_assert_int_eq(open_rtcp(b, &m, 1), SRTP_OPENED);
	/* Announced, and not sent. */
	m.no_mki = true;
	ck_assert_int_eq(open_rtp(b, &m, 2, 0, 160), SRTP_OPENED);
	ck_assert_int_eq(open_rtcp(b, &m, 2), SRTP_OPENED);
	srtp_box_free(b);
}
END_TEST

/* Session parameters of SDES. */
START_TEST(half_protected)
{
	struct media_key k = made_key("AES_CM_128_HMAC_SHA1_80", 1);
	struct srtp_box *b;
	struct made_srtp m;

	k.unencrypted = _i == 0;
	k.unauthenticated = _i == 1;
	b = srtp_box_new(&k, NULL, 0);
	made_srtp_init(&m, &k);
	ck_assert_int_eq(open_rtp(b, &m, 1, 0, 160), SRTP_OPENED);
	ck_assert_int_eq(open_rtp(b, &m, 1, 0, 160), SRTP_SEEN);
	ck_assert_int_eq(open_rtcp(b, &m, 1), SRTP_OPENED);
	srtp_box_free(b);
}
END_TEST

START_TEST(encrypted_extension)
{
	static const uint8_t ids[] = {2};
	const uint8_t in[] = {0x90, 96,	  0,	9,    0,    0, 0, 1,	0x11,
			      0x22, 0x33, 0x44, 0xbe, 0xde, 0, 2, 0x10, 7,
			      0x22, 1,	  2,	3,    0,    0, 42};
	struct media_key k = made_key(suites[_i], 1);
	struct srtp_box *b = srtp_box_new(&k, ids, sizeof(ids));
	struct slice plain;
	struct made_srtp m;
	uint8_t out[64 + MADE_SRTP_MORE];
	size_t n;

	if (k.suite->cipher == SUITE_NULL) { /* no cipher to do it with */
		srtp_box_free(b);
		return;
	}
	ck_assert_ptr_nonnull(b);
	made_srtp_init(&m, &k);
	m.encrypted_ext = 1 << 2;
	n = made_srtp_rtp(&m, slice_of(in, sizeof(in)), 0, out);
	ck_assert_uint_eq(out[17], 7);
	ck_assert(memcmp(out + 19, in + 19, 3));
	ck_assert_int_eq(srtp_box_rtp(b, slice_of(out, n), room, &plain),
			 SRTP_OPENED);
	ck_assert_uint_eq(plain.len, sizeof(in));
	ck_assert_mem_eq(plain.p, in, sizeof(in));
	srtp_box_free(b);
}
END_TEST

/* Other streams of the same key, each with its own counter. */
START_TEST(many_streams)
{
	struct media_key k = made_key("AES_CM_128_HMAC_SHA1_80", 1);
	struct srtp_box *b = srtp_box_new(&k, NULL, 0);
	struct made_srtp m;

	made_srtp_init(&m, &k);
	for (uint32_t i = 0; i < 200; i++) {
		uint8_t in[64], out[64 + MADE_SRTP_MORE];
		size_t len = plain_rtp(5, 20, in), n;
		struct slice plain;

		in[11] = (uint8_t)i;
		n = made_srtp_rtp(&m, slice_of(in, len), i % 3, out);
		ck_assert(srtp_box_expect(b, 0x11223300 + i, i % 3));
		ck_assert_int_eq(
			srtp_box_rtp(b, slice_of(out, n), room, &plain),
			SRTP_OPENED);
		ck_assert_mem_eq(plain.p, in, len);
	}
	srtp_box_free(b);
}
END_TEST

/* --- what is no SRTP --------------------------------------------------- */

static void open_any(struct slice in, void *arg)
{
	struct slice plain;
	struct srtp_box *b = arg;

	ck_assert_int_ne(srtp_box_rtp(b, in, room, &plain), SRTP_OPENED);
	ck_assert_int_ne(srtp_box_rtcp(b, in, room, &plain), SRTP_OPENED);
}

START_TEST(cut_and_damaged)
{
	struct media_key k = made_key(suites[_i], 1);
	struct srtp_box *b;
	struct made_srtp m;
	uint8_t in[64], out[64 + MADE_SRTP_MORE];
	size_t n;

	if (k.unauthenticated)
		return;
	k.mki_len = 2;
	b = srtp_box_new(&k, NULL, 0);
	made_srtp_init(&m, &k);
	n = made_srtp_rtp(&m, slice_of(in, plain_rtp(3, 20, in)), 0, out);
	/* With AEAD the MKI comes last, and may be missing. */
	prefix_each(slice_of(out, n - 3), open_any, b);
	for (size_t i = 0; i < n; i++) {
		/* The MKI is not authenticated: it is looked for. */
		bool in_mki = i >= 32 && k.suite->cipher != SUITE_AES_GCM
				      ? i < 34
				      : i >= n - 2;

		out[i] ^= 1;
		if (!in_mki)
			open_any(slice_of(out, n), b);
		out[i] ^= 1;
	}
	n = made_srtp_rtcp(&m, slice_of(plain_rtcp, sizeof(plain_rtcp)), 1,
			   out);
	prefix_each(slice_of(out, n - 3), open_any, b);
	srtp_box_free(b);
}
END_TEST

START_TEST(too_large)
{
	struct media_key k = made_key("AEAD_AES_128_GCM", 1);
	struct srtp_box *b = srtp_box_new(&k, NULL, 0);
	uint8_t *in = calloc(1, SRTP_ROOM + 1);
	struct slice plain;

	ck_assert_ptr_nonnull(in);
	in[0] = 0x80;
	ck_assert_int_eq(
		srtp_box_rtp(b, slice_of(in, SRTP_ROOM + 1), room, &plain),
		SRTP_BAD);
	ck_assert_int_eq(
		srtp_box_rtcp(b, slice_of(in, SRTP_ROOM + 1), room, &plain),
		SRTP_BAD);
	ck_assert_int_ne(srtp_box_rtp(b, slice_of(in, SRTP_ROOM), room, &plain),
			 SRTP_OPENED);
	free(in);
	srtp_box_free(b);
}
END_TEST

START_TEST(nobody_opens)
{
	struct media_key k = made_key("F8_128_HMAC_SHA1_80", 1);

	ck_assert_ptr_null(srtp_box_new(&k, NULL, 0));
	srtp_box_free(NULL);
}
END_TEST

/* --- SRTCP that is not encrypted --------------------------------------- */

static void clear_any(struct slice in, void *arg)
{
	struct slice plain;

	(void)arg;
	if (srtcp_clear(in, 0, &plain))
		ck_assert(prefix_inside(plain, in));
	if (srtcp_clear(in, 4, &plain))
		ck_assert(prefix_inside(plain, in));
}

START_TEST(clear_rtcp)
{
	struct media_key k = made_key(suites[_i], 1);
	struct slice plain;
	struct made_srtp m;
	uint8_t out[64 + MADE_SRTP_MORE];
	size_t n;

	if (k.suite->rtcp_tag == 8) /* a draft's */
		return;
	for (unsigned len = 0; len < 5; len += 4) {
		k.mki_len = (uint8_t)len;
		made_srtp_init(&m, &k);
		n = made_srtp_rtcp(&m, slice_of(plain_rtcp, 16), 7, out);
		ck_assert_int_eq(srtcp_clear(slice_of(out, n), len, &plain),
				 k.suite->cipher == SUITE_NULL);
		m.clear_rtcp = true;
		n = made_srtp_rtcp(&m, slice_of(plain_rtcp, 16), 7, out);
		ck_assert(srtcp_clear(slice_of(out, n), len, &plain));
		ck_assert_uint_eq(plain.len, 16);
		ck_assert_ptr_eq(plain.p, out);
		ck_assert(srtcp_clear(slice_of(out, 16), len, &plain));
		ck_assert_uint_eq(plain.len, 16);
		prefix_each(slice_of(out, n), clear_any, NULL);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("srtp");
	TCase *t = tcase_create("vectors");

	tcase_add_loop_test(t, key_stream, 0, ROWS(streams));
	tcase_add_loop_test(t, key_derivation, 0, ROWS(derivations));
	tcase_add_loop_test(t, gcm_packets, 0, ROWS(gcm_vectors));
	tcase_add_loop_test(t, whole_packets, 0, ROWS(packets));
	tcase_add_test(t, header_extensions);
	suite_add_tcase(s, t);
	t = tcase_create("suites");
	tcase_add_loop_test(t, every_suite, 0, ROWS(suites));
	tcase_add_loop_test(t, counters_roll_over, 0, ROWS(suites));
	tcase_add_loop_test(t, counters_are_set, 0, ROWS(suites));
	tcase_add_loop_test(t, mki, 0, ROWS(suites));
	tcase_add_loop_test(t, half_protected, 0, 2);
	tcase_add_loop_test(t, encrypted_extension, 0, ROWS(suites));
	tcase_add_test(t, many_streams);
	suite_add_tcase(s, t);
	t = tcase_create("bad");
	tcase_add_loop_test(t, cut_and_damaged, 0, ROWS(suites));
	tcase_add_test(t, too_large);
	tcase_add_test(t, nobody_opens);
	suite_add_tcase(s, t);
	t = tcase_create("clear");
	tcase_add_loop_test(t, clear_rtcp, 0, ROWS(suites));
	suite_add_tcase(s, t);
	return run_suite(s);
}
