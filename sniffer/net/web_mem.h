/*
 * Memory of web connections: everything they hold is counted against one
 * limit. Owned by the core thread.
 */
#ifndef NET_WEB_MEM_H
#define NET_WEB_MEM_H

#include "sniffer/base/counters.h"
#include "sniffer/base/slice.h"

struct web_config {
	size_t message_bytes; /* the longest body or WebSocket message */
	size_t total_bytes;   /* held for all connections together */
};

/* What all connections of one thread share. Counted are "web.memory_limit"
 * and "web.no_memory", and what web_flow.h names. */
struct web_mem {
	struct web_config cfg;
	struct counters *counters;
	size_t held; /* bytes */
};

/* Zeroed memory; NULL when there is none or the limit is reached. To be
 * given back with the same size. */
void *web_alloc(struct web_mem *m, size_t size);
void web_free(struct web_mem *m, void *p, size_t size);

/* Bytes that grow, up to a limit. All zero is an empty one. */
struct web_buf {
	uint8_t *p;
	size_t len, size;
};

/* Adds what fits below max bytes; false when something was left out. */
bool web_buf_add(struct web_buf *b, struct web_mem *m, struct slice s,
		 size_t max);
/* Takes n bytes away in front. */
void web_buf_drop(struct web_buf *b, size_t n);
/* Empty again; a small block is kept. */
void web_buf_clear(struct web_buf *b, struct web_mem *m);
void web_buf_free(struct web_buf *b, struct web_mem *m);

static inline struct slice web_buf_bytes(const struct web_buf *b)
{
	return slice_of(b->p, b->len);
}

#endif
