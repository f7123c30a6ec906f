/* Payloads of all codecs, one after the other into one decoder. */
#include <assert.h>

#include "sniffer/media/audio.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {"PCMU", "PCMA", "G722",
				    "opus", "GSM",  "G729"};

/* Pieces as long as their first byte says. */
static void decode(struct audio_decoder *d, struct slice in)
{
	static int16_t out[AUDIO_SAMPLES];

	while (in.len) {
		struct slice piece = slice_head(slice_from(in, 1), in.p[0]);

		assert(audio_decode(d, piece, out) <= AUDIO_SAMPLES);
		in = slice_from(in, 1 + piece.len);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct audio_codec *codec;
	struct audio_decoder d = {0};

	if (!size)
		return 0;
	codec = audio_codec_find(
		slice_str(names[data[0] % (sizeof(names) / sizeof(names[0]))]));
	if (!codec || audio_open(&d, codec))
		return 0;
	decode(&d, slice_of(data + 1, size - 1));
	audio_close(&d);
	return 0;
}
