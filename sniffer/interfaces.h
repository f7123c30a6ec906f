/*
 * The interfaces that a run names: one by one or with commas between them.
 */
#ifndef SNIFFER_INTERFACES_H
#define SNIFFER_INTERFACES_H

#include "sniffer/config.h"

/* Takes "a,b" apart. 0, -EINVAL with the name in *twice that comes a second
 * time, or -ENOMEM. */
int interfaces_split(struct config *cfg, const char **twice);

#endif
