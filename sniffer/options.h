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

struct command;
struct setting;

/* The same for "callscope NAME ...": argv[0] is the name; what is no option
 * goes to cfg->words. The command's own settings follow cfg in memory. */
int options_parse_command(const struct command *command, int argc, char **argv,
			  struct config *cfg, FILE *out, FILE *err);

/* What callscope alone says. */
void options_examples(FILE *out);
/* The text of --help, at most 100 columns wide. */
void options_help(FILE *out);
/* Of a command with these options. */
void options_command_help(const struct command *command,
			  const struct setting *const *rows, size_t n,
			  FILE *out);

#endif
