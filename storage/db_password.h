/*
 * The password of the database: out of a file, or of the environment
 * (CALLSCOPE_DB_PASSWORD). Read whenever a connection is made, so that a new
 * one is taken without a restart.
 */
#ifndef STORAGE_DB_PASSWORD_H
#define STORAGE_DB_PASSWORD_H

#include "storage/sink.h"

#define DB_PASSWORD 1024

/*
 * file: NULL = the environment; without both the password is empty. One
 * newline at the end does not count. 0, or -EINVAL and why. The caller wipes
 * out.
 */
int db_password_read(const char *file, char out[DB_PASSWORD],
		     char why[SINK_WHY]);

/* 0, or -EINVAL and why: the file is not there, or everybody may read it. */
int db_password_check(const char *file, char why[SINK_WHY]);

#endif
