/*
 * A run shows itself: what is open and the figures of all layers, for who
 * looks by the viewer (snapshot.h). On the core's thread; costs a clock when
 * nothing is due.
 */
#ifndef SNIFFER_RUN_LIVE_H
#define SNIFFER_RUN_LIVE_H

#include "sniffer/run_priv.h"
#include "sniffer/snapshot.h"

/* Opens the viewer, if there is to be one: r->web, r->live_view. */
void run_live_start(struct run *r);
void run_live_close(struct run *r);
/* A new snapshot, when one is due. Without r->live_view nothing happens. */
void run_live_poll(struct run *r);
/* A last one: the input is over and all is written. */
void run_live_end(struct run *r);

#endif
