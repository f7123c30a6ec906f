/*
 * Records that are sealed here by other means than they are opened: what
 * OpenSSL's own TLS does not send (3DES, empty records), changed ones, and
 * fragments of each length.
 */
#include <check.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

#include "sniffer/net/tls_open.h"
#include "tests/run_suite.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

enum {
	MAX = 512,
};

/* A record under construction. */
struct made {
	uint8_t bytes[MAX];
	size_t len;
};

static struct tls_keys some_keys(void)
{
	struct tls_keys k;

	for (size_t i = 0; i < sizeof(k.key); i++)
		k.key[i] = (uint8_t)(3 * i + 1);
	for (size_t i = 0; i < sizeof(k.mac); i++)
		k.mac[i] = (uint8_t)(5 * i + 2);
	for (size_t i = 0; i < sizeof(k.iv); i++)
		k.iv[i] = (uint8_t)(7 * i + 3);
	return k;
}

static void put(struct made *m, const void *p, size_t n)
{
	ck_assert_uint_le(m->len + n, MAX);
	memcpy(m->bytes + m->len, p, n);
	m->len += n;
}

static void set_head(struct made *m, uint16_t version)
{
	size_t n = m->len - TLS_RECORD_HEAD;

	m->bytes[0] = TLS_APPLICATION_DATA;
	m->bytes[1] = (uint8_t)(version >> 8);
	m->bytes[2] = (uint8_t)version;
	m->bytes[3] = (uint8_t)(n >> 8);
	m->bytes[4] = (uint8_t)n;
}

static void pseudo(uint8_t out[13], uint8_t seq, uint16_t version, size_t len)
{
	memset(out, 0, 13);
	out[7] = seq;
	out[8] = TLS_APPLICATION_DATA;
	out[9] = (uint8_t)(version >> 8);
	out[10] = (uint8_t)version;
	out[11] = (uint8_t)(len >> 8);
	out[12] = (uint8_t)len;
}

/* --- CBC ---------------------------------------------------------------- */

static const EVP_MD *digest(const struct tls_suite *s)
{
	return EVP_get_digestbyname(tls_mac_name(s->mac));
}

static void put_mac(struct made *m, const struct tls_suite *s, uint8_t seq,
		    uint16_t version, const void *p, size_t n)
{
	struct tls_keys k = some_keys();
	uint8_t in[13 + MAX], out[EVP_MAX_MD_SIZE];
	unsigned len;

	pseudo(in, seq, version, n);
	memcpy(in + 13, p, n);
	HMAC(digest(s), k.mac, (int)tls_mac_len(s->mac), in, 13 + n, out, &len);
	put(m, out, len);
}

/* iv moves on to the last block. */
static void encrypt_cbc(const struct tls_suite *s, uint8_t *iv, uint8_t *p,
			size_t n)
{
	const struct tls_bulk_info *b = tls_bulk_info(s->bulk);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	struct tls_keys k = some_keys();
	int len;

	EVP_EncryptInit_ex(ctx, EVP_get_cipherbyname(b->evp), NULL, k.key, iv);
	EVP_CIPHER_CTX_set_padding(ctx, 0);
	ck_assert(EVP_EncryptUpdate(ctx, p, &len, p, (int)n));
	ck_assert_int_eq(len, (int)n);
	EVP_CIPHER_CTX_free(ctx);
	memcpy(iv, p + n - b->block, b->block);
}

static struct made seal_cbc(const struct tls_suite *s, uint16_t version,
			    bool etm, uint8_t seq, uint8_t *iv,
			    struct slice text)
{
	size_t block = tls_bulk_info(s->bulk)->block;
	struct made m = {.len = TLS_RECORD_HEAD};
	size_t begin, pad;

	if (version > 0x0301)
		put(&m, iv, block);
	begin = m.len;
	put(&m, text.p, text.len);
	if (!etm)
		put_mac(&m, s, seq, version, text.p, text.len);
	pad = block - (m.len - begin) % block;
	for (size_t i = 0; i < pad; i++)
		put(&m, &(uint8_t){(uint8_t)(pad - 1)}, 1);
	encrypt_cbc(s, iv, m.bytes + begin, m.len - begin);
	if (etm)
		put_mac(&m, s, seq, version, m.bytes + TLS_RECORD_HEAD,
			m.len - TLS_RECORD_HEAD);
	set_head(&m, version);
	return m;
}

/* --- AEAD --------------------------------------------------------------- */

