/*
 * Frames from live interfaces, through libpcap. Several interfaces are read
 * in turn; frames of one batch are in order of time.
 */
#ifndef CAPTURE_LIVE_SOURCE_H
#define CAPTURE_LIVE_SOURCE_H

#include "sniffer/capture/source.h"

#define LIVE_INTERFACES_MAX 16

struct live_options {
	uint32_t snaplen; /* bytes of a frame; 0 = all of it (262144) */
	uint32_t
		buffer_bytes; /* of the kernel, an interface; 0 = its default */
	bool promiscuous;
};

/*
 * 0, or -errno with a sentence for the user in err: no permission (and what
 * to do), no such interface (and which there are).
 */
int live_source_open(struct source **out, const char *const *names,
		     size_t count, const struct live_options *opt, char *err,
		     size_t err_size);

#endif
