/*
 * Frames from live interfaces: each is read by a thread of its own, or by
 * several that share its flows, and the frames of all come in order of time
 * (pump_source.h).
 */
#ifndef CAPTURE_LIVE_SOURCE_H
#define CAPTURE_LIVE_SOURCE_H

#include <stdio.h>

#include "sniffer/capture/source.h"

#define LIVE_INTERFACES_MAX 16
#define LIVE_THREADS_MAX    16 /* of one interface */

enum live_stamps { /* where times come from */
	LIVE_STAMPS_HOST,
	LIVE_STAMPS_ADAPTER,
	LIVE_STAMPS_ADAPTER_UNSYNCED,
};

struct live_options {
	uint32_t snaplen;      /* bytes of a frame; 0 = all of it (262144) */
	uint32_t buffer_bytes; /* of the kernel, a thread; 0 = its default */
	bool promiscuous;
	enum live_stamps stamps;
	unsigned threads;   /* of an interface; 0 = 1 */
	const char *filter; /* of the user, to spare the kernel's copies; NULL.
			       Copied. What passes is not yet right: the same
			       goes into source.filter */
};

/*
 * The taps of all these interfaces, to be read by pumps: written to out, which
 * has room for LIVE_INTERFACES_MAX * LIVE_THREADS_MAX. 0, or -errno with a
 * sentence for the user in err: no permission (and what to do), no such
 * interface (and which there are).
 */
int live_taps_open(struct source **out, size_t *count, const char *const *names,
		   size_t n, const struct live_options *opt, char *err,
		   size_t err_size);

/* "any" and the others with what they are, one a line, for the user. 0, or
 * -errno with a sentence in err. */
int live_list(FILE *to, char *err, size_t err_size);

#endif