static struct made seal_aead(const struct tls_suite *s, uint16_t version,
			     uint8_t seq, struct slice text)
{
	const struct tls_bulk_info *b = tls_bulk_info(s->bulk);
	bool explicit = version < 0x0304 && b->mode != TLS_MODE_CHACHA20;
	bool ccm = b->mode == TLS_MODE_CCM;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	struct made m = {.len = TLS_RECORD_HEAD};
	struct tls_keys k = some_keys();
	uint8_t nonce[12], aad[13], tag[16], out[MAX];
	int n, aad_len = 13;

	memcpy(nonce, k.iv, 12);
	if (explicit) {
		memset(nonce + 4, 0xab, 8);
		put(&m, nonce + 4, 8);
	} else {
		nonce[11] ^= seq;
	}
	pseudo(aad, seq, version, text.len);
	if (version == 0x0304) {
		struct made head = {.len = TLS_RECORD_HEAD + text.len + 16};

		set_head(&head, 0x0303);
		memcpy(aad, head.bytes, TLS_RECORD_HEAD);
		aad_len = TLS_RECORD_HEAD;
	}
	EVP_EncryptInit_ex(ctx, EVP_get_cipherbyname(b->evp), NULL, NULL, NULL);
	EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, 12, NULL);
	if (ccm)
		EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, b->tag_len,
				    NULL);
	ck_assert(EVP_EncryptInit_ex(ctx, NULL, NULL, k.key, nonce));
	if (ccm)
		EVP_EncryptUpdate(ctx, NULL, &n, NULL, (int)text.len);
	ck_assert(EVP_EncryptUpdate(ctx, NULL, &n, aad, aad_len));
	ck_assert(EVP_EncryptUpdate(ctx, out, &n, text.p, (int)text.len));
	put(&m, out, text.len);
	ck_assert(EVP_EncryptFinal_ex(ctx, out, &n));
	ck_assert(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, b->tag_len,
				      tag));
	put(&m, tag, b->tag_len);
	EVP_CIPHER_CTX_free(ctx);
	set_head(&m, version == 0x0304 ? 0x0303 : version);
	return m;
}

static struct made seal_null(const struct tls_suite *s, uint16_t version,
			     uint8_t seq, struct slice text)
{
	struct made m = {.len = TLS_RECORD_HEAD};

	put(&m, text.p, text.len);
	put_mac(&m, s, seq, version, text.p, text.len);
	set_head(&m, version);
	return m;
}

static struct made seal(const struct tls_suite *s, uint16_t version, bool etm,
			uint8_t seq, uint8_t *iv, struct slice text)
{
	switch (tls_bulk_info(s->bulk)->mode) {
	case TLS_MODE_NULL:
		return seal_null(s, version, seq, text);
	case TLS_MODE_CBC:
		return seal_cbc(s, version, etm, seq, iv, text);
	default:
		return seal_aead(s, version, seq, text);
	}
}

/* --- tests -------------------------------------------------------------- */

static const struct {
	uint16_t suite, version;
	bool etm;
} rows[] = {
	{0x000a, 0x0303, false}, {0x000a, 0x0303, true},
	{0xc012, 0x0302, false}, {0xc012, 0x0301, false},
	{0xc012, 0x0301, true},	 {0x002f, 0x0301, false},
	{0x0035, 0x0303, false}, {0xc028, 0x0303, false},
	{0xc028, 0x0303, true},	 {0x003b, 0x0303, false},
	{0x0001, 0x0301, false}, {0xc02f, 0x0303, false},
	{0xc030, 0x0303, false}, {0xc09c, 0x0303, false},
	{0xc0a1, 0x0303, false}, {0xcca8, 0x0303, false},
};

static bool open_made(struct tls_opener *o, const struct made *m, uint64_t seq,
		      uint8_t *buf, struct tls_plain *p)
{
	uint8_t *copy = malloc(m->len);
	struct tls_record r;
	bool ok;

	memcpy(copy, m->bytes, m->len);
	ck_assert_int_eq(tls_record_parse(slice_of(copy, m->len), &r),
			 PARSE_OK);
	ok = tls_open(o, &r, seq, buf, p);
	tls_opener_pass(o, &r);
	free(copy);
	return ok;
}

static struct tls_opener *opener(int i)
{
	struct tls_keys k = some_keys();

	return tls_opener_new(tls_suite_find(rows[i].suite), rows[i].version,
			      rows[i].etm, &k);
}

