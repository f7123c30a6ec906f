/*
 * Timers of packet time: a binary heap, so that a capture which jumps years
 * costs nothing and equal times fire in the order they were set. Owned by
 * one thread; the nodes belong to the caller.
 */
#ifndef BASE_TIMER_H
#define BASE_TIMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct timer {
	uint64_t at_ns, order;
	size_t index; /* in the heap, from 1; 0 = not set */
	void (*fire)(struct timer *t, uint64_t now_ns, void *arg);
};

struct timers {
	struct timer **heap;
	size_t len, size;
	uint64_t due_ns; /* no timer is due before; UINT64_MAX without one */
	uint64_t orders;
	void *arg;
};

/* arg is handed to every fire(). */
void timers_init(struct timers *ts, void *arg);
void timers_close(struct timers *ts);

/* Sets or moves it; t->fire must be there. False without memory: the timer
 * is then not set. */
bool timer_set(struct timers *ts, struct timer *t, uint64_t at_ns);
void timer_stop(struct timers *ts, struct timer *t);

void timers_fire(struct timers *ts, uint64_t now_ns);

/* Fires all that are due at now, oldest first; now_ns given to fire() is the
 * timer's own time. fire() may set and stop timers. Asked for each packet:
 * nothing but *ts is looked at while none is due. */
static inline void timers_run(struct timers *ts, uint64_t now_ns)
{
	if (now_ns >= ts->due_ns)
		timers_fire(ts, now_ns);
}

#endif
