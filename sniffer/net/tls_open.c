#include "sniffer/net/tls_open.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>

enum {
	NONCE = 12,
	EXPLICIT_NONCE = 8, /* in the record, before 1.3 */
	AAD_12 = 13,
	TLS_1_0 = 0x0301,
};

struct tls_opener {
	const struct tls_suite *suite;
	const struct tls_bulk_info *bulk;
	EVP_CIPHER *cipher;
	EVP_CIPHER_CTX *ctx;
	EVP_MAC_CTX *mac;
	size_t mac_len;
	uint16_t version;
	bool encrypt_then_mac;
	struct tls_keys keys; /* iv moves on in TLS 1.0 with CBC */
};

static bool make_mac(struct tls_opener *o)
{
	const char *digest = tls_mac_name(o->suite->mac);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
						 (char *)digest, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *mac;

	if (!digest)
		return true;
	mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	o->mac = mac ? EVP_MAC_CTX_new(mac) : NULL;
	EVP_MAC_free(mac);
	o->mac_len = tls_mac_len(o->suite->mac);
	return o->mac && EVP_MAC_CTX_set_params(o->mac, params);
}

static bool make_cipher(struct tls_opener *o)
{
	if (!o->bulk->evp)
		return true;
	o->cipher = EVP_CIPHER_fetch(NULL, o->bulk->evp, NULL);
	o->ctx = EVP_CIPHER_CTX_new();
	return o->cipher && o->ctx;
}

struct tls_opener *tls_opener_new(const struct tls_suite *s, uint16_t version,
				  bool encrypt_then_mac,
				  const struct tls_keys *keys)
{
	struct tls_opener *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->suite = s;
	o->bulk = tls_bulk_info(s->bulk);
	o->version = version;
	o->encrypt_then_mac = encrypt_then_mac;
	o->keys = *keys;
	if (!make_mac(o) || !make_cipher(o)) {
		tls_opener_free(o);
		return NULL;
	}
	return o;
}

void tls_opener_free(struct tls_opener *o)
{
	if (!o)
		return;
	EVP_CIPHER_CTX_free(o->ctx);
	EVP_CIPHER_free(o->cipher);
	EVP_MAC_CTX_free(o->mac);
	OPENSSL_cleanse(o, sizeof(*o));
	free(o);
}

static void put_seq(uint8_t out[8], uint64_t seq)
{
	for (int i = 7; i >= 0; i--, seq >>= 8)
		out[i] = (uint8_t)seq;
}

/* What the MAC and AEAD of 1.2 see before the content: sequence number 8 |
 * type 1 | version 2 | length 2 (RFC 5246, 6.2.3). */
static void put_pseudo(uint8_t out[AAD_12], const struct tls_record *r,
		       uint64_t seq, size_t len)
{
	put_seq(out, seq);
	memcpy(out + 8, r->head.p, 3);
	out[11] = (uint8_t)(len >> 8);
	out[12] = (uint8_t)len;
}

/* --- with a MAC of its own --------------------------------------------- */

/* RFC 5246, 6.2.3.1; what is in encrypt_then_mac, RFC 7366. */
static bool mac_fits(struct tls_opener *o, const struct tls_record *r,
		     uint64_t seq, struct slice content, struct slice mac)
{
	uint8_t pseudo[AAD_12], got[EVP_MAX_MD_SIZE];
	size_t n = 0;

	put_pseudo(pseudo, r, seq, content.len);
	return EVP_MAC_init(o->mac, o->keys.mac, o->mac_len, NULL) &&
	       EVP_MAC_update(o->mac, pseudo, sizeof(pseudo)) &&
	       EVP_MAC_update(o->mac, content.p, content.len) &&
	       EVP_MAC_final(o->mac, got, &n, sizeof(got)) && n == mac.len &&
	       !memcmp(got, mac.p, n);
}

