/*
 * Going on with the calls that an earlier run left open: between the engine,
 * the journal on disk and what was recorded (docs/RESTART.md). With -i always
 * when anything is stored, with -r on request. One thread, that of the engine.
 */
#ifndef SNIFFER_RUN_RESUME_H
#define SNIFFER_RUN_RESUME_H

#include "sniffer/config.h"
#include "sniffer/engine/engine.h"

struct resume;
struct spool;

typedef void resume_say_fn(void *arg, const char *why);

/* This run has a journal. */
bool resume_wanted(const struct config *cfg);

/* *out stays NULL when this run has no journal. 0 or -errno, said. */
int resume_open(struct resume **out, const struct config *cfg,
		resume_say_fn *say, void *arg);

/* All that follows takes NULL: nothing happens. */

/* Before the engine is made. */
void resume_hooks(struct resume *r, struct engine_out *out);
/* Before its first frame: it goes on with what is open, and with what was
 * recorded of it (spool, or NULL). False when that could not be read; this was
 * said. */
bool resume_restore(struct resume *r, struct engine *e, struct spool *spool);
/* Leaves out the frames that an earlier run has read; answers how many are
 * left. */
size_t resume_skip(struct resume *r, struct frame *frames, size_t n);

/* The engine has handed out this record; all up to this number are safe
 * where records go. */
void resume_recorded(struct resume *r, const struct cdr *cdr);
void resume_safe(struct resume *r, uint64_t number);

/* Time goes on: what is written lies outside of this process. */
void resume_tick(struct resume *r);

/* Calls and sessions that the next run goes on with. */
size_t resume_open_items(const struct resume *r);
struct resume_figures {
	size_t open;
	uint64_t bytes, errors; /* of the journal on disk */
};
/* False without a journal. */
bool resume_figures(const struct resume *r, struct resume_figures *out);
/* ended: the engine has told of all that is open, and all records are safe.
 * last_ns: its last packet, 0 without. */
void resume_close(struct resume *r, bool ended, uint64_t last_ns);

#endif
