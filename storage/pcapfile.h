/*
 * The two capture file formats that the spool writes, in host byte order,
 * and a reader of what it wrote. Owns no file; no thread of its own.
 *
 * https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcap/ and -pcapng/
 */
#ifndef STORAGE_PCAPFILE_H
#define STORAGE_PCAPFILE_H

#include "sniffer/base/slice.h"
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
/* pcapng: section header, decryption secrets (lines of a key log), interface
 * description, enhanced packet. */
void pcapfile_ng_put_section(struct outbuf *b);
void pcapfile_ng_put_secrets(struct outbuf *b, struct slice keylog);
void pcapfile_ng_put_iface(struct outbuf *b, struct pcapfile_kind kind);
void pcapfile_ng_put_packet(struct outbuf *b, uint32_t iface,
			    const struct pcapfile_packet *p);

struct pcapfile_reader;

/* Reads from the file's beginning; fd stays the caller's. 0, -ENOMEM,
 * -EINVAL when the spool did not write this, or the read's error. */
int pcapfile_reader_open(struct pcapfile_reader **out, int fd);
/* 1 = *out is filled, good until the next call; 0 = the end (a cut last
 * packet is left out); -errno. */
int pcapfile_reader_next(struct pcapfile_reader *r,
			 struct pcapfile_packet *out);
void pcapfile_reader_close(struct pcapfile_reader *r);

#endif
