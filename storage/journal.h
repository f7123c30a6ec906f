/*
 * The journal: what is open, on disk, so that a restart goes on with it
 * (docs/RESTART.md). DIR/journal/ has files GENERATION-NUMBER of entries
 * (journal_entry.h) and `current`, which names the generation that counts.
 *
 * Entries are appended; what is no longer needed leaves when the oldest file
 * is gone through, a file at a time. Each run begins a generation with what
 * was still needed of the one before. One owner, one thread: written with
 * write(2) after some 64 KB, when something is urgent, or at a tick; nothing
 * waits for the disk but journal_close().
 */
#ifndef STORAGE_JOURNAL_H
#define STORAGE_JOURNAL_H

#include "sniffer/cdr.h"
#include "storage/journal_entry.h"

struct journal;

#define JOURNAL_WHY 512

/* Told of the first thing that could not be written, and of what could not
 * be read: one sentence. */
typedef void journal_complain_fn(void *arg, const char *why);

struct journal_config {
	const char *dir; /* DIR */
	/* What this run writes counts only when it was closed whole: one that
	 * is killed can be done again. Else it counts at once. */
	bool at_once;
	size_t file_bytes; /* 0 = 4 MB; less in tests */
	journal_complain_fn *complain;
	void *arg;
};

/* 0 or -errno with why. There need not be a journal before. */
int journal_open(struct journal **out, const struct journal_config *cfg,
		 char why[JOURNAL_WHY]);

/* What an earlier run left, and how. */
struct journal_left {
	uint64_t last_ns; /* its last packet, as far as is known; 0 = nothing */
	uint64_t last_id;
	bool stopped;	  /* not killed: nothing is missing up to last_ns */
	uint64_t damaged; /* places that could not be read */
};
struct journal_left journal_left(const struct journal *j);

/* Borrowed, but for the record. */
struct journal_events {
	void (*message)(void *arg, uint64_t id,
			const struct journal_message *m);
	/* Takes cdr over. */
	void (*record)(void *arg, uint64_t id, struct cdr *cdr,
		       uint64_t as_of_ns);
	void (*buried)(void *arg, const struct journal_buried *d);
};
/* Hands out what an earlier run left open: messages in their order, then
 * records, then what is buried; it all goes into this run's journal too, which
 * counts from now on (at_once). 0 or -errno, told. Once, before anything is
 * added. */
int journal_restore(struct journal *j, const struct journal_events *ev,
		    void *arg);

/* Of what is open. A failure is told once and counted. */
void journal_message(struct journal *j, uint64_t id,
		     const struct journal_message *m);
/* In place of the one before. */
void journal_record(struct journal *j, uint64_t id, const struct cdr *cdr,
		    uint64_t as_of_ns);
/* Its record is safe elsewhere; d may be NULL. */
void journal_over(struct journal *j, uint64_t id,
		  const struct journal_buried *d);
/* Everything so far is out of this process. */
void journal_flush(struct journal *j);

/* Items that are open, and bytes on disk. */
size_t journal_open_items(const struct journal *j);
uint64_t journal_bytes(const struct journal *j);
uint64_t journal_errors(const struct journal *j);

/* stopped: all that is open was recorded as of last_ns; this run counts. Else
 * it is as if the process were killed. NULL is fine. */
void journal_close(struct journal *j, bool stopped, uint64_t last_ns);

#endif
