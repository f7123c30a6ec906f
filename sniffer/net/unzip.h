/*
 * Inflates a stream that comes in pieces: gzip, zlib or bare deflate. Its
 * memory is counted against the limit of web connections; a stream that
 * grows beyond reason is given up. Owned by the core thread.
 */
#ifndef NET_UNZIP_H
#define NET_UNZIP_H

#include "sniffer/net/web_mem.h"

enum unzip_kind {
	UNZIP_RAW,     /* deflate; what follows its end is a new one that
			* still sees the window (RFC 7692, 7.2.3.4) */
	UNZIP_GZIP,    /* members one after the other */
	UNZIP_DEFLATE, /* of HTTP: zlib, but some send bare deflate */
};

struct unzip;

/* Gets what comes out, piece by piece. */
typedef void unzip_fn(void *arg, struct slice out);

/* NULL without memory: counted. */
struct unzip *unzip_new(struct web_mem *m, enum unzip_kind kind);
void unzip_free(struct unzip *u);

/* 0; -EBADMSG for damaged data, -E2BIG for a bomb: out of proportion to what
 * went in, -ENOMEM. After an error only reset or free it. */
int unzip_feed(struct unzip *u, struct slice in, unzip_fn *out, void *arg);

/* As new: what was seen before does not count. */
void unzip_reset(struct unzip *u);

#endif
