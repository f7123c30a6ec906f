#include "sniffer/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sniffer/options.h"

/* In the order of the help; NULL at the end. */
static const struct command *const commands[] = {
	&command_export,
	&command_migrate,
	&command_hold,
	&command_release,
	&command_status,
#ifdef HAVE_WEB
	&command_serve,
	&command_user,
#endif
	NULL,
};

const struct command *command_at(size_t i)
{
	return commands[i];
}

const struct command *command_find(const char *name)
{
	for (size_t i = 0; commands[i]; i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

static void clear_own(const struct command *c, struct config *cfg)
{
	for (size_t i = 0; i < c->own_n; i++)
		if (c->own[i].type == SETTING_LIST)
			config_list_clear(
				(void *)((char *)cfg + c->own[i].offset));
}

int command_run(const struct command *c, int argc, char **argv,
		const atomic_bool *stop)
{
	struct config *cfg = calloc(1, c->config_size);
	int go, status = 1;

	if (!cfg || config_init(cfg)) {
		fputs("callscope: not enough memory to start\n", stderr);
		free(cfg);
		return status;
	}
	go = options_parse_command(c, argc, argv, cfg, stdout, stderr);
	if (go == 0)
		status = c->run(cfg, stop);
	else if (go > 0)
		status = 0;
	clear_own(c, cfg);
	config_close(cfg);
	free(cfg);
	return status;
}
