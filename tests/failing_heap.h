/*
 * Memory that runs out when a test wants it to. A program that uses this is
 * linked with --wrap for the functions of failing_heap.c (Makefile.in), so
 * that what our code asks for comes by here; what shared libraries ask for
 * does not.
 */
#ifndef TESTS_FAILING_HEAP_H
#define TESTS_FAILING_HEAP_H

#include <stdbool.h>

extern struct failing_heap {
	bool on;	  /* our code runs, not the check library */
	unsigned fail_in; /* allocations until one fails; 0 = none will */
	bool all_after;
	unsigned asked;
	int live; /* blocks not freed */
} heap;

#endif
