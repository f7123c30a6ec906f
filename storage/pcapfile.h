/*
 * The two capture file formats that the spool writes, in host byte order,
 * and a reader of what it wrote. Owns no file; no thread of its own.
 *
 * https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcap/ and -pcapng/
 */
#ifndef STORAGE_PCAPFILE_H
#define STORAGE_PCAPFILE_H

#include <sys/types.h>

#include "sniffer/base/frame.h"
#include "storage/outbuf.h"

#define PCAPFILE_HEADER 24 /* of a classic file */
#define PCAPFILE_IFACES 16 /* link types and resolutions of one pcapng */

/* What a classic file has one of, and pcapng one per interface. */
struct pcapfile_kind {
	uint16_t linktype;
	uint8_t ts_digits; /* 6 or 9 */
};

struct pcapfile_packet {
	struct pcapfile_kind kind;
	uint32_t sec, frac, wire_len; /* frac in 10^-ts_digits s */
	struct slice data;
};

static inline bool pcapfile_same_kind(struct pcapfile_kind a,
				      struct pcapfile_kind b)
{
	return a.linktype == b.linktype && a.ts_digits == b.ts_digits;
}

/* Takes one classic packet record off the front of *rest; false at its end
 * or when it is cut. */
bool pcapfile_take(struct slice *rest, struct pcapfile_kind kind,
		   struct pcapfile_packet *out);

void pcapfile_put_header(struct outbuf *b, struct pcapfile_kind kind);
void pcapfile_put_packet(struct outbuf *b, const struct pcapfile_packet *p);
/* pcapng: section header, the same with a comment, decryption secrets (lines of
 * a key log), interface description, enhanced packet. */
void pcapfile_ng_put_section(struct outbuf *b);
void pcapfile_ng_put_comment(struct outbuf *b, struct slice comment);
void pcapfile_ng_put_secrets(struct outbuf *b, struct slice keylog);
void pcapfile_ng_put_iface(struct outbuf *b, struct pcapfile_kind kind);
void pcapfile_ng_put_packet(struct outbuf *b, uint32_t iface,
			    const struct pcapfile_packet *p);

/* Its comment, when the block at the front of s is a section header that was
 * put so; *len is the length of the block, whatever it is. False at the end
 * or when it is cut. */
bool pcapfile_ng_block(struct slice s, uint32_t *len, struct slice *comment);

struct pcapfile_reader;

/* Reads from the file's beginning, also when it is gzipped; fd stays the
 * caller's. 0, -ENOMEM,
 * -EINVAL when the spool did not write this, or the read's error. */
int pcapfile_reader_open(struct pcapfile_reader **out, int fd);
/* 1 = *out is filled, good until the next call; 0 = the end (a cut last
 * packet is left out); -errno. */
int pcapfile_reader_next(struct pcapfile_reader *r,
			 struct pcapfile_packet *out);
void pcapfile_reader_close(struct pcapfile_reader *r);

/* Behind the last packet that was read: bytes (of what is inside the gzip). */
off_t pcapfile_reader_at(const struct pcapfile_reader *r);
bool pcapfile_reader_ng(const struct pcapfile_reader *r);
/* The kinds seen so far, in order; how many. */
size_t pcapfile_reader_kinds(const struct pcapfile_reader *r,
			     struct pcapfile_kind out[PCAPFILE_IFACES]);
/* The lines of a key log that it carries, as far as they were read; good
 * until the reader is closed. */
struct slice pcapfile_reader_secrets(const struct pcapfile_reader *r);

/* The packet as a source would hand it out. */
struct frame pcapfile_frame(const struct pcapfile_packet *p, uint64_t number);

#endif
