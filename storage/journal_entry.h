/*
 * The bytes of a journal's files (journal.h), pure. All numbers are
 * little-endian:
 *
 *   "CSJRNL01", u32 bytes of the dictionary (cdr_code.h), u32 CRC-32 of it,
 *   the dictionary; then entries:
 *   u32 mark, u32 bytes, u32 CRC-32 of what follows, u8 kind, u64 id,
 *   u64 serial, bytes
 *
 *   message  u64 time, source, destination, u16 realm, text of the transport,
 *            then the message itself
 *   record   u64 as of when, the record
 *   over     nothing, or u64 until, u32 CSeq, text of Call-ID, of From tag
 *   stop     u64 last packet
 *
 * An address is 16 bytes and u16 port; a text is u32 bytes and these. Serial
 * numbers tell in which order things happened, whatever their place; an entry
 * that is damaged is passed over.
 */
#ifndef STORAGE_JOURNAL_ENTRY_H
#define STORAGE_JOURNAL_ENTRY_H

#include "sniffer/base/addr.h"
#include "storage/outbuf.h"

#define JOURNAL_HEADER	  16 /* before the dictionary */
#define JOURNAL_HEAD	  29 /* of an entry */
#define JOURNAL_ENTRY_MAX (64u << 20)

enum journal_kind {
	JOURNAL_MESSAGE = 1,
	JOURNAL_RECORD = 2,
	JOURNAL_OVER = 3,
	JOURNAL_STOP = 4,
};

struct journal_entry {
	enum journal_kind kind;
	uint64_t id, serial;
	struct slice bytes; /* borrowed */
};

/* A message of an open call. */
struct journal_message {
	uint64_t ts_ns;
	struct addr src, dst;
	uint16_t realm;
	struct slice transport, text;
};

/* A call that is over: what still comes of it belongs to no other. */
struct journal_buried {
	uint64_t until_ns;
	uint32_t cseq;
	struct slice call_id, from_tag;
};

void journal_put_header(struct outbuf *b, struct slice dictionary);
/* The dictionary, and where the entries begin. 0 or -EBADMSG. */
int journal_get_header(struct slice file, struct slice *dictionary,
		       size_t *used);

/* Begins an entry; answers its place, for journal_end_entry() when its bytes
 * have been appended. */
size_t journal_begin_entry(struct outbuf *b, enum journal_kind kind,
			   uint64_t id, uint64_t serial);
void journal_end_entry(struct outbuf *b, size_t begin);

/* Takes the next entry off the front of *in that is whole; false at the end.
 * *damaged: counts what was passed over. */
bool journal_next(struct slice *in, struct journal_entry *out,
		  uint64_t *damaged);

void journal_put_u64(struct outbuf *b, uint64_t v);
void journal_put_message(struct outbuf *b, const struct journal_message *m);
void journal_put_buried(struct outbuf *b, const struct journal_buried *d);

/* What the bytes of an entry say. False: less than that. */
bool journal_get_u64(struct slice *bytes, uint64_t *out);
bool journal_get_message(struct slice bytes, struct journal_message *out);
bool journal_get_buried(struct slice bytes, struct journal_buried *out);

#endif
