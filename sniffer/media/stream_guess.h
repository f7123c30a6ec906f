/*
 * Media that nobody described, nor ever will: which clock its timestamps
 * follow, whether it is video, whether it can only be Opus.
 */
#ifndef MEDIA_STREAM_GUESS_H
#define MEDIA_STREAM_GUESS_H

#include "sniffer/media/stream.h"

enum {
	STREAM_GUESS = 64, /* tried each time so many more packets are kept */
};

/* From the packets that are kept. True when it could tell: payload types
 * that were unknown have a clock now. */
bool stream_guess(struct stream *s);
/* A payload type that comes after that. */
void stream_guess_more(const struct stream *s, struct stream_pt *pt);

#endif
