/*
 * The tables of filters.c: names of system calls as seccomp(2) filters know
 * them, on x86-64 and arm64. A name that a machine does not have is left out.
 */
#ifndef SNIFFER_FILTER_CALLS_H
#define SNIFFER_FILTER_CALLS_H

#include <stdint.h>

#define FILTER_PARTS 6

/* Allowed when argument arg (from 0) & mask is value. */
struct filter_rule {
	const char *name;
	unsigned arg;
	uint64_t mask, value;
};

/* Both end with NULL, and may be NULL. */
struct filter_part {
	const char *const *names;
	const struct filter_rule *rules;
};

struct filter_kind {
	struct filter_part part[FILTER_PARTS];
};

/* By enum thread_kind. */
extern const struct filter_kind filter_kinds[];
/* What fails with EPERM rather than ENOSYS. NULL behind the last. */
extern const char *const filter_refused[];

#endif
