/*
 * One capture for each data folder: two would write over each other's queue
 * and spool. A file callscope.lock in it is locked while the process lives,
 * whatever ends it, and removed at the end.
 */
#ifndef STORAGE_DIR_LOCK_H
#define STORAGE_DIR_LOCK_H

#define DIR_LOCK_WHY 512

struct dir_lock;

/* 0; -EBUSY when another process has it, or -errno: then why says what to
 * do. */
int dir_lock_take(struct dir_lock **out, const char *dir,
		  char why[DIR_LOCK_WHY]);
void dir_lock_drop(struct dir_lock *l); /* NULL is fine */

#endif
