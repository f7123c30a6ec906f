/*
 * The spool: one capture file per call below a folder, written under a
 * temporary name and renamed when complete. A thread of its own does the
 * writing (spool_queue.c), and with live captures keeps the spool within its
 * limits (spool_clean.c). docs/SPOOL.md says what lies where.
 *
 * One thread, the core's, calls what is declared here.
 */
#ifndef STORAGE_SPOOL_H
#define STORAGE_SPOOL_H

#include "sniffer/media/record.h"

struct spool;

#define SPOOL_WHY 512

/* Told of the first error, of what was deleted, of a disk that runs full: a
 * sentence. Called on the core's thread only, from any function here. */
typedef void spool_complain_fn(void *arg, const char *why);

/* How long and how much: 0 = no limit. By the machine's clock. */
struct spool_keep {
	uint64_t media_ms, signalling_ms; /* since the call's hour ended */
	uint64_t media_bytes, signalling_bytes; /* of all calls */
	unsigned free_pct; /* of the file system, never less */
};

/* The machine, as far as the spool asks it. */
struct spool_system {
	uint64_t (*now_ms)(void *arg); /* UTC since 1970 */
	/* 0 or -errno */
	int (*disk)(void *arg, uint64_t *total, uint64_t *avail);
	void *arg;
};

struct spool_config {
	const char *dir; /* DIR: files go to DIR/spool/YYYY-MM-DD/HH */
	bool live;	 /* nobody waits for the disk; limits are kept */
	bool gzip;	 /* complete files */
	bool minute;	 /* one file for all calls that begin in a minute */
	bool adopt;	 /* what a killed run left waits for spool_ops.adopt */
	size_t queue_bytes; /* between core and writer; 0 = no thread */
	struct spool_keep keep;
	const struct record_sorter *sorter; /* NULL: media stays */
	const struct spool_system *system;  /* NULL: the real one */
	spool_complain_fn *complain;
	void *arg;
};

/* Makes DIR/spool. 0 or -errno, then why is written. */
int spool_open(struct spool **out, const struct spool_config *cfg,
	       char why[SPOOL_WHY]);
/* Writes what waits, completes what a killed run left, and removes the
 * temporary files of this run that nobody finished. NULL is fine. */
void spool_close(struct spool *s);

/* The first argument of its functions is the struct spool. */
extern const struct spool_ops spool_ops;

/* Other limits from now on: how long, how much. */
void spool_keep(struct spool *s, const struct spool_keep *keep);
/* Passes on what the writer has to tell. Cheap when there is nothing. */
void spool_poll(struct spool *s);
/* Waits until all is written that was handed over so far. */
void spool_drain(struct spool *s);
/* Nothing more will be adopted: the rest of what a killed run left is
 * completed. */
void spool_adopted(struct spool *s);
/* The file that a killed run left of uid, and that was not adopted yet: for
 * reading only. -ENOENT when there is none. */
int spool_left(struct spool *s, const char *uid, char *path, size_t size);
/* Without a thread: one piece of the housekeeping; true when there is more. */
bool spool_step(struct spool *s);

/* Files completed in this run, kept ones (a stored file knew more) included;
 * and what failed. After spool_drain(). */
uint64_t spool_files(const struct spool *s);
uint64_t spool_errors(const struct spool *s);
/* What waits for the disk, and what is taken just now. Any time. */
struct spool_load {
	uint64_t queued, limit; /* bytes */
	enum record_level level;
};
struct spool_load spool_load(const struct spool *s);
/* Chunks that the full queue could not take. */
uint64_t spool_dropped(const struct spool *s);

#endif
