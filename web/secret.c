#include "web/secret.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

void secret_put_hex(const uint8_t *p, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[p[i] >> 4];
		out[2 * i + 1] = digits[p[i] & 15];
	}
	out[2 * n] = '\0';
}

/* -1 when it is no digit. */
static int nibble(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

bool secret_take_hex(struct slice text, uint8_t *p, size_t n)
{
	if (text.len != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int hi = nibble(text.p[2 * i]), lo = nibble(text.p[2 * i + 1]);

		if (hi < 0 || lo < 0)
			return false;
		p[i] = (uint8_t)(hi << 4 | lo);
	}
	return true;
}

int secret_new(char out[SECRET_TEXT])
{
	uint8_t raw[SECRET_HASH];

	if (RAND_priv_bytes(raw, sizeof(raw)) != 1)
		return -EIO;
	secret_put_hex(raw, sizeof(raw), out);
	OPENSSL_cleanse(raw, sizeof(raw));
	return 0;
}

int secret_hash(struct slice text, uint8_t out[SECRET_HASH])
{
	if (EVP_Digest(text.p, text.len, out, NULL, EVP_sha256(), NULL) != 1)
		return -EIO;
	return 0;
}

bool secret_same(const uint8_t a[SECRET_HASH], const uint8_t b[SECRET_HASH])
{
	return !CRYPTO_memcmp(a, b, SECRET_HASH);
}
