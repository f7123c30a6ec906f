/*
 * The command line: options over the configuration file over the defaults.
 */
#ifndef SNIFFER_OPTIONS_H
#define SNIFFER_OPTIONS_H

#include <stdio.h>

#include "sniffer/config.h"

/*
 * Fills cfg, which was initialised. 0: go on. 1: done, the exit
 * status is 0 (--help, --version, --check-config). -1: everything wrong was
 * told on err, the exit status is 1.
 */
int options_parse(int argc, char **argv, struct config *cfg, FILE *out,
		  FILE *err);

/* What callscope alone says. */
void options_examples(FILE *out);
/* The text of --help, at most 100 columns wide. */
void options_help(FILE *out);

#endif
