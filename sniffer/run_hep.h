/*
 * HEP of a run: agents that are listened to, collectors that it sends to.
 */
#ifndef SNIFFER_RUN_HEP_H
#define SNIFFER_RUN_HEP_H

#include "sniffer/run_priv.h"

#define HEP_COLLECTORS_MAX 4

/* The source of --hep-listen is added to in[*n]; nothing without. 0, or -errno
 * with err. */
int run_hep_listen(struct run *r, struct source **in, size_t *n, char *err,
		   size_t size);
/* What --hep-send needs; nothing without. What fails has been said. 0 or
 * -errno. */
int run_hep_open(struct run *r);
/* The engine tells what is to be sent; its threads begin. */
void run_hep_watch(struct run *r, struct engine_out *out);
void run_hep_stats(const struct run *r, struct stats *s);
/* Nothing more comes: what waits is sent, what was lost is said. */
void run_hep_end(struct run *r);
/* A run over files could not send all. */
bool run_hep_lost(const struct run *r);
/* After the engine and the source. */
void run_hep_close(struct run *r);

#endif
