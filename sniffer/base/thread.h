/*
 * What every thread of the program does first: it takes a name that tools
 * show, leaves the signals to the main thread, and has its rights cut to what
 * its kind of work needs (the hook).
 */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>

enum thread_kind {
	THREAD_CORE,	/* the main thread, once it reads packets */
	THREAD_CAPTURE, /* reads devices, sockets or files */
	THREAD_MEDIA,	/* counts and records media */
	THREAD_STORE,	/* feeds a database */
	THREAD_SPOOL,	/* writes and deletes recordings */
	THREAD_WEB,	/* answers the viewer */
};

/* Is called in each thread that begins. It cannot refuse. */
typedef void thread_hook_fn(enum thread_kind kind, void *arg);

/* For all threads that begin from now on; before the first of them. arg lives
 * as long as they do. NULL: none. The one thing of the process that a thread
 * cannot be handed: it is written before there are threads, then read only. */
void thread_hook(thread_hook_fn *hook, void *arg);

/* The first call of a thread. name: "media1", of which 12 characters are
 * shown, behind "cs-". The main thread keeps the program's name, by which
 * people look for it, and the signals. */
void thread_begin(const char *name, enum thread_kind kind);

/* pthread_create() with signals blocked, so that none is taken before the
 * thread begins. 0 or -errno. */
int thread_start(pthread_t *out, void *(*run)(void *arg), void *arg);

#endif
