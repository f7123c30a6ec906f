/* ITU-T G.711: a byte a sample, its sign, three bits of segment, four of the
 * step in it. */
#include "sniffer/media/audio.h"

/* mu-law: all bits turned; steps of a segment begin 33 below. */
static int16_t of_mu(uint8_t byte)
{
	unsigned v = (uint8_t)~byte;
	int segment = v >> 4 & 7;
	int size = (((v & 15) << 3) + 0x84) << segment;

	return (int16_t)(v & 0x80 ? 0x84 - size : size - 0x84);
}

/* A-law: every other bit turned; the first two segments are alike. */
static int16_t of_a(uint8_t byte)
{
	unsigned v = byte ^ 0x55u;
	int segment = v >> 4 & 7;
	int size = (int)(v & 15) << 4;

	size += segment ? 0x108 : 8;
	if (segment > 1)
		size <<= segment - 1;
	return (int16_t)(v & 0x80 ? size : -size);
}

static size_t decode(struct slice in, int16_t *out, size_t max,
		     int16_t (*of)(uint8_t byte))
{
	size_t n = in.len < max ? in.len : max;

	for (size_t i = 0; i < n; i++)
		out[i] = of(in.p[i]);
	return n;
}

static size_t decode_mu(void *state, struct slice in, int16_t *out, size_t max)
{
	(void)state;
	return decode(in, out, max, of_mu);
}

static size_t decode_a(void *state, struct slice in, int16_t *out, size_t max)
{
	(void)state;
	return decode(in, out, max, of_a);
}

const struct audio_codec audio_pcmu = {
	.name = "PCMU",
	.clock_hz = 8000,
	.rate = 8000,
	.decode = decode_mu,
};

const struct audio_codec audio_pcma = {
	.name = "PCMA",
	.clock_hz = 8000,
	.rate = 8000,
	.decode = decode_a,
};
