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

/* Whether the settings ask for a viewer. */
bool run_web_wanted(const struct config *cfg);
/* Takes the port and reads the certificate, before rights are given up. 0 or
 * -errno, then it has been said. */
int run_web_prepare(struct run_web **out, const struct config *cfg,
		    run_web_say_fn *say, void *arg);
/* Serves. backend: what a run gives to look at; NULL: no run. 0 or -errno:
 * then it has been said, and *rw is closed and NULL. */
int run_web_start(struct run_web **rw, const struct web_backend *backend);
/* Until *stop is set. */
void run_web_wait(struct run_web *rw, const atomic_bool *stop);
void run_web_close(struct run_web *rw); /* NULL is fine */

#else

static inline bool run_web_wanted(const struct config *cfg)
{
	(void)cfg;
	return false;
}

static inline int run_web_prepare(struct run_web **out,
				  const struct config *cfg, run_web_say_fn *say,
				  void *arg)
{
	(void)out;
	(void)cfg;
	(void)say;
	(void)arg;
	return 0;
}

static inline int run_web_start(struct run_web **rw,
				const struct web_backend *backend)
{
	(void)rw;
	(void)backend;
	return 0;
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
