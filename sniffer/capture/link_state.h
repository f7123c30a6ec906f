/*
 * How an interface is set up, asked of the kernel: is it up, and does it join
 * packets before we see them? Needs no privilege. Any thread.
 */
#ifndef CAPTURE_LINK_STATE_H
#define CAPTURE_LINK_STATE_H

#include "sniffer/base/link_bits.h"

/* A socket for the questions below, to be closed with close(); or -errno. */
int link_asker(void);

/* enum link_bits. What cannot be asked (a pseudo device as "any") has none. */
unsigned link_offload(int asker, const char *name);
/* LINK_DOWN, LINK_NO_CARRIER; an interface that is gone is down. */
unsigned link_updown(int asker, const char *name);

#endif
