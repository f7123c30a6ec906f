#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

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

int main(int argc, char **argv)
{
	struct config cfg;
	int status = RUN_NOT_STARTED;
	int go;

	setlocale(LC_CTYPE, "");
	if (config_init(&cfg)) {
		fputs("callscope: not enough memory to start\n", stderr);
		return status;
	}
	go = options_parse(argc, argv, &cfg, stdout, stderr);
	if (go == 0) {
		catch_signals();
		status = (int)run(&cfg, &stop);
	} else if (go > 0) {
		status = RUN_OK;
	}
	config_close(&cfg);
	return status;
}
