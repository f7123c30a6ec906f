/*
 * One interface, or one thread's share of it, through libpcap: AF_PACKET's
 * ring (TPACKET_V3) on Linux. A tap is read by a pump only (source_ops.drain),
 * and goes on when its interface goes down, away and comes back.
 */
#ifndef CAPTURE_TAP_H
#define CAPTURE_TAP_H

#include "sniffer/capture/fanout.h"
#include "sniffer/capture/live_source.h"

struct tap_config {
	const char *name;
	bool quiet; /* another tap of the interface tells what becomes of it */
	const struct live_options *opt; /* copied, but for what it points to */
	struct fanout *fanout; /* of all taps of the interface, held; NULL: one
				  tap has all of it */
};

/* 0, or -errno with a sentence for the user in err. */
int tap_open(struct source **out, const struct tap_config *cfg, char *err,
	     size_t err_size);

#endif
