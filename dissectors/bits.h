/*
 * Reads single bits off a slice, the highest of a byte first: parameter sets
 * of video codecs and the like. As with struct cursor an over-read yields
 * zeros and sets bad, which stays set. Pure.
 */
#ifndef DISSECTORS_BITS_H
#define DISSECTORS_BITS_H

#include "sniffer/base/slice.h"

struct bits {
	struct slice in;
	size_t byte;
	uint8_t bit; /* of that byte, 0 = the highest */
	bool nal;    /* leave out emulation prevention: 00 00 03 */
	bool bad;
};

static inline struct bits bits_of(struct slice in)
{
	return (struct bits){.in = in};
}

/* The payload of a NAL unit of H.264 or H.265. */
static inline struct bits bits_of_nal(struct slice in)
{
	return (struct bits){.in = in, .nal = true};
}

/* n bits, at most 32. */
uint32_t bits_u(struct bits *b, unsigned n);
static inline bool bits_flag(struct bits *b)
{
	return bits_u(b, 1);
}
void bits_skip(struct bits *b, unsigned n);

/* Exp-Golomb codes (H.264, 9.1); longer than 32 bits is bad. */
uint32_t bits_ue(struct bits *b);
int32_t bits_se(struct bits *b);

/* A number below n that takes no more bits than it must (AV1, 4.10.7). */
uint32_t bits_ns(struct bits *b, uint32_t n);

#endif
