/*
 * What the makers of floods share: bytes as they are sent, and chance that is
 * the same each time.
 */
#ifndef TESTS_TOOLS_WIRE_H
#define TESTS_TOOLS_WIRE_H

#include <stdint.h>

struct end {
	uint32_t ip;
	uint16_t port;
};

static inline void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v & 0xffff);
}

/* xorshift64 (Marsaglia); *state is not 0. */
static inline uint32_t any(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (uint32_t)(*state >> 16);
}

/* PCMA, 20 ms each. */
static inline void put_rtp(uint8_t p[12], unsigned seq, uint32_t ssrc)
{
	p[0] = 0x80;
	p[1] = 8;
	put16(p + 2, seq & 0xffff);
	put32(p + 4, seq * 160);
	put32(p + 8, ssrc);
}

#endif
