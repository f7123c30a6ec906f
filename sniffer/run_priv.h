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

#define RUN_EARLY 32

struct life;
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
	struct keyfile *keyfiles, *srtp_keyfiles;
	/* opened while it was root (run_keyfiles.c); 0 = not */
	int early_keys[RUN_EARLY], early_srtp[RUN_EARLY];
	struct life *life;
	struct run_hep *hep; /* NULL: neither taken in nor sent */
	struct run_web *web; /* NULL: no viewer */
	struct progress progress;
	struct log log;
	struct mask mask;
	struct snapshots *live_view; /* NULL: nobody can look */
	struct run_watch *watch;     /* NULL without memory */
	uint64_t live_since_ms;	     /* the first of them */
	bool live, fatal;
	bool hasty;	/* run_env */
	bool no_viewer; /* one is wanted, and failed */
	struct {	/* times that the settings were read again */
		uint64_t good, bad;
		bool failed; /* the last time */
	} reloads;
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
/* The data folder, the writer and the report. */
int run_open_outputs(struct run *r);
/* What has threads of its own: the spool, the databases. */
int run_open_stores(struct run *r);

#endif
