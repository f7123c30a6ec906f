#include "sniffer/media/srtp_suite.h"

#define ROWS(a) (sizeof(a) / sizeof((a)[0]))

/* Suites with a short tag for RTP keep the long one for RTCP (RFC 4568, 6.2;
 * RFC 5764, 4.1.2; RFC 6188, 4). Profiles 3 and 4 are of a draft. */
static const struct srtp_suite suites[] = {
	/* clang-format off */
	{ "AES_CM_128_HMAC_SHA1_80", "SRTP_AES128_CM_HMAC_SHA1_80", 0x0001,
	  SUITE_AES_CM, 16, 14, 10, 10 },
	{ "AES_CM_128_HMAC_SHA1_32", "SRTP_AES128_CM_HMAC_SHA1_32", 0x0002,
	  SUITE_AES_CM, 16, 14, 4, 10 },
	{ "AES_CM_128_NULL_AUTH", NULL, 0, SUITE_AES_CM, 16, 14, 0, 10 },
	{ "AES_192_CM_HMAC_SHA1_80", NULL, 0, SUITE_AES_CM, 24, 14, 10, 10 },
	{ "AES_192_CM_HMAC_SHA1_32", NULL, 0, SUITE_AES_CM, 24, 14, 4, 10 },
	{ "AES_256_CM_HMAC_SHA1_80", "SRTP_AES256_CM_HMAC_SHA1_80", 0x0003,
	  SUITE_AES_CM, 32, 14, 10, 10 },
	{ "AES_256_CM_HMAC_SHA1_32", "SRTP_AES256_CM_HMAC_SHA1_32", 0x0004,
	  SUITE_AES_CM, 32, 14, 4, 10 },
	{ "NULL_HMAC_SHA1_80", "SRTP_NULL_HMAC_SHA1_80", 0x0005,
	  SUITE_NULL, 16, 14, 10, 10 },
	{ "NULL_HMAC_SHA1_32", "SRTP_NULL_HMAC_SHA1_32", 0x0006,
	  SUITE_NULL, 16, 14, 4, 10 },
	{ "AEAD_AES_128_GCM", "SRTP_AEAD_AES_128_GCM", 0x0007,
	  SUITE_AES_GCM, 16, 12, 16, 16 },
	{ "AEAD_AES_256_GCM", "SRTP_AEAD_AES_256_GCM", 0x0008,
	  SUITE_AES_GCM, 32, 12, 16, 16 },
	{ "AEAD_AES_128_GCM_8", NULL, 0, SUITE_AES_GCM, 16, 12, 8, 8 },
	{ "AEAD_AES_256_GCM_8", NULL, 0, SUITE_AES_GCM, 32, 12, 8, 8 },

	{ "F8_128_HMAC_SHA1_80", NULL, 0,
	  SUITE_UNSUPPORTED, 16, 14, 10, 10 },
	{ "SEED_CTR_128_HMAC_SHA1_80", NULL, 0,
	  SUITE_UNSUPPORTED, 16, 14, 10, 10 },
	{ "SEED_128_CCM_80", NULL, 0, SUITE_UNSUPPORTED, 16, 12, 10, 10 },
	{ "SEED_128_GCM_96", NULL, 0, SUITE_UNSUPPORTED, 16, 12, 12, 12 },
	{ "DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM",
	  "DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM", 0x0009,
	  SUITE_UNSUPPORTED, 32, 24, 16, 16 },
	{ "DOUBLE_AEAD_AES_256_GCM_AEAD_AES_256_GCM",
	  "DOUBLE_AEAD_AES_256_GCM_AEAD_AES_256_GCM", 0x000A,
	  SUITE_UNSUPPORTED, 64, 24, 16, 16 },
	{ "SRTP_ARIA_128_CTR_HMAC_SHA1_80", "SRTP_ARIA_128_CTR_HMAC_SHA1_80",
	  0x000B, SUITE_UNSUPPORTED, 16, 14, 10, 10 },
	{ "SRTP_ARIA_128_CTR_HMAC_SHA1_32", "SRTP_ARIA_128_CTR_HMAC_SHA1_32",
	  0x000C, SUITE_UNSUPPORTED, 16, 14, 4, 10 },
	{ "SRTP_ARIA_256_CTR_HMAC_SHA1_80", "SRTP_ARIA_256_CTR_HMAC_SHA1_80",
	  0x000D, SUITE_UNSUPPORTED, 32, 14, 10, 10 },
	{ "SRTP_ARIA_256_CTR_HMAC_SHA1_32", "SRTP_ARIA_256_CTR_HMAC_SHA1_32",
	  0x000E, SUITE_UNSUPPORTED, 32, 14, 4, 10 },
	{ "SRTP_AEAD_ARIA_128_GCM", "SRTP_AEAD_ARIA_128_GCM", 0x000F,
	  SUITE_UNSUPPORTED, 16, 12, 16, 16 },
	{ "SRTP_AEAD_ARIA_256_GCM", "SRTP_AEAD_ARIA_256_GCM", 0x0010,
	  SUITE_UNSUPPORTED, 32, 12, 16, 16 },
	/* clang-format on */
};

/* Other spellings: OpenSSL's, and numbers in another order. */
static const struct {
	const char *alias, *name;
} aliases[] = {
	{"SRTP_AES128_CM_SHA1_80", "AES_CM_128_HMAC_SHA1_80"},
	{"SRTP_AES128_CM_SHA1_32", "AES_CM_128_HMAC_SHA1_32"},
	{"SRTP_AES256_CM_SHA1_80", "AES_256_CM_HMAC_SHA1_80"},
	{"SRTP_AES256_CM_SHA1_32", "AES_256_CM_HMAC_SHA1_32"},
	{"SRTP_NULL_SHA1_80", "NULL_HMAC_SHA1_80"},
	{"SRTP_NULL_SHA1_32", "NULL_HMAC_SHA1_32"},
	{"AES_128_CM_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_80"},
	{"AES_128_CM_HMAC_SHA1_32", "AES_CM_128_HMAC_SHA1_32"},
	{"AES_CM_192_HMAC_SHA1_80", "AES_192_CM_HMAC_SHA1_80"},
	{"AES_CM_192_HMAC_SHA1_32", "AES_192_CM_HMAC_SHA1_32"},
	{"AES_CM_256_HMAC_SHA1_80", "AES_256_CM_HMAC_SHA1_80"},
	{"AES_CM_256_HMAC_SHA1_32", "AES_256_CM_HMAC_SHA1_32"},
	{"AEAD_AES_128_GCM_16", "AEAD_AES_128_GCM"},
	{"AEAD_AES_256_GCM_16", "AEAD_AES_256_GCM"},
};

static const struct srtp_suite *by_name(struct slice name)
{
	for (size_t i = 0; i < ROWS(suites); i++) {
		const struct srtp_suite *s = &suites[i];

		if (slice_ieq(name, slice_str(s->name)) ||
		    (s->dtls && slice_ieq(name, slice_str(s->dtls))))
			return s;
	}
	return NULL;
}

const struct srtp_suite *srtp_suite_find(struct slice name)
{
	const struct srtp_suite *s = by_name(name);

	for (size_t i = 0; !s && i < ROWS(aliases); i++)
		if (slice_ieq(name, slice_str(aliases[i].alias)))
			s = by_name(slice_str(aliases[i].name));
	return s;
}

const struct srtp_suite *srtp_suite_of_profile(uint16_t profile)
{
	for (size_t i = 0; profile && i < ROWS(suites); i++)
		if (suites[i].profile == profile)
			return &suites[i];
	return NULL;
}
