#include "sniffer/base/thread.h"

#include <signal.h>
#include <stdio.h>

static struct {
	thread_hook_fn *call;
	void *arg;
} hook;

void thread_hook(thread_hook_fn *call, void *arg)
{
	hook.call = call;
	hook.arg = arg;
}

/* All but those that a fault of this very thread raises. */
static void block_signals(sigset_t *before)
{
	static const int own[] = {SIGSEGV, SIGBUS,  SIGFPE, SIGILL,
				  SIGABRT, SIGTRAP, SIGSYS};
	sigset_t set;

	sigfillset(&set);
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		sigdelset(&set, own[i]);
	pthread_sigmask(SIG_SETMASK, &set, before);
}

void thread_begin(const char *name, enum thread_kind kind)
{
	char shown[16]; /* the kernel's limit */

	snprintf(shown, sizeof(shown), "cs-%.12s", name);
	if (kind != THREAD_CORE) {
		pthread_setname_np(pthread_self(), shown);
		block_signals(NULL);
	}
	if (hook.call)
		hook.call(kind, hook.arg);
}

int thread_start(pthread_t *out, void *(*run)(void *arg), void *arg)
{
	sigset_t before;
	int err;

	block_signals(&before);
	err = -pthread_create(out, NULL, run, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}
