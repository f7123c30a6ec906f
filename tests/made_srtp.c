#include "tests/made_srtp.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

#include "dissectors/rtp.h"

struct media_key made_key(const char *suite, uint8_t n)
{
	struct media_key k = {.suite = srtp_suite_find(slice_str(suite)),
			      .any_ssrc = true};

	if (!k.suite)
		abort();
	for (unsigned i = 0; i < k.suite->key_len; i++)
		k.key[i] = (uint8_t)(n * 7 + i);
	for (unsigned i = 0; i < k.suite->salt_len; i++)
		k.salt[i] = (uint8_t)(n * 11 + 3 * i);
	k.unauthenticated = !k.suite->rtp_tag;
	return k;
}

static const EVP_CIPHER *cm(unsigned key_len)
{
	return key_len == 16   ? EVP_aes_128_ctr()
	       : key_len == 24 ? EVP_aes_192_ctr()
			       : EVP_aes_256_ctr();
}

void made_aes_cm(const uint8_t *key, unsigned key_len, const uint8_t iv[16],
		 uint8_t *data, size_t len)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int n;

	if (!c || !EVP_EncryptInit_ex(c, cm(key_len), NULL, key, iv) ||
	    !EVP_EncryptUpdate(c, data, &n, data, (int)len))
		abort();
	EVP_CIPHER_CTX_free(c);
}

/* Ciphertext and tag behind it; in may be out. */
static void gcm(const struct media_key *k, const uint8_t *key,
		const uint8_t iv[12], struct slice aad, struct slice aad2,
		struct slice in, unsigned tag, uint8_t *out)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	const EVP_CIPHER *type =
		k->suite->key_len == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm();
	int n;

	if (!c || !EVP_EncryptInit_ex(c, type, NULL, key, iv) ||
	    !EVP_EncryptUpdate(c, NULL, &n, aad.p, (int)aad.len) ||
	    !EVP_EncryptUpdate(c, NULL, &n, aad2.p, (int)aad2.len) ||
	    !EVP_EncryptUpdate(c, out, &n, in.p, (int)in.len) ||
	    !EVP_EncryptFinal_ex(c, out + in.len, &n) ||
	    !EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, (int)tag,
				 out + in.len))
		abort();
	EVP_CIPHER_CTX_free(c);
}

/*
 * RFC 3711, 4.3.3: x = label in byte 7 of the salt, then the counter. Not so
 * for AES-192: libsrtp takes key and salt in a row for a key of 32 bytes and
 * its salt, and so do its users; RFC 6188 is followed by others.
 */
static void derive(const struct media_key *k, uint8_t label, uint8_t *out,
		   size_t len)
{
	unsigned key_len = k->suite->key_len == 16 ? 16 : 32;
	uint8_t raw[32 + 16] = {0}, *iv = raw + key_len;

	memcpy(raw, k->key, k->suite->key_len);
	memcpy(raw + k->suite->key_len, k->salt, k->suite->salt_len);
	iv[7] ^= label;
	memset(out, 0, len);
	made_aes_cm(raw, key_len, iv, out, len);
}

void made_srtp_init(struct made_srtp *m, const struct media_key *master)
{
	const struct srtp_suite *s = master->suite;

	*m = (struct made_srtp){.master = *master};
	derive(master, 0, m->rtp.key, s->key_len);
	derive(master, 1, m->rtp.auth, sizeof(m->rtp.auth));
	derive(master, 2, m->rtp.salt, s->salt_len);
	derive(master, 3, m->rtcp.key, s->key_len);
	derive(master, 4, m->rtcp.auth, sizeof(m->rtcp.auth));
	derive(master, 5, m->rtcp.salt, s->salt_len);
	derive(master, 6, m->ext.key, s->key_len);
	derive(master, 7, m->ext.salt, s->salt_len);
}

static void put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* RFC 3711, 4.1.1: salt XOR SSRC * 2^64 XOR index * 2^16. */
static void iv_cm(const struct made_session *s, const uint8_t *ssrc,
		  uint64_t index, uint8_t iv[16])
{
	memset(iv, 0, 16);
	memcpy(iv, s->salt, sizeof(s->salt));
	for (int i = 0; i < 4; i++)
		iv[4 + i] ^= ssrc[i];
	for (int i = 0; i < 6; i++)
		iv[8 + i] ^= (uint8_t)(index >> (40 - 8 * i));
}

/* RFC 7714, 8.1 and 9.1. */
static void iv_gcm(const struct made_session *s, const uint8_t *ssrc,
		   uint64_t index, uint8_t iv[12])
{
	memcpy(iv, s->salt, 12);
	for (int i = 0; i < 4; i++)
		iv[2 + i] ^= ssrc[i];
	for (int i = 0; i < 6; i++)
		iv[6 + i] ^= (uint8_t)(index >> (40 - 8 * i));
}

