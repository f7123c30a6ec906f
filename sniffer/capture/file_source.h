/*
 * Frames from capture files (pcap, pcapng, either gzipped; known by content),
 * merged in order of time.
 *
 * Each file is taken as it lies, and of several files always the one goes
 * next whose next packet is earliest; on equal times the one named first.
 * With more than FILE_SOURCE_OPEN_MAX files only those are open that are due:
 * each is looked at once at the start for its first packet's time. Should
 * more than that overlap in time, those beyond wait until another ends, and
 * a note says so.
 */
#ifndef CAPTURE_FILE_SOURCE_H
#define CAPTURE_FILE_SOURCE_H

#include "sniffer/capture/source.h"

#define FILE_SOURCE_OPEN_MAX 64

/*
 * Each path is a file, "-" (standard input) or a folder, whose captures are
 * read and whose other files are named in notes. A named file that is no
 * capture, or a broken one, is a fault, not an error. 0, or -errno with a
 * sentence for the user in err: a path that cannot be opened, a folder
 * without any capture.
 */
int file_source_open(struct source **out, const char *const *paths,
		     size_t count, char *err, size_t err_size);

/* The same for one file's bytes in memory, which must outlive it. */
int file_source_open_memory(struct source **out, const char *name,
			    struct slice bytes);

#endif