/* Of each length from none on, one after the other. */
START_TEST(sealed_and_opened)
{
	const struct tls_suite *s = tls_suite_find(rows[_i].suite);
	struct tls_opener *o = opener(_i);
	struct tls_keys k = some_keys();
	uint8_t text[100], buf[TLS_FRAGMENT_MAX];
	struct tls_plain p;

	memset(text, 'x', sizeof(text));
	for (uint8_t n = 0; n < sizeof(text); n++) {
		struct made m = seal(s, rows[_i].version, rows[_i].etm, n, k.iv,
				     slice_of(text, n));

		ck_assert_msg(open_made(o, &m, n, buf, &p), "%04x of %u bytes",
			      s->id, n);
		ck_assert_uint_eq(p.type, TLS_APPLICATION_DATA);
		ck_assert(slice_eq(p.bytes, slice_of(text, n)));
	}
	tls_opener_free(o);
}
END_TEST

/* Another number, another type, another bit. */
START_TEST(changed)
{
	const struct tls_suite *s = tls_suite_find(rows[_i].suite);
	struct tls_keys k = some_keys();
	uint8_t buf[TLS_FRAGMENT_MAX];
	struct tls_plain p;
	struct made m = seal(s, rows[_i].version, rows[_i].etm, 7, k.iv,
			     SLICE("REGISTER sip:example.net SIP/2.0"));

	for (size_t i = TLS_RECORD_HEAD; i < m.len; i++) {
		struct tls_opener *o = opener(_i);
		struct made other = m;

		ck_assert(!open_made(o, &m, 8, buf, &p));
		tls_opener_free(o);
		o = opener(_i);
		other.bytes[i] ^= 1;
		ck_assert_msg(!open_made(o, &other, 7, buf, &p), "byte %zu", i);
		other = m;
		other.bytes[0] = TLS_HANDSHAKE;
		ck_assert(!open_made(o, &other, 7, buf, &p));
		tls_opener_free(o);
	}
}
END_TEST

START_TEST(cut)
{
	const struct tls_suite *s = tls_suite_find(rows[_i].suite);
	struct tls_keys k = some_keys();
	uint8_t buf[TLS_FRAGMENT_MAX];
	struct tls_plain p;
	struct made m = seal(s, rows[_i].version, rows[_i].etm, 7, k.iv,
			     SLICE("REGISTER sip:example.net SIP/2.0"));

	for (size_t len = TLS_RECORD_HEAD; len < m.len; len++) {
		struct tls_opener *o = opener(_i);
		struct made other = m;

		other.len = len;
		set_head(&other, rows[_i].version);
		ck_assert_msg(!open_made(o, &other, 7, buf, &p), "%zu", len);
		tls_opener_free(o);
	}
}
END_TEST

/* 1.3: the type lies inside, behind it zeros; nothing else is no record. */
static const struct {
	struct slice inside;
	bool ok;
	uint8_t type;
	size_t len;
} inner[] = {
	{SLICE_INIT("hello\x17"), true, TLS_APPLICATION_DATA, 5},
	{SLICE_INIT("hello\x17\0\0\0\0\0\0\0"), true, TLS_APPLICATION_DATA, 5},
	{SLICE_INIT("\x15"), true, TLS_ALERT, 0},
	{SLICE_INIT("\0\0\x16"), true, TLS_HANDSHAKE, 2},
	{SLICE_INIT("\0\0\0\0"), false, 0, 0},
	{SLICE_INIT(""), false, 0, 0},
};

START_TEST(inside_of_13)
{
	const struct tls_suite *s = tls_suite_find(0x1301);
	struct tls_keys k = some_keys();
	struct tls_opener *o = tls_opener_new(s, 0x0304, false, &k);
	struct made m = seal_aead(s, 0x0304, 9, inner[_i].inside);
	uint8_t buf[TLS_FRAGMENT_MAX];
	struct tls_plain p;

	ck_assert(open_made(o, &m, 9, buf, &p) == inner[_i].ok);
	if (inner[_i].ok) {
		ck_assert_uint_eq(p.type, inner[_i].type);
		ck_assert_uint_eq(p.bytes.len, inner[_i].len);
	}
	tls_opener_free(o);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tls_open");
	TCase *t = tcase_create("tls_open");

	tcase_add_loop_test(t, sealed_and_opened, 0, COUNT(rows));
	tcase_add_loop_test(t, changed, 0, COUNT(rows));
	tcase_add_loop_test(t, cut, 0, COUNT(rows));
	tcase_add_loop_test(t, inside_of_13, 0, COUNT(inner));
	suite_add_tcase(s, t);
	return run_suite(s);
}
