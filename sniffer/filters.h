/*
 * What the threads of a live capture and of the viewer may ask the kernel for,
 * by their kind: a list of what is allowed, for seccomp(2). All else fails as
 * if this kernel did not have it (ENOSYS: a newer C library then takes the
 * older call), or with EPERM where that says it better; the kernel's log names
 * it. Nothing is killed. docs/SECURITY.md has the lists in words.
 */
#ifndef SNIFFER_FILTERS_H
#define SNIFFER_FILTERS_H

#include "sniffer/base/thread.h"

#define FILTERS_WHY 256

struct filters;

/* Made once, before threads; read only then. 0 or -errno with why. */
int filters_new(struct filters **out, char why[FILTERS_WHY]);
void filters_free(struct filters *f);

/* From now on the calling thread, and threads that it starts, keep to what
 * this kind may do. It is for good; no_new_privs must be set. 0 or -errno. */
int filters_enter(const struct filters *f, enum thread_kind kind);

#endif
