/*
 * How busy each thread of this process is: its CPU time, asked of the kernel
 * from outside, so that it costs the threads nothing. Named as the system
 * names them, without "cs-"; the first one is "core". Threads of one name are
 * added up, and those that ended stay in the sum.
 */
#ifndef SNIFFER_THREAD_LOAD_H
#define SNIFFER_THREAD_LOAD_H

#include <stddef.h>
#include <stdint.h>

#include "sniffer/snapshot.h"

struct thread_load;

struct thread_load *thread_load_new(void);    /* NULL without memory */
void thread_load_free(struct thread_load *t); /* NULL is fine */

/* Looks at all threads; busy is the share of the time since the last look,
 * NAN at the first. Answers how many names; core first, then by age. */
size_t thread_load_look(struct thread_load *t, uint64_t now_ms,
			struct snapshot_thread *out, size_t max);

#endif
