/*
 * Payloads of speech codecs as samples: 16 bits, one channel, at the codec's
 * own rate. A decoder belongs to whoever opened it; it keeps what one stream
 * has said so far.
 */
#ifndef MEDIA_AUDIO_H
#define MEDIA_AUDIO_H

#include "sniffer/base/slice.h"

/* Samples of one payload at most; what is longer is cut. */
#define AUDIO_SAMPLES 16384

/* One codec; the table of them is in audio.c. */
struct audio_codec {
	const char *name;  /* as in SDP, of any case */
	uint32_t clock_hz; /* of RTP */
	uint32_t rate;	   /* samples a second */
	/* NULL: it needs no memory. Answers NULL without memory. */
	void *(*open)(void);
	/* At most max samples into out; how many, 0 for what is none of its
	 * payloads. */
	size_t (*decode)(void *state, struct slice in, int16_t *out,
			 size_t max);
	void (*close)(void *state);
};

extern const struct audio_codec audio_pcmu, audio_pcma, audio_g722;
#ifdef HAVE_AUDIO
extern const struct audio_codec audio_opus;
extern const struct audio_codec audio_gsm;
#endif
#ifdef HAVE_BCG729
extern const struct audio_codec audio_g729;
#endif

/* NULL when nothing here decodes it. */
const struct audio_codec *audio_codec_find(struct slice name);

struct audio_decoder {
	const struct audio_codec *codec;
	void *state;
};

/* 0 or -ENOMEM. */
int audio_open(struct audio_decoder *d, const struct audio_codec *codec);
/* A payload: how many samples it gave. */
size_t audio_decode(struct audio_decoder *d, struct slice in,
		    int16_t out[AUDIO_SAMPLES]);
void audio_close(struct audio_decoder *d); /* {0} is fine */

#endif
