/*
 * A body that comes in pieces: inflated, collected up to the limit; of a
 * stream of events (SSE: HTML standard, 9.2) each event by itself. Owned by
 * the core thread.
 *
 * Counted are "web.body_limit" (cut), "web.coding" (Brotli and others),
 * "web.bad_deflate".
 */
#ifndef NET_WEB_BODY_H
#define NET_WEB_BODY_H

#include "dissectors/http.h"
#include "sniffer/net/unzip.h"

/* Gets the data of an event. */
typedef void web_event_fn(void *arg, struct slice data);

struct web_body {
	struct web_mem *mem;
	struct web_buf buf; /* what is collected, decoded */
	struct unzip *unzip;
	web_event_fn *event; /* NULL: no stream of events */
	void *arg;
	size_t scanned; /* of buf, for the end of an event */
	bool sniff;	/* nobody told what it is */
	bool cut;
};

/* event is NULL unless the body is a stream of events. */
void web_body_begin(struct web_body *b, struct web_mem *m,
		    enum http_coding coding, web_event_fn *event, void *arg);
/* Nothing is told: gzip is known by its magic, and events, where event is
 * given, by how they look. */
void web_body_sniff(struct web_body *b, struct web_mem *m, web_event_fn *event,
		    void *arg);
/* Nothing of it is wanted. */
void web_body_skip(struct web_body *b, struct web_mem *m);

void web_body_add(struct web_body *b, struct slice in);
/* So far: what is collected. */
static inline struct slice web_body_bytes(const struct web_body *b)
{
	return web_buf_bytes(&b->buf);
}
/* At the end: true when there is something to emit, which *rest then is. Of
 * events it is the data of one that has no end. */
bool web_body_end(struct web_body *b, struct slice *rest);
void web_body_free(struct web_body *b);

#endif
