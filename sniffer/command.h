/*
 * The sub-commands: "callscope NAME ...". Each is a file cmd_NAME.c and a line
 * in command.c; its options are rows like those of the settings.
 */
#ifndef SNIFFER_COMMAND_H
#define SNIFFER_COMMAND_H

#include <stdatomic.h>

#include "sniffer/settings.h"

struct command {
	const char *name;
	const char *summary; /* what it does, in a few words */
	const char *usage;   /* what follows its name */
	const char *help;    /* lines under the usage; "" or ended by \n */
	/* General settings that it takes, besides config and help; NULL at the
	 * end. db and output are completed as for a capture; the data folder is
	 * callscope-data where there is one, else that of live captures. */
	const char *const *settings;
	/* Its own: offsets count from the start of a struct of this size, whose
	 * first member is the struct config. */
	const struct setting *own;
	size_t own_n;
	size_t config_size;
	/* cfg->words: what is no option. The exit status. */
	int (*run)(const struct config *cfg, const atomic_bool *stop);
};

/* For each of command.c. */
extern const struct command command_export;
extern const struct command command_migrate;
extern const struct command command_hold;
extern const struct command command_release;
extern const struct command command_status;
#ifdef HAVE_WEB
extern const struct command command_serve;
extern const struct command command_user;
#endif

/* NULL behind the last. */
const struct command *command_at(size_t i);
/* NULL when there is none of that name. */
const struct command *command_find(const char *name);

/* argv[0] is the name. The exit status; 1 when the options are wrong. */
int command_run(const struct command *c, int argc, char **argv,
		const atomic_bool *stop);

#endif
