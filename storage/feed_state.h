/*
 * What a feed remembers in its folder (feed.db, SQLite): the number of the
 * next line, how much of the unfinished file counts, which calls have a line,
 * and files that were closed but may not have their names yet. It decides:
 * what is not in here has not happened. Locked: one process at a time.
 */
#ifndef STORAGE_FEED_STATE_H
#define STORAGE_FEED_STATE_H

#include "storage/sink.h"

#define FEED_NAME   64
#define FEED_SHA    65 /* 64 hexadecimal digits */
#define FEED_DIGEST 16 /* bytes, of what a line says */

struct feed_numbers {
	uint64_t next_seq;
	/* the unfinished file */
	uint64_t file;	       /* its number, from 1 */
	uint64_t hour;	       /* since 1970, of its first line */
	uint64_t lines, bytes; /* without and with the header */
	uint64_t corrections;
	int64_t billable_us;
	/* the last one that was closed: "" = none */
	char previous[FEED_NAME]; /* its manifest's name */
	char previous_sha[FEED_SHA];
	uint64_t last_us;   /* the latest packet of any call */
	uint64_t forgot_ms; /* calls from before it are not known any more */
};

/* The line that tells of a call. */
struct feed_known {
	uint64_t seq; /* 0 = none */
	uint8_t digest[FEED_DIGEST];
	uint64_t last_us, packets; /* of the record that it came from */
};

struct feed_state;

/* Opens dir/feed.db, made when missing: then *numbers are those of the first
 * line. What can fail answers 0 or -EAGAIN (-EINVAL in open: not a feed's) and
 * writes why. */
int feed_state_open(struct feed_state **out, const char *dir,
		    struct feed_numbers *numbers, char why[SINK_WHY]);
void feed_state_close(struct feed_state *st); /* NULL is fine */

int feed_state_begin(struct feed_state *st, char why[SINK_WHY]);
/* Without a batch it does nothing. */
void feed_state_rollback(struct feed_state *st);
int feed_state_commit(struct feed_state *st, const struct feed_numbers *n,
		      char why[SINK_WHY]);

/* In a batch. */
int feed_state_find(struct feed_state *st, const char *uid,
		    struct feed_known *out, char why[SINK_WHY]);
int feed_state_put(struct feed_state *st, const char *uid,
		   const struct feed_known *k, char why[SINK_WHY]);
/* Forgets calls that began before that. */
int feed_state_forget(struct feed_state *st, uint64_t before_ms,
		      char why[SINK_WHY]);

/* A file that is closed: kept until feed_state_closed(). name without its
 * ending; the text of its manifest. */
struct feed_closing {
	uint64_t file;
	char name[FEED_NAME];
	char manifest[1024];
};
int feed_state_closing(struct feed_state *st, const struct feed_closing *c,
		       char why[SINK_WHY]);
/* The first one that waits; c->file 0 = none. */
int feed_state_waiting(struct feed_state *st, struct feed_closing *c,
		       char why[SINK_WHY]);
int feed_state_closed(struct feed_state *st, uint64_t file, char why[SINK_WHY]);

#endif
