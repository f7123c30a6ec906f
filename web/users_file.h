/*
 * The file of logins, DIR/users: mode 0600, replaced whole under a lock, so
 * that two who change it at once both succeed and a reader sees one state or
 * the other. A server reads it again when it was changed. Any thread.
 */
#ifndef WEB_USERS_FILE_H
#define WEB_USERS_FILE_H

#include "web/users.h"

struct users_file;

/* dir outlives it. say gets a sentence for the user, once for each time the
 * file is found to be wrong; it may be NULL. */
int users_file_open(struct users_file **out, const char *dir,
		    void (*say)(void *arg, const char *sentence), void *arg);
void users_file_close(struct users_file *f); /* NULL is fine */

/* A copy of what is in the file now. False: there is none of that name, or
 * nobody's token has that hash. */
bool users_file_find(struct users_file *f, struct slice name, struct user *out);
bool users_file_find_token(struct users_file *f,
			   const uint8_t hash[SECRET_HASH], struct user *out);
/* How many logins there are. */
size_t users_file_count(struct users_file *f);

/* The table as it is; empty when there is no file. 0, or -errno and why. */
int users_file_read(const char *dir, struct users **out, char why[USERS_WHY]);

/* Reads, calls change, and writes when that answers 0. 0, or -errno and why
 * (change writes it for errors of its own). A file with a line that says
 * nothing to us is not written: it would lose that line. */
typedef int users_change_fn(void *arg, struct users *u, char why[USERS_WHY]);
int users_file_change(const char *dir, users_change_fn *change, void *arg,
		      char why[USERS_WHY]);

#endif
