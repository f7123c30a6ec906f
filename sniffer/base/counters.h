/*
 * Counts by name: what the wire did wrong, what a limit turned away. Owned
 * by one thread, unless they have a lock; the names are string literals
 * ("ip.bad_length").
 */
#ifndef BASE_COUNTERS_H
#define BASE_COUNTERS_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#define COUNTERS_MAX 256

struct counter {
	const char *name;
	uint64_t n;
};

struct counters {
	struct counter v[COUNTERS_MAX];
	size_t len;
	pthread_mutex_t *lock; /* of several threads; NULL: it has one owner */
};

/* A name beyond the 256th is counted under the last one, "other". */
void counters_add(struct counters *c, const char *name, uint64_t n);
uint64_t counters_get(const struct counters *c, const char *name);
/* Adds all that from has. */
void counters_merge(struct counters *to, const struct counters *from);
/* By name, for output; the hot order is lost. */
void counters_sort(struct counters *c);

#endif
