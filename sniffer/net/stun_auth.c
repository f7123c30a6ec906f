#include "sniffer/net/stun_auth.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

/* --- integrity --------------------------------------------------------- */

/* HMAC over head and rest; false when the library fails. */
static bool hmac(const char *digest, struct slice key, struct slice head,
		 struct slice rest, uint8_t out[EVP_MAX_MD_SIZE])
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
						 (char *)digest, 0),
		OSSL_PARAM_construct_end(),
	};
	/* Without a pointer the library takes the key for missing. */
	const uint8_t *k = key.p ? key.p : (const uint8_t *)"";
	EVP_MAC *mac = EVP_MAC_fetch(NULL, OSSL_MAC_NAME_HMAC, NULL);
	EVP_MAC_CTX *ctx = mac ? EVP_MAC_CTX_new(mac) : NULL;
	size_t len;
	bool ok;

	ok = ctx && EVP_MAC_init(ctx, k, key.len, params) &&
	     EVP_MAC_update(ctx, head.p, head.len) &&
	     EVP_MAC_update(ctx, rest.p, rest.len) &&
	     EVP_MAC_final(ctx, out, &len, EVP_MAX_MD_SIZE);
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
	return ok;
}

/*
 * The text is all before the attribute, with a length in the header as if the
 * message ended with the attribute (RFC 8489, 14.5 and 14.6): what follows
 * was added later.
 */
static enum stun_auth check(struct slice in, const struct stun_integrity *i,
			    const char *digest, struct slice key)
{
	size_t len = i->offset + 4 + i->value.len - STUN_HEAD;
	uint8_t want[EVP_MAX_MD_SIZE];
	uint8_t head[STUN_HEAD];
	struct slice rest;

	if (i->offset < STUN_HEAD || i->offset > in.len)
		return STUN_AUTH_NONE;
	memcpy(head, in.p, sizeof(head));
	head[2] = (uint8_t)(len >> 8);
	head[3] = (uint8_t)len;
	rest = slice_from(slice_head(in, i->offset), STUN_HEAD);
	if (!hmac(digest, key, slice_of(head, sizeof(head)), rest, want))
		return STUN_AUTH_NONE;
	return CRYPTO_memcmp(want, i->value.p, i->value.len) ? STUN_AUTH_BAD
							     : STUN_AUTH_OK;
}

enum stun_auth stun_auth_check(struct slice in, const struct stun_msg *m,
			       struct slice key)
{
	if (m->classic)
		return STUN_AUTH_NONE;
	if (m->integrity_sha256.value.p)
		return check(in, &m->integrity_sha256, "SHA256", key);
	if (m->integrity.value.p)
		return check(in, &m->integrity, "SHA1", key);
	if (m->integrity_32.value.p)
		return check(in, &m->integrity_32, "SHA1", key);
	return STUN_AUTH_NONE;
}

/* --- keys -------------------------------------------------------------- */

static struct slice bare(struct slice s)
{
	while (s.len && !s.p[s.len - 1])
		s.len--;
	if (s.len >= 2 && s.p[0] == '"' && s.p[s.len - 1] == '"')
		s = slice_of(s.p + 1, s.len - 2);
	return s;
}

/* The digest of the parts with a colon between each. */
static bool digest_of(const EVP_MD *type, const struct slice *part,
		      size_t parts, uint8_t *out, unsigned *len)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool ok = md && EVP_DigestInit_ex(md, type, NULL);

	for (size_t i = 0; i < parts && ok; i++)
		ok = (!i || EVP_DigestUpdate(md, ":", 1)) &&
		     EVP_DigestUpdate(md, part[i].p, part[i].len);
	ok = ok && EVP_DigestFinal_ex(md, out, len);
	EVP_MD_CTX_free(md);
	return ok;
}

int stun_long_term_key(struct slice user, struct slice realm,
		       struct slice password, bool sha256,
		       uint8_t out[STUN_KEY_MAX], size_t *len)
{
	const struct slice parts[] = {bare(user), bare(realm), password};
	uint8_t md[EVP_MAX_MD_SIZE];
	unsigned n;

	if (!digest_of(sha256 ? EVP_sha256() : EVP_md5(), parts, 3, md, &n) ||
	    n > STUN_KEY_MAX)
		return -EIO;
	memcpy(out, md, n);
	*len = n;
	return 0;
}

int stun_rest_password(struct slice secret, struct slice user,
		       uint8_t out[STUN_REST_PASSWORD])
{
	uint8_t md[EVP_MAX_MD_SIZE], text[STUN_REST_PASSWORD + 1];

	if (!hmac("SHA1", secret, user, (struct slice){0}, md))
		return -EIO;
	EVP_EncodeBlock(text, md, 20);
	memcpy(out, text, STUN_REST_PASSWORD);
	return 0;
}

bool stun_userhash_is(struct slice hash, struct slice user, struct slice realm)
{
	const struct slice parts[] = {bare(user), bare(realm)};
	uint8_t md[EVP_MAX_MD_SIZE];
	unsigned n;

	return digest_of(EVP_sha256(), parts, 2, md, &n) &&
	       slice_eq(hash, slice_of(md, n));
}
