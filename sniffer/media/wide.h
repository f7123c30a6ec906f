/*
 * Transport-wide numbers of one direction of a flow (a header extension of
 * congestion control): all its streams count on together, so numbers that
 * are missing are losses of the whole bundle, also under SRTP.
 */
#ifndef MEDIA_WIDE_H
#define MEDIA_WIDE_H

#include "sniffer/media/seq.h"

struct wide {
	struct seq seq;
	uint8_t ring[SEQ_RING];
};

struct wide *wide_new(void); /* NULL without memory; free() */
void wide_put(struct wide *w, uint16_t number);

#endif
