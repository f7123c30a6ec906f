/*
 * G.729 (RFC 3551, 4.5.6) by bcg729, only where configure was asked for it:
 * its licence, the GPL, then binds the program. Frames of 10 octets are 10 ms
 * each; two octets at the end describe comfort noise.
 */
#include <bcg729/decoder.h>

#include "sniffer/media/audio.h"

enum {
	FRAME = 10,
	NOISE = 2,
	SAMPLES = 80,
};

static void *open(void)
{
	return initBcg729DecoderChannel();
}

static void close(void *state)
{
	closeBcg729DecoderChannel(state);
}

static void decode_frame(void *state, struct slice in, int16_t *out)
{
	uint8_t frame[FRAME] = {0};

	memcpy(frame, in.p, in.len);
	bcg729Decoder(state, frame, (uint8_t)in.len, 0, in.len == NOISE, 0,
		      out);
}

static size_t decode(void *state, struct slice in, int16_t *out, size_t max)
{
	size_t n = 0;

	while (in.len >= NOISE && n + SAMPLES <= max) {
		size_t len = in.len >= FRAME ? FRAME : NOISE;

		decode_frame(state, slice_head(in, len), out + n);
		in = slice_from(in, len);
		n += SAMPLES;
	}
	return n;
}

const struct audio_codec audio_g729 = {
	.name = "G729",
	.clock_hz = 8000,
	.rate = 8000,
	.open = open,
	.decode = decode,
	.close = close,
};
