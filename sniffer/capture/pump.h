/*
 * A thread that reads one source and hands what it gave to the core: frames in
 * blocks, and between them, at their place, texts and the time until which all
 * was handed over. The thread owns the source while it runs. Everything else
 * here is for the core thread.
 */
#ifndef CAPTURE_PUMP_H
#define CAPTURE_PUMP_H

#include "sniffer/base/waker.h"
#include "sniffer/capture/source.h"

/* What lies in a pump's ring. */
enum pumped_kind {
	PUMPED_FRAMES,
	PUMPED_CLOCK,  /* now_ns only */
	PUMPED_KEYLOG, /* text: of source.secrets */
	PUMPED_NOTICE, /* text: of source.notice */
	PUMPED_END,    /* nothing follows; error is the source's, or 0 */
};

struct pumped {
	enum pumped_kind kind;
	int error;
	struct block *block; /* held; to be dropped by the reader */
	size_t first, n;     /* of its frames */
	uint64_t now_ns;     /* all before it was handed over; 0 = unknown */
	char *text;	     /* owned by the reader, ends with NUL */
	size_t len;
};

struct pump_config {
	size_t block_bytes, bytes; /* of a block, of all; at least two */
	size_t slots;		   /* of the ring */
	bool wait;  /* for room, instead of dropping and counting */
	bool alone; /* nobody waits for its time: no need to wake for it */
	struct waker *waker; /* borrowed: is woken when something comes; or
			      * NULL */
	unsigned number;     /* of the thread, for its name */
};

struct pump;

/* Takes the source over: closes it in pump_close(), not on failure. NULL
 * without memory. */
struct pump *pump_new(struct source *s, const struct pump_config *cfg);
/* Starts reading; filter (may be NULL) belongs to the pump from then on.
 * 0 or -errno. */
int pump_start(struct pump *p, struct filter *filter, const atomic_bool *stop);
void pump_close(struct pump *p); /* NULL is fine */

/* The next of it; NULL when there is none now. It stays until pump_next(). */
const struct pumped *pump_peek(struct pump *p);
void pump_next(struct pump *p);

/* Frame i of a block, and where it comes from. */
const struct frame *pumped_frame(const struct block *b, size_t i);
const struct source_origin *pumped_origin(const struct block *b, size_t i);

/* Its figures so far. */
void pump_tap(const struct pump *p, struct source_tap *out);
void pump_progress(const struct pump *p, struct source_progress *out);

/* After the end only, or before the start. */
struct source *pump_source(struct pump *p);

#endif
