/*
 * Where finished records go: the JSON lines, a database. All calls to one
 * sink come from one thread. A sink never keeps a record: it is good until
 * put() returns.
 */
#ifndef STORAGE_SINK_H
#define STORAGE_SINK_H

#include "sniffer/cdr.h"

struct sink;
struct db_url;

/* Room for one sentence that says what went wrong and names the file. */
#define SINK_WHY 512

struct sink_config {
	const char *path; /* of the file; "-" = standard output (jsonl) */
	struct slice sensor;
	/* Of database servers. The URL is borrowed for the sink's life; the
	 * password is read when a connection is made: NULL = out of the
	 * environment. */
	const struct db_url *db;
	const char *password_file;
	/* The machine's clock tells how old records are (-i). */
	bool live;
	/* What is worth a line and no failure; may be NULL. */
	void (*say)(void *arg, const char *line);
	void *say_arg;
	/* Of the feed: how long it knows a call for corrections. */
	uint64_t feed_memory_ns;
};

/* Retention: what began before before_ms goes; 0 = nothing does. UNIX
 * milliseconds of the machine's clock. */
struct sink_age {
	uint64_t now_ms, before_ms;
};

struct sink_expired {
	uint64_t records; /* calls, sessions, registrations, transactions */
	uint64_t held;	  /* calls that are older, and stay */
};

/* What can fail answers 0 or -errno and then writes why. -EAGAIN and -ESTALE
 * (the schema is not this program's) say that the store takes nothing now and
 * that no record is to blame, -ERANGE that this one is in any case; after any
 * failure the batch is forgotten. */
struct sink_ops {
	const char *name;
	int (*open)(struct sink **out, const struct sink_config *cfg,
		    char why[SINK_WHY]);
	int (*put)(struct sink *s, const struct cdr *cdr, char why[SINK_WHY]);
	/* End of a batch: what was put is safe in the store, or none of it
	 * is. Without one, each second of a live capture: what is due. */
	int (*flush)(struct sink *s, char why[SINK_WHY]);
	/* Completes and frees; NULL is fine. What was not flushed may be
	 * lost. */
	int (*close)(struct sink *s, char why[SINK_WHY]);
	/* Between batches, every hour or so of a live capture: deletes what is
	 * old, with all its rows, and makes ready for the next days. Calls on
	 * hold stay, and so does what is from before 2000: its clock was
	 * wrong. May be NULL. */
	int (*expire)(struct sink *s, const struct sink_age *age,
		      struct sink_expired *out, char why[SINK_WHY]);
	/* A live capture's file may have another name by now: goes on in a
	 * new one of the old name. Goes on as before when that fails. May be
	 * NULL. */
	int (*reopen)(struct sink *s, char why[SINK_WHY]);
};

extern const struct sink_ops jsonl_sink;
extern const struct sink_ops sqlite_sink;
#ifdef HAVE_MYSQL
extern const struct sink_ops mysql_sink;
#endif
extern const struct sink_ops feed_sink; /* path: of its folder */

#endif
