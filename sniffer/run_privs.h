/*
 * Privileges of a live capture and of the viewer: given up when all is open
 * that only root can open, and before the first thread starts; then each kind
 * of thread keeps only what its work needs (docs/SECURITY.md).
 */
#ifndef SNIFFER_RUN_PRIVS_H
#define SNIFFER_RUN_PRIVS_H

#include "sniffer/config.h"
#include "sniffer/log.h"

struct run_privs;

/* Gives up what settings and machine allow, and tells. devices: interfaces are
 * captured on. cfg and log outlive it. 0; -errno, then it has been said and the
 * process must end. */
int run_privs_drop(struct run_privs **out, const struct config *cfg,
		   bool devices, struct log *log);

/* The calling thread reads packets from now on: all threads that need more
 * than it does have been started. Does nothing when called again. NULL is
 * fine, here and below. */
void run_privs_core(struct run_privs *p);

/* After the last thread. What was given up stays so. */
void run_privs_close(struct run_privs *p);

#endif
