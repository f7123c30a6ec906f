/*
 * Who sends: hosts that have something open which nobody has answered yet, so
 * that one of them cannot fill a table alone. An entry lives as long as it is
 * used; there are never more than things that use one. Belongs to the core
 * thread.
 */
#ifndef CALL_HOST_H
#define CALL_HOST_H

#include "sniffer/base/addr.h"
#include "sniffer/base/list.h"
#include "sniffer/base/map.h"

/* One IPv4 address, or the 64 bits of an IPv6 network: a host there has all
 * of them to choose from. */
struct host {
	struct map_node node;
	struct list things; /* the oldest first; nodes are the caller's */
	size_t n;
	uint8_t ip[16]; /* the last eight are zero in IPv6 */
};

struct hosts {
	struct map map;
	struct seed seed;
};

/* 0 or -ENOMEM. */
int hosts_init(struct hosts *hs, struct seed seed);
/* After all that was added has left. */
void hosts_close(struct hosts *hs);

/* NULL: it has nothing open. */
struct host *host_find(const struct hosts *hs, const struct addr *a);
/* The thing is one more of that host, the newest; NULL without memory. */
struct host *host_add(struct hosts *hs, const struct addr *a,
		      struct list *thing);
/* It leaves. NULL is fine. */
void host_leave(struct hosts *hs, struct host *h, struct list *thing);

/* "192.0.2.1" or "2001:db8::/64" */
const char *host_text(const struct host *h, char buf[ADDR_TEXT]);

#endif
