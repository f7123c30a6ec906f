/*
 * Reads the configuration file: lines "key = value", blank lines, comments
 * from # on. A value with blanks at its ends or a # in it stands in double
 * quotes.
 */
#ifndef SNIFFER_CONFIG_FILE_H
#define SNIFFER_CONFIG_FILE_H

#include <stdio.h>

#include "sniffer/config.h"

/* Applies all that is right and tells all that is wrong, a line each,
 * "FILE:LINE: what". 0; -EINVAL when something was wrong; the -errno of a
 * file that cannot be read. */
int config_file_read(struct config *cfg, const char *path, FILE *err);

#endif