static bool open_null(struct tls_opener *o, const struct tls_record *r,
		      uint64_t seq, uint8_t *buf, struct tls_plain *out)
{
	struct slice content;

	if (r->fragment.len < o->mac_len)
		return false;
	content = slice_head(r->fragment, r->fragment.len - o->mac_len);
	if (!mac_fits(o, r, seq, content, slice_from(r->fragment, content.len)))
		return false;
	if (content.len)
		memcpy(buf, content.p, content.len);
	out->bytes = slice_of(buf, content.len);
	return true;
}

/* Without the padding: its length is in each of its bytes and one more. */
static bool strip_padding(struct slice *s)
{
	size_t pad;

	if (!s->len)
		return false;
	pad = (size_t)s->p[s->len - 1] + 1;
	if (pad > s->len)
		return false;
	for (size_t i = s->len - pad; i < s->len; i++)
		if (s->p[i] != pad - 1)
			return false;
	s->len -= pad;
	return true;
}

static bool decrypt_cbc(struct tls_opener *o, const uint8_t *iv,
			struct slice in, uint8_t *buf)
{
	int n;

	return in.len && in.len % o->bulk->block == 0 &&
	       EVP_DecryptInit_ex2(o->ctx, o->cipher, o->keys.key, iv, NULL) &&
	       EVP_CIPHER_CTX_set_padding(o->ctx, 0) &&
	       EVP_DecryptUpdate(o->ctx, buf, &n, in.p, (int)in.len) &&
	       (size_t)n == in.len;
}

/* RFC 5246, 6.2.3.2: from 1.1 on the IV comes first. */
static bool open_cbc(struct tls_opener *o, const struct tls_record *r,
		     uint64_t seq, uint8_t *buf, struct tls_plain *out)
{
	struct slice in = r->fragment, mac = {0}, plain;
	const uint8_t *iv = o->keys.iv;

	if (in.len < o->mac_len)
		return false;
	if (o->encrypt_then_mac) {
		mac = slice_from(in, in.len - o->mac_len);
		in.len -= o->mac_len;
		if (!mac_fits(o, r, seq, in, mac))
			return false;
	}
	if (o->version > TLS_1_0) {
		if (in.len < o->bulk->block)
			return false;
		iv = in.p;
		in = slice_from(in, o->bulk->block);
	}
	if (!decrypt_cbc(o, iv, in, buf))
		return false;
	plain = slice_of(buf, in.len);
	if (!strip_padding(&plain))
		return false;
	if (!o->encrypt_then_mac) {
		if (plain.len < o->mac_len)
			return false;
		plain.len -= o->mac_len;
		mac = slice_of(plain.p + plain.len, o->mac_len);
		if (!mac_fits(o, r, seq, plain, mac))
			return false;
	}
	out->bytes = plain;
	return true;
}

/* --- AEAD --------------------------------------------------------------- */

struct aead {
	uint8_t nonce[NONCE];
	uint8_t aad[AAD_12];
	size_t aad_len;
	struct slice text, tag;
};

/* RFC 8446, 5.3; RFC 7905, 2. */
static void mix_nonce(uint8_t nonce[NONCE], const uint8_t *iv, uint64_t seq)
{
	uint8_t number[8];

	put_seq(number, seq);
	memcpy(nonce, iv, NONCE);
	for (size_t i = 0; i < sizeof(number); i++)
		nonce[NONCE - sizeof(number) + i] ^= number[i];
}

/* RFC 5288, 3; RFC 6655, 3: a fixed part, and one in the record. */
static bool split_nonce(const struct tls_opener *o, struct aead *a)
{
	size_t fixed = o->bulk->fixed_iv;

	if (a->text.len < EXPLICIT_NONCE)
		return false;
	memcpy(a->nonce, o->keys.iv, fixed);
	memcpy(a->nonce + fixed, a->text.p, EXPLICIT_NONCE);
	a->text = slice_from(a->text, EXPLICIT_NONCE);
	return true;
}

