/*
 * What only some streams need: those of a BUNDLE, with header extensions,
 * video, repair, or that nobody described. A stream of plain audio has none
 * of it and pays one branch a packet.
 */
#ifndef MEDIA_STREAM_EXTRA_H
#define MEDIA_STREAM_EXTRA_H

#include "sniffer/media/stream.h"
#include "sniffer/media/stream_repair.h"
#include "sniffer/media/stream_video.h"

struct stream_extra {
	int line;	  /* of the description; -1 = not known */
	uint32_t last_ts; /* of the packet before */
	char mid[MEDIA_MID], rid[MEDIA_RID], repaired_rid[MEDIA_RID]; /* as
						      the extensions say */
	struct stream_level { /* RFC 6464; sums of -dBov */
		uint64_t n, voice, sum;
		uint8_t loudest;
	} level;
	struct codec guessed; /* .guessed: what unknown payload types are */
	struct codec inner;   /* what RED was seen to hold; name "" = none */
	struct stream_video video;
	struct stream_repair repair;
};

/* Makes it where the description asks for it (or force), and finds the line
 * that an SSRC was announced for. */
void stream_extra_make(struct stream *s, bool force);
void stream_extra_free(struct stream *s);
size_t stream_extra_size(const struct stream *s); /* in bytes */

/* What the header of a new packet says; before its payload type is looked
 * up. open: the payload can be read. */
void stream_extra_header(struct stream *s, const struct rtp *rtp,
			 uint64_t now_ns, uint32_t bytes, bool open);
/* What its payload says: at once, and once more when its key comes later.
 * plain has p == NULL where it cannot be read. */
void stream_extra_payload(struct stream *s, const struct stream_arrival *a,
			  const struct rtp *rtp, struct slice plain);
/* It has its place in time. */
void stream_extra_timed(struct stream *s, const struct stream_arrival *a);

/* Its m-line, NULL when it is not known or there is no description. */
const struct media_line *stream_line(const struct stream *s);
/* Its number; -1 when it is not known. */
int stream_line_number(const struct stream *s);

/* Does the payload type say video, or where it does not, the m-line? */
bool stream_is_video(const struct stream *s, const struct codec *c);

/* The codec of the stream: what RED holds rather than RED. May be the same
 * as pt's, or *room filled. */
const struct codec *stream_codec(const struct stream *s,
				 const struct stream_pt *pt,
				 struct codec *room);

void stream_extra_result(const struct stream *s, const struct stream_pt *pt,
			 struct arena *mem, struct cdr_stream *out);

#endif
