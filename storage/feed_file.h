/*
 * The files of a feed's folder: the unfinished one (feed-NUMBER.part), to
 * which whole lines are added, and how it becomes one that a biller sees
 * (calls-...csv, then its manifest calls-...json). What counts of the
 * unfinished one the caller knows (feed_state.h); the rest is cut off.
 */
#ifndef STORAGE_FEED_FILE_H
#define STORAGE_FEED_FILE_H

#include "storage/feed_state.h"

struct feed_file;

/* What can fail answers 0 or -errno and writes why. Makes the folder, but none
 * above it. */
int feed_file_open(struct feed_file **out, const char *dir, char why[SINK_WHY]);
void feed_file_close(struct feed_file *f); /* NULL is fine */

/* Is there a file that a feed before made? */
bool feed_file_finished_before(const struct feed_file *f);

/* Goes on with the unfinished file of that number, whose first bytes count.
 * -EINVAL: it is shorter. */
int feed_file_resume(struct feed_file *f, uint64_t file, uint64_t bytes,
		     char why[SINK_WHY]);

/* Adds bytes, which count after sync() and keep(); drop() forgets those since
 * the last keep(). */
int feed_file_write(struct feed_file *f, struct slice bytes,
		    char why[SINK_WHY]);
int feed_file_sync(struct feed_file *f, char why[SINK_WHY]);
void feed_file_keep(struct feed_file *f);
void feed_file_drop(struct feed_file *f);

/* Bytes of the file: those that count, and those since. */
uint64_t feed_file_size(const struct feed_file *f);

/* All that counts is on the disk, and nothing else; its SHA-256. */
int feed_file_finish(struct feed_file *f, char sha[FEED_SHA],
		     char why[SINK_WHY]);
/* Gives a finished file its name, then writes its manifest. May be repeated
 * after any interruption. */
int feed_file_publish(struct feed_file *f, const struct feed_closing *c,
		      char why[SINK_WHY]);

/* Of a text; false without memory. */
bool feed_sha(struct slice text, char sha[FEED_SHA]);

#endif
