/*
 * An engine goes over the recording of a call once more: its record, and what
 * passes meanwhile, for who watches. One thread; owns the record it found.
 */
#ifndef EXPORT_WALK_H
#define EXPORT_WALK_H

#include "sniffer/export/export.h"

/* Who is told; each may be NULL, arg is for all of them. */
struct walk_watch {
	media_heard_fn *heard;
	const struct media_watch *media;
	const struct engine_watch *engine;
	void *arg;
};

struct walk {
	const struct export_call *call;
	struct cdr *cdr;   /* NULL: the recording has no such call */
	uint64_t first_ns; /* of the recording; 0: it has no packet */
	uint64_t last_ns;
	bool cut; /* job->deadline_ns came before its end */
};

/* 0 or -errno with why: -ENODATA when there is no recording. */
int walk_call(struct walk *w, struct export_job *job,
	      const struct export_call *call, const struct walk_watch *watch,
	      char why[EXPORT_WHY]);
void walk_close(struct walk *w);

#endif
