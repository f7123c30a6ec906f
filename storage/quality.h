/*
 * The quality table's BLOB: the 10-second slices of one stream in one UTC
 * hour, packed. sql/README draws the layout. Pure.
 */
#ifndef STORAGE_QUALITY_H
#define STORAGE_QUALITY_H

#include "sniffer/cdr.h"
#include "storage/outbuf.h"

#define QUALITY_HOUR	   3600

/* How many of the first slices lie in the same hour as v[0]; *hour is its
 * beginning in UNIX seconds. v is ordered by time, n > 0. */
size_t quality_hour(const struct cdr_slice10 *v, size_t n, uint64_t *hour);

/* All of v must lie in the hour. */
void quality_pack(struct outbuf *b, uint64_t hour, const struct cdr_slice10 *v,
		  size_t n);

/* The other way, at most max slices. False when it is none or a later
 * version's; *n is written only on success. */
bool quality_unpack(struct slice blob, uint64_t hour, struct cdr_slice10 *v,
		    size_t max, size_t *n);

#endif
