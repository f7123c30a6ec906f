#include "sniffer/net/tls_keys.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#define SRTP_LABEL "EXTRACTOR-dtls_srtp"

enum {
	RANDOM = 32,
	PARAMS = 6,
};

static OSSL_PARAM octets(const char *name, struct slice s)
{
	/* OpenSSL reads them only, whatever its type says. */
	return OSSL_PARAM_construct_octet_string(name, (void *)s.p, s.len);
}

static OSSL_PARAM text(const char *name, const char *s)
{
	return OSSL_PARAM_construct_utf8_string(name, (char *)s, 0);
}

static int derive(const char *kdf_name, const OSSL_PARAM *params, uint8_t *out,
		  size_t n)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, kdf_name, NULL);
	EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	int ok = ctx && EVP_KDF_derive(ctx, out, n, params) > 0;

	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return ok ? 0 : -EIO;
}

/* --- up to 1.2 ---------------------------------------------------------- */

int tls_prf(enum tls_hash hash, struct slice secret, const char *label,
	    struct slice a, struct slice b, uint8_t *out, size_t n)
{
	OSSL_PARAM params[PARAMS] = {
		text(OSSL_KDF_PARAM_DIGEST, tls_hash_name(hash)),
		octets(OSSL_KDF_PARAM_SECRET, secret),
		octets(OSSL_KDF_PARAM_SEED, slice_str(label)),
		octets(OSSL_KDF_PARAM_SEED, a),
		octets(OSSL_KDF_PARAM_SEED, b),
		OSSL_PARAM_construct_end(),
	};

	if (!secret.len || !n)
		return -EINVAL;
	return derive("TLS1-PRF", params, out, n);
}

int tls_master(enum tls_hash hash, struct slice premaster,
	       struct slice client_random, struct slice server_random,
	       uint8_t out[TLS_MASTER])
{
	return tls_prf(hash, premaster, "master secret", client_random,
		       server_random, out, TLS_MASTER);
}

static void take(struct cursor *c, uint8_t *out, size_t n)
{
	struct slice s = cursor_take(c, n);

	if (s.len)
		memcpy(out, s.p, s.len);
}

/* Before 1.1 the first record of CBC takes its IV from the key block. */
static size_t iv_len(const struct tls_suite *s, uint16_t version)
{
	const struct tls_bulk_info *b = tls_bulk_info(s->bulk);

	if (b->mode == TLS_MODE_CBC)
		return version == 0x0301 ? b->block : 0;
	return b->fixed_iv;
}

int tls12_keys(const struct tls_suite *s, uint16_t version, struct slice master,
	       struct slice client_random, struct slice server_random,
	       struct tls_keys out[2])
{
	uint8_t block[2 * (TLS_HASH_MAX + TLS_KEY_MAX + TLS_IV_MAX)];
	size_t mac = tls_mac_len(s->mac), iv = iv_len(s, version);
	size_t key = tls_bulk_info(s->bulk)->key_len;
	size_t n = 2 * (mac + key + iv);
	struct cursor c = cursor_of(slice_of(block, n));
	int err;

	if (master.len != TLS_MASTER || client_random.len != RANDOM ||
	    server_random.len != RANDOM)
		return -EINVAL;
	err = tls_prf(tls_hash_of(s, version), master, "key expansion",
		      server_random, client_random, block, n);
	if (err)
		return err;
	memset(out, 0, 2 * sizeof(out[0]));
	take(&c, out[0].mac, mac);
	take(&c, out[1].mac, mac);
	take(&c, out[0].key, key);
	take(&c, out[1].key, key);
	take(&c, out[0].iv, iv);
	take(&c, out[1].iv, iv);
	OPENSSL_cleanse(block, sizeof(block));
	return 0;
}

/* --- 1.3 ---------------------------------------------------------------- */

/*
 * struct HkdfLabel: length 2 | length 1, "tls13 " + label | length 1, context
 */
static size_t hkdf_label(uint8_t *info, bool dtls, const char *label,
			 struct slice context, size_t n)
{
	const char *prefix = dtls ? "dtls13" : "tls13 ";
	size_t label_len = strlen(label), at = 0;

	info[at++] = (uint8_t)(n >> 8);
	info[at++] = (uint8_t)n;
	info[at++] = (uint8_t)(6 + label_len);
	memcpy(info + at, prefix, 6);
	at += 6;
	memcpy(info + at, label, label_len);
	at += label_len;
	info[at++] = (uint8_t)context.len;
	if (context.len)
		memcpy(info + at, context.p, context.len);
	return at + context.len;
}

