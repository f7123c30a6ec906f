/*
 * Several sources as one, each read by a thread of its own (pump.h), their
 * frames in order of time: a frame is handed out when every source has given
 * or passed its time. Who is silent tells the time; who does not even do that
 * is waited for no longer than the window, and what it brings afterwards comes
 * late and is counted.
 */
#ifndef CAPTURE_PUMP_SOURCE_H
#define CAPTURE_PUMP_SOURCE_H

#include "sniffer/capture/source.h"

#define PUMP_SOURCES_MAX 256

struct pump_options {
	size_t bytes;	    /* of frames that wait, each source; 0 = 32 MB */
	uint64_t window_ns; /* 0 = 100 ms */
	/* Files: the thread waits for room, nothing is dropped, and what is
	 * handed out, text between the packets too, is exactly what the source
	 * gives without a thread. One source only. */
	bool wait;
};

/*
 * Takes the sources over, also when it fails; they give their frames by their
 * order in the list where times are equal. Threads start with the first read.
 * Frames have blocks; their numbers count what is handed out, or, with wait,
 * are the source's. 0 or -errno.
 */
int pump_source_open(struct source **out, struct source **in, size_t n,
		     const struct pump_options *opt);

#endif
