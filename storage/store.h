/*
 * A database and the queue before it. store_put() never waits for the
 * database: a record goes to the queue, and a thread of the store feeds the
 * sink from there in batches of up to 512 records or a second.
 *
 *   down (-EAGAIN)     the batch is kept; tried again after 1 s, 2 s ... 60 s
 *   schema (-ESTALE)   likewise, every minute
 *   refused            the batch is halved until one record is alone; one that
 *                      is refused then is set aside in the queue's file
 *                      "refused", with the reason.
 *                      Not so when all are, unless the sink is sure (-ERANGE)
 *
 * All functions are for one thread, that of the writer; what the store has to
 * say it says there too.
 */
#ifndef STORAGE_STORE_H
#define STORAGE_STORE_H

#include "storage/sink.h"

struct store;

typedef void store_say_fn(void *arg, const char *line);

struct store_config {
	const struct sink_ops *ops;
	const char *what;		/* it is called so: database, feed */
	const struct sink_config *sink; /* copied; its texts live as long */
	const char *dir;		/* data folder: DIR/queue/NAME */
	uint64_t queue_max;		/* bytes */
	bool sync_writes; /* each write to the queue, not each second */
	uint64_t keep_ms; /* retention, with live; 0 = for ever */
	bool live;	  /* never waits; else a full queue waits for a store
			     that works */
	store_say_fn *say;
	void *arg;
};

struct store_stats {
	uint64_t waiting, bytes; /* records in the queue */
	uint64_t oldest_ms;	 /* UNIX time, of the oldest; 0 = none */
	uint64_t stored;	 /* taken by the database in this run */
	uint64_t retries, refused;
	uint64_t lost; /* no room in the queue, or damaged in it */
	bool down;
};

/* Starts the thread and waits some seconds for its first attempt to open the
 * database. 0 also when that is down; -errno with why when it will never be
 * one (no database, a newer schema), or the queue cannot be made. */
int store_open(struct store **out, const struct store_config *cfg,
	       char why[SINK_WHY]);

/* Into the queue's memory; cdr is not kept. */
void store_put(struct store *s, const struct cdr *cdr);
/* What was put is on disk: it may be announced. */
void store_write(struct store *s);

/* Other retention from now on; 0 = for ever. */
void store_keep(struct store *s, uint64_t keep_ms);

/* Feeds the database what waits while it takes it, then ends. What is left is
 * in the queue for the next run, and said. The stats stay good. */
void store_close(struct store *s);
/* Something waits, was lost or set aside: the exit status is 3. */
bool store_behind(const struct store *s);
/* A live capture did not wait for a database that hangs: its thread is still
 * there, and the process should end soon, by _exit(). */
bool store_hangs(const struct store *s);
void store_stats(struct store *s, struct store_stats *out);
void store_free(struct store *s); /* closes too; NULL is fine */

#endif
