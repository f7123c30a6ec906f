/*
 * A queue between two threads, without a lock: one writes, one reads. Slots of
 * one size, their number a power of two; what a slot holds is copied into it
 * and stays there until the reader is done with it.
 *
 * The writer fills ring_slot() and calls ring_put(), the reader looks at
 * ring_peek() and calls ring_next(). Either can sleep until the other has
 * done its part. No order but that of the writer.
 */
#ifndef BASE_RING_H
#define BASE_RING_H

#include <stdbool.h>
#include <stddef.h>

struct ring;
struct waker;

/* slots is rounded up to a power of two; NULL without memory. */
struct ring *ring_new(size_t slot_bytes, size_t slots);
void ring_free(struct ring *r); /* NULL is nothing to do */

/* Before both threads start: a reader of several rings has one waker for all
 * of them, and sleeps in waker_wait() instead of ring_wait(). Borrowed. */
void ring_set_waker(struct ring *r, struct waker *w);

/* The writer's: the next free slot, aligned to 16 bytes and not zeroed; the
 * same one until it is put. NULL when fewer than reserve + 1 are free. */
void *ring_slot(struct ring *r, size_t reserve);

/* Publishes it; wakes the reader only when it sleeps. */
void ring_put(struct ring *r);

/* The same without waking: for many in a row, ring_wake() after the last. The
 * reader is woken by itself when the ring gets fuller than a quarter. */
void ring_put_quiet(struct ring *r);
void ring_wake(struct ring *r);

/* Sleeps until n slots are free, ms milliseconds at most; whether they are.
 * Once it slept it goes on sleeping until more than n are (a quarter of the
 * ring), so that a full ring does not wake it for every slot. */
bool ring_wait_room(struct ring *r, size_t n, unsigned ms);

/* The reader's: the oldest slot, NULL when there is none. */
const void *ring_peek(struct ring *r);
const void *ring_ahead(struct ring *r, size_t i); /* the i-th behind it */
void ring_next(struct ring *r);			  /* done with that slot */

/* Sleeps until there is one, ms milliseconds at most; whether there is. */
bool ring_wait(struct ring *r, unsigned ms);

/* Any thread: about how many slots are in use, and of how many. */
size_t ring_used(const struct ring *r);
size_t ring_slots(const struct ring *r);

#endif
