/*
 * A live run watches itself: a line of figures now and then, what begins to go
 * wrong and when that is over, each once; "callscope status". On the core's
 * thread; costs a clock when nothing is due.
 */
#ifndef SNIFFER_RUN_WATCH_H
#define SNIFFER_RUN_WATCH_H

#include "sniffer/snapshot.h"

struct run;
struct run_watch;

/* Looks at the interfaces and says what spoils the capture. r->watch stays
 * NULL without memory: then nothing below happens. */
void run_watch_start(struct run *r);
void run_watch_close(struct run *r);
/* Lines of figures come so often from now on; 0 = never. */
void run_watch_every(struct run *r, uint64_t ns);
/* A snapshot is wanted for the next line. */
bool run_watch_due(const struct run *r, uint64_t now_ms);
/* Interfaces and threads, into a block that is filled. */
void run_watch_fill(struct run *r, struct snapshot *b);
/* The block is measured: says what is new. */
void run_watch_look(struct run *r, const struct snapshot *b);

#endif
