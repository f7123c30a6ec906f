/*
 * One RTP stream as sound: its payloads in the order of their numbers, each
 * at the moment that its timestamp says, counted from when the stream began
 * to arrive. What is lost, and what was not sent, stays silent.
 */
#ifndef EXPORT_VOICE_H
#define EXPORT_VOICE_H

#include "sniffer/export/listen.h"
#include "sniffer/export/wav.h"
#include "sniffer/media/audio.h"

/* What decodes a payload type of a stream; NULL when nothing here does. */
const struct audio_codec *voice_codec(const struct cdr_stream *s, uint8_t pt);
/* The highest rate of what it holds, 0 when nothing of it can be decoded. */
uint32_t voice_rate(const struct cdr_stream *s, const struct heard *h);

struct voice {
	struct wav *wav;
	unsigned channel;	   /* 0 left, 1 right */
	uint32_t rate;		   /* of the file, a multiple of all codecs' */
	uint64_t start_ns;	   /* of the file */
	uint64_t decoded, refused; /* payloads so far */
};

/* Adds the stream. 0 or -errno. */
int voice_put(struct voice *v, const struct cdr_stream *s,
	      const struct heard *h);

#endif
