#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>

#include "sniffer/net/dtls_priv.h"

/* The hash functions of RFC 8122, 5 that are still worth something. */
static const struct {
	struct slice name;
	const EVP_MD *(*md)(void);
	size_t len;
} hashes[DTLS_DIGESTS] = {
	{SLICE_INIT("sha-1"), EVP_sha1, 20},
	{SLICE_INIT("sha-224"), EVP_sha224, 28},
	{SLICE_INIT("sha-256"), EVP_sha256, 32},
	{SLICE_INIT("sha-384"), EVP_sha384, 48},
	{SLICE_INIT("sha-512"), EVP_sha512, 64},
};

/* An unseen or a second certificate is not looked at: there is none without
 * a new handshake. */
static void keep(struct dtls_assoc *a, unsigned dir, struct slice der)
{
	struct dtls_cert *cert = &a->info.cert[dir];
	struct dtls_side *s = &a->side[dir];

	for (size_t i = 0; i < DTLS_DIGESTS; i++)
		if (!EVP_Digest(der.p, der.len, s->digest[i], NULL,
				hashes[i].md(), NULL)) {
			counters_add(a->counters, "dtls.no_memory", 1);
			return;
		}
	cert->seen = true;
	cert->len = der.len;
	if (der.len > DTLS_DER_MAX) {
		counters_add(a->counters, "dtls.certificate_limit", 1);
		return;
	}
	s->der = malloc(der.len);
	if (!s->der) {
		counters_add(a->counters, "dtls.no_memory", 1);
		return;
	}
	memcpy(s->der, der.p, der.len);
	cert->der = slice_of(s->der, der.len);
}

void dtls_on_certificate(struct dtls_assoc *a, unsigned dir, struct slice body,
			 bool v13)
{
	struct dtls_cert *cert = &a->info.cert[dir];
	struct slice list, der;

	if (cert->seen)
		return;
	if (tls_certificate_parse(body, v13, &list) != PARSE_OK) {
		counters_add(a->counters, "dtls.bad_message", 1);
		return;
	}
	cert->none = !list.len;
	cert->chain = 0;
	while (tls_certificate_next(&list, v13, &der))
		if (cert->chain++ == 0)
			keep(a, dir, der);
}

/* The row of hashes[], where this certificate was seen; NULL otherwise. */
static const uint8_t *digest_of(const struct dtls_assoc *a, unsigned dir,
				struct slice hash, size_t *len)
{
	for (size_t i = 0; i < DTLS_DIGESTS && a->info.cert[dir].seen; i++)
		if (slice_ieq(hash, hashes[i].name)) {
			*len = hashes[i].len;
			return a->side[dir].digest[i];
		}
	return NULL;
}

bool dtls_cert_digest(const struct dtls_assoc *a, unsigned dir,
		      struct slice hash, char out[DTLS_DIGEST_TEXT])
{
	size_t len;
	const uint8_t *bytes = digest_of(a, dir, hash, &len);

	out[0] = '\0';
	for (size_t i = 0; bytes && i < len; i++)
		snprintf(out + 3 * i, 4, "%02X%s", bytes[i],
			 i + 1 < len ? ":" : "");
	return bytes;
}

int dtls_cert_matches(const struct dtls_assoc *a, unsigned dir,
		      struct slice hash, struct slice value)
{
	char text[DTLS_DIGEST_TEXT];

	if (!dtls_cert_digest(a, dir, hash, text))
		return -1;
	return slice_ieq(value, slice_str(text));
}
