/*
 * Where frames come from: capture files or live interfaces. One thread owns
 * a source. The frames that source_read() hands out are borrowed until the
 * next source_read() or source_close().
 */
#ifndef CAPTURE_SOURCE_H
#define CAPTURE_SOURCE_H

#include <stdatomic.h>

#include "sniffer/base/frame.h"
#include "sniffer/capture/fault.h"

#define SOURCE_BATCH_MAX 256 /* frames that one read hands out at most */
#define SOURCE_ERROR_MAX 512 /* bytes of a message why it did not open */

struct filter;
struct source;

struct source_stats {
	uint64_t frames;	 /* handed out */
	uint64_t bytes;		 /* captured bytes in them */
	uint64_t cut;		 /* of them: shorter than on the wire */
	uint64_t filtered;	 /* refused by the filter */
	uint64_t dropped_kernel; /* live: lost before we could read them */
};

struct source_progress {
	uint64_t bytes_read;  /* of the files as they lie on disk */
	uint64_t bytes_total; /* 0 = unknown: a pipe, an interface */
};

struct source_ops {
	int (*read)(struct source *s, struct frame *out, size_t max);
	uint64_t (*now_ns)(struct source *s); /* NULL: packet time only */
	void (*where)(const struct source *s, const struct frame *f, char *buf,
		      size_t size);
	void (*close)(struct source *s);
};

/* The head of every kind of source. Fill filter, stop and secrets before the
 * first read; the rest is for reading only. */
struct source {
	const struct source_ops *ops;
	struct filter *filter;	 /* borrowed; NULL lets all through */
	const atomic_bool *stop; /* borrowed, may be NULL: true ends the run */
	/* Text of an NSS key log that lies in a capture (pcapng), whole lines,
	 * before the packets that follow it are handed out. May be NULL. */
	void (*secrets)(void *arg, struct slice keylog);
	void *secrets_arg;
	struct source_stats stats;
	struct source_progress progress;
	struct faults faults; /* any of them: exit status 2 */
	struct faults notes;  /* worth a line, no fault: files left out */
};

/*
 * Up to max frames. > 0: that many; 0: the input has ended, or *stop is
 * set; -EAGAIN: nothing for about 100 ms (live only, ask source_now_ns());
 * any other value below 0 is fatal. Damaged files never end up here, they
 * are listed in faults.
 */
int source_read(struct source *s, struct frame *out, size_t max);

/* Live: every frame up to this time (ns since 1970) was handed out. Files: 0,
 * their time is that of their packets. */
uint64_t source_now_ns(struct source *s);

/* "FILE: packet N" of a frame from the latest read, cut to size bytes. */
void source_where(const struct source *s, const struct frame *f, char *buf,
		  size_t size);

/* NULL is fine. */
void source_close(struct source *s);

#endif
