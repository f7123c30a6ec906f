#include "sniffer/net/tls_suite.h"

#include <stdlib.h>

#define S(id, bulk, mac, hash)                                                 \
	{                                                                      \
		id, TLS_BULK_##bulk, TLS_MAC_##mac, TLS_HASH_##hash, false     \
	}
#define R(id, bulk, mac, hash)                                                 \
	{                                                                      \
		id, TLS_BULK_##bulk, TLS_MAC_##mac, TLS_HASH_##hash, true      \
	}

/*
 * By number. RFC 5246 A.5, 5288, 5289, 5487, 5489, 6655, 7251, 7905, 8442,
 * 8446 B.4. R: key exchange by RSA alone.
 */
static const struct tls_suite suites[] = {
	/* clang-format off */
	R(0x0001, NULL, MD5, SHA256),
	R(0x0002, NULL, SHA1, SHA256),
	R(0x000a, 3DES_CBC, SHA1, SHA256),
	S(0x0013, 3DES_CBC, SHA1, SHA256),
	S(0x0016, 3DES_CBC, SHA1, SHA256),
	S(0x001b, 3DES_CBC, SHA1, SHA256),
	R(0x002f, AES_128_CBC, SHA1, SHA256),
	S(0x0032, AES_128_CBC, SHA1, SHA256),
	S(0x0033, AES_128_CBC, SHA1, SHA256),
	S(0x0034, AES_128_CBC, SHA1, SHA256),
	R(0x0035, AES_256_CBC, SHA1, SHA256),
	S(0x0038, AES_256_CBC, SHA1, SHA256),
	S(0x0039, AES_256_CBC, SHA1, SHA256),
	S(0x003a, AES_256_CBC, SHA1, SHA256),
	R(0x003b, NULL, SHA256, SHA256),
	R(0x003c, AES_128_CBC, SHA256, SHA256),
	R(0x003d, AES_256_CBC, SHA256, SHA256),
	S(0x0040, AES_128_CBC, SHA256, SHA256),
	S(0x0067, AES_128_CBC, SHA256, SHA256),
	S(0x006a, AES_256_CBC, SHA256, SHA256),
	S(0x006b, AES_256_CBC, SHA256, SHA256),
	S(0x006c, AES_128_CBC, SHA256, SHA256),
	S(0x006d, AES_256_CBC, SHA256, SHA256),
	S(0x008c, AES_128_CBC, SHA1, SHA256),
	S(0x008d, AES_256_CBC, SHA1, SHA256),
	S(0x0090, AES_128_CBC, SHA1, SHA256),
	S(0x0091, AES_256_CBC, SHA1, SHA256),
	S(0x0094, AES_128_CBC, SHA1, SHA256),
	S(0x0095, AES_256_CBC, SHA1, SHA256),
	R(0x009c, AES_128_GCM, NONE, SHA256),
	R(0x009d, AES_256_GCM, NONE, SHA384),
	S(0x009e, AES_128_GCM, NONE, SHA256),
	S(0x009f, AES_256_GCM, NONE, SHA384),
	S(0x00a2, AES_128_GCM, NONE, SHA256),
	S(0x00a3, AES_256_GCM, NONE, SHA384),
	S(0x00a6, AES_128_GCM, NONE, SHA256),
	S(0x00a7, AES_256_GCM, NONE, SHA384),
	S(0x00a8, AES_128_GCM, NONE, SHA256),
	S(0x00a9, AES_256_GCM, NONE, SHA384),
	S(0x00aa, AES_128_GCM, NONE, SHA256),
	S(0x00ab, AES_256_GCM, NONE, SHA384),
	S(0x00ac, AES_128_GCM, NONE, SHA256),
	S(0x00ad, AES_256_GCM, NONE, SHA384),
	S(0x00ae, AES_128_CBC, SHA256, SHA256),
	S(0x00af, AES_256_CBC, SHA384, SHA384),
	S(0x00b2, AES_128_CBC, SHA256, SHA256),
	S(0x00b3, AES_256_CBC, SHA384, SHA384),
	S(0x00b6, AES_128_CBC, SHA256, SHA256),
	S(0x00b7, AES_256_CBC, SHA384, SHA384),
	S(0x1301, AES_128_GCM, NONE, SHA256),
	S(0x1302, AES_256_GCM, NONE, SHA384),
	S(0x1303, CHACHA20_POLY1305, NONE, SHA256),
	S(0x1304, AES_128_CCM, NONE, SHA256),
	S(0x1305, AES_128_CCM_8, NONE, SHA256),
	S(0xc003, 3DES_CBC, SHA1, SHA256),
	S(0xc004, AES_128_CBC, SHA1, SHA256),
	S(0xc005, AES_256_CBC, SHA1, SHA256),
	S(0xc006, NULL, SHA1, SHA256),
	S(0xc008, 3DES_CBC, SHA1, SHA256),
	S(0xc009, AES_128_CBC, SHA1, SHA256),
	S(0xc00a, AES_256_CBC, SHA1, SHA256),
	S(0xc00d, 3DES_CBC, SHA1, SHA256),
	S(0xc00e, AES_128_CBC, SHA1, SHA256),
	S(0xc00f, AES_256_CBC, SHA1, SHA256),
	S(0xc010, NULL, SHA1, SHA256),
	S(0xc012, 3DES_CBC, SHA1, SHA256),
	S(0xc013, AES_128_CBC, SHA1, SHA256),
	S(0xc014, AES_256_CBC, SHA1, SHA256),
	S(0xc017, 3DES_CBC, SHA1, SHA256),
	S(0xc018, AES_128_CBC, SHA1, SHA256),
	S(0xc019, AES_256_CBC, SHA1, SHA256),
	S(0xc023, AES_128_CBC, SHA256, SHA256),
	S(0xc024, AES_256_CBC, SHA384, SHA384),
	S(0xc025, AES_128_CBC, SHA256, SHA256),
	S(0xc026, AES_256_CBC, SHA384, SHA384),
	S(0xc027, AES_128_CBC, SHA256, SHA256),
	S(0xc028, AES_256_CBC, SHA384, SHA384),
	S(0xc029, AES_128_CBC, SHA256, SHA256),
	S(0xc02a, AES_256_CBC, SHA384, SHA384),
	S(0xc02b, AES_128_GCM, NONE, SHA256),
	S(0xc02c, AES_256_GCM, NONE, SHA384),
	S(0xc02d, AES_128_GCM, NONE, SHA256),
	S(0xc02e, AES_256_GCM, NONE, SHA384),
	S(0xc02f, AES_128_GCM, NONE, SHA256),
	S(0xc030, AES_256_GCM, NONE, SHA384),
	S(0xc031, AES_128_GCM, NONE, SHA256),
	S(0xc032, AES_256_GCM, NONE, SHA384),
	S(0xc035, AES_128_CBC, SHA1, SHA256),
	S(0xc036, AES_256_CBC, SHA1, SHA256),
	S(0xc037, AES_128_CBC, SHA256, SHA256),
	S(0xc038, AES_256_CBC, SHA384, SHA384),
	R(0xc09c, AES_128_CCM, NONE, SHA256),
	R(0xc09d, AES_256_CCM, NONE, SHA256),
	S(0xc09e, AES_128_CCM, NONE, SHA256),
	S(0xc09f, AES_256_CCM, NONE, SHA256),
	R(0xc0a0, AES_128_CCM_8, NONE, SHA256),
	R(0xc0a1, AES_256_CCM_8, NONE, SHA256),
	S(0xc0a2, AES_128_CCM_8, NONE, SHA256),
	S(0xc0a3, AES_256_CCM_8, NONE, SHA256),
	S(0xc0a4, AES_128_CCM, NONE, SHA256),
	S(0xc0a5, AES_256_CCM, NONE, SHA256),
	S(0xc0a6, AES_128_CCM, NONE, SHA256),
	S(0xc0a7, AES_256_CCM, NONE, SHA256),
	S(0xc0a8, AES_128_CCM_8, NONE, SHA256),
	S(0xc0a9, AES_256_CCM_8, NONE, SHA256),
	S(0xc0aa, AES_128_CCM_8, NONE, SHA256),
	S(0xc0ab, AES_256_CCM_8, NONE, SHA256),
	S(0xc0ac, AES_128_CCM, NONE, SHA256),
	S(0xc0ad, AES_256_CCM, NONE, SHA256),
	S(0xc0ae, AES_128_CCM_8, NONE, SHA256),
	S(0xc0af, AES_256_CCM_8, NONE, SHA256),
	S(0xcca8, CHACHA20_POLY1305, NONE, SHA256),
	S(0xcca9, CHACHA20_POLY1305, NONE, SHA256),
	S(0xccaa, CHACHA20_POLY1305, NONE, SHA256),
	S(0xccab, CHACHA20_POLY1305, NONE, SHA256),
	S(0xccac, CHACHA20_POLY1305, NONE, SHA256),
	S(0xccad, CHACHA20_POLY1305, NONE, SHA256),
	S(0xccae, CHACHA20_POLY1305, NONE, SHA256),
	S(0xd001, AES_128_GCM, NONE, SHA256),
	S(0xd002, AES_256_GCM, NONE, SHA384),
	S(0xd003, AES_128_CCM_8, NONE, SHA256),
	S(0xd005, AES_128_CCM, NONE, SHA256),
	/* clang-format on */
};

