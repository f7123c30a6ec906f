/*
 * The statements of a file of sql/, for servers that take one at a time.
 * Pure.
 */
#ifndef STORAGE_SQL_SPLIT_H
#define STORAGE_SQL_SPLIT_H

#include "sniffer/base/slice.h"

/* Takes the next statement off the front of *text, without its semicolon and
 * the comments and blanks around it; false when there is none. Semicolons in
 * quotes and comments end nothing. */
bool sql_split(struct slice *text, struct slice *statement);

#endif
