/*
 * A reader takes the records of one capture format off the front of some
 * bytes. It does no I/O: capfile.h feeds it.
 */
#ifndef CAPTURE_READER_H
#define CAPTURE_READER_H

#include "sniffer/base/frame.h"

/* What a packet may measure when the file itself names no higher limit, and
 * what we believe at most. */
#define CAPLEN_LIMIT	 262144u
#define CAPLEN_LIMIT_MAX (1u << 20)

enum record {
	RECORD_FRAME,	/* out is filled (number apart)                      */
	RECORD_SKIP,	/* no packet; *used may lie beyond the input         */
	RECORD_SECRETS, /* no packet, but text of a key log: r->secrets     */
	RECORD_MORE,	/* a valid beginning; the record needs *used bytes   */
	RECORD_BAD,	/* cannot be right, why tells; the next one lies at
			 * *used, or nobody knows where when that is 0       */
};

struct reader;

struct reader_ops {
	const char *name; /* of the format */
	/* Takes one record off the front of in, *used bytes of it. */
	enum record (*next)(struct reader *r, struct slice in,
			    struct frame *out, size_t *used);
	/* After damage: could a record begin here? RECORD_FRAME = yes,
	 * RECORD_BAD = no, RECORD_MORE = needs *used bytes to tell. With eof
	 * nothing follows in. */
	enum record (*probe)(const struct reader *r, struct slice in, bool eof,
			     size_t *used);
	void (*close)(struct reader *r);
};

struct reader {
	const struct reader_ops *ops;
	struct slice secrets; /* in the input that had them */
	char why[128];
};

#define READER_HEAD_MAX 24 /* bytes that tell a capture from all else */

/*
 * The reader for what begins with head (READER_HEAD_MAX bytes, or all when
 * there are less). *used is the length of the file header, to be passed over
 * first. *iface is the number for the next interface and counts on; it
 * outlives the reader. 0, -ENOMEM, or -EPROTONOSUPPORT with *why set to what
 * head looks like.
 */
int reader_new(struct reader **out, struct slice head, uint16_t *iface,
	       size_t *used, const char **why);

static inline void reader_close(struct reader *r)
{
	if (r)
		r->ops->close(r);
}

/* The two formats; for reader_new(). */
bool pcap_reader_knows(struct slice head);
int pcap_reader_new(struct reader **out, struct slice head, uint16_t *iface,
		    size_t *used, const char **why);
bool pcapng_reader_knows(struct slice head);
int pcapng_reader_new(struct reader **out, struct slice head, uint16_t *iface,
		      size_t *used, const char **why);

/* The link type field of a file (or a DLT of libpcap) as LINKTYPE value: FCS
 * bits masked off, raw IP under its one number. 0xffff = a class of its own
 * that we do not know. */
uint16_t linktype_of(uint32_t field);

/* What a file that is no capture looks like; never NULL. */
const char *reader_looks_like(struct slice head);

#endif
