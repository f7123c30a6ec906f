/*
 * What a payload type means: as signalled for its direction of the flow,
 * else as for the other direction (some senders use their own numbers), else
 * the static table (RFC 3551, 6).
 */
#ifndef MEDIA_CODEC_H
#define MEDIA_CODEC_H

#include "sniffer/media/emodel.h"
#include "sniffer/media/media.h"

enum codec_kind {
	CODEC_AUDIO,
	CODEC_VIDEO,
	CODEC_EVENT, /* telephone-event */
	CODEC_NOISE, /* comfort noise */
};

struct codec {
	char name[24];	   /* "" = unknown */
	uint32_t clock_hz; /* 0 = unknown */
	enum codec_kind kind;
	const struct emodel_codec *model; /* NULL = none */
};

/* A flow's copies of what was signalled for each direction. */
struct descs {
	struct desc *dir[2]; /* NULL = nothing */
};

struct desc {
	const char *media, *sender; /* static texts */
	char srtp[40];		    /* "" = plain */
	char mid[32];
	uint16_t ptime_ms, n;
	struct media_pt pt[];
};

/* Whether it says that packets are encrypted; d may be NULL. */
static inline bool desc_secure(const struct desc *d)
{
	return d && d->srtp[0];
}

/* NULL without memory. Texts of media and sender are kept by pointer. */
struct desc *desc_new(const struct media_desc *d);
void descs_free(struct descs *d);

/* False when nobody knows the payload type; *out is then zero. plc: see
 * emodel_codec(). */
bool codec_find(const struct descs *d, unsigned dir, uint8_t pt, bool plc,
		struct codec *out);

/* An event nobody announced: a dynamic payload type with four bytes that
 * read like RFC 4733's first packet of a key. */
bool codec_guess_event(uint8_t pt, struct slice payload, struct codec *out);

#endif
