/* Opus (RFC 6716, RFC 7587) by libopus, always at 48 kHz, mixed to one
 * channel. */
#include <opus.h>

#include "sniffer/media/audio.h"

#define RATE 48000

static void *open(void)
{
	int err;

	return opus_decoder_create(RATE, 1, &err);
}

static void close(void *state)
{
	opus_decoder_destroy(state);
}

static size_t decode(void *state, struct slice in, int16_t *out, size_t max)
{
	int n = opus_decode(state, in.p, (opus_int32)in.len, out, (int)max, 0);

	return n > 0 ? (size_t)n : 0;
}

const struct audio_codec audio_opus = {
	.name = "opus",
	.clock_hz = RATE,
	.rate = RATE,
	.open = open,
	.decode = decode,
	.close = close,
};
