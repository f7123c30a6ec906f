/*
 * A file that is exported: written under a hidden name beside its own and
 * renamed when it is whole, so that nobody finds half of it and nothing is
 * overwritten unasked. "-" is standard output. One thread; owned by whoever
 * declares it, {0} is closed.
 */
#ifndef EXPORT_OUT_H
#define EXPORT_OUT_H

#include "storage/outbuf.h"

#define EXPORT_WHY 512

struct out {
	struct outbuf buf; /* of what is put but not yet written */
	char *path, *part; /* part NULL: standard output */
	int fd;
	bool force, open;
	bool borrowed;	/* fd is the caller's, who closes it */
	uint64_t bytes; /* written so far */
	uint64_t max;	/* no more than this; 0: any */
};

/* seek: bytes are written out of order, through fd. 0 or -errno, then why is
 * written; -EEXIST when the file is there and force is not. */
int out_open(struct out *o, const char *path, bool force, bool seek,
	     char why[EXPORT_WHY]);
/* Writes to a file that is open already, from its beginning; it stays open.
 * More than max bytes (0: any) are refused. 0 or -ENOMEM with why. */
int out_borrow(struct out *o, int fd, uint64_t max, char why[EXPORT_WHY]);
/* Writes what is in buf when it is much. 0 or -errno with why. */
int out_put(struct out *o, char why[EXPORT_WHY]);
/* Completes it. 0 or -errno with why; closed in any case. */
int out_close(struct out *o, char why[EXPORT_WHY]);
/* Closes without trace; fine when it is closed. */
void out_drop(struct out *o);

#endif
