/*
 * An IP address and port, and text for them (RFC 5952). Plain values.
 */
#ifndef BASE_ADDR_H
#define BASE_ADDR_H

#include "sniffer/base/slice.h"

/* IPv4 is held v4-mapped (::ffff:a.b.c.d). No padding: hashed as bytes. */
struct addr {
	uint8_t ip[16];
	uint16_t port; /* host order */
};
_Static_assert(sizeof(struct addr) == 18, "struct addr has padding");

/* "[" 45 "]:" 5, and the terminator. */
#define ADDR_TEXT 64

struct addr addr_v4(const uint8_t ip[4], uint16_t port);
/* The same in place, for each packet: two stores, which a later load of the
 * same halves need not wait for. The port is left alone. */
static inline void addr_set_v4(struct addr *a, const uint8_t ip[4])
{
	const uint64_t none = 0;
	uint64_t tail;
	uint32_t v4;

	memcpy(&v4, ip, sizeof(v4));
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	tail = (uint64_t)v4 << 32 | 0xffff0000u;
#else
	tail = 0x0000ffff00000000u | v4;
#endif
	memcpy(a->ip, &none, sizeof(none));
	memcpy(a->ip + 8, &tail, sizeof(tail));
}

struct addr addr_v6(const uint8_t ip[16], uint16_t port);
bool addr_is_v4(const struct addr *a);
bool addr_is_any(const struct addr *a); /* 0.0.0.0 or ::, port ignored */
bool addr_is_multicast(const struct addr *a);
bool addr_is_private(const struct addr *a); /* RFC 1918, 4193, 6598, local */

static inline bool addr_eq(const struct addr *a, const struct addr *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static inline bool addr_ip_eq(const struct addr *a, const struct addr *b)
{
	return !memcmp(a->ip, b->ip, sizeof(a->ip));
}

/* <0, 0, >0: a total order over IP, then port; not the numeric order. */
static inline int addr_cmp(const struct addr *a, const struct addr *b)
{
	return memcmp(a, b, sizeof(*a));
}

/* An IP literal without port ("192.0.2.1", "2001:db8::1", also in []). */
bool addr_parse_ip(struct slice text, struct addr *out);

/* "ip:port" or "[v6]:port" into buf; returns buf. */
const char *addr_text(const struct addr *a, char buf[ADDR_TEXT]);
/* The same without the port and without brackets. */
const char *addr_ip_text(const struct addr *a, char buf[ADDR_TEXT]);

#endif
