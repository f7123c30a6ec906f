#include "web/tick.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "sniffer/base/thread.h"
#include "web/conns.h"
#include "web/stream.h"

struct tick {
	struct web *web;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t stopped;
	bool stop;
};

/* False when it is to stop. */
static bool wait_second(struct tick *t)
{
	struct timespec until;
	bool stop;
	int err = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec++;
	pthread_mutex_lock(&t->lock);
	while (!t->stop && !err)
		err = pthread_cond_timedwait(&t->stopped, &t->lock, &until);
	stop = t->stop;
	pthread_mutex_unlock(&t->lock);
	return !stop;
}

static void *run(void *arg)
{
	struct tick *t = arg;

	thread_begin("web-tick", THREAD_WEB);
	while (wait_second(t)) {
		conns_check(t->web->conns);
		sleepers_wake(t->web);
	}
	return NULL;
}

int tick_start(struct tick **out, struct web *w)
{
	struct tick *t = calloc(1, sizeof(*t));
	pthread_condattr_t attr;
	int err;

	if (!t)
		return -ENOMEM;
	t->web = w;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->stopped, &attr);
	pthread_condattr_destroy(&attr);
	err = thread_start(&t->thread, run, t);
	if (err) {
		pthread_mutex_destroy(&t->lock);
		pthread_cond_destroy(&t->stopped);
		free(t);
		return err;
	}
	*out = t;
	return 0;
}

void tick_stop(struct tick *t)
{
	if (!t)
		return;
	pthread_mutex_lock(&t->lock);
	t->stop = true;
	pthread_cond_signal(&t->stopped);
	pthread_mutex_unlock(&t->lock);
	pthread_join(t->thread, NULL);
	pthread_mutex_destroy(&t->lock);
	pthread_cond_destroy(&t->stopped);
	free(t);
}
