/*
 * Lets one thread sleep until another one has something for it. A call to
 * waker_wake() is remembered until the next waker_wait(), so that a thread
 * that looks at its rings, finds nothing and goes to sleep misses none that
 * came in between. Waking one that is awake costs a load. Any number of
 * threads may wake; one waits.
 */
#ifndef BASE_WAKER_H
#define BASE_WAKER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct waker {
	atomic_bool pending;
	atomic_bool sleeping;
	pthread_mutex_t lock;
	pthread_cond_t cond;
};

int waker_init(struct waker *w); /* 0 or -errno */
void waker_close(struct waker *w);

void waker_wake(struct waker *w);

/* Sleeps until somebody wakes it, ms milliseconds at most; false when nobody
 * did. May return for something that was found already: look again. */
bool waker_wait(struct waker *w, unsigned ms);

#endif
