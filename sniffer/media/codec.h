/*
 * What a payload type means: as signalled for its direction of the flow,
 * else as for the other direction (some senders use their own numbers), else
 * the static table (RFC 3551, 6).
 */
#ifndef MEDIA_CODEC_H
#define MEDIA_CODEC_H

#include "dissectors/rtp_video.h"
#include "sniffer/media/desc.h"
#include "sniffer/media/emodel.h"

enum codec_kind {
	CODEC_AUDIO,
	CODEC_VIDEO,
	CODEC_EVENT, /* telephone-event */
	CODEC_NOISE, /* comfort noise */
	CODEC_RED,   /* redundant data: others are inside (RFC 2198) */
	/* What only repairs another stream: */
	CODEC_RTX,	 /* RFC 4588 */
	CODEC_ULPFEC,	 /* RFC 5109 */
	CODEC_FLEXFEC,	 /* RFC 8627 */
	CODEC_FLEXFEC03, /* its draft */
};

#define CODEC_NO_PT 0xff

struct codec {
	char name[24];	   /* "" = unknown */
	uint32_t clock_hz; /* 0 = unknown */
	enum codec_kind kind : 8;
	enum rtp_video_codec video : 8; /* what can be read of it */
	uint8_t inner; /* payload type that RTX repairs, that RED holds */
	bool guessed;  /* from what was seen; name may be "" */
	const struct emodel_codec *model; /* NULL = none */
};

/* Whether payloads of it are looked at: stream_read() has a use for them. */
static inline bool codec_tells(const struct codec *c)
{
	return c->kind == CODEC_EVENT;
}

static inline bool codec_repairs(const struct codec *c)
{
	return c->kind >= CODEC_RTX;
}

/* False when nobody knows the payload type; *out is then zero. line: the
 * m-line, -1 = not known. plc: see emodel_codec(). */
bool codec_find(const struct descs *d, unsigned dir, int line, uint8_t pt,
		bool plc, struct codec *out);

/* Is there more to it than to plain audio: video, redundancy, repair? */
bool codec_is_rich(struct slice name, uint32_t clock_hz);

/* An event nobody announced: a dynamic payload type with four bytes that
 * read like RFC 4733's first packet of a key. */
bool codec_guess_event(uint8_t pt, struct slice payload, struct codec *out);

#endif
