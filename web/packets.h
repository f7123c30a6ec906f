/*
 * What the viewer gets of the packets of recorded calls: texts of messages,
 * figures over time, files to take along, sound. Callbacks, for web/ sees no
 * packets itself (backend.h); each is called by a worker, with its connection
 * to the store, and may take its time, within bounds of its own.
 *
 * They answer 0, or -errno with why: -ENOENT, the store has no such call;
 * -ENODATA, it has, but this cannot be had of it (not recorded, deleted,
 * encrypted without a key, a codec that nothing here decodes); -EFBIG, more
 * than a file may have; -EBUSY, come again.
 */
#ifndef WEB_PACKETS_H
#define WEB_PACKETS_H

#include "storage/db.h"
#include "storage/outbuf.h"

enum web_packets_format {
	WEB_PACKETS_AS_IS, /* as recorded */
	WEB_PACKETS_PCAP,  /* classic, where one can hold it */
	WEB_PACKETS_PCAPNG,
};

struct web_packets_ask {
	const char *const *uids;
	size_t n;
	enum web_packets_format format; /* AS_IS: of one call */
	bool legs;			/* with all legs of their groups */
	bool keys; /* with the secrets that recordings carry */
};

/* A file that has no name any more; the fd is the caller's. */
struct web_packets_file {
	int fd;
	uint64_t len;
	const char *ending; /* pcap, pcapng, wav */
	char etag[64];	    /* with quotes; changes with the bytes */
};

struct web_packets {
	/* The record, as far as it has come, of a call that is still going on;
	 * -ENOENT when there is none. */
	int (*open_call)(void *arg, const char *uid, struct outbuf *out,
			 char why[DB_WHY]);
	/* {"messages":...}; text: with the texts. */
	int (*messages)(void *arg, struct db *db, const char *uid, bool text,
			struct outbuf *out, char why[DB_WHY]);
	/* {"source":...} */
	int (*timeline)(void *arg, struct db *db, const char *uid,
			struct outbuf *out, char why[DB_WHY]);
	int (*pcap)(void *arg, struct db *db, const struct web_packets_ask *ask,
		    struct web_packets_file *out, char why[DB_WHY]);
	int (*wav)(void *arg, struct db *db, const char *uid,
		   struct web_packets_file *out, char why[DB_WHY]);
	/* {"available":...}: the sound's loudest sample of each of so many
	 * parts. */
	int (*peaks)(void *arg, struct db *db, const char *uid, size_t points,
		     struct outbuf *out, char why[DB_WHY]);
	void *arg;
};

#endif
