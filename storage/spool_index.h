/*
 * The index of an hour: a text file in its folder, a line for each complete
 * file, appended when it is completed, stripped or gone; the last line of a
 * uid counts. With it nobody has to look through the folder.
 *
 *   UID KIND BYTES MEDIA .
 *   UID minute BYTES MEDIA OFFSET PART PACKETS LAST .
 *
 * KIND is pcap, pcap.gz or gone; BYTES is the file's size, MEDIA what its
 * media has of them. A call in a file of its minute has BYTES from OFFSET on,
 * in the file of that PART; LAST is its last packet in microseconds. A line
 * that does not end in " ." was cut off by a crash and is skipped.
 */
#ifndef STORAGE_SPOOL_INDEX_H
#define STORAGE_SPOOL_INDEX_H

#include "sniffer/base/ulid.h"
#include "storage/outbuf.h"

#define SPOOL_INDEX  "index"
#define SPOOL_FOLDER 20 /* "YYYY-MM-DD/HH" and room for strange years */

enum spool_kind {
	SPOOL_PCAP,
	SPOOL_PCAP_GZ,
	SPOOL_GONE, /* those before are files of their own */
	SPOOL_MINUTE,
};

struct spool_entry {
	char uid[ULID_SIZE];
	enum spool_kind kind;
	uint64_t bytes, media;
	uint64_t offset, packets, last_us; /* SPOOL_MINUTE */
	uint32_t part;
};

/* "pcap" ... */
const char *spool_kind_name(enum spool_kind kind);
/* Is this a ULID's text? */
bool spool_is_uid(struct slice s);
/* "YYYY-MM-DD/HH" of a uid, UTC; "" after the year 9999. */
void spool_folder(const char *uid, char out[SPOOL_FOLDER]);

/* A line without its end. False when it is none. */
bool spool_index_parse(struct slice line, struct spool_entry *out);
void spool_index_put(struct outbuf *b, const struct spool_entry *e);
/* The last word on each uid that is not gone, ordered by uid; *out is the
 * caller's to free. 0 or -ENOMEM. */
int spool_index_read(struct slice text, struct spool_entry **out, size_t *n);

/* The indexes that were last written to: most calls end in the hour of the
 * one before. */
#define SPOOL_INDEXES 4
struct spool_index_cache {
	struct {
		char folder[SPOOL_FOLDER]; /* "" = unused */
		int fd;
	} file[SPOOL_INDEXES];
	unsigned next;
};

/* Appends whole lines to the index of a folder below dir_fd, which must be
 * there. 0 or -errno. */
int spool_index_append(struct spool_index_cache *c, int dir_fd,
		       const char *folder, struct slice lines);
/* Before the folder is removed; NULL: all. */
void spool_index_forget(struct spool_index_cache *c, const char *folder);
/* What the index of its hour says of a uid. 0, -ENOENT or -errno. */
int spool_index_find(int dir_fd, const char *uid, struct spool_entry *out);
/* The whole text of a folder's index, malloc'ed. 0 or -errno. */
int spool_index_text(int dir_fd, const char *folder, struct slice *out);

#endif
