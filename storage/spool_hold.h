/*
 * Calls that stay whatever their age: DIR/spool/held, a uid a line. Written
 * by "callscope hold" and "release", and read again by the running spool when
 * it has changed.
 */
#ifndef STORAGE_SPOOL_HOLD_H
#define STORAGE_SPOOL_HOLD_H

#include <sys/stat.h>

#include "sniffer/base/ulid.h"

#define SPOOL_HELD "held"

struct spool_hold {
	char (*uid)[ULID_SIZE]; /* ordered */
	size_t n;
	struct timespec changed; /* the file, as it was read */
	ino_t inode;
	off_t size;
	uint64_t version; /* from 1 on: how often it was read */
};

/* Reads the file below dir_fd if it is not the one that was read before. 0 or
 * -errno: then nothing may be deleted, for nobody knows what is held. */
int spool_hold_read(struct spool_hold *h, int dir_fd);
bool spool_hold_has(const struct spool_hold *h, const char *uid);
void spool_hold_close(struct spool_hold *h);

/* Adds uids to the list of DIR/spool, or takes them out; *changed tells how
 * many that made a difference to. Others who do the same wait. 0 or -errno. */
int spool_hold_set(const char *dir, const char *const *uid, size_t n, bool held,
		   size_t *changed);
/* Is there a recording of uid below DIR/spool, or is it on the list? */
bool spool_hold_known(const char *dir, const char *uid);

#endif