static int by_id(const void *a, const void *b)
{
	const uint16_t *id = a;
	const struct tls_suite *s = b;

	return (int)*id - (int)s->id;
}

const struct tls_suite *tls_suite_find(uint16_t id)
{
	return bsearch(&id, suites, sizeof(suites) / sizeof(suites[0]),
		       sizeof(suites[0]), by_id);
}

static const struct tls_bulk_info bulks[] = {
	[TLS_BULK_NULL] = {NULL, TLS_MODE_NULL, 0, 0, 0, 0},
	[TLS_BULK_3DES_CBC] = {"DES-EDE3-CBC", TLS_MODE_CBC, 24, 0, 8, 0},
	[TLS_BULK_AES_128_CBC] = {"AES-128-CBC", TLS_MODE_CBC, 16, 0, 16, 0},
	[TLS_BULK_AES_256_CBC] = {"AES-256-CBC", TLS_MODE_CBC, 32, 0, 16, 0},
	[TLS_BULK_AES_128_GCM] = {"AES-128-GCM", TLS_MODE_GCM, 16, 4, 0, 16},
	[TLS_BULK_AES_256_GCM] = {"AES-256-GCM", TLS_MODE_GCM, 32, 4, 0, 16},
	[TLS_BULK_AES_128_CCM] = {"AES-128-CCM", TLS_MODE_CCM, 16, 4, 0, 16},
	[TLS_BULK_AES_256_CCM] = {"AES-256-CCM", TLS_MODE_CCM, 32, 4, 0, 16},
	[TLS_BULK_AES_128_CCM_8] = {"AES-128-CCM", TLS_MODE_CCM, 16, 4, 0, 8},
	[TLS_BULK_AES_256_CCM_8] = {"AES-256-CCM", TLS_MODE_CCM, 32, 4, 0, 8},
	[TLS_BULK_CHACHA20_POLY1305] = {"ChaCha20-Poly1305", TLS_MODE_CHACHA20,
					32, 12, 0, 16},
};

