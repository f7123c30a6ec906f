/*
 * The life of a run that goes on for weeks: what its service manager is told,
 * the signal that has it read its files again, and the user that it becomes.
 * All of it belongs to the main thread.
 */
#ifndef SNIFFER_RUN_LIFE_H
#define SNIFFER_RUN_LIFE_H

#include "sniffer/run_priv.h"

/* Before anything is opened. 0 or -ENOMEM. */
int life_begin(struct run *r, const struct run_env *env);

/* Opens what takes rights, and gives the rights up: a live capture only. No
 * thread may run yet. 0 or -errno, then it has been said. */
int life_drop(struct run *r);

/* All is open, packets are read from now on. */
void life_ready(struct run *r);
/* Each time round, before what was read is looked at. */
void life_poll(struct run *r);
/* No more packets are read. */
void life_stopping(struct run *r);

/* Settings that were read again, the last of them: r->cfg may be one. */
void life_close(struct run *r);

#endif
