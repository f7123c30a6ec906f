#include "sniffer/base/ulid.h"

#include <openssl/evp.h>

static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static void digest_parts(const struct slice *part, size_t parts,
			 uint8_t out[EVP_MAX_MD_SIZE])
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();

	memset(out, 0, EVP_MAX_MD_SIZE);
	if (!md)
		return;
	EVP_DigestInit_ex(md, EVP_sha256(), NULL);
	for (size_t i = 0; i < parts; i++) {
		uint32_t len = (uint32_t)part[i].len;
		uint8_t head[4] = {(uint8_t)(len >> 24), (uint8_t)(len >> 16),
				   (uint8_t)(len >> 8), (uint8_t)len};

		EVP_DigestUpdate(md, head, sizeof(head));
		EVP_DigestUpdate(md, part[i].p, part[i].len);
	}
	EVP_DigestFinal_ex(md, out, NULL);
	EVP_MD_CTX_free(md);
}

static void put_ms(char out[ULID_SIZE], uint64_t ms)
{
	for (int i = 9; i >= 0; i--, ms >>= 5)
		out[i] = digits[ms & 31];
}

void ulid_first(char out[ULID_SIZE], uint64_t ms)
{
	put_ms(out, ms);
	memset(out + 10, '0', ULID_SIZE - 11);
	out[ULID_SIZE - 1] = '\0';
}

/* 128 bits are 26 digits of 5 bits, with two zero bits in front. */
void ulid_make(char out[ULID_SIZE], uint64_t ts_ns, const struct slice *part,
	       size_t parts)
{
	uint8_t hash[EVP_MAX_MD_SIZE];
	unsigned acc = 0, bits = 0, at = 10;

	digest_parts(part, parts, hash);
	put_ms(out, ts_ns / 1000000);
	for (size_t i = 0; i < 10; i++) {
		acc = acc << 8 | hash[i];
		for (bits += 8; bits >= 5; bits -= 5)
			out[at++] = digits[acc >> (bits - 5) & 31];
	}
	out[at] = '\0';
}

uint64_t ulid_ms(const char *ulid)
{
	uint64_t ms = 0;

	for (size_t i = 0; i < 10; i++) {
		const char *at = ulid[i] ? strchr(digits, ulid[i]) : NULL;

		if (!at)
			return 0;
		ms = ms << 5 | (uint64_t)(at - digits);
	}
	return ms;
}
