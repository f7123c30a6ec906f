#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "sniffer/command.h"
#include "sniffer/options.h"
#include "sniffer/run.h"

/* How long a live capture may take to write what is open. */
#define DRAIN_S 5

/* What a signal handler may touch. */
static atomic_bool stop, again, drains;

/* The first signal ends the run in order, the second at once. */
static void on_signal(int sig)
{
	if (atomic_exchange(&stop, true))
		_exit(128 + sig);
	if (atomic_load(&drains))
		alarm(DRAIN_S);
}

static void on_hangup(int sig)
{
	(void)sig;
	atomic_store(&again, true);
}

/* What is not in a store is in the queue and in the journal. */
static void on_alarm(int sig)
{
	static const char text[] =
		"callscope: not done in time: ends now; the next run goes on "
		"with what is open\n";

	(void)sig;
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(RUN_STORE_BEHIND);
	_exit(RUN_STORE_BEHIND);
}

static void handle(int sig, void (*handler)(int sig))
{
	struct sigaction sa = {.sa_handler = handler};

	sigemptyset(&sa.sa_mask);
	sigaction(sig, &sa, NULL);
}

static void catch_signals(void)
{
	handle(SIGINT, on_signal);
	handle(SIGTERM, on_signal);
	signal(SIGPIPE, SIG_IGN);
}

/* A capture that nobody looks at reads its files again when its terminal or
 * its service manager hangs up, and must end in time. */
static void catch_more(void)
{
	handle(SIGHUP, on_hangup);
	handle(SIGALRM, on_alarm);
	atomic_store(&drains, true);
}

static int capture(int argc, char **argv)
{
	bool hasty = false;
	const struct run_env env = {&stop, &again, argc, argv, &hasty};
	struct config cfg;
	int status = RUN_NOT_STARTED;
	int go;

	if (config_init(&cfg)) {
		fputs("callscope: not enough memory to start\n", stderr);
		return status;
	}
	go = options_parse(argc, argv, &cfg, stdout, stderr);
	if (go == 0) {
		if (config_is_live(&cfg))
			catch_more();
		status = (int)run(&cfg, &env);
	} else if (go > 0) {
		status = RUN_OK;
	}
	if (hasty) {
		fflush(NULL);
		_exit(status);
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
