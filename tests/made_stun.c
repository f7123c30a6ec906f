#include "tests/made_stun.h"

#include <openssl/hmac.h>
#include <stdlib.h>
#include <zlib.h>

static void put16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

void stun_bytes_begin(struct stun_bytes *s, enum stun_class class,
		      uint16_t method, uint32_t tid)
{
	unsigned m = method;

	memset(s->b, 0, STUN_HEAD);
	/* RFC 8489, 5: the class lies between the bits of the method. */
	put16(s->b, (m & 0xf) | (m & 0x70) << 1 | (m & 0xf80) << 2 |
			    (class & 1u) << 4 | (class & 2u) << 7);
	put32(s->b + 4, STUN_COOKIE);
	put32(s->b + 8, 0x7e57);
	put32(s->b + 16, tid);
	s->len = STUN_HEAD;
}

void stun_bytes_attr(struct stun_bytes *s, uint16_t type, struct slice value)
{
	size_t padded = (value.len + 3) & ~(size_t)3;

	if (s->len + 4 + padded > sizeof(s->b))
		abort();
	put16(s->b + s->len, type);
	put16(s->b + s->len + 2, value.len);
	memset(s->b + s->len + 4, 0, padded);
	if (value.len)
		memcpy(s->b + s->len + 4, value.p, value.len);
	s->len += 4 + padded;
	put16(s->b + 2, s->len - STUN_HEAD);
}

void stun_bytes_u32(struct stun_bytes *s, uint16_t type, uint32_t v)
{
	uint8_t b[4];

	put32(b, v);
	stun_bytes_attr(s, type, slice_of(b, 4));
}

void stun_bytes_addr(struct stun_bytes *s, uint16_t type, const struct addr *a)
{
	bool v4 = addr_is_v4(a);
	uint8_t b[20] = {0, v4 ? 1 : 2};
	size_t n = v4 ? 4 : 16;

	put16(b + 2, a->port ^ STUN_COOKIE >> 16);
	for (size_t i = 0; i < n; i++)
		b[4 + i] = a->ip[16 - n + i] ^ s->b[4 + i];
	stun_bytes_attr(s, type, slice_of(b, 4 + n));
}

void stun_bytes_error(struct stun_bytes *s, unsigned code)
{
	const uint8_t b[4] = {0, 0, (uint8_t)(code / 100),
			      (uint8_t)(code % 100)};

	stun_bytes_attr(s, STUN_ATTR_ERROR_CODE, slice_of(b, 4));
}

/* Both cover the head with the length that it has then. */
void stun_bytes_integrity(struct stun_bytes *s, const char *key)
{
	uint8_t mac[20];
	unsigned len = sizeof(mac);

	put16(s->b + 2, s->len + 24 - STUN_HEAD);
	if (!HMAC(EVP_sha1(), key, (int)strlen(key), s->b, s->len, mac, &len))
		abort();
	stun_bytes_attr(s, STUN_ATTR_MESSAGE_INTEGRITY, slice_of(mac, 20));
}

void stun_bytes_fingerprint(struct stun_bytes *s)
{
	put16(s->b + 2, s->len + 8 - STUN_HEAD);
	stun_bytes_u32(s, STUN_ATTR_FINGERPRINT,
		       (uint32_t)crc32(0, s->b, (unsigned)s->len) ^
			       0x5354554eu);
}

void stun_bytes_channel(struct stun_bytes *s, uint16_t channel,
			struct slice data, bool padded)
{
	if (data.len + 7 > sizeof(s->b))
		abort();
	put16(s->b, channel);
	put16(s->b + 2, data.len);
	memcpy(s->b + 4, data.p, data.len);
	s->len = 4 + data.len;
	while (padded && s->len % 4)
		s->b[s->len++] = 0;
}
