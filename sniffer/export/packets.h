/*
 * Reading what was recorded of calls: the one place that knows how the spool
 * keeps it.
 */
#ifndef EXPORT_PACKETS_H
#define EXPORT_PACKETS_H

#include "sniffer/capture/source.h"
#include "sniffer/export/export.h"

/* The packets of all these calls in order of time; dir is the data folder. 0,
 * or -errno with why: -ENODATA when a call was not recorded or its file is
 * gone. */
int packets_open(struct source **out, const char *dir,
		 const struct export_calls *calls, char why[EXPORT_WHY]);
/* Damage that the source met, as a sentence; false when there was none. */
bool packets_damage(const struct source *s, char why[EXPORT_WHY]);

#endif
