#include "tests/dtls_made.h"

#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

static void must(int ok)
{
	if (ok <= 0)
		abort();
}

void made_put(struct made *m, struct slice s)
{
	if (s.len > sizeof(m->b) - m->len)
		abort();
	if (s.len)
		memcpy(m->b + m->len, s.p, s.len);
	m->len += s.len;
}

void made_num(struct made *m, uint64_t v, size_t bytes)
{
	while (bytes--) {
		uint8_t b = (uint8_t)(v >> 8 * bytes);

		made_put(m, slice_of(&b, 1));
	}
}

void made_fragment(struct made *m, uint8_t type, uint16_t seq,
		   struct slice body, size_t offset, size_t part)
{
	made_num(m, type, 1);
	made_num(m, body.len, 3);
	made_num(m, seq, 2);
	made_num(m, offset, 3);
	made_num(m, part, 3);
	made_put(m, slice_head(slice_from(body, offset), part));
}

void made_message(struct made *m, uint8_t type, uint16_t seq, struct slice body)
{
	made_fragment(m, type, seq, body, 0, body.len);
}

void made_record(struct made *m, uint8_t type, uint16_t version, uint16_t epoch,
		 uint64_t seq, struct slice payload)
{
	made_num(m, type, 1);
	made_num(m, version, 2);
	made_num(m, epoch, 2);
	made_num(m, seq, 6);
	made_num(m, payload.len, 2);
	made_put(m, payload);
}

/* --- 1.3 --------------------------------------------------------------- */

struct suite {
	uint16_t id;
	const char *hash, *aead, *number;
	size_t key, tag;
};

static const struct suite suites[] = {
	{0x1301, "SHA2-256", "AES-128-GCM", "AES-128-ECB", 16, 16},
	{0x1302, "SHA2-384", "AES-256-GCM", "AES-256-ECB", 32, 16},
	{0x1303, "SHA2-256", "ChaCha20-Poly1305", "ChaCha20", 32, 16},
	{0x1304, "SHA2-256", "AES-128-CCM", "AES-128-ECB", 16, 16},
	{0x1305, "SHA2-256", "AES-128-CCM", "AES-128-ECB", 16, 8},
};

static const struct suite *suite_of(uint16_t id)
{
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		if (suites[i].id == id)
			return &suites[i];
	abort();
}

/* HKDF-Expand-Label (RFC 8446, 7.1) with the prefix of RFC 9147, 5.9. */
static void expand(const struct suite *s, struct slice secret,
		   const char *label, uint8_t *out, size_t len)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
	int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
	struct made info = {.len = 0};
	OSSL_PARAM params[5];

	made_num(&info, len, 2);
	made_num(&info, 6 + strlen(label), 1);
	made_put(&info, SLICE("dtls13"));
	made_put(&info, slice_str(label));
	made_num(&info, 0, 1);
	params[0] = OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode);
	params[1] = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
						     (char *)s->hash, 0);
	params[2] = OSSL_PARAM_construct_octet_string(
		OSSL_KDF_PARAM_KEY, (void *)secret.p, secret.len);
	params[3] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO,
						      info.b, info.len);
	params[4] = OSSL_PARAM_construct_end();
	must(EVP_KDF_derive(ctx, out, len, params));
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
}

/* Appends ciphertext and tag to m. */
static void encrypt(struct made *m, const struct suite *s, const uint8_t *key,
		    const uint8_t *nonce, struct slice aad, struct slice text)
{
	EVP_CIPHER *c = EVP_CIPHER_fetch(NULL, s->aead, NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	bool ccm = strstr(s->aead, "CCM");
	uint8_t out[4096], tag[16];
	int len, last = 0;

	if (text.len > sizeof(out))
		abort();
	must(EVP_EncryptInit_ex(ctx, c, NULL, NULL, NULL));
	must(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, 12, NULL));
	if (ccm)
		must(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG,
					 (int)s->tag, NULL));
	must(EVP_EncryptInit_ex(ctx, NULL, NULL, key, nonce));
	if (ccm)
		must(EVP_EncryptUpdate(ctx, NULL, &len, NULL, (int)text.len));
	must(EVP_EncryptUpdate(ctx, NULL, &len, aad.p, (int)aad.len));
	must(EVP_EncryptUpdate(ctx, out, &len, text.p, (int)text.len));
	must(EVP_EncryptFinal_ex(ctx, out + len, &last));
	must(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, (int)s->tag, tag));
	made_put(m, slice_of(out, (size_t)(len + last)));
	made_put(m, slice_of(tag, s->tag));
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(c);
}

static void mask_of(const struct suite *s, const uint8_t *key,
		    const uint8_t *sample, uint8_t mask[16])
{
	EVP_CIPHER *c = EVP_CIPHER_fetch(NULL, s->number, NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	bool chacha = !strcmp(s->number, "ChaCha20");
	int len;

	memset(mask, 0, 16);
	must(EVP_EncryptInit_ex(ctx, c, NULL, key, chacha ? sample : NULL));
	must(EVP_EncryptUpdate(ctx, mask, &len, chacha ? mask : sample, 16));
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(c);
}

/* Flags, connection ID, number, length (RFC 9147, 4); where the number is. */
static size_t put_header(struct made *m, const struct made_seal *seal,
			 size_t len)
{
	uint8_t flags = 0x20 | (seal->cid.len ? 0x10 : 0) |
			(seal->short_seq ? 0 : 0x08) |
			(seal->no_length ? 0 : 0x04) | (seal->epoch & 3);
	size_t at;

	made_num(m, flags, 1);
	made_put(m, seal->cid);
	at = m->len;
	made_num(m, seal->seq, seal->short_seq ? 1 : 2);
	if (!seal->no_length)
		made_num(m, len, 2);
	return at;
}

void made_sealed(struct made *m, struct made_seal *seal, uint8_t type,
		 struct slice content)
{
	const struct suite *s = suite_of(seal->cipher);
	uint8_t key[32], iv[12], number[32], mask[16];
	size_t begin = m->len, at, body;
	struct made inner = {.len = 0};

	expand(s, seal->secret, "key", key, s->key);
	expand(s, seal->secret, "iv", iv, sizeof(iv));
	expand(s, seal->secret, "sn", number, s->key);
	for (int i = 0; i < 8; i++)
		iv[11 - i] ^= (uint8_t)(seal->seq >> 8 * i);
	made_put(&inner, content);
	made_num(&inner, type, 1);
	for (size_t i = 0; i < seal->padding; i++)
		made_num(&inner, 0, 1);
	/* What hides the number is made of 16 bytes (4.2.3). */
	while (inner.len + s->tag < 16)
		made_num(&inner, 0, 1);

	at = put_header(m, seal, inner.len + s->tag);
	body = m->len;
	encrypt(m, s, key, iv, slice_of(m->b + begin, body - begin),
		made_slice(&inner));
	mask_of(s, number, m->b + body, mask);
	m->b[at] ^= mask[0];
	if (!seal->short_seq)
		m->b[at + 1] ^= mask[1];
	seal->seq++;
}
