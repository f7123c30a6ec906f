#include "sniffer/net/dtls_open.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

enum {
	NONCE = 12,
	SAMPLE = 16, /* bytes of ciphertext that hide the number */
	HEADER_MAX = 1 + 255 + 2 + 2,
};

/* The suites of 1.3 (RFC 8446, B.4). */
static const struct suite {
	uint16_t id;
	uint8_t key_len, tag_len, secret_len;
	bool ccm;
	const EVP_MD *(*hash)(void);
	const EVP_CIPHER *(*aead)(void);
	const EVP_CIPHER *(*number)(void);
} suites[] = {
	{0x1301, 16, 16, 32, false, EVP_sha256, EVP_aes_128_gcm,
	 EVP_aes_128_ecb},
	{0x1302, 32, 16, 48, false, EVP_sha384, EVP_aes_256_gcm,
	 EVP_aes_256_ecb},
	{0x1303, 32, 16, 32, false, EVP_sha256, EVP_chacha20_poly1305,
	 EVP_chacha20},
	{0x1304, 16, 16, 32, true, EVP_sha256, EVP_aes_128_ccm,
	 EVP_aes_128_ecb},
	{0x1305, 16, 8, 32, true, EVP_sha256, EVP_aes_128_ccm, EVP_aes_128_ecb},
};

static const struct suite *suite_of(uint16_t id)
{
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		if (suites[i].id == id)
			return &suites[i];
	return NULL;
}

/*
 * HKDF-Expand-Label with no context (RFC 8446, 7.1; the prefix of RFC 9147,
 * 5.9): length 2 | "dtls13" label 1+n | context 1+0. One block of HMAC is
 * enough for all that is asked here.
 */
static bool expand(const struct suite *s, struct slice secret,
		   const char *label, uint8_t *out, uint8_t len)
{
	uint8_t info[32], block[EVP_MAX_MD_SIZE];
	size_t label_len = strlen(label), n = 0;
	unsigned block_len;

	info[n++] = 0;
	info[n++] = len;
	info[n++] = (uint8_t)(6 + label_len);
	memcpy(info + n, "dtls13", 6);
	memcpy(info + n + 6, label, label_len);
	n += 6 + label_len;
	info[n++] = 0;
	info[n++] = 1; /* the number of the block */
	if (!HMAC(s->hash(), secret.p, (int)secret.len, info, n, block,
		  &block_len) ||
	    block_len < len)
		return false;
	memcpy(out, block, len);
	return true;
}

bool dtls_key_set(struct dtls_key *k, uint16_t cipher, struct slice secret)
{
	const struct suite *s = suite_of(cipher);
	struct dtls_key made = {.cipher = cipher};

	if (!s || secret.len != s->secret_len ||
	    !expand(s, secret, "key", made.key, s->key_len) ||
	    !expand(s, secret, "iv", made.iv, NONCE) ||
	    !expand(s, secret, "sn", made.number, s->key_len))
		return false;
	*k = made;
	return true;
}

/* What the number was XORed with (4.2.3): the first bytes of the ciphertext,
 * encrypted; for ChaCha20 they are counter and nonce of a block. */
static bool number_mask(const struct suite *s, const struct dtls_key *k,
			const uint8_t *sample, uint8_t mask[SAMPLE])
{
	static const uint8_t zeros[SAMPLE];
	bool stream = s->number == EVP_chacha20;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int len;
	bool ok;

	ok = ctx &&
	     EVP_EncryptInit_ex(ctx, s->number(), NULL, k->number,
				stream ? sample : NULL) > 0 &&
	     EVP_CIPHER_CTX_set_padding(ctx, 0) > 0 &&
	     EVP_EncryptUpdate(ctx, mask, &len, stream ? zeros : sample,
			       SAMPLE) > 0;
	EVP_CIPHER_CTX_free(ctx);
	return ok;
}

/* The number nearest to the expected one that ends in these bits (4.2.2). */
static uint64_t whole_number(uint64_t low, unsigned bits, uint64_t expected)
{
	uint64_t span = (uint64_t)1 << bits;
	uint64_t seq = (expected & ~(span - 1)) | low;

	if (seq > expected + span / 2 && seq >= span)
		return seq - span;
	if (seq + span / 2 < expected)
		return seq + span;
	return seq;
}

static bool open_aead(const struct suite *s, const struct dtls_key *k,
		      uint64_t seq, struct slice aad, struct slice in,
		      uint8_t *buf)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	size_t text = in.len - s->tag_len;
	uint8_t nonce[NONCE], tag[16];
	bool ok = false;
	int len;

	memcpy(nonce, k->iv, NONCE);
	for (int i = 0; i < 8; i++)
		nonce[NONCE - 1 - i] ^= (uint8_t)(seq >> 8 * i);
	memcpy(tag, in.p + text, s->tag_len);
	if (!ctx || EVP_DecryptInit_ex(ctx, s->aead(), NULL, NULL, NULL) <= 0 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, NONCE, NULL) <=
		    0 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, s->tag_len, tag) <=
		    0 ||
	    EVP_DecryptInit_ex(ctx, NULL, NULL, k->key, nonce) <= 0)
		goto out;
	/* CCM wants the length first, and checks the tag in the update. */
	if (s->ccm && EVP_DecryptUpdate(ctx, NULL, &len, NULL, (int)text) <= 0)
		goto out;
	if (EVP_DecryptUpdate(ctx, NULL, &len, aad.p, (int)aad.len) <= 0 ||
	    EVP_DecryptUpdate(ctx, buf, &len, in.p, (int)text) <= 0)
		goto out;
	ok = s->ccm || EVP_DecryptFinal_ex(ctx, buf + len, &len) > 0;
out:
	EVP_CIPHER_CTX_free(ctx);
	return ok;
}

/* Content | type 1 | zeros (RFC 8446, 5.2). */
static bool split_inner(struct slice inner, struct dtls_plain *out)
{
	size_t len = inner.len;

	while (len && !inner.p[len - 1])
		len--;
	if (!len)
		return false;
	out->type = inner.p[len - 1];
	out->content = slice_head(inner, len - 1);
	return true;
}

bool dtls_open(const struct dtls_key *k, const struct dtls_record *r,
	       uint64_t expected, uint8_t *buf, struct dtls_plain *out)
{
	const struct suite *s = suite_of(k->cipher);
	uint8_t header[HEADER_MAX], mask[SAMPLE];
	struct dtls_plain plain = {0};
	size_t at;

	if (!s || !r->unified || r->cut || r->payload.len < SAMPLE ||
	    r->payload.len <= s->tag_len || r->header.len > sizeof(header) ||
	    !number_mask(s, k, r->payload.p, mask))
		return false;
	/* The header is authenticated as it was before the number was hidden,
	 * which stands behind flags and connection ID. */
	memcpy(header, r->header.p, r->header.len);
	at = 1 + r->cid.len;
	for (uint8_t i = 0; i < r->seq_len; i++) {
		header[at + i] ^= mask[i];
		plain.seq = plain.seq << 8 | header[at + i];
	}
	plain.seq = whole_number(plain.seq, r->seq_len * 8u, expected);
	if (!open_aead(s, k, plain.seq, slice_of(header, r->header.len),
		       r->payload, buf) ||
	    !split_inner(slice_of(buf, r->payload.len - s->tag_len), &plain))
		return false;
	*out = plain;
	return true;
}
