/*
 * The spool: one capture file per call below a folder, written under a
 * hidden temporary name and renamed when complete. One thread.
 */
#ifndef STORAGE_SPOOL_H
#define STORAGE_SPOOL_H

#include "sniffer/media/record.h"

struct spool;

#define SPOOL_WHY 512

/* Told of the first error only: a sentence that names the file. */
typedef void spool_complain_fn(void *arg, const char *why);

struct spool_config {
	const char *dir; /* DIR: files go to DIR/spool/YYYY-MM-DD/HH */
	spool_complain_fn *complain;
	void *arg;
};

/* Makes DIR/spool. 0 or -errno, then why is written. */
int spool_open(struct spool **out, const struct spool_config *cfg,
	       char why[SPOOL_WHY]);
/* Removes the temporary files of this run that nobody finished. NULL is
 * fine. */
void spool_close(struct spool *s);

/* The first argument of its functions is the struct spool. */
extern const struct spool_ops spool_ops;

/* Files completed in this run, kept ones (a stored file knew more) included;
 * and what failed. */
uint64_t spool_files(const struct spool *s);
uint64_t spool_errors(const struct spool *s);

#endif
