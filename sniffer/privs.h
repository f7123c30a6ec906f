/*
 * What a process may do once it has opened what only root can: the user that
 * it becomes and the capabilities that it keeps. Linux applies most of this to
 * one thread: it is done before others are started, and they inherit it.
 */
#ifndef SNIFFER_PRIVS_H
#define SNIFFER_PRIVS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PRIVS_WHY 512

/* The user that is taken when none is named, where there is one. */
#define PRIVS_USER "callscope"

/* What writing to the folders may take of a root that stays (bits). */
#define PRIVS_FILE_CAPS (3ull) /* CAP_CHOWN, CAP_DAC_OVERRIDE */

/* Whom to become. */
struct privs_user {
	char name[64];
	uid_t uid;
	gid_t gid;
	bool found;
	bool asked; /* named by a setting */
	bool stay;  /* "root" or "none": nobody else is wanted */
};

struct privs_keep {
	bool net_raw;	/* devices are opened again */
	bool net_admin; /* and their clocks are set */
	/* Folders that are written to; with a user that may not, the process
	 * stays what it is. NULL behind the last. */
	const char *const *dirs;
	bool core_dumps;
};

/* What came of it. */
struct privs_done {
	uid_t uid;
	gid_t gid;
	uint64_t caps; /* bits of linux/capability.h that are left */
	bool dropped;  /* the user is another now */
	bool no_new;
	bool unable;	    /* root, but without the right to change */
	const char *closed; /* a folder that kept it from changing; or NULL */
};

/*
 * user, group: settings; NULL = not set. 0, or -ENOENT with why: there is no
 * such user or group. Without a setting and without a user callscope, found is
 * false.
 */
int privs_find(struct privs_user *out, const char *user, const char *group,
	       char why[PRIVS_WHY]);

/*
 * Makes the calling thread, and all that it starts, the user u (when it is
 * root, and u was found) with no more capabilities than those in keep that it
 * has. 0 or -errno with why: the process must end, since it may be half way.
 */
int privs_drop(const struct privs_user *u, const struct privs_keep *keep,
	       struct privs_done *out, char why[PRIVS_WHY]);

/* Takes from the calling thread all capabilities but those in keep (bits). */
void privs_thread_keep(uint64_t keep);

/* "cap_net_raw", "no capability"; names of what only a number is known for
 * are left as numbers. */
const char *privs_caps_text(uint64_t caps, char *buf, size_t size);

#endif