int tls13_expand(enum tls_hash hash, bool dtls, struct slice secret,
		 const char *label, struct slice context, uint8_t *out,
		 size_t n)
{
	uint8_t info[2 + 1 + 255 + 1 + 255];
	int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
	OSSL_PARAM params[PARAMS];

	if (!secret.len || !n || n > 0xffff || strlen(label) > 255 - 6 ||
	    context.len > 255)
		return -EINVAL;
	params[0] = text(OSSL_KDF_PARAM_DIGEST, tls_hash_name(hash));
	params[1] = OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode);
	params[2] = octets(OSSL_KDF_PARAM_KEY, secret);
	params[3] = octets(
		OSSL_KDF_PARAM_INFO,
		slice_of(info, hkdf_label(info, dtls, label, context, n)));
	params[4] = OSSL_PARAM_construct_end();
	return derive("HKDF", params, out, n);
}

int tls13_keys(const struct tls_suite *s, bool dtls, struct slice secret,
	       struct tls_keys *out)
{
	const struct slice none = {0};
	size_t key = tls_bulk_info(s->bulk)->key_len;
	struct tls_keys k = {0};
	int err = -EINVAL;

	if (secret.len == tls_hash_len(s->hash) && key)
		err = tls13_expand(s->hash, dtls, secret, "key", none, k.key,
				   key);
	if (!err)
		err = tls13_expand(s->hash, dtls, secret, "iv", none, k.iv, 12);
	if (!err && dtls)
		err = tls13_expand(s->hash, dtls, secret, "sn", none, k.sn,
				   key);
	if (!err)
		*out = k;
	OPENSSL_cleanse(&k, sizeof(k));
	return err;
}

int tls13_update(const struct tls_suite *s, bool dtls, struct slice secret,
		 uint8_t out[TLS_HASH_MAX])
{
	uint8_t next[TLS_HASH_MAX];
	int err = -EINVAL;

	if (secret.len == tls_hash_len(s->hash))
		err = tls13_expand(s->hash, dtls, secret, "traffic upd",
				   slice_of(NULL, 0), next, secret.len);
	if (!err)
		memcpy(out, next, secret.len);
	OPENSSL_cleanse(next, sizeof(next));
	return err;
}

/* --- SRTP --------------------------------------------------------------- */

int tls_export_dtls_srtp12(enum tls_hash hash, struct slice master,
			   struct slice client_random,
			   struct slice server_random, size_t n, uint8_t *out)
{
	if (master.len != TLS_MASTER || client_random.len != RANDOM ||
	    server_random.len != RANDOM)
		return -EINVAL;
	return tls_prf(hash, master, SRTP_LABEL, client_random, server_random,
		       out, n);
}

int tls_export_dtls_srtp13(enum tls_hash hash, struct slice exporter_secret,
			   bool dtls13, size_t n, uint8_t *out)
{
	uint8_t empty[EVP_MAX_MD_SIZE], secret[TLS_HASH_MAX];
	size_t len = tls_hash_len(hash), digest;
	int err = -EINVAL;

	if (hash == TLS_HASH_MD5_SHA1 || exporter_secret.len != len)
		return err;
	if (!EVP_Q_digest(NULL, tls_hash_name(hash), NULL, "", 0, empty,
			  &digest))
		return -EIO;
	err = tls13_expand(hash, dtls13, exporter_secret, SRTP_LABEL,
			   slice_of(empty, digest), secret, len);
	if (!err)
		err = tls13_expand(hash, dtls13, slice_of(secret, len),
				   "exporter", slice_of(empty, digest), out, n);
	OPENSSL_cleanse(secret, sizeof(secret));
	return err;
}

int tls_srtp_split(struct slice block, size_t key_len, size_t salt_len,
		   struct srtp_export *out)
{
	struct srtp_export x = {.key_len = key_len, .salt_len = salt_len};
	struct cursor c = cursor_of(block);

	if (key_len > TLS_SRTP_KEY_MAX || salt_len > TLS_SRTP_SALT_MAX ||
	    block.len != 2 * (key_len + salt_len))
		return -EINVAL;
	take(&c, x.client_key, key_len);
	take(&c, x.server_key, key_len);
	take(&c, x.client_salt, salt_len);
	take(&c, x.server_salt, salt_len);
	*out = x;
	OPENSSL_cleanse(&x, sizeof(x));
	return 0;
}

bool tls_srtp_sizes(uint16_t profile, size_t *key_len, size_t *salt_len)
{
	static const struct {
		uint16_t profile;
		uint8_t key, salt;
	} sizes[] = {
		{0x0001, 16, 14}, /* SRTP_AES128_CM_HMAC_SHA1_80 */
		{0x0002, 16, 14}, /* SRTP_AES128_CM_HMAC_SHA1_32 */
		{0x0005, 16, 14}, /* SRTP_NULL_HMAC_SHA1_80 */
		{0x0006, 16, 14}, /* SRTP_NULL_HMAC_SHA1_32 */
		{0x0007, 16, 12}, /* SRTP_AEAD_AES_128_GCM */
		{0x0008, 32, 12}, /* SRTP_AEAD_AES_256_GCM */
	};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		if (sizes[i].profile != profile)
			continue;
		*key_len = sizes[i].key;
		*salt_len = sizes[i].salt;
		return true;
	}
	return false;
}
