#include "sniffer/base/timer.h"

#include <stdlib.h>

void timers_init(struct timers *ts, void *arg)
{
	*ts = (struct timers){.arg = arg, .due_ns = UINT64_MAX};
}

void timers_close(struct timers *ts)
{
	free(ts->heap);
	*ts = (struct timers){0};
}

static bool before(const struct timer *a, const struct timer *b)
{
	return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->order < b->order;
}

static void place(struct timers *ts, size_t i, struct timer *t)
{
	ts->heap[i] = t;
	t->index = i;
}

static void sift_up(struct timers *ts, size_t i, struct timer *t)
{
	for (; i > 1 && before(t, ts->heap[i / 2]); i /= 2)
		place(ts, i, ts->heap[i / 2]);
	place(ts, i, t);
}

static void sift_down(struct timers *ts, size_t i, struct timer *t)
{
	for (size_t child; (child = i * 2) <= ts->len; i = child) {
		if (child < ts->len &&
		    before(ts->heap[child + 1], ts->heap[child]))
			child++;
		if (!before(ts->heap[child], t))
			break;
		place(ts, i, ts->heap[child]);
	}
	place(ts, i, t);
}

static bool room(struct timers *ts)
{
	size_t size = ts->size ? ts->size * 2 : 64;
	struct timer **heap;

	if (ts->len + 1 < ts->size)
		return true;
	heap = realloc(ts->heap, size * sizeof(*heap));
	if (!heap)
		return false;
	ts->heap = heap;
	ts->size = size;
	return true;
}

bool timer_set(struct timers *ts, struct timer *t, uint64_t at_ns)
{
	timer_stop(ts, t);
	if (!room(ts))
		return false;
	t->at_ns = at_ns;
	t->order = ts->orders++;
	sift_up(ts, ++ts->len, t);
	if (at_ns < ts->due_ns)
		ts->due_ns = at_ns;
	return true;
}

void timer_stop(struct timers *ts, struct timer *t)
{
	size_t i = t->index;
	struct timer *last;

	if (!i)
		return;
	t->index = 0;
	last = ts->heap[ts->len--];
	if (last == t)
		return;
	if (i > 1 && before(last, ts->heap[i / 2]))
		sift_up(ts, i, last);
	else
		sift_down(ts, i, last);
}

void timers_fire(struct timers *ts, uint64_t now_ns)
{
	while (ts->len && ts->heap[1]->at_ns <= now_ns) {
		struct timer *t = ts->heap[1];

		timer_stop(ts, t);
		t->fire(t, t->at_ns, ts->arg);
	}
	ts->due_ns = ts->len ? ts->heap[1]->at_ns : UINT64_MAX;
}
