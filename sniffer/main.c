#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "sniffer/command.h"
#include "sniffer/options.h"
#include "sniffer/run.h"

/* What a signal handler may touch. */
static atomic_bool stop;

/* The first signal ends the run in order, the second at once. */
static void on_signal(int sig)
{
	if (atomic_exchange(&stop, true))
		_exit(128 + sig);
}

static void catch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal };

	sigemptyset(&sa.sa_mask);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int capture(int argc, char **argv)
{
	struct config cfg;
	int status = RUN_NOT_STARTED;
	int go;

	if (config_init(&cfg)) {
		fputs("callscope: not enough memory to start\n", stderr);
		return status;
	}
	go = options_parse(argc, argv, &cfg, stdout, stderr);
	if (go == 0) {
		status = (int)run(&cfg, &stop);
	} else if (go > 0) {
		status = RUN_OK;
	}
	config_close(&cfg);
	return status;
}

int main(int argc, char **argv)
{
	const struct command *c = argc > 1 ? command_find(argv[1]) : NULL;

	setlocale(LC_CTYPE, "");
	catch_signals();
	return c ? command_run(c, argc - 1, argv + 1, &stop)
		 : capture(argc, argv);
}
