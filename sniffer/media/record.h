/*
 * The recording of one group: frames as captured, in chunks that the spool
 * appends to one file. Knows no path and no file format beyond the record
 * layout of a classic pcap.
 */
#ifndef MEDIA_RECORD_H
#define MEDIA_RECORD_H

#include "sniffer/base/frame.h"

enum record_what {
	RECORD_ALL,
	RECORD_HEADERS,	   /* RTP without its payload */
	RECORD_SIGNALLING, /* no media */
	RECORD_NONE,
};

struct record_config {
	enum record_what what;
	size_t held_bytes;  /* of one group that is not yet kept */
	size_t chunk_bytes; /* 8 KB */
	size_t max_bytes;   /* of all chunks in memory; 0 = no limit */
};

/* Whole packet records, back to back, each: seconds, fraction (of
 * 10^-ts_digits), captured length, wire length (4 x uint32_t in host order),
 * then the bytes: what a classic pcap file of that resolution holds. All of
 * one link type and resolution. */
struct record_chunk {
	struct slice bytes;
	uint16_t linktype;
	uint8_t ts_digits;  /* 6 or 9 */
	size_t media_bytes; /* of them: RTP, what may go before the rest */
};

struct spool_file; /* one recording on its way to disk */

/* What the spool takes just now: less when it falls behind or the disk is
 * nearly full. */
enum record_level {
	RECORD_LEVEL_ALL,
	RECORD_LEVEL_NO_MEDIA, /* no RTP */
	RECORD_LEVEL_NOTHING,
};

/* Implemented by storage/spool_ops.c. Any thread, those about one file from
 * one at a time. What is given is borrowed: the spool copies what it keeps. */
struct spool_ops {
	/* May be NULL: all. Cheap, but not for each packet. */
	enum record_level (*level)(void *arg);
	/* Opens on the first call (*file NULL), under a temporary name made
	 * from uid. 0 or -errno; after an error the recording goes on without
	 * this chunk, counted. */
	int (*append)(void *arg, struct spool_file **file, const char *uid,
		      const struct record_chunk *chunk);
	/* Completes it under the name of uid, replacing what is there only if
	 * this one knows more; writes the path below DIR into path (at least
	 * 64 bytes). The file is freed in any case. 0 or -errno. With live
	 * captures this is what will be: nobody waits for the disk. */
	int (*finish)(void *arg, struct spool_file *file, const char *uid,
		      uint64_t last_ns, uint64_t packets, char *path,
		      size_t path_size);
	/* Before it is finished: the file carries these lines of a key log in
	 * front of its packets, which makes it a pcapng. 0 or -errno, then it
	 * stays what it was. */
	int (*secrets)(void *arg, struct spool_file *file, struct slice keylog);
	/* Removes it. */
	void (*discard)(void *arg, struct spool_file *file);
	/* Appends src's packets to dst and frees src. 0 or -errno. */
	int (*concat)(void *arg, struct spool_file *dst,
		      struct spool_file *src);
	/* Goes on with what an earlier run left of uid: an unfinished file, or
	 * one that was completed when that run was stopped. *file is for
	 * append() and the rest; and what it holds already. 0; -ENOENT when
	 * there is none, or none of use. May be NULL: there never is. */
	int (*adopt)(void *arg, const char *uid, struct spool_file **file,
		     uint64_t *packets, uint64_t *last_ns);
};

/* Finds the media among the packets of a recording: for the spool, which
 * cannot read packets itself. Any thread, a state for each file. */
struct record_sorter {
	void *(*begin)(void); /* NULL without memory */
	/* The next frame, numbered from 1 on. Writes the numbers of frames
	 * that are now known to be RTP: this one, or also those before it that
	 * are fragments of the same datagram. Returns how many. */
	size_t (*frame)(void *state, const struct frame *f, uint64_t *media,
			size_t max);
	void (*end)(void *state);
};

#endif