static bool prepare(const struct tls_opener *o, const struct tls_record *r,
		    uint64_t seq, struct aead *a)
{
	size_t tag = o->bulk->tag_len;

	if (r->fragment.len < tag)
		return false;
	a->text = slice_head(r->fragment, r->fragment.len - tag);
	a->tag = slice_from(r->fragment, a->text.len);
	if (o->version > 0x0303 || o->bulk->mode == TLS_MODE_CHACHA20)
		mix_nonce(a->nonce, o->keys.iv, seq);
	else if (!split_nonce(o, a))
		return false;
	if (o->version > 0x0303) {
		a->aad_len = TLS_RECORD_HEAD;
		memcpy(a->aad, r->head.p, a->aad_len);
	} else {
		a->aad_len = AAD_12;
		put_pseudo(a->aad, r, seq, a->text.len);
	}
	return true;
}

static bool decrypt_aead(struct tls_opener *o, const struct aead *a,
			 uint8_t *buf)
{
	EVP_CIPHER_CTX *ctx = o->ctx;
	bool ccm = o->bulk->mode == TLS_MODE_CCM;
	int n, len = (int)a->text.len;

	/* CCM wants to know the length first, and has no end. */
	return EVP_CIPHER_CTX_reset(ctx) &&
	       EVP_DecryptInit_ex2(ctx, o->cipher, NULL, NULL, NULL) &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, NONCE, NULL) &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, (int)a->tag.len,
				   (void *)a->tag.p) &&
	       EVP_DecryptInit_ex2(ctx, NULL, o->keys.key, a->nonce, NULL) &&
	       (!ccm || EVP_DecryptUpdate(ctx, NULL, &n, NULL, len)) &&
	       EVP_DecryptUpdate(ctx, NULL, &n, a->aad, (int)a->aad_len) &&
	       EVP_DecryptUpdate(ctx, buf, &n, a->text.p, len) > 0 &&
	       (ccm || EVP_DecryptFinal_ex(ctx, buf + len, &n) > 0);
}

/* RFC 8446, 5.2: the type is the last byte that is not zero. */
static bool strip_type(struct tls_plain *out)
{
	size_t n = out->bytes.len;

	while (n && !out->bytes.p[n - 1])
		n--;
	if (!n)
		return false;
	out->type = out->bytes.p[n - 1];
	out->bytes.len = n - 1;
	return true;
}

static bool open_aead(struct tls_opener *o, const struct tls_record *r,
		      uint64_t seq, uint8_t *buf, struct tls_plain *out)
{
	struct aead a;

	if (!prepare(o, r, seq, &a) || !decrypt_aead(o, &a, buf))
		return false;
	out->bytes = slice_of(buf, a.text.len);
	return o->version <= 0x0303 || strip_type(out);
}

/* --- all ---------------------------------------------------------------- */

bool tls_open(struct tls_opener *o, const struct tls_record *r, uint64_t seq,
	      uint8_t buf[TLS_FRAGMENT_MAX], struct tls_plain *out)
{
	struct tls_plain p = {.type = r->type};
	bool ok = false;

	if (r->fragment.len > TLS_FRAGMENT_MAX)
		return false;
	switch (o->bulk->mode) {
	case TLS_MODE_NULL:
		ok = open_null(o, r, seq, buf, &p);
		break;
	case TLS_MODE_CBC:
		ok = open_cbc(o, r, seq, buf, &p);
		break;
	case TLS_MODE_GCM:
	case TLS_MODE_CCM:
	case TLS_MODE_CHACHA20:
		ok = open_aead(o, r, seq, buf, &p);
		break;
	}
	if (ok)
		*out = p;
	return ok;
}

/* RFC 2246, 6.2.3.2: the IV is the last block of the record before. */
void tls_opener_pass(struct tls_opener *o, const struct tls_record *r)
{
	struct slice s = r->fragment;
	size_t block = o->bulk->block;

	if (o->bulk->mode != TLS_MODE_CBC || o->version != TLS_1_0)
		return;
	if (o->encrypt_then_mac)
		s.len = s.len > o->mac_len ? s.len - o->mac_len : 0;
	if (s.len >= block)
		memcpy(o->keys.iv, s.p + s.len - block, block);
}
