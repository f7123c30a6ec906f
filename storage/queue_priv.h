/*
 * Inside of the queue: what its parts share. The mutex guards what stands
 * below it; the rest belongs to one of the two threads.
 */
#ifndef STORAGE_QUEUE_PRIV_H
#define STORAGE_QUEUE_PRIV_H

#include <pthread.h>

#include "storage/queue.h"
#include "storage/queue_segment.h"

#define SEGMENT_BYTES ((uint64_t)8 << 20)
#define HELD_MAX      ((size_t)16 << 20)

/* A file. Only the last one grows; the thread that takes removes them. */
struct segment {
	struct segment *next;
	uint64_t first, end; /* serials; end is behind the last */
	uint64_t bytes;	     /* whole frames and the header */
	uint64_t synced;
};

/* Of the thread that takes. */
struct queue_reader {
	struct segment *seg; /* NULL: the first */
	int fd;
	uint64_t off; /* 0: the header is not read */
	uint64_t head_id;
	struct outbuf head, bytes;
	struct queue_piece *v;
	size_t n, size;
	uint64_t batch_end, batch_bytes;
	bool in_memory; /* the batch is nowhere else */
};

struct queue {
	char *dir;
	int dir_fd, done_fd;
	uint64_t max_bytes, segment_bytes;
	bool sync_writes;
	struct outbuf own_head; /* of what is put now */

	/* the thread that puts */
	struct outbuf buf;
	size_t buf_n;	   /* pieces in it */
	uint64_t next;	   /* serial of the next piece */
	int fd;		   /* of the last segment; -1 = a new one */
	uint64_t fd_bytes; /* whole ones in it */

	struct queue_reader reader;
	unsigned slot; /* of the file done */

	pthread_mutex_t lock;
	pthread_cond_t more, less;
	struct segment *first, *last;
	uint64_t disk_bytes; /* of all segments */
	uint64_t ready;	     /* serial behind what can be taken */
	uint64_t taken, done;
	uint64_t wait_bytes, oldest_ms, lost;
	struct outbuf held; /* frames that the disk refused */
	bool held_taken;    /* the segment has a gap: begin a new one */
	bool disk_failed, woken;
};

/* Waits for c under the lock; false when the time is over. */
bool queue_sleep(struct queue *q, pthread_cond_t *c,
		 const struct timespec *until);
struct timespec queue_until(unsigned ms);

/* Appends to the list; under the lock. NULL without memory. */
struct segment *queue_add_segment(struct queue *q, uint64_t first, uint64_t end,
				  uint64_t bytes);

/* Reads what an earlier run left. */
int queue_recover(struct queue *q, char why[QUEUE_WHY]);

#endif
