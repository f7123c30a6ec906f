/*
 * The viewer of a run, or of a store alone ("callscope serve"): from the
 * settings to a web server, and what it says at its start.
 */
#ifndef SNIFFER_RUN_WEB_H
#define SNIFFER_RUN_WEB_H

#include <stdatomic.h>

#include "sniffer/config.h"
#include "web/backend.h"

struct run_web;

typedef void run_web_say_fn(void *arg, const char *why);

#ifdef HAVE_WEB

/* For "callscope serve". backend: what the run gives to look at; NULL: no
 * run. 0 or -errno, then it has been said. */
int run_web_open(struct run_web **out, const struct config *cfg,
		 const struct web_backend *backend, run_web_say_fn *say,
		 void *arg);
/* For a run, which goes on without: what fails is only said. Leaves *out
 * alone when there is no viewer. */
void run_web_start(struct run_web **out, const struct config *cfg,
		   const struct web_backend *backend, run_web_say_fn *say,
		   void *arg);
/* Until *stop is set. */
void run_web_wait(struct run_web *rw, const atomic_bool *stop);
void run_web_close(struct run_web *rw); /* NULL is fine */

#else

static inline void run_web_start(struct run_web **out, const struct config *cfg,
				 const struct web_backend *backend,
				 run_web_say_fn *say, void *arg)
{
	(void)out;
	(void)cfg;
	(void)backend;
	(void)say;
	(void)arg;
}

static inline void run_web_wait(struct run_web *rw, const atomic_bool *stop)
{
	(void)rw;
	(void)stop;
}

static inline void run_web_close(struct run_web *rw)
{
	(void)rw;
}

#endif

#endif
