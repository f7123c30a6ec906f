#include "sniffer/media/audio.h"

#include <errno.h>

static const struct audio_codec *const codecs[] = {
	&audio_pcmu, &audio_pcma, &audio_g722,
#ifdef HAVE_AUDIO
	&audio_opus, &audio_gsm,
#endif
#ifdef HAVE_BCG729
	&audio_g729,
#endif
};

const struct audio_codec *audio_codec_find(struct slice name)
{
	for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++)
		if (slice_ieq(name, slice_str(codecs[i]->name)))
			return codecs[i];
	return NULL;
}

int audio_open(struct audio_decoder *d, const struct audio_codec *codec)
{
	void *state = codec->open ? codec->open() : NULL;

	if (codec->open && !state)
		return -ENOMEM;
	*d = (struct audio_decoder){codec, state};
	return 0;
}

size_t audio_decode(struct audio_decoder *d, struct slice in,
		    int16_t out[AUDIO_SAMPLES])
{
	return d->codec->decode(d->state, in, out, AUDIO_SAMPLES);
}

void audio_close(struct audio_decoder *d)
{
	if (d->state)
		d->codec->close(d->state);
	*d = (struct audio_decoder){0};
}
