/*
 * Reading what was recorded of calls: the one place that knows where the
 * spool keeps it.
 */
#ifndef EXPORT_PACKETS_H
#define EXPORT_PACKETS_H

#include "sniffer/capture/source.h"
#include "sniffer/export/export.h"

/* The source is for reading; the rest belongs to packets.c. */
struct packets {
	struct source *source;
	char **path;
	bool *made; /* a copy of ours, which goes at the end */
	size_t n;
};

/* The packets of all these calls in order of time; dir is the data folder. 0,
 * or -errno with why: -ENODATA when a call was not recorded or its recording
 * is gone. */
int packets_open(struct packets *p, const char *dir,
		 const struct export_calls *calls, char why[EXPORT_WHY]);
void packets_close(struct packets *p);
/* Damage that was met, as a sentence; false when there was none. */
bool packets_damage(const struct packets *p, char why[EXPORT_WHY]);

#endif
