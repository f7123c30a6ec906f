/*
 * Files that a run takes keys from: opened at the start, and again with the
 * settings.
 */
#ifndef SNIFFER_RUN_KEYFILES_H
#define SNIFFER_RUN_KEYFILES_H

#include "sniffer/run_priv.h"

/* While root: files that only root may read are read on later. */
void run_keyfiles_early(struct run *r);
/* What the settings name, with an engine. 0 or -errno, then it has been
 * said. */
int run_keyfiles_open(struct run *r);
/* What other settings name: new files are opened, others closed. What cannot
 * be opened has been said: -errno, and the others are open. */
int run_keyfiles_again(struct run *r, const struct config *now);

/* As keyfile_poll(), keyfile_close(), of all. */
void run_keyfiles_poll(struct run *r, uint64_t now_us);
void run_keyfiles_close(struct run *r);

#endif
