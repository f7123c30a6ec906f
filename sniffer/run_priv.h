/*
 * A run and what it has open: run.c reads packets and ends in order,
 * run_open.c opens.
 */
#ifndef SNIFFER_RUN_PRIV_H
#define SNIFFER_RUN_PRIV_H

#include "sniffer/billing_rules.h"
#include "sniffer/capture/filter.h"
#include "sniffer/engine/engine.h"
#include "sniffer/keyfile.h"
#include "sniffer/log.h"
#include "sniffer/progress.h"
#include "sniffer/run.h"
#include "sniffer/run_resume.h"
#include "sniffer/run_web.h"
#include "sniffer/snapshot.h"
#include "sniffer/table.h"
#include "storage/dir_lock.h"
#include "storage/spool.h"
#include "storage/store.h"
#include "storage/writer.h"

struct run_hep;

struct run {
	const struct config *cfg;
	const atomic_bool *stop;
	FILE *out; /* the table and the closing lines */
	struct filter *filter;
	struct source *source;
	struct dir_lock *lock;
	struct spool *spool;
	struct store *store; /* NULL: no database */
	struct store *feed;  /* for billers; or NULL */
	struct writer *writer;
	struct billing_rules *rules;
	struct resume *resume;
	struct engine *engine;
	struct table *table; /* NULL: quiet */
	struct keyfile *keyfiles;
	struct run_hep *hep; /* NULL: neither taken in nor sent */
	struct run_web *web; /* NULL: no viewer */
	struct progress progress;
	struct log log;
	struct mask mask;
	struct snapshots *live_view; /* NULL: nobody can look */
	struct run_watch *watch;     /* NULL without memory */
	uint64_t live_since_ms;	     /* the first of them */
	bool live, fatal;
};

/* A sentence on standard error. arg: the run. */
void run_complain(void *arg, const char *why);
/* A line of the log. */
void say_log(struct run *r, enum log_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* What fails has been said. 0 or -errno. */
int run_open_source(struct run *r);
/* To standard output, instead of a run. */
enum run_status run_list_interfaces(struct run *r);
int run_open_rules(struct run *r);
/* The data folder, the spool, the writer and all that it writes to. */
int run_open_stores(struct run *r);

#endif
