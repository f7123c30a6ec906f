/*
 * What a closed file of a feed is called, and what its manifest says. Pure.
 */
#ifndef STORAGE_FEED_MANIFEST_H
#define STORAGE_FEED_MANIFEST_H

#include "storage/feed_state.h"

/* Of the file that these are the numbers of; sha is its SHA-256. Fills name
 * and manifest. */
void feed_manifest(const struct feed_numbers *n, const char sha[FEED_SHA],
		   struct feed_closing *c);

#endif
