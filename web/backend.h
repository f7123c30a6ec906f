/*
 * What the viewer needs of layers that it does not see: packets of recorded
 * calls, sound, and the calls that are open now. A table of callbacks, filled
 * by whoever runs the viewer (sniffer/run_web.c). Each is called by a worker
 * and may block; NULL: there is none.
 */
#ifndef WEB_BACKEND_H
#define WEB_BACKEND_H

#include "sniffer/snapshot.h"
#include "web/packets.h"

struct web_backend {
	void *arg;		     /* of queue() */
	struct snapshots *snapshots; /* of a run; NULL: there is none */
	/* The queue of another process that fills the same store; false:
	 * nothing waits there. May be NULL. */
	bool (*queue)(void *arg, struct snapshot_store *out);
	const char *sensor;
	struct web_packets packets;
};

#endif
