/*
 * Files that a process may still reach: Landlock, of Linux 5.19 on (earlier
 * ones have it, but do not let a file move between folders). It holds for the
 * calling thread and what it starts; no_new_privs must be set. Descriptors
 * that are open stay so.
 */
#ifndef SNIFFER_LANDLOCK_H
#define SNIFFER_LANDLOCK_H

#include <stddef.h>

#define LANDLOCK_WHY 256

enum landlock_access {
	LANDLOCK_READ,	/* files below it are read, folders listed */
	LANDLOCK_WRITE, /* also made, written, moved, removed */
};

struct landlock_path {
	const char *path; /* what is not there is left out */
	enum landlock_access access;
};

/* Version of the kernel's interface; 0 = it has none that helps. */
int landlock_version(void);

/* Nothing but these from now on. 0; -ENOSYS, without effect, when the kernel
 * cannot; other -errno with why, also without effect. */
int landlock_enter(const struct landlock_path *paths, size_t n,
		   char why[LANDLOCK_WHY]);

#endif
