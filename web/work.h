/*
 * What may take its time: jobs, run by a few threads in the order in which
 * they came. Each thread has a connection to the store, opened when a job
 * first wants it.
 */
#ifndef WEB_WORK_H
#define WEB_WORK_H

#include <pthread.h>

#include "web/web_priv.h"

struct worker {
	struct web *web;
	pthread_t thread;
	bool begun;
	struct db *db;
	char db_why[DB_WHY]; /* when there is none */
};

struct work_job {
	struct work_job *next;
	void (*run)(struct work_job *job, struct worker *wk);
	bool slow; /* one thread stays free of such */
};

/* 0 or -errno. */
int work_open(struct work **out, struct web *w, unsigned threads, unsigned max);
/* Borrows the job until run() is called. -EAGAIN: too many wait, unless must
 * is set; -ESHUTDOWN: no more are taken. */
int work_add(struct work *wk, struct work_job *job, bool must);
/* Takes no more, runs what waits, ends the threads. NULL is fine. */
void work_stop(struct work *wk);
void work_free(struct work *wk);
/* Jobs that wait for a thread now. */
unsigned work_waiting(struct work *wk);

/* The worker's connection, opened anew if there is none; NULL: db_why. */
struct db *worker_db(struct worker *wk);
/* It failed: the next one that asks gets a new one. */
void worker_db_drop(struct worker *wk);

#endif
