#include "web/password.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <stdio.h>

#include "web/secret.h"

enum {
	SALT = 16,
	HASH = 32,
	LOG_N = 15,
	R = 8,
	P = 3,
	/* Of texts that others wrote: 1 GB and minutes are no check. */
	MEMORY_MAX = 256 << 20,
	P_MAX = 16,
};

struct scrypt {
	uint32_t log_n, r, p;
	uint8_t salt[SALT];
	uint8_t hash[HASH];
};

/* --- its text ------------------------------------------------------------- */

static bool take_number(struct slice *text, uint32_t max, uint32_t *out)
{
	struct slice word;

	return slice_cut(*text, ':', &word, text) && slice_u32(word, out) &&
	       *out >= 1 && *out <= max;
}

static bool parse(struct slice text, struct scrypt *s)
{
	struct slice word;

	if (!slice_cut(text, ':', &word, &text) ||
	    !slice_eq(word, SLICE("scrypt")))
		return false;
	if (!take_number(&text, 20, &s->log_n) ||
	    !take_number(&text, 32, &s->r) || !take_number(&text, P_MAX, &s->p))
		return false;
	if ((UINT64_C(128) << s->log_n) * s->r > MEMORY_MAX)
		return false;
	return slice_cut(text, ':', &word, &text) &&
	       secret_take_hex(word, s->salt, SALT) &&
	       secret_take_hex(text, s->hash, HASH);
}

static void put(const struct scrypt *s, char out[PASSWORD_TEXT])
{
	char salt[2 * SALT + 1], hash[2 * HASH + 1];

	secret_put_hex(s->salt, SALT, salt);
	secret_put_hex(s->hash, HASH, hash);
	snprintf(out, PASSWORD_TEXT, "scrypt:%u:%u:%u:%s:%s", s->log_n & 31,
		 s->r & 63, s->p & 31, salt, hash);
}

bool password_is_text(struct slice text)
{
	struct scrypt s;

	return parse(text, &s);
}

/* --- scrypt --------------------------------------------------------------- */

static int derive(struct slice password, const struct scrypt *s,
		  uint8_t out[HASH])
{
	uint64_t n = UINT64_C(1) << s->log_n, r = s->r, p = s->p;
	uint64_t memory = 2 * (UINT64_C(128) * n * r) + (1 << 20);
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "SCRYPT", NULL);
	EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	OSSL_PARAM v[] = {
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD,
						  (void *)password.p,
						  password.len),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT,
						  (void *)s->salt, SALT),
		OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
		OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_R, &r),
		OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_P, &p),
		OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM,
					    &memory),
		OSSL_PARAM_construct_end(),
	};
	int err = ctx ? 0 : -ENOMEM;

	if (!err && EVP_KDF_derive(ctx, out, HASH, v) != 1)
		err = -EIO;
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return err;
}

int password_hash(struct slice password, char out[PASSWORD_TEXT])
{
	struct scrypt s = {.log_n = LOG_N, .r = R, .p = P};
	int err;

	if (RAND_bytes(s.salt, SALT) != 1)
		return -EIO;
	err = derive(password, &s, s.hash);
	if (!err)
		put(&s, out);
	return err;
}

bool password_check(struct slice password, struct slice text)
{
	struct scrypt s;
	uint8_t got[HASH];

	if (!parse(text, &s) || derive(password, &s, got))
		return false;
	return !CRYPTO_memcmp(got, s.hash, HASH);
}

void password_check_nobody(struct slice password)
{
	static const struct scrypt nobody = {.log_n = LOG_N, .r = R, .p = P};
	uint8_t got[HASH];

	derive(password, &nobody, got);
}

/* --- which ones are taken ------------------------------------------------- */

static bool is_one_character(struct slice s)
{
	for (size_t i = 1; i < s.len; i++)
		if (s.p[i] != s.p[0])
			return false;
	return true;
}

const char *password_refuse(struct slice password, struct slice name)
{
	if (!password.len)
		return "it is empty: at least 10 characters are needed";
	if (password.len < PASSWORD_MIN)
		return "it is too short: at least 10 characters are needed";
	if (password.len > PASSWORD_MAX)
		return "it is too long: at most 1023 bytes are taken";
	if (is_one_character(password))
		return "it is one character repeated: choose another";
	if (slice_ieq(password, name))
		return "it is the name of the login: choose another";
	return NULL;
}
