/* GSM 06.10 full rate by libgsm: frames of 33 octets (RFC 3551, 4.5.8), 20 ms
 * each. */
#include <gsm.h>
#include <string.h>

#include "sniffer/media/audio.h"

enum {
	FRAME = 33,
	SAMPLES = 160,
};

static void *open(void)
{
	return gsm_create();
}

static void close(void *state)
{
	gsm_destroy(state);
}

static size_t decode(void *state, struct slice in, int16_t *out, size_t max)
{
	size_t n = 0;

	for (; in.len >= FRAME && n + SAMPLES <= max; n += SAMPLES) {
		gsm_byte frame[FRAME];

		memcpy(frame, in.p, FRAME);
		if (gsm_decode(state, frame, out + n))
			break;
		in = slice_from(in, FRAME);
	}
	return n;
}

const struct audio_codec audio_gsm = {
	.name = "GSM",
	.clock_hz = 8000,
	.rate = 8000,
	.open = open,
	.decode = decode,
	.close = close,
};
