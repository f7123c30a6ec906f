/*
 * What read(), write() and mkdir() leave to their callers: to go on after a
 * signal and after a part. What answers int: 0 or -errno.
 */
#ifndef STORAGE_IO_H
#define STORAGE_IO_H

#include <sys/types.h>

#include "sniffer/base/slice.h"

/* After an error some of it may have been written. */
int write_all(int fd, struct slice bytes);
int write_all_at(int fd, struct slice bytes, off_t at);

/* Up to n bytes, fewer at the end of the file: how many, or -errno. */
ssize_t read_all(int fd, void *to, size_t n);
/* The same into memory that the caller frees, out->p, never NULL. */
int read_new(int fd, size_t n, struct slice *out);

/* One that is there already is fine. */
int make_dir(const char *path);

#endif