const struct tls_bulk_info *tls_bulk_info(enum tls_bulk bulk)
{
	return &bulks[bulk];
}

const char *tls_hash_name(enum tls_hash hash)
{
	switch (hash) {
	case TLS_HASH_MD5_SHA1:
		return "MD5-SHA1";
	case TLS_HASH_SHA256:
		return "SHA256";
	case TLS_HASH_SHA384:
		break;
	}
	return "SHA384";
}

size_t tls_hash_len(enum tls_hash hash)
{
	switch (hash) {
	case TLS_HASH_MD5_SHA1:
		return 36;
	case TLS_HASH_SHA256:
		return 32;
	case TLS_HASH_SHA384:
		break;
	}
	return 48;
}

static const struct {
	const char *name;
	size_t len;
} macs[] = {
	[TLS_MAC_NONE] = {NULL, 0},	   [TLS_MAC_MD5] = {"MD5", 16},
	[TLS_MAC_SHA1] = {"SHA1", 20},	   [TLS_MAC_SHA256] = {"SHA256", 32},
	[TLS_MAC_SHA384] = {"SHA384", 48},
};

const char *tls_mac_name(enum tls_mac mac)
{
	return macs[mac].name;
}

size_t tls_mac_len(enum tls_mac mac)
{
	return macs[mac].len;
}
