/*
 * What is open, as it runs: a bounded list of calls and sessions, the figures
 * of all layers, and what ended lately. The core fills a block and hands it
 * over whole; others look at the last one. The core never waits for them, nor
 * they for the core: what is handed over changes hands by one atomic exchange.
 */
#ifndef SNIFFER_SNAPSHOT_H
#define SNIFFER_SNAPSHOT_H

#include <stdatomic.h>

#include "sniffer/base/addr.h"
#include "sniffer/base/mirror.h"
#include "sniffer/cdr.h"
#include "sniffer/stats.h"

enum {
	SNAPSHOT_ROWS = 1000, /* calls and sessions that are listed */
	SNAPSHOT_ENDED = 512, /* of the last that ended */
	SNAPSHOT_TEXT = 64,   /* of a name; longer ones are cut */
	SNAPSHOT_STORES = 2,  /* database, feed */
	SNAPSHOT_TAPS = MIRROR_TAPS,
	SNAPSHOT_TAP_NAME = 32,
	SNAPSHOT_THREADS = 32, /* names of them */
	SNAPSHOT_THREAD_NAME = 16,
	SNAPSHOT_EVERY_MS = 4000, /* also when nobody looks */
	SNAPSHOT_LOOKED_MS = 1000,
};

/* One party's audio, now. */
struct snapshot_side {
	struct addr media; /* where it comes from; port 0: none was heard */
	char codec[24];	   /* "" = unknown */
	uint64_t packets, lost;
	double loss_pct, jitter_ms, mos, mos_now; /* NAN = null */
	const char *scale;
};

struct snapshot_party {
	char user[SNAPSHOT_TEXT]; /* "" = unknown; masked as records are */
	struct addr addr;	  /* port 0 = unknown */
};

struct snapshot_row {
	char uid[CDR_UID];
	const char *type;  /* call | session */
	const char *kind;  /* of sessions: webrtc | rtp; NULL */
	const char *state; /* trying | ringing | up | hold | ending */
	uint32_t status;   /* last final response; CDR_NO_U32 = none */
	uint64_t start_ns, answer_ns;
	struct snapshot_party caller, callee; /* or a and b */
	struct snapshot_side a, b;
	uint64_t packets;
};

struct snapshot_ended {
	char uid[CDR_UID];
	char state[16]; /* of its record */
	uint32_t status;
	bool recorded; /* it has a pcap */
};

struct snapshot_store {
	const char *what; /* database | feed */
	const char *kind; /* sqlite | mysql | feed */
	uint64_t waiting, oldest_ms, stored, retries, refused, lost;
	bool down;
};

/* One interface, or another place that packets come from. */
struct snapshot_tap {
	char name[SNAPSHOT_TAP_NAME];
	unsigned bits; /* enum link_bits */
	uint64_t frames, bytes, kernel, ring;
	uint64_t frames_minute, bytes_minute;
};

struct snapshot_thread {
	char name[SNAPSHOT_THREAD_NAME];
	uint64_t cpu_ns;
	double busy; /* of one CPU, since the snapshot before; NAN = unknown */
	uint64_t queued, room; /* what waits for it; room 0 = no queue */
};

/* Minutes are those of the machine's clock. ring: blocks and rings between
 * threads; workers: media packets of it that a worker could not take. */
struct snapshot_dropped {
	uint64_t kernel, ring, workers, limit; /* in this run */
	/* In the last minute. */
	uint64_t kernel_minute, ring_minute, workers_minute, limit_minute;
};

struct snapshot {
	unsigned refs;		      /* the readers' */
	uint64_t number;	      /* of blocks, from 1 */
	bool measured;		      /* snapshots_measure() */
	uint64_t made_ms;	      /* of the machine's steady clock */
	uint64_t now_ns;	      /* packet time */
	bool live, ended;	      /* interfaces; the input is over */
	bool no_viewer;		      /* one is wanted, and could not start */
	const char *const *interface; /* their names, of the run */
	size_t interfaces;
	bool records;	      /* recordings are wanted */
	bool reload_failed;   /* the settings in force are those of before */
	struct mirror mirror; /* what is wrong with it */
	uint64_t packets, bytes, first_ns, last_ns;
	uint64_t idle_ms; /* live: no packet since so long */
	uint64_t packets_minute, bytes_minute;
	uint64_t minute_ms;		/* how long that minute is so far */
	uint64_t read_bytes, read_size; /* of files; size 0 = unknown */
	struct snapshot_dropped dropped;
	unsigned spool_level; /* enum record_level */
	uint64_t spool_errors, spool_skipped, spool_skipped_minute;
	struct snapshot_store store[SNAPSHOT_STORES];
	size_t stores;
	struct snapshot_tap tap[SNAPSHOT_TAPS];
	size_t taps;
	struct snapshot_thread thread[SNAPSHOT_THREADS];
	size_t threads;
	struct stats stats;
	uint64_t calls, sessions; /* that are open */
	size_t n;		  /* of rows; the newest first */
	struct snapshot_row row[SNAPSHOT_ROWS];
	size_t ended_n; /* the last first */
	struct snapshot_ended gone[SNAPSHOT_ENDED];
};

struct snapshots;

struct snapshots *snapshots_new(void); /* NULL without memory */
/* No reader is left. NULL is fine. */
void snapshots_free(struct snapshots *s);

/* --- the core ------------------------------------------------------------- */

/* A new one is due: somebody looks and the last is a second old, or it is as
 * old as it may be. */
bool snapshots_due(struct snapshots *s, uint64_t now_ms);
/* A record was handed out. */
void snapshots_ended(struct snapshots *s, const struct cdr *cdr);
/* A block, all zero but for rows beyond the counts; NULL without memory. */
struct snapshot *snapshots_begin(struct snapshots *s, uint64_t now_ms);
/* The block is full: what became of the last minute. Once; else publishing
 * does it. */
void snapshots_measure(struct snapshots *s, struct snapshot *b);
/* Hands it over, with what ended and what became of the last minute. */
void snapshots_publish(struct snapshots *s, struct snapshot *b);

/* --- readers, any thread -------------------------------------------------- */

/* The last one, to be given back; NULL before the first. The core makes more
 * of them from now on. */
const struct snapshot *snapshots_get(struct snapshots *s);
void snapshots_put(struct snapshots *s, const struct snapshot *b);

#endif
