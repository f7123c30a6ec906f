/*
 * Files that keys come from, as text of one line a key: read once, or
 * followed while they grow. A list of them belongs to the thread that runs
 * the loop; what was read is wiped.
 *
 * A file that is followed need not be there yet, may be cut (read again from
 * its beginning) or replaced by another one of its name (read to its end,
 * then the new one), and may be a pipe. It must not be readable by everybody.
 */
#ifndef SNIFFER_KEYFILE_H
#define SNIFFER_KEYFILE_H

#include "sniffer/base/slice.h"

#define KEYFILE_WHY 512

struct keyfile;

struct keyfile_config {
	const char *path; /* outlives it */
	const char *what; /* that a line is: "key log" */
	bool follow;
	/* Opened already, with rights that are gone (keyfile_early()); 0 =
	 * not. It is taken, also on failure. */
	int early;
	/* Whole lines; the last line of the input may lack its end. Answers
	 * the number of the first bad one, from 1, or 0; *why (NULL before)
	 * may say what is wrong with it, in a static text. */
	size_t (*take)(void *arg, struct slice lines, const char **why);
	/* A sentence for the user, without an end of line. */
	void (*say)(void *arg, const char *sentence);
	void *arg;
};

/* A descriptor for keyfile_config.early; 0 when it cannot be opened. */
int keyfile_early(const char *path, bool follow);

/*
 * Adds a file to the list (NULL to begin with) and reads what is there. 0 or
 * -errno with why: it cannot be read, or, to be followed, everybody may read
 * it. To be read once it may; that is said.
 */
int keyfile_open(struct keyfile **list, const struct keyfile_config *cfg,
		 char why[KEYFILE_WHY]);
/* Reads on, of those that are followed. now_us is any clock's time: files are
 * looked at ten times a second at most. */
void keyfile_poll(struct keyfile *list, uint64_t now_us);
/* One of the list, and the one behind it; NULL when there is none. */
struct keyfile *keyfile_find(struct keyfile *list, const char *path);
struct keyfile *keyfile_next(const struct keyfile *k);
const char *keyfile_path(const struct keyfile *k);
/* Closes one of them, as keyfile_close() does with all. */
void keyfile_drop(struct keyfile **list, struct keyfile *k);
/* The last lines that have no end are taken, too. NULL is fine. */
void keyfile_close(struct keyfile *list);

#endif
