/*
 * Where frames come from: capture files or live interfaces. One thread owns
 * a source. The frames that source_read() hands out are borrowed until the
 * next source_read() or source_close(); the bytes of those with a block live
 * longer where somebody holds that block.
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
	uint64_t dropped_ring;	 /* lost because those read before waited */
	uint64_t late; /* handed out after a later one of another tap */
};

/* An interface, or another place that live packets come from. */
struct source_tap {
	const char *name;	/* lives as long as the source */
	uint64_t frames, bytes; /* that it handed on */
	uint64_t filtered;
	uint64_t dropped_kernel, dropped_ring;
	bool up;     /* the interface is there, up and has a link */
	double load; /* busy share of its thread's last second, 0 .. 1; of the
			busiest, when several read it */
	uint64_t alive_ns; /* CLOCK_MONOTONIC, to a second: when its thread was
			      seen at work; the one of several that was seen
			      least. 0: none runs */
};

struct source_progress {
	uint64_t bytes_read;  /* of the files as they lie on disk */
	uint64_t bytes_total; /* 0 = unknown: a pipe, an interface */
};

/* Where a frame comes from. */
struct source_origin {
	const char *path; /* as source_tap.name */
	uint64_t packet;  /* within it, 1 = the first */
};

struct source_ops {
	int (*read)(struct source *s, struct frame *out, size_t max);
	uint64_t (*now_ns)(struct source *s); /* NULL: packet time only */
	/* Of a frame from the latest read; false when it is not known. */
	bool (*origin)(const struct source *s, const struct frame *f,
		       struct source_origin *out);
	void (*close)(struct source *s);
	/* The following are for pumps and may be NULL. */

	/* In place of read: take() gets the frames one by one, their bytes are
	 * good until it returns. Answers as read; 0 is the end. */
	int (*drain)(struct source *s,
		     void (*take)(void *arg, const struct frame *f), void *arg,
		     size_t max);
	/* Fills in name and up: any thread. */
	void (*tap)(const struct source *s, struct source_tap *out);
	size_t (*taps)(struct source *s, struct source_tap *out, size_t max);
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
	/* A line for the log: an interface went down, came back. May be
	 * NULL. */
	void (*notice)(void *arg, const char *line);
	void *notice_arg;
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

/* What is read by threads: how many were written to out, max at most. Row i is
 * where frames with iface i come from. 0 for files that the caller reads. */
size_t source_taps(struct source *s, struct source_tap *out, size_t max);

/* NULL is fine. */
void source_close(struct source *s);

#endif
