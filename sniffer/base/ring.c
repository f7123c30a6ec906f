#include "sniffer/base/ring.h"

#include "sniffer/base/waker.h"

#include <assert.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

enum {
	LINE = 64,
	ALIGN = 16,
	QUARTER = 4,
};

/*
 * head and tail count slots since the beginning: tail - head are in use. Each
 * side has its cache lines, and a copy of what it saw last of the other.
 *
 * A side that is about to sleep says so and then looks once more; the other
 * one publishes and then looks whether anybody sleeps. Both in one order that
 * all threads agree on (sequentially consistent), so none sleeps for ever.
 */
struct ring {
	alignas(LINE) uint8_t *slots;
	size_t slot_bytes;
	size_t mask;
	struct waker *reader; /* own_reader or one for several rings */
	struct waker own_reader;
	struct waker writer;

	alignas(LINE) atomic_size_t tail; /* the writer's */
	size_t head_seen;
	atomic_size_t wanted; /* free slots that it sleeps for; 0: none */

	alignas(LINE) atomic_size_t head; /* the reader's */
	size_t tail_seen;
};

static size_t power_of_two(size_t n)
{
	size_t p = 2;

	while (p < n)
		p *= 2;
	return p;
}

static size_t padded(size_t n)
{
	return (n + ALIGN - 1) / ALIGN * ALIGN;
}

struct ring *ring_new(size_t slot_bytes, size_t slots)
{
	struct ring *r = aligned_alloc(LINE, sizeof(*r));
	size_t n = power_of_two(slots);
	size_t bytes = padded(slot_bytes);

	if (!r)
		return NULL;
	*r = (struct ring){.slot_bytes = bytes, .mask = n - 1};
	r->slots = calloc(n, bytes);
	if (!r->slots || waker_init(&r->own_reader))
		goto fail;
	if (waker_init(&r->writer)) {
		waker_close(&r->own_reader);
		goto fail;
	}
	r->reader = &r->own_reader;
	return r;
fail:
	free(r->slots);
	free(r);
	return NULL;
}

void ring_free(struct ring *r)
{
	if (!r)
		return;
	waker_close(&r->writer);
	waker_close(&r->own_reader);
	free(r->slots);
	free(r);
}

void ring_set_waker(struct ring *r, struct waker *w)
{
	r->reader = w;
}

size_t ring_slots(const struct ring *r)
{
	return r->mask + 1;
}

size_t ring_used(const struct ring *r)
{
	size_t head = atomic_load(&r->head);

	return atomic_load(&r->tail) - head;
}

static void *slot_of(const struct ring *r, size_t at)
{
	return r->slots + (at & r->mask) * r->slot_bytes;
}

/* --- the writer ----------------------------------------------------------- */

static size_t my_tail(const struct ring *r)
{
	return atomic_load_explicit(&r->tail, memory_order_relaxed);
}

static size_t room(struct ring *r, size_t n)
{
	size_t tail = my_tail(r);

	if (ring_slots(r) - (tail - r->head_seen) < n)
		r->head_seen = atomic_load(&r->head);
	return ring_slots(r) - (tail - r->head_seen);
}

void *ring_slot(struct ring *r, size_t reserve)
{
	if (room(r, reserve + 1) < reserve + 1)
		return NULL;
	return slot_of(r, my_tail(r));
}

void ring_put(struct ring *r)
{
	atomic_store(&r->tail, my_tail(r) + 1);
	waker_wake(r->reader);
}

void ring_put_quiet(struct ring *r)
{
	size_t tail = my_tail(r) + 1;

	atomic_store_explicit(&r->tail, tail, memory_order_release);
	if (tail % (ring_slots(r) / QUARTER + 1) == 0)
		ring_wake(r);
}

void ring_wake(struct ring *r)
{
	size_t tail = my_tail(r);

	if (tail == r->head_seen)
		return;
	atomic_store(&r->tail, tail);
	waker_wake(r->reader);
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* What is left of ms since begin; 0: nothing. */
static unsigned left_of(uint64_t begin, unsigned ms)
{
	uint64_t gone = now_ms() - begin;

	return gone >= ms ? 0 : ms - (unsigned)gone;
}

bool ring_wait_room(struct ring *r, size_t n, unsigned ms)
{
	size_t want = n + ring_slots(r) / QUARTER;
	uint64_t begin;
	unsigned left = ms;

	if (room(r, n) >= n)
		return true;
	if (n > ring_slots(r))
		return false;
	ring_wake(r);
	begin = now_ms();
	atomic_store(&r->wanted, want < ring_slots(r) ? want : ring_slots(r));
	while (room(r, n) < n && left) {
		waker_wait(&r->writer, left);
		left = left_of(begin, ms);
	}
	atomic_store(&r->wanted, 0);
	return room(r, n) >= n;
}

/* --- the reader ----------------------------------------------------------- */

static size_t my_head(const struct ring *r)
{
	return atomic_load_explicit(&r->head, memory_order_relaxed);
}

const void *ring_peek(struct ring *r)
{
	size_t head = my_head(r);

	if (head == r->tail_seen)
		r->tail_seen = atomic_load(&r->tail);
	return head == r->tail_seen ? NULL : slot_of(r, head);
}

const void *ring_ahead(struct ring *r, size_t i)
{
	size_t head = my_head(r);

	if (r->tail_seen - head <= i)
		r->tail_seen = atomic_load(&r->tail);
	return r->tail_seen - head <= i ? NULL : slot_of(r, head + i);
}

void ring_next(struct ring *r)
{
	size_t head = my_head(r) + 1;
	size_t wanted;

	assert(head - 1 != r->tail_seen);
	atomic_store(&r->head, head);
	wanted = atomic_load(&r->wanted);
	if (wanted && ring_slots(r) - (atomic_load(&r->tail) - head) >= wanted)
		waker_wake(&r->writer);
}

bool ring_wait(struct ring *r, unsigned ms)
{
	uint64_t begin;
	unsigned left = ms;

	if (ring_peek(r))
		return true;
	begin = now_ms();
	while (!ring_peek(r) && left) {
		waker_wait(r->reader, left);
		left = left_of(begin, ms);
	}
	return ring_peek(r) != NULL;
}
