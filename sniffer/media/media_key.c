#include "sniffer/media/media_key.h"

enum {
	RAW_MAX = sizeof(((struct media_key *)0)->key) +
		  sizeof(((struct media_key *)0)->salt),
	CM_SALT = 14,
};

bool media_key_set(struct media_key *out, const struct srtp_suite *suite,
		   struct slice key, struct slice salt,
		   enum media_key_from from)
{
	struct media_key k = {.suite = suite, .any_ssrc = true, .from = from};

	if (!suite || suite->cipher == SUITE_UNSUPPORTED ||
	    key.len != suite->key_len || salt.len != suite->salt_len)
		return false;
	memcpy(k.key, key.p, key.len);
	memcpy(k.salt, salt.p, salt.len);
	k.unauthenticated = !suite->rtp_tag;
	*out = k;
	explicit_bzero(&k, sizeof(k));
	return true;
}

/* RFC 4648, 4; -1 for what is no digit. */
static int digit(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* The end may be padded or not: some leave it out. Answers the number of
 * bytes, also of those beyond max, which are dropped; SIZE_MAX: bad text. */
static size_t decode(struct slice in, uint8_t *out, size_t max)
{
	uint32_t bits = 0;
	size_t n = 0;

	for (int pads = 0; pads < 2 && in.len && in.p[in.len - 1] == '=';)
		pads++, in.len--;
	for (size_t i = 0; i < in.len; i++) {
		int d = digit(in.p[i]);

		if (d < 0)
			return SIZE_MAX;
		bits = bits << 6 | (uint32_t)d;
		if (i % 4 == 0)
			continue;
		if (n < max)
			out[n] = (uint8_t)(bits >> (6 - i % 4 * 2));
		n++;
	}
	return in.len % 4 == 1 ? SIZE_MAX : n;
}

const char *media_key_decode(struct media_key *out,
			     const struct srtp_suite *suite,
			     struct slice base64, enum media_key_from from)
{
	uint8_t raw[RAW_MAX];
	const char *fault = NULL;
	size_t n, key_len = suite->key_len;

	if (suite->cipher == SUITE_UNSUPPORTED)
		return "key.unsupported_suite";
	n = decode(base64, raw, sizeof(raw));
	if (n == SIZE_MAX)
		fault = "key.bad_base64";
	else if (suite->cipher == SUITE_AES_GCM && n == key_len + CM_SALT)
		fault = "key.gcm_salt";
	else if (n != key_len + suite->salt_len)
		fault = "key.bad_length";
	else
		media_key_set(out, suite, slice_of(raw, key_len),
			      slice_of(raw + key_len, suite->salt_len), from);
	explicit_bzero(raw, sizeof(raw));
	return fault;
}

bool media_key_same(const struct media_key *a, const struct media_key *b)
{
	return a->suite == b->suite && a->any_ssrc == b->any_ssrc &&
	       (a->any_ssrc || a->ssrc == b->ssrc) &&
	       a->unencrypted == b->unencrypted &&
	       a->unauthenticated == b->unauthenticated &&
	       a->mki_len == b->mki_len &&
	       !memcmp(a->mki, b->mki, a->mki_len) &&
	       !memcmp(a->key, b->key, sizeof(a->key)) &&
	       !memcmp(a->salt, b->salt, sizeof(a->salt));
}

unsigned media_key_trailer(const struct media_key *k)
{
	return (k->unauthenticated ? 0u : k->suite->rtp_tag) + k->mki_len;
}
