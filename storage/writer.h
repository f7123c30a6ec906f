/*
 * The writer: takes finished records, in any order, and hands them on in the
 * order of their numbers: first to the queues of the databases, then, when
 * they are safe on disk there, to the sinks and to whoever announces them.
 * Synchronous and owned by one thread.
 */
#ifndef STORAGE_WRITER_H
#define STORAGE_WRITER_H

#include "storage/store.h"

struct writer;

/* Told once per sink that something was not taken, in one sentence. */
typedef void writer_complain_fn(void *arg, const char *sink, const char *why);

/* NULL without memory. */
struct writer *writer_new(writer_complain_fn *complain, void *arg);

/* Opens a sink. 0 or -errno, then why says what to do and the writer goes on
 * without it. */
int writer_open(struct writer *w, const struct sink_ops *ops,
		const struct sink_config *cfg, char why[SINK_WHY]);

/* Records go to its queue from now on. The writer neither closes nor frees
 * it. -E2BIG when there are too many. */
int writer_add_store(struct writer *w, struct store *store);
/* Called with each record once it is safe in all queues. */
typedef void writer_announce_fn(void *arg, const struct cdr *cdr);
void writer_announce(struct writer *w, writer_announce_fn *fn, void *arg);

/* Takes cdr over. Numbers count from 1 without gaps; a record waits here
 * until those before it came. One whose number is behind goes out at once. */
void writer_put(struct writer *w, struct cdr *cdr);
/* A number that will not come: its record could not be made. */
void writer_skip(struct writer *w, uint64_t number);

/* With a store, up to 64 records or 100 ms of packet time wait to be written
 * to its queue together; this does it now. */
void writer_write(struct writer *w);
/* The same, and commits what was put so far. */
void writer_flush(struct writer *w);

/* Files that are appended to are opened anew, under their names. */
void writer_reopen(struct writer *w);

/* Did any sink not take something? Then the exit status is 3. */
bool writer_failed(const struct writer *w);
/* Records handed out, of one kind. */
uint64_t writer_count(const struct writer *w, enum cdr_kind kind);

/* Hands out what still waits, in order, completes all sinks and frees them,
 * but not the writer: writer_failed() and writer_count() stay good. */
void writer_close(struct writer *w);
void writer_free(struct writer *w); /* closes too; NULL is fine */

#endif