static void tag(const struct made_session *s, struct slice data,
		const uint8_t more[4], unsigned len, uint8_t *out)
{
	uint8_t buf[2048], mac[20];
	size_t n = data.len;

	memcpy(buf, data.p, n);
	if (more) {
		memcpy(buf + n, more, 4);
		n += 4;
	}
	if (!HMAC(EVP_sha1(), s->auth, sizeof(s->auth), buf, n, mac, NULL))
		abort();
	memcpy(out, mac, len);
}

/* RFC 6904, 3: a key stream over the whole extension, kept where elements
 * with encrypted IDs have their data. */
static void encrypt_ext(const struct made_srtp *m, const struct rtp *r,
			uint64_t index, uint8_t *packet, const uint8_t *plain)
{
	uint8_t stream[256] = {0}, iv[16];
	uint8_t *ext = packet + (r->ext.p - plain);

	iv_cm(&m->ext, packet + 8, index, iv);
	made_aes_cm(m->ext.key, m->master.suite->key_len, iv, stream,
		    r->ext.len);
	for (size_t i = 0; i < r->ext.len;) {
		unsigned id = ext[i] >> 4, n = (ext[i] & 15) + 1;

		i++;
		if (!id)
			continue;
		for (; n && i < r->ext.len; n--, i++)
			if (m->encrypted_ext >> id & 1)
				ext[i] ^= stream[i];
	}
}

static size_t put_mki(const struct made_srtp *m, uint8_t *p)
{
	if (m->no_mki)
		return 0;
	memcpy(p, m->master.mki, m->master.mki_len);
	return m->master.mki_len;
}

size_t made_srtp_rtp(const struct made_srtp *m, struct slice rtp, uint32_t roc,
		     uint8_t *out)
{
	const struct srtp_suite *s = m->master.suite;
	uint8_t iv[16], counter[4];
	uint64_t index;
	struct rtp r;
	size_t head, n = rtp.len;

	if (rtp_parse(rtp, &r) != PARSE_OK)
		abort();
	head = rtp.len - r.payload.len;
	index = (uint64_t)roc << 16 | r.seq;
	memcpy(out, rtp.p, rtp.len);
	if (m->encrypted_ext)
		encrypt_ext(m, &r, index, out, rtp.p);
	if (s->cipher == SUITE_AES_GCM) {
		iv_gcm(&m->rtp, out + 8, index, iv);
		gcm(&m->master, m->rtp.key, iv, slice_of(out, head), SLICE(""),
		    r.payload, s->rtp_tag, out + head);
		n += s->rtp_tag;
		return n + put_mki(m, out + n);
	}
	iv_cm(&m->rtp, out + 8, index, iv);
	if (s->cipher == SUITE_AES_CM && !m->master.unencrypted)
		made_aes_cm(m->rtp.key, s->key_len, iv, out + head,
			    r.payload.len);
	n += put_mki(m, out + n);
	if (m->master.unauthenticated)
		return n;
	put32(counter, roc);
	tag(&m->rtp, slice_of(out, rtp.len), counter, s->rtp_tag, out + n);
	return n + s->rtp_tag;
}

size_t made_srtp_rtcp(const struct made_srtp *m, struct slice rtcp,
		      uint32_t index, uint8_t *out)
{
	const struct srtp_suite *s = m->master.suite;
	bool clear = m->clear_rtcp || s->cipher == SUITE_NULL;
	uint8_t iv[16], e[4];
	size_t n = rtcp.len;

	put32(e, index | (clear ? 0 : 0x80000000u));
	memcpy(out, rtcp.p, n);
	if (s->cipher == SUITE_AES_GCM) {
		size_t head = clear ? n : 8;

		iv_gcm(&m->rtcp, out + 4, index, iv);
		gcm(&m->master, m->rtcp.key, iv, slice_of(out, head),
		    slice_of(e, 4), slice_from(rtcp, head), s->rtcp_tag,
		    out + head);
		n += s->rtcp_tag;
		memcpy(out + n, e, 4);
		return n + 4 + put_mki(m, out + n + 4);
	}
	iv_cm(&m->rtcp, out + 4, index, iv);
	if (!clear)
		made_aes_cm(m->rtcp.key, s->key_len, iv, out + 8, n - 8);
	memcpy(out + n, e, 4);
	n += 4;
	tag(&m->rtcp, slice_of(out, n), NULL, s->rtcp_tag,
	    out + n + (m->no_mki ? 0 : m->master.mki_len));
	n += put_mki(m, out + n);
	return n + s->rtcp_tag;
}
