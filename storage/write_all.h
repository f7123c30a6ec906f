/*
 * Bytes to a descriptor, all of them.
 */
#ifndef STORAGE_WRITE_ALL_H
#define STORAGE_WRITE_ALL_H

#include "sniffer/base/slice.h"

/* Goes on after a signal and after a part. 0 or -errno, then some of it may
 * have been written. */
int write_all(int fd, struct slice bytes);

#endif
