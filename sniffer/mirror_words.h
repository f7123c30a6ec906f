/*
 * What is wrong with a mirror port, as sentences that say what to do: for the
 * log, the viewer and the end of a run over files.
 */
#ifndef SNIFFER_MIRROR_WORDS_H
#define SNIFFER_MIRROR_WORDS_H

#include <stddef.h>

#include "sniffer/base/link_bits.h"
#include "sniffer/base/mirror.h"

enum {
	MIRROR_WORDS = 512
};

/* of: " on eth0", or "". */
void mirror_words_one_way(char out[MIRROR_WORDS], const struct mirror_tap *t,
			  const char *of);
void mirror_words_twice(char out[MIRROR_WORDS], const struct mirror_tap *t,
			const char *of);
/* bits: of LINK_OFFLOAD, at least one. */
void mirror_words_offload(char out[MIRROR_WORDS], unsigned bits,
			  const char *name);

#endif
