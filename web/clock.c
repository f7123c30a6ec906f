#include "web/clock.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "web/conns.h"
#include "web/stream.h"

struct clock {
	struct web *web;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t ends;
	bool stop;
};

/* A second, less when it ends: true. Under the lock. */
static bool wait_second(struct clock *c)
{
	struct timespec until;
	int err = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec++;
	while (!c->stop && !err)
		err = pthread_cond_timedwait(&c->ends, &c->lock, &until);
	return c->stop;
}

static void *tick(void *arg)
{
	struct clock *c = arg;

	pthread_mutex_lock(&c->lock);
	while (!wait_second(c)) {
		pthread_mutex_unlock(&c->lock);
		conns_check(c->web->conns);
		sleepers_wake(c->web);
		pthread_mutex_lock(&c->lock);
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

int clock_start(struct clock **out, struct web *w)
{
	struct clock *c = calloc(1, sizeof(*c));
	pthread_condattr_t attr;
	int err;

	if (!c)
		return -ENOMEM;
	c->web = w;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->ends, &attr);
	pthread_condattr_destroy(&attr);
	err = -pthread_create(&c->thread, NULL, tick, c);
	if (!err) {
		*out = c;
		return 0;
	}
	pthread_cond_destroy(&c->ends);
	pthread_mutex_destroy(&c->lock);
	free(c);
	return err;
}

void clock_stop(struct clock *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	c->stop = true;
	pthread_cond_broadcast(&c->ends);
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
	pthread_cond_destroy(&c->ends);
	pthread_mutex_destroy(&c->lock);
	free(c);
}
