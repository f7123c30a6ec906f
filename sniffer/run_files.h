/*
 * Files that the viewer makes of calls: sound, packets put together. Each is
 * made once, in the data folder, without a name, and kept for a while, so that
 * a player that asks for one part after the other does not have it made again.
 * Bounded in number and bytes; any thread.
 */
#ifndef SNIFFER_RUN_FILES_H
#define SNIFFER_RUN_FILES_H

#include "storage/db.h"

#define RUN_FILES_KEY 160

struct run_file {
	int fd; /* of whoever asked, who closes it */
	uint64_t len;
	const char *ending;
	uint64_t sound_ns;   /* when sound begins */
	char silent[2][128]; /* why a side is; "" */
};

struct run_files;

/* dir: the data folder; total: bytes that are kept. NULL without memory. */
struct run_files *run_files_new(const char *dir, uint64_t total);
void run_files_free(struct run_files *f); /* NULL is fine */

/* Writes it to file->fd, and the rest of *file but len. 0 or -errno with
 * why. */
typedef int run_files_make(void *arg, struct run_file *file, char why[DB_WHY]);

/* The file of that key, made by make() when it is not there; who asks for the
 * same meanwhile waits. 0 or -errno with why. */
int run_files_get(struct run_files *f, const char *key, run_files_make *make,
		  void *arg, struct run_file *out, char why[DB_WHY]);

#endif
