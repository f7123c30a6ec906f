/*
 * Whole runs over a sample in which memory runs out: the n-th allocation
 * fails once, fails with all that follow, or is one from an arena. A run must
 * end, with its summary and without a leak; a call or a stream may be missing
 * from it. For programs with a failing heap (failing_heap.h).
 */
#ifndef TESTS_ALLOC_RUN_H
#define TESTS_ALLOC_RUN_H

#include <stdbool.h>

/* "name.pcap" of the samples, or a path from there; a key log beside it is
 * read too. Fails by check. */
void alloc_run_heap(const char *name, bool all_after);
void alloc_run_arena(const char *name);

#endif
