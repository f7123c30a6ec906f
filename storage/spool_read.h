/*
 * What the spool has of one call, for export: wherever and however it is
 * kept. Any process may read while another records.
 */
#ifndef STORAGE_SPOOL_READ_H
#define STORAGE_SPOOL_READ_H

#include "storage/spool.h"

/* Writes the packets of a call, a whole pcap or pcapng that is not gzipped,
 * to fd; of one that is still going on what has been written so far. 0; -ENOENT
 * when there is nothing of it below DIR/spool; -EINVAL when uid is none;
 * -errno. Then why is written. */
int spool_read_call(const char *dir, const char *uid, int fd,
		    char why[SPOOL_WHY]);

/* Whether there is anything of it. */
bool spool_read_has(const char *dir, const char *uid);

#endif
