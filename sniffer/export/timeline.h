/*
 * A call over time: per stream and step what the engine counts, runs of lost
 * packets, changes of codec and DSCP, reports of RTCP, checks of ICE and
 * messages of DTLS. Out of the recording; without one, the 10-second slices
 * of the store.
 */
#ifndef EXPORT_TIMELINE_H
#define EXPORT_TIMELINE_H

#include "sniffer/export/export.h"

enum {
	TIMELINE_STEPS = 3600,	 /* of a stream; steps grow instead */
	TIMELINE_STREAMS = 256,	 /* of a call */
	TIMELINE_LOSSES = 2000,	 /* runs of a stream: the longest */
	TIMELINE_CHANGES = 1000, /* of codec, of DSCP, of a stream */
	TIMELINE_EVENTS = 10000, /* reports; checks; DTLS messages */
};

/* Writes the object of the API (docs/VIEWER.md) and a line's end. 0 or -errno
 * with why; nothing to show is no error. */
int export_timeline(struct export_job *job, const struct export_call *call,
		    struct outbuf *out, char why[EXPORT_WHY]);

#endif
