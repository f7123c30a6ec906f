#include "sniffer/base/waker.h"

#include <time.h>

#define NS_PER_MS 1000000ul
#define NS_PER_S  1000000000l

int waker_init(struct waker *w)
{
	pthread_condattr_t attr;
	int err;

	atomic_init(&w->pending, false);
	atomic_init(&w->sleeping, false);
	err = pthread_mutex_init(&w->lock, NULL);
	if (err)
		return -err;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	err = pthread_cond_init(&w->cond, &attr);
	pthread_condattr_destroy(&attr);
	if (err)
		pthread_mutex_destroy(&w->lock);
	return -err;
}

void waker_close(struct waker *w)
{
	pthread_cond_destroy(&w->cond);
	pthread_mutex_destroy(&w->lock);
}

/* Who sleeps has said so before it looked at pending a last time: one of
 * both sees the other. */
void waker_wake(struct waker *w)
{
	if (atomic_load(&w->pending) || atomic_exchange(&w->pending, true))
		return;
	if (!atomic_load(&w->sleeping))
		return;
	pthread_mutex_lock(&w->lock);
	pthread_cond_signal(&w->cond);
	pthread_mutex_unlock(&w->lock);
}

static struct timespec after(unsigned ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += (long)(ms % 1000 * NS_PER_MS);
	if (t.tv_nsec >= NS_PER_S) {
		t.tv_nsec -= NS_PER_S;
		t.tv_sec++;
	}
	return t;
}

bool waker_wait(struct waker *w, unsigned ms)
{
	struct timespec until;
	int err = 0;

	if (atomic_exchange(&w->pending, false))
		return true;
	until = after(ms);
	pthread_mutex_lock(&w->lock);
	atomic_store(&w->sleeping, true);
	while (!atomic_load(&w->pending) && !err)
		err = pthread_cond_timedwait(&w->cond, &w->lock, &until);
	atomic_store(&w->sleeping, false);
	pthread_mutex_unlock(&w->lock);
	return atomic_exchange(&w->pending, false);
}
