/*
 * Bytes that wait on disk for a store: a folder of segment files that only
 * grow, and a note of what is done. One thread puts, another takes; each
 * function says whose it is. Pieces come out in the order in which they were
 * put, each once, and again in the next run if it was not told done.
 *
 * What queue_write() took survives the end of the process, whatever ends it;
 * what queue_sync() saw survives a power cut. When the disk refuses, pieces
 * wait in memory, up to 16 MB, and go to disk when there is room.
 */
#ifndef STORAGE_QUEUE_H
#define STORAGE_QUEUE_H

#include "storage/outbuf.h"

struct queue;

/* Room for one sentence that names the file. */
#define QUEUE_WHY 512
/* Bytes of one piece. */
#define QUEUE_PIECE_MAX ((size_t)64 << 20)

struct queue_config {
	const char *dir;    /* of this queue alone; made when missing */
	uint64_t max_bytes; /* on disk */
	struct slice head;  /* kept with the pieces: how to read them */
	bool sync_writes;   /* fdatasync() in each queue_write() */
};

struct queue_stats {
	uint64_t pieces, bytes; /* that wait */
	uint64_t oldest_ms;	/* UNIX time; 0 = none waits */
	uint64_t lost;		/* not taken, or damaged on disk */
	bool disk_failed;	/* some wait in memory now */
};

/* 0 or -errno, then why says what to do. What an earlier run left is taken
 * first; a torn end is cut off. */
int queue_open(struct queue **out, const struct queue_config *cfg,
	       char why[QUEUE_WHY]);
/* Both threads are done: what is still in memory goes to disk, or is lost and
 * counted. Then queue_stats() tells what is left. */
void queue_settle(struct queue *q);
/* Likewise. Removes the files when nothing waits. */
void queue_close(struct queue *q); /* NULL is fine */

/* --- the thread that puts ------------------------------------------------- */

/* Collects. 0; -ENOSPC when the queue is full, -ENOMEM, -E2BIG: it is lost,
 * and counted. */
int queue_put(struct queue *q, struct slice piece);
/* Writes what was collected. 0, or -errno of a disk that refused: then they
 * wait in memory, or are lost and counted when there is none. */
int queue_write(struct queue *q);
/* Waits until less than so many bytes wait, at most so long. */
bool queue_wait_room(struct queue *q, uint64_t bytes, unsigned ms);

/* --- the thread that takes ------------------------------------------------ */

struct queue_piece {
	struct slice bytes;
	uint64_t put_ms; /* UNIX time */
};

/* Some pieces in order, good until the next queue_take(). */
struct queue_batch {
	struct queue_piece *v;
	size_t n;
	struct slice head; /* of all of them */
	uint64_t head_id;  /* other heads have other numbers */
};

/* Up to so many pieces (or all that are in memory); none: n = 0. What was
 * taken before must be done. 0, or with why: -EBADMSG, damage was passed over,
 * queue_done() and go on; -EAGAIN, another time. */
int queue_take(struct queue *q, size_t max, struct queue_batch *out,
	       char why[QUEUE_WHY]);
/* All of the last batch need not come again. */
void queue_done(struct queue *q);
/* Waits until so many pieces can be taken, queue_wake() was called, or so
 * long. */
void queue_wait(struct queue *q, size_t pieces, unsigned ms);

/* --- any thread ------------------------------------------------------------
 */

/* Ends a queue_wait() that runs, or the next one. */
void queue_wake(struct queue *q);
/* To the disk itself. One thread at a time. */
void queue_sync(struct queue *q);
void queue_stats(struct queue *q, struct queue_stats *out);
uint64_t queue_now_ms(void); /* UNIX time */

/* Of another process, from outside (queue_look.c): pieces and oldest_ms; the
 * rest stays 0. 0 or -errno: there is none, it cannot be read. */
int queue_look(const char *dir, struct queue_stats *out);

#endif
