/*
 * Inside of the store: what its two sides share. The mutex guards what stands
 * below it; the rest belongs to the thread that feeds the sink, or to the
 * writer's.
 */
#ifndef STORAGE_STORE_PRIV_H
#define STORAGE_STORE_PRIV_H

#include <pthread.h>

#include "storage/cdr_code.h"
#include "storage/queue.h"
#include "storage/store.h"

struct store {
	struct store_config cfg;
	struct sink_config sink_cfg;
	char *dir; /* of the queue */
	struct cdr_code *code;
	struct queue *queue;
	pthread_t thread, syncer;

	/* the writer's thread */
	struct outbuf bytes;
	bool running, syncing, told_full, told_disk, closed, hangs;
	struct store_stats final;

	/* the thread that feeds */
	struct sink *sink;
	struct cdr_decoder *decoder;
	uint64_t decoder_of; /* a batch's head_id */
	struct queue_batch batch;
	bool single; /* the batch was refused: who is it? */
	bool told_down, told_refused;
	unsigned failures, last_tries, refused_in_row;
	uint64_t expire_ms; /* when next */

	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct outbuf said; /* lines to be told */
	bool opened, down, closing, finished;
	int open_err;
	char open_why[SINK_WHY];
	uint64_t keep_ms; /* retention */
	uint64_t stop_ms; /* monotonic: when a stop waits no longer */
	uint64_t stored, retries, refused;
};

uint64_t store_clock_ms(void); /* monotonic */
/* From any thread; told by the writer's at the next chance. */
void store_say(struct store *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The store takes nothing now; the records are not to blame. */
bool store_may_pass(int err);
/* What was taken out of the queue goes to the open sink, but for what it
 * refuses alone, which is set aside. 0, or with why what may pass. */
int store_send_batch(struct store *s, char why[SINK_WHY]);

/* The thread's function. */
void *store_feed(void *arg);

/* Lines for the file of refused records: composed, then written all at once.
 * cdr is NULL when the bytes could not be read. */
void store_put_refused(struct outbuf *b, const struct cdr *cdr,
		       struct slice bytes, const char *reason);
/* 0 or -errno. */
int store_write_refused(const struct store *s, const struct outbuf *b);

#endif
